//! Messages of callers and their steps, as they are kept. Each change is one transaction, and safe when it returns.
//!
//! Never: has a rule of messages, those are in [`voice_mail`](crate::voice_mail); nor lets a record of the core take a
//! message back to an earlier state.

use core::fmt;
use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use tipring_driver::ids::RecordingId;

mod called_back;

pub(super) use called_back::{keep_called, read_in_called};

use super::columns::named;
use super::{SqliteStore, store_error};
use crate::person::Person;
use crate::store::{MessageRecord, MessageState, StoreError, StoreReply};
use crate::voice_mail::{MessageStep, Place, REMARK_MAX, Refusal, StepRecord, Submission, VoiceMessage};

/// A message as its row stands: see the files in `migrations/` for what the columns mean.
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
    pub taken_by: String,
    pub called_ms: Option<i64>,
}

/// The reason why a message was not changed.
#[derive(Debug)]
pub enum MessageError {
    /// The rules refuse it.
    Refused(Refusal),
    /// There is no such message.
    NoMessage(i64),
    /// The database failed.
    Store(StoreError),
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MessageError::Refused(refusal) => refusal.fmt(f),
            MessageError::NoMessage(message) => write!(f, "there is no message {message}"),
            MessageError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MessageError {}

impl From<Refusal> for MessageError {
    fn from(refusal: Refusal) -> MessageError {
        MessageError::Refused(refusal)
    }
}

impl From<rusqlite::Error> for MessageError {
    fn from(error: rusqlite::Error) -> MessageError {
        MessageError::Store(store_error("changing a message", &error))
    }
}

/// The messages that are not done, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenMessages {
    /// Their count.
    pub count: u64,
    /// New ones among them.
    pub unheard: u64,
    /// The moment at which the oldest was left, ms since 1970; none without one.
    pub oldest_ms: Option<i64>,
}

const COLUMNS: &str = "id, call_id, mailbox, owner, caller, name, at_ms, samples, file, state, changed_by, changed_ms, \
                       taken_by, called_ms";

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
        taken_by: row.get(12)?,
        called_ms: row.get(13)?,
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<VoiceMessage> {
    Ok(VoiceMessage {
        id: row.get("id")?,
        state: named(row, "state", MessageState::of_name)?,
        taken_by: row.get("taken_by")?,
        called_ms: row.get("called_ms")?,
        changed_by: row.get("changed_by")?,
        changed_ms: row.get("changed_ms")?,
    })
}

fn step(row: &Row<'_>) -> rusqlite::Result<StepRecord> {
    Ok(StepRecord {
        at_ms: row.get("at_ms")?,
        step: named(row, "step", MessageStep::of_name)?,
        from: match row.get::<_, Option<String>>("from_state")? {
            Some(_) => Some(named(row, "from_state", MessageState::of_name)?),
            None => None,
        },
        to: named(row, "to_state", MessageState::of_name)?,
        person: row.get("person")?,
        remark: row.get("remark")?,
        call: row.get("call_id")?,
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

    /// Takes a step of a message. Returns the message as it stands after it.
    ///
    /// # Errors
    /// There is no such message, the rules refuse the step, or the database takes nothing.
    pub fn step_message(
        &mut self,
        id: i64,
        given: Submission,
        by: &Person,
        now_ms: i64,
    ) -> Result<VoiceMessage, MessageError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let select = format!("SELECT {COLUMNS} FROM message WHERE id = ?1");
        let found = transaction.prepare_cached(&select)?.query_row([id], message).optional()?;
        let mut of = found.ok_or(MessageError::NoMessage(id))?;
        let step = of.step(given, by, now_ms)?;
        write(&transaction, &of, &step)?;
        transaction.commit()?;
        Ok(of)
    }

    /// Returns the steps of a message, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn message_steps(&self, id: i64) -> Result<Vec<StepRecord>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the steps of a message", &error);
        let select = "SELECT * FROM message_step WHERE message = ?1 ORDER BY id";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let rows = select.query_map([id], step);
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Gives every step taken before a moment, with its message and the message's place, oldest first.
    ///
    /// # Errors
    /// The database cannot be read; steps before have been given.
    pub fn each_message_step(&self, to_ms: i64, mut f: impl FnMut(i64, &Place, &StepRecord)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the steps of messages", &error);
        let select = "SELECT s.*, m.mailbox AS mailbox, \
                      COALESCE((SELECT queue FROM call WHERE call.call_id = m.call_id), \
                      (SELECT queue FROM open_call WHERE open_call.call_id = m.call_id), '') AS queue \
                      FROM message_step AS s JOIN message AS m ON m.id = s.message \
                      WHERE s.at_ms < ?1 ORDER BY s.at_ms, s.id";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let mut rows = select.query([to_ms]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let place = Place { mailbox: row.get("mailbox").map_err(fail)?, queue: row.get("queue").map_err(fail)? };
            f(row.get("message").map_err(fail)?, &place, &step(row).map_err(fail)?);
        }
        Ok(())
    }

    /// Returns the moments of the first and the last step; none if no message was ever left.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn message_span(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let select = "SELECT MIN(at_ms), MAX(at_ms) FROM message_step HAVING COUNT(*) > 0";
        let span = self.connection.query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?))).optional();
        span.map_err(|error| store_error("reading the span of messages", &error))
    }

    /// Counts the messages that are not done.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn open_messages(&self) -> Result<OpenMessages, StoreError> {
        let select = "SELECT COUNT(*), COUNT(*) FILTER (WHERE state = 'new'), MIN(at_ms) FROM message \
                      WHERE state IN ('new', 'heard')";
        let open = |row: &Row<'_>| {
            let (count, unheard): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(OpenMessages { count: count as u64, unheard: unheard as u64, oldest_ms: row.get(2)? })
        };
        let found = self.connection.prepare_cached(select).and_then(|mut select| select.query_row([], open));
        found.map_err(|error| store_error("counting open messages", &error))
    }

    /// Completes a message that was being recorded when the program ended: it is new, as long as it has come; without
    /// sound it is dropped.
    ///
    /// # Errors
    /// The database takes no change now.
    pub fn complete_message(&mut self, recording: RecordingId, samples: u64) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("completing a message", &error);
        let state = if samples > 0 { MessageState::New } else { MessageState::Dropped };
        let transaction = self.connection.transaction().map_err(fail)?;
        let update = "UPDATE message SET state = ?2, samples = ?3 WHERE id = ?1 AND state = 'recording'";
        let changed = transaction.execute(update, params![recording.0 as i64, state.name(), samples as i64]);
        if changed.map_err(fail)? > 0 && state == MessageState::New {
            write_left(&transaction, recording).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
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
    let changed = transaction
        .prepare_cached(
            "INSERT INTO message (id, call_id, mailbox, owner, caller, name, at_ms, samples, file, state, changed_by, \
             changed_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '', ?7) \
             ON CONFLICT (id) DO UPDATE SET samples = excluded.samples, state = excluded.state \
             WHERE message.state = 'recording'",
        )?
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
        ])?;
    if changed > 0 && *state == MessageState::New { write_left(transaction, *recording) } else { Ok(()) }
}

/// A recording was listened to for a reason: if it is that of a message, the message was heard.
pub(super) fn keep_heard(
    transaction: &Transaction<'_>,
    recording: i64,
    (person, reason): (&str, &str),
    at_ms: i64,
) -> rusqlite::Result<()> {
    let select = format!("SELECT {COLUMNS} FROM message WHERE id = ?1");
    let Some(mut message) = transaction.prepare_cached(&select)?.query_row([recording], message).optional()? else {
        return Ok(());
    };
    let by = Person { name: person.to_owned(), is_supervisor: false };
    let remark = reason.chars().take(REMARK_MAX).collect();
    let given = Submission { remark, ..Submission::of(MessageStep::Heard) };
    // A message that is still being left, or was dropped, goes no step.
    message.step(given, &by, at_ms).map_or(Ok(()), |step| write(transaction, &message, &step))
}

/// Writes the first step of a message that is complete.
fn write_left(transaction: &Transaction<'_>, recording: RecordingId) -> rusqlite::Result<()> {
    let insert = "INSERT INTO message_step (message, at_ms, step, to_state, person, remark, call_id) \
                  SELECT id, at_ms, 'left', 'new', '', '', call_id FROM message WHERE id = ?1";
    transaction.prepare_cached(insert)?.execute([recording.0 as i64]).map(drop)
}

/// Writes a message as it stands after a step, and the step.
fn write(connection: &Connection, of: &VoiceMessage, step: &StepRecord) -> rusqlite::Result<()> {
    let update = "UPDATE message SET state = ?2, taken_by = ?3, called_ms = ?4, changed_by = ?5, changed_ms = ?6 \
                  WHERE id = ?1";
    connection.prepare_cached(update)?.execute(params![
        of.id,
        of.state.name(),
        of.taken_by,
        of.called_ms,
        of.changed_by,
        of.changed_ms,
    ])?;
    let insert = "INSERT INTO message_step (message, at_ms, step, from_state, to_state, person, remark, call_id) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection
        .prepare_cached(insert)?
        .execute(params![
            of.id,
            step.at_ms,
            step.step.name(),
            step.from.map(MessageState::name),
            step.to.name(),
            step.person,
            step.remark,
            step.call,
        ])
        .map(drop)
}

#[cfg(test)]
mod tests;
