//! Recordings as their rows stand, and the search for them.
//!
//! Never: removes a row; one whose file is gone says when.

use rusqlite::{Row, ToSql, Transaction, params};
use serde::Serialize;
use tipring_driver::ids::RecordingId;

use super::calls::{self, CallRow};
use super::{SqliteStore, store_error};
use crate::recording::recordings;
use crate::store::{RecordingEnd, RecordingRecord, StoreError};

/// A recording as its row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct RecordingRow {
    pub id: i64,
    pub call_id: i32,
    pub file: String,
    pub began_ms: i64,
    pub samples: i64,
    pub whole: bool,
    pub sha256: Option<String>,
    pub octets: Option<i64>,
    pub removed_ms: Option<i64>,
    pub reason: Option<String>,
}

/// A recording with the record of its call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundRecording {
    /// The recording.
    pub recording: RecordingRow,
    /// The call; none while it goes on, and where the program ended before the call did.
    pub call: Option<CallRow>,
}

/// Conditions of a search for recordings; each that is given has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordingQuery {
    /// The recording itself.
    pub recording: Option<i64>,
    /// The call.
    pub call: Option<i32>,
    /// Begun at or after, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// Begun before, in milliseconds since 1970.
    pub to_ms: Option<i64>,
    /// Calling or called number; `*` at the end stands for any digits.
    pub number: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The queue.
    pub queue: Option<String>,
    /// The outcome, as its column has it.
    pub outcome: Option<String>,
    /// Least length, in samples of each side.
    pub least: Option<i64>,
    /// Greatest length, in samples of each side.
    pub most: Option<i64>,
}

/// The columns of a [`RecordingRow`], of the table `recording` as `r`.
pub(super) const COLUMNS: &str =
    "r.id, r.call_id, r.file, r.began_ms, r.samples, r.whole, r.sha256, r.octets, r.removed_ms, r.reason";
/// Count of [`COLUMNS`].
const COLUMN_COUNT: usize = 10;

pub(super) fn recording_row(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
    Ok(RecordingRow {
        id: row.get(0)?,
        call_id: row.get(1)?,
        file: row.get(2)?,
        began_ms: row.get(3)?,
        samples: row.get(4)?,
        whole: row.get(5)?,
        sha256: row.get(6)?,
        octets: row.get(7)?,
        removed_ms: row.get(8)?,
        reason: row.get(9)?,
    })
}

/// Keeps a recording. A recording that is kept anew has no checksum yet.
pub(super) fn keep(transaction: &Transaction<'_>, began_ms: i64, record: &RecordingRecord) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO recording (id, call_id, file, began_ms, samples, whole, reason) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            record.recording.0 as i64,
            record.call.0,
            record.file,
            began_ms,
            record.samples as i64,
            record.end == RecordingEnd::Whole,
            record.end.reason(),
        ])
        .map(drop)
}

impl SqliteStore {
    /// All recordings, oldest first, as their rows stand.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recordings(&self) -> Result<Vec<RecordingRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading recordings", &error);
        let select = format!("SELECT {COLUMNS} FROM recording AS r ORDER BY r.began_ms, r.id");
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let rows = select.query_map([], recording_row);
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Passes the recordings that meet the conditions to `f`, oldest first.
    ///
    /// # Errors
    /// The database cannot be read; recordings before have been passed.
    pub fn each_recording(&self, query: &RecordingQuery, mut f: impl FnMut(FoundRecording)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("searching recordings", &error);
        let conditions: &[(&str, &str, Option<&dyn ToSql>)] = &[
            (":recording", "r.id = :recording", some(&query.recording)),
            (":call", "r.call_id = :call", some(&query.call)),
            (":from", "r.began_ms >= :from", some(&query.from_ms)),
            (":to", "r.began_ms < :to", some(&query.to_ms)),
            (":agent", "c.agent = :agent", some(&query.agent)),
            (":queue", "c.queue = :queue", some(&query.queue)),
            (":outcome", "c.outcome = :outcome", some(&query.outcome)),
            (":least", "r.samples >= :least", some(&query.least)),
            (":most", "r.samples <= :most", some(&query.most)),
        ];
        let given: Vec<_> = conditions.iter().filter_map(|&(name, text, value)| Some((name, text, value?))).collect();
        let texts: Vec<&str> = given.iter().map(|&(_, text, _)| text).collect();
        let parameters: Vec<(&str, &dyn ToSql)> = given.iter().map(|&(name, _, value)| (name, value)).collect();
        let mut select = format!(
            "SELECT {COLUMNS}, {} FROM recording AS r LEFT JOIN call AS c ON c.call_id = r.call_id AND r.call_id <> 0",
            calls::COLUMNS
        );
        if !texts.is_empty() {
            select += &format!(" WHERE {}", texts.join(" AND "));
        }
        select += " ORDER BY r.began_ms, r.id";
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let mut rows = select.query(parameters.as_slice()).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let recording = recording_row(row).map_err(fail)?;
            let known: Option<i32> = row.get(COLUMN_COUNT).map_err(fail)?;
            let call = known.map(|_| calls::read_row(row, COLUMN_COUNT)).transpose().map_err(fail)?;
            let is_of = |pattern: &String| call.as_ref().is_some_and(|call| self.is_of(call, pattern));
            if query.number.as_ref().is_none_or(is_of) {
                f(FoundRecording { recording, call });
            }
        }
        Ok(())
    }

    /// True for a call from or to the numbers of a pattern, in any spelling.
    fn is_of(&self, call: &CallRow, pattern: &str) -> bool {
        [&call.caller, &call.called].iter().any(|number| self.numbers.free_digits(pattern, number).is_some())
    }

    /// Returns the recordings that meet the conditions, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find_recordings(&self, query: &RecordingQuery) -> Result<Vec<FoundRecording>, StoreError> {
        let mut found = Vec::new();
        self.each_recording(query, |recording| found.push(recording))?;
        Ok(found)
    }

    /// Keeps a recording that was found cut off when the program started again. Its call has no record: the program
    /// ended first.
    ///
    /// # Errors
    /// The database takes no records.
    pub fn note_cut_off(&mut self, recording: RecordingId, began_ms: u64, samples: u64) -> Result<(), StoreError> {
        self.connection
            .execute(
                "INSERT INTO recording (id, call_id, file, began_ms, samples, whole) VALUES (?1, 0, ?2, ?3, ?4, 0) \
                 ON CONFLICT (id) DO UPDATE SET samples = excluded.samples, sha256 = NULL, octets = NULL",
                params![recording.0 as i64, recordings::file_name(recording), began_ms as i64, samples as i64],
            )
            .map(drop)
            .map_err(|error| store_error("keeping a recording that was cut off", &error))
    }

    /// Returns true if there is a record of a call, over or not, or a recording of it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn has_call(&self, call: i32) -> Result<bool, StoreError> {
        let select = "SELECT EXISTS (SELECT 1 FROM call WHERE call_id = ?1) OR EXISTS (SELECT 1 FROM open_call WHERE \
            call_id = ?1) OR EXISTS (SELECT 1 FROM recording WHERE call_id = ?1)";
        let there = self.connection.query_row(select, [call], |row| row.get(0));
        there.map_err(|error| store_error("reading a call", &error))
    }
}

fn some<T: ToSql>(value: &Option<T>) -> Option<&dyn ToSql> {
    value.as_ref().map(|value| value as &dyn ToSql)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::{Folder, call};
    use super::*;
    use crate::csta::CallId;
    use crate::store::{Record, Store, StoreId, StoreRequest};
    use tipring_driver::time::Tick;

    pub(in crate::store::sqlite) fn recording(id: u64, call: i32, began: u64, samples: u64) -> Record {
        let file = recordings::file_name(RecordingId(id));
        Record::Recording(RecordingRecord {
            recording: RecordingId(id),
            call: CallId(call),
            file,
            began: Tick(began),
            samples,
            end: RecordingEnd::Whole,
        })
    }

    pub(in crate::store::sqlite) fn keep(store: &mut SqliteStore, records: Vec<Record>) {
        for (id, record) in records.into_iter().enumerate() {
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
        }
        store.commit().unwrap();
    }

    #[test]
    fn recordings_are_found_by_each_condition_and_by_all_together() {
        let folder = Folder::new("find");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let Record::Call(mut other) = call(2) else { panic!("a call") };
        (other.queue, other.agent, other.caller) = (None, None, tipring_driver::line::Number::from("110").unwrap());
        keep(&mut store, vec![call(1), Record::Call(other)]);
        keep(&mut store, vec![recording(10, 1, 100, 8000), recording(11, 2, 200, 16_000), recording(12, 0, 300, 80)]);
        let usual = RecordingQuery::default();
        let text = |text: &str| Some(text.to_owned());
        for (query, wanted) in [
            (usual.clone(), &[10, 11, 12][..]),
            (RecordingQuery { recording: Some(11), ..usual.clone() }, &[11]),
            (RecordingQuery { call: Some(1), ..usual.clone() }, &[10]),
            (RecordingQuery { from_ms: Some(200), to_ms: Some(300), ..usual.clone() }, &[11]),
            (RecordingQuery { number: text("13800138000"), ..usual.clone() }, &[10]),
            (RecordingQuery { number: text("138*"), ..usual.clone() }, &[10]),
            (RecordingQuery { number: text("138"), ..usual.clone() }, &[]),
            (RecordingQuery { number: text("5000"), ..usual.clone() }, &[10, 11]),
            (RecordingQuery { agent: text("7001"), ..usual.clone() }, &[10]),
            (RecordingQuery { queue: text("5000"), ..usual.clone() }, &[10]),
            (RecordingQuery { outcome: text("answered"), ..usual.clone() }, &[10, 11]),
            (RecordingQuery { outcome: text("busy"), ..usual.clone() }, &[]),
            (RecordingQuery { least: Some(8001), ..usual.clone() }, &[11]),
            (RecordingQuery { most: Some(8000), ..usual.clone() }, &[10, 12]),
            (RecordingQuery { outcome: text("answered"), most: Some(8000), ..usual.clone() }, &[10]),
        ] {
            let found: Vec<i64> =
                store.find_recordings(&query).unwrap().iter().map(|found| found.recording.id).collect();
            assert_eq!(found, wanted, "{query:?}");
        }
        let cut_off = RecordingQuery { recording: Some(12), ..usual };
        assert_eq!(store.find_recordings(&cut_off).unwrap()[0].call, None);
    }
}
