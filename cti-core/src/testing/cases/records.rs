//! Outcomes, figures, and the end of a shift: the same facts wherever they are counted.

use tipring_driver::line::{DisconnectSignal, LineEvent};

use crate::csta::{AgentState, CallId, ConnectionDevice, ConnectionId, Request};
use crate::store::{Outcome, ReleasedBy};
use crate::testing::rig::{ALL, Rig};
use crate::testing::{device, site};

const GONE: LineEvent = LineEvent::Released(DisconnectSignal::Tone);

/// The trunk's connection in the first call.
fn trunk() -> ConnectionId {
    ConnectionId { call: CallId(1), device: device("T1#"), kind: ConnectionDevice::Dynamic }
}

#[test]
fn a_card_that_dies_a_client_that_clears_and_a_stop_are_not_callers_who_gave_up() {
    let after = |end: &dyn Fn(&mut Rig)| {
        let mut rig = Rig::new();
        rig.ring_into_queue(0, "5551234");
        rig.pass(1000);
        end(&mut rig);
        let call = rig.calls()[0];
        (rig.figures("5000").abandoned, call.released_by)
    };
    let card = after(&|rig| {
        let _ = rig.line(0, LineEvent::OutOfService);
    });
    let client = after(&|rig| {
        let _ = rig.ask(ALL, Request::ClearConnection { call: trunk() });
    });
    let stop = after(&|rig| {
        rig.core.handle_stop();
        rig.pump();
    });
    let caller = after(&|rig| {
        let _ = rig.line(0, GONE);
    });
    assert_eq!(card, (0, ReleasedBy::System));
    assert_eq!(client, (0, ReleasedBy::Client));
    assert_eq!(stop, (0, ReleasedBy::System));
    assert_eq!(caller, (1, ReleasedBy::Caller));
}

#[test]
fn every_call_that_was_offered_to_a_queue_is_in_one_of_its_figures_whatever_ended_it() {
    let ends: [&dyn Fn(&mut Rig); 5] = [
        &|rig| {
            let _ = rig.line(0, GONE);
        },
        &|rig| {
            let _ = rig.line(0, LineEvent::OutOfService);
        },
        &|rig| {
            let _ = rig.ask(ALL, Request::ClearConnection { call: trunk() });
        },
        &|rig| {
            let _ = rig.ask(ALL, Request::ClearCall { call: trunk() });
        },
        &|rig| {
            rig.core.handle_stop();
            rig.pump();
        },
    ];
    for (ix, end) in ends.iter().enumerate() {
        let mut rig = Rig::new();
        rig.ring_into_queue(0, "5551234");
        rig.pass(1000);
        end(&mut rig);
        let figures = rig.figures("5000");
        let sum = figures.answered + figures.abandoned + figures.flowed_out + figures.cleared;
        assert_eq!((figures.offered, sum), (1, 1), "end {ix}: {figures:?}");
    }
}

#[test]
fn a_call_given_up_in_the_queue_has_no_agent() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.pass(20_000);
    rig.skip(60_000);
    rig.line(0, GONE);
    let call = rig.calls()[0];
    assert_eq!((call.outcome, call.agent), (Outcome::AbandonedQueued, None));
    assert_eq!(call.alerting.map(|at| at.0), Some(0), "one telephone has rung, and that is known");
}

#[test]
fn an_answered_call_that_a_card_ends_counts_as_answered_in_records_and_figures_alike() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.skip(600_000);
    rig.line(0, LineEvent::OutOfService);
    rig.line(2, LineEvent::OnHook);
    let call = rig.calls()[0];
    assert_eq!((rig.figures("5000").answered, call.outcome), (1, Outcome::Answered));
    assert_eq!(call.released_by, ReleasedBy::System);
}

#[test]
fn a_record_tells_an_agent_who_hangs_up_by_the_screen_from_a_supervisor_who_cuts_the_customer_off() {
    let by = |call: &dyn Fn(&Rig) -> ConnectionId| {
        let mut rig = Rig::new();
        rig.ready("1003", "7003");
        rig.ring_into_queue(0, "5551234");
        let alerting_call = rig.connection(1, "1003");
        rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answered");
        rig.pass(1000);
        let call = call(&rig);
        rig.ask(ALL, Request::ClearConnection { call }).expect("cleared");
        rig.calls()[0].released_by
    };
    assert_eq!(by(&|rig| rig.connection(1, "1003")), ReleasedBy::Called);
    assert_eq!(by(&|_| trunk()), ReleasedBy::Client);
}

#[test]
fn a_stop_closes_the_history_of_every_agent() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ready("1002", "7002");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.pass(1000);
    rig.core.handle_stop();
    rig.pump();
    rig.core.handle_stopped();
    rig.pump();
    for agent in ["7001", "7002"] {
        let rows: Vec<_> = rig.history().into_iter().filter(|(_, who, _)| who == agent).collect();
        assert_eq!(rows.last().map(|row| row.2), Some(AgentState::Null), "{rows:?}");
        assert_eq!(rows.iter().filter(|row| row.2 == AgentState::Null).count(), 1, "{rows:?}");
    }
}

#[test]
fn call_identifiers_go_on_after_a_restart() {
    let mut rig = Rig::new();
    rig.ring_in(0, "5551234");
    rig.line(0, GONE);
    let last = rig.core.last_call();
    assert_eq!(rig.calls()[0].call, last);
    let before = rig.calls()[0].ucid;
    let mut config = site();
    config.last_call = last;
    let mut rig = Rig::of(config);
    rig.ring_in(0, "5551234");
    rig.line(0, GONE);
    assert_eq!(rig.calls()[0].call, CallId(last.0 + 1));
    // In the same second of the same day: the number of the call tells one from the other.
    assert_ne!(rig.calls()[0].ucid, before);
}
