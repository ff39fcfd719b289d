//! Players: prompts from the file thread to a party, each over a bounded ring of its own.
//!
//! A player begins when enough has been read ahead. When its ring runs dry the party hears silence for that tick, which
//! is counted; the player goes on when more has come. How many there can be is fixed when the engine is made.
//!
//! | state | what happens | next |
//! |---|---|---|
//! | Free | a prompt is to be played | Opening |
//! | Opening | the file thread has read ahead | Playing |
//! | Opening, Playing | the prompt ended or failed; stopped | Closing, the end is reported |
//! | Closing | the file thread has let go | Free |
//!
//! Never: waits for the file thread, or knows a path.

use super::file_ring::{FileRequest, Piece, Slot};
use super::mix::Mix;
use super::{MediaEnd, MediaEvent};
use crate::ids::{ChannelId, PromptId, TaskId};
use crate::spsc::{Consumer, Producer};

/// All players of an engine.
#[derive(Debug)]
pub(crate) struct Players {
    players: Vec<Player>,
    /// The slots that are not free.
    busy: Vec<Slot>,
    dry_ticks: u64,
}

#[derive(Debug)]
struct Player {
    ring: Consumer<Piece>,
    state: PlayerState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlayerState {
    Free,
    Opening { task: TaskId, channel: ChannelId },
    Playing { task: TaskId, channel: ChannelId },
    Closing,
}

impl Players {
    /// One player for each ring.
    pub(crate) fn new(rings: Vec<Consumer<Piece>>) -> Players {
        let busy = Vec::with_capacity(rings.len());
        let players = rings.into_iter().map(|ring| Player { ring, state: PlayerState::Free }).collect();
        Players { players, busy, dry_ticks: 0 }
    }

    /// Plays `prompt` to the party at `channel`. Tells at once if there is no player left.
    pub(crate) fn play(
        &mut self,
        task: TaskId,
        channel: ChannelId,
        prompt: PromptId,
        repeat: bool,
        requests: &mut Producer<FileRequest>,
    ) -> Option<MediaEvent> {
        let Some(free) = self.players.iter().position(|player| player.state == PlayerState::Free) else {
            return Some(MediaEvent::PlayEnded { task, end: MediaEnd::NoResources });
        };
        let slot = Slot(free as u16);
        // Each slot has at most two requests under way, and the ring holds that many for every slot.
        if requests.push(FileRequest::OpenPrompt { slot, prompt, repeat }).is_err() {
            return Some(MediaEvent::PlayEnded { task, end: MediaEnd::NoResources });
        }
        self.players[free].state = PlayerState::Opening { task, channel };
        self.busy.push(slot);
        None
    }

    /// Ends the player of `task`, if there is one.
    pub(crate) fn stop(&mut self, task: TaskId, requests: &mut Producer<FileRequest>) -> Option<MediaEvent> {
        let slot = self.busy.iter().copied().find(|slot| self.players[slot.index()].state.task() == Some(task))?;
        self.close(slot, MediaEnd::Stopped, requests)
    }

    /// Ends all players.
    pub(crate) fn stop_all(&mut self, requests: &mut Producer<FileRequest>, report: &mut dyn FnMut(MediaEvent)) {
        for at in 0..self.busy.len() {
            if let Some(event) = self.close(self.busy[at], MediaEnd::Stopped, requests) {
                report(event);
            }
        }
    }

    /// The file thread has read ahead: the player may begin.
    pub(crate) fn handle_ready(&mut self, slot: Slot) {
        let Some(player) = self.players.get_mut(slot.index()) else { return };
        if let PlayerState::Opening { task, channel } = player.state {
            player.state = PlayerState::Playing { task, channel };
        }
    }

    /// The file thread has let go of the slot: it can be used again.
    pub(crate) fn handle_closed(&mut self, slot: Slot) {
        let Some(player) = self.players.get_mut(slot.index()) else { return };
        while player.ring.pop().is_some() {}
        player.state = PlayerState::Free;
        self.busy.retain(|busy| *busy != slot);
    }

    /// Adds one tick of every player to what its party hears, and tells of those that ended.
    pub(crate) fn step(
        &mut self,
        mix: &mut Mix,
        requests: &mut Producer<FileRequest>,
        report: &mut dyn FnMut(MediaEvent),
    ) {
        let mut at = 0;
        while let Some(slot) = self.busy.get(at).copied() {
            at += 1;
            let player = &mut self.players[slot.index()];
            let PlayerState::Playing { channel, .. } = player.state else { continue };
            match player.ring.pop() {
                Some(Piece::Sound(samples)) => mix.add(channel, &samples),
                Some(Piece::End(end)) => {
                    if let Some(event) = self.close(slot, end, requests) {
                        report(event);
                    }
                }
                None => self.dry_ticks += 1,
            }
        }
    }

    /// Ticks of silence played because a ring had run dry.
    pub(crate) fn dry_ticks(&self) -> u64 {
        self.dry_ticks
    }

    fn close(&mut self, slot: Slot, end: MediaEnd, requests: &mut Producer<FileRequest>) -> Option<MediaEvent> {
        let player = &mut self.players[slot.index()];
        let task = player.state.task()?;
        player.state = PlayerState::Closing;
        // There is room: see `play`.
        let _ = requests.push(FileRequest::ClosePrompt { slot });
        Some(MediaEvent::PlayEnded { task, end })
    }
}

impl PlayerState {
    fn task(self) -> Option<TaskId> {
        match self {
            PlayerState::Opening { task, .. } | PlayerState::Playing { task, .. } => Some(task),
            PlayerState::Free | PlayerState::Closing => None,
        }
    }
}
