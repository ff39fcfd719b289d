//! Calls that are not over: a row each from the offer on, which the final record takes away.
//!
//! Never: adds a row to the table of calls before the call is over, or found so at a start.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::FixedState;
use rusqlite::{Connection, Transaction};

use super::{Rows, SqliteStore, agent_states, events, legs, store_error};
use crate::csta::CallId;
use crate::store::{Record, StoreError};

/// The columns of a call, the same in both tables.
macro_rules! columns {
    () => {
        "call_id, direction, trunk, caller, called, queue, agent, station, keyed, offered_ms, answered_ms, queued_ms, \
         alerting_ms, established_ms, ended_ms, wait_ms, talk_ms, outcome, released_by, recording, machine, ucid, kin, cause"
    };
}

/// A row in a table of calls.
macro_rules! row {
    ($insert:literal, $column:literal, $value:literal) => {
        concat!(
            $insert,
            " (",
            columns!(),
            $column,
            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?",
            $value,
            ")"
        )
    };
}

const COLUMNS: &str = columns!();
/// A call that is over.
pub(super) const CALL: &str = row!("INSERT INTO call", "", "");
/// A call in progress, with its legs, in place of its row before.
pub(super) const OPEN_CALL: &str = row!("INSERT OR REPLACE INTO open_call", ", legs", ", ?");
/// Takes away the row of a call that stood.
pub(super) const FORGET: &str = "DELETE FROM open_call WHERE call_id = ?1";

impl SqliteStore {
    /// Makes records of the calls that were not over when the program ended, with the outcome *interrupted*, and of
    /// their legs. Their end is the last moment known to the log. Returns the count of calls.
    ///
    /// To be called at a start, before the first record.
    ///
    /// # Errors
    ///
    /// The database takes no records; the rows stay open.
    pub fn close_open_calls(&mut self) -> Result<usize, StoreError> {
        let closed = close_all(&mut self.connection);
        let count = closed.map_err(|error| store_error("closing calls that were cut off", &error))?;
        self.open.clear();
        Ok(count)
    }
}

/// The calls that have an open row.
pub(super) fn in_progress(connection: &Connection) -> rusqlite::Result<BTreeSet<CallId>> {
    let mut select = connection.prepare("SELECT call_id FROM open_call")?;
    select.query_map([], |row| row.get(0).map(CallId))?.collect()
}

fn close_all(connection: &mut Connection) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "UPDATE open_call SET ended_ms = MAX(ended_ms, COALESCE((SELECT MAX(last_ms) FROM event_block), 0)); \
         UPDATE open_call SET wait_ms = COALESCE(COALESCE(established_ms, ended_ms) - queued_ms, 0), \
         talk_ms = COALESCE(ended_ms - established_ms, 0);",
    )?;
    let count =
        transaction.execute(&format!("INSERT INTO call ({COLUMNS}) SELECT {COLUMNS} FROM open_call ORDER BY 1"), [])?;
    legs::close_open(&transaction)?;
    transaction.execute("DELETE FROM open_call", [])?;
    transaction.commit()?;
    Ok(count)
}

/// Keeps a group of records. Of the rows of an open call only the last is written, and none if the group has its end;
/// the entries of the log are one row, as are the changes of agents' states, the legs of a call and the decisions about
/// one. Returns the calls whose open row was written; before, `open` have one.
pub(super) fn keep_group<'a>(
    transaction: &Transaction<'_>,
    (clock, open_before): (&super::WallClock, &BTreeSet<CallId>),
    group: impl DoubleEndedIterator<Item = &'a Record> + Clone,
) -> rusqlite::Result<Vec<CallId>> {
    let at = |tick| clock.at(tick);
    let mut settled: HashSet<CallId, FixedState> = HashSet::default();
    let (mut open, mut others) = (Vec::new(), Vec::new());
    let (mut entries, mut states, mut legs, mut decisions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for record in group.rev() {
        match record {
            Record::Open(call, _) if settled.insert(call.call) => open.push((call.call, record)),
            Record::Open(..) => {}
            Record::Event(entry) => entries.push(&**entry),
            Record::Agent(change) => states.push(&**change),
            Record::Leg(leg) => legs.push(&**leg),
            Record::Decision(decision) => decisions.push(&**decision),
            Record::Call(call) => {
                settled.insert(call.call);
                others.push(record);
            }
            _ => others.push(record),
        }
    }
    // They were gathered from the last one on.
    entries.reverse();
    states.reverse();
    legs.reverse();
    decisions.reverse();
    events::keep(transaction, &entries)?;
    agent_states::keep(transaction, &at, &states)?;
    legs::keep(transaction, &at, legs)?;
    events::keep_decisions(transaction, &at, decisions)?;
    let mut rows = Rows::new(transaction, clock, open_before)?;
    for record in others.into_iter().rev() {
        rows.keep(record)?;
    }
    open.into_iter().rev().map(|(call, record)| rows.keep(record).map(|()| call)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Folder, call};
    use super::*;
    use crate::store::{Outcome, Store, StoreId, StoreRequest};
    use tipring_driver::time::Tick;

    fn open(number: i32, answered: bool) -> Record {
        let Record::Call(mut record) = call(number) else { panic!("a call") };
        (record.outcome, record.established, record.ended) = (Outcome::Interrupted, None, Tick(1000));
        if !answered {
            (record.answered, record.queued, record.alerting) = (None, None, None);
        }
        Record::Open(record, Vec::new())
    }

    fn keep(store: &mut SqliteStore, records: Vec<Record>) {
        for (id, record) in records.into_iter().enumerate() {
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
        }
        store.commit().unwrap();
    }

    #[test]
    fn a_call_that_was_not_over_becomes_a_record_that_says_interrupted_at_the_next_start() {
        let folder = Folder::new("interrupted");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, vec![open(1, false), open(2, false)]);
        keep(&mut store, vec![open(2, true), call(1)]);
        assert_eq!(store.calls().unwrap().len(), 1);
        drop(store);
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        assert_eq!(store.last_call().unwrap(), CallId(2));
        assert_eq!(store.close_open_calls().unwrap(), 1);
        assert_eq!(store.close_open_calls().unwrap(), 0);
        let calls: Vec<_> =
            store.calls().unwrap().into_iter().map(|it| (it.call_id, it.answered_ms, it.outcome)).collect();
        assert_eq!(calls, [(1, Some(4000), "answered".into()), (2, Some(4000), "interrupted".into())]);
    }

    #[test]
    fn a_group_that_has_the_end_of_a_call_leaves_no_open_row() {
        let folder = Folder::new("group");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, vec![open(1, false), open(1, true), call(1), open(2, false), open(2, true)]);
        assert_eq!(store.close_open_calls().unwrap(), 1);
        assert_eq!(store.calls().unwrap().len(), 2);
    }
}
