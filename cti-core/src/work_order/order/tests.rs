//! Orders through their steps: the clocks, the refusals, and random steps against the table.
//!
//! Never: needs a store.

use super::*;
use crate::work_order::kind::{DAY_MS, MINUTE_MS};
use crate::work_order::rules::RULES;

pub(in crate::work_order) fn request(kind: &str, called_ms: Option<i64>) -> OrderRequest {
    OrderRequest {
        kind: kind.into(),
        urgency: Urgency::Normal,
        number: "13800138000".into(),
        name: "王芳".into(),
        place: "3 Lake Road".into(),
        text: "no current since 7".into(),
        owner: None,
        call: 17,
        recording: Some(9),
        called_ms,
    }
}

pub(in crate::work_order) fn person(name: &str) -> Person {
    Person { name: name.into(), is_supervisor: name == "zhao" }
}

pub(in crate::work_order) fn given(step: OrderStep) -> Submission {
    Submission { unit: "crew 2".into(), remark: "a fuse".into(), reason: "no answer".into(), ..Submission::of(step) }
}

fn accepted(kind: &str) -> WorkOrder {
    WorkOrder::accept(&Kinds::default(), request(kind, Some(1_000)), &person("li"), 240_000).expect("accepted").0
}

#[test]
fn the_clock_of_a_fault_runs_from_the_call_and_not_from_the_typing() {
    let mut order = accepted("fault");
    assert_eq!(order.due, Due { dispatch_ms: Some(1_000 + 5 * MINUTE_MS as i64), ..Due::default() });
    assert_eq!(order.due.late(301_000).count(), 0, "five minutes are in time");
    assert_eq!(order.due.late(301_001).collect::<Vec<_>>(), [Clock::Dispatch]);
    let step = order.step(&Kinds::default(), given(OrderStep::Dispatch), &person("li"), 310_000).expect("dispatched");
    assert_eq!((order.state, order.unit.as_str(), order.due), (OrderState::Dispatched, "crew 2", Due::default()));
    assert_eq!(step.due.dispatch_ms, Some(301_000), "the step keeps the limit that it has missed");
}

#[test]
fn complaints_have_five_days_and_reports_ten_and_a_call_in_the_future_counts_from_now() {
    for (kind, days) in [("complaint", 5), ("report", 10)] {
        assert_eq!(accepted(kind).due.answer_ms, Some(1_000 + days * DAY_MS as i64), "{kind}");
    }
    let (order, _) =
        WorkOrder::accept(&Kinds::default(), request("fault", Some(900)), &person("li"), 500).expect("accepted");
    assert_eq!(order.since_ms, 500);
}

#[test]
fn an_order_goes_its_whole_way_and_reopening_starts_its_clocks_anew() {
    let (mut order, kinds) = (accepted("complaint"), Kinds::default());
    let take = |order: &mut WorkOrder, step, by: &str, at| order.step(&kinds, given(step), &person(by), at);
    for (step, state) in [
        (OrderStep::Repeat, OrderState::Accepted),
        (OrderStep::Dispatch, OrderState::Dispatched),
        (OrderStep::Done, OrderState::Done),
        (OrderStep::Revisit, OrderState::Revisited),
        (OrderStep::File, OrderState::Filed),
    ] {
        take(&mut order, step, "li", 250_000).expect("by the table");
        assert_eq!(order.state, state);
    }
    assert_eq!((order.repeats, order.result.as_str(), order.due), (1, "a fuse", Due::default()));
    let refused = take(&mut order, OrderStep::Reopen, "li", 260_000).expect_err("filed").to_string();
    assert!(refused.ends_with("reopen is for supervisors"), "{refused}");
    take(&mut order, OrderStep::Reopen, "zhao", 270_000).expect("a supervisor");
    let due = Due { answer_ms: Some(270_000 + 5 * DAY_MS as i64), ..Due::default() };
    assert_eq!((order.state, order.since_ms, order.due), (OrderState::Accepted, 270_000, due));
}

#[test]
fn a_refusal_says_what_can_be_done_and_changes_nothing() {
    let (kinds, by) = (Kinds::default(), person("li"));
    let mut order = accepted("fault");
    let before = order.clone();
    let number = order.id;
    let mut refused = |given: Submission, by: &Person| {
        let sentence = order.step(&kinds, given, by, 300_000).expect_err("refused").to_string();
        assert_eq!(order, before, "{sentence}");
        sentence
    };
    assert_eq!(
        refused(given(OrderStep::File), &by),
        format!("order {number} is accepted; from there it can take repeat, dispatch, done, not file")
    );
    assert!(refused(given(OrderStep::Dispatch), &person("wu")).contains("is li's: dispatch is for its owner"));
    let bare = Submission { unit: " ".into(), ..given(OrderStep::Dispatch) };
    assert_eq!(refused(bare, &by), "dispatch needs a unit");
    let bare = Submission { remark: String::new(), ..given(OrderStep::Done) };
    assert_eq!(refused(bare, &by), "done needs a remark");
    let long = Submission { remark: "x".repeat(TEXT_MAX + 1), ..given(OrderStep::Done) };
    assert!(refused(long, &by).contains("2000 characters"));

    let accept = |request| WorkOrder::accept(&kinds, request, &by, 0).expect_err("refused").to_string();
    assert!(accept(request("flood", None)).contains("there are fault, complaint, report"));
    assert!(accept(OrderRequest { text: "  ".into(), ..request("fault", None) }).contains("needs a text"));
    assert!(
        accept(OrderRequest { text: "x".repeat(TEXT_MAX + 1), ..request("fault", None) }).contains("2000 characters")
    );
}

#[test]
fn an_order_without_a_customer_is_not_filed() {
    let nameless = OrderRequest { number: String::new(), name: String::new(), ..request("fault", None) };
    let (mut order, _) = WorkOrder::accept(&Kinds::default(), nameless, &person("li"), 0).expect("accepted");
    for step in [OrderStep::Done, OrderStep::Revisit] {
        order.step(&Kinds::default(), given(step), &person("li"), 1).expect("by the table");
    }
    let refused = order.step(&Kinds::default(), given(OrderStep::File), &person("li"), 2).expect_err("incomplete");
    assert_eq!(refused.to_string(), "file needs the customer's number or name");
}

#[test]
fn of_all_steps_from_all_states_those_of_the_table_are_taken_and_no_others() {
    for state in OrderState::ALL {
        for step in OrderStep::ALL {
            let mut order = WorkOrder { state: *state, result: "a fuse".into(), tries: 3, ..accepted("fault") };
            let taken = order.step(&Kinds::default(), given(*step), &person("zhao"), 300_000);
            let rule = RULES.iter().find(|rule| rule.from == *state && rule.step == *step);
            assert_eq!(taken.as_ref().ok().map(|step| step.to), rule.map(|rule| rule.to), "{state:?} {step:?}");
            assert_eq!(order.state, rule.map_or(*state, |rule| rule.to));
        }
    }
}

#[test]
fn after_the_result_the_customer_is_called_within_a_working_day_and_with_three_tries_within_three() {
    const DAY: i64 = DAY_MS as i64;
    // Thursday, Friday, then Monday to Wednesday; each day from its midnight to the next.
    let working_days = [3, 4, 7, 8, 9].map(|day| (day * DAY, (day + 1) * DAY)).to_vec();
    let kinds = Kinds { working_days, ..Kinds::default() };
    let mut order = accepted("fault");
    let friday = 4 * DAY + DAY / 2;
    order.step(&kinds, given(OrderStep::Done), &person("li"), friday).expect("done");
    assert_eq!((order.due.try_ms, order.due.revisit_ms), (Some(8 * DAY), Some(10 * DAY)), "by the end of Monday");
    assert_eq!(order.due.late(8 * DAY + 1).collect::<Vec<_>>(), [Clock::Try]);
    let bare = Submission { reason: String::new(), ..given(OrderStep::Try) };
    let refused = order.step(&kinds, bare, &person("wu"), 7 * DAY).expect_err("no reason").to_string();
    assert_eq!(refused, "try needs a reason");
    for tried in 1..=3 {
        let refused = order.step(&kinds, given(OrderStep::Unreached), &person("li"), 7 * DAY).expect_err("too early");
        assert_eq!(refused.to_string(), "unreached needs three tries");
        let step = order.step(&kinds, given(OrderStep::Try), &person("wu"), 7 * DAY).expect("anyone may try");
        assert_eq!((order.tries, order.due.try_ms, step.reason.as_str()), (tried, None, "no answer"));
    }
    assert_eq!(order.due.late(10 * DAY + 1).collect::<Vec<_>>(), [Clock::Revisit]);
    order.step(&kinds, given(OrderStep::Unreached), &person("li"), 9 * DAY).expect("given up");
    assert_eq!((order.state, order.due), (OrderState::Revisited, Due::default()));
    let mut enquiry = accepted("enquiry");
    enquiry.step(&kinds, given(OrderStep::Done), &person("li"), friday).expect("done");
    assert_eq!(enquiry.due, Due::default(), "an answer needs no call");
}
