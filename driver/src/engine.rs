//! The boundary of the engine: commands in, events out, both plain data over bounded rings.

use crate::ids::ChannelId;
use crate::line::{LineCommand, LineEvent};
use crate::media::{MediaCommand, MediaEvent};
use crate::time::Tick;

/// What the core asks of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Something to be done to a line.
    Line {
        /// The line.
        channel: ChannelId,
        /// What to do.
        command: LineCommand,
    },
    /// Something to be done with sound.
    Media(MediaCommand),
}

/// Whether an event of the line was taken, or came second to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The channel's state has changed as the line said.
    Accepted,
    /// The core had claimed the channel in the same moment: the line's event does not count.
    Glare,
}

/// Where the engine's events go: in tipring, the channel table.
///
/// Called from the media thread: must not wait, lock or allocate.
pub trait EventSink: Send {
    /// A line said something.
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Verdict;

    /// A media task ended.
    fn media_event(&mut self, now: Tick, event: MediaEvent);

    /// All events of this tick and of those before have been given: posted once a tick, event or no event.
    fn tick(&mut self, now: Tick);
}
