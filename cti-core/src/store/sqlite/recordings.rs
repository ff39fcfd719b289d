//! Recordings as their rows stand, the search for them, and the audit record of each that was listened to or exported.
//!
//! Never: changes or removes an audit record.

use rusqlite::{Row, ToSql, Transaction, named_params, params};
use serde::Serialize;
use tipring_driver::ids::RecordingId;

use super::{CALL_COLUMNS, CallRow, SqliteStore, call_row, store_error};
use crate::library::recordings;
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

/// An act on a recording, to be kept as an audit record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingAudit {
    /// The moment, in milliseconds since 1970.
    pub at_ms: i64,
    /// The person, as given; else the user of the operating system.
    pub user: String,
    /// The user of the operating system.
    pub os_user: String,
    /// The act: `play`, `export`, `hold`, `release`, `remove`.
    pub act: &'static str,
    /// The recording; none where all of the call are concerned.
    pub recording: Option<i64>,
    /// The call; 0 if it is not known.
    pub call: i32,
    /// The form and the place of what was given out.
    pub detail: String,
    /// The reason given.
    pub reason: String,
}

/// An audit record as its row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct RecordingAuditRow {
    pub at_ms: i64,
    pub user: String,
    pub os_user: String,
    pub act: String,
    pub recording: Option<i64>,
    pub call_id: i32,
    pub detail: String,
    pub reason: String,
}

/// The columns of a [`RecordingRow`], of the table `recording` as `r`.
const COLUMNS: &str =
    "r.id, r.call_id, r.file, r.began_ms, r.samples, r.whole, r.sha256, r.octets, r.removed_ms, r.reason";
/// Count of [`COLUMNS`].
const COLUMN_COUNT: usize = 10;

fn recording_row(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
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
        let mut select = self.connection.prepare(&select).map_err(fail)?;
        let rows = select.query_map([], recording_row);
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Passes the recordings that meet the conditions to `f`, oldest first.
    ///
    /// # Errors
    /// The database cannot be read; recordings before have been passed.
    pub fn each_recording(&self, query: &RecordingQuery, mut f: impl FnMut(FoundRecording)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("searching recordings", &error);
        let number = query.number.as_deref();
        let conditions: &[(&str, &str, Option<&dyn ToSql>)] = &[
            (":recording", "r.id = :recording", some(&query.recording)),
            (":call", "r.call_id = :call", some(&query.call)),
            (":from", "r.began_ms >= :from", some(&query.from_ms)),
            (":to", "r.began_ms < :to", some(&query.to_ms)),
            (":number", "(c.caller GLOB :number OR c.called GLOB :number)", some(&number)),
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
            "SELECT {COLUMNS}, {CALL_COLUMNS} FROM recording AS r LEFT JOIN call AS c ON c.call_id = r.call_id AND r.call_id <> 0"
        );
        if !texts.is_empty() {
            select += &format!(" WHERE {}", texts.join(" AND "));
        }
        select += " ORDER BY r.began_ms, r.id";
        let mut select = self.connection.prepare(&select).map_err(fail)?;
        let mut rows = select.query(parameters.as_slice()).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let recording = recording_row(row).map_err(fail)?;
            let known: Option<i32> = row.get(COLUMN_COUNT).map_err(fail)?;
            let call = known.map(|_| call_row(row, COLUMN_COUNT)).transpose().map_err(fail)?;
            f(FoundRecording { recording, call });
        }
        Ok(())
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
                keep_audit(&transaction, removal).map_err(fail)?;
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
            keep_audit(&transaction, act).map_err(fail)?;
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

    /// Keeps audit records, all or none. They are on the disk when this returns.
    ///
    /// # Errors
    /// The database takes no records; none was kept.
    pub fn audit_recordings(&mut self, acts: &[RecordingAudit]) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("keeping the audit record", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        for act in acts {
            keep_audit(&transaction, act).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    /// Returns the audit records from `from` up to, not including, `to` (milliseconds since 1970), oldest first; of one
    /// recording or call, if given.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recording_audit(
        &self,
        (from, to): (i64, i64),
        recording: Option<i64>,
        call: Option<i32>,
    ) -> Result<Vec<RecordingAuditRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading audit records", &error);
        let mut select = self
            .connection
            .prepare(
                "SELECT at_ms, user, os_user, act, recording, call_id, detail, reason FROM recording_audit \
                 WHERE at_ms >= :from AND at_ms < :to AND (:recording IS NULL OR recording = :recording) \
                 AND (:call IS NULL OR call_id = :call) ORDER BY at_ms, id",
            )
            .map_err(fail)?;
        let given = named_params! { ":from": from, ":to": to, ":recording": recording, ":call": call };
        let rows = select.query_map(given, |row| {
            Ok(RecordingAuditRow {
                at_ms: row.get(0)?,
                user: row.get(1)?,
                os_user: row.get(2)?,
                act: row.get(3)?,
                recording: row.get(4)?,
                call_id: row.get(5)?,
                detail: row.get(6)?,
                reason: row.get(7)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }
}

fn some<T: ToSql>(value: &Option<T>) -> Option<&dyn ToSql> {
    value.as_ref().map(|value| value as &dyn ToSql)
}

fn keep_audit(transaction: &Transaction<'_>, act: &RecordingAudit) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO recording_audit (at_ms, user, os_user, act, recording, call_id, detail, reason) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![act.at_ms, act.user, act.os_user, act.act, act.recording, act.call, act.detail, act.reason])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Folder, call};
    use super::*;
    use crate::csta::CallId;
    use crate::store::{Record, Store, StoreId, StoreRequest};
    use tipring_driver::time::Tick;

    fn recording(id: u64, call: i32, began: u64, samples: u64) -> Record {
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

    fn keep(store: &mut SqliteStore, records: Vec<Record>) {
        for (id, record) in records.into_iter().enumerate() {
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), record });
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

    #[test]
    fn an_act_is_on_record_before_anything_is_given_out_and_a_database_that_cannot_be_written_refuses_it() {
        let folder = Folder::new("audit");
        drop(SqliteStore::open(&folder.database(), 0).unwrap());
        let act = |act, recording| RecordingAudit {
            at_ms: 1000,
            user: "zhao".into(),
            os_user: "root".into(),
            act,
            recording,
            call: 7,
            detail: "caller's side".into(),
            reason: "complaint 12".into(),
        };
        let mut store = SqliteStore::open_beside(&folder.database()).unwrap();
        store.audit_recordings(&[act("play", Some(10)), act("hold", None)]).unwrap();
        let read = SqliteStore::open_to_read(&folder.database()).unwrap();
        let acts = |recording, call| -> Vec<String> {
            let rows = read.recording_audit((0, i64::MAX), recording, call).unwrap();
            rows.into_iter().map(|row| row.act).collect()
        };
        assert_eq!(
            (acts(None, None).len(), acts(Some(10), None), acts(None, Some(8)).len()),
            (2, vec!["play".into()], 0)
        );
        let mut read = read;
        assert!(read.audit_recordings(&[act("play", Some(10))]).is_err(), "it was opened to be read");
        assert!(SqliteStore::open_beside(&folder.database().with_extension("none")).is_err());
    }

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
