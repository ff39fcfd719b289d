//! The log of events in the database: appended with the records, and read in order without holding it in memory.
//!
//! Never: changes an entry.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{SqliteStore, store_error};
use crate::csta::AgentId;
use crate::report::event::{Entry, Event, Moment};
use crate::store::{DecisionRecord, StoreError};

/// Appends an entry. One that is there already, read in with records that were set aside, stays as it is.
pub(super) fn keep(transaction: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    let data =
        serde_json::to_string(&entry.event).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    transaction
        .prepare_cached("INSERT OR IGNORE INTO event (seq, at_ms, kind, data) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![entry.seq as i64, entry.at as i64, entry.event.kind(), data])
        .map(drop)
}

/// Keeps a decision.
pub(super) fn keep_decision(transaction: &Transaction<'_>, at: i64, of: &DecisionRecord) -> rusqlite::Result<()> {
    let chosen: Vec<&str> = of.chosen.iter().map(AgentId::as_str).collect();
    transaction
        .prepare_cached(
            "INSERT INTO decision (at_ms, call_id, queue, decided, rule, chosen, passed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            at,
            of.call.0,
            of.queue.as_str(),
            of.decided.name(),
            of.rule_text(),
            chosen.join(" "),
            of.passed_over()
        ])
        .map(drop)
}

/// A decision as its row stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct DecisionRow {
    pub at_ms: i64,
    pub queue: String,
    pub decided: String,
    pub rule: String,
    pub chosen: String,
    pub passed: String,
}

impl SqliteStore {
    /// The decisions about a call, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn decisions(&self, call: i32) -> Result<Vec<DecisionRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading decisions", &error);
        let mut select = self
            .connection
            .prepare("SELECT at_ms, queue, decided, rule, chosen, passed FROM decision WHERE call_id = ?1 ORDER BY id")
            .map_err(fail)?;
        let rows = select.query_map([call], |row| {
            Ok(DecisionRow {
                at_ms: row.get(0)?,
                queue: row.get(1)?,
                decided: row.get(2)?,
                rule: row.get(3)?,
                chosen: row.get(4)?,
                passed: row.get(5)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Gives the entries of the log about one call, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn entries_of(&self, call: i32) -> Result<Vec<(i64, String, String)>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the log of events", &error);
        let mut select = self
            .connection
            .prepare("SELECT at_ms, kind, data FROM event WHERE json_extract(data, '$.call') = ?1 ORDER BY seq")
            .map_err(fail)?;
        let rows = select.query_map([call], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// The number of the last entry in the log; 0 if there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_entry(&self) -> Result<u64, StoreError> {
        let last = self.connection.query_row("SELECT COALESCE(MAX(seq), 0) FROM event", [], |row| row.get::<_, i64>(0));
        last.map(|last| last as u64).map_err(|error| store_error("reading the last entry of the log", &error))
    }

    /// The event mode in force at the end of the log; empty for none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_event_mode(&self) -> Result<String, StoreError> {
        let select =
            "SELECT json_extract(data, '$.mode') FROM event WHERE kind = 'event_mode' ORDER BY seq DESC LIMIT 1";
        let mode = self.connection.query_row(select, [], |row| row.get(0)).optional();
        mode.map(Option::unwrap_or_default).map_err(|error| store_error("reading the last event mode", &error))
    }

    /// Gives the entries that bear on the moments from `from` up to, not including, `to`, in order: from the last start
    /// of the program before `from`, so that what stands at `from` is known.
    ///
    /// # Errors
    /// The database cannot be read, or an entry is not one; entries before it have been given.
    pub fn each_entry(&self, from: Moment, to: Moment, mut f: impl FnMut(&Entry)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the log of events", &error);
        let bound = |moment: Moment| i64::try_from(moment).unwrap_or(i64::MAX);
        let first: Option<i64> = self
            .connection
            .query_row(
                "SELECT seq FROM event WHERE kind = 'started' AND at_ms <= ?1 ORDER BY seq DESC LIMIT 1",
                [bound(from)],
                |row| row.get(0),
            )
            .optional()
            .map_err(fail)?;
        let mut select =
            self.connection.prepare("SELECT seq, at_ms, data FROM event WHERE seq >= ?1 ORDER BY seq").map_err(fail)?;
        let mut rows = select.query([first.unwrap_or(0)]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let (seq, at): (i64, i64) = (row.get(0).map_err(fail)?, row.get(1).map_err(fail)?);
            if at >= bound(to) {
                break;
            }
            let data = row.get_ref(2).and_then(|data| data.as_str().map_err(Into::into)).map_err(fail)?;
            let event: Event = serde_json::from_str(data).map_err(|error| StoreError {
                operation: "reading the log of events",
                why: format!("entry {seq} is not one of this version: {error}"),
                may_pass: false,
            })?;
            f(&Entry { seq: seq as u64, at: at as Moment, event });
        }
        Ok(())
    }

    /// True if the entry after this one says that the program was started again: what had no end in the log had ended.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn starts_after(&self, seq: u64) -> Result<bool, StoreError> {
        let select = "SELECT kind = 'started' FROM event WHERE seq > ?1 ORDER BY seq LIMIT 1";
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        let is_start = self.connection.query_row(select, [seq], |row| row.get(0)).optional();
        is_start.map(Option::unwrap_or_default).map_err(|error| store_error("reading the log of events", &error))
    }

    /// The moments of the first and the last entry; none of an empty log.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn log_span(&self) -> Result<Option<(Moment, Moment)>, StoreError> {
        let span = self.connection.query_row("SELECT MIN(at_ms), MAX(at_ms) FROM event", [], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?))
        });
        let span = span.map_err(|error| store_error("reading the log of events", &error))?;
        Ok(span.map(|(first, last)| (first as Moment, last as Moment)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csta::{CallId, DeviceId};
    use crate::store::{Record, Store, StoreId, StoreRequest};

    #[test]
    fn the_log_is_committed_with_the_records_and_read_from_the_last_start_before_the_span() {
        let folder = std::env::temp_dir().join(format!("tipring-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut store = SqliteStore::open(&folder.join("tipring.db"), 0).unwrap();
        let trunk = DeviceId::new("T1").unwrap();
        let all = [
            Event::Started,
            Event::Seized { trunk, group: DeviceId::EMPTY, incoming: true },
            Event::Started,
            Event::Queued { call: CallId(1), queue: trunk, caller: trunk, dialled: trunk, group: trunk },
            Event::Abandoned { call: CallId(1), due: None },
        ];
        for (seq, event) in (1..).zip(all) {
            let entry = Entry { seq, at: seq * 1000, event };
            let record = Record::Event(Box::new(entry));
            store.submit(StoreRequest::Keep { id: StoreId(seq), record });
        }
        assert_eq!(store.last_entry().unwrap(), 0);
        store.commit().unwrap();
        assert_eq!(store.last_entry().unwrap(), 5);
        assert_eq!(store.log_span().unwrap(), Some((1000, 5000)));
        let read = |from, to| {
            let mut read = Vec::new();
            store.each_entry(from, to, |entry| read.push(entry.seq)).unwrap();
            read
        };
        assert_eq!(read(0, 10_000), [1, 2, 3, 4, 5]);
        assert_eq!(read(3500, 5000), [3, 4]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_event_mode_in_force_is_that_of_its_last_entry_and_is_found_by_an_index() {
        let folder = std::env::temp_dir().join(format!("tipring-log-mode-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut store = SqliteStore::open(&folder.join("tipring.db"), 0).unwrap();
        assert_eq!(store.last_event_mode().unwrap(), "");
        for (seq, mode) in (1..).zip(["storm", "", "outage"]) {
            let event = Event::EventMode { mode: DeviceId::new(mode).unwrap() };
            let record = Record::Event(Box::new(Entry { seq, at: seq * 1000, event }));
            store.submit(StoreRequest::Keep { id: StoreId(seq), record });
            store.commit().unwrap();
            assert_eq!(store.last_event_mode().unwrap(), mode);
        }
        let plan: String = store
            .connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT data FROM event WHERE kind = 'event_mode' ORDER BY seq DESC LIMIT 1",
                [],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("event_of_mode"), "{plan}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
