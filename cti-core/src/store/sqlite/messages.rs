//! Messages of callers: their rows, and how they become heard and done.
//!
//! Never: a message that is taken back to an earlier state by a record of the core.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use tipring_driver::ids::RecordingId;

use super::{SqliteStore, store_error};
use crate::store::{MessageRecord, MessageState, StoreError, StoreReply};

/// A message as its row stands: see the file in `migrations/` for what the columns mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct MessageRow {
    pub id: i64,
    pub call_id: i32,
    pub mailbox: String,
    pub owner: Option<String>,
    pub caller: String,
    pub name: String,
    pub at_ms: i64,
    pub samples: i64,
    pub file: String,
    pub state: String,
    pub changed_by: String,
    pub changed_ms: i64,
}

const COLUMNS: &str = "id, call_id, mailbox, owner, caller, name, at_ms, samples, file, state, changed_by, changed_ms";

fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: row.get(0)?,
        call_id: row.get(1)?,
        mailbox: row.get(2)?,
        owner: row.get(3)?,
        caller: row.get(4)?,
        name: row.get(5)?,
        at_ms: row.get(6)?,
        samples: row.get(7)?,
        file: row.get(8)?,
        state: row.get(9)?,
        changed_by: row.get(10)?,
        changed_ms: row.get(11)?,
    })
}

impl SqliteStore {
    /// Messages in some of the states, the oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn messages(&self, states: &[MessageState]) -> Result<Vec<MessageRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading messages", &error);
        let select = format!("SELECT {COLUMNS} FROM message ORDER BY at_ms, id");
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let rows = select.query_map([], read).map_err(fail)?;
        let is_wanted = |row: &MessageRow| states.iter().any(|state| state.name() == row.state);
        rows.filter(|row| row.as_ref().map_or(true, is_wanted)).collect::<Result<_, _>>().map_err(fail)
    }

    /// The message of a number; none if there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn message(&self, id: i64) -> Result<Option<MessageRow>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM message WHERE id = ?1");
        let row =
            self.connection.prepare_cached(&select).and_then(|mut select| select.query_row([id], read).optional());
        row.map_err(|error| store_error("reading a message", &error))
    }

    /// Sets the state of a message that is complete. Returns false if there is no such message.
    ///
    /// # Errors
    /// The database takes no change now.
    pub fn set_message(&mut self, id: i64, state: MessageState, by: &str, now_ms: i64) -> Result<bool, StoreError> {
        let update = "UPDATE message SET state = ?2, changed_by = ?3, changed_ms = ?4 \
                      WHERE id = ?1 AND state IN ('new', 'heard', 'done')";
        let changed = self.connection.execute(update, params![id, state.name(), by, now_ms]);
        changed.map(|rows| rows > 0).map_err(|error| store_error("changing a message", &error))
    }

    /// Completes a message that was being recorded when the program ended: it is new, as long as it has come; without
    /// sound it is dropped.
    ///
    /// # Errors
    /// The database takes no change now.
    pub fn complete_message(&mut self, recording: RecordingId, samples: u64) -> Result<(), StoreError> {
        let update = "UPDATE message SET state = CASE WHEN ?2 > 0 THEN 'new' ELSE 'dropped' END, samples = ?2 \
                      WHERE id = ?1 AND state = 'recording'";
        let changed = self.connection.execute(update, params![recording.0 as i64, samples as i64]);
        changed.map(drop).map_err(|error| store_error("completing a message", &error))
    }

    /// Counts the new messages by owner, as a reply for the core.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn ask_new_messages(&mut self) -> Result<(), StoreError> {
        let counts = self.new_messages().map_err(|error| store_error("counting messages", &error))?;
        self.replies.push_back(StoreReply::NewMessages(counts));
        Ok(())
    }

    fn new_messages(&self) -> rusqlite::Result<BTreeMap<String, u32>> {
        let select = "SELECT owner, COUNT(*) FROM message WHERE state = 'new' AND owner IS NOT NULL GROUP BY owner";
        self.connection.prepare_cached(select)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

pub(super) fn keep(transaction: &Transaction<'_>, at_ms: i64, record: &MessageRecord) -> rusqlite::Result<()> {
    let MessageRecord { recording, call, mailbox, owner, caller, name, at: _, samples, file, state } = record;
    transaction
        .prepare_cached(&format!(
            "INSERT INTO message ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '', ?7) \
             ON CONFLICT (id) DO UPDATE SET samples = excluded.samples, state = excluded.state \
             WHERE message.state = 'recording'"
        ))?
        .execute(params![
            recording.0 as i64,
            call.0,
            mailbox,
            owner.as_ref().map(|owner| owner.as_str()),
            caller,
            name,
            at_ms,
            *samples as i64,
            file,
            state.name(),
        ])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;
    use crate::csta::{CallId, DeviceId};
    use crate::store::{Record, Store, StoreId, StoreRequest};
    use tipring_driver::time::Tick;

    fn message(number: u64, state: MessageState) -> Record {
        Record::Message(Box::new(MessageRecord {
            recording: RecordingId(number),
            call: CallId(7),
            mailbox: "complaints".into(),
            owner: DeviceId::new("7001").ok(),
            caller: "13800138000".into(),
            name: "王芳".into(),
            at: Tick(1000),
            samples: if state == MessageState::Recording { 0 } else { 16_000 },
            file: format!("{number}.wav"),
            state,
        }))
    }

    fn keep(store: &mut SqliteStore, record: Record) {
        store.submit(StoreRequest::Keep { id: StoreId(1), record });
        store.commit().unwrap();
    }

    /// The counts of new messages that the store has replied last.
    fn counted(store: &mut SqliteStore) -> Option<Vec<(String, u32)>> {
        let mut last = None;
        while let Some(reply) = store.poll_reply() {
            if let StoreReply::NewMessages(counts) = reply {
                last = Some(counts.into_iter().collect());
            }
        }
        last
    }

    #[test]
    fn a_message_is_new_until_it_is_heard_and_done_and_no_record_takes_it_back() {
        let folder = Folder::new("message");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, message(1, MessageState::Recording));
        assert_eq!(counted(&mut store), Some(vec![]));
        assert!(!store.set_message(1, MessageState::Done, "7001", 5).unwrap(), "the caller still speaks");
        keep(&mut store, message(1, MessageState::New));
        assert_eq!(counted(&mut store), Some(vec![("7001".into(), 1)]));
        assert!(store.set_message(1, MessageState::Heard, "7001", 5000).unwrap());
        keep(&mut store, message(1, MessageState::New));
        assert_eq!(counted(&mut store), Some(vec![]));
        let row = store.message(1).unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.changed_by.as_str(), row.changed_ms), ("heard", "7001", 5000));
        assert_eq!((row.name.as_str(), row.samples, row.at_ms), ("王芳", 16_000, 1000));
        assert!(store.set_message(1, MessageState::Done, "7001", 6000).unwrap());
        assert_eq!(store.messages(&[MessageState::New, MessageState::Heard]).unwrap(), []);
        assert_eq!(store.messages(&[MessageState::Done]).unwrap().len(), 1);
        assert!(!store.set_message(2, MessageState::Done, "7001", 6000).unwrap(), "there is no such message");
    }

    #[test]
    fn a_message_that_was_cut_off_is_new_with_the_length_that_is_there() {
        let folder = Folder::new("cut-message");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, message(1, MessageState::Recording));
        keep(&mut store, message(2, MessageState::Dropped));
        store.complete_message(RecordingId(1), 12_000).unwrap();
        store.complete_message(RecordingId(2), 12_000).unwrap();
        let rows = store.messages(&[MessageState::New]).unwrap();
        assert_eq!(rows.iter().map(|row| (row.id, row.samples)).collect::<Vec<_>>(), [(1, 12_000)]);
    }
}
