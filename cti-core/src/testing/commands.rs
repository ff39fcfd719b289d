//! A way of commands without room: no channel is claimed for a new call, and none is left without its command.
//!
//! Never: looks into the ring itself; the core is given the room in it.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;

use super::rig::{ALL, Rig, caller};
use super::{device, key};
use crate::channel::State;
use crate::csta::Request;
use crate::limits::COMMANDS_KEPT;

/// Room for the commands of calls in progress alone.
const FULL: usize = COMMANDS_KEPT;
/// Room for new calls.
const OPEN: usize = COMMANDS_KEPT + 100;

fn state(rig: &Rig, channel: u16) -> State {
    rig.table.read(ChannelId(channel)).state
}

fn make_call(from: &str, to: &str) -> Request {
    Request::MakeCall { calling_device: device(from), called_device: device(to) }
}

#[test]
fn a_trunk_is_not_answered_without_room_for_the_command_and_is_answered_when_there_is_room_again() {
    let mut rig = Rig::new();
    rig.core.handle_command_room(FULL);
    rig.line(0, LineEvent::Offered);
    rig.line(0, LineEvent::CallerIdentity(caller("5551234")));
    rig.pass(3000);
    assert_eq!(rig.commanded(), [""; 0]);
    assert_eq!(state(&rig, 0), State::Offered, "the word is untouched");
    assert!(rig.core.counters().no_command_room > 0);
    rig.core.handle_command_room(OPEN);
    rig.pass(10_000);
    assert_eq!(rig.commanded().first().map(String::as_str), Some("0 answer"));
}

#[test]
fn agents_are_not_rung_without_room_and_the_caller_keeps_the_place_in_the_queue() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_in(0, "5551234");
    rig.commanded();
    rig.core.handle_command_room(FULL);
    rig.line(0, LineEvent::Digit(key('1')));
    rig.pass(2000);
    assert_eq!(rig.commanded(), [""; 0]);
    assert_eq!(state(&rig, 2), State::Idle);
    rig.core.handle_command_room(OPEN);
    rig.pump();
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn a_call_out_fails_without_room_and_no_trunk_is_seized() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.core.handle_command_room(FULL);
    rig.ask(ALL, make_call("1003", "9110")).expect("made");
    assert_eq!(rig.reported().last().map(String::as_str), Some("D1003: failed 1003 at 110 6 33"));
    assert_eq!((state(&rig, 0), state(&rig, 1)), (State::Idle, State::Idle));
}

#[test]
fn a_call_that_stands_is_released_without_room_for_new_ones() {
    let mut rig = Rig::new();
    rig.ask(ALL, make_call("1003", "9110")).expect("made");
    rig.line(1, LineEvent::Dialled);
    rig.commanded();
    rig.core.handle_command_room(0);
    rig.line(4, LineEvent::OnHook);
    assert_eq!(rig.commanded(), ["1 release"]);
    assert_eq!(state(&rig, 1), State::Idle);
}
