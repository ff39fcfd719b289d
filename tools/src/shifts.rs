//! Shifts as they are shown outside: who leads them, and a naming asked for from outside.
//!
//! Never: has a rule of namings.

use chrono::NaiveDate;
use serde::Serialize;
use tipring_core::csta::AgentId;
use tipring_core::shift::{Leaders, Naming, Shift};
use tipring_core::store::StoreError;
use tipring_core::store::sqlite::SqliteStore;

use crate::config::shift::Roster;

/// Time ahead in which a shift of a name is looked for, ms: a week and a day.
const AHEAD_MS: i64 = 8 * 24 * 3_600_000;

/// A naming as it is listed. Moments are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamingRow {
    /// The shift.
    pub shift: String,
    /// Its begin.
    pub begin_ms: i64,
    /// Its end.
    pub end_ms: i64,
    /// The principal; empty if none is named.
    pub principal: String,
    /// The deputy; empty if none is named.
    pub deputy: String,
    /// The person who named them.
    pub named_by: String,
    /// The moment.
    pub named_ms: i64,
}

impl From<Naming> for NamingRow {
    fn from(naming: Naming) -> NamingRow {
        NamingRow {
            shift: naming.shift.name,
            begin_ms: naming.shift.begin_ms,
            end_ms: naming.shift.end_ms,
            principal: naming.leaders.principal.to_string(),
            deputy: naming.leaders.deputy.to_string(),
            named_by: naming.person,
            named_ms: naming.named_ms,
        }
    }
}

/// A shift that runs, and the people named for it who are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The shift.
    pub shift: Shift,
    /// The people.
    pub leaders: Leaders,
}

impl Roster {
    /// Finds a shift by its name: that of a date, or else the one that runs or begins next.
    ///
    /// # Errors
    /// There is no such shift, or none on that date: a sentence.
    pub fn find(&self, name: &str, date: Option<NaiveDate>, now_ms: i64) -> Result<Shift, String> {
        let Some(config) = self.shifts.iter().find(|shift| shift.name == name) else {
            let known: Vec<&str> = self.shifts.iter().map(|shift| shift.name.as_str()).collect();
            return Err(match known.as_slice() {
                [] => "The site has no shifts; put [[shift]] into its configuration".to_owned(),
                known => format!("There is no shift {name}; there are {}", known.join(", ")),
            });
        };
        if let Some(date) = date {
            return config.of(self.clock, date).ok_or_else(|| format!("The shift {name} does not begin on {date}"));
        }
        let next = self.between(now_ms, now_ms + AHEAD_MS);
        let mut shifts = self.at(now_ms).into_iter().chain(next);
        shifts.find(|shift| shift.name == name).ok_or_else(|| format!("The shift {name} begins on no day of a week"))
    }

    /// Finds an agent.
    ///
    /// # Errors
    /// There is no such agent: a sentence.
    pub fn agent(&self, id: &str) -> Result<AgentId, String> {
        let found = self.agents.iter().map(|(agent, _)| *agent).find(|agent| agent.as_str() == id);
        found.ok_or_else(|| format!("There is no agent {id}; a shift is led by agents of the site"))
    }

    /// The people in force of some shifts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn duties(&self, store: &SqliteStore, shifts: Vec<Shift>) -> Result<Vec<Duty>, StoreError> {
        let duty = |shift: Shift| {
            let namings = store.namings((shift.begin_ms, shift.begin_ms + 1))?;
            let last = namings.into_iter().rfind(|naming| naming.shift.name == shift.name);
            Ok(Duty { shift, leaders: last.map(|naming| naming.leaders).unwrap_or_default() })
        };
        shifts.into_iter().map(duty).collect()
    }
}
