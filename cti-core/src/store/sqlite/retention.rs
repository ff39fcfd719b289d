//! Retention of recordings in the database: checksums, ages, legal holds, and removals with their audit records. The
//! rules and the files are the site's: `tipring::recording::retention`.
//!
//! Never: removes a recording under legal hold or a message that is not done.

use rusqlite::params;
use serde::Serialize;

use super::recording_audit::{self, RecordingAudit};
use super::recordings::{COLUMNS, RecordingRow, recording_row};
use super::{SqliteStore, store_error};
use crate::store::StoreError;

/// Calls whose recordings no retention removes, as their rows stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct HoldRow {
    pub call_id: i32,
    pub at_ms: i64,
    pub user: String,
    pub reason: String,
}

/// A recording of which retention may remove the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged {
    /// The recording.
    pub id: i64,
    /// The call; 0 if it is not known.
    pub call: i32,
    /// The file, below the folder of recordings.
    pub file: String,
    /// The moment it began, in milliseconds since 1970.
    pub began_ms: i64,
    /// The queue in which the call waited last.
    pub queue: Option<String>,
    /// The call is on hold.
    pub is_held: bool,
}

impl SqliteStore {
    /// Returns recordings without a checksum, oldest first, at most `most`: those that were never begun are left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recordings_without_checksum(&self, most: usize) -> Result<Vec<RecordingRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading recordings without a checksum", &error);
        let select = format!(
            "SELECT {COLUMNS} FROM recording AS r WHERE r.sha256 IS NULL AND r.removed_ms IS NULL \
             AND r.reason IS NOT 'no-room' ORDER BY r.id LIMIT ?1"
        );
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let rows = select.query_map([i64::try_from(most).unwrap_or(i64::MAX)], recording_row);
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Keeps the checksum of a recording's file and the file's length. One that is there already stays.
    ///
    /// # Errors
    /// The database takes no records.
    pub fn keep_checksum(&mut self, recording: i64, sha256: &str, octets: u64) -> Result<(), StoreError> {
        self.connection
            .execute(
                "UPDATE recording SET sha256 = ?2, octets = ?3 WHERE id = ?1 AND sha256 IS NULL",
                params![recording, sha256, octets as i64],
            )
            .map(drop)
            .map_err(|error| store_error("keeping a checksum", &error))
    }

    /// Returns recordings that began before `before_ms` and are not removed, oldest first, from the one after `after`
    /// on, at most `most`. Messages of callers that are not done are left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn aged_recordings(&self, before_ms: i64, after: i64, most: usize) -> Result<Vec<Aged>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading recordings of some age", &error);
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT r.id, r.call_id, r.file, r.began_ms, c.queue, h.call_id IS NOT NULL FROM recording AS r \
                 LEFT JOIN call AS c ON c.call_id = r.call_id AND r.call_id <> 0 \
                 LEFT JOIN recording_hold AS h ON h.call_id = r.call_id \
                 WHERE r.id > ?2 AND r.began_ms < ?1 AND r.removed_ms IS NULL AND r.reason IS NOT 'no-room' \
                 AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.id = r.id AND m.state IN ('recording', 'new', 'heard')) \
                 ORDER BY r.id LIMIT ?3",
            )
            .map_err(fail)?;
        let rows = select.query_map(params![before_ms, after, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            Ok(Aged {
                id: row.get(0)?,
                call: row.get(1)?,
                file: row.get(2)?,
                began_ms: row.get(3)?,
                queue: row.get(4)?,
                is_held: row.get(5)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Keeps that retention has removed recordings, each with its audit record, all or none.
    ///
    /// # Errors
    /// The database takes no records; none was kept.
    pub fn keep_removals(&mut self, removals: &[RecordingAudit]) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("keeping removals of recordings", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        for removal in removals {
            let changed = transaction
                .prepare_cached("UPDATE recording SET removed_ms = ?2 WHERE id = ?1 AND removed_ms IS NULL")
                .and_then(|mut update| update.execute(params![removal.recording, removal.at_ms]))
                .map_err(fail)?;
            if changed > 0 {
                recording_audit::keep(&transaction, removal).map_err(fail)?;
            }
        }
        transaction.commit().map_err(fail)
    }

    /// Puts a call's recordings on hold, or releases them, with its audit record. Returns false if nothing was to be
    /// changed.
    ///
    /// # Errors
    /// The database takes no records.
    pub fn hold_recordings(&mut self, act: &RecordingAudit, is_held: bool) -> Result<bool, StoreError> {
        let fail = |error: rusqlite::Error| store_error("keeping a hold on recordings", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        let changed = if is_held {
            transaction.execute(
                "INSERT OR IGNORE INTO recording_hold (call_id, at_ms, user, reason) VALUES (?1, ?2, ?3, ?4)",
                params![act.call, act.at_ms, act.user, act.reason],
            )
        } else {
            transaction.execute("DELETE FROM recording_hold WHERE call_id = ?1", [act.call])
        };
        let changed = changed.map_err(fail)? > 0;
        if changed {
            recording_audit::keep(&transaction, act).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        Ok(changed)
    }

    /// Returns the calls whose recordings are on hold, oldest hold first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recording_holds(&self) -> Result<Vec<HoldRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading holds on recordings", &error);
        let select = "SELECT call_id, at_ms, user, reason FROM recording_hold ORDER BY at_ms, call_id";
        let mut select = self.connection.prepare(select).map_err(fail)?;
        let rows = select.query_map([], |row| {
            Ok(HoldRow { call_id: row.get(0)?, at_ms: row.get(1)?, user: row.get(2)?, reason: row.get(3)? })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recordings::tests::{keep, recording};
    use super::super::tests::{Folder, call};
    use super::*;
    use tipring_driver::ids::RecordingId;

    #[test]
    fn a_recording_has_no_checksum_until_its_file_was_read_and_a_repair_takes_it_away() {
        let folder = Folder::new("checksum");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, vec![recording(10, 1, 100, 8000), recording(11, 2, 200, 16_000)]);
        let without = |store: &SqliteStore| -> Vec<i64> {
            store.recordings_without_checksum(8).unwrap().iter().map(|row| row.id).collect()
        };
        assert_eq!(without(&store), [10, 11]);
        store.keep_checksum(10, "aa", 44).unwrap();
        store.keep_checksum(10, "bb", 45).unwrap();
        assert_eq!(without(&store), [11]);
        let row = &store.recordings().unwrap()[0];
        assert_eq!((row.sha256.as_deref(), row.octets), (Some("aa"), Some(44)), "the first one stays");
        store.note_cut_off(RecordingId(10), 100, 4000).unwrap();
        assert_eq!(without(&store), [10, 11]);
    }

    #[test]
    fn a_removal_and_a_hold_are_on_record_once_each() {
        let folder = Folder::new("hold");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, vec![call(1), recording(10, 1, 100, 8000), recording(11, 0, 200, 16_000)]);
        let act = |act, recording| RecordingAudit {
            at_ms: 5000,
            user: "zhao".into(),
            os_user: "root".into(),
            act,
            recording,
            call: 1,
            detail: String::new(),
            reason: "court".into(),
        };
        assert!(store.has_call(1).unwrap() && !store.has_call(2).unwrap());
        assert!(store.hold_recordings(&act("hold", None), true).unwrap());
        assert!(!store.hold_recordings(&act("hold", None), true).unwrap());
        let aged = store.aged_recordings(1000, 0, 8).unwrap();
        let known: Vec<_> = aged.iter().map(|aged| (aged.id, aged.queue.as_deref(), aged.is_held)).collect();
        assert_eq!(known, [(10, Some("5000"), true), (11, None, false)]);
        assert_eq!(store.aged_recordings(200, 0, 8).unwrap().len(), 1);
        assert_eq!(store.aged_recordings(1000, 10, 8).unwrap().len(), 1);
        assert!(store.hold_recordings(&act("release", None), false).unwrap());
        assert!(!store.hold_recordings(&act("release", None), false).unwrap());
        for _ in 0..2 {
            store.keep_removals(&[act("remove", Some(10))]).unwrap();
        }
        assert_eq!(store.recordings().unwrap()[0].removed_ms, Some(5000));
        assert_eq!(store.aged_recordings(1000, 0, 8).unwrap().len(), 1);
        let acts: Vec<String> =
            store.recording_audit((0, i64::MAX), None, None).unwrap().into_iter().map(|row| row.act).collect();
        assert_eq!(acts, ["hold", "release", "remove"]);
    }
}
