//! The store on SQLite: write-ahead log, full synchronisation, one transaction a group. The only database code.

use std::collections::VecDeque;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, params};
use tipring_driver::time::Tick;

use super::{
    AgentRecord, CallRecord, Customer, Direction, GROUP_MAX, PENDING_MAX, Record, ReleasedBy, Store, StoreError,
    StoreId, StoreReply, StoreRequest,
};
use crate::csta::event::Machine;
use crate::csta::{AgentState, CallId};

mod call_backs;
mod events;
mod legs;
mod messages;
mod open_calls;
mod quality;
mod recordings;
mod supervision;
mod upkeep;

pub use call_backs::{CallBackRow, CallBackTryRow};
pub use events::DecisionRow;
pub use legs::{Course, LegRow};
pub use messages::MessageRow;
pub use quality::{STEPS, ScoreRow, ScoreStep};
pub use recordings::{Aged, FoundRecording, HoldRow, RecordingAudit, RecordingAuditRow, RecordingQuery, RecordingRow};
pub use supervision::SupervisionRow;
pub use upkeep::AgentRow;
use upkeep::WallClock;

/// Wait for another program that writes to the database: longer than one row takes, shorter than a look-up may.
const BUSY_WAIT: std::time::Duration = std::time::Duration::from_millis(50);

/// The migrations in order; the database's `user_version` counts those it has had.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001-calls.sql"),
    include_str!("migrations/0002-machine.sql"),
    include_str!("migrations/0003-event.sql"),
    include_str!("migrations/0004-supervision.sql"),
    include_str!("migrations/0005-decision.sql"),
    include_str!("migrations/0006-open-call.sql"),
    include_str!("migrations/0007-recording-audit.sql"),
    include_str!("migrations/0008-call-back.sql"),
    include_str!("migrations/0009-message.sql"),
    include_str!("migrations/0010-recording-proof.sql"),
    include_str!("migrations/0011-quality.sql"),
    include_str!("migrations/0012-leg.sql"),
    include_str!("migrations/0013-reason.sql"),
    include_str!("migrations/0014-event-mode.sql"),
];

/// A call as its row stands: see the files in `migrations/` for what the columns mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct CallRow {
    pub call_id: i32,
    pub direction: String,
    pub trunk: Option<String>,
    pub caller: String,
    pub called: String,
    pub queue: Option<String>,
    pub agent: Option<String>,
    pub station: Option<String>,
    pub keyed: String,
    pub offered_ms: i64,
    pub answered_ms: Option<i64>,
    pub queued_ms: Option<i64>,
    pub alerting_ms: Option<i64>,
    pub established_ms: Option<i64>,
    pub ended_ms: i64,
    pub outcome: String,
    pub released_by: String,
    pub recording: Option<i64>,
    pub machine: Option<String>,
    pub ucid: Option<String>,
    pub kin: Option<String>,
    pub cause: Option<i32>,
}

/// The columns of a [`CallRow`], of the table `call` as `c`.
const CALL_COLUMNS: &str = "c.call_id, c.direction, c.trunk, c.caller, c.called, c.queue, c.agent, c.station, c.keyed, c.offered_ms, \
    c.answered_ms, c.queued_ms, c.alerting_ms, c.established_ms, c.ended_ms, c.outcome, c.released_by, c.recording, c.machine, \
    c.ucid, c.kin, c.cause";

/// The call whose [`CALL_COLUMNS`] begin at column `at`.
fn call_row(row: &Row<'_>, at: usize) -> rusqlite::Result<CallRow> {
    Ok(CallRow {
        call_id: row.get(at)?,
        direction: row.get(at + 1)?,
        trunk: row.get(at + 2)?,
        caller: row.get(at + 3)?,
        called: row.get(at + 4)?,
        queue: row.get(at + 5)?,
        agent: row.get(at + 6)?,
        station: row.get(at + 7)?,
        keyed: row.get(at + 8)?,
        offered_ms: row.get(at + 9)?,
        answered_ms: row.get(at + 10)?,
        queued_ms: row.get(at + 11)?,
        alerting_ms: row.get(at + 12)?,
        established_ms: row.get(at + 13)?,
        ended_ms: row.get(at + 14)?,
        outcome: row.get(at + 15)?,
        released_by: row.get(at + 16)?,
        recording: row.get(at + 17)?,
        machine: row.get(at + 18)?,
        ucid: row.get(at + 19)?,
        kin: row.get(at + 20)?,
        cause: row.get(at + 21)?,
    })
}

/// A database of calls, recordings, agents' states and customers.
pub struct SqliteStore {
    connection: Connection,
    clock: WallClock,
    pending: VecDeque<(StoreId, Record)>,
    replies: VecDeque<StoreReply>,
    /// The last change of the call-back lists that was handed on.
    orders_read: i64,
}

impl SqliteStore {
    /// Opens the database, making or migrating it as needed. `epoch_ms` is what tick 0 means, in milliseconds since
    /// 1970.
    pub fn open(path: &Path, epoch_ms: i64) -> Result<SqliteStore, StoreError> {
        let named = |error: StoreError| StoreError { why: format!("{}: {}", path.display(), error.why), ..error };
        let fail = |operation| move |error: rusqlite::Error| named(store_error(operation, &error));
        let mut connection = Connection::open(path).map_err(|error| StoreError {
            operation: "opening the database",
            why: format!("{}: {error}", path.display()),
            may_pass: false,
        })?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(fail("switching to the write-ahead log"))?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(fail("asking for full synchronisation"))?;
        // Retrying is the caller's affair, between groups; a longer wait here would hold back look-ups.
        connection.busy_timeout(BUSY_WAIT).map_err(fail("setting the busy time-out"))?;
        migrate(&mut connection).map_err(named)?;
        Ok(SqliteStore {
            connection,
            clock: WallClock::new(epoch_ms),
            pending: VecDeque::new(),
            replies: VecDeque::new(),
            orders_read: 0,
        })
    }

    /// Opens a database to be read, beside a program that writes to it.
    ///
    /// # Errors
    /// There is none, or it was written by another version of this program.
    pub fn open_to_read(path: &Path) -> Result<SqliteStore, StoreError> {
        SqliteStore::open_there(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens a database that is there to be read and for short writes, beside a program that writes to it.
    ///
    /// # Errors
    /// There is none, it was written by another version of this program, or it cannot be written.
    pub fn open_beside(path: &Path) -> Result<SqliteStore, StoreError> {
        let store = SqliteStore::open_there(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let fail = |error: rusqlite::Error| store_error("asking for full synchronisation", &error);
        store.connection.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        Ok(store)
    }

    fn open_there(path: &Path, flags: OpenFlags) -> Result<SqliteStore, StoreError> {
        let fail = |error: rusqlite::Error| StoreError {
            operation: "opening the database",
            why: format!("{}: {error}", path.display()),
            may_pass: false,
        };
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(fail)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fail)?;
        if version != MIGRATIONS.len() as i64 {
            return Err(StoreError {
                operation: "opening the database",
                why: format!(
                    "{}: it has schema {version}, this program reads {}; `tipring serve` of this version brings an older \
                     one up to date",
                    path.display(),
                    MIGRATIONS.len()
                ),
                may_pass: false,
            });
        }
        let clock = WallClock::new(0);
        Ok(SqliteStore { connection, clock, pending: VecDeque::new(), replies: VecDeque::new(), orders_read: 0 })
    }

    /// Puts customers in, replacing those with the same number.
    pub fn import_customers(&mut self, customers: impl IntoIterator<Item = Customer>) -> Result<usize, StoreError> {
        let fail = |error: rusqlite::Error| store_error("importing customers", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        let mut count = 0;
        {
            let mut insert = transaction
                .prepare("INSERT OR REPLACE INTO customer (number, name, account) VALUES (?1, ?2, ?3)")
                .map_err(fail)?;
            for customer in customers {
                insert.execute(params![customer.number, customer.name, customer.account]).map_err(fail)?;
                count += 1;
            }
        }
        transaction.commit().map_err(fail)?;
        Ok(count)
    }

    /// All calls, oldest first, as their rows stand.
    pub fn calls(&self) -> Result<Vec<CallRow>, StoreError> {
        let mut calls = Vec::new();
        self.each_call(0, u64::MAX, |call| calls.push(call.clone()))?;
        Ok(calls)
    }

    /// Gives the calls that began from `from` up to, not including, `to` (milliseconds since 1970), oldest first.
    ///
    /// # Errors
    /// The database cannot be read; calls before have been given.
    pub fn each_call(&self, from: u64, to: u64, mut f: impl FnMut(&CallRow)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading calls", &error);
        let mut select = self
            .connection
            .prepare(
                &format!("SELECT {CALL_COLUMNS} FROM call AS c WHERE offered_ms >= ?1 AND offered_ms < ?2 ORDER BY offered_ms, id"),
            )
            .map_err(fail)?;
        let bound = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let rows = select.query_map([bound(from), bound(to)], |row| call_row(row, 0));
        for row in rows.map_err(fail)? {
            f(&row.map_err(fail)?);
        }
        Ok(())
    }

    /// The highest call identifier that was kept, with a call or with a recording; 0 if there is none. Identifiers go
    /// on from it after a restart.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn last_call(&self) -> Result<CallId, StoreError> {
        let select = "SELECT COALESCE(MAX(call_id), 0) FROM (SELECT call_id FROM call UNION ALL SELECT call_id FROM open_call \
             UNION ALL SELECT call_id FROM recording)";
        let last = self.connection.query_row(select, [], |row| row.get(0));
        last.map(CallId).map_err(|error| store_error("reading the last call", &error))
    }

    /// Returns the customer with a number.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_of(&self, number: &str) -> Result<Option<Customer>, StoreError> {
        self.customer(number).map_err(|error| store_error("reading a customer", &error))
    }

    fn customer(&self, number: &str) -> rusqlite::Result<Option<Customer>> {
        self.connection
            .prepare_cached("SELECT number, name, account FROM customer WHERE number = ?1")?
            .query_row([number], |row| Ok(Customer { number: row.get(0)?, name: row.get(1)?, account: row.get(2)? }))
            .optional()
    }
}

impl Store for SqliteStore {
    fn submit(&mut self, request: StoreRequest) {
        match request {
            StoreRequest::Keep { id, record } if self.pending.len() < PENDING_MAX => {
                self.pending.push_back((id, record));
            }
            StoreRequest::Keep { id, .. } => {
                let why = format!("{PENDING_MAX} records wait for the database already");
                self.replies.push_back(StoreReply::Failed { id, why });
            }
            StoreRequest::FindCustomer { id, number } => {
                self.replies.push_back(match self.customer(&number) {
                    Ok(customer) => StoreReply::Customer { id, customer },
                    Err(error) => StoreReply::Failed { id, why: format!("Looking up {number} failed: {error}") },
                });
            }
        }
    }

    fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let group = self.pending.len().min(GROUP_MAX);
        if group == 0 {
            return Ok(());
        }
        let fail = |error: rusqlite::Error| store_error("keeping records", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        open_calls::keep_group(&transaction, &self.clock, self.pending.range(..group)).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        let has_message = self.pending.range(..group).any(|(_, record)| matches!(record, Record::Message(_)));
        for (_, record) in self.pending.range(..group) {
            if let Record::CallBackOrdersDone(last) = record
                && self.orders_read <= *last
            {
                // All rows that were read are gone: the database numbers new ones from the beginning.
                self.orders_read = 0;
            }
        }
        self.replies.extend(self.pending.drain(..group).map(|(id, _)| StoreReply::Kept { id }));
        if has_message {
            // Without an answer now the next one has the counts.
            let _ = self.ask_new_messages();
        }
        Ok(())
    }

    fn poll_reply(&mut self) -> Option<StoreReply> {
        self.replies.pop_front()
    }
}

fn store_error(operation: &'static str, error: &rusqlite::Error) -> StoreError {
    let may_pass = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull | ErrorCode::SystemIoFailure)
    );
    StoreError { operation, why: error.to_string(), may_pass }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let fail = |error: rusqlite::Error| store_error("bringing the database up to date", &error);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fail)?;
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(StoreError {
            operation: "bringing the database up to date",
            why: format!("it was written by a newer version of this program (schema {version})"),
            may_pass: false,
        });
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        let transaction = connection.transaction().map_err(fail)?;
        transaction.execute_batch(migration).map_err(fail)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1).map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    Ok(())
}

fn keep(transaction: &Transaction<'_>, clock: &WallClock, record: &Record) -> rusqlite::Result<()> {
    let at = |tick: Tick| clock.at(tick);
    match record {
        Record::Open(call) => keep_call(transaction, &at, call, "INSERT OR REPLACE INTO open_call"),
        Record::Call(call) => {
            keep_call(transaction, &at, call, "INSERT INTO call")?;
            transaction.prepare_cached("DELETE FROM open_call WHERE call_id = ?1")?.execute([call.call.0]).map(drop)
        }
        Record::Leg(leg) => legs::keep(transaction, &at, leg),
        Record::Recording(record) => recordings::keep(transaction, at(record.began), record),
        Record::Agent(AgentRecord { at: when, agent, station, state, reason }) => transaction
            .prepare_cached(
                "INSERT INTO agent_state (at_ms, agent, station, state, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![at(*when), agent.as_str(), station.as_str(), agent_state_name(*state), reason])
            .map(drop),
        Record::Event(entry) => events::keep(transaction, entry),
        Record::Decision(decision) => events::keep_decision(transaction, at(decision.at), decision),
        Record::Message(record) => messages::keep(transaction, at(record.at), record),
        Record::Supervision(record) => supervision::keep(transaction, at(record.at), record),
        Record::CallBack(record) => call_backs::keep(transaction, record),
        Record::CallBackTry(attempt) => call_backs::keep_try(transaction, attempt),
        Record::CallBackOrdersDone(last) => {
            transaction.execute("DELETE FROM call_back_order WHERE id <= ?1", [last]).map(drop)
        }
    }
}

/// Writes a call's row; `insert` names the table.
fn keep_call(
    transaction: &Transaction<'_>,
    at: &dyn Fn(Tick) -> i64,
    call: &CallRecord,
    insert: &str,
) -> rusqlite::Result<()> {
    let wait = call.queued.map_or(0, |queued| call.established.unwrap_or(call.ended).since(queued).as_ms());
    let talk = call.established.map_or(0, |established| call.ended.since(established).as_ms());
    transaction
        .prepare_cached(&format!(
            "{insert} ({}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
             ?23, ?24)",
            open_calls::COLUMNS
        ))?
        .execute(params![
            call.call.0,
            direction_name(call.direction),
            call.trunk.as_ref().map(|trunk| trunk.as_str()),
            call.caller.as_str(),
            call.called.as_str(),
            call.queue.as_ref().map(|queue| queue.as_str()),
            call.agent.as_ref().map(|agent| agent.as_str()),
            call.station.as_ref().map(|station| station.as_str()),
            call.keyed.as_str(),
            at(call.offered),
            call.answered.map(at),
            call.queued.map(at),
            call.alerting.map(at),
            call.established.map(at),
            at(call.ended),
            wait as i64,
            talk as i64,
            call.outcome.name(),
            released_by_name(call.released_by),
            call.recording.map(|recording| recording.0 as i64),
            call.machine.map(Machine::name),
            call.ucid.as_str(),
            call.kin.as_ref().map(|kin| kin.as_str()),
            legs::cause_column(call.cause),
        ])
        .map(drop)
}

/// The column `call.direction`.
fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
        Direction::Internal => "internal",
    }
}

/// The column `call.released_by`.
fn released_by_name(released_by: ReleasedBy) -> &'static str {
    match released_by {
        ReleasedBy::Caller => "caller",
        ReleasedBy::Called => "called",
        ReleasedBy::Client => "client",
        ReleasedBy::System => "system",
    }
}

/// The column `agent_state.state`.
fn agent_state_name(state: AgentState) -> &'static str {
    match state {
        AgentState::NotInitialized => "unknown",
        AgentState::NotReady => "not-ready",
        AgentState::Null => "logged-off",
        AgentState::Ready => "ready",
        AgentState::WorkNotReady => "work-not-ready",
        AgentState::WorkReady => "work-ready",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::csta::cause::EventCause;
    use crate::csta::{AgentId, DeviceId, Ucid};
    use crate::store::{Outcome, RecordingEnd, RecordingRecord};
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

    #[test]
    fn a_record_is_acknowledged_only_when_it_is_committed() {
        let folder = Folder::new("acknowledged");
        let mut store = SqliteStore::open(&folder.database(), 1_000_000).unwrap();
        store.submit(StoreRequest::Keep { id: StoreId(1), record: call(1) });
        assert_eq!(store.poll_reply(), None);
        store.commit().unwrap();
        assert_eq!(store.poll_reply(), Some(StoreReply::Kept { id: StoreId(1) }));
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
            store.submit(StoreRequest::Keep { id: StoreId(id), record: call(number) });
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
        store.submit(StoreRequest::Keep { id: StoreId(3), record: Record::Recording(recording) });
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
        store.submit(StoreRequest::Keep { id: StoreId(7), record: call(7) });
        let error = store.commit().unwrap_err();
        assert!(error.may_pass, "{error}");
        assert!(error.to_string().contains("locked"), "{error}");
        assert!(store.is_pending());
        assert_eq!(store.poll_reply(), None);
        other.execute_batch("COMMIT").unwrap();
        store.commit().unwrap();
        assert_eq!(store.poll_reply(), Some(StoreReply::Kept { id: StoreId(7) }));
    }

    #[test]
    fn a_customer_is_found_by_number_and_a_stranger_is_not() {
        let folder = Folder::new("customers");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let customer = Customer { number: "13800138000".into(), name: "王芳".into(), account: "SG-100234".into() };
        assert_eq!(store.import_customers([customer.clone()]).unwrap(), 1);
        store.submit(StoreRequest::FindCustomer { id: StoreId(1), number: Number::from("13800138000").unwrap() });
        store.submit(StoreRequest::FindCustomer { id: StoreId(2), number: Number::from("110").unwrap() });
        assert_eq!(store.poll_reply(), Some(StoreReply::Customer { id: StoreId(1), customer: Some(customer) }));
        assert_eq!(store.poll_reply(), Some(StoreReply::Customer { id: StoreId(2), customer: None }));
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
        store.submit(StoreRequest::Keep { id: StoreId(1), record: Record::Call(machine) });
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
}
