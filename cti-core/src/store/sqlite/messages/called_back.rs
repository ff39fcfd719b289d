//! Messages whose caller was called back: a call out that was answered is a step of each open message that was left
//! under its number before.
//!
//! Never: takes an answering machine or a fax for the person.

use rusqlite::{Transaction, params};

use super::super::number_plans::{self, spelled};
use super::{COLUMNS, message, write};
use crate::person::Person;
use crate::store::{CallRecord, Direction, Outcome};
use crate::voice_mail::{MessageStep, Submission, VoiceMessage};

/// A call has ended: one out that was answered is a call back to those with open messages under its number.
pub(in crate::store::sqlite) fn keep_called(
    transaction: &Transaction<'_>,
    at: &dyn Fn(tipring_driver::time::Tick) -> i64,
    call: &CallRecord,
) -> rusqlite::Result<()> {
    let Some(established) = call.established.filter(|_| {
        let is_answered = call.outcome == Outcome::Answered && call.machine.is_none();
        call.direction == Direction::Outbound && is_answered && !call.called.is_empty()
    }) else {
        return Ok(());
    };
    let person = match (&call.agent, &call.station) {
        (Some(agent), _) => agent.to_string(),
        (None, Some(station)) => station.to_string(),
        (None, None) => String::new(),
    };
    called(transaction, (call.called.as_str(), call.call.0), &person, at(established))
}

/// Takes in the calls back that were set aside with their records in the attached database `aside`.
pub(in crate::store::sqlite) fn read_in_called(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let select = "SELECT called, call_id, COALESCE(agent, station, ''), established_ms FROM aside.call \
                  WHERE direction = 'outbound' AND outcome = 'answered' AND machine IS NULL AND established_ms IS NOT NULL ORDER BY id";
    let mut select = transaction.prepare(select)?;
    let calls: Vec<(String, i32, String, i64)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    calls.iter().try_for_each(|(number, call, person, at)| called(transaction, (number, *call), person, *at))
}

/// The person at a number was reached at a moment: a step of each open message that was left under it before.
fn called(
    transaction: &Transaction<'_>,
    (number, call): (&str, i32),
    person: &str,
    at_ms: i64,
) -> rusqlite::Result<()> {
    let number = spelled(&number_plans::read(transaction)?, number);
    let select = format!(
        "SELECT {COLUMNS} FROM message WHERE caller IN (SELECT value FROM json_each(?1)) AND at_ms < ?2 \
         AND state IN ('new', 'heard') ORDER BY id"
    );
    let mut select = transaction.prepare_cached(&select)?;
    let found: Vec<VoiceMessage> =
        select.query_map(params![number, at_ms], message)?.collect::<rusqlite::Result<_>>()?;
    let by = Person { name: person.to_owned(), is_supervisor: false };
    for mut message in found {
        let given = Submission { call, ..Submission::of(MessageStep::Called) };
        if let Ok(step) = message.step(given, &by, at_ms) {
            write(transaction, &message, &step)?;
        }
    }
    Ok(())
}
