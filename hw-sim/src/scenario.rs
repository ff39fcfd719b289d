//! A day at the lines, as data: callers and their patience, agents and their telephones.
//!
//! A scenario is written in TOML (`examples/day.toml` explains every setting) or made by [`Scenario::of_calls`].
//! [`Scenario::plan`] turns it and a seed into single calls with everything settled. Every call and every agent draws
//! from a random stream of its own, so that changing one leaves the others as they were.
//!
//! Never: knows how calls are handled. It says only what people will do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Planned;
use crate::network::country::COUNTRIES;
use crate::network::signal::dtmf::is_key;

mod plan;
mod settings;
#[cfg(test)]
mod tests;

pub use plan::{AgentPlan, CallPlan, OutgoingPlan, Plan};
pub(crate) use plan::{Stream, stream};
pub use settings::{
    Agent, Agents, Alone, Call, Callees, CallerIdCarrier, CallerIdForm, CallerIdTimingName, Callers, Cut, Dialling,
    Lines, Opening, OpeningAfter, Outgoing, PHRASE_MS, Phone, ReleaseKind, Shifts, Span, Stations, Voices,
};

/// The shortest phrase that two voices have enough loudness in to be distinguished, in ms.
const PHRASE_LEAST_MS: u32 = 1000;

/// A scenario as it is written down.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The scenario's beginning, which the exchange takes for the date.
    pub opening: Opening,
    /// The habits of callers who are not described one by one.
    pub callers: Callers,
    /// Callers described one by one; instead of [`Callers::count`] when there is at least one.
    #[serde(rename = "call")]
    pub calls: Vec<Call>,
    /// The habits of agents who are not described one by one.
    pub agents: Agents,
    /// Agents described one by one; a station that is not mentioned has an agent with a handset.
    #[serde(rename = "agent")]
    pub each_agent: Vec<Agent>,
    /// Calls that agents make.
    pub outgoing: Vec<Outgoing>,
    /// The habits of people who are called.
    pub callees: Callees,
    /// Equipment of the subscriber lines.
    pub lines: Lines,
    /// Impairments of the telephones' wires.
    pub stations: Stations,
    /// The synthesised voices of all people.
    pub voices: Voices,
    /// Wires that are cut for a while.
    #[serde(rename = "cut")]
    pub cuts: Vec<Cut>,
    /// Faults of the card itself, in milliseconds of its life.
    #[serde(rename = "fault")]
    pub faults: Vec<Planned>,
}

/// Module in a socket of the card, seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// Nothing.
    Empty,
    /// A line of the exchange.
    Trunk,
    /// A telephone.
    Station,
}

impl Scenario {
    /// A day of `count` calls with the default habits.
    pub fn of_calls(count: u32) -> Scenario {
        Scenario { callers: Callers { count, ..Callers::default() }, ..Scenario::default() }
    }

    /// Settles everything for these sockets and this seed.
    ///
    /// With [`Callers::some_abandon`] and ten calls or more, at least one caller gives up while it rings, and at most a
    /// quarter give up. If agents hold handsets and are no more than the trunks, the call after the first ones finds
    /// all of them engaged and gives up in the queue, and the next one waits.
    ///
    /// # Errors
    ///
    /// A [`ScenarioError`] if the scenario contradicts itself or the sockets, or its country is not known.
    pub fn plan(&self, seed: u64, sockets: &[Socket]) -> Result<Plan, ScenarioError> {
        self.check(sockets)?;
        let equipment = self.lines.equipment().ok_or_else(|| ScenarioError::Country(self.lines.country.clone()))?;
        Ok(plan::make(self, seed, sockets, equipment))
    }

    fn check(&self, sockets: &[Socket]) -> Result<(), ScenarioError> {
        let trunks = sockets.iter().filter(|&&s| s == Socket::Trunk).count();
        let calls = if self.calls.is_empty() { self.callers.count as usize } else { self.calls.len() };
        if calls > 0 && trunks == 0 {
            return Err(ScenarioError::NoTrunk { calls });
        }
        let spans = [
            ("callers.gap_ms", self.callers.gap_ms),
            ("callers.ring_patience_ms", self.callers.ring_patience_ms),
            ("callers.queue_patience_ms", self.callers.queue_patience_ms),
            ("callers.talk_ms", self.callers.talk_ms),
            ("callers.alone.talk_ms", self.callers.alone.talk_ms),
            ("voices.phrase_ms", self.voices.phrase_ms),
            ("agents.reaction_ms", self.agents.reaction_ms),
            ("agents.linger_ms", self.agents.linger_ms),
            ("agents.long_linger_ms", self.agents.long_linger_ms),
            ("callees.answer_after_ms", self.callees.answer_after_ms),
            ("callees.talk_ms", self.callees.talk_ms),
        ];
        let of_agents = self.each_agent.iter().filter_map(|a| a.reaction_ms).map(|s| ("agent.reaction_ms", s));
        for (setting, span) in spans.into_iter().chain(of_agents) {
            if span.0 > span.1 {
                return Err(ScenarioError::Backwards { setting, from: span.0, to: span.1 });
            }
        }
        let Span(shortest, longest) = self.voices.phrase_ms;
        if shortest < PHRASE_LEAST_MS || longest > PHRASE_MS.1 {
            return Err(ScenarioError::Phrases { from: shortest, to: longest });
        }
        for (setting, percent) in [
            ("callers.hang_up_first_percent", self.callers.hang_up_first_percent),
            ("callers.withheld_percent", self.callers.withheld_percent),
            ("callers.fax_percent", self.callers.fax_percent),
        ] {
            if percent > 100 {
                return Err(ScenarioError::Percent { setting, percent });
            }
        }
        if let Some(cut) = self.cuts.iter().find(|cut| usize::from(cut.socket) >= sockets.len()) {
            return Err(ScenarioError::NoSocket(cut.socket));
        }
        for planned in &self.faults {
            if let Some(port) = planned.fault.port().filter(|&port| port >= sockets.len()) {
                return Err(ScenarioError::NoFaultyPort(port));
            }
            if !(0.0..=1.0).contains(&planned.chance) {
                return Err(ScenarioError::Chance(planned.chance.to_string()));
            }
        }
        let date = &self.opening.date;
        if date.len() != 8 || !date.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ScenarioError::Date(date.clone()));
        }
        let socket = |socket: u8| sockets.get(usize::from(socket)).copied().unwrap_or(Socket::Empty);
        for agent in &self.each_agent {
            if socket(agent.station) != Socket::Station {
                return Err(ScenarioError::NoStation(agent.station));
            }
        }
        for (setting, keys) in std::iter::once(("callers.keys", &self.callers.keys))
            .chain(self.calls.iter().filter_map(|c| c.key.as_ref()).map(|k| ("call.key", k)))
            .chain(self.calls.iter().flat_map(|c| &c.more_keys).map(|k| ("call.more_keys", k)))
            .chain(self.outgoing.iter().map(|o| ("outgoing.digits", &o.digits)))
        {
            if let Some(key) = keys.chars().find(|&k| !is_key(k)) {
                return Err(ScenarioError::Key { setting, key });
            }
        }
        let alone = &self.callers.alone;
        if let Some(key) = alone.key.filter(|&key| !is_key(key)) {
            return Err(ScenarioError::Key { setting: "callers.alone.key", key });
        }
        if let Some(line) = alone.line.filter(|&line| socket(line) != Socket::Trunk) {
            return Err(ScenarioError::NotATrunk(line));
        }
        for call in &self.calls {
            if let Some(line) = call.line
                && socket(line) != Socket::Trunk
            {
                return Err(ScenarioError::NotATrunk(line));
            }
            if let Some(number) = &call.number
                && !number.bytes().all(|b| b.is_ascii_digit())
            {
                return Err(ScenarioError::Number(number.clone()));
            }
        }
        for outgoing in &self.outgoing {
            if socket(outgoing.station) != Socket::Station {
                return Err(ScenarioError::NoStation(outgoing.station));
            }
            let phone = self.each_agent.iter().find(|agent| agent.station == outgoing.station).map(|agent| agent.phone);
            if !matches!(phone, None | Some(Phone::Handset)) {
                return Err(ScenarioError::NoHandset(outgoing.station));
            }
            if outgoing.digits.is_empty() {
                return Err(ScenarioError::NoDigits(outgoing.station));
            }
        }
        Ok(())
    }
}

/// Fault for which a scenario cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScenarioError {
    /// Calls, and no line for them.
    NoTrunk {
        /// Number of calls.
        calls: usize,
    },
    /// A socket that should have a telephone has none.
    NoStation(u8),
    /// A socket that should have a trunk has none.
    NotATrunk(u8),
    /// Phrases that are too short to be found in a receiver, or longer than a receiver remembers.
    Phrases {
        /// The shortest, in ms.
        from: u32,
        /// The longest, in ms.
        to: u32,
    },
    /// The first bound is greater than the second.
    Backwards {
        /// The setting.
        setting: &'static str,
        /// The first bound.
        from: u32,
        /// The second bound.
        to: u32,
    },
    /// Nothing is known of this country's lines.
    Country(String),
    /// A socket that the card does not have.
    NoSocket(u8),
    /// A fault of a port that the card does not have.
    NoFaultyPort(usize),
    /// A chance that is none.
    Chance(String),
    /// More than all.
    Percent {
        /// The setting.
        setting: &'static str,
        /// The message.
        percent: u8,
    },
    /// Not `MMDDHHMM`.
    Date(String),
    /// No key of a telephone.
    Key {
        /// The setting.
        setting: &'static str,
        /// The message.
        key: char,
    },
    /// Not a number of digits only.
    Number(String),
    /// An outgoing call without a number.
    NoDigits(u8),
    /// An outgoing call from a telephone without an agent.
    NoHandset(u8),
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScenarioError::NoTrunk { calls } => {
                write!(f, "The scenario has {calls} calls, but no socket of the card holds a trunk")
            }
            ScenarioError::NoStation(socket) => {
                write!(f, "The scenario puts an agent at socket {socket}, which holds no station; sockets count from 0")
            }
            ScenarioError::NotATrunk(socket) => {
                write!(f, "The scenario sends a call to socket {socket}, which holds no trunk; sockets count from 0")
            }
            ScenarioError::Phrases { from, to } => write!(
                f,
                "voices.phrase_ms is {from} to {to} ms: {PHRASE_LEAST_MS} to {} ms can be distinguished in a receiver",
                PHRASE_MS.1
            ),
            ScenarioError::Backwards { setting, from, to } => {
                write!(f, "{setting} goes from {from} to {to}: the smaller number comes first")
            }
            ScenarioError::Country(code) => {
                let known = COUNTRIES.map(|country| country.code).join(", ");
                write!(f, "lines.country is {code:?}, but only these are known: {known}")
            }
            ScenarioError::NoSocket(socket) => {
                write!(f, "A wire is to be cut at socket {socket}, which the card does not have; sockets count from 0")
            }
            ScenarioError::NoFaultyPort(port) => {
                write!(f, "A fault is planned for port {port}, which the card does not have; ports count from 0")
            }
            ScenarioError::Chance(chance) => {
                write!(f, "fault.chance is {chance}, but a chance is a number from 0 (never) to 1 (always)")
            }
            ScenarioError::Percent { setting, percent } => {
                write!(f, "{setting} is {percent}, but there are no more than 100 in a hundred")
            }
            ScenarioError::Date(date) => {
                write!(f, "opening.date is {date:?}, but should be eight digits: month, day, hour, minute")
            }
            ScenarioError::Key { setting, key } => {
                write!(f, "{setting} has {key:?}, which is no key of a telephone: 0 to 9, *, #, A to D")
            }
            ScenarioError::Number(number) => {
                write!(f, "call.number is {number:?}, but a caller's number has digits only")
            }
            ScenarioError::NoDigits(station) => {
                write!(f, "An outgoing call from socket {station} has no digits to dial")
            }
            ScenarioError::NoHandset(station) => {
                write!(
                    f,
                    "An outgoing call is to be made at socket {station}, but only an agent with a handset makes calls"
                )
            }
        }
    }
}

impl std::error::Error for ScenarioError {}
