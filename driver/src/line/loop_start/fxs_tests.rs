//! Behaviour of the station machine, a sentence a test.

use super::Fxs;
use super::testing::{Did, Recorder};
use crate::card::{Linefeed, PortCommand, PortCondition};
use crate::country::{CHINA, CallerIdKind, CallerIdService, CallerIdTiming, LineProfile, Start};
use crate::line::{CallerId, Detection, Digit, LineCommand, LineEvent, LineKind, Number};
use crate::refusal::Refusal;
use crate::time::{Tick, Ticks};

/// A station looked at every 16 ms, on virtual time.
struct Rig {
    station: Fxs,
    out: Recorder,
    now: Tick,
}

impl Rig {
    fn new() -> Rig {
        Rig::of(&CHINA.line, Linefeed::ForwardActive)
    }

    /// A station on a line of its own, which is fed so at rest.
    fn of(line: &LineProfile, at_rest: Linefeed) -> Rig {
        let mut out = Recorder::default();
        let station = Fxs::new(&CHINA, line, &mut out);
        assert_eq!(
            out.take(),
            [Did::Port(PortCommand::Linefeed(at_rest)), Did::Event(LineEvent::InService(LineKind::Station))]
        );
        Rig { station, out, now: Tick::ZERO }
    }

    /// The loop is as it is for so long. Returns what the machine did, and when.
    fn hold(&mut self, ms: u64, loop_closed: bool) -> Vec<(u64, Did)> {
        let mut did = Vec::new();
        for _ in 0..ms {
            self.now += Ticks(1);
            if self.now.0.is_multiple_of(16) {
                let condition =
                    PortCondition::Fxs { loop_closed, linefeed: Linefeed::ForwardActive, power_alarm: false };
                self.station.handle_condition(self.now, condition, &mut self.out);
            }
            if self.station.due().is_some_and(|due| due <= self.now) {
                self.station.handle_time(self.now, &mut self.out);
            }
            did.extend(self.out.take().into_iter().map(|what| (self.now.0, what)));
        }
        did
    }

    fn events(&mut self, ms: u64, loop_closed: bool) -> Vec<LineEvent> {
        let did = self.hold(ms, loop_closed);
        did.into_iter().filter_map(|(_, did)| if let Did::Event(event) = did { Some(event) } else { None }).collect()
    }

    fn command(&mut self, command: LineCommand) -> Vec<Did> {
        self.station.handle_command(self.now, command, &mut self.out).expect("the line does it");
        self.out.take()
    }
}

fn feed(linefeed: Linefeed) -> Did {
    Did::Port(PortCommand::Linefeed(linefeed))
}

#[test]
fn a_lifted_station_is_off_hook_and_a_put_down_one_on_hook() {
    let mut rig = Rig::new();
    assert_eq!(rig.events(100, true), [LineEvent::OffHook]);
    assert!(rig.station.detectors().dtmf);
    assert_eq!(rig.events(500, true), []);
    assert_eq!(rig.events(600, false), [LineEvent::OnHook]);
    assert!(!rig.station.detectors().dtmf);
}

#[test]
fn a_closure_shorter_than_the_debounce_is_not_off_hook() {
    let mut rig = Rig::new();
    assert_eq!(rig.events(30, true), []);
    assert_eq!(rig.events(500, false), []);
}

#[test]
fn a_break_within_the_window_is_a_flash_and_not_a_hang_up() {
    let mut rig = Rig::new();
    rig.events(1000, true);
    assert_eq!(rig.events(100, false), []);
    assert_eq!(rig.events(1000, true), [LineEvent::Flash]);
    assert_eq!(rig.events(400, false), []);
    assert_eq!(rig.events(1000, true), [LineEvent::Flash]);
}

#[test]
fn dial_pulses_make_digits() {
    let mut rig = Rig::new();
    rig.events(1000, true);
    for (pulses, digit) in [(1, '1'), (5, '5'), (10, '0')] {
        for _ in 0..pulses {
            assert_eq!(rig.events(61, false), []);
            assert_eq!(rig.events(39, true), []);
        }
        assert_eq!(rig.events(600, true), [LineEvent::Digit(Digit::new(digit).unwrap())]);
    }
}

#[test]
fn one_break_is_a_flash_or_a_one_by_its_length_and_several_are_a_digit_whatever_theirs() {
    let mut rig = Rig::new();
    rig.events(1000, true);
    rig.events(64, false);
    assert_eq!(rig.events(600, true), [LineEvent::Digit(Digit::new('1').unwrap())]);
    rig.events(96, false);
    assert_eq!(rig.events(600, true), [LineEvent::Flash]);
    for _ in 0..2 {
        rig.events(96, false);
        rig.events(48, true);
    }
    assert_eq!(rig.events(600, true), [LineEvent::Digit(Digit::new('2').unwrap())]);
}

#[test]
fn a_key_right_after_a_flash_comes_after_it() {
    let mut rig = Rig::new();
    rig.events(1000, true);
    rig.events(96, false);
    rig.events(100, true);
    let five = Digit::new('5').unwrap();
    rig.station.handle_detection(rig.now, Detection::Digit(five), &mut rig.out);
    assert_eq!(rig.out.take(), [Did::Event(LineEvent::Flash), Did::Event(LineEvent::Digit(five))]);
}

#[test]
fn keys_are_told_while_off_hook_only() {
    let mut rig = Rig::new();
    let five = Detection::Digit(Digit::new('5').unwrap());
    rig.station.handle_detection(rig.now, five, &mut rig.out);
    assert_eq!(rig.out.take(), []);
    rig.events(100, true);
    rig.station.handle_detection(rig.now, five, &mut rig.out);
    assert_eq!(rig.out.take(), [Did::Event(LineEvent::Digit(Digit::new('5').unwrap()))]);
}

#[test]
fn ringing_follows_the_cadence_until_released() {
    let mut rig = Rig::new();
    assert_eq!(rig.command(LineCommand::Ring(None)), [feed(Linefeed::Ringing)]);
    assert_eq!(
        rig.hold(6500, false),
        [
            (1000, feed(Linefeed::ForwardOnHookTransmission)),
            (5000, feed(Linefeed::Ringing)),
            (6000, feed(Linefeed::ForwardOnHookTransmission))
        ]
    );
    assert_eq!(rig.command(LineCommand::Release), [feed(Linefeed::ForwardActive), Did::Event(LineEvent::Idle)]);
    assert_eq!(rig.hold(10_000, false), []);
}

#[test]
fn the_caller_is_told_in_the_first_silence_and_the_next_ring_waits_for_its_end() {
    let mut rig = Rig::new();
    let caller = CallerId { number: Number::from("5551234").unwrap(), ..CallerId::default() };
    rig.command(LineCommand::Ring(Some(caller)));
    assert_eq!(
        rig.hold(6000, false),
        [(1000, feed(Linefeed::ForwardOnHookTransmission)), (1600, Did::SentCallerId("5551234".into()))]
    );
    rig.station.handle_detection(rig.now, Detection::Sent, &mut rig.out);
    assert_eq!(rig.out.take(), [feed(Linefeed::ForwardOnHookTransmission)], "and a little silence after it");
    assert_eq!(rig.hold(300, false), [(6250, feed(Linefeed::Ringing))]);
}

#[test]
fn lifting_while_it_rings_stops_the_ringing_and_the_identity() {
    let mut rig = Rig::new();
    rig.command(LineCommand::Ring(Some(CallerId::default())));
    rig.hold(1700, false);
    assert_eq!(
        rig.hold(100, true).into_iter().map(|(_, did)| did).collect::<Vec<_>>(),
        [Did::SentNothing, feed(Linefeed::ForwardActive), Did::Event(LineEvent::OffHook)]
    );
    rig.station.handle_detection(rig.now, Detection::Sent, &mut rig.out);
    assert_eq!(rig.hold(10_000, true), []);
}

#[test]
fn a_hang_up_that_lost_to_a_release_is_told_as_rested() {
    let mut rig = Rig::new();
    rig.events(1000, true);
    rig.out.glare_on.push(LineEvent::OnHook);
    assert_eq!(rig.command(LineCommand::Release), []);
    assert_eq!(rig.events(1000, false), [LineEvent::OnHook, LineEvent::Idle]);
}

/// Signals to a station before it rings, in order; each takes 500 ms.
fn caller_id_sent(timing: CallerIdTiming) -> Vec<(u64, Did)> {
    let service = CallerIdService { kind: CallerIdKind::V23, timing };
    let line = LineProfile { caller_id: Some(service), ..CHINA.line };
    let mut rig = Rig::of(&line, Linefeed::ForwardActive);
    let caller = CallerId { number: Number::from("5551234").unwrap(), ..CallerId::default() };
    let mut did: Vec<(u64, Did)> =
        rig.command(LineCommand::Ring(Some(caller))).into_iter().map(|did| (0, did)).collect();
    let mut sent_at = None;
    for _ in 0..4000 {
        let at = rig.now.0;
        if matches!(did.last(), Some((_, Did::SentAlert | Did::SentCallerId(_)))) && sent_at != Some(did.len()) {
            if at < did.last().unwrap().0 + 500 {
                did.extend(rig.hold(1, false));
                continue;
            }
            sent_at = Some(did.len());
            rig.station.handle_detection(rig.now, Detection::Sent, &mut rig.out);
            did.extend(rig.out.take().into_iter().map(|did| (at, did)));
        }
        did.extend(rig.hold(1, false));
        if did.iter().any(|(at, did)| *at > 900 && *did == feed(Linefeed::Ringing)) {
            break;
        }
    }
    did
}

#[test]
fn a_station_is_told_who_calls_in_the_manner_of_its_line() {
    let sent = || Did::SentCallerId("5551234".into());
    let on_hook = || feed(Linefeed::ForwardOnHookTransmission);
    let reversed = || feed(Linefeed::ReverseOnHookTransmission);
    let ringing = || feed(Linefeed::Ringing);
    assert_eq!(
        caller_id_sent(CallerIdTiming::BeforeFirstRing { reversal: true, alert: true }),
        [
            (0, reversed()),
            (200, Did::SentAlert),
            (700, reversed()),
            (820, sent()),
            (1320, on_hook()),
            (1570, ringing())
        ]
    );
    assert_eq!(
        caller_id_sent(CallerIdTiming::BeforeFirstRing { reversal: true, alert: false }),
        [(0, reversed()), (200, sent()), (700, on_hook()), (950, ringing())]
    );
    assert_eq!(
        caller_id_sent(CallerIdTiming::AfterRingPulse),
        [(0, ringing()), (250, on_hook()), (850, sent()), (1350, on_hook()), (1600, ringing())]
    );
}

/// A station in NTT's manner that has been rung for 5551234, 200 ms ago.
fn called_terminal_alerted() -> Rig {
    let service = CallerIdService { kind: CallerIdKind::Ntt, timing: CallerIdTiming::AfterPrimaryAnswer };
    let mut rig = Rig::of(&LineProfile { caller_id: Some(service), ..CHINA.line }, Linefeed::ForwardActive);
    let caller = CallerId { number: Number::from("5551234").unwrap(), ..CallerId::default() };
    assert_eq!(rig.command(LineCommand::Ring(Some(caller))), [feed(Linefeed::ReverseOnHookTransmission)]);
    assert_eq!(rig.hold(200, false), [(200, feed(Linefeed::Ringing))]);
    rig
}

/// The actions, without their times.
fn what(did: Vec<(u64, Did)>) -> Vec<Did> {
    did.into_iter().map(|(_, did)| did).collect()
}

#[test]
fn a_primary_answer_gets_the_caller_id_and_is_no_answer() {
    let mut rig = called_terminal_alerted();
    assert_eq!(what(rig.hold(500, false)), [feed(Linefeed::ReverseOnHookTransmission)]);
    let reversed = feed(Linefeed::ReverseActive);
    assert_eq!(what(rig.hold(100, true)), [reversed.clone(), reversed], "at once, and when it is sure");
    assert_eq!(what(rig.hold(300, true)), [Did::SentCallerId("5551234".into())]);
    rig.station.handle_detection(rig.now, Detection::Sent, &mut rig.out);
    assert_eq!(rig.hold(1000, true), []);
    let did = what(rig.hold(500, false));
    assert_eq!(did, [feed(Linefeed::ForwardOnHookTransmission), feed(Linefeed::Ringing)]);
    assert_eq!(rig.events(100, true), [LineEvent::OffHook], "the real answer");
}

#[test]
fn a_set_that_does_not_answer_first_rings_all_the_same() {
    let mut rig = called_terminal_alerted();
    let did = rig.hold(8000, false);
    let bursts: Vec<u64> = did.iter().filter(|(_, did)| *did == feed(Linefeed::Ringing)).map(|(at, _)| *at).collect();
    assert_eq!(bursts, [1200, 2200, 3200, 4200, 5200, 6200]);
    assert_eq!(did.last(), Some(&(7200, feed(Linefeed::ForwardOnHookTransmission))), "after an ordinary burst");
    assert_eq!(rig.events(100, true), [LineEvent::OffHook]);
}

#[test]
fn one_who_stays_off_hook_after_the_message_has_answered() {
    let mut rig = called_terminal_alerted();
    rig.hold(500, true);
    rig.station.handle_detection(rig.now, Detection::Sent, &mut rig.out);
    assert_eq!(rig.events(6900, true), []);
    assert_eq!(rig.events(200, true), [LineEvent::OffHook]);
}

#[test]
fn a_message_that_is_hung_up_on_stops_and_it_rings() {
    let mut rig = called_terminal_alerted();
    rig.hold(500, true);
    let did = what(rig.hold(500, false));
    let on_hook = feed(Linefeed::ForwardOnHookTransmission);
    assert_eq!(did, [Did::SentNothing, on_hook, feed(Linefeed::Ringing)]);
}

#[test]
fn a_caller_who_gives_up_during_a_primary_answer_leaves_a_station_at_rest() {
    let mut rig = called_terminal_alerted();
    rig.hold(500, true);
    let did = rig.command(LineCommand::Release);
    assert_eq!(did, [Did::SentNothing, feed(Linefeed::ForwardActive), Did::Event(LineEvent::Idle)]);
    assert_eq!(rig.events(500, true), []);
    assert_eq!(rig.events(500, false), []);
    assert_eq!(rig.events(100, true), [LineEvent::OffHook]);
}

#[test]
fn the_lamp_is_told_on_hook_without_ringing() {
    let mut rig = Rig::new();
    assert_eq!(rig.command(LineCommand::MessageWaiting(true)), [feed(Linefeed::ForwardOnHookTransmission)]);
    assert_eq!(what(rig.hold(300, false)), [Did::SentWaiting(true)]);
    rig.station.handle_detection(rig.now, Detection::Sent, &mut rig.out);
    assert_eq!(what(rig.hold(1000, false)), [feed(Linefeed::ForwardOnHookTransmission), feed(Linefeed::ForwardActive)]);
    rig.command(LineCommand::MessageWaiting(false));
    rig.hold(300, false);
    rig.out.take();
    assert_eq!(rig.command(LineCommand::Ring(None)), [Did::SentNothing, feed(Linefeed::Ringing)]);
    let refused = rig.station.handle_command(rig.now, LineCommand::MessageWaiting(true), &mut rig.out);
    assert_eq!(refused, Err(Refusal::WrongState), "it rings");
    assert_eq!(rig.events(100, true), [LineEvent::OffHook]);
    let refused = rig.station.handle_command(rig.now, LineCommand::MessageWaiting(true), &mut rig.out);
    assert_eq!(refused, Err(Refusal::WrongState), "it is lifted");
}

#[test]
fn lifting_while_the_lamp_is_told_is_lifting() {
    let mut rig = Rig::new();
    rig.command(LineCommand::MessageWaiting(true));
    rig.hold(300, false);
    assert_eq!(rig.events(100, true), [LineEvent::OffHook]);
}

#[test]
fn a_line_without_the_service_rings_at_once() {
    let mut rig = Rig::of(&LineProfile { caller_id: None, ..CHINA.line }, Linefeed::ForwardActive);
    let caller = CallerId { number: Number::from("5551234").unwrap(), ..CallerId::default() };
    assert_eq!(rig.command(LineCommand::Ring(Some(caller))), [feed(Linefeed::Ringing)]);
    assert!(rig.hold(10_000, false).iter().all(|(_, did)| matches!(did, Did::Port(_))));
}

#[test]
fn kewlstart_takes_the_battery_away_for_half_a_second_and_that_is_no_hang_up() {
    let mut rig = Rig::of(&LineProfile { start: Start::Kewl, ..CHINA.line }, Linefeed::ForwardActive);
    rig.events(1000, true);
    assert_eq!(rig.command(LineCommand::Disconnect), [feed(Linefeed::Open)]);
    // Without battery the loop looks open.
    let did = rig.hold(520, false);
    assert_eq!(did, [(1500, feed(Linefeed::ForwardActive))]);
    assert_eq!(rig.events(5000, true), [], "held in the hand still");
    assert_eq!(rig.events(700, false), [LineEvent::OnHook]);
}

#[test]
fn one_who_hangs_up_during_the_break_is_on_hook_after_it() {
    let mut rig = Rig::of(&LineProfile { start: Start::Kewl, ..CHINA.line }, Linefeed::ForwardActive);
    rig.events(1000, true);
    rig.command(LineCommand::Disconnect);
    assert_eq!(rig.events(1200, false), [LineEvent::OnHook]);
}

#[test]
fn an_ordinary_line_has_no_sign_for_a_party_that_has_gone() {
    let mut rig = Rig::new();
    rig.events(1000, true);
    assert_eq!(rig.command(LineCommand::Disconnect), []);
}

#[test]
fn ground_start_rests_with_tip_open_and_grounds_it_when_seized() {
    let mut rig = Rig::of(&LineProfile { start: Start::Ground, ..CHINA.line }, Linefeed::TipOpen);
    let did: Vec<Did> = rig.hold(100, true).into_iter().map(|(_, did)| did).collect();
    assert_eq!(did, [feed(Linefeed::ForwardActive), Did::Event(LineEvent::OffHook)]);
    let did: Vec<Did> = rig.hold(1000, false).into_iter().map(|(_, did)| did).collect();
    assert_eq!(did, [feed(Linefeed::TipOpen), Did::Event(LineEvent::OnHook)]);
}

#[test]
fn ground_start_opens_tip_when_the_other_party_has_gone() {
    let mut rig = Rig::of(&LineProfile { start: Start::Ground, ..CHINA.line }, Linefeed::TipOpen);
    rig.events(1000, true);
    let did = rig.command(LineCommand::Disconnect);
    assert_eq!(did, [feed(Linefeed::TipOpen), Did::Event(LineEvent::OnHook)]);
    assert_eq!(rig.events(1000, false), []);
    assert_eq!(rig.command(LineCommand::Ring(None)), [feed(Linefeed::ForwardOnHookTransmission)]);
    let at = rig.now.0;
    assert_eq!(rig.hold(300, false), [(at + 200, feed(Linefeed::Ringing))], "tip is grounded first");
    assert_eq!(rig.command(LineCommand::Release), [feed(Linefeed::TipOpen), Did::Event(LineEvent::Idle)]);
    assert_eq!(rig.command(LineCommand::Ring(None)), []);
    let at = rig.now.0;
    let did = rig.hold(900, false);
    assert_eq!(did[0], (at + 600, feed(Linefeed::ForwardOnHookTransmission)), "tip stays open for a while");
    assert_eq!(did[1], (at + 800, feed(Linefeed::Ringing)));
}

#[test]
fn ground_start_leaves_the_line_to_a_far_end_that_was_first() {
    let mut rig = Rig::of(&LineProfile { start: Start::Ground, ..CHINA.line }, Linefeed::TipOpen);
    rig.hold(20, true);
    assert_eq!(rig.command(LineCommand::Ring(None)), [feed(Linefeed::ForwardOnHookTransmission)]);
    let did: Vec<Did> = rig.hold(100, true).into_iter().map(|(_, did)| did).collect();
    let events = [LineEvent::Failed(crate::line::LineFailure::Glare), LineEvent::OffHook].map(Did::Event);
    assert_eq!(did, [events[0].clone(), feed(Linefeed::ForwardActive), events[1].clone()]);
}
