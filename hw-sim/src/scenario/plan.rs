//! From habits and a seed to single calls.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Callees, CallerIdForm, Cut, Dialling, OpeningAfter, Phone, Scenario, Shifts, Socket, Span};
use crate::network::exchange::Equipment;
use crate::network::impairment::Impairments;
use crate::network::signal::caller_id::{Format, Identity, Stamp};

/// A scenario with everything settled.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The seed it came from.
    pub seed: u64,
    /// Condition for the first call.
    pub opening_after: OpeningAfter,
    /// Least time from there to the first call, in ms.
    pub opening_delay_ms: u32,
    /// The exchange's date and time at the beginning.
    pub date: Stamp,
    /// The calls that come in, in the order in which they do; the first has number 1.
    pub calls: Vec<CallPlan>,
    /// The shortest and longest phrase of a synthesised voice, in ms.
    pub phrase_ms: Span,
    /// Additional rest of a line after a call that was never answered, in ms.
    pub gap_after_unanswered_ms: u32,
    /// The agents, by their sockets upwards.
    pub agents: Vec<AgentPlan>,
    /// The calls agents make, each agent's in the order in which they are made.
    pub outgoing: Vec<OutgoingPlan>,
    /// The habits of people who are called.
    pub callees: Callees,
    /// Equipment of the lines.
    pub equipment: Equipment,
    /// Impairments of the lines.
    pub line_impairments: Impairments,
    /// Impairments of the telephones' wires.
    pub station_impairments: Impairments,
    /// Wires that are cut for a while.
    pub cuts: Vec<Cut>,
    /// Shifts of the day.
    pub shifts: Shifts,
}

/// A call that comes in.
#[derive(Debug, Clone, PartialEq)]
pub struct CallPlan {
    /// The number of the call, from 1.
    pub call: u32,
    /// The trunk's socket, or any.
    pub line: Option<u8>,
    /// Rest of the line before the call, in ms.
    pub gap_ms: u32,
    /// Calling line identification.
    pub identity: Identity,
    /// The caller's name.
    pub name: String,
    /// Caller ID message format; `None` without caller ID.
    pub caller_id: Option<Format>,
    /// Ringing time until the caller gives up, in ms.
    pub ring_patience_ms: u32,
    /// Waiting time until the caller gives up, in ms.
    pub queue_patience_ms: u32,
    /// Talking time of the caller, in ms.
    pub talk_ms: u32,
    /// The key pressed in the menu.
    pub key: Option<char>,
    /// The keys pressed after each further prompt.
    pub more_keys: Vec<String>,
    /// Length of the message left after the last prompt, in ms.
    pub message_ms: Option<u32>,
    /// True if the caller clears first.
    pub hangs_up_first: bool,
    /// True if the caller is a fax machine.
    pub fax: bool,
    /// True if the call waits until no other is on a line and every telephone is at rest.
    pub alone: bool,
}

impl CallPlan {
    /// The caller's number; empty if it is withheld.
    pub fn number(&self) -> &str {
        match &self.identity {
            Identity::Number(digits) => digits,
            Identity::Private | Identity::Unavailable => "",
        }
    }
}

/// An agent at a station.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentPlan {
    /// The station's socket.
    pub station: u8,
    /// Telephone of the agent.
    pub phone: Phone,
    /// From the first ring to lifting, in ms.
    pub reaction_ms: Span,
    /// Silence after which the agent hangs up, in ms.
    pub silence_ms: u32,
    /// Time the handset stays off hook after a call, in ms.
    pub linger_ms: Span,
    /// Lingering after the first call and every eighth after it.
    pub long_linger_ms: Span,
    /// Dialling method of the agent.
    pub dialling: Dialling,
}

impl AgentPlan {
    /// An unattended telephone.
    pub fn unattended(station: u8) -> AgentPlan {
        let never = Span(0, 0);
        AgentPlan {
            station,
            phone: Phone::Unattended,
            reaction_ms: never,
            silence_ms: 0,
            linger_ms: never,
            long_linger_ms: never,
            dialling: Dialling::Keys,
        }
    }
}

/// A call an agent makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingPlan {
    /// The station's socket.
    pub station: u8,
    /// The earliest moment, in ms after the opening.
    pub after_ms: u32,
    /// The keys pressed.
    pub digits: String,
}

/// Purpose of a random stream. With an index it names the stream, independent of all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// The plan of a call, by its number.
    Call = 1,
    /// Remote party of a call, by its number.
    Remote = 2,
    /// Agent, by the station's socket.
    Agent = 3,
    /// Subscriber line, by its socket.
    Line = 4,
    /// A phrase, by its own number.
    Phrase = 5,
}

/// The random stream of this name.
pub(crate) fn stream(seed: u64, stream: Stream, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((stream as u64) << 56 | index);
    rng
}

impl Span {
    /// Some length within it.
    pub(crate) fn pick(self, rng: &mut ChaCha8Rng) -> u32 {
        rng.random_range(self.0..=self.1)
    }
}

const FAMILY_NAMES: [&str; 20] = [
    "WANG", "LI", "ZHANG", "LIU", "CHEN", "YANG", "HUANG", "ZHAO", "WU", "ZHOU", "XU", "SUN", "MA", "ZHU", "HU", "GUO",
    "HE", "LIN", "GAO", "LUO",
];
const GIVEN_NAMES: [&str; 20] = [
    "WEI", "FANG", "NA", "MIN", "JING", "LEI", "QIANG", "JUN", "YANG", "YONG", "JIE", "TAO", "MING", "CHAO", "XIA",
    "PING", "GANG", "HUA", "BO", "YAN",
];

/// A caller who gives up while it rings does so within the first cycle of ringing, before anyone can have answered.
const GIVES_UP_RINGING_MS: Span = Span(2000, 2400);
/// A caller who gives up in the queue does so soon.
const GIVES_UP_QUEUED_MS: Span = Span(5000, 7000);
/// The first call is over soon, while the others are still in their first: see [`Scenario::plan`].
const SHORT_TALK_MS: Span = Span(16_000, 20_000);

/// Settles a scenario that has been checked.
pub(super) fn make(scenario: &Scenario, seed: u64, sockets: &[Socket], equipment: Equipment) -> Plan {
    let mut calls: Vec<CallPlan> = Vec::new();
    let count = if scenario.calls.is_empty() { scenario.callers.count } else { scenario.calls.len() as u32 };
    for call in 1..=count {
        let plan = settle_call(scenario, seed, call, &calls);
        calls.push(plan);
    }
    let agents = settle_agents(scenario, sockets);
    if scenario.calls.is_empty() && scenario.callers.some_abandon && count >= 10 {
        let trunks = sockets.iter().filter(|&&s| s == Socket::Trunk).count();
        let among_others = calls.iter().take_while(|call| !call.alone).count();
        arrange(&mut calls[..among_others], trunks, &agents, seed);
    }
    let mut date = [b'0'; 8];
    date.copy_from_slice(scenario.opening.date.as_bytes());
    Plan {
        seed,
        opening_after: scenario.opening.after,
        opening_delay_ms: scenario.opening.delay_ms,
        date,
        calls,
        phrase_ms: scenario.voices.phrase_ms,
        gap_after_unanswered_ms: scenario.callers.gap_after_unanswered_ms,
        agents,
        outgoing: scenario
            .outgoing
            .iter()
            .map(|o| OutgoingPlan { station: o.station, after_ms: o.after_ms, digits: o.digits.clone() })
            .collect(),
        callees: scenario.callees.clone(),
        equipment,
        line_impairments: scenario.lines.impairments,
        station_impairments: scenario.stations.impairments,
        cuts: scenario.cuts.clone(),
        shifts: scenario.callers.shifts,
    }
}

/// Everything is drawn, also what is given, so that giving one thing leaves the others as they were.
fn settle_call(scenario: &Scenario, seed: u64, call: u32, before: &[CallPlan]) -> CallPlan {
    let habits = &scenario.callers;
    let given = scenario.calls.get(call as usize - 1).cloned().unwrap_or_default();
    let mut rng = stream(seed, Stream::Call, u64::from(call));
    let gap_ms = habits.gap_ms.pick(&mut rng);
    let ring_patience_ms = habits.ring_patience_ms.pick(&mut rng);
    let queue_patience_ms = habits.queue_patience_ms.pick(&mut rng);
    let alone = scenario.calls.is_empty() && call > habits.count.saturating_sub(habits.alone.calls);
    let talk_ms = if alone { habits.alone.talk_ms } else { habits.talk_ms }.pick(&mut rng);
    let chosen = rng.random_range(0..habits.keys.len().max(1));
    let hangs_up_first = rng.random_range(0..100) < habits.hang_up_first_percent;
    let withheld = rng.random_range(0..100) < habits.withheld_percent;
    let sdmf = rng.random_range(0..2) == 0;
    let name = format!(
        "{} {}",
        FAMILY_NAMES[rng.random_range(0..FAMILY_NAMES.len())],
        GIVEN_NAMES[rng.random_range(0..GIVEN_NAMES.len())]
    );
    let number = loop {
        let number = any_number(&mut rng);
        if before.iter().all(|other| other.number() != number) {
            break number;
        }
    };
    let fax = given.fax.unwrap_or(rng.random_range(0..100) < habits.fax_percent);
    let identity = match given.number {
        Some(number) if number.is_empty() => Identity::Private,
        Some(number) => Identity::Number(number),
        None if withheld => Identity::Private,
        None => Identity::Number(number),
    };
    let caller_id = match given.caller_id.unwrap_or(habits.caller_id) {
        CallerIdForm::Sdmf => Some(Format::Sdmf),
        CallerIdForm::Mdmf => Some(Format::Mdmf),
        CallerIdForm::Mixed => Some(if sdmf { Format::Sdmf } else { Format::Mdmf }),
        CallerIdForm::None => None,
    };
    CallPlan {
        call,
        line: given.line.or(habits.alone.line.filter(|_| alone)),
        gap_ms: given.gap_ms.or(habits.alone.gap_ms.filter(|_| alone)).unwrap_or(gap_ms),
        identity,
        name: given.name.unwrap_or(name),
        caller_id,
        ring_patience_ms: given.ring_patience_ms.unwrap_or(ring_patience_ms),
        queue_patience_ms: given.queue_patience_ms.unwrap_or(queue_patience_ms),
        talk_ms: given.talk_ms.unwrap_or(talk_ms),
        key: match given.key {
            _ if fax => None,
            Some(key) => key.chars().next(),
            None if alone && habits.alone.key.is_some() => habits.alone.key,
            None => habits.keys.chars().nth(chosen),
        },
        more_keys: if fax { Vec::new() } else { given.more_keys },
        message_ms: given.message_ms.filter(|_| !fax),
        hangs_up_first: given.hangs_up_first.unwrap_or(hangs_up_first),
        fax,
        alone,
    }
}

/// A mobile number (11 digits) or one of Beijing or Shanghai with its area code.
fn any_number(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..10) {
        0..7 => format!("1{}{:09}", rng.random_range(3..=9), rng.random_range(0..1_000_000_000)),
        7..9 => format!("010{}{:07}", rng.random_range(5..=8), rng.random_range(0..10_000_000)),
        _ => format!("021{}{:07}", rng.random_range(5..=6), rng.random_range(0..10_000_000)),
    }
}

fn settle_agents(scenario: &Scenario, sockets: &[Socket]) -> Vec<AgentPlan> {
    let habits = &scenario.agents;
    let stations = (0u8..).zip(sockets).filter(|(_, socket)| **socket == Socket::Station);
    let agent = |station: u8| {
        let given = scenario.each_agent.iter().find(|agent| agent.station == station);
        AgentPlan {
            station,
            phone: given.map_or(Phone::Handset, |agent| agent.phone),
            reaction_ms: given.and_then(|agent| agent.reaction_ms).unwrap_or(habits.reaction_ms),
            silence_ms: habits.silence_ms,
            linger_ms: habits.linger_ms,
            long_linger_ms: habits.long_linger_ms,
            dialling: habits.dialling,
        }
    };
    stations.map(|(station, _)| agent(station)).collect()
}

/// Sees to it that some give up and some wait.
///
/// The first calls reach all agents. The very first is short, and its agent then keeps the handset for a while; so the
/// next call on that line finds no free agent, is abandoned, and the one after it waits until the handset is on hook.
fn arrange(calls: &mut [CallPlan], trunks: usize, agents: &[AgentPlan], seed: u64) {
    let mut rng = stream(seed, Stream::Call, 0);
    let count = calls.len();
    let handsets = agents.iter().filter(|agent| agent.phone == Phone::Handset).count();
    let crowded = trunks >= handsets && handsets > 0 && trunks + 2 < count;
    let mut quiet_from = 1;
    if crowded {
        calls[0].talk_ms = SHORT_TALK_MS.pick(&mut rng);
        calls[0].hangs_up_first = true;
        for (i, call) in calls.iter_mut().take(trunks).enumerate() {
            // The first to come is the first to be over.
            call.gap_ms = 500 + 1500 * i as u32;
        }
        calls[trunks].queue_patience_ms = GIVES_UP_QUEUED_MS.pick(&mut rng);
        quiet_from = trunks + 2;
    }
    // One in forty more gives up while it rings, one in twenty in the queue, if anyone has to wait there.
    let mut pick = |wanted: usize, from: usize| -> Vec<usize> {
        let mut picked: Vec<usize> = Vec::new();
        while picked.len() < wanted && from < count {
            let call = rng.random_range(from..count);
            if !picked.contains(&call) {
                picked.push(call);
            }
        }
        picked.sort_unstable();
        picked
    };
    let ringing = pick(1 + count / 40, quiet_from);
    let queued = pick(count / 20, quiet_from);
    for call in ringing {
        calls[call].ring_patience_ms = GIVES_UP_RINGING_MS.pick(&mut rng);
    }
    for call in queued {
        calls[call].queue_patience_ms = GIVES_UP_QUEUED_MS.pick(&mut rng);
    }
}
