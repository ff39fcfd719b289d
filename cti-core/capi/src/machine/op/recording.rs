//! Recorders of operations: those of recordings, and those that only listen for a condition.
//!
//! Never: ends an operation.

use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::ids::TaskId;
use tipring_driver::media::wav::Tracks;
use tipring_driver::media::{MediaCommand, RecordingKind, Track};

use super::{Machine, Op, OpKind};
use crate::failure::{Outcome, fail};
use crate::leases::Recall;
use crate::sound::listen::SoundCondition;
use crate::sound::sink::{self, SinkPlan};

/// The right track of a recording: a side of the party at a channel, or at the recorded one itself for 0.
#[derive(Debug, Clone, Copy)]
pub enum RightTrack {
    /// Sound received from it.
    Says(u64),
    /// Sound sent to it.
    Hears(u64),
}

impl Machine {
    pub(super) fn right_track(&self, port: usize, right: RightTrack) -> Outcome<Track> {
        let (RightTrack::Says(channel) | RightTrack::Hears(channel)) = right;
        let of = Machine::id(if channel == 0 { port } else { self.port_of(channel)? });
        Ok(match right {
            RightTrack::Says(_) => Track::Received(of),
            RightTrack::Hears(_) => Track::Sent(of),
        })
    }

    pub(super) fn record(&mut self, left: usize, right: Track, kind: RecordingKind, plan: SinkPlan) -> Outcome<TaskId> {
        let task = self.next_task();
        let recording = self.sounds.add_recording(task, plan);
        let left = Track::Received(Machine::id(left));
        self.media(MediaCommand::Record { task, left, right, recording, kind, silence: None })
            .inspect_err(|_| self.sounds.forget(task))?;
        Ok(task)
    }

    /// A recorder that keeps nothing, for conditions on what is heard; none without such conditions. What the party is
    /// played is not taken for its voice: the sound is that behind the non-linear processor of echo control.
    pub(super) fn listen_for(
        &mut self,
        port: usize,
        conditions: Vec<(u32, SoundCondition)>,
    ) -> Outcome<Option<TaskId>> {
        if conditions.is_empty() {
            return Ok(None);
        }
        let recall = Recall::default();
        let plan = SinkPlan { place: sink::Place::Nowhere, tracks: Tracks::Left, conditions, recall };
        let right = Track::Received(Machine::id(port));
        self.record(port, right, RecordingKind::Listening(Enhancement::NONE), plan).map(Some)
    }

    /// Begins or ends the pause of a recording.
    ///
    /// # Errors
    /// `E_STALE` as for [`Machine::stop`], `E_ARGUMENT` for another operation, `E_RESOURCE`.
    pub fn pause(&mut self, op: u64, pause: bool) -> Outcome<()> {
        match (self.ops.get(op), self.ops.has_given(op)) {
            (Some(Op { kind: OpKind::Record, task: Some(task), .. }), _) => {
                let task = *task;
                self.media(MediaCommand::Pause { task, pause })
            }
            (Some(_), _) => fail!(E_ARGUMENT, "Only a recording can be paused"),
            (None, true) => Ok(()),
            (None, false) => fail!(E_STALE, "No operation is known under this handle"),
        }
    }
}
