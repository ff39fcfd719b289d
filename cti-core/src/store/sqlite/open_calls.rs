//! Calls that are not over: a row each from the offer on, which the final record takes away.
//!
//! Never: adds a row to the table of calls before the call is over, or found so at a start.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction};

use super::{Rows, SqliteStore, close_open_legs, events, legs, store_error};
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
    ($insert:literal) => {
        concat!(
            $insert,
            " (",
            columns!(),
            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
    };
}

const COLUMNS: &str = columns!();
/// A call that is over.
pub(super) const CALL: &str = row!("INSERT INTO call");
/// A call that stands, in place of its row before.
pub(super) const OPEN_CALL: &str = row!("INSERT OR REPLACE INTO open_call");

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
pub(super) fn standing(connection: &Connection) -> rusqlite::Result<BTreeSet<CallId>> {
    let mut select = connection.prepare("SELECT call_id FROM open_call")?;
    select.query_map([], |row| row.get(0).map(CallId))?.collect()
}

/// Takes away the open rows of a call and of its legs.
pub(super) fn forget(transaction: &Transaction<'_>, call: CallId) -> rusqlite::Result<()> {
    transaction.prepare_cached("DELETE FROM open_call WHERE call_id = ?1")?.execute([call.0])?;
    legs::forget_open(transaction, call)
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
    close_open_legs(&transaction)?;
    transaction.execute("DELETE FROM open_call", [])?;
    transaction.commit()?;
    Ok(count)
}

/// Keeps a group of records. Of the rows of an open call only the last is written, and none if the group has its end;
/// the entries of the log are one block. Returns the calls whose open row was written; before, `open` have one.
pub(super) fn keep_group<'a>(
    transaction: &Transaction<'_>,
    (clock, open_before): (&super::WallClock, &BTreeSet<CallId>),
    group: impl DoubleEndedIterator<Item = &'a Record> + Clone,
) -> rusqlite::Result<Vec<CallId>> {
    let mut settled: BTreeSet<CallId> = BTreeSet::new();
    let mut open = Vec::new();
    for record in group.clone().rev() {
        match record {
            Record::Call(call) => drop(settled.insert(call.call)),
            Record::Open(call, _) if settled.insert(call.call) => open.push((call.call, record)),
            _ => {}
        }
    }
    let entries = group.clone().filter_map(|record| match record {
        Record::Event(entry) => Some(&**entry),
        _ => None,
    });
    events::keep(transaction, entries)?;
    let mut rows = Rows::new(transaction, clock, open_before)?;
    for record in group.filter(|record| !matches!(record, Record::Open(..) | Record::Event(_))) {
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
