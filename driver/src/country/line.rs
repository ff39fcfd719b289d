//! Line profile: features in which single lines of one country differ: caller-ID service, the signals of
//! answer and disconnect, how digits go out, how the line is seized.
//!
//! A country holds the profile of its ordinary line; a site gives a line its own where the field differs.

/// A line, as far as it may differ from its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineProfile {
    /// A station: how it is seized and let go. (A trunk module is a telephone: it closes a loop and can do nothing
    /// else. What is kewlstart there is [`DisconnectSignals::loop_break_ms`].)
    pub start: Start,
    /// Caller-ID service; none where the line has none. A trunk listens for it, a station is sent it.
    pub caller_id: Option<CallerIdService>,
    /// Answer supervision of a trunk: the signals that this line gives.
    pub answer: AnswerSignals,
    /// Disconnect supervision of a trunk: the signals that this line gives.
    pub disconnect: DisconnectSignals,
    /// Start of dialling on a trunk.
    pub dial_by: DialBy,
}

/// Seizure of a station's line, and its signal of a far-end disconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Loop start: a closed loop seizes it; that the other party has gone is only heard.
    Loop,
    /// Loop start with disconnect supervision ("kewlstart"): the battery is taken away for a moment when the other
    /// party has gone.
    Kewl,
    /// Ground start: tip is open at rest; the far end grounds ring to seize, we ground tip, and it closes the loop. Tip
    /// opens again when the other party has gone.
    Ground,
}

/// The caller's identity, as the network sends it and as we send it to stations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerIdService {
    /// Its coding.
    pub kind: CallerIdKind,
    /// Its timing relative to ringing.
    pub timing: CallerIdTiming,
}

/// Timing of caller ID relative to ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerIdTiming {
    /// In the silence after the first burst.
    AfterFirstRing,
    /// After a burst too short to be ringing (RP-AS of EN 300 659-1), before the first.
    AfterRingPulse,
    /// Before the first burst; led in by the signals that are set, in this order, or by nothing.
    BeforeFirstRing {
        /// The polarity is reversed until the message is over.
        reversal: bool,
        /// The dual tone of 2130 and 2750 Hz (DT-AS).
        alert: bool,
    },
    /// After a reversal and a primary answer, which is no answer of the call: the set goes off hook for the message and
    /// on hook again, and the ordinary ringing follows (NTT number display).
    AfterPrimaryAnswer,
}

/// Coding of the caller ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerIdKind {
    /// Frequency-shift keying of Bell 202.
    Bell202,
    /// Frequency-shift keying of V.23.
    V23,
    /// Frequency-shift keying of V.23, seven bits and parity, in the frame of NTT.
    Ntt,
    /// DTMF between a start and an end digit.
    Dtmf {
        /// The digit before the number.
        start: char,
        /// The digit after it.
        end: char,
    },
}

/// Answer supervision of a trunk: the signals of an answer to a call out. The first one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerSignals {
    /// The polarity reverses.
    pub polarity: bool,
    /// Ringback was heard, and then a voice, or any sound that is not the network's, for this many milliseconds.
    /// (Without ringback it may be music in its place, or an announcement.)
    pub voice_ms: Option<u32>,
    /// Ringback was heard, has ended, and no other tone came for this many milliseconds.
    pub after_ringback_ms: Option<u32>,
    /// This many milliseconds have passed since the last digit, or the last tone, in which nothing was heard, all in
    /// all. Those in which there is a sound do not count: it may be music in place of ringback, or an announcement.
    pub after_dialling_ms: Option<u32>,
}

/// Disconnect supervision of a trunk: the signals of a far-end disconnect. More than one may be in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisconnectSignals {
    /// Busy or congestion tone.
    pub tone: bool,
    /// Battery gone for at least this many milliseconds; none if the exchange never does so.
    pub loop_break_ms: Option<u32>,
    /// The polarity goes back to what it was before the answer.
    pub polarity: bool,
    /// Silence in both directions for this many milliseconds; none to go on for ever.
    pub silence_ms: Option<u32>,
    /// Number of votes for a decision. A loop break or a reversal decides alone; a tone has one vote when it is
    /// recognised (dial tone, which a note of music may look like, after it has stood for 3 s) and another for every 3
    /// s that it stands; silence has one. Two make a line safe from music that imitates busy tone.
    pub votes: u8,
}

/// Dialling: tones or pulses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialBy {
    /// As DTMF.
    Tones,
    /// As breaks of the loop.
    Pulses,
}
