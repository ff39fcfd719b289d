//! Line signalling: events of a line and commands to it.
//!
//! Between [port conditions](crate::card::PortCondition) with their chatter and [channel
//! states](crate::engine::EventSink) with their rules stand the line machines: debounce, ringing cadence, caller
//! identity, disconnect supervision.
//!
//! Never: touches a register, reads a clock, allocates, or knows what a call is.
//!
//! [`EventSink`]: crate::engine::EventSink

pub(crate) mod cadence;
pub(crate) mod debounce;
pub(crate) mod dial;
pub(crate) mod dtmf_caller_id;
pub(crate) mod loop_start;

use core::fmt;

use crate::card::PortCommand;
pub use crate::signal::{AbsenceReason, CallerId, Digit, FaxModemTone, NAME_MAX, NUMBER_MAX, Number};
pub(crate) use crate::signal::{Detection, DetectorMask, Outgoing};

/// Event of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
    /// Fax or modem tone (CNG, CED, CT) from the far end of a trunk. At most once for a call.
    FaxModemTone(FaxModemTone),
    /// Far-end disconnect detected on a trunk, by this criterion.
    Released(DisconnectSignal),
    /// A command failed because the line would not: no dial tone, no battery.
    Failed(LineFailure),
    /// On hook and idle after a [`Release`](LineCommand::Release), guard time over: the line may be used again.
    #[serde(rename = "Rested")]
    Idle,
    /// The line can be used.
    InService(LineKind),
    /// The line can no longer be used.
    OutOfService,
}

/// Side of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum LineKind {
    /// A line of the exchange (FXO module).
    Trunk,
    /// A telephone (FXS module).
    Station,
}

/// Disconnect supervision: the signal by which a far-end disconnect was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DisconnectSignal {
    /// Busy or congestion tone.
    Tone,
    /// The exchange took the battery away.
    LoopBreak,
    /// Polarity reversal at the disconnect.
    Polarity,
    /// Nothing was heard for too long.
    Silence,
}

/// Failure of a command by the line itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum LineCommand {
    /// Takes an offered trunk off hook.
    Answer,
    /// Takes an idle trunk off hook, waits for dial tone, and dials.
    Dial(Number),
    /// Puts a trunk on hook, or stops ringing a station. [`LineEvent::Idle`] follows.
    Release,
    /// Rings a station, with caller ID if it is known and the line has that service.
    Ring(Option<CallerId>),
    /// Far-end disconnect for a station off hook, where its line has a disconnect signal (CPC of kewlstart, tip open of
    /// ground start); else without effect.
    Disconnect,
    /// Switches the message-waiting lamp of a station on hook. Only on lines that send caller ID by frequency-shift
    /// keying to a set that is on hook; refused elsewhere, off hook, and while it rings.
    MessageWaiting(bool),
    /// Sends keys on a trunk in the middle of a call; also the signals of `dial`, except a wait for dial tone.
    SendDigits(Number),
    /// Flashes the hook of a trunk in the middle of a call: to a private exchange, the wish to transfer.
    Flash,
}

impl fmt::Display for LineCommand {
    /// The command's name, for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LineCommand::Answer => "answer",
            LineCommand::Dial(_) => "dial",
            LineCommand::Release => "release",
            LineCommand::Ring(_) => "ring",
            LineCommand::Disconnect => "show a disconnect",
            LineCommand::MessageWaiting(_) => "switch the message lamp",
            LineCommand::SendDigits(_) => "send digits",
            LineCommand::Flash => "flash",
        })
    }
}

/// Acceptance of a line event: taken, or superseded by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// The channel's state has changed as the line said.
    Accepted,
    /// The core had claimed the channel in the same moment: the line's event does not count.
    Superseded,
}

/// Effects of one step of a line machine.
///
/// A machine keeps nothing of it; in tests it is a list of what was done.
pub(crate) trait LineIo {
    /// Reports a line event. The answer comes at once: it was taken, or the core had claimed the line in the same
    /// moment.
    fn event(&mut self, event: LineEvent) -> Acceptance;

    /// Asks the card for something.
    fn port(&mut self, command: PortCommand);

    /// Sends something over the line; [`Detection::Sent`] follows unless it was [`Outgoing::Nothing`].
    fn send(&mut self, outgoing: Outgoing<'_>);
}
