//! Media commands and events: play, record, connect, conference.
//!
//! Commands carry ids, not paths; the file thread lives with the engine and resolves them.

pub(crate) mod conference;
pub(crate) mod echo;
pub mod file_io;
mod file_ring;
pub mod gain;
pub(crate) mod matrix;
pub(crate) mod mix;
pub(crate) mod player;
pub(crate) mod recorder;
pub(crate) mod sending;
pub(crate) mod tick;
pub(crate) mod voice_activity;
pub mod wav;

use core::fmt;

use self::gain::Gain;
pub use self::tick::MediaSettings;
use crate::dsp::enhance::Enhancement;
use crate::ids::{ChannelId, ConferenceId, PromptId, RecordingId, TaskId};
pub use crate::signal::ToneKind;
use crate::time::Ticks;

/// Command to the media: play, record, connect, conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MediaCommand {
    /// Plays a prompt to the party at `channel`.
    Play {
        /// The task, for stopping it and for its end.
        task: TaskId,
        /// The channel that hears it.
        channel: ChannelId,
        /// The prompt.
        prompt: PromptId,
        /// Again from the start when it ends, until stopped.
        repeat: bool,
    },
    /// Records two tracks into one stereo file.
    Record {
        /// The task, for stopping it and for its end.
        task: TaskId,
        /// The left track: by custom the customer.
        left: Track,
        /// The right track: by custom the agent, or all that the customer is sent.
        right: Track,
        /// The recording that takes the sound.
        recording: RecordingId,
        /// Purpose of the recording.
        kind: RecordingKind,
        /// Ends it when the left track has been silent for so long (below -45 dBm0); none to record on.
        silence: Option<Ticks>,
    },
    /// Ends a player or recorder; its end is reported as for one that ends by itself.
    Stop {
        /// The task.
        task: TaskId,
    },
    /// Begins or ends the pause of a recorder: it records silence of the pause's length, whatever is said.
    Pause {
        /// The recorder's task; one that has ended is left alone.
        task: TaskId,
        /// True to begin the pause, false to end it.
        pause: bool,
    },
    /// Plays a tone to the party at `channel` until another tone, or none.
    Tone {
        /// The channel that hears it.
        channel: ChannelId,
        /// The tone; none for silence.
        tone: Option<ToneKind>,
    },
    /// Makes what a party hears, and what others hear of it, louder or softer until the next such command.
    Gain {
        /// The party's channel.
        channel: ChannelId,
        /// The gain.
        gain: Gain,
    },
    /// Lets two channels hear each other.
    Connect {
        /// One channel.
        a: ChannelId,
        /// The other channel.
        b: ChannelId,
    },
    /// Parts two channels.
    Disconnect {
        /// One channel.
        a: ChannelId,
        /// The other channel.
        b: ChannelId,
    },
    /// Lets one channel hear another, and not the other way round: silent monitoring, or a whisper.
    Listen {
        /// The listening channel.
        listener: ChannelId,
        /// The channel that is heard.
        talker: ChannelId,
    },
    /// Takes a talker away from what a listener hears.
    Unlisten {
        /// The listening channel.
        listener: ChannelId,
        /// The channel that was heard.
        talker: ChannelId,
    },
    /// Lets a channel into a conference, or changes its role there.
    Join {
        /// The conference.
        conference: ConferenceId,
        /// The channel that joins.
        channel: ChannelId,
        /// As what.
        role: Role,
    },
    /// Takes a channel out of a conference; the conference ends with its last member.
    Leave {
        /// The conference.
        conference: ConferenceId,
        /// The channel that leaves.
        channel: ChannelId,
    },
    /// Ends every player, recorder, tone, gain, connection and conference, as if each had been ended by its own
    /// command: for a core that begins beside an engine which has served another.
    Clear,
}

impl fmt::Display for MediaCommand {
    /// The command's name, for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MediaCommand::Play { .. } => "play",
            MediaCommand::Record { .. } => "record",
            MediaCommand::Stop { .. } => "stop a task",
            MediaCommand::Pause { .. } => "pause a recorder",
            MediaCommand::Tone { .. } => "change its tone",
            MediaCommand::Gain { .. } => "change its gain",
            MediaCommand::Connect { .. } => "connect",
            MediaCommand::Disconnect { .. } => "disconnect",
            MediaCommand::Listen { .. } => "listen",
            MediaCommand::Unlisten { .. } => "listen no more",
            MediaCommand::Join { .. } => "join a conference",
            MediaCommand::Leave { .. } => "leave a conference",
            MediaCommand::Clear => "end all sound",
        })
    }
}

impl MediaCommand {
    /// The channels that it names; the first is the one it is about.
    pub(crate) const fn channels(&self) -> [Option<ChannelId>; 2] {
        match *self {
            MediaCommand::Stop { .. } | MediaCommand::Pause { .. } | MediaCommand::Clear => [None, None],
            MediaCommand::Play { channel, .. }
            | MediaCommand::Tone { channel, .. }
            | MediaCommand::Gain { channel, .. }
            | MediaCommand::Join { channel, .. }
            | MediaCommand::Leave { channel, .. } => [Some(channel), None],
            MediaCommand::Record { left, right, .. } => [Some(left.channel()), Some(right.channel())],
            MediaCommand::Connect { a, b }
            | MediaCommand::Disconnect { a, b }
            | MediaCommand::Listen { listener: a, talker: b }
            | MediaCommand::Unlisten { listener: a, talker: b } => [Some(a), Some(b)],
        }
    }
}

/// One track of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Track {
    /// Sound received from the party at a channel: its voice, freed of the echo of what it was sent.
    Received(ChannelId),
    /// Sound sent to the party at a channel: the parties it is connected to, prompts, tones, music on hold.
    Sent(ChannelId),
}

impl Track {
    /// The channel at which the sound is taken.
    pub const fn channel(self) -> ChannelId {
        match self {
            Track::Received(channel) | Track::Sent(channel) => channel,
        }
    }
}

/// Purpose of a recording, which decides at which point of the channel its sound is taken and how it is processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum RecordingKind {
    /// To prove what was said: as the linear echo canceller left it, and nothing done to it.
    #[default]
    Evidence,
    /// To be listened to: as the other party heard it, behind the non-linear processor and its comfort noise, and made
    /// better. The file thread does that; the media thread does not notice.
    Listening(Enhancement),
}

/// Role of a conference member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Role {
    /// Speaks, and hears all others.
    Party,
    /// Hears all others, and is not heard.
    Listener,
    /// Is heard by all others, and hears none: an announcement from another channel.
    Talker,
}

/// End of a media task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MediaEvent {
    /// A player ended.
    PlayEnded {
        /// The task.
        task: TaskId,
        /// Reason of the end.
        end: MediaEnd,
    },
    /// A recorder ended, and its file is whole.
    RecordEnded {
        /// The task.
        task: TaskId,
        /// The recording that has the sound.
        recording: RecordingId,
        /// Reason of the end.
        end: MediaEnd,
        /// Samples of each side in the file.
        samples: u64,
        /// Time for which there was voice on the left track, tones left out, in steps of 50 ms.
        voice: Ticks,
    },
}

/// Reason for which a media task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MediaEnd {
    /// All of it was played.
    Complete,
    /// It was stopped.
    Stopped,
    /// The track was silent for as long as a recorder is to wait.
    Silence,
    /// The file could not be opened, read or written; the file thread says which and why.
    FileFailed,
    /// Too many tasks at once: it never began.
    NoResources,
}
