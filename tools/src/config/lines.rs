//! Lines of a site: the differences of a single line from the ordinary ones of its country. `profile` applies them.
//!
//! Never: contains a country's values. It only holds the differences.

mod profile;

use serde::{Deserialize, Serialize};

use super::Device;

/// A line of the exchange.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkConfig {
    /// The port, counted from 0 over all boards.
    pub port: u16,
    /// The device's name.
    pub name: Device,
    /// The number by which it is called; the name if left out.
    #[serde(default)]
    pub number: Option<Device>,
    /// The flow that its callers enter; the site's entry if left out.
    #[serde(default)]
    pub flow: Option<Device>,
    /// Station or queue for callers that are fax machines; without it they are treated like any caller.
    #[serde(default)]
    pub fax: Option<Device>,
    /// Start signalling and loop break of the exchange.
    #[serde(default)]
    pub signalling: Option<Signalling>,
    /// Shortest loop break that is a disconnect, in ms (200 to 2000).
    #[serde(default)]
    pub loop_break_ms: Option<u32>,
    /// Dialling: tones or pulses.
    #[serde(default)]
    pub dial: Option<Dial>,
    /// Caller ID service.
    #[serde(default)]
    pub caller_id: Option<CallerId>,
    /// Timing of caller ID relative to ringing.
    #[serde(default)]
    pub caller_id_timing: Option<CallerIdTimingName>,
    /// Answer supervision: signals of an answer; the first one counts.
    #[serde(default)]
    pub answer: Option<Vec<AnswerSignal>>,
    /// Voice that is an answer, in ms (200 to 10,000), with the signal `voice`.
    #[serde(default)]
    pub answer_voice_ms: Option<u32>,
    /// Time after the end of ringback that is an answer, in ms (1000 to 30,000), with the signal `ringback`.
    #[serde(default)]
    pub answer_ringback_ms: Option<u32>,
    /// Time after dialling that is an answer, in s (1 to 120), with the signal `timer`.
    #[serde(default)]
    pub answer_timer_s: Option<u32>,
    /// Disconnect supervision: signals of a disconnect, besides a loop break.
    #[serde(default)]
    pub disconnect: Option<Vec<DisconnectSignal>>,
    /// Silence of both sides that is a disconnect, in s (5 to 600), with the signal `silence`.
    #[serde(default)]
    pub disconnect_silence_s: Option<u32>,
    /// Votes of tone and silence that make a disconnect (1 to 10).
    #[serde(default)]
    pub disconnect_votes: Option<u8>,
}

/// A telephone.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StationConfig {
    /// The port, counted from 0 over all boards.
    pub port: u16,
    /// The extension.
    pub extension: Device,
    /// The telephone.
    pub kind: StationKind,
    /// Start signalling of the line.
    #[serde(default)]
    pub signalling: Option<Signalling>,
    /// Caller ID service.
    #[serde(default)]
    pub caller_id: Option<CallerId>,
    /// Timing of caller ID relative to ringing.
    #[serde(default)]
    pub caller_id_timing: Option<CallerIdTimingName>,
    /// The stations of one number pick up each other's calls.
    #[serde(default)]
    pub pickup_group: Option<u16>,
}

/// Telephone of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StationKind {
    /// Lifted by hand only.
    Handset,
    /// Off hook all shift.
    Headset,
}

/// Start signalling of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signalling {
    /// Loop start.
    Loop,
    /// Loop start with a loop break (CPC) at a far-end disconnect.
    Kewl,
    /// Ground start.
    Ground,
}

/// Dialling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dial {
    /// As DTMF.
    Tones,
    /// As breaks of the loop.
    Pulses,
}

/// Caller ID service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallerId {
    /// Not at all.
    None,
    /// Bell 202.
    Bell202,
    /// ITU-T V.23.
    V23,
    /// Keys.
    Dtmf,
    /// NTT number display.
    Ntt,
}

/// Timing of caller ID relative to ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallerIdTimingName {
    /// In the silence after the first ring.
    AfterFirstRing,
    /// After a ring pulse (RP-AS).
    RingPulse,
    /// Before the first ring, without a precursor.
    BeforeFirstRing,
    /// Before the first ring, after a line reversal.
    LineReversal,
    /// Before the first ring, after the dual-tone alerting signal (DT-AS).
    DtAs,
    /// Before the first ring, after a line reversal and the DT-AS.
    #[serde(rename = "line-reversal+dt-as")]
    LineReversalAndDtAs,
    /// After a primary answer (NTT), which is not an answer of the call.
    PrimaryAnswer,
}

/// Answer supervision: a signal of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerSignal {
    /// The polarity reverses.
    Polarity,
    /// A voice is heard.
    Voice,
    /// Ringback has ended.
    Ringback,
    /// Time has passed since dialling.
    Timer,
}

/// Disconnect supervision: a signal of a disconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DisconnectSignal {
    /// Busy or congestion tone.
    Tone,
    /// The polarity goes back.
    Polarity,
    /// Neither side is heard.
    Silence,
}

impl TrunkConfig {
    /// A line like all others of its country.
    pub fn ordinary(port: u16, name: Device, number: Option<Device>) -> TrunkConfig {
        TrunkConfig {
            port,
            name,
            number,
            flow: None,
            fax: None,
            signalling: None,
            loop_break_ms: None,
            dial: None,
            caller_id: None,
            caller_id_timing: None,
            answer: None,
            answer_voice_ms: None,
            answer_ringback_ms: None,
            answer_timer_s: None,
            disconnect: None,
            disconnect_silence_s: None,
            disconnect_votes: None,
        }
    }
}

impl StationConfig {
    /// A station like all others of its country.
    pub fn ordinary(port: u16, extension: Device, kind: StationKind) -> StationConfig {
        StationConfig {
            port,
            extension,
            kind,
            signalling: None,
            caller_id: None,
            caller_id_timing: None,
            pickup_group: None,
        }
    }
}
