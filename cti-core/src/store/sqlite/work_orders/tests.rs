//! Orders in a database: repeats, searches, refusals that leave nothing behind, a restart.
//!
//! Never: judges the rules themselves; they have their own tests.

use super::super::tests::{Folder, call};
use super::*;
use crate::store::sqlite::CallFacts;
use crate::store::{Record, Store, StoreId, StoreRequest};
use crate::work_order::Urgency;

fn request(kind: &str, number: &str) -> OrderRequest {
    OrderRequest {
        kind: kind.into(),
        urgency: Urgency::Normal,
        number: number.into(),
        name: String::new(),
        place: String::new(),
        text: format!("{kind} of {number}"),
        owner: None,
        call: 0,
        recording: None,
        called_ms: None,
    }
}

fn li() -> Person {
    Person { name: "li".into(), is_supervisor: false }
}

fn given(step: OrderStep) -> Submission {
    Submission { unit: "crew 2".into(), remark: "a fuse".into(), reason: "no answer".into(), ..Submission::of(step) }
}

fn accept(store: &mut SqliteStore, kind: &str, number: &str, at: i64) -> Accepted {
    store.accept_order(&Kinds::default(), request(kind, number), false, &li(), at).expect("accepted")
}

#[test]
fn a_second_call_about_an_open_order_is_linked_to_it_and_one_after_it_is_done_makes_its_own() {
    let folder = Folder::new("order-repeat");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    let Accepted::New(first) = accept(&mut store, "fault", "13800138000", 1_000) else { panic!("new") };
    let Accepted::Repeat(again) = accept(&mut store, "fault", "13800138000", 2_000) else { panic!("a repeat") };
    assert_eq!((again.id, again.repeats, again.due), (first.id, 1, first.due));
    for (kind, number) in [("complaint", "13800138000"), ("fault", "13911112222"), ("fault", ""), ("fault", "")] {
        assert!(matches!(accept(&mut store, kind, number, 3_000), Accepted::New(_)), "{kind} of {number:?}");
    }
    let separate = store.accept_order(&Kinds::default(), request("fault", "13911112222"), true, &li(), 4_000);
    assert!(matches!(separate, Ok(Accepted::New(_))));
    let done = store.step_order(&Kinds::default(), first.id, given(OrderStep::Done), &li(), 5_000).unwrap();
    assert_eq!(done.state, OrderState::Done);
    let Accepted::New(next) = accept(&mut store, "fault", "13800138000", 6_000) else { panic!("new") };
    assert_ne!(next.id, first.id);
    let steps: Vec<&str> = store.order_steps(first.id).unwrap().iter().map(|step| step.step.name()).collect();
    assert_eq!(steps, ["accept", "repeat", "done"]);
}

#[test]
fn orders_outlive_a_restart_and_are_found_by_what_they_are() {
    let folder = Folder::new("order-found");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    for (kind, number, at) in [("fault", "1", 0), ("complaint", "1", 400_000), ("praise", "2", 500_000)] {
        accept(&mut store, kind, number, at);
    }
    drop(store);
    let store = SqliteStore::open_to_read(&folder.database()).unwrap();
    let found = |query: OrderQuery| -> Vec<String> {
        store.orders(&query).unwrap().into_iter().map(|order| order.kind).collect()
    };
    let any = OrderQuery::default;
    assert_eq!(found(any()), ["praise", "complaint", "fault"]);
    assert_eq!(found(OrderQuery { number: Some("1".into()), ..any() }), ["complaint", "fault"]);
    assert_eq!(found(OrderQuery { owner: Some("wu".into()), ..any() }), [""; 0]);
    assert_eq!(found(OrderQuery { kind: Some("praise".into()), ..any() }), ["praise"]);
    assert_eq!(found(OrderQuery { limit: Some(1), ..any() }), ["praise"]);
    assert_eq!(found(OrderQuery { from_ms: Some(400_000), to_ms: Some(500_000), ..any() }), ["complaint"]);
    assert_eq!(found(OrderQuery { late_at: Some(300_001), ..any() }), ["fault"]);
    assert_eq!(found(OrderQuery { state: Some(OrderState::Done), ..any() }), [""; 0]);
    let late = |at| store.late_orders(at).unwrap().len();
    assert_eq!((late(300_000), late(300_001), late(400_000 + 5 * 86_400_000 + 1)), (0, 1, 2));
}

#[test]
fn a_refused_step_and_an_unknown_order_leave_nothing_behind() {
    let folder = Folder::new("order-refused");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    let Accepted::New(order) = accept(&mut store, "fault", "1", 0) else { panic!("new") };
    let kinds = Kinds::default();
    let refused = store.step_order(&kinds, order.id, given(OrderStep::File), &li(), 1).expect_err("not from there");
    assert!(refused.to_string().contains("is accepted; from there it can take"), "{refused}");
    let unknown = store.step_order(&kinds, OrderId(99), given(OrderStep::Done), &li(), 1).expect_err("unknown");
    assert_eq!(unknown.to_string(), format!("there is no order {}", OrderId(99)));
    assert!(store.accept_order(&kinds, request("flood", "1"), false, &li(), 1).is_err());
    assert_eq!((store.order(order.id).unwrap().unwrap(), store.order_steps(order.id).unwrap().len()), (order, 1));
}

#[test]
fn the_facts_of_a_call_are_those_of_its_record() {
    let folder = Folder::new("order-call");
    let mut store = SqliteStore::open(&folder.database(), 1_000_000).unwrap();
    let record = call(7);
    let Record::Call(kept) = &record else { panic!("a call") };
    let facts = CallFacts {
        number: kept.caller.to_string(),
        offered_ms: 1_000_000 + kept.offered.0 as i64,
        recording: kept.recording.map(|recording| recording.0 as i64),
        station: kept.station.map(|station| station.to_string()),
        queue: kept.queue.map(|queue| queue.to_string()),
    };
    store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![record] });
    store.commit().unwrap();
    assert_eq!(store.call_facts(7).unwrap(), Some(facts));
    assert_eq!(store.call_facts(8).unwrap(), None);
}

#[test]
fn an_attempt_to_call_about_an_order_that_was_in_vain_is_a_try_of_it() {
    use crate::acd::ids::CallBackId;
    use crate::csta::{AgentId, CallId, DeviceId};
    use crate::store::{AttemptOutcome, CallBackAttempt, CallBackRecord, CallBackState};
    let folder = Folder::new("order-call-back");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    let Accepted::New(order) = accept(&mut store, "fault", "13800138000", 0) else { panic!("new") };
    store.step_order(&Kinds::default(), order.id, given(OrderStep::Done), &li(), 1_000).unwrap();
    let request = CallBackRecord {
        id: CallBackId(3),
        queue: DeviceId::new("5000").unwrap(),
        number: tipring_driver::line::Number::from("13800138000").unwrap(),
        call: CallId(0),
        asked: 2_000,
        since: 2_000,
        tries: 1,
        next: 2_000,
        state: CallBackState::Trying,
        changed: 2_000,
        is_vip: false,
        work_order: order.id.0,
    };
    let attempt = |outcome| CallBackAttempt {
        id: CallBackId(3),
        at: 3_000,
        agent: AgentId::new("7001").unwrap(),
        call: CallId(9),
        outcome,
    };
    let records = [
        Record::CallBack(Box::new(request)),
        Record::CallBackAttempt(attempt(AttemptOutcome::Busy)),
        Record::CallBackAttempt(attempt(AttemptOutcome::Interrupted)),
        Record::CallBackAttempt(attempt(AttemptOutcome::Answered)),
    ];
    for (id, record) in records.into_iter().enumerate() {
        store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
    }
    store.commit().unwrap();
    assert_eq!(store.order(order.id).unwrap().unwrap().tries, 1);
    let steps = store.order_steps(order.id).unwrap();
    let tried: Vec<_> = steps.iter().filter(|step| step.step == OrderStep::Try).collect();
    assert_eq!(tried.len(), 1);
    assert_eq!((tried[0].person.as_str(), tried[0].reason.as_str(), tried[0].call), ("7001", "busy", 9));
}
