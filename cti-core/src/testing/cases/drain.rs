//! A site that is to stop when its calls have ended: new calls are refused, those in progress go on.
//!
//! Never: drains without a call in progress.

use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::media::ToneKind;

use crate::csta::cause::UniversalFailure;
use crate::csta::{AgentMode, Request};
use crate::testing::device;
use crate::testing::rig::{ALL, Rig};

#[test]
fn a_new_caller_hears_busy_tone_and_the_one_who_waits_is_still_served() {
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.agent("1003", "7003", AgentMode::NotReady).expect("in");
    rig.ring_into_queue(0, "5551111");
    assert_eq!(rig.waiting("5000"), 1);
    rig.core.handle_drain(true);
    rig.media.clear();
    rig.ring_in(1, "5552222");
    assert_eq!(rig.tone(1), Some(ToneKind::Busy));
    rig.line(1, LineEvent::Released(DisconnectSignal::LoopBreak));
    assert_eq!(rig.core.calls(), 1);
    rig.agent("1003", "7003", AgentMode::Ready).expect("ready");
    let alerting_call = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answered");
    rig.pass(5_000);
    assert_eq!(rig.core.calls(), 1, "the talk goes on");
    rig.ask(ALL, Request::ClearConnection { call: alerting_call }).expect("cleared");
    rig.line(0, LineEvent::Released(DisconnectSignal::LoopBreak));
    rig.pump();
    assert_eq!(rig.core.calls(), 0);
}

#[test]
fn clients_and_telephones_begin_no_call_but_who_talks_may_consult() {
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.ring_into_queue(0, "5551111");
    let active = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call: active }).expect("answered");
    rig.pass(1_000);
    rig.core.handle_drain(true);
    assert_eq!(rig.make_call("1001", "9110"), Err(UniversalFailure::ResourceOutOfService));
    rig.media.clear();
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "1002");
    assert_eq!(rig.tone(2), Some(ToneKind::Busy));
    rig.line(2, LineEvent::OnHook);
    rig.ask(ALL, Request::ConsultationCall { active_call: active, called_device: device("1002") })
        .expect("a talk may be handed over");
}
