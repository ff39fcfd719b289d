//! Taps: the tracks of a station in its conversation, their end with it, and the limit.

use tipring_driver::ids::{ChannelId, RecordingId};
use tipring_driver::line::LineEvent;
use tipring_driver::media::{MediaCommand, Track};

use super::device;
use super::rig::Rig;
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure as F;
use crate::limits::TAPS_MAX;
use crate::store::{Record, SupervisionAct};

const USER: &str = "zhao";

fn tap(number: u64) -> RecordingId {
    RecordingId(1 << 63 | number)
}

/// A conversation of agent 7001 at 1001, whose channel is 2.
fn conversation() -> Rig {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig
}

/// The task and the tracks of a tap.
fn task_of(rig: &Rig, tap: RecordingId) -> Option<(tipring_driver::ids::TaskId, (Track, Track))> {
    rig.media.iter().find_map(|command| match *command {
        MediaCommand::Record { task, left, right, recording, .. } if recording == tap => Some((task, (left, right))),
        _ => None,
    })
}

#[test]
fn a_tap_hears_what_a_station_says_and_hears_until_the_conversation_there_is_over() {
    let mut rig = conversation();
    assert_eq!(rig.core.handle_tap(tap(0), USER, &device("1002")), Err(F::NoActiveCall));
    assert_eq!(rig.core.handle_tap(tap(0), USER, &device("T1")), Err(F::InvalidCstaDeviceIdentifier));
    assert_eq!(rig.core.handle_tap(tap(0), USER, &device("1001")), Ok(CallId(1)));
    rig.pump();
    let audited = rig.records.iter().filter_map(|record| match record {
        Record::Supervision(record) => Some((record.act, record.user.as_str(), record.call, record.failure)),
        _ => None,
    });
    let audited: Vec<_> = audited.collect();
    assert_eq!(audited.len(), 3, "{audited:?}");
    assert_eq!(audited[2], (SupervisionAct::Listen, USER, CallId(1), None));
    assert_eq!(audited[0].3, Some(F::NoActiveCall));
    let (task, tracks) = task_of(&rig, tap(0)).expect("a recorder");
    assert_eq!(tracks, (Track::Received(ChannelId(2)), Track::Sent(ChannelId(2))));
    assert!(!rig.media.contains(&MediaCommand::Stop { task }));
    rig.line(2, LineEvent::OnHook);
    assert!(rig.media.contains(&MediaCommand::Stop { task }), "{:?}", rig.media);
    rig.core.handle_tap_ended(tap(0));
    rig.pump();
    assert_eq!(rig.media.iter().filter(|it| **it == MediaCommand::Stop { task }).count(), 1, "it is over already");
}

#[test]
fn a_listener_who_goes_ends_the_tap_and_there_is_a_limit() {
    let mut rig = conversation();
    for number in 0..TAPS_MAX as u64 {
        assert!(rig.core.handle_tap(tap(number), USER, &device("1001")).is_ok());
    }
    let one_more = tap(TAPS_MAX as u64);
    assert_eq!(rig.core.handle_tap(one_more, USER, &device("1001")), Err(F::GenericSubscribedResourceAvailability));
    rig.core.handle_tap_ended(tap(3));
    rig.pump();
    let (task, _) = task_of(&rig, tap(3)).expect("a recorder");
    assert!(rig.media.contains(&MediaCommand::Stop { task }));
    assert!(rig.core.handle_tap(one_more, USER, &device("1001")).is_ok());
}
