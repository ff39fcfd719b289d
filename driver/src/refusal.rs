//! Reasons for which a command to a line or to the media is refused.
//!
//! Never: says what becomes of a call; a refused command has changed nothing.

use core::fmt;

/// Reason of a refused command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such channel.
    NoChannel,
    /// No line is in service on the channel.
    OutOfService,
    /// A line of this kind cannot do it: a trunk is not rung, a station does not dial.
    WrongKind,
    /// The line cannot do it in its present state.
    WrongState,
    /// Digits of an earlier command are still being sent.
    Sending,
    /// The line has no such service: message waiting where no caller ID is sent on hook.
    NoService,
    /// The listener hears as many others as a channel can.
    TooManyTalkers,
    /// There is no room for another conference, or for another member in it.
    ConferenceFull,
    /// The channel is not a member of the conference.
    NotAMember,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NoChannel => "there is no such channel",
            Refusal::OutOfService => "no line is in service there",
            Refusal::WrongKind => "a line of its kind cannot do that",
            Refusal::WrongState => "the line cannot do that in its present state",
            Refusal::Sending => "earlier digits are still being sent",
            Refusal::NoService => "the line has no such service",
            Refusal::TooManyTalkers => "the listener hears as many others as a channel can",
            Refusal::ConferenceFull => "there is no room for another conference or member",
            Refusal::NotAMember => "the channel is not a member of the conference",
        })
    }
}

impl core::error::Error for Refusal {}
