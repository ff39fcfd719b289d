//! Audit records of recordings: each that was listened to, exported, put under legal hold, released or removed.
//!
//! Never: changes or removes an audit record.

use rusqlite::{Transaction, named_params, params};
use serde::Serialize;

use super::{SqliteStore, messages, store_error};
use crate::store::StoreError;

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

impl SqliteStore {
    /// Keeps audit records, all or none; one of a listening to a message is a step of that message as well. They are on
    /// the disk when this returns.
    ///
    /// # Errors
    /// The database takes no records; none was kept.
    pub fn audit_recordings(&mut self, acts: &[RecordingAudit]) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("keeping the audit record", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        for act in acts {
            keep(&transaction, act).map_err(fail)?;
            if let (Some(message), "play" | "export") = (act.recording, act.act) {
                messages::keep_heard(&transaction, message, (&act.user, &act.reason), act.at_ms).map_err(fail)?;
            }
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

/// Keeps an audit record in the transaction of the act.
pub(super) fn keep(transaction: &Transaction<'_>, act: &RecordingAudit) -> rusqlite::Result<()> {
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
    use super::super::tests::Folder;
    use super::*;

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
}
