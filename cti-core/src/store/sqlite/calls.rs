//! The rows of calls: written at their ends and while they are open, read by the moment of their offer.
//!
//! Never: changes a row that was acknowledged.

use rusqlite::{OptionalExtension, Row, Statement};
use tipring_driver::time::Tick;

use super::{SqliteStore, store_error};
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::csta::event::Machine;
use crate::store::{CallRecord, StoreError};

/// A call as its row stands: see the files in `migrations/` for what the columns mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct CallRow {
    pub call_id: i32,
    pub direction: String,
    pub trunk: Option<String>,
    pub caller: String,
    pub called: String,
    pub queue: Option<String>,
    pub agent: Option<String>,
    pub station: Option<String>,
    pub keyed: String,
    pub offered_ms: i64,
    pub answered_ms: Option<i64>,
    pub queued_ms: Option<i64>,
    pub alerting_ms: Option<i64>,
    pub established_ms: Option<i64>,
    pub ended_ms: i64,
    pub outcome: String,
    pub released_by: String,
    pub recording: Option<i64>,
    pub machine: Option<String>,
    pub ucid: Option<String>,
    #[serde(rename = "kin")]
    pub main_call: Option<String>,
    pub cause: Option<i32>,
}

/// Facts of a call, open or over, for an order of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFacts {
    /// The calling number; of a call out, the called one.
    pub number: String,
    /// Its begin, ms since 1970.
    pub offered_ms: i64,
    /// Its recording, once known.
    pub recording: Option<i64>,
    /// The station that had it last.
    pub station: Option<String>,
    /// The queue in which it waited last.
    pub queue: Option<String>,
}

/// The columns of a [`CallRow`], of the table `call` as `c`.
pub(super) const COLUMNS: &str = "c.call_id, c.direction, c.trunk, c.caller, c.called, c.queue, c.agent, c.station, c.keyed, c.offered_ms, \
    c.answered_ms, c.queued_ms, c.alerting_ms, c.established_ms, c.ended_ms, c.outcome, c.released_by, c.recording, c.machine, \
    c.ucid, c.kin, c.cause";

/// The call whose [`COLUMNS`] begin at column `at`.
pub(super) fn read_row(row: &Row<'_>, at: usize) -> rusqlite::Result<CallRow> {
    Ok(CallRow {
        call_id: row.get(at)?,
        direction: row.get(at + 1)?,
        trunk: row.get(at + 2)?,
        caller: row.get(at + 3)?,
        called: row.get(at + 4)?,
        queue: row.get(at + 5)?,
        agent: row.get(at + 6)?,
        station: row.get(at + 7)?,
        keyed: row.get(at + 8)?,
        offered_ms: row.get(at + 9)?,
        answered_ms: row.get(at + 10)?,
        queued_ms: row.get(at + 11)?,
        alerting_ms: row.get(at + 12)?,
        established_ms: row.get(at + 13)?,
        ended_ms: row.get(at + 14)?,
        outcome: row.get(at + 15)?,
        released_by: row.get(at + 16)?,
        recording: row.get(at + 17)?,
        machine: row.get(at + 18)?,
        ucid: row.get(at + 19)?,
        main_call: row.get(at + 20)?,
        cause: row.get(at + 21)?,
    })
}

impl SqliteStore {
    /// All calls, oldest first, as their rows stand.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn calls(&self) -> Result<Vec<CallRow>, StoreError> {
        let mut calls = Vec::new();
        self.each_call(0, u64::MAX, |call| calls.push(call.clone()))?;
        Ok(calls)
    }

    /// Gives the calls that began from `from` up to, not including, `to` (milliseconds since 1970), oldest first.
    ///
    /// # Errors
    /// The database cannot be read; calls before have been given.
    pub fn each_call(&self, from: u64, to: u64, mut f: impl FnMut(&CallRow)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading calls", &error);
        let mut select = self
            .connection
            .prepare(&format!(
                "SELECT {COLUMNS} FROM call AS c WHERE offered_ms >= ?1 AND offered_ms < ?2 ORDER BY offered_ms, id"
            ))
            .map_err(fail)?;
        let bound = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let rows = select.query_map([bound(from), bound(to)], |row| read_row(row, 0));
        for row in rows.map_err(fail)? {
            f(&row.map_err(fail)?);
        }
        Ok(())
    }

    /// The highest call identifier that was kept, with a call or with a recording; 0 if there is none. Identifiers go
    /// on from it after a restart.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn last_call(&self) -> Result<CallId, StoreError> {
        let select = "SELECT COALESCE(MAX(call_id), 0) FROM (SELECT call_id FROM call UNION ALL SELECT call_id FROM open_call \
             UNION ALL SELECT call_id FROM recording)";
        let last = self.connection.query_row(select, [], |row| row.get(0));
        last.map(CallId).map_err(|error| store_error("reading the last call", &error))
    }

    /// Returns the facts of a call, open or over; none if there is no such call.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn call_facts(&self, call: i32) -> Result<Option<CallFacts>, StoreError> {
        let select = "SELECT CASE direction WHEN 'outbound' THEN called ELSE caller END, offered_ms, \
                      COALESCE(recording, (SELECT MAX(id) FROM recording WHERE call_id = ?1)), station, queue \
                      FROM (SELECT call_id, direction, caller, called, offered_ms, recording, station, queue FROM open_call \
                      UNION ALL SELECT call_id, direction, caller, called, offered_ms, recording, station, queue FROM call) \
                      WHERE call_id = ?1 ORDER BY offered_ms DESC LIMIT 1";
        let facts = self.connection.prepare_cached(select).and_then(|mut select| {
            let facts = select.query_row([call], |row| {
                Ok(CallFacts {
                    number: row.get(0)?,
                    offered_ms: row.get(1)?,
                    recording: row.get(2)?,
                    station: row.get(3)?,
                    queue: row.get(4)?,
                })
            });
            facts.optional()
        });
        facts.map_err(|error| store_error("reading a call", &error))
    }
}

/// Writes a call by the statement of its row; of one that stands, with its `legs` as they stand in the row.
pub(super) fn keep(
    row: &mut Statement<'_>,
    at: &dyn Fn(Tick) -> i64,
    call: &CallRecord,
    legs: Option<&str>,
) -> rusqlite::Result<()> {
    let wait = call.queued.map_or(0, |queued| call.established.unwrap_or(call.ended).since(queued).as_ms());
    let talk = call.established.map_or(0, |established| call.ended.since(established).as_ms());
    let mut place = 0;
    macro_rules! bind {
        ($($column:expr),* $(,)?) => {
            $(place += 1; row.raw_bind_parameter(place, $column)?;)*
        };
    }
    bind!(
        call.call.0,
        call.direction.name(),
        call.trunk.as_ref().map(|trunk| trunk.as_str()),
        call.caller.as_str(),
        call.called.as_str(),
        call.queue.as_ref().map(|queue| queue.as_str()),
        call.agent.as_ref().map(|agent| agent.as_str()),
        call.station.as_ref().map(|station| station.as_str()),
        call.keyed.as_str(),
        at(call.offered),
        call.answered.map(at),
        call.queued.map(at),
        call.alerting.map(at),
        call.established.map(at),
        at(call.ended),
        wait as i64,
        talk as i64,
        call.outcome.name(),
        call.released_by.name(),
        call.recording.map(|recording| recording.0 as i64),
        call.machine.map(Machine::name),
        call.ucid.as_str(),
        call.main_call.as_ref().map(|ucid| ucid.as_str()),
        cause_column(call.cause),
    );
    if let Some(legs) = legs {
        bind!(legs);
    }
    row.raw_execute().map(drop)
}

/// The column of a cause; NULL where none is given.
pub(super) fn cause_column(cause: EventCause) -> Option<i32> {
    Some(cause).filter(|cause| *cause != EventCause::None).map(EventCause::number)
}
