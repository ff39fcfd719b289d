//! Signals on a line: keys, numbers, caller ID, tones, and the detections made of them.
//!
//! The words that signal processing, media and line machines share; each of them imports this file and none of the
//! others for them.
//!
//! Never: finds or makes any of these.

use arrayvec::ArrayString;

/// The longest number carried with a line event, in digits.
pub const NUMBER_MAX: usize = 32;

/// The longest name carried with a line event, in octets of UTF-8.
pub const NAME_MAX: usize = 64;

/// A telephone number as dialled or received: digits, `*`, `#`, a leading `+`.
pub type Number = ArrayString<NUMBER_MAX>;

/// Caller ID as a line delivers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct CallerId {
    /// The number; empty if it was withheld or is not available.
    pub number: Number,
    /// The name, if one was sent.
    pub name: ArrayString<NAME_MAX>,
    /// Reason for absence, if the number is missing.
    pub absence: Option<AbsenceReason>,
}

/// Reason for absence of a number (GR-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum AbsenceReason {
    /// `P`: the caller withheld it.
    Private,
    /// `O`: the exchange does not have it.
    Unavailable,
}

/// A key of the telephone: `0`–`9`, `*`, `#`, `A`–`D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Digit(char);

impl Digit {
    /// The key written as `c`, if there is such a key.
    pub const fn new(c: char) -> Option<Digit> {
        match c {
            '0'..='9' | '*' | '#' | 'A'..='D' => Some(Digit(c)),
            'a'..='d' => Some(Digit(c.to_ascii_uppercase())),
            _ => None,
        }
    }

    /// The key as it is written on the telephone.
    pub const fn as_char(self) -> char {
        self.0
    }
}

/// The tones of a telephone network that a call may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ToneKind {
    /// Dial tone: lift and hear it.
    Dial,
    /// Ringback: the far end is ringing.
    Ringback,
    /// Busy.
    Busy,
    /// Congestion, or number unobtainable.
    Congestion,
    /// The short tone in a headset before a call is connected.
    Zip,
    /// Confirmation: a service by its feature access code was carried out.
    Confirmation,
}

/// Tone of a fax machine or modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum FaxModemTone {
    /// CNG: a fax machine calls. 1100 Hz, 0.5 s on, 3 s off.
    FaxCalls,
    /// CED or ANS: a fax machine or a modem answers. 2100 Hz for 2.6 s and more, with or without reversals of phase.
    Answers,
    /// CT: a modem calls. 1300 Hz, 0.5 to 0.7 s on, 1.5 to 2 s off.
    ModemCalls,
}

/// Announcement by special information tones (SIT): the reason for which a call has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecialInformationTone {
    /// E.180 says no more than that an announcement follows; or a code that GR-1162 keeps free.
    Announcement,
    /// IC: the number has been changed or cut off.
    Intercept,
    /// VC: the number is not assigned.
    VacantCode,
    /// RO: the call did not get through; it may the next time.
    Reorder,
    /// NC: no circuit was free.
    NoCircuit,
}

/// A voice has ended when it was not heard for so long, in ms.
pub(crate) const VOICE_ENDS_MS: u32 = 600;

/// One detection in the sound of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detection {
    /// A key was pressed.
    Digit(Digit),
    /// Caller ID received on the idle line.
    CallerId(CallerId),
    /// The dual tone by which a set is alerted to a message (DT-AS).
    Alert,
    /// Frequencies of the network have sounded for a while without a break; which tone it is shows later.
    ToneBegun,
    /// A tone of the network stands or repeats as it should, and has been recognised.
    Tone(ToneKind),
    /// A special information tone: the call has failed, and an announcement follows.
    SpecialInformationTone(SpecialInformationTone),
    /// A tone that had been recognised has ended.
    ToneEnded(ToneKind),
    /// A fax machine or a modem makes itself known.
    FaxModemTone(FaxModemTone),
    /// Voice begins: a sound that varies as no tone does.
    VoiceBegun,
    /// Voice ends.
    VoiceEnded,
    /// Neither side has made a sound for `SILENCE_BEGINS`; or the line has
    /// not, if only that was asked for.
    SilenceBegun,
    /// One side has made a sound, or the line has.
    SilenceEnded,
    /// The sender's last sample has gone out.
    Sent,
}

/// Detectors enabled on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DetectorMask {
    /// Keys pressed.
    pub dtmf: bool,
    /// Caller ID.
    pub caller_id: bool,
    /// The dual tone that alerts to it.
    pub alert: bool,
    /// The tones of the network.
    pub progress: bool,
    /// Special information tones.
    pub sit: bool,
    /// The tones of fax machines and modems.
    pub machine: bool,
    /// Voice and silence.
    pub activity: bool,
    /// Silence is that of the line alone, whatever it is given to hear.
    pub line_only: bool,
    /// People, or a prompt and a caller: what is sent may come back as an echo and is taken out of what is heard.
    pub conversation: bool,
}

/// Signal that a line machine sends over its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outgoing<'a> {
    /// Keys, as DTMF.
    Digits(&'a str),
    /// Caller ID, by the service of the line.
    CallerId(&'a CallerId),
    /// Message-waiting indication, by the service of the line.
    MessageWaiting(bool),
    /// The dual tone that alerts to it (DT-AS).
    Alert,
    /// Nothing more: whatever was being sent stops.
    Nothing,
}
