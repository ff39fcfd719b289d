//! Line signalling: events of a line and commands to it.
//!
//! Between [port conditions](crate::card::PortCondition) with their chatter and [channel
//! states](crate::engine::EventSink) with their rules stand the line machines: debounce, ringing cadence, caller
//! identity, disconnect supervision.
//!
//! Never: touches a register, reads a clock, allocates, or knows what a call is.
//!
//! [`EventSink`]: crate::engine::EventSink

pub mod cadence;
pub mod debounce;
pub mod dial;
pub mod identity;
pub mod loop_start;

use arrayvec::ArrayString;

use crate::card::PortCommand;
use crate::dsp::machine::MachineTone;
use crate::dsp::progress::special::Special;
use crate::engine::Acceptance;
use crate::media::ToneKind;

/// The longest number carried with a line event, in digits.
pub const NUMBER_MAX: usize = 32;
/// The longest name carried with a line event, in octets of UTF-8.
pub const NAME_MAX: usize = 64;

/// A telephone number as dialled or received: digits, `*`, `#`, a leading `+`.
pub type Number = ArrayString<NUMBER_MAX>;

/// Caller ID as a line delivers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerId {
    /// The number; empty if it was withheld or is not available.
    pub number: Number,
    /// The name, if one was sent.
    pub name: ArrayString<NAME_MAX>,
    /// Why the number is missing, if it is.
    pub absence: Option<Absence>,
}

/// Why a number is missing (GR-30 reason for absence).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// `P`: the caller withheld it.
    Private,
    /// `O`: the exchange does not have it.
    Unavailable,
}

/// A key of the telephone: `0`–`9`, `*`, `#`, `A`–`D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Event of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEvent {
    /// A trunk rings, and the ringing has been validated: here is a call.
    Offered,
    /// Caller ID; at most once for a call, before or after [`Offered`](LineEvent::Offered). Without number, name and
    /// reason, none was sent, and none will be.
    CallerIdentity(CallerId),
    /// A ringing trunk has stopped: the caller gave up.
    RingingStopped,
    /// A station was lifted.
    OffHook,
    /// A station was put down.
    OnHook,
    /// The hook of a station was flashed.
    Flash,
    /// A key was pressed by the party at this channel.
    Digit(Digit),
    /// All digits of a [`Dial`](LineCommand::Dial) have gone out.
    Dialled,
    /// The far end of a trunk answered.
    Answered,
    /// A machine is at the far end of a trunk: a fax machine or a modem makes itself known. At most once for a
    /// call.
    Machine(MachineTone),
    /// The far end of a trunk has gone.
    Released(ReleaseSign),
    /// A command failed because the line would not: no dial tone, no battery.
    Failed(LineFailure),
    /// The line has come to rest after a [`Release`](LineCommand::Release): it may be used again.
    Rested,
    /// The line can be used.
    InService(LineKind),
    /// The line can no longer be used.
    OutOfService,
}

/// Which side of a line this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A line of the exchange (FXO module).
    Trunk,
    /// A telephone (FXS module).
    Station,
}

/// Disconnect supervision: the sign by which a release was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseSign {
    /// Busy or congestion tone.
    Tone,
    /// The exchange took the battery away.
    LoopBreak,
    /// The polarity went back.
    Polarity,
    /// Nothing was heard for too long.
    Silence,
}

/// Why a line would not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFailure {
    /// No dial tone came.
    NoDialTone,
    /// There is no battery on the line.
    NoBattery,
    /// The far end is busy.
    Busy,
    /// The network is congested or the number cannot be had: by its tone, or by a special information tone that says
    /// so.
    Congestion,
    /// The network says by a special information tone that the number is not assigned.
    Unassigned,
    /// The network says by a special information tone that the number has been changed or cut off.
    Intercepted,
    /// The network says by a special information tone that the call has failed; an announcement tells people why.
    Announced,
    /// The line was ringing when it was to be taken for a call out. It was left alone, and rings on.
    Glare,
}

/// Command to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineCommand {
    /// Takes an offered trunk off hook.
    Answer,
    /// Takes an idle trunk off hook, waits for dial tone, and dials.
    Dial(Number),
    /// Puts a trunk on hook, or stops ringing a station. [`LineEvent::Rested`] follows.
    Release,
    /// Rings a station, with caller ID if it is known and the line has that service.
    Ring(Option<CallerId>),
    /// Shows a station off hook that the other party has gone, where its line has a sign for that; else without effect.
    Disconnect,
    /// Switches the message-waiting lamp of a station on hook. Only on lines that send caller ID by frequency-shift
    /// keying to a set that is on hook; refused elsewhere, off hook, and while it rings.
    MessageWaiting(bool),
    /// Sends keys on a trunk in the middle of a call; also the signs of [`dial`], except a wait for dial tone.
    SendDigits(Number),
    /// Flashes the hook of a trunk in the middle of a call: to a private exchange, the wish to transfer.
    Flash,
}

/// One detection in the sound of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detection {
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
    Special(Special),
    /// A tone that had been recognised has ended.
    ToneEnded(ToneKind),
    /// A fax machine or a modem makes itself known.
    Machine(MachineTone),
    /// Voice begins: a sound that varies as no tone does.
    VoiceBegun,
    /// Voice ends.
    VoiceEnded,
    /// Neither side has made a sound for [`SILENCE_BEGINS`](crate::media::activity::SILENCE_BEGINS); or the line has
    /// not, if only that was asked for.
    SilenceBegun,
    /// One side has made a sound, or the line has.
    SilenceEnded,
    /// The sender's last sample has gone out.
    Sent,
}

/// Detectors enabled on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DetectorMask {
    /// Keys pressed.
    pub dtmf: bool,
    /// Caller ID.
    pub caller_id: bool,
    /// The dual tone that alerts to it.
    pub alert: bool,
    /// The tones of the network.
    pub progress: bool,
    /// Special information tones.
    pub special: bool,
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
pub enum Outgoing<'a> {
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

/// Effects of one step of a line machine.
///
/// A machine keeps nothing of it; in tests it is a list of what was done.
pub trait LineIo {
    /// Says something. The answer comes at once: it was taken, or the core had claimed the line in the same moment.
    fn event(&mut self, event: LineEvent) -> Acceptance;

    /// Asks the card for something.
    fn port(&mut self, command: PortCommand);

    /// Sends something over the line; [`Detection::Sent`] follows unless it was [`Outgoing::Nothing`].
    fn send(&mut self, outgoing: Outgoing<'_>);
}
