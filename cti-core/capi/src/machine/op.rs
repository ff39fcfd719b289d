//! Operations: their kinds, their beginning, the keys that count for them.
//!
//! Never: ends an operation itself; that is `ending`'s.

mod ending;
mod recording;

use tipring_core::channel::Intent;
use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::ids::TaskId;
use tipring_driver::line::Number;
use tipring_driver::media::wav::Tracks;
use tipring_driver::media::{MediaCommand, RecordingKind};

pub use self::recording::RightTrack;
use super::{Deadline, Machine, OPS_MAX};
use crate::abi::{self, number};
use crate::failure::{Outcome, fail};
use crate::leases::Recall;
use crate::sound::list::PlayList;
use crate::sound::listen::SoundCondition;
use crate::sound::sink::{self, SinkPlan};
use crate::text::CText;

/// Kinds of operation; a channel has at most one of each at work.
pub(super) const KINDS: usize = 5;
/// One condition of the program's list that ends an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// This number of keys.
    MaxDigits(usize),
    /// One of these keys.
    Digit(Number),
    /// No first key within this time, in ms.
    FirstDigit(u64),
    /// No further key within this time, in ms.
    InterDigit(u64),
    /// The time from the start, in ms.
    MaxTime(u64),
    /// A condition heard from the party.
    Heard(SoundCondition),
}

/// The program's list.
pub type Until = Vec<Condition>;

/// An operation to be begun.
pub enum Begin {
    /// Plays this.
    Play(PlayList),
    /// Records the channel and another port.
    Record {
        /// Destination of the sound.
        place: sink::Place,
        /// On which tracks.
        tracks: Tracks,
        /// The second side.
        right: RightTrack,
        /// For listening.
        enhance: bool,
    },
    /// Collects keys.
    Collect {
        /// Keys pressed before do not count.
        clear_first: bool,
    },
    /// Dials.
    Dial(Number),
    /// Listens.
    Detect,
}

/// The kind of an operation: its number in the header, and the slot of its channel or card that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpKind {
    Play,
    Record,
    Collect,
    Dial,
    Detect,
    SelfTest,
    Trace,
}

impl OpKind {
    pub(super) const fn number(self) -> u32 {
        match self {
            OpKind::Play => number::OP_PLAY,
            OpKind::Record => number::OP_RECORD,
            OpKind::Collect => number::OP_COLLECT,
            OpKind::Dial => number::OP_DIAL,
            OpKind::Detect => number::OP_DETECT,
            OpKind::SelfTest => number::OP_SELF_TEST,
            OpKind::Trace => number::OP_TRACE,
        }
    }

    /// The slot, among those of a channel or of a card.
    pub(super) const fn slot(self) -> usize {
        match self {
            OpKind::Play | OpKind::Record | OpKind::Collect | OpKind::Dial | OpKind::Detect => self as usize,
            OpKind::SelfTest | OpKind::Trace => self as usize - KINDS,
        }
    }
}

impl Begin {
    const fn kind(&self) -> OpKind {
        match self {
            Begin::Play(_) => OpKind::Play,
            Begin::Record { .. } => OpKind::Record,
            Begin::Collect { .. } => OpKind::Collect,
            Begin::Dial(_) => OpKind::Dial,
            Begin::Detect => OpKind::Detect,
        }
    }
}

/// The channel or conference of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Port(usize),
    Card(usize),
}

/// An operation at work.
#[derive(Debug)]
pub(super) struct Op {
    at: Place,
    pub(super) channel: u64,
    pub(super) user: usize,
    pub(super) kind: OpKind,
    /// Its player or recorder.
    task: Option<TaskId>,
    /// Its recorder for conditions on what is heard, where it has none of its own.
    ears: Option<TaskId>,
    pub(super) began_ms: u64,
    until: Until,
    /// Keys since it began (a collection: those kept before, too).
    pub(super) digits: String,
    inter_at_ms: u64,
    ending: Option<(u32, u32)>,
    pub(super) met: u32,
    /// Of a self test, the reason of the module that came off worst.
    pub(super) worst: Option<u32>,
    /// The place in the list of the condition on what was heard that came true.
    place: u32,
    samples: u64,
    /// The most samples that found a place.
    most: u64,
    /// Memory that the program lent is in use.
    lent: bool,
    /// Ends the calls of functions that it lent.
    recall: Recall,
    /// Its player or recorder has ended.
    over: bool,
    /// The failure of its file, or of a module.
    pub(super) failure: String,
}

/// The result of an operation that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    /// TR_REASON_*.
    pub reason: u32,
    /// A bit for each reason that was true.
    pub met: u32,
    /// TR_CAUSE_*.
    pub cause: u32,
    /// Duration from start to end, in ms.
    pub duration_ms: u64,
    /// Samples of each side, of a recording.
    pub samples: u64,
    /// Keys, or the file that failed.
    pub text: CText<{ crate::abi::TEXT_MAX }>,
}

/// The deadline of an operation that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    FirstDigit,
    InterDigit,
    MaxTime,
    Ending,
}

impl Op {
    /// An operation that begins now.
    pub(super) fn new(at: Place, kind: OpKind, now_ms: u64, task: Option<TaskId>) -> Op {
        Op {
            at,
            channel: 0,
            user: 0,
            kind,
            task,
            ears: None,
            began_ms: now_ms,
            until: Until::new(),
            digits: String::new(),
            inter_at_ms: 0,
            ending: None,
            met: 0,
            worst: None,
            place: 0,
            samples: 0,
            most: u64::MAX,
            lent: false,
            recall: Recall::default(),
            over: false,
            failure: String::new(),
        }
    }
}

impl Machine {
    /// Begins an operation.
    ///
    /// # Errors
    /// `E_STALE`, `E_BUSY` (one of its kind is at work there), `E_RESOURCE`, and those of the line command.
    pub fn begin(&mut self, channel: u64, begin: Begin, until: Until) -> Outcome<u64> {
        let port = match begin {
            Begin::Dial(_) => self.port_of_kind(channel, number::KIND_TRUNK)?,
            _ => self.port_of(channel)?,
        };
        let kind = begin.kind();
        if self.ports[port].ops[kind as usize].is_some() {
            fail!(E_BUSY, "An operation of this kind is at work on the channel; stop it and wait for its end first");
        }
        self.room_for_completion()?;
        // A player or recorder, and ears.
        if self.commands.room() < 2 {
            fail!(E_RESOURCE, "Too many commands are under way; try again in a millisecond");
        }
        let heard = heard(&until);
        let user = self.ports[port].user;
        let mut op = Op { channel, user, until, ..Op::new(Place::Port(port), kind, self.now_ms, None) };
        match begin {
            Begin::Play(list) => {
                (op.lent, op.recall) = (list.is_lent(), list.recall());
                op.task = Some(self.play(port, list)?);
                op.ears = self.listen_for(port, heard)?;
            }
            Begin::Record { place, tracks, right, enhance } => {
                let right = self.right_track(port, right)?;
                let kind = if enhance { RecordingKind::Listening(Enhancement::ALL) } else { RecordingKind::Evidence };
                let plan = SinkPlan { place, tracks, conditions: heard, recall: op.recall.clone() };
                (op.lent, op.most) = (plan.is_lent(), plan.most());
                op.task = Some(self.record(port, right, kind, plan)?);
            }
            Begin::Collect { clear_first } => {
                if clear_first {
                    self.ports[port].keys.clear();
                }
                op.ears = self.listen_for(port, heard)?;
            }
            Begin::Dial(number) => self.claim(port, Intent::Dial(number))?,
            Begin::Detect => op.task = self.listen_for(port, heard)?,
        }
        self.enter(op, port)
    }

    /// Each operation that ends must find a place for its completion.
    pub(super) fn room_for_completion(&self) -> Outcome<()> {
        if self.ops.len() >= usize::from(OPS_MAX) || self.queue.room_for_important() <= self.ops.len() {
            fail!(E_RESOURCE, "Too many operations are at work, or their completions have not been taken");
        }
        Ok(())
    }

    /// Puts an operation into its slot, with its times, and hands it the keys that were kept for it.
    fn enter(&mut self, op: Op, port: usize) -> Outcome<u64> {
        let (kind, now) = (op.kind, op.began_ms);
        let (tasks, until) = ([op.task, op.ears], op.until.clone());
        let Some(handle) = self.ops.insert(op) else { fail!(E_INTERNAL, "An operation that was counted has no slot") };
        self.tasks.extend(tasks.into_iter().flatten().map(|task| (task.0, handle)));
        self.ports[port].ops[kind as usize] = Some(handle);
        for condition in until {
            match condition {
                Condition::FirstDigit(ms) => self.deadlines.insert((now + ms, Deadline::Op(handle, Which::FirstDigit))),
                Condition::MaxTime(ms) => self.deadlines.insert((now + ms, Deadline::Op(handle, Which::MaxTime))),
                Condition::MaxDigits(_) | Condition::Digit(_) | Condition::InterDigit(_) | Condition::Heard(_) => false,
            };
        }
        while kind == OpKind::Collect
            && self.ops.get(handle).is_some()
            && let Some(key) = self.ports[port].keys.pop_front()
        {
            self.digit_for(handle, key);
        }
        Ok(handle)
    }

    pub(super) fn next_task(&mut self) -> TaskId {
        self.next_task = self.next_task.wrapping_add(1);
        TaskId(self.next_task)
    }

    fn play(&mut self, port: usize, list: PlayList) -> Outcome<TaskId> {
        let task = self.next_task();
        let prompt = self.sounds.add_prompt(task, list);
        let play = MediaCommand::Play { task, channel: Machine::id(port), prompt, repeat: false };
        self.media(play).inspect_err(|_| self.sounds.forget(task))?;
        Ok(task)
    }

    /// Asks an operation to end.
    ///
    /// # Errors
    /// `E_STALE` for one that never was, or whose result is no longer kept.
    pub fn stop(&mut self, op: u64) -> Outcome<()> {
        if self.ops.get(op).is_some() {
            self.end(op, number::REASON_STOPPED, number::CAUSE_NORMAL);
            return Ok(());
        }
        if self.ops.has_given(op) {
            return Ok(());
        }
        fail!(E_STALE, "No operation is known under this handle")
    }

    /// The result of an operation that has ended; `None` while it runs.
    ///
    /// # Errors
    /// `E_STALE` as for [`Machine::stop`].
    pub fn result(&self, op: u64) -> Outcome<Option<Finished>> {
        match (self.results.get(&op), self.ops.get(op)) {
            (Some(finished), _) => Ok(Some(*finished)),
            (None, Some(_)) => Ok(None),
            (None, None) => fail!(E_STALE, "No operation is known under this handle"),
        }
    }

    /// All operations at work.
    pub fn ops(&self) -> Vec<abi::OpState> {
        let handles = self.ops.handles().into_iter();
        handles
            .filter_map(|handle| self.ops.get(handle).map(|op| (handle, op)))
            .map(|(handle, op)| abi::OpState {
                size: size_of::<abi::OpState>() as u32,
                kind: op.kind.number(),
                op: handle,
                channel: op.channel,
                user: std::ptr::with_exposed_provenance_mut(op.user),
                elapsed_ms: self.now_ms - op.began_ms,
            })
            .collect()
    }

    /// A key was pressed at a port.
    pub(super) fn digit(&mut self, port: usize, key: char) {
        let ops = self.ports[port].ops;
        let collected = ops[OpKind::Collect as usize].is_some();
        for op in ops.into_iter().flatten() {
            self.digit_for(op, key);
        }
        if !collected {
            let keys = &mut self.ports[port].keys;
            if keys.len() == super::KEYS_MAX {
                keys.pop_front();
            }
            keys.push_back(key);
        }
    }

    fn digit_for(&mut self, handle: u64, key: char) {
        let now = self.now_ms;
        let Some(op) = self.ops.get_mut(handle).filter(|op| op.ending.is_none()) else { return };
        if op.digits.len() < super::KEYS_MAX {
            op.digits.push(key);
        }
        let (mut first, mut met, mut inter) = (None, 0, None);
        for condition in &op.until {
            let reason = match condition {
                Condition::MaxDigits(count) if op.digits.len() >= *count => number::REASON_MAX_DIGITS,
                Condition::Digit(keys) if keys.contains(key) => number::REASON_DIGIT,
                Condition::InterDigit(ms) => {
                    inter = Some(now + ms);
                    continue;
                }
                _ => continue,
            };
            met |= 1 << reason;
            first.get_or_insert(reason);
        }
        op.met |= met;
        if let Some(at) = inter {
            op.inter_at_ms = at;
            self.deadlines.insert((at, Deadline::Op(handle, Which::InterDigit)));
        }
        if let Some(reason) = first {
            self.end(handle, reason, number::CAUSE_NORMAL);
        }
    }
}

/// The conditions on what is heard, each with its place in the list.
fn heard(until: &[Condition]) -> Vec<(u32, SoundCondition)> {
    let places = until.iter().zip(0..);
    places
        .filter_map(|(condition, place)| match condition {
            Condition::Heard(condition) => Some((place, *condition)),
            _ => None,
        })
        .collect()
}
