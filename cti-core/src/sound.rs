//! The sound of each channel: silence, a tone, a prompt, or other channels.
//!
//! The core says what a channel is to hear ([`Want`]); the difference to what it hears becomes media commands. So no
//! service starts or stops a sound.
//!
//! Never: says anything to a line.

use std::collections::{BTreeMap, VecDeque};

use arrayvec::ArrayVec;
use tipring_driver::engine::Command;
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::media::{MediaCommand, RecordingKind, ToneKind, Track};
use tipring_driver::time::Ticks;

use crate::action::Action;
use crate::limits::CALL_CONNECTIONS_MAX;
use crate::sorted::Sorted;

/// The channels that one channel hears.
pub type Talkers = ArrayVec<ChannelId, CALL_CONNECTIONS_MAX>;

/// The sound that a channel is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Nothing.
    Silence,
    /// A tone, until something else.
    Tone(ToneKind),
    /// A prompt, once or again and again. Another count is another playing of it.
    Prompt {
        /// The prompt.
        prompt: PromptId,
        /// Again from the start when it ends.
        repeat: bool,
        /// The playing.
        count: u32,
    },
    /// Other channels.
    Talk(Talkers),
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Heard {
    Nothing,
    Tone(ToneKind),
    Prompt { task: TaskId, prompt: PromptId, count: u32 },
    Ended { prompt: PromptId, count: u32 },
    Talk(Talkers),
}

/// The sound of all channels.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Sound {
    heard: Vec<Heard>,
    /// The channel of each player.
    players: BTreeMap<TaskId, ChannelId>,
    next_task: u32,
}

impl Sound {
    /// Silence on `channels` channels.
    pub fn new(channels: usize) -> Sound {
        Sound { heard: vec![Heard::Nothing; channels], players: BTreeMap::new(), next_task: 0 }
    }

    /// Returns true if a channel has the sound it is to have.
    pub fn is_heard(&self, channel: ChannelId, want: &Want) -> bool {
        match (self.heard.get(channel.index()), want) {
            (None, _) | (Some(Heard::Nothing), Want::Silence) => true,
            (Some(Heard::Tone(heard)), Want::Tone(tone)) => heard == tone,
            (
                Some(Heard::Prompt { prompt: heard, count: was, .. } | Heard::Ended { prompt: heard, count: was }),
                Want::Prompt { prompt, count, .. },
            ) => (heard, was) == (prompt, count),
            (Some(Heard::Talk(heard)), Want::Talk(talkers)) => heard == talkers,
            _ => false,
        }
    }

    /// Gives channels the sound they are to have: first what ends, then what begins. Each channel is named once.
    pub fn set(&mut self, wants: &[(ChannelId, Want)], actions: &mut VecDeque<Action>) {
        if wants.is_empty() {
            return;
        }
        let (mut before, mut after): (Edges, Edges) = Default::default();
        for (channel, want) in wants {
            let Some(heard) = self.heard.get(channel.index()) else { continue };
            if let Heard::Talk(talkers) = heard {
                before.extend(talkers.iter().map(|&talker| (*channel, talker)));
            }
            if let Want::Talk(talkers) = want {
                after.extend(talkers.iter().map(|&talker| (*channel, talker)));
            }
        }
        for (a, b, both) in pairs(&before, &after) {
            let command = match both {
                true => MediaCommand::Disconnect { a, b },
                false => MediaCommand::Unlisten { listener: a, talker: b },
            };
            actions.push_back(Action::Command(Command::Media(command)));
        }
        for (channel, want) in wants {
            self.end(*channel, want, actions);
        }
        for (channel, want) in wants {
            self.begin(*channel, want, actions);
        }
        for (a, b, both) in pairs(&after, &before) {
            let command = match both {
                true => MediaCommand::Connect { a, b },
                false => MediaCommand::Listen { listener: a, talker: b },
            };
            actions.push_back(Action::Command(Command::Media(command)));
        }
    }

    /// Ends a tone or a prompt that is not wanted any more.
    fn end(&mut self, channel: ChannelId, want: &Want, actions: &mut VecDeque<Action>) {
        let Some(heard) = self.heard.get_mut(channel.index()) else { return };
        match (&*heard, want) {
            // A tone replaces a tone by itself.
            (Heard::Tone(_), Want::Tone(_)) | (Heard::Nothing | Heard::Talk(_) | Heard::Ended { .. }, _) => {}
            (Heard::Prompt { prompt: old, count: was, .. }, Want::Prompt { prompt, count, .. })
                if (old, was) == (prompt, count) => {}
            (Heard::Tone(_), _) => {
                *heard = Heard::Nothing;
                actions.push_back(Action::Command(Command::Media(MediaCommand::Tone { channel, tone: None })));
            }
            (&Heard::Prompt { task, .. }, _) => {
                *heard = Heard::Nothing;
                self.players.remove(&task);
                actions.push_back(Action::Command(Command::Media(MediaCommand::Stop { task })));
            }
        }
    }

    fn begin(&mut self, channel: ChannelId, want: &Want, actions: &mut VecDeque<Action>) {
        let Some(heard) = self.heard.get_mut(channel.index()) else { return };
        match want {
            Want::Silence => *heard = Heard::Nothing,
            Want::Tone(tone) if *heard == Heard::Tone(*tone) => {}
            &Want::Tone(tone) => {
                *heard = Heard::Tone(tone);
                actions.push_back(Action::Command(Command::Media(MediaCommand::Tone { channel, tone: Some(tone) })));
            }
            &Want::Prompt { prompt, repeat, count } => match heard {
                Heard::Prompt { .. } => {}
                &mut Heard::Ended { prompt: old, count: was } if (old, was) == (prompt, count) => {}
                _ => {
                    self.next_task = self.next_task.wrapping_add(1);
                    let task = TaskId(self.next_task);
                    *heard = Heard::Prompt { task, prompt, count };
                    self.players.insert(task, channel);
                    let play = MediaCommand::Play { task, channel, prompt, repeat };
                    actions.push_back(Action::Command(Command::Media(play)));
                }
            },
            Want::Talk(talkers) => *heard = Heard::Talk(talkers.clone()),
        }
    }

    /// A player has ended by itself. Returns its channel; none if that has another sound already.
    pub fn ended(&mut self, task: TaskId) -> Option<ChannelId> {
        let channel = self.players.remove(&task)?;
        if let heard @ Heard::Prompt { .. } = &mut self.heard[channel.index()]
            && let Heard::Prompt { prompt, count, .. } = *heard
        {
            *heard = Heard::Ended { prompt, count };
        }
        Some(channel)
    }

    /// Records two tracks, the first left, the second right.
    pub fn record(
        &mut self,
        (left, right): (Track, Track),
        (recording, kind, silence): (RecordingId, RecordingKind, Option<Ticks>),
        actions: &mut VecDeque<Action>,
    ) -> TaskId {
        self.next_task = self.next_task.wrapping_add(1);
        let task = TaskId(self.next_task);
        let command = MediaCommand::Record { task, left, right, recording, kind, silence };
        actions.push_back(Action::Command(Command::Media(command)));
        task
    }

    /// Begins or ends a pause of a recorder.
    pub fn pause(&mut self, task: TaskId, pause: bool, actions: &mut VecDeque<Action>) {
        actions.push_back(Action::Command(Command::Media(MediaCommand::Pause { task, pause })));
    }

    /// Ends a recorder.
    pub fn stop(&mut self, task: TaskId, actions: &mut VecDeque<Action>) {
        actions.push_back(Action::Command(Command::Media(MediaCommand::Stop { task })));
    }
}

/// Listeners with their talkers.
type Edges = Sorted<(ChannelId, ChannelId)>;

/// The edges that are not among others, as pairs: those that go both ways once.
fn pairs(edges: &Edges, others: &Edges) -> impl Iterator<Item = (ChannelId, ChannelId, bool)> {
    let is_one = |edge| edges.contains(edge) && !others.contains(edge);
    let each = edges.as_slice().iter().filter(move |&&edge| is_one(edge));
    each.map(move |&(a, b)| (a, b, is_one((b, a)))).filter(|&(a, b, both)| !both || a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ChannelId = ChannelId(0);
    const B: ChannelId = ChannelId(1);
    const C: ChannelId = ChannelId(2);

    fn media(sound: &mut Sound, wants: &[(ChannelId, Want)]) -> Vec<MediaCommand> {
        let mut actions = VecDeque::new();
        sound.set(wants, &mut actions);
        actions
            .into_iter()
            .map(|action| match action {
                Action::Command(Command::Media(command)) => command,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn talk(channels: &[ChannelId]) -> Want {
        Want::Talk(channels.iter().copied().collect())
    }

    #[test]
    fn the_sound_before_ends_first_and_the_same_sound_goes_on() {
        let mut sound = Sound::new(3);
        let busy = Want::Tone(ToneKind::Busy);
        let tone = MediaCommand::Tone { channel: A, tone: Some(ToneKind::Busy) };
        assert_eq!(media(&mut sound, &[(A, busy.clone())]), [tone]);
        assert_eq!(media(&mut sound, &[(A, busy)]), []);
        let silent = MediaCommand::Tone { channel: A, tone: None };
        let connect = MediaCommand::Connect { a: A, b: B };
        assert_eq!(media(&mut sound, &[(A, talk(&[B])), (B, talk(&[A]))]), [silent, connect]);
        let disconnect = MediaCommand::Disconnect { a: A, b: B };
        assert_eq!(media(&mut sound, &[(A, Want::Silence), (B, Want::Silence)]), [disconnect]);
    }

    #[test]
    fn one_who_listens_is_not_heard() {
        let mut sound = Sound::new(3);
        let wants = [(A, talk(&[B])), (B, talk(&[A])), (C, talk(&[A, B]))];
        let listen = |talker| MediaCommand::Listen { listener: C, talker };
        assert_eq!(media(&mut sound, &wants), [MediaCommand::Connect { a: A, b: B }, listen(A), listen(B)]);
    }

    #[test]
    fn a_prompt_that_has_ended_is_not_played_again_until_it_is_asked_for_anew() {
        let mut sound = Sound::new(1);
        let prompt = |count| Want::Prompt { prompt: PromptId(1), repeat: false, count };
        let play = |task| MediaCommand::Play { task: TaskId(task), channel: A, prompt: PromptId(1), repeat: false };
        assert_eq!(media(&mut sound, &[(A, prompt(1))]), [play(1)]);
        assert_eq!(sound.ended(TaskId(1)), Some(A));
        assert_eq!(media(&mut sound, &[(A, prompt(1))]), []);
        assert_eq!(media(&mut sound, &[(A, prompt(2))]), [play(2)]);
        assert_eq!(sound.ended(TaskId(1)), None);
    }
}
