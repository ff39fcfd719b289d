//! The sound that each channel hears, followed from the commands to the media thread.
//!
//! Never: asks the core what a channel ought to hear.

use std::collections::{BTreeMap, BTreeSet};

use tipring_driver::ids::{ChannelId, TaskId};
use tipring_driver::media::{MediaCommand, Track};

/// The channels of the site of the tests, by name.
const NAMES: [&str; 5] = ["T1", "T2", "1001", "1002", "1003"];

/// The name of a channel.
pub(super) fn name(channel: ChannelId) -> &'static str {
    NAMES[channel.index()]
}

/// The channel of a name.
pub(super) fn channel(name: &str) -> ChannelId {
    let ix = NAMES.iter().position(|each| *each == name);
    ChannelId(ix.unwrap_or_else(|| panic!("no channel is called {name}")) as u16)
}

/// The sound of all channels, and the recorders at work.
#[derive(Debug, Default, Clone)]
pub(super) struct Ears {
    tones: BTreeMap<ChannelId, String>,
    players: BTreeMap<TaskId, (ChannelId, String)>,
    talk: BTreeSet<(ChannelId, ChannelId)>,
    /// The channel of each, and whether it is paused.
    recorders: BTreeMap<TaskId, (String, bool)>,
}

impl Ears {
    /// Follows one command. A command that contradicts those before it is a fault.
    pub(super) fn follow(&mut self, command: &MediaCommand) {
        let mut begin = |listener, talker| {
            assert!(self.talk.insert((listener, talker)), "{} hears {} already", name(listener), name(talker));
        };
        match *command {
            MediaCommand::Connect { a, b } => {
                begin(a, b);
                begin(b, a);
            }
            MediaCommand::Listen { listener, talker } => begin(listener, talker),
            MediaCommand::Disconnect { a, b } => {
                assert!(self.talk.remove(&(a, b)) && self.talk.remove(&(b, a)), "{command:?}");
            }
            MediaCommand::Unlisten { listener, talker } => {
                assert!(self.talk.remove(&(listener, talker)), "{command:?}");
            }
            MediaCommand::Tone { channel, tone: Some(tone) } => {
                self.tones.insert(channel, format!("{tone:?}").to_lowercase());
            }
            MediaCommand::Tone { channel, tone: None } => {
                assert!(self.tones.remove(&channel).is_some(), "{} has no tone", name(channel));
            }
            MediaCommand::Play { task, channel, prompt, repeat } => {
                let again = if repeat { " again and again" } else { "" };
                self.players.insert(task, (channel, format!("prompt {}{again}", prompt.0)));
            }
            MediaCommand::Record { task, left, right, .. } => {
                let channel = left.channel();
                assert_eq!((left, right), (Track::Received(channel), Track::Sent(channel)), "both ways of one line");
                self.recorders.insert(task, (name(channel).to_owned(), false));
            }
            MediaCommand::Pause { task, pause } => {
                let recorder = self.recorders.get_mut(&task).expect("a recorder at work");
                assert_ne!(recorder.1, pause, "{command:?}");
                recorder.1 = pause;
            }
            MediaCommand::Stop { task } => {
                // One that has ended by itself in this moment is stopped all the same.
                self.ended(task);
            }
            MediaCommand::Join { .. } | MediaCommand::Leave { .. } | MediaCommand::Gain { .. } => {}
            MediaCommand::Clear => panic!("the core ends each sound by itself"),
        }
    }

    /// A player or a recorder has ended.
    pub(super) fn ended(&mut self, task: TaskId) {
        self.players.remove(&task);
        self.recorders.remove(&task);
    }

    /// The player that began last.
    pub(super) fn playing(&self) -> Option<TaskId> {
        self.players.keys().next_back().copied()
    }

    /// The channels that a channel hears.
    pub(super) fn talkers(&self, channel: ChannelId) -> BTreeSet<ChannelId> {
        self.talk.iter().filter(|each| each.0 == channel).map(|each| each.1).collect()
    }

    /// The sound of one channel; a channel has one sound at a time.
    pub(super) fn of(&self, channel: ChannelId) -> String {
        let talkers: Vec<_> = self.talk.iter().filter(|each| each.0 == channel).map(|each| name(each.1)).collect();
        let prompts = self.players.values().filter(|each| each.0 == channel).map(|each| each.1.clone());
        let mut sounds: Vec<String> = prompts.chain(self.tones.get(&channel).cloned()).collect();
        if !talkers.is_empty() {
            sounds.push(talkers.join(" and "));
        }
        assert!(sounds.len() <= 1, "{} has {sounds:?} at once", name(channel));
        sounds.pop().unwrap_or_else(|| "nothing".into())
    }

    /// The differences to an earlier moment, as sentences.
    pub(super) fn since(&self, before: &Ears) -> Vec<String> {
        let mut lines = Vec::new();
        for ix in 0..NAMES.len() {
            let channel = ChannelId(ix as u16);
            if self.of(channel) != before.of(channel) {
                lines.push(format!("{} hears {}", name(channel), self.of(channel)));
            }
        }
        let only = |a: &Ears, b: &Ears| -> Vec<String> {
            a.recorders.iter().filter(|each| !b.recorders.contains_key(each.0)).map(|each| each.1.0.clone()).collect()
        };
        lines.extend(only(before, self).iter().map(|who| format!("recording of {who} ends")));
        lines.extend(only(self, before).iter().map(|who| format!("recording of {who} begins")));
        for (task, (who, is_paused)) in &self.recorders {
            if before.recorders.get(task).is_some_and(|(_, was_paused)| was_paused != is_paused) {
                lines.push(format!("recording of {who} {}", if *is_paused { "pauses" } else { "goes on" }));
            }
        }
        lines
    }
}
