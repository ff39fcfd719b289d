//! Sentences that hold across services: what a transfer carries along, and what a held call means to distribution.
//!
//! Never: looks into the model; it judges what monitors, lines and records show.

use tipring_driver::line::LineEvent;

use crate::csta::event::Event;
use crate::csta::tipring::{Remark, TipringRequest};
use crate::csta::{AgentMode, DeviceId, Request};
use crate::testing::device;
use crate::testing::rig::{ALL, Rig};

/// An agent with a handset at 1001 talks to a caller of the queue, and has noted something.
fn noted() -> Rig {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    let active_call = rig.connection(1, "1001");
    rig.tipring(ALL, TipringRequest::AnnotateCall { active_call, notes: Remark("wants a refund".into()) })
        .expect("noted");
    rig.data = None;
    rig.events.clear();
    rig
}

/// The calling device of the first Delivered at a device.
fn first_delivered(rig: &Rig, at: &str) -> Option<DeviceId> {
    rig.events.iter().find_map(|(_, _, event)| match event {
        Event::Delivered { connection, calling_device, .. } if connection.device.as_str() == at => {
            Some(calling_device.device)
        }
        _ => None,
    })
}

#[test]
fn the_first_screen_of_a_transfer_has_customer_keys_and_notes_and_the_transferring_agent_beside_them() {
    let mut rig = noted();
    rig.monitor("1002");
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device("1002") }).expect("consults");
    assert_eq!(first_delivered(&rig, "1002"), Some(device("1001")), "the transferring agent");
    let data = rig.data.clone().expect("a screen pop");
    assert_eq!(
        (data.caller.as_deref(), data.keyed.as_str(), data.notes.as_str()),
        (Some("5551234"), "1", "wants a refund")
    );
}

#[test]
fn a_transfer_through_a_queue_brings_the_notes_to_the_next_agent() {
    let mut rig = noted();
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device("5001") }).expect("consults");
    let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
    rig.ask(ALL, Request::TransferCall { held_call, active_call }).expect("transferred");
    rig.monitor("1003");
    rig.data = None;
    rig.ready("1003", "7003");
    rig.pass(1);
    assert_eq!(first_delivered(&rig, "1003"), Some(device("5551234")));
    let data = rig.data.clone().expect("a screen pop");
    assert_eq!((data.keyed.as_str(), data.notes.as_str()), ("1", "wants a refund"));
}

#[test]
fn an_agent_with_a_held_call_who_is_ready_is_offered_no_call_of_a_queue() {
    let mut rig = noted();
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::HoldCall { active_call, reservation: false }).expect("held");
    rig.agent("1001", "7001", AgentMode::Ready).expect("ready, when the call is over");
    rig.commanded();
    rig.ring_into_queue(1, "5551235");
    rig.pass(1000);
    assert!(rig.commanded().iter().all(|command| !command.starts_with("2 ring")), "a held call is a call");
    assert_eq!(first_delivered(&rig, "1001"), None);
}
