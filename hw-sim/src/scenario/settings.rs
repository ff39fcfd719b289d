//! The tables of a scenario: habits of callers and agents, and the equipment of lines. `examples/day.toml` shows them
//! all.

use serde::{Deserialize, Serialize};

use crate::network::country::{Carrier, Delivery, Moment, country};
use crate::network::exchange::{Equipment, Release};
use crate::network::impairment::Impairments;
use crate::network::signal::fsk::Modem;

/// Two bounds in milliseconds, both possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span(pub u32, pub u32);

/// Beginning of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Opening {
    /// Condition for the first call.
    pub after: OpeningAfter,
    /// Least time from there to the first call, in ms.
    pub delay_ms: u32,
    /// The exchange's date and time at the beginning, `MMDDHHMM`, as caller identity carries it.
    pub date: String,
}

impl Default for Opening {
    fn default() -> Opening {
        Opening { after: OpeningAfter::StationsLive, delay_ms: 3000, date: "09301230".into() }
    }
}

/// Condition for the first call.
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
    /// Number of incoming calls, unless they are described one by one.
    pub count: u32,
    /// Rest of a line before the next call, in ms.
    pub gap_ms: Span,
    /// Additional rest after a call that was never answered, so that the end of ringing can be seen.
    pub gap_after_unanswered_ms: u32,
    /// Ringing time until callers give up, in ms.
    pub ring_patience_ms: Span,
    /// Waiting time after the key until callers give up, in ms.
    pub queue_patience_ms: Span,
    /// Talking time of callers after the answer, in ms. They finish the phrase in progress.
    pub talk_ms: Span,
    /// Keys that callers may choose in the menu; empty: they press none and wait for a human at once.
    pub keys: String,
    /// Percent of callers who hang up first when all is said; the others wait for the agent to do so.
    pub hang_up_first_percent: u8,
    /// Percent of callers who withhold their number.
    pub withheld_percent: u8,
    /// Percent of callers that are fax machines. They press no key, send for as long as others talk, and give up when
    /// no other machine answers within 35 s.
    pub fax_percent: u8,
    /// Caller ID message format.
    pub caller_id: CallerIdForm,
    /// With ten calls or more, have some callers give up early, and some wait: see
    /// [`Scenario::plan`](super::Scenario::plan).
    pub some_abandon: bool,
    /// The last calls, if they come alone.
    pub alone: Alone,
    /// The day's shifts, if it has any.
    pub shifts: Shifts,
}

/// Shifts of a day. At the end of each, callers stay away until every line and telephone is at rest; then come as many
/// calls [alone](Alone) as there are for each shift, and everything rests for a while: whatever happened in the shift
/// is over. After the last one no more callers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shifts {
    /// Number of shifts; with 0 the callers come until their number is reached.
    pub count: u32,
    /// Length of a shift up to which callers come, in ms.
    pub length_ms: u32,
    /// Rest after it, in ms.
    pub rest_ms: u32,
}

impl Default for Shifts {
    fn default() -> Shifts {
        Shifts { count: 0, length_ms: 1_800_000, rest_ms: 20_000 }
    }
}

/// Calls that come alone at the end of the day: each waits until no other call is on a line and every telephone is at
/// rest, so that all agents are there for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alone {
    /// Number of these calls, out of [`Callers::count`].
    pub calls: u32,
    /// Talking time of their callers, in ms.
    pub talk_ms: Span,
    /// Rest of the line before each, in ms; left out: that of other calls.
    pub gap_ms: Option<u32>,
    /// The key that they press in the menu; left out: one of [`Callers::keys`].
    pub key: Option<char>,
    /// The socket of the trunk they come in on; left out: the one that has rested longest.
    pub line: Option<u8>,
}

impl Default for Alone {
    fn default() -> Alone {
        Alone { calls: 0, talk_ms: TALK_MS, gap_ms: None, key: None, line: None }
    }
}

/// The synthesised voices of all people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Voices {
    /// The shortest and longest phrase, in ms; 1000 to 7600.
    pub phrase_ms: Span,
}

impl Default for Voices {
    fn default() -> Voices {
        Voices { phrase_ms: PHRASE_MS }
    }
}

/// The shortest phrase and the longest, in ms, where nothing else is wanted: none shorter than 5 s.
pub const PHRASE_MS: Span = Span(5200, 7600);
/// Talking time of a caller, in ms, where nothing else is wanted.
const TALK_MS: Span = Span(60_000, 90_000);

impl Default for Callers {
    fn default() -> Callers {
        Callers {
            count: 10,
            gap_ms: Span(2000, 5000),
            gap_after_unanswered_ms: 9000,
            ring_patience_ms: Span(40_000, 55_000),
            queue_patience_ms: Span(240_000, 300_000),
            talk_ms: TALK_MS,
            keys: "1234".into(),
            hang_up_first_percent: 60,
            withheld_percent: 0,
            fax_percent: 0,
            caller_id: CallerIdForm::Mixed,
            some_abandon: true,
            alone: Alone::default(),
            shifts: Shifts::default(),
        }
    }
}

/// Caller ID message format.
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
    /// Rest of the line before the call, in ms.
    pub gap_ms: Option<u32>,
    /// The caller's number; empty if it is withheld.
    pub number: Option<String>,
    /// The caller's name.
    pub name: Option<String>,
    /// Caller ID message format.
    pub caller_id: Option<CallerIdForm>,
    /// Ringing time until the caller gives up, in ms.
    pub ring_patience_ms: Option<u32>,
    /// Waiting time until the caller gives up, in ms.
    pub queue_patience_ms: Option<u32>,
    /// Talking time of the caller, in ms.
    pub talk_ms: Option<u32>,
    /// The key pressed in the menu; empty: none.
    pub key: Option<String>,
    /// The keys pressed after each further prompt.
    #[serde(default)]
    pub more_keys: Vec<String>,
    /// Length of the message that the caller leaves after the last prompt, in ms; left out: one waits for a human.
    pub message_ms: Option<u32>,
    /// True if the caller clears first.
    pub hangs_up_first: Option<bool>,
    /// True if the caller is a fax machine.
    pub fax: Option<bool>,
}

/// The habits of agents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agents {
    /// From the first ring to lifting the handset, in ms; with a headset, from the zip tone to the first word.
    pub reaction_ms: Span,
    /// Silence after the conversation until an agent hangs up, in ms.
    pub silence_ms: u32,
    /// Time the handset stays off hook after a call, in ms.
    pub linger_ms: Span,
    /// Lingering after an agent's first call and every eighth after it: there is something to be written down.
    pub long_linger_ms: Span,
    /// Dialling method.
    pub dialling: Dialling,
}

/// Dialling method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialling {
    /// By keys that sound.
    Keys,
    /// By breaks of the loop, 10 a second.
    Pulses,
}

impl Default for Agents {
    fn default() -> Agents {
        Agents {
            reaction_ms: Span(700, 2200),
            silence_ms: 2500,
            linger_ms: Span(300, 1500),
            long_linger_ms: Span(42_000, 46_000),
            dialling: Dialling::Keys,
        }
    }
}

/// One agent, described.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The socket of the station.
    pub station: u8,
    /// Telephone of the agent.
    pub phone: Phone,
    /// From the first ring to lifting the handset, in ms; left out: as all.
    #[serde(default)]
    pub reaction_ms: Option<Span>,
}

/// Telephone of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phone {
    /// A handset: rings, is lifted, is put down.
    Handset,
    /// A headset: off hook all shift; a call begins with a short tone or with a voice.
    Headset,
    /// A fax machine: answers by itself when it has rung for as long as it takes a person to react.
    Fax,
    /// An unattended telephone.
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
    /// Ringing time until called parties answer, in ms.
    pub answer_after_ms: Span,
    /// Talking time of called parties, in ms.
    pub talk_ms: Span,
    /// Numbers that are engaged.
    pub engaged: Vec<String>,
    /// Numbers that never answer.
    pub away: Vec<String>,
    /// Numbers that a fax machine answers.
    pub fax: Vec<String>,
}

impl Default for Callees {
    fn default() -> Callees {
        Callees {
            answer_after_ms: Span(2000, 7000),
            talk_ms: Span(15_000, 30_000),
            engaged: Vec::new(),
            away: Vec::new(),
            fax: Vec::new(),
        }
    }
}

/// Equipment of the subscriber lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lines {
    /// ISO 3166 code: tones, ringing and caller ID service.
    pub country: String,
    /// The polarity is reversed while an outgoing call is in progress.
    pub reverses_on_answer: bool,
    /// Disconnect supervision towards the line.
    pub release: ReleaseKind,
    /// Length of the loop break (CPC) where it is used, in ms.
    pub loop_break_ms: u16,
    /// The shortest and longest hook flash, if the lines have that service, in ms.
    pub flash_ms: Option<(u16, u16)>,
    /// Place of caller ID in the ringing, if other than the country's.
    pub caller_id_moment: Option<CallerIdTimingName>,
    /// Signalling of caller ID, if other than the country's.
    pub caller_id_carrier: Option<CallerIdCarrier>,
    /// Impairments of the lines.
    pub impairments: Impairments,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines {
            country: "CN".into(),
            reverses_on_answer: false,
            release: ReleaseKind::BusyTone,
            loop_break_ms: 600,
            flash_ms: None,
            caller_id_moment: None,
            caller_id_carrier: None,
            impairments: Impairments::default(),
        }
    }
}

/// Disconnect supervision towards the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseKind {
    /// Busy tone.
    BusyTone,
    /// The battery is taken away for a moment; then busy tone.
    LoopBreak,
    /// Not at all: silence.
    Silence,
}

/// Place of caller ID in the ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerIdTimingName {
    /// Between the first and second ring.
    RingGap,
    /// After a ring too short to be one.
    RingPulse,
    /// Before the first ring, without an alerting signal.
    BeforeRing,
    /// Before the first ring, after a reversal of polarity.
    Reversal,
    /// Before the first ring, after the alerting tone.
    Alert,
    /// Before the first ring, after a reversal and the alerting tone.
    ReversalAlert,
    /// After the set has answered for it (Japan).
    FirstAnswer,
}

/// Signalling of caller ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerIdCarrier {
    /// Bell 202.
    Bell202,
    /// ITU-T V.23.
    V23,
    /// Keys, `D` before the number and `C` after it.
    Dtmf,
}

/// Wires of the telephones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stations {
    /// Their impairments.
    pub impairments: Impairments,
}

/// A wire that is cut for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The socket.
    pub socket: u8,
    /// Moment of the cut, in ms of the world.
    pub from_ms: u64,
    /// Moment of the repair, in ms of the world.
    pub to_ms: u64,
}

impl Lines {
    /// The equipment of a line; the country must be a known one.
    pub(super) fn equipment(&self) -> Option<Equipment> {
        let country = country(&self.country)?;
        let delivery = Delivery {
            moment: self.caller_id_moment.map_or(country.delivery.moment, |moment| match moment {
                CallerIdTimingName::RingGap => Moment::RingGap,
                CallerIdTimingName::RingPulse => Moment::RingPulse,
                CallerIdTimingName::BeforeRing => Moment::BeforeRing { reversal: false, alert: false },
                CallerIdTimingName::Reversal => Moment::BeforeRing { reversal: true, alert: false },
                CallerIdTimingName::Alert => Moment::BeforeRing { reversal: false, alert: true },
                CallerIdTimingName::ReversalAlert => Moment::BeforeRing { reversal: true, alert: true },
                CallerIdTimingName::FirstAnswer => Moment::FirstAnswer,
            }),
            carrier: self.caller_id_carrier.map_or(country.delivery.carrier, |carrier| match carrier {
                CallerIdCarrier::Bell202 => Carrier::Fsk(Modem::Bell202),
                CallerIdCarrier::V23 => Carrier::Fsk(Modem::V23),
                CallerIdCarrier::Dtmf => Carrier::Keys { begin: 'D', end: 'C' },
            }),
        };
        Some(Equipment {
            delivery,
            reverses_on_answer: self.reverses_on_answer,
            release: match self.release {
                ReleaseKind::BusyTone => Release::BusyTone,
                ReleaseKind::LoopBreak => Release::LoopBreak(self.loop_break_ms),
                ReleaseKind::Silence => Release::Silence,
            },
            flash_ms: self.flash_ms,
            ..Equipment::ordinary(country)
        })
    }
}
