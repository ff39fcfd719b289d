//! A day at the lines, as data: who calls, how patient they are, who sits at the telephones.
//!
//! A scenario is written in TOML (`examples/day.toml` explains every setting) or made by [`Scenario::of_calls`].
//! [`Scenario::plan`] turns it and a seed into single calls with everything settled. Every call and every agent draws from
//! a random stream of its own, so that changing one leaves the others as they were.
//!
//! Never: knows how calls are handled. It says only what people will do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::network::signal::dtmf::is_key;

mod plan;

pub use plan::{AgentPlan, CallPlan, OutgoingPlan, Plan};
pub(crate) use plan::{Stream, stream};

/// Two bounds in milliseconds, both possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span(pub u32, pub u32);

/// A scenario as it is written down.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// When it begins, and what the exchange takes for the date.
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
}

/// When a scenario begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Opening {
    /// What the first call waits for.
    pub after: OpeningAfter,
    /// How long after that the first call may come, in ms.
    pub delay_ms: u32,
    /// The exchange's date and time at the beginning, `MMDDHHMM`, as caller identity carries it.
    pub date: String,
}

impl Default for Opening {
    fn default() -> Opening {
        Opening { after: OpeningAfter::StationsLive, delay_ms: 3000, date: "09301230".into() }
    }
}

/// What the first call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpeningAfter {
    /// Nothing: the delay counts from the first millisecond.
    Start,
    /// Every agent's telephone has had battery for a second: the house has power.
    StationsLive,
}

/// The habits of callers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callers {
    /// How many calls come in, unless they are described one by one.
    pub count: u32,
    /// How long a line rests before the next call comes in on it, in ms.
    pub gap_ms: Span,
    /// How much longer it rests after a call that was never answered: whoever watches the line must see the ringing end.
    pub gap_after_unanswered_ms: u32,
    /// How long callers let it ring, in ms.
    pub ring_patience_ms: Span,
    /// How long callers wait for a human after pressing a key, in ms.
    pub queue_patience_ms: Span,
    /// How long callers talk once a human is there, in ms. They finish the phrase they are in.
    pub talk_ms: Span,
    /// Keys that callers may choose in the menu; empty: they press none and wait for a human at once.
    pub keys: String,
    /// Percent of callers who hang up first when all is said; the others wait for the agent to do so.
    pub hang_up_first_percent: u8,
    /// Percent of callers who withhold their number.
    pub withheld_percent: u8,
    /// How the exchange tells who calls.
    pub caller_id: CallerIdForm,
    /// With ten calls or more, have some callers give up early, and some wait: see [`Scenario::plan`].
    pub some_abandon: bool,
}

impl Default for Callers {
    fn default() -> Callers {
        Callers {
            count: 10,
            gap_ms: Span(2000, 5000),
            gap_after_unanswered_ms: 9000,
            ring_patience_ms: Span(40_000, 55_000),
            queue_patience_ms: Span(240_000, 300_000),
            talk_ms: Span(60_000, 90_000),
            keys: "1234".into(),
            hang_up_first_percent: 60,
            withheld_percent: 0,
            caller_id: CallerIdForm::Mixed,
            some_abandon: true,
        }
    }
}

/// How the exchange tells who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerIdForm {
    /// Single data message: the number.
    Sdmf,
    /// Multiple data message: number and name.
    Mdmf,
    /// One or the other, call by call.
    Mixed,
    /// The service is not subscribed: nothing is sent.
    None,
}

/// One call, described. What is left out comes from [`Callers`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Call {
    /// The socket of the trunk it comes in on; left out: the one that has rested longest.
    pub line: Option<u8>,
    /// How long the line rests before, in ms.
    pub gap_ms: Option<u32>,
    /// The caller's number; empty if it is withheld.
    pub number: Option<String>,
    /// The caller's name.
    pub name: Option<String>,
    /// How the exchange tells who calls.
    pub caller_id: Option<CallerIdForm>,
    /// How long the caller lets it ring, in ms.
    pub ring_patience_ms: Option<u32>,
    /// How long the caller waits for a human, in ms.
    pub queue_patience_ms: Option<u32>,
    /// How long the caller talks, in ms.
    pub talk_ms: Option<u32>,
    /// The key pressed in the menu; empty: none.
    pub key: Option<String>,
    /// Whether the caller hangs up first.
    pub hangs_up_first: Option<bool>,
}

/// The habits of agents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agents {
    /// From the first ring to lifting the handset, in ms; with a headset, from the zip tone to the first word.
    pub reaction_ms: Span,
    /// How long an agent listens to silence, all being said, before hanging up, in ms.
    pub silence_ms: u32,
    /// How long the handset stays in the hand after a call, in ms.
    pub linger_ms: Span,
    /// The same after an agent's first call and every eighth after it: there is something to be written down.
    pub long_linger_ms: Span,
}

impl Default for Agents {
    fn default() -> Agents {
        Agents {
            reaction_ms: Span(700, 2200),
            silence_ms: 2500,
            linger_ms: Span(300, 1500),
            long_linger_ms: Span(42_000, 46_000),
        }
    }
}

/// One agent, described.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The socket of the station.
    pub station: u8,
    /// What the agent wears or holds.
    pub phone: Phone,
    /// From the first ring to lifting the handset, in ms; left out: as all.
    #[serde(default)]
    pub reaction_ms: Option<Span>,
}

/// What an agent wears or holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phone {
    /// A handset: rings, is lifted, is put down.
    Handset,
    /// A headset: off hook all shift; a call begins with a short tone or with a voice.
    Headset,
    /// A telephone nobody answers.
    Unattended,
}

/// A call that an agent makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    /// The socket of the station.
    pub station: u8,
    /// The earliest moment, in ms after the opening; the agent must be free.
    pub after_ms: u32,
    /// The keys pressed.
    pub digits: String,
}

/// The habits of people who are called through the exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callees {
    /// How long it rings before they lift, in ms.
    pub answer_after_ms: Span,
    /// How long they talk, in ms.
    pub talk_ms: Span,
    /// Numbers that are engaged.
    pub engaged: Vec<String>,
    /// Numbers nobody answers.
    pub away: Vec<String>,
}

impl Default for Callees {
    fn default() -> Callees {
        Callees {
            answer_after_ms: Span(2000, 7000),
            talk_ms: Span(15_000, 30_000),
            engaged: Vec::new(),
            away: Vec::new(),
        }
    }
}

/// What is plugged into a socket of the card, seen from outside.
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
    /// `count` calls and the habits of everybody by default.
    pub fn of_calls(count: u32) -> Scenario {
        Scenario { callers: Callers { count, ..Callers::default() }, ..Scenario::default() }
    }

    /// Settles everything for these sockets and this seed.
    ///
    /// With [`Callers::some_abandon`] and ten calls or more, at least one caller gives up while it rings, and at most a
    /// quarter give up. If agents hold handsets and are no more than the trunks, the call after the first ones finds all
    /// of them engaged and gives up in the queue, and the next one waits.
    pub fn plan(&self, seed: u64, sockets: &[Socket]) -> Result<Plan, ScenarioError> {
        self.check(sockets)?;
        Ok(plan::make(self, seed, sockets))
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
        for (setting, percent) in [
            ("callers.hang_up_first_percent", self.callers.hang_up_first_percent),
            ("callers.withheld_percent", self.callers.withheld_percent),
        ] {
            if percent > 100 {
                return Err(ScenarioError::Percent { setting, percent });
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
            .chain(self.outgoing.iter().map(|o| ("outgoing.digits", &o.digits)))
        {
            if let Some(key) = keys.chars().find(|&k| !is_key(k)) {
                return Err(ScenarioError::Key { setting, key });
            }
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

/// Why a scenario cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioError {
    /// Calls, and no line for them.
    NoTrunk {
        /// How many calls.
        calls: usize,
    },
    /// A socket that should have a telephone has none.
    NoStation(u8),
    /// A socket that should have a trunk has none.
    NotATrunk(u8),
    /// The first bound is greater than the second.
    Backwards {
        /// Which setting.
        setting: &'static str,
        /// The first bound.
        from: u32,
        /// The second bound.
        to: u32,
    },
    /// More than all.
    Percent {
        /// Which setting.
        setting: &'static str,
        /// What it says.
        percent: u8,
    },
    /// Not `MMDDHHMM`.
    Date(String),
    /// No key of a telephone.
    Key {
        /// Which setting.
        setting: &'static str,
        /// What it says.
        key: char,
    },
    /// Not a number of digits only.
    Number(String),
    /// An outgoing call without a number.
    NoDigits(u8),
    /// An outgoing call from a telephone that nobody can lift.
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
            ScenarioError::Backwards { setting, from, to } => {
                write!(f, "{setting} goes from {from} to {to}: the smaller number comes first")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::signal::caller_id::Identity;

    const CARD: [Socket; 4] = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];

    fn read(text: &str) -> Result<Scenario, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_can_be_read_and_played() {
        let scenario = read(include_str!("../examples/day.toml")).expect("a scenario");
        let plan = scenario.plan(1, &CARD).expect("a plan");
        assert_eq!(plan.calls.len(), 2);
        assert_eq!(plan.calls[0].identity, Identity::Number("01062345678".into()));
        assert_eq!(plan.calls[1].ring_patience_ms, 2200);
        assert_eq!(plan.agents.len(), 2);
        assert_eq!(plan.agents[0].reaction_ms, Span(1000, 1500));
        assert_eq!(plan.agents[1].reaction_ms, Span(700, 2200));
    }

    #[test]
    fn what_the_example_shows_is_what_is_taken_when_left_out() {
        let text = include_str!("../examples/day.toml");
        let mut scenario = read(text).expect("a scenario");
        scenario.calls.clear();
        scenario.each_agent.clear();
        scenario.outgoing.clear();
        scenario.callees.engaged.clear();
        assert_eq!(scenario, Scenario::default());
        assert_eq!(read(""), Ok(Scenario::default()));
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let error = read("[callers]\ncuont = 3").unwrap_err();
        assert!(error.contains("cuont"), "{error}");
        assert!(read("[[agent]]\nstation = 2").unwrap_err().contains("phone"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_sentence() {
        let refused = |text: &str| read(text).expect(text).plan(1, &CARD).unwrap_err().to_string();
        for (text, word) in [
            ("[[agent]]\nstation = 1\nphone = 'handset'", "socket 1"),
            ("[[call]]\nline = 3", "socket 3"),
            ("[callers]\ntalk_ms = [9, 3]", "callers.talk_ms goes from 9 to 3"),
            ("[callers]\nhang_up_first_percent = 101", "101"),
            ("[callers]\nkeys = '12x'", "'x'"),
            ("[[call]]\nnumber = '12 34'", "12 34"),
            ("[opening]\ndate = 'today'", "today"),
            ("[[outgoing]]\nstation = 2\nafter_ms = 0\ndigits = ''", "no digits"),
            (
                "[[agent]]\nstation = 2\nphone = 'headset'\n[[outgoing]]\nstation = 2\nafter_ms = 0\ndigits = '1'",
                "handset",
            ),
        ] {
            let sentence = refused(text);
            assert!(sentence.contains(word), "{text}: {sentence}");
        }
        let nothing = Scenario::of_calls(3).plan(1, &[Socket::Station]).unwrap_err();
        assert!(nothing.to_string().contains("no socket of the card holds a trunk"));
    }

    #[test]
    fn ten_calls_or_more_have_some_who_give_up_and_never_too_many() {
        for seed in 0..50 {
            for count in [10, 20, 40, 100] {
                let plan = Scenario::of_calls(count).plan(seed, &CARD).expect("a plan");
                let ringing = plan.calls.iter().filter(|c| c.ring_patience_ms < 5000).count();
                let queued = plan.calls.iter().filter(|c| c.queue_patience_ms < 10_000).count();
                assert!(ringing >= 1 && queued >= 1, "seed {seed}, {count} calls");
                assert!((ringing + queued) * 4 <= count as usize, "seed {seed}: {ringing} + {queued} of {count}");
                let mut numbers: Vec<&str> = plan.calls.iter().map(CallPlan::number).collect();
                numbers.sort_unstable();
                numbers.dedup();
                assert_eq!(numbers.len(), count as usize, "seed {seed}: every caller has a number of their own");
            }
        }
    }

    #[test]
    fn one_change_leaves_the_other_calls_as_they_were() {
        let mut scenario = Scenario { calls: vec![Call::default(); 5], ..Scenario::default() };
        let before = scenario.plan(3, &CARD).expect("a plan");
        scenario.calls[1].talk_ms = Some(1);
        scenario.calls[1].number = Some(String::new());
        let after = scenario.plan(3, &CARD).expect("a plan");
        for i in [0, 2, 3, 4] {
            assert_eq!(before.calls[i], after.calls[i]);
        }
        assert_eq!(after.calls[1].identity, Identity::Private);
        assert_eq!(after.calls[1].name, before.calls[1].name);
    }
}
