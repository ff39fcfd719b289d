//! Calling back, seen in calls: a request is left, kept and served; the place stays; no number is called twice at once.
//!
//! Never: judges a list alone; `acd/call_back_requests` does that.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};
use tipring_driver::media::MediaCommand;

use super::queues::{gate, heard, prompt_ends, with};
use super::rig::Rig;
use super::walks::flow;
use super::{book, device, key, site};
use crate::acd::rule::{CallBackRule, Condition, QueueRules, Target};
use crate::config::Config;
use crate::csta::{AgentId, AgentState};
use crate::limits::CALL_BACK_SAVE_MAX;
use crate::report::event::Event as Entry;
use crate::store::{
    AttemptOutcome, CallBackAttempt, CallBackOrder, CallBackRecord, CallBackState, Outcome, Record, StoreReply,
    StoreRequest,
};

/// The site of the tests, whose queue 5000 offers a call-back to everyone who enters: `number` says so, `welcome`
/// confirms.
fn offering() -> Config {
    let (prompt, taken) = (Some("number".to_owned()), Some("welcome".to_owned()));
    let call_back = Some(CallBackRule { tries: 2, prompt, taken, ..CallBackRule::default() });
    with(QueueRules { call_back, ..gate(Condition::Always, Target::CallBack) })
}

/// The state of each request as it was kept last, by number.
pub(super) fn states(rig: &Rig) -> Vec<(String, CallBackState, u8)> {
    let mut all: Vec<(String, CallBackState, u8)> = Vec::new();
    for CallBackRecord { number, state, tries, .. } in requests(rig) {
        all.retain(|(known, ..)| known != number.as_str());
        all.push((number.as_str().to_owned(), state, tries));
    }
    all
}

pub(super) fn requests(rig: &Rig) -> Vec<CallBackRecord> {
    let request = |record: &Record| match record {
        Record::CallBack(record) => Some(record.as_ref().clone()),
        _ => None,
    };
    rig.records.iter().filter_map(request).collect()
}

pub(super) fn outcomes(rig: &Rig) -> Vec<AttemptOutcome> {
    let outcome = |record: &Record| match record {
        Record::CallBackAttempt(CallBackAttempt { outcome, .. }) => Some(*outcome),
        _ => None,
    };
    rig.records.iter().filter_map(outcome).collect()
}

/// A caller on the first trunk accepts the offer of a call-back and is let go.
pub(super) fn leaves(rig: &mut Rig, number: &str) {
    rig.ring_into_queue(0, number);
    rig.line(0, LineEvent::Digit(key('1')));
    rig.pass(10);
    prompt_ends(rig, 0);
    rig.pass(10);
    rig.commanded();
}

/// A change of the lists from outside.
pub(super) fn order(rig: &mut Rig, order: CallBackOrder) {
    rig.core.handle_stored(StoreReply::CallBackOrders { orders: vec![order], last: 1 });
    rig.pump();
}

/// The agent 7001 at 1001 lifts the telephone that rings for an attempt.
fn taken() -> Rig {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.commanded(), ["1 dial 5551234"]);
    rig
}

#[test]
fn a_caller_who_accepts_is_let_go_when_the_request_is_kept_and_not_before() {
    let mut rig = Rig::of(offering());
    rig.ring_into_queue(0, "5551234");
    assert_eq!(heard(&rig, 0).0, [1, 2], "the menu, then the offer");
    rig.store_answers = false;
    rig.line(0, LineEvent::Digit(key('1')));
    assert_eq!(heard(&rig, 0).0, [1, 2, 1], "the confirmation");
    prompt_ends(&mut rig, 0);
    rig.pass(100);
    assert_eq!(rig.commanded(), ["0 answer"], "it is not kept yet");
    rig.catch_up();
    assert_eq!(rig.commanded(), ["0 release"]);
    assert_eq!(rig.waiting("5000"), 1, "the place stays");
    assert_eq!(rig.calls().last().expect("a record").outcome, Outcome::CallBackLeft);
    let figures = rig.figures("5000");
    assert_eq!((figures.offered, figures.call_backs, figures.abandoned), (1, 1, 0));
}

#[test]
fn a_number_is_on_the_list_once_in_all_spellings_and_is_dialled_as_the_exchange_sent_it() {
    let numbers = crate::number_plan::NumberPlan::new("CN", "571").expect("a plan");
    let mut rig = Rig::of(Config { numbers, ..offering() });
    leaves(&mut rig, "013800138000");
    rig.ring_into_queue(0, "13800138000");
    assert_eq!(states(&rig), [("013800138000".to_owned(), CallBackState::CalledIn, 0)], "the same person calls in");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    leaves(&mut rig, "013800138000");
    rig.ready("1001", "7001");
    rig.line(2, LineEvent::OffHook);
    assert!(rig.commanded().contains(&"1 dial 013800138000".to_owned()), "with the 0 of one who is elsewhere");
}

#[test]
fn a_request_that_cannot_be_kept_leaves_the_caller_at_the_old_place() {
    let mut rig = Rig::of(offering());
    rig.ring_into_queue(0, "5551234");
    rig.store_answers = false;
    rig.line(0, LineEvent::Digit(key('1')));
    let wanted = |request: &StoreRequest| match request {
        StoreRequest::Keep { id, records } if matches!(records[..], [.., Record::CallBack(_)]) => Some(*id),
        _ => None,
    };
    let id = rig.unanswered.iter().find_map(wanted).expect("a request");
    rig.core.handle_stored(StoreReply::Failed { id, why: "the disk is full".into() });
    rig.pump();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded().last().map(String::as_str), Some("2 ring for 5551234"));
    rig.line(2, LineEvent::OffHook);
    assert!(rig.media.iter().any(|it| matches!(it, MediaCommand::Connect { .. })), "they talk");
}

#[test]
fn a_store_that_does_not_answer_in_time_keeps_the_caller_in_line_and_the_late_request_is_over() {
    let mut rig = Rig::of(offering());
    rig.ring_into_queue(0, "5551234");
    rig.store_answers = false;
    rig.line(0, LineEvent::Digit(key('1')));
    rig.pass(5_100);
    assert_eq!(rig.waiting("5000"), 1);
    rig.catch_up();
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::Cancelled, 0)]);
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded().last().map(String::as_str), Some("2 ring for 5551234"));
}

#[test]
fn the_agent_is_rung_first_then_the_customer_is_dialled_and_the_request_is_served() {
    let mut rig = taken();
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Answered);
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::Reached, 1)]);
    assert_eq!(outcomes(&rig), [AttemptOutcome::Answered]);
    let figures = rig.figures("5000");
    assert_eq!((figures.called_back, figures.call_backs_given_up), (1, 0));
    rig.line(1, LineEvent::Released(DisconnectSignal::Tone));
    rig.line(2, LineEvent::OnHook);
    let call = *rig.calls().last().expect("a record");
    assert_eq!((call.queue, call.outcome), (Some(device("5000")), Outcome::Answered));
    assert_eq!(rig.agent_state("1001"), AgentState::WorkNotReady, "the work of its queue");
}

#[test]
fn a_headset_has_its_zip_tone_and_then_the_customer_is_dialled() {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    rig.ready("1003", "7003");
    rig.pass(200);
    assert_eq!(rig.commanded(), [""; 0]);
    rig.pass(100);
    assert_eq!(rig.commanded(), ["1 dial 5551234"]);
}

#[test]
fn a_busy_number_is_tried_again_after_the_gap_and_given_up_after_the_last_try() {
    let mut rig = taken();
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Failed(LineFailure::Busy));
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::Waiting, 1)]);
    rig.line(2, LineEvent::OnHook);
    rig.pass(6_000);
    rig.commanded();
    rig.skip(590_000);
    assert_eq!(rig.commanded(), [""; 0], "not before the gap");
    rig.skip(11_000);
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    rig.line(2, LineEvent::OffHook);
    rig.line(1, LineEvent::Dialled);
    rig.pass(61_000);
    assert_eq!(outcomes(&rig), [AttemptOutcome::Busy, AttemptOutcome::NoAnswer]);
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::GivenUp, 2)]);
    assert_eq!(rig.figures("5000").call_backs_given_up, 1);
}

#[test]
fn an_agent_who_does_not_lift_misses_it_and_the_next_one_is_rung_without_a_try_being_counted() {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    rig.ready("1001", "7001");
    rig.commanded();
    rig.pass(20_100);
    assert_eq!(rig.commanded(), ["2 release"]);
    assert_eq!(rig.agent_state("1001"), AgentState::NotReady);
    rig.ready("1002", "7002");
    assert_eq!(rig.commanded(), ["3 ring for 5551234"]);
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::Waiting, 0)]);
}

#[test]
fn a_request_keeps_its_place_before_callers_who_came_later() {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    rig.pass(1_000);
    rig.ring_into_queue(0, "5559999");
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    rig.ready("1002", "7002");
    assert_eq!(rig.commanded(), ["3 ring for 5559999"]);
}

#[test]
fn a_customer_who_calls_in_meanwhile_has_the_place_and_is_not_called_back() {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    rig.pass(5_000);
    rig.ring_into_queue(0, "5559999");
    rig.pass(1_000);
    rig.ring_into_queue(1, "5551234");
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::CalledIn, 0)]);
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"], "the wait that was earned counts");
    assert_eq!(rig.waiting("5000"), 1);
}

#[test]
fn a_second_request_of_a_number_and_a_withheld_one_are_not_taken() {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    let number = tipring_driver::line::Number::from("5551234").expect("short");
    order(&mut rig, CallBackOrder::Add { number, queue: device("5001"), is_vip: false, work_order: 0 });
    assert_eq!(requests(&rig).len(), 1);
    assert!(rig.troubles.last().is_some_and(|it| it.to_string().contains("a request of this number is open")));
    rig.line(0, LineEvent::Offered);
    rig.pass(10_100);
    rig.line(0, LineEvent::Digit(key('1')));
    rig.media.clear();
    rig.line(0, LineEvent::Digit(key('1')));
    rig.pass(100);
    assert_eq!(requests(&rig).len(), 1, "there is no number to call back");
}

#[test]
fn numbers_that_are_put_on_the_list_at_once_are_all_kept() {
    let mut rig = Rig::new();
    let add = |text: &str| {
        let number = tipring_driver::line::Number::from(text).expect("short");
        CallBackOrder::Add { number, queue: device("5000"), is_vip: false, work_order: 0 }
    };
    let orders = ["5557777", "5558888", "5559999"].map(add).to_vec();
    rig.core.handle_stored(StoreReply::CallBackOrders { orders, last: 3 });
    rig.pump();
    rig.pass(2 * CALL_BACK_SAVE_MAX.as_ms());
    assert_eq!(rig.waiting("5000"), 3);
    assert!(states(&rig).iter().all(|(_, state, _)| *state == CallBackState::Waiting), "{:?}", states(&rig));
}

#[test]
fn a_number_is_put_on_the_list_and_taken_off_from_outside() {
    let mut rig = Rig::new();
    let number = tipring_driver::line::Number::from("5557777").expect("short");
    order(&mut rig, CallBackOrder::Add { number, queue: device("5000"), is_vip: false, work_order: 0 });
    assert_eq!(rig.waiting("5000"), 1);
    order(&mut rig, CallBackOrder::Cancel { number });
    assert_eq!(rig.waiting("5000"), 0);
    assert_eq!(states(&rig), [("5557777".to_owned(), CallBackState::Cancelled, 0)]);
    order(&mut rig, CallBackOrder::Add { number, queue: device("5009"), is_vip: false, work_order: 0 });
    assert!(rig.troubles.last().is_some_and(|it| it.to_string().contains("there is no such queue")));
}

#[test]
fn open_requests_survive_a_restart_in_their_order_before_all_who_call_in_now() {
    let record = |id, number: &str, next| CallBackRecord {
        id: crate::acd::ids::CallBackId(id),
        queue: device("5000"),
        number: tipring_driver::line::Number::from(number).expect("short"),
        call: crate::csta::CallId(7),
        asked: 1_699_999_000_000,
        since: 1_699_999_000_000,
        tries: 1,
        is_vip: false,
        work_order: 0,
        next,
        state: CallBackState::Trying,
        changed: 1_699_999_500_000,
    };
    let call_backs = vec![record(3, "5553333", 0), record(4, "5554444", 1_700_000_060_000)];
    let mut rig = Rig::of(Config { call_backs, last_call_back: 4, ..offering() });
    assert_eq!(rig.waiting("5000"), 1, "the other one has its pause");
    rig.ring_into_queue(0, "5559999");
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5553333"]);
    rig.pass(60_000);
    assert_eq!(rig.waiting("5000"), 3, "the one that was missed, the caller, and the other one");
}

#[test]
fn a_flow_leaves_a_request_for_the_keyed_number_and_goes_on_when_it_is_kept() {
    let nodes = [
        (
            "number",
            r#"{"do": "collect", "prompt": "number", "into": "phone", "min": 7, "max": 7, "end": "\u0023",
                "wait": 5000, "between": 3000, "tries": 2, "next": "leave", "no_key": "bye", "too_few": "bye"}"#,
        ),
        ("leave", r#"{"do": "call_back", "queue": "5000", "number": "phone", "next": "thanks", "failed": "bye"}"#),
        ("thanks", r#"{"do": "play", "prompt": "welcome", "next": "bye"}"#),
        ("bye", r#"{"do": "end"}"#),
    ];
    let mut rig = Rig::of(Config { flows: book(&[flow("main", &nodes)]), ..site() });
    rig.ring_in(0, "5551234");
    for digit in "5558888".chars() {
        rig.line(0, LineEvent::Digit(key(digit)));
    }
    assert_eq!(states(&rig), [("5558888".to_owned(), CallBackState::Waiting, 0)]);
    assert_eq!(heard(&rig, 0).0, [2, 1], "it is kept: the flow says so");
    prompt_ends(&mut rig, 0);
    let figures = rig.figures("5000");
    assert_eq!((figures.offered, figures.call_backs, rig.waiting("5000")), (1, 1, 1));
}

#[test]
fn without_an_idle_trunk_no_agent_is_rung() {
    let mut rig = Rig::of(offering());
    leaves(&mut rig, "5551234");
    rig.ring_into_queue(0, "5551111");
    rig.ring_into_queue(1, "5552222");
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551111"], "the caller who is here is served instead");
}

#[test]
fn one_who_hangs_up_is_due_by_the_end_of_the_business_day_and_is_reached_by_an_agents_own_call() {
    let mut rig = Rig::new();
    let end = 9_000_000_000_000;
    rig.core.handle_business_days(vec![(0, 1), (2, end)]);
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "110");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    let due = rig.log.iter().find_map(|entry| match entry.event {
        Entry::Abandoned { due, .. } => Some(due),
        _ => None,
    });
    assert_eq!(due, Some(Some(end)), "the first day is over");
    rig.line(2, LineEvent::OffHook);
    for digit in "9110".chars() {
        rig.line(2, LineEvent::Digit(key(digit)));
    }
    rig.pass(4000);
    let reached = Entry::Reached { caller: device("110"), agent: AgentId::new("7001").expect("short") };
    let count = |rig: &Rig| rig.log.iter().filter(|entry| entry.event == reached).count();
    rig.line(1, LineEvent::Dialled);
    assert_eq!(count(&rig), 0);
    rig.line(1, LineEvent::Answered);
    assert_eq!(count(&rig), 1);
}
