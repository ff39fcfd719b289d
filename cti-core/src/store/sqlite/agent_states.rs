//! Changes of the agents' states: those that were committed together stand in one row.
//!
//! Never: changes a row.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};
use tipring_driver::time::Tick;

use super::{SqliteStore, json, store_error};
use crate::csta::AgentState;
use crate::store::{AgentRecord, StoreError};

/// The last state of an agent in the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// The agent.
    pub agent: String,
    /// The station.
    pub station: String,
    /// The state, as the column names it.
    pub state: String,
    /// The time of the change, in milliseconds since 1970.
    pub at_ms: i64,
    /// The reason code of *not ready* or the log-out; 0 for none.
    pub reason: u8,
}

/// Keeps changes in one row: for each an array of the columns of the view from `at_ms` on.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    at: &dyn Fn(Tick) -> i64,
    changes: &[&AgentRecord],
) -> rusqlite::Result<()> {
    let moments = || changes.iter().map(|change| at(change.at));
    let (Some(first), Some(last)) = (moments().min(), moments().max()) else { return Ok(()) };
    let one = |of: &&AgentRecord| (at(of.at), of.agent, of.station, state_name(of.state), of.reason);
    transaction
        .prepare_cached("INSERT INTO agent_state_block (first_ms, last_ms, states) VALUES (?1, ?2, ?3)")?
        .execute(params![first, last, json(&changes.iter().map(one).collect::<Vec<_>>())?])
        .map(drop)
}

/// The column `agent_state.state`.
fn state_name(state: AgentState) -> &'static str {
    match state {
        AgentState::NotInitialized => "unknown",
        AgentState::NotReady => "not-ready",
        AgentState::Null => "logged-off",
        AgentState::Ready => "ready",
        AgentState::WorkNotReady => "work-not-ready",
        AgentState::WorkReady => "work-ready",
    }
}

impl SqliteStore {
    /// The last state of each agent whose last change was after `since_ms`, in the order of the agents.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_agent_states(&self, since_ms: i64) -> Result<Vec<AgentRow>, StoreError> {
        let read = || -> rusqlite::Result<Vec<AgentRow>> {
            let mut select = self.connection.prepare(
                "SELECT agent, station, state, at_ms, reason FROM agent_state WHERE block IN \
                 (SELECT id FROM agent_state_block WHERE last_ms > ?1) ORDER BY block, place",
            )?;
            let mut last = BTreeMap::new();
            for row in select.query_map([since_ms], |row| {
                let (agent, station, state) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(AgentRow { agent, station, state, at_ms: row.get(3)?, reason: row.get(4)? })
            })? {
                let row = row?;
                last.insert(row.agent.clone(), row);
            }
            Ok(last.into_values().filter(|row| row.at_ms > since_ms).collect())
        };
        read().map_err(|error| store_error("reading agents' states", &error))
    }
}
