//! The store on SQLite: write-ahead log, full synchronisation, one transaction a group. The only database code.
//!
//! | file | holds |
//! |---|---|
//! | `schema`, `upkeep` | migrations; check of the database, records set aside |
//! | `calls`, `open_calls`, `legs`, `events` | records of calls, of those in progress, of legs; the log of events |
//! | `agent_states` | changes of the agents' states |
//! | `recordings`, `marks`, `retention` | recordings, their marks, their checksums and removal |
//! | `recording_audit`, `supervision_audit` | audit records |
//! | `quality` | scores of conversations |
//! | `customers`, `notices`, `number_plans` | customers, notices, and the numbering plan of stored numbers |
//! | `messages`, `work_orders`, `call_backs` | work: messages of callers, orders, call-backs |
//! | `shifts` | who leads a shift |
//! | `change_log`, `changed_rows` | the log of changed rows, for a replica; the rows themselves, and their sums |
//! | `columns` | values of columns that stand for names |
//! | `last_request` | the last request kept for a run of the core |

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, Transaction};
use tipring_driver::line::Number;
use tipring_driver::time::Tick;

use super::{GROUP_MAX, PENDING_MAX, Record, Store, StoreError, StoreId, StoreReply, StoreRequest};
use crate::csta::CallId;
use crate::notice::Notice;
use crate::number_plan::NumberPlan;

mod agent_states;
mod call_backs;
mod calls;
mod change_log;
mod changed_rows;
mod columns;
mod customers;
mod events;
mod last_request;
mod legs;
mod marks;
mod messages;
mod notices;
mod number_plans;
mod open_calls;
mod quality;
mod recording_audit;
mod recordings;
mod retention;
mod schema;
mod shifts;
mod supervision_audit;
#[cfg(test)]
mod tests;
mod upkeep;
mod work_orders;

pub use agent_states::AgentRow;
pub use call_backs::{CallBackAttemptRow, CallBackRow};
pub use calls::{CallFacts, CallRow};
pub use change_log::{ChangeLog, forget_change_log};
pub use changed_rows::{Changed, Filled};
pub use customers::{CustomerChangeRow, CustomerError, CustomersImport, Imported};
pub use events::DecisionRow;
pub use legs::{AgentLeg, Course, LegRow};
pub use marks::MarkRow;
pub use messages::{MessageError, MessageRow, OpenMessages};
pub use notices::NoticeError;
pub use quality::{STEPS, ScoreRow, ScoreStep};
pub use recording_audit::{RecordingAudit, RecordingAuditRow};
pub use recordings::{FoundRecording, RecordingQuery, RecordingRow};
pub use retention::{Aged, HoldRow};
pub use shifts::NamingError;
pub use supervision_audit::SupervisionRow;
use upkeep::WallClock;
pub use work_orders::{Accepted, OrderChange, OrderError, OrderQuery};

/// Wait for another program that writes to the database: longer than one row takes, shorter than a look-up may.
const BUSY_WAIT: std::time::Duration = std::time::Duration::from_millis(50);

/// Prepared statements that a connection keeps: more than there are texts of reads, or of records and look-ups.
const STATEMENTS_KEPT: usize = 64;

/// Pages of the database that the writer keeps, in KiB: those at which the indices of a busy day grow.
const CACHE_KIB: i64 = 16_384;

/// A database of calls, recordings, agents' states and customers.
pub struct SqliteStore {
    connection: Connection,
    clock: WallClock,
    /// Requests to keep records, oldest first, and the count of their records.
    pending: VecDeque<(StoreId, Vec<Record>)>,
    waiting: usize,
    replies: VecDeque<StoreReply>,
    /// Numbers to be looked up: together, before the next commit or answer.
    look_ups: Vec<(StoreId, Number)>,
    /// The last change of the call-back lists that was handed on.
    orders_read: i64,
    /// The notices that were handed on last.
    notices_read: Vec<Notice>,
    /// The calls that have an open row.
    open: BTreeSet<CallId>,
    /// The run of the core whose requests these are, if it may come back.
    run: Option<u64>,
    /// The numbering plan by which numbers are compared.
    numbers: NumberPlan,
}

impl SqliteStore {
    /// Opens the database, making or migrating it as needed. `epoch_ms` is what tick 0 means, in milliseconds since
    /// 1970.
    ///
    /// # Errors
    /// The file cannot be opened or written, was made by a newer version, or is no database of a site.
    pub fn open(path: &Path, epoch_ms: i64) -> Result<SqliteStore, StoreError> {
        let named = |error: StoreError| StoreError { why: format!("{}: {}", path.display(), error.why), ..error };
        let fail = |operation| move |error: rusqlite::Error| named(store_error(operation, &error));
        let mut connection = Connection::open(path).and_then(with_settled_plans).map_err(|error| StoreError {
            operation: "opening the database",
            why: format!("{}: {error}", path.display()),
            may_pass: false,
        })?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(fail("switching to the write-ahead log"))?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(fail("asking for full synchronisation"))?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB).map_err(fail("setting the size of the cache"))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // Retrying is the caller's affair, between groups; a longer wait here would hold back look-ups.
        connection.busy_timeout(BUSY_WAIT).map_err(fail("setting the busy time-out"))?;
        schema::migrate(&mut connection).map_err(named)?;
        let numbers = number_plans::read(&connection).map_err(fail("reading the numbering plan"))?;
        let open = open_calls::in_progress(&connection).map_err(fail("reading the open calls"))?;
        Ok(SqliteStore {
            connection,
            numbers,
            clock: WallClock::new(epoch_ms),
            pending: VecDeque::new(),
            waiting: 0,
            replies: VecDeque::new(),
            look_ups: Vec::new(),
            orders_read: 0,
            notices_read: Vec::new(),
            open,
            run: None,
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
        let connection = Connection::open_with_flags(path, flags).and_then(with_settled_plans).map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(fail)?;
        let version = schema_version(&connection).map_err(fail)?;
        if version != schema::MIGRATIONS.len() as i64 {
            return Err(StoreError {
                operation: "opening the database",
                why: format!(
                    "{}: it has schema {version}, this program reads {}; `tipring serve` of this version brings an older \
                     one up to date",
                    path.display(),
                    schema::MIGRATIONS.len()
                ),
                may_pass: false,
            });
        }
        let numbers = number_plans::read(&connection).map_err(fail)?;
        let open = open_calls::in_progress(&connection).map_err(fail)?;
        Ok(SqliteStore {
            connection,
            numbers,
            clock: WallClock::new(0),
            pending: VecDeque::new(),
            waiting: 0,
            replies: VecDeque::new(),
            look_ups: Vec::new(),
            orders_read: 0,
            notices_read: Vec::new(),
            open,
            run: None,
        })
    }
}

/// A statement is prepared once, not again for each value of a limit.
fn with_settled_plans(connection: Connection) -> rusqlite::Result<Connection> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

impl SqliteStore {
    /// Reads what belongs together as it stands at one moment.
    fn reading<T>(&self, read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let take = |step| self.connection.prepare_cached(step).and_then(|mut step| step.execute([]).map(drop));
        let fail = |error: rusqlite::Error| store_error("reading the database", &error);
        take("BEGIN").map_err(fail)?;
        let result = read();
        take("COMMIT").map_err(fail)?;
        result
    }

    /// Reads anew what a store that was opened to be read knows of its database: the numbering plan. To be called
    /// before each use of one that is kept. Returns false if the database has another schema now.
    ///
    /// # Errors
    /// The database cannot be read any more.
    pub fn refresh(&mut self) -> Result<bool, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the database", &error);
        if schema_version(&self.connection).map_err(fail)? != schema::MIGRATIONS.len() as i64 {
            return Ok(false);
        }
        self.numbers = number_plans::read(&self.connection).map_err(fail)?;
        Ok(true)
    }
}

/// The next group of records to be committed.
struct Group {
    requests: usize,
    records: usize,
    /// The highest number of the requests.
    up_to: StoreId,
}

impl SqliteStore {
    /// The requests that are committed next; none if none waits.
    fn next_group(&self) -> Option<Group> {
        let (first, records) = self.pending.front()?;
        let mut group = Group { requests: 1, records: records.len(), up_to: *first };
        for (id, records) in self.pending.iter().skip(1) {
            if group.records + records.len() > GROUP_MAX {
                break;
            }
            group.requests += 1;
            group.records += records.len();
            group.up_to = group.up_to.max(*id);
        }
        Some(group)
    }
}

impl Store for SqliteStore {
    fn submit(&mut self, request: StoreRequest) {
        match request {
            StoreRequest::Keep { id, records } if self.waiting + records.len() <= PENDING_MAX => {
                self.waiting += records.len();
                self.pending.push_back((id, records));
            }
            StoreRequest::Keep { id, .. } => {
                let why = format!("{} records wait for the database already", self.waiting);
                self.replies.push_back(StoreReply::Failed { id, why });
            }
            StoreRequest::FindCustomer { id, number } => self.look_ups.push((id, number)),
        }
    }

    fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.look_up();
        let Some(Group { requests, records, up_to }) = self.next_group() else { return Ok(()) };
        let fail = |error: rusqlite::Error| store_error("keeping records", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        let group = || self.pending.range(..requests).flat_map(|(_, records)| records);
        let opened = open_calls::keep_group(&transaction, (&self.clock, &self.open), group()).map_err(fail)?;
        if let Some(run) = self.run {
            last_request::set_last(&transaction, run, up_to).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        for record in group() {
            if let Record::Call(call) = record {
                self.open.remove(&call.call);
            }
        }
        self.open.extend(opened);
        let has_message = group().any(|record| matches!(record, Record::Message(_)));
        let orders_done = group().filter_map(|record| match record {
            Record::CallBackOrdersDone(last) => Some(*last),
            _ => None,
        });
        if orders_done.max().is_some_and(|last| self.orders_read <= last) {
            // All rows that were read are gone: the database numbers new ones from the beginning.
            self.orders_read = 0;
        }
        self.pending.drain(..requests);
        self.waiting -= records;
        self.replies.push_back(StoreReply::Kept { up_to });
        if has_message {
            // Without an answer now the next one has the counts.
            let _ = self.ask_new_messages();
        }
        Ok(())
    }

    fn poll_reply(&mut self) -> Option<StoreReply> {
        self.look_up();
        self.replies.pop_front()
    }
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))
}

fn store_error(operation: &'static str, error: &rusqlite::Error) -> StoreError {
    let may_pass = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull | ErrorCode::SystemIoFailure)
    );
    StoreError { operation, why: error.to_string(), may_pass }
}

/// Several records as the text of one column.
fn json(records: &(impl serde::Serialize + ?Sized)) -> rusqlite::Result<String> {
    serde_json::to_string(records).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// The rows of a group of records that stand each by itself: statements of the frequent ones are prepared once.
struct Rows<'t> {
    transaction: &'t Transaction<'t>,
    clock: &'t WallClock,
    open: &'t BTreeSet<CallId>,
    call: CachedStatement<'t>,
    open_call: CachedStatement<'t>,
    forget: CachedStatement<'t>,
}

impl<'t> Rows<'t> {
    fn new(
        transaction: &'t Transaction<'t>,
        clock: &'t WallClock,
        open: &'t BTreeSet<CallId>,
    ) -> rusqlite::Result<Rows<'t>> {
        Ok(Rows {
            transaction,
            clock,
            open,
            call: transaction.prepare_cached(open_calls::CALL)?,
            open_call: transaction.prepare_cached(open_calls::OPEN_CALL)?,
            forget: transaction.prepare_cached(open_calls::FORGET)?,
        })
    }

    fn keep(&mut self, record: &Record) -> rusqlite::Result<()> {
        let Rows { transaction, clock, .. } = *self;
        let at = |tick: Tick| clock.at(tick);
        match record {
            Record::Open(call, legs) => {
                let legs = legs::row_of(&at, legs.iter())?;
                calls::keep(&mut self.open_call, &at, call, Some(&legs))
            }
            Record::Call(call) => {
                calls::keep(&mut self.call, &at, call, None)?;
                messages::keep_called(transaction, &at, call)?;
                if self.open.contains(&call.call) { self.forget.execute([call.call.0]).map(drop) } else { Ok(()) }
            }
            Record::Leg(leg) => legs::keep(transaction, &at, vec![&**leg]),
            Record::Recording(record) => recordings::keep(transaction, at(record.began), record),
            Record::Mark(mark) => marks::keep(transaction, at(mark.at), mark),
            Record::MarkEnd(end) => marks::keep_end(transaction, at(end.at), end),
            Record::Agent(change) => agent_states::keep(transaction, &at, &[&**change]),
            Record::Event(entry) => events::keep(transaction, &[&**entry]),
            Record::Decision(decision) => events::keep_decisions(transaction, &at, vec![&**decision]),
            Record::Message(record) => messages::keep(transaction, at(record.at), record),
            Record::Supervision(record) => supervision_audit::keep(transaction, at(record.at), record),
            Record::CallBack(record) => call_backs::keep(transaction, record),
            Record::CallBackAttempt(attempt) => call_backs::keep_attempt(transaction, attempt),
            Record::CallBackOrdersDone(last) => {
                transaction.execute("DELETE FROM call_back_order WHERE id <= ?1", [last]).map(drop)
            }
        }
    }
}
