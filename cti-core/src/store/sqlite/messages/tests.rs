//! Messages as they are kept: their steps, and calls back that are found.
//!
//! Never: judges a rule of messages; those have tests of their own.

use super::super::tests::Folder;
use super::*;
use crate::csta::{CallId, DeviceId};
use crate::store::{CallRecord, Direction, Outcome, Record, Store, StoreId, StoreRequest};
use tipring_driver::time::Tick;

fn message(number: u64, state: MessageState) -> Record {
    Record::Message(Box::new(MessageRecord {
        recording: RecordingId(number),
        call: CallId(7),
        mailbox: "complaints".into(),
        owner: DeviceId::new("7001").ok(),
        caller: "13800138000".into(),
        name: "王芳".into(),
        at: Tick(1000),
        samples: if state == MessageState::Recording { 0 } else { 16_000 },
        file: format!("{number}.wav"),
        state,
    }))
}

fn keep(store: &mut SqliteStore, record: Record) {
    store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![record] });
    store.commit().unwrap();
}

fn by(name: &str) -> Person {
    Person { name: name.into(), is_supervisor: false }
}

/// The counts of new messages that the store has replied last.
fn counted(store: &mut SqliteStore) -> Option<Vec<(String, u32)>> {
    let mut last = None;
    while let Some(reply) = store.poll_reply() {
        if let StoreReply::NewMessages(counts) = reply {
            last = Some(counts.into_iter().collect());
        }
    }
    last
}

#[test]
fn a_message_is_new_until_it_is_heard_and_done_and_no_record_takes_it_back() {
    let folder = Folder::new("message");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    keep(&mut store, message(1, MessageState::Recording));
    assert_eq!(counted(&mut store), Some(vec![]));
    let early = store.step_message(1, Submission::of(MessageStep::Done), &by("7001"), 5).unwrap_err().to_string();
    assert!(early.contains("still speaks"), "{early}");
    keep(&mut store, message(1, MessageState::New));
    assert_eq!(counted(&mut store), Some(vec![("7001".into(), 1)]));
    store.step_message(1, Submission::of(MessageStep::Heard), &by("7001"), 5000).unwrap();
    keep(&mut store, message(1, MessageState::New));
    assert_eq!(counted(&mut store), Some(vec![]));
    let row = store.message(1).unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.changed_by.as_str(), row.changed_ms), ("heard", "7001", 5000));
    assert_eq!((row.name.as_str(), row.samples, row.at_ms), ("王芳", 16_000, 1000));
    store.step_message(1, Submission::of(MessageStep::Done), &by("7001"), 6000).unwrap();
    assert_eq!(store.messages(&[MessageState::New, MessageState::Heard]).unwrap(), []);
    assert_eq!(store.messages(&[MessageState::Done]).unwrap().len(), 1);
    let none = store.step_message(2, Submission::of(MessageStep::Done), &by("7001"), 6000).unwrap_err();
    assert!(matches!(none, MessageError::NoMessage(2)), "{none}");
    let steps = store.message_steps(1).unwrap();
    let steps: Vec<_> = steps.iter().map(|step| (step.step.name(), step.at_ms, step.person.as_str())).collect();
    assert_eq!(steps, [("left", 1000, ""), ("heard", 5000, "7001"), ("done", 6000, "7001")]);
}

#[test]
fn a_message_that_was_cut_off_is_new_with_the_length_that_is_there() {
    let folder = Folder::new("cut-message");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    keep(&mut store, message(1, MessageState::Recording));
    keep(&mut store, message(2, MessageState::Dropped));
    store.complete_message(RecordingId(1), 12_000).unwrap();
    store.complete_message(RecordingId(2), 12_000).unwrap();
    let rows = store.messages(&[MessageState::New]).unwrap();
    assert_eq!(rows.iter().map(|row| (row.id, row.samples)).collect::<Vec<_>>(), [(1, 12_000)]);
}

#[test]
fn a_message_that_was_cut_off_has_its_first_step_and_open_ones_are_counted_with_the_oldest() {
    let folder = Folder::new("open-messages");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    assert_eq!(store.open_messages().unwrap(), OpenMessages::default());
    keep(&mut store, message(1, MessageState::Recording));
    assert_eq!(store.open_messages().unwrap().count, 0, "its caller still speaks");
    store.complete_message(RecordingId(1), 12_000).unwrap();
    store.complete_message(RecordingId(1), 13_000).unwrap();
    keep(&mut store, message(2, MessageState::New));
    store.step_message(2, Submission::of(MessageStep::Heard), &by("li"), 2000).unwrap();
    assert_eq!(store.open_messages().unwrap(), OpenMessages { count: 2, unheard: 1, oldest_ms: Some(1000) });
    assert_eq!(store.message_span().unwrap(), Some((1000, 2000)));
    let mut steps = Vec::new();
    store.each_message_step(i64::MAX, |message, place, step| steps.push((message, place.clone(), step.step))).unwrap();
    let place = Place { mailbox: "complaints".into(), queue: String::new() };
    let [left, heard] = [MessageStep::Left, MessageStep::Heard];
    assert_eq!(steps, [(1, place.clone(), left), (2, place.clone(), left), (2, place, heard)]);
}

#[test]
fn an_answered_call_out_to_the_caller_is_a_call_back_whatever_spelling_was_dialled() {
    use super::super::tests::call;
    let folder = Folder::new("called-back");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    store.set_number_plan(&crate::number_plan::NumberPlan::new("CN", "571").unwrap()).unwrap();
    keep(&mut store, message(1, MessageState::New));
    keep(&mut store, message(2, MessageState::New));
    store.step_message(2, Submission::of(MessageStep::Done), &by("li"), 1500).unwrap();
    let out = |id: i32, at: u64, change: fn(&mut CallRecord)| {
        let Record::Call(mut record) = call(id) else { panic!("a call") };
        (record.direction, record.machine) = (Direction::Outbound, None);
        record.called = tipring_driver::line::Number::from("013800138000").unwrap();
        (record.outcome, record.established) = (Outcome::Answered, Some(Tick(at)));
        change(&mut record);
        Record::Call(record)
    };
    let called = |store: &SqliteStore| store.message(1).unwrap().unwrap().called_ms;
    keep(&mut store, out(20, 3000, |call| call.outcome = Outcome::Busy));
    keep(&mut store, out(21, 3000, |call| call.direction = Direction::Internal));
    keep(&mut store, out(22, 3000, |call| call.called = tipring_driver::line::Number::from("5551234").unwrap()));
    keep(&mut store, out(23, 900, |_| {}));
    keep(&mut store, out(24, 3000, |call| call.machine = Some(crate::csta::event::Machine::Fax)));
    assert_eq!(called(&store), None, "busy, inside, another number, before the message, a fax");
    keep(&mut store, out(25, 4000, |_| {}));
    assert_eq!(called(&store), Some(4000));
    let last = store.message_steps(1).unwrap().pop().unwrap();
    assert_eq!(
        (last.step, last.call, last.from, last.to),
        (MessageStep::Called, 25, Some(MessageState::New), MessageState::New)
    );
    assert_eq!(store.message_steps(2).unwrap().len(), 2, "what is done is not called about");
}
