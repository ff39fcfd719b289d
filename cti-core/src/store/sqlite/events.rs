//! The log of events in the database: appended with the records, the entries of one commit as one block, and read in
//! order without holding it in memory.
//!
//! Never: changes an entry.

use rusqlite::{OptionalExtension, Transaction, params};
use tipring_driver::time::Tick;

use super::{SqliteStore, json, store_error};
use crate::csta::AgentId;
use crate::report::event::{Entry, Event, Moment};
use crate::store::{DecisionRecord, StoreError};

/// An entry as it stands in a block: its number, its moment, its event.
type Row<E> = (u64, Moment, E);

/// Appends entries, in their order, as one block. A block that is there already, read in with records that were set
/// aside, stays as it is.
pub(super) fn keep(transaction: &Transaction<'_>, entries: &[&Entry]) -> rusqlite::Result<()> {
    let entries: Vec<Row<&Event>> = entries.iter().map(|entry| (entry.seq, entry.at, &entry.event)).collect();
    let (Some((first, ..)), Some((last, ..))) = (entries.first(), entries.last()) else { return Ok(()) };
    let moments = || entries.iter().map(|(_, at, _)| *at as i64);
    let has = |of: fn(&Event) -> bool| entries.iter().any(|(.., event)| of(event));
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO event_block (first_seq, last_seq, first_ms, last_ms, started, mode, entries) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            *first as i64,
            *last as i64,
            moments().min(),
            moments().max(),
            has(|event| matches!(event, Event::Started)),
            has(|event| matches!(event, Event::EventMode { .. })),
            json(&entries)?
        ])
        .map(drop)
}

/// Reads the entries of a block.
fn entries_in(text: &str) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row<Event>> = serde_json::from_str(text).map_err(|error| StoreError {
        operation: "reading the log of events",
        why: format!("an entry is not one of this version: {error}"),
        may_pass: false,
    })?;
    Ok(rows.into_iter().map(|(seq, at, event)| Entry { seq, at, event }).collect())
}

/// Keeps decisions, those about a call in one row: for each an array of the columns of the view from `at_ms` on.
pub(super) fn keep_decisions(
    transaction: &Transaction<'_>,
    at: &dyn Fn(Tick) -> i64,
    mut decisions: Vec<&DecisionRecord>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached("INSERT INTO decision_block (call_id, decisions) VALUES (?1, ?2)")?;
    let one = |of: &&DecisionRecord| {
        let chosen: Vec<&str> = of.chosen.iter().map(AgentId::as_str).collect();
        let (queue, decided) = (of.queue, of.decided.name());
        (at(of.at), queue, decided, of.rule_text(), chosen.join(" "), of.passed_over())
    };
    decisions.sort_by_key(|decision| decision.call);
    for of_call in decisions.chunk_by(|one, next| one.call == next.call) {
        insert.execute(params![of_call[0].call.0, json(&of_call.iter().map(one).collect::<Vec<_>>())?])?;
    }
    Ok(())
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
            .prepare(
                "SELECT at_ms, queue, decided, rule, chosen, passed FROM decision WHERE call_id = ?1 \
                 ORDER BY block, place",
            )
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
        // Few blocks have the digits of the call.
        let mut select = self
            .connection
            .prepare(
                "SELECT json_extract(value, '$[1]'), json_extract(value, '$[2].event'), json_extract(value, '$[2]') \
                 FROM event_block, json_each(entries) WHERE instr(entries, '\"call\":' || ?1) \
                 AND json_extract(value, '$[2].call') = ?1 ORDER BY first_seq, key",
            )
            .map_err(fail)?;
        let rows = select.query_map([call], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// The number of the last entry in the log; 0 if there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_entry(&self) -> Result<u64, StoreError> {
        let select = "SELECT last_seq FROM event_block ORDER BY first_seq DESC LIMIT 1";
        let last = self.connection.query_row(select, [], |row| row.get::<_, i64>(0)).optional();
        let last = last.map_err(|error| store_error("reading the last entry of the log", &error))?;
        Ok(last.unwrap_or_default() as u64)
    }

    /// The event mode in force at the end of the log; empty for none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_event_mode(&self) -> Result<String, StoreError> {
        let select = "SELECT entries FROM event_block WHERE mode = 1 ORDER BY first_seq DESC LIMIT 1";
        let block: Option<String> = self
            .connection
            .query_row(select, [], |row| row.get(0))
            .optional()
            .map_err(|error| store_error("reading the last event mode", &error))?;
        let entries = block.map_or(Ok(Vec::new()), |text| entries_in(&text))?;
        let modes = entries.iter().rev().filter_map(|entry| match entry.event {
            Event::EventMode { mode } => Some(mode.to_string()),
            _ => None,
        });
        Ok({ modes }.next().unwrap_or_default())
    }

    /// Gives the entries that bear on the moments from `from` up to, not including, `to`, in order: from the last start
    /// of the program before `from`, so that what stands at `from` is known.
    ///
    /// # Errors
    /// The database cannot be read, or an entry is not one; entries before it have been given.
    pub fn each_entry(&self, from: Moment, to: Moment, mut f: impl FnMut(&Entry)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the log of events", &error);
        let first = self.last_start(from)?.unwrap_or(0);
        let mut select = self
            .connection
            .prepare(
                "SELECT entries FROM event_block WHERE first_seq >= \
                 (SELECT COALESCE(MAX(first_seq), 0) FROM event_block WHERE first_seq <= ?1) ORDER BY first_seq",
            )
            .map_err(fail)?;
        let mut rows = select.query([first as i64]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let text = row.get_ref(0).and_then(|text| text.as_str().map_err(Into::into)).map_err(fail)?;
            for entry in entries_in(text)?.iter().filter(|entry| entry.seq >= first) {
                if entry.at >= to {
                    return Ok(());
                }
                f(entry);
            }
        }
        Ok(())
    }

    /// True if the entry after this one says that the program was started again: what had no end in the log had ended.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn starts_after(&self, seq: u64) -> Result<bool, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the log of events", &error);
        let select = "SELECT entries FROM event_block WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1";
        let next = i64::try_from(seq.saturating_add(1)).unwrap_or(i64::MAX);
        let block: Option<String> =
            self.connection.query_row(select, [next], |row| row.get(0)).optional().map_err(fail)?;
        let entries = block.map_or(Ok(Vec::new()), |text| entries_in(&text))?;
        Ok(entries.iter().any(|entry| entry.seq as i64 == next && entry.event == Event::Started))
    }

    /// The number of the last entry that says that the program has started, up to a moment.
    fn last_start(&self, until: Moment) -> Result<Option<u64>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the log of events", &error);
        let mut select = self
            .connection
            .prepare("SELECT entries FROM event_block WHERE started = 1 AND first_ms <= ?1 ORDER BY first_seq DESC")
            .map_err(fail)?;
        let mut rows = select.query([i64::try_from(until).unwrap_or(i64::MAX)]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let text = row.get_ref(0).and_then(|text| text.as_str().map_err(Into::into)).map_err(fail)?;
            let entries = entries_in(text)?;
            let is_start = |entry: &&Entry| entry.event == Event::Started && entry.at <= until;
            if let Some(start) = entries.iter().rev().find(is_start) {
                return Ok(Some(start.seq));
            }
        }
        Ok(None)
    }

    /// The moments of the first and the last entry; none of an empty log.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn log_span(&self) -> Result<Option<(Moment, Moment)>, StoreError> {
        let span = self.connection.query_row(
            "SELECT (SELECT MIN(first_ms) FROM event_block), (SELECT MAX(last_ms) FROM event_block)",
            [],
            |row| Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?)),
        );
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
            store.submit(StoreRequest::Keep { id: StoreId(seq), records: vec![record] });
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
            store.submit(StoreRequest::Keep { id: StoreId(seq), records: vec![record] });
            store.commit().unwrap();
            assert_eq!(store.last_event_mode().unwrap(), mode);
        }
        let plan: String = store
            .connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT entries FROM event_block WHERE mode = 1 ORDER BY first_seq DESC LIMIT 1",
                [],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("event_block_of_mode"), "{plan}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
