//! The store as a whole: commits, locks, migrations, identifiers.

use std::path::PathBuf;

use rusqlite::Connection;

use super::schema::MIGRATIONS;
use super::*;
use crate::csta::cause::EventCause;
use crate::csta::event::Machine;
use crate::csta::{AgentId, CallId, DeviceId, Ucid};
use crate::customer::CustomerChange;
use crate::store::{CallRecord, Direction, Outcome, RecordingEnd, RecordingRecord, ReleasedBy};
use tipring_driver::ids::RecordingId;
use tipring_driver::line::Number;

/// A folder that goes away with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("tipring-store-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(super) fn database(&self) -> PathBuf {
        self.0.join("tipring.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The universal identifier of a call of these tests.
pub(super) fn ucid(number: i32) -> Ucid {
    Ucid::new(&format!("{number:020}")).unwrap()
}

pub(super) fn call(number: i32) -> Record {
    Record::Call(Box::new(CallRecord {
        call: CallId(number),
        ucid: ucid(number),
        kin: None,
        direction: Direction::Inbound,
        trunk: DeviceId::new("T1").ok(),
        caller: Number::from("13800138000").unwrap(),
        called: Number::from("5000").unwrap(),
        queue: DeviceId::new("5000").ok(),
        agent: AgentId::new("7001").ok(),
        station: DeviceId::new("1001").ok(),
        keyed: Number::from("1").unwrap(),
        offered: Tick(1000),
        answered: Some(Tick(4000)),
        queued: Some(Tick(9000)),
        alerting: Some(Tick(9500)),
        established: Some(Tick(12000)),
        ended: Tick(42000),
        outcome: Outcome::Answered,
        released_by: ReleasedBy::Caller,
        cause: EventCause::None,
        recording: None,
        machine: None,
    }))
}

/// Keeps records as one group.
pub(super) fn keep(store: &mut SqliteStore, records: impl IntoIterator<Item = Record>) {
    for (id, record) in records.into_iter().enumerate() {
        store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
    }
    store.commit().unwrap();
}

#[test]
fn a_record_is_acknowledged_only_when_it_is_committed() {
    let folder = Folder::new("acknowledged");
    let mut store = SqliteStore::open(&folder.database(), 1_000_000).unwrap();
    store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![call(1)] });
    assert_eq!(store.poll_reply(), None);
    store.commit().unwrap();
    assert_eq!(store.poll_reply(), Some(StoreReply::Kept { up_to: StoreId(1) }));
    assert_eq!(store.calls().unwrap()[0].established_ms, Some(1_012_000));
    drop(store);
    let again = Connection::open(folder.database()).unwrap();
    let row: (i64, i64, i64, String) = again
        .query_row("SELECT offered_ms, wait_ms, talk_ms, outcome FROM call", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(row, (1_001_000, 3000, 30000, "answered".into()));
}

#[test]
fn the_last_call_is_the_highest_identifier_of_calls_and_recordings_alike() {
    let folder = Folder::new("last");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    assert_eq!(store.last_call().unwrap(), CallId(0));
    // A long call is kept after a later short one; a call that was cut off has left its recording alone.
    for (id, number) in [(1, 9), (2, 7)] {
        store.submit(StoreRequest::Keep { id: StoreId(id), records: vec![call(number)] });
    }
    store.commit().unwrap();
    assert_eq!(store.last_call().unwrap(), CallId(9));
    let recording = RecordingRecord {
        recording: RecordingId(5),
        call: CallId(12),
        file: "a.wav".into(),
        began: Tick(1),
        samples: 0,
        end: RecordingEnd::FileFailed,
    };
    store.submit(StoreRequest::Keep { id: StoreId(3), records: vec![Record::Recording(recording)] });
    store.commit().unwrap();
    drop(store);
    assert_eq!(SqliteStore::open(&folder.database(), 0).unwrap().last_call().unwrap(), CallId(12));
}

#[test]
fn a_locked_database_loses_nothing_and_acknowledges_nothing_until_it_is_free() {
    let folder = Folder::new("locked");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    let other = Connection::open(folder.database()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    store.submit(StoreRequest::Keep { id: StoreId(7), records: vec![call(7)] });
    let error = store.commit().unwrap_err();
    assert!(error.may_pass, "{error}");
    assert!(error.to_string().contains("locked"), "{error}");
    assert!(store.is_pending());
    assert_eq!(store.poll_reply(), None);
    other.execute_batch("COMMIT").unwrap();
    store.commit().unwrap();
    assert_eq!(store.poll_reply(), Some(StoreReply::Kept { up_to: StoreId(7) }));
}

#[test]
fn a_customer_is_found_by_number_and_a_stranger_is_not() {
    let folder = Folder::new("customers");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    let row =
        CustomerChange { numbers: vec!["138 0013 8000".into()], name: Some("王芳".into()), ..Default::default() };
    store.import_customers([row], "li", 1).unwrap();
    store.submit(StoreRequest::FindCustomer { id: StoreId(1), number: Number::from("13800138000").unwrap() });
    store.submit(StoreRequest::FindCustomer { id: StoreId(2), number: Number::from("110").unwrap() });
    let mut found = || match store.poll_reply() {
        Some(StoreReply::Customer { customer, card, .. }) => (customer.map(|it| it.name), card.customer),
        other => panic!("{other:?}"),
    };
    assert_eq!(found(), (Some("王芳".to_owned()), "C1".to_owned()));
    assert_eq!(found(), (None, String::new()));
}

#[test]
fn a_database_of_the_first_version_keeps_its_calls_and_learns_of_machines() {
    let folder = Folder::new("first");
    let old = Connection::open(folder.database()).unwrap();
    old.execute_batch(MIGRATIONS[0]).unwrap();
    old.pragma_update(None, "user_version", 1i64).unwrap();
    old.execute_batch(
        "INSERT INTO call (call_id, direction, caller, called, keyed, offered_ms, ended_ms, wait_ms, talk_ms, outcome, released_by) \
         VALUES (7, 'inbound', '', '5000', '', 1, 2, 0, 0, 'answered', 'caller')",
    )
    .unwrap();
    drop(old);
    let mut store = SqliteStore::open(&folder.database(), 100).unwrap();
    let Record::Call(mut machine) = call(8) else { panic!("a call") };
    machine.machine = Some(Machine::Fax);
    store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![Record::Call(machine)] });
    store.commit().unwrap();
    let calls = store.calls().unwrap();
    let known: Vec<_> = calls.iter().map(|call| (call.call_id, call.machine.as_deref())).collect();
    assert_eq!(known, [(7, None), (8, Some("fax"))]);
}

#[test]
fn a_database_from_a_newer_version_is_refused() {
    let folder = Folder::new("newer");
    drop(SqliteStore::open(&folder.database(), 0).unwrap());
    Connection::open(folder.database()).unwrap().pragma_update(None, "user_version", 99i64).unwrap();
    let error = SqliteStore::open(&folder.database(), 0).err().unwrap();
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[test]
fn a_statement_is_prepared_once_whatever_its_limit() {
    let folder = Folder::new("prepared-once");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    for number in 1..=3 {
        store.submit(StoreRequest::Keep { id: StoreId(number as u64), records: vec![call(number)] });
    }
    store.commit().unwrap();
    let select = "SELECT call_id FROM call WHERE direction = 'inbound' ORDER BY offered_ms DESC LIMIT ?1";
    let mut select = store.connection.prepare(select).unwrap();
    for most in 1..=3 {
        let found = select.query_map([most], |row| row.get::<_, i64>(0)).unwrap().count();
        assert_eq!(found, most as usize);
    }
    assert_eq!(select.get_status(rusqlite::StatementStatus::RePrepare), 0);
}

#[test]
fn a_call_that_stood_at_a_start_leaves_its_open_row_as_it_ends() {
    let folder = Folder::new("stood-on");
    let Record::Call(standing) = call(1) else { panic!("a call") };
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![Record::Open(standing, Vec::new())] });
    store.commit().unwrap();
    // Calls outlive the program: the next one has their ends.
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    store.submit(StoreRequest::Keep { id: StoreId(2), records: vec![call(1)] });
    store.commit().unwrap();
    assert_eq!((store.calls().unwrap().len(), store.close_open_calls().unwrap()), (1, 0));
}
