//! Marks of recordings as their rows stand.
//!
//! Never: removes one; a mark outlives its recording's file.

use rusqlite::{Transaction, params};
use serde::Serialize;

use super::{SqliteStore, store_error};
use crate::store::{MarkEndRecord, MarkRecord, StoreError};

/// A mark of a recording as its row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct MarkRow {
    pub number: i64,
    pub kind: String,
    pub at_ms: i64,
    pub until_ms: Option<i64>,
    pub ended_by: Option<String>,
    pub user: String,
    pub station: String,
    pub text: String,
}

impl SqliteStore {
    /// Returns the marks of a recording in the order of their numbers.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recording_marks(&self, recording: i64) -> Result<Vec<MarkRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the marks of a recording", &error);
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT number, kind, at_ms, until_ms, ended_by, user, station, text FROM recording_mark \
                 WHERE recording_id = ?1 ORDER BY number",
            )
            .map_err(fail)?;
        let rows = select.query_map([recording], |row| {
            Ok(MarkRow {
                number: row.get(0)?,
                kind: row.get(1)?,
                at_ms: row.get(2)?,
                until_ms: row.get(3)?,
                ended_by: row.get(4)?,
                user: row.get(5)?,
                station: row.get(6)?,
                text: row.get(7)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }
}

pub(super) fn keep(transaction: &Transaction<'_>, at_ms: i64, record: &MarkRecord) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO recording_mark (recording_id, number, kind, at_ms, user, station, text) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            record.recording.0 as i64,
            record.number,
            record.kind.name(),
            at_ms,
            record.user,
            record.station.as_str(),
            record.text,
        ])
        .map(drop)
}

pub(super) fn keep_end(transaction: &Transaction<'_>, at_ms: i64, record: &MarkEndRecord) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE recording_mark SET until_ms = ?3, ended_by = ?4 WHERE recording_id = ?1 AND number = ?2",
        )?
        .execute(params![record.recording.0 as i64, record.number, at_ms, record.by.name()])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::recordings::tests::keep;
    use super::super::tests::Folder;
    use super::*;
    use crate::store::{MarkKind, PauseEnd, Record};
    use tipring_driver::ids::RecordingId;
    use tipring_driver::time::Tick;

    #[test]
    fn a_pause_is_kept_when_it_begins_and_its_end_joins_it() {
        let folder = Folder::new("marks");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let mark = |number, kind, at, text: &str| {
            Record::Mark(Box::new(MarkRecord {
                recording: RecordingId(10),
                number,
                kind,
                at: Tick(at),
                user: "zhao".into(),
                station: crate::csta::DeviceId::new("1001").unwrap(),
                text: text.into(),
            }))
        };
        keep(&mut store, vec![mark(1, MarkKind::Pause, 100, ""), mark(2, MarkKind::Bookmark, 300, "the promise")]);
        let rows = store.recording_marks(10).unwrap();
        assert_eq!((rows.len(), rows[0].until_ms, rows[1].text.as_str()), (2, None, "the promise"));
        let end = MarkEndRecord { recording: RecordingId(10), number: 1, at: Tick(400), by: PauseEnd::Limit };
        keep(&mut store, vec![Record::MarkEnd(end)]);
        let pause = &store.recording_marks(10).unwrap()[0];
        assert_eq!((pause.at_ms, pause.until_ms, pause.ended_by.as_deref()), (100, Some(400), Some("limit")));
        assert_eq!(store.recording_marks(11).unwrap(), []);
    }
}
