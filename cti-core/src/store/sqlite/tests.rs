//! The store as a whole: commits, locks, migrations, identifiers.

use std::path::PathBuf;

use rusqlite::Connection;

use super::schema::MIGRATIONS;
use super::*;
use crate::csta::cause::EventCause;
use crate::csta::event::Machine;
use crate::csta::{AgentId, AgentState, CallId, DeviceId, Ucid};
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
        main_call: None,
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
    // Looked up together, and beside a record that waits: the commit comes after them.
    store.submit(StoreRequest::Keep { id: StoreId(3), records: vec![call(1)] });
    store.commit().unwrap();
    let mut found = || match store.poll_reply() {
        Some(StoreReply::Customer { customer, card, .. }) => (customer.map(|it| it.name), card.customer),
        other => panic!("{other:?}"),
    };
    assert_eq!(found(), (Some("王芳".to_owned()), "C1".to_owned()));
    assert_eq!(found(), (None, String::new()));
    assert_eq!(store.poll_reply(), Some(StoreReply::Kept { up_to: StoreId(3) }));
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
fn rows_that_stood_each_by_itself_are_the_same_when_they_stand_together() {
    let folder = Folder::new("together");
    let old = Connection::open(folder.database()).unwrap();
    let before = MIGRATIONS.iter().position(|migration| migration.contains("CREATE TABLE leg_block")).unwrap();
    MIGRATIONS[..before].iter().for_each(|migration| old.execute_batch(migration).unwrap());
    old.pragma_update(None, "user_version", before as i64).unwrap();
    old.execute_batch(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 600) \
         INSERT INTO agent_state (at_ms, agent, station, state, reason) \
         SELECT 1000 + n, '70' || (n % 7), '1001', 'ready', n % 3 FROM n; \
         INSERT INTO decision (at_ms, call_id, queue, decided, rule, chosen, passed) VALUES \
         (1, 1, '5000', 'waits', '', '', '7001 talking; \"x\"'), (2, 2, '5000', 'offered', 'wanted', '7001', ''), \
         (3, 1, '5000', 'offered', 'wanted', '7001 7002', ''); \
         INSERT INTO leg (ucid, call_id, device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms, \
         longest_hold_ms, holds, reached, cause, ended_by) VALUES \
         ('u1', 1, 'T1', 'trunk', NULL, 1, 2, 9, 0, 0, 0, 0, 'connected', 12, 'device'), \
         ('u2', 2, 'T2', 'trunk', NULL, 1, NULL, 9, 0, 0, 0, 0, 'failed', NULL, 'interrupted'), \
         ('u1', 1, '1001', 'station', '7001', 2, 3, 9, 1, 4, 3, 2, 'connected', NULL, 'switch'); \
         INSERT INTO open_call (call_id, direction, caller, called, keyed, offered_ms, ended_ms, wait_ms, talk_ms, \
         outcome, released_by, ucid) VALUES (3, 'inbound', '', '5000', '', 1, 7, 0, 0, 'interrupted', 'system', 'u3'), \
         (4, 'inbound', '', '5000', '', 1, 7, 0, 0, 'interrupted', 'system', 'u4'); \
         INSERT INTO open_leg VALUES ('u3', 3, 'T3', 'trunk', NULL, 5, 6, 7, 0, 0, 0, 0, 'connected', NULL, 'interrupted');",
    )
    .unwrap();
    let rows = |database: &Connection, select: &str| -> Vec<Vec<rusqlite::types::Value>> {
        let mut select = database.prepare(select).unwrap();
        let width = select.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect();
        select.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let leg = "ucid, call_id, device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms, longest_hold_ms, \
               holds, reached, cause, ended_by";
    let tables = [
        ("leg", leg, "call_id, began_ms"),
        ("decision", "at_ms, call_id, queue, decided, rule, chosen, passed", "at_ms"),
        ("agent_state", "at_ms, agent, station, state, reason", "at_ms"),
    ];
    let all = |database: &Connection| {
        tables.map(|(table, columns, order)| rows(database, &format!("SELECT {columns} FROM {table} ORDER BY {order}")))
    };
    let stood = all(&old);
    assert_eq!(stood.each_ref().map(Vec::len), [3, 3, 600]);
    drop(old);
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    assert_eq!(all(&store.connection), stood);
    let last = store.last_agent_states(1594).unwrap();
    let last: Vec<_> = last.iter().map(|row| (row.agent.as_str(), row.at_ms, row.reason)).collect();
    assert_eq!(
        last,
        [("700", 1595, 1), ("701", 1596, 2), ("702", 1597, 0), ("703", 1598, 1), ("704", 1599, 2), ("705", 1600, 0)]
    );
    // Calls that stood end with the program, and their legs with them.
    assert_eq!(store.close_open_calls().unwrap(), 2);
    let cut = rows(&store.connection, "SELECT device, ended_ms, ended_by FROM leg WHERE ucid = 'u3'");
    assert_eq!(cut, [["T3".to_owned().into(), 7i64.into(), "interrupted".to_owned().into()]]);
    let plan = rows(&store.connection, "EXPLAIN QUERY PLAN SELECT device FROM leg WHERE ucid = 'u1'");
    assert!(format!("{plan:?}").contains("leg_block_by_ucid"), "{plan:?}");
}

#[test]
fn the_records_of_a_call_that_are_committed_together_take_a_row_of_each_kind() {
    use crate::acd::why::{NotOffered, Rule};
    use crate::store::{AgentRecord, Decided, DecisionRecord};

    let folder = Folder::new("few-rows");
    let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
    let of_call = |number: i32| {
        let change = |at: u64, state| AgentRecord {
            at: Tick(at),
            agent: AgentId::new("7001").unwrap(),
            station: DeviceId::new("1001").unwrap(),
            state,
            reason: 0,
        };
        let decision = |decided| DecisionRecord {
            at: Tick(number as u64),
            call: CallId(number),
            queue: DeviceId::new("5000").unwrap(),
            decided,
            rule: Rule::Wanted,
            chosen: [AgentId::new("7001").unwrap()].into_iter().collect(),
            not_offered: [0; NotOffered::COUNT],
            head: Default::default(),
        };
        [
            Record::Decision(Box::new(decision(Decided::Waits))),
            Record::Agent(Box::new(change(1, AgentState::Ready))),
            Record::Decision(Box::new(decision(Decided::Offered))),
            Record::Agent(Box::new(change(2, AgentState::NotReady))),
            call(number),
        ]
    };
    keep(&mut store, of_call(2).into_iter().chain(of_call(1)));
    let count = |table: &str| -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        store.connection.query_row(&count, [], |row| row.get(0)).unwrap()
    };
    let tables = ["call", "decision_block", "decision", "agent_state_block", "agent_state"];
    assert_eq!(tables.map(count), [2, 2, 4, 1, 4]);
    let decided = |call| store.decisions(call).unwrap().into_iter().map(|row| row.decided).collect::<Vec<_>>();
    assert_eq!([1, 2].map(decided), [["waits", "offered"], ["waits", "offered"]]);
    assert_eq!(store.last_agent_states(0).unwrap()[0].state, "not-ready");
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
