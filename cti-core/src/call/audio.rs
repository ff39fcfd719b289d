//! What each channel hears: nothing, a tone, a prompt, or another channel. One thing at a time.
//!
//! Asked for something new, it first ends what was there, so no caller has to remember what that was.
//!
//! Never: says anything to a line; sound only.

use std::collections::{BTreeMap, VecDeque};

use tipring_driver::engine::Command;
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::media::{MediaCommand, RecordingKind, ToneKind};

use crate::core::Action;

/// What a channel hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Tone(ToneKind),
    Prompt(TaskId),
    Peer(ChannelId),
}

/// What all channels hear.
#[derive(Debug)]
pub struct Audio {
    heard: Vec<Heard>,
    /// Who hears which player.
    players: BTreeMap<TaskId, ChannelId>,
    next_task: u32,
}

impl Audio {
    /// Silence on `channels` channels.
    pub fn new(channels: usize) -> Audio {
        Audio { heard: vec![Heard::Nothing; channels], players: BTreeMap::new(), next_task: 0 }
    }

    /// Nothing at all.
    pub fn silence(&mut self, channel: ChannelId, actions: &mut VecDeque<Action>) {
        let Some(heard) = self.heard.get_mut(channel.index()) else { return };
        let command = match core::mem::replace(heard, Heard::Nothing) {
            Heard::Nothing => return,
            Heard::Tone(_) => MediaCommand::Tone { channel, tone: None },
            Heard::Prompt(task) => {
                self.players.remove(&task);
                MediaCommand::Stop { task }
            }
            Heard::Peer(peer) => {
                if let Some(heard) = self.heard.get_mut(peer.index()) {
                    *heard = Heard::Nothing;
                }
                MediaCommand::Disconnect { a: channel, b: peer }
            }
        };
        actions.push_back(Action::Command(Command::Media(command)));
    }

    /// A tone, until something else.
    pub fn tone(&mut self, channel: ChannelId, tone: ToneKind, actions: &mut VecDeque<Action>) {
        let Some(&heard) = self.heard.get(channel.index()) else { return };
        match heard {
            Heard::Tone(already) if already == tone => return,
            // A tone replaces a tone by itself.
            Heard::Tone(_) => {}
            Heard::Nothing | Heard::Prompt(_) | Heard::Peer(_) => self.silence(channel, actions),
        }
        self.heard[channel.index()] = Heard::Tone(tone);
        actions.push_back(Action::Command(Command::Media(MediaCommand::Tone { channel, tone: Some(tone) })));
    }

    /// A prompt, once or again and again; the task tells its end.
    pub fn play(
        &mut self,
        channel: ChannelId,
        prompt: PromptId,
        repeat: bool,
        actions: &mut VecDeque<Action>,
    ) -> TaskId {
        self.silence(channel, actions);
        let task = self.task();
        if let Some(heard) = self.heard.get_mut(channel.index()) {
            *heard = Heard::Prompt(task);
            self.players.insert(task, channel);
            actions.push_back(Action::Command(Command::Media(MediaCommand::Play { task, channel, prompt, repeat })));
        }
        task
    }

    /// Each other.
    pub fn connect(&mut self, a: ChannelId, b: ChannelId, actions: &mut VecDeque<Action>) {
        self.silence(a, actions);
        self.silence(b, actions);
        if a.index() < self.heard.len() && b.index() < self.heard.len() {
            self.heard[a.index()] = Heard::Peer(b);
            self.heard[b.index()] = Heard::Peer(a);
            actions.push_back(Action::Command(Command::Media(MediaCommand::Connect { a, b })));
        }
    }

    /// A player has ended by itself. Gives the channel that heard it; none if that already hears something else.
    pub fn ended(&mut self, task: TaskId) -> Option<ChannelId> {
        let channel = self.players.remove(&task)?;
        self.heard[channel.index()] = Heard::Nothing;
        Some(channel)
    }

    /// Records two channels, the first left, the second right.
    pub fn record(
        &mut self,
        left: ChannelId,
        right: ChannelId,
        (recording, kind): (RecordingId, RecordingKind),
        actions: &mut VecDeque<Action>,
    ) -> TaskId {
        let task = self.task();
        let command = MediaCommand::Record { task, left, right, recording, kind };
        actions.push_back(Action::Command(Command::Media(command)));
        task
    }

    /// Ends a recorder.
    pub fn stop(&mut self, task: TaskId, actions: &mut VecDeque<Action>) {
        actions.push_back(Action::Command(Command::Media(MediaCommand::Stop { task })));
    }

    fn task(&mut self) -> TaskId {
        self.next_task = self.next_task.wrapping_add(1);
        TaskId(self.next_task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ChannelId = ChannelId(0);
    const B: ChannelId = ChannelId(1);

    fn media(actions: &mut VecDeque<Action>) -> Vec<MediaCommand> {
        actions
            .drain(..)
            .filter_map(|action| match action {
                Action::Command(Command::Media(command)) => Some(command),
                Action::Command(Command::Line { .. })
                | Action::Reply { .. }
                | Action::SwitchRequest { .. }
                | Action::EventReport { .. }
                | Action::Report { .. }
                | Action::SystemStatus(_)
                | Action::Store(_)
                | Action::Trouble(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_prompt_ends_when_somebody_is_connected() {
        let (mut audio, mut actions) = (Audio::new(2), VecDeque::new());
        let task = audio.play(A, PromptId(1), true, &mut actions);
        audio.connect(A, B, &mut actions);
        assert_eq!(
            media(&mut actions),
            [
                MediaCommand::Play { task, channel: A, prompt: PromptId(1), repeat: true },
                MediaCommand::Stop { task },
                MediaCommand::Connect { a: A, b: B },
            ]
        );
        assert_eq!(audio.ended(task), None);
    }

    #[test]
    fn who_is_left_by_the_other_hears_nothing_until_told() {
        let (mut audio, mut actions) = (Audio::new(2), VecDeque::new());
        audio.connect(A, B, &mut actions);
        audio.silence(B, &mut actions);
        audio.silence(A, &mut actions);
        audio.tone(A, ToneKind::Busy, &mut actions);
        assert_eq!(
            media(&mut actions),
            [
                MediaCommand::Connect { a: A, b: B },
                MediaCommand::Disconnect { a: B, b: A },
                MediaCommand::Tone { channel: A, tone: Some(ToneKind::Busy) },
            ]
        );
    }
}
