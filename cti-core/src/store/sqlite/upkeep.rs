//! Upkeep of a database: its check, and records set aside when it takes none.
//!
//! Never: touches the tables in another way than records do.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};
use tipring_driver::time::Tick;

use super::{SqliteStore, messages, open_calls, store_error};
use crate::store::{Store, StoreError, StoreReply};

/// The wall clock over the ticks: pairs of a tick and the milliseconds since 1970 at it, oldest first.
#[derive(Debug, Clone)]
pub(super) struct WallClock {
    pairs: Vec<(Tick, i64)>,
}

/// Pairs that are remembered: with one a minute, a day's.
const PAIRS_MAX: usize = 1440;

impl WallClock {
    /// A clock that shows `epoch_ms` at tick 0.
    pub(super) fn new(epoch_ms: i64) -> WallClock {
        WallClock { pairs: vec![(Tick::ZERO, epoch_ms)] }
    }

    /// Begins anew: moments before the tick are by this pair as well.
    fn begin(&mut self, tick: Tick, unix_ms: i64) {
        self.pairs.clear();
        self.pairs.push((tick, unix_ms));
    }

    /// The milliseconds since 1970 at a tick: by the last pair at or before it, else by the first.
    pub(super) fn at(&self, tick: Tick) -> i64 {
        let after = self.pairs.partition_point(|(at, _)| *at <= tick);
        let (at, unix_ms) = self.pairs[after.saturating_sub(1)];
        unix_ms + tick.0 as i64 - at.0 as i64
    }

    fn set(&mut self, tick: Tick, unix_ms: i64) {
        while self.pairs.last().is_some_and(|(at, _)| *at >= tick) && self.pairs.len() > 1 {
            self.pairs.pop();
        }
        if self.pairs.len() >= PAIRS_MAX {
            self.pairs.remove(0);
        }
        self.pairs.push((tick, unix_ms));
    }
}

impl SqliteStore {
    /// Checks the database's structure (`PRAGMA quick_check`).
    ///
    /// # Errors
    /// It is damaged: the first damage found.
    pub fn check(&self) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("checking the database", &error);
        let found: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fail)?;
        if found == "ok" {
            return Ok(());
        }
        Err(StoreError { operation: "checking the database", why: found, may_pass: false })
    }

    /// Begins with a core whose ticks have run before: `tick` is now, at `unix_ms`. Records of moments before it are
    /// stamped by it as well.
    pub fn begin_wall_clock(&mut self, tick: Tick, unix_ms: i64) {
        self.clock.begin(tick, unix_ms);
    }

    /// Follows the wall clock: records from `tick` on are stamped by it.
    pub fn set_wall_clock(&mut self, tick: Tick, unix_ms: i64) {
        self.clock.set(tick, unix_ms);
    }

    /// Count of records that wait for a commit.
    pub fn pending(&self) -> usize {
        self.waiting
    }

    /// Moves the waiting records into a database of their own at `path`, committed, and acknowledges them. Returns
    /// their count.
    ///
    /// # Errors
    /// That database cannot be written; the records wait on.
    pub fn set_aside(&mut self, path: &Path) -> Result<usize, StoreError> {
        let mut aside = SqliteStore::open(path, 0)?;
        (aside.clock, aside.run) = (self.clock.clone(), self.run);
        (aside.pending, aside.waiting) = (self.pending.clone(), self.waiting);
        while aside.is_pending() {
            aside.commit()?;
        }
        // One file without companions, to be carried away.
        aside
            .connection
            .pragma_update(None, "journal_mode", "DELETE")
            .map_err(|error| store_error("closing the records set aside", &error))?;
        self.replies.extend(self.pending.drain(..).map(|(id, _)| id).max().map(|up_to| StoreReply::Kept { up_to }));
        Ok(std::mem::take(&mut self.waiting))
    }

    /// Reads records in that were set aside at `path`, with what they say of the last request kept for this run. Calls
    /// that stood are open again: [`close_open_calls`](SqliteStore::close_open_calls) ends those that do not go on.
    /// Returns the count of calls; 0 for a file that was read in before.
    ///
    /// # Errors
    /// The file is not such a database, or this one takes no records; nothing was read in.
    pub fn read_in(&mut self, path: &Path) -> Result<usize, StoreError> {
        // Opening brings it up to the schema of this database.
        drop(SqliteStore::open(path, 0)?);
        let fail = |error: rusqlite::Error| store_error("reading in records set aside", &error);
        self.connection.execute("ATTACH ?1 AS aside", [path.to_string_lossy()]).map_err(fail)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let read = copy_rows(&mut self.connection, &name, self.run).map_err(fail);
        self.connection.execute("DETACH aside", []).map_err(fail)?;
        self.open = open_calls::in_progress(&self.connection).map_err(fail)?;
        read
    }
}

/// The calls that stood when they were set aside, and of which the database has nothing newer.
const STOOD: &str = "(SELECT call_id FROM aside.open_call AS stood WHERE call_id NOT IN (SELECT call_id FROM main.call) \
    AND NOT EXISTS (SELECT 1 FROM main.open_call AS newer WHERE newer.call_id = stood.call_id \
    AND newer.ended_ms > stood.ended_ms))";

/// Copies the rows of the tables of records from `aside`; numbers that only count rows are given anew.
fn copy_rows(connection: &mut Connection, file: &str, run: Option<u64>) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    // A program that is killed before it has removed the file finds it again.
    if transaction.execute("INSERT OR IGNORE INTO main.read_in (file) VALUES (?1)", [file])? == 0 {
        return Ok(0);
    }
    // What was set aside goes on from where a call was when the database took it last: open, or closed since.
    transaction.execute_batch(
        "DELETE FROM main.open_call WHERE call_id IN (SELECT call_id FROM aside.call); \
         DELETE FROM main.leg_block WHERE interrupted = 1 AND call_id IN \
         (SELECT call_id FROM aside.call UNION SELECT call_id FROM aside.open_call); \
         DELETE FROM main.call WHERE outcome = 'interrupted' AND call_id IN \
         (SELECT call_id FROM aside.call UNION SELECT call_id FROM aside.open_call);",
    )?;
    let calls = copy(&transaction, "call", false, "")?;
    for (table, key) in [
        ("leg_block", false),
        ("recording", true),
        ("recording_mark", true),
        ("agent_state_block", false),
        ("event_block", true),
        ("decision_block", false),
        ("supervision", false),
        ("call_back", true),
        ("call_back_try", false),
        ("message", true),
        ("message_step", false),
    ] {
        copy(&transaction, table, key, "")?;
    }
    messages::read_in_called(&transaction)?;
    let stood = format!("WHERE call_id IN {STOOD}");
    let open = copy(&transaction, "open_call", true, &stood)?;
    if let Some(run) = run {
        transaction.execute(
            "INSERT OR REPLACE INTO main.last_kept (one, run, request) SELECT one, run, request FROM aside.last_kept \
             WHERE run = ?1 AND request > COALESCE((SELECT request FROM main.last_kept WHERE run = ?1), 0)",
            [run as i64],
        )?;
    }
    transaction.commit()?;
    Ok(calls + open)
}

/// Copies rows of a table from `aside`; the column `id` with them if it is the `key`.
fn copy(transaction: &Transaction<'_>, table: &str, key: bool, rows: &str) -> rusqlite::Result<usize> {
    let columns: Vec<String> = transaction
        .prepare("SELECT name FROM pragma_table_info(?1, 'aside') WHERE ?2 OR name <> 'id'")?
        .query_map(params![table, key], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let columns = columns.join(", ");
    let copied = format!("INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM aside.{table} {rows}");
    transaction.execute(&copied, [])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_follow_the_wall_clock_from_each_pair_on() {
        let mut clock = WallClock::new(1_000_000);
        clock.set(Tick(60_000), 1_061_500);
        assert_eq!(clock.at(Tick(59_999)), 1_059_999);
        assert_eq!(clock.at(Tick(60_000)), 1_061_500);
        assert_eq!(clock.at(Tick(60_100)), 1_061_600);
    }

    #[test]
    fn a_day_of_pairs_is_remembered_and_no_more() {
        let mut clock = WallClock::new(0);
        for minute in 1..=2 * PAIRS_MAX as u64 {
            clock.set(Tick(minute * 60_000), minute as i64 * 60_001);
        }
        assert_eq!(clock.pairs.len(), PAIRS_MAX);
        assert_eq!(clock.at(Tick(2 * PAIRS_MAX as u64 * 60_000 + 5)), 2 * PAIRS_MAX as i64 * 60_001 + 5);
    }

    #[test]
    fn moments_before_a_come_back_are_by_the_clock_of_the_run() {
        let mut clock = WallClock::new(1_000_000);
        clock.begin(Tick(60_000), 1_000_000);
        assert_eq!((clock.at(Tick(50_000)), clock.at(Tick(61_000))), (990_000, 1_001_000));
        clock.set(Tick(70_000), 1_010_500);
        assert_eq!((clock.at(Tick(50_000)), clock.at(Tick(70_001))), (990_000, 1_010_501));
    }

    #[test]
    fn records_set_aside_are_acknowledged_and_read_in_later_with_their_times() {
        use crate::csta::{AgentId, AgentState, DeviceId};
        use crate::store::{AgentRecord, Record, RecordingEnd, RecordingRecord, StoreId, StoreRequest};
        use tipring_driver::ids::RecordingId;

        let folder = std::env::temp_dir().join(format!("tipring-aside-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (database, file) = (folder.join("tipring.db"), folder.join("aside.db"));
        let mut store = SqliteStore::open(&database, 1_000_000).unwrap();
        store.set_wall_clock(Tick(100), 2_000_000);
        let agent = Record::Agent(Box::new(AgentRecord {
            at: Tick(150),
            agent: AgentId::new("7001").unwrap(),
            station: DeviceId::new("1001").unwrap(),
            state: AgentState::Ready,
            reason: 0,
        }));
        let recording = Record::Recording(RecordingRecord {
            recording: RecordingId(77),
            call: crate::csta::CallId(1),
            file: "a.wav".into(),
            began: Tick(50),
            samples: 8000,
            end: RecordingEnd::Whole,
        });
        for (id, record) in [(1, agent), (2, recording)] {
            store.submit(StoreRequest::Keep { id: StoreId(id), records: vec![record] });
        }
        assert_eq!(store.set_aside(&file).unwrap(), 2);
        assert_eq!(store.poll_reply(), Some(StoreReply::Kept { up_to: StoreId(2) }));
        assert!(!store.is_pending() && store.recordings().unwrap().is_empty());
        store.read_in(&file).unwrap();
        assert_eq!(store.recordings().unwrap()[0].began_ms, 1_000_050);
        let states = store.last_agent_states(0).unwrap();
        assert_eq!((states[0].at_ms, states[0].state.as_str()), (2_000_050, "ready"));
        store.check().unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn calls_that_stood_when_they_were_set_aside_are_open_again_and_the_last_request_is_known() {
        use super::super::tests::{Folder, call, keep};
        use crate::store::{Outcome, Record, StoreId, StoreRequest};

        let open = |number: i32, at: u64| {
            let Record::Call(mut record) = call(number) else { panic!("a call") };
            (record.outcome, record.ended) = (Outcome::Interrupted, Tick(at));
            Record::Open(record, Vec::new())
        };
        let folder = Folder::new("aside-open");
        let file = folder.database().with_file_name("aside.db");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        store.set_run(9);
        keep(&mut store, [open(1, 100), open(2, 100)]);
        // Set aside: 1 has gone on, 2 has ended, 3 and 4 have begun.
        for (id, record) in (2..).zip([open(1, 200), call(2), open(3, 200), open(4, 200)]) {
            store.submit(StoreRequest::Keep { id: StoreId(id), records: vec![record] });
        }
        assert_eq!(store.set_aside(&file).unwrap(), 4);
        assert_eq!(store.last_kept(9).unwrap(), Some(StoreId(1)));
        // The database takes records again: 3 has ended, 4 has gone on.
        keep(&mut store, [call(3), open(4, 300)]);
        assert_eq!(store.read_in(&file).unwrap(), 2, "2, which has ended, and 1, of which nothing is newer");
        assert_eq!(store.last_kept(9).unwrap(), Some(StoreId(5)));
        let newest = |number: i32| -> Option<i64> {
            let select = "SELECT ended_ms FROM open_call WHERE call_id = ?1";
            store.connection.query_row(select, [number], |row| row.get(0)).ok()
        };
        assert_eq!([1, 2, 3, 4].map(newest), [Some(200), None, None, Some(300)]);
        assert_eq!(store.read_in(&file).unwrap(), 0, "once");
        assert_eq!(store.close_open_calls().unwrap(), 2);
        let mut calls: Vec<_> = store.calls().unwrap().into_iter().map(|row| (row.call_id, row.outcome)).collect();
        calls.sort();
        let named = [(1, "interrupted"), (2, "answered"), (3, "answered"), (4, "interrupted")];
        assert_eq!(calls, named.map(|(number, outcome)| (number, outcome.to_owned())));
    }
}
