//! Recording on demand: rights, and what clients hear of it. The courses are in `services/record.txt`.

use tipring_driver::line::LineEvent;

use super::rig::{ALL, Rig};
use super::{only, site};
use crate::config::UserConfig;
use crate::csta::SessionId;
use crate::csta::cause::UniversalFailure as F;
use crate::csta::event::RecordingState;
use crate::csta::rights::{Rights, ServiceGroup};
use crate::csta::tipring::{TipringReply, TipringRequest};

const DESK: SessionId = SessionId(2);
const OTHER: SessionId = SessionId(3);

/// A conversation of agent 7001 at 1001, and a user of the desk who controls its calls and supervises none.
fn conversation() -> Rig {
    let mut config = site();
    let mut rights = Rights::default();
    rights.permit(ServiceGroup::Call, only(&["1001"]).devices(ServiceGroup::Call).expect("a right"));
    config.users.push(UserConfig { login: "desk".into(), rights });
    let mut rig = Rig::of(config);
    rig.core.handle_session_opened(DESK, "desk");
    rig.core.handle_session_opened(OTHER, "none");
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig
}

#[test]
fn an_agent_pauses_what_a_rule_records_and_leaves_its_end_to_supervisors() {
    let mut rig = conversation();
    let active_call = rig.connection(1, "1001");
    let stop = || TipringRequest::StopRecording { active_call };
    assert!(rig.tipring(DESK, TipringRequest::PauseRecording { active_call }).is_ok());
    assert!(rig.tipring(DESK, TipringRequest::ResumeRecording { active_call }).is_ok());
    assert_eq!(rig.tipring(DESK, stop()), Err(F::PrivilegeViolationOnSpecifiedDevice), "a rule has begun it");
    assert_eq!(rig.tipring(OTHER, TipringRequest::PauseRecording { active_call }), Err(F::SecurityViolation));
    assert!(rig.tipring(ALL, stop()).is_ok());
    assert!(rig.tipring(DESK, TipringRequest::StartRecording { active_call }).is_ok());
    assert!(rig.tipring(DESK, stop()).is_ok(), "and the agent what the agent has begun");
}

#[test]
fn the_state_of_a_recording_is_asked_for_and_its_changes_travel_with_the_calls_data() {
    let mut rig = conversation();
    let active_call = rig.connection(1, "1001");
    let state = |rig: &mut Rig| match rig.tipring(DESK, TipringRequest::QueryRecording { active_call }) {
        Ok(TipringReply::QueryRecording { state, recording }) => (state, recording.is_some()),
        other => panic!("{other:?}"),
    };
    assert_eq!(state(&mut rig), (RecordingState::On, true), "a recording by a rule is no event");
    for (request, wanted) in [
        (TipringRequest::PauseRecording { active_call }, RecordingState::Paused),
        (TipringRequest::ResumeRecording { active_call }, RecordingState::On),
        (TipringRequest::StopRecording { active_call }, RecordingState::Off),
    ] {
        rig.data = None;
        rig.tipring(ALL, request).expect("done");
        assert_eq!(rig.data.as_ref().and_then(|data| data.recording), Some(wanted));
        assert_eq!(state(&mut rig), (wanted, wanted != RecordingState::Off));
    }
}

#[test]
fn a_site_that_records_nothing_and_a_disk_without_room_refuse_to_begin() {
    let mut rig = conversation();
    let active_call = rig.connection(1, "1001");
    rig.tipring(ALL, TipringRequest::StopRecording { active_call }).expect("done");
    rig.core.handle_recording_room(false);
    let start = || TipringRequest::StartRecording { active_call };
    assert_eq!(rig.tipring(ALL, start()), Err(F::GenericSystemResourceAvailability));
    rig.core.handle_recording_room(true);
    rig.core.record = None;
    assert_eq!(rig.tipring(ALL, start()), Err(F::InvalidFeature));
    assert_eq!(rig.tipring(ALL, TipringRequest::PauseRecording { active_call }), Err(F::InvalidObjectState));
    let nowhere = rig.connection(1, "1002");
    let refused = rig.tipring(ALL, TipringRequest::StartRecording { active_call: nowhere });
    assert_eq!(refused, Err(F::InvalidCstaConnectionIdentifier), "1002 has no part in it");
}
