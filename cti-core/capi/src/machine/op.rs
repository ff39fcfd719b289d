//! Operations: what ends them, and that each is reported once.
//!
//! Never: reports one twice, or forgets one without a report.

use std::path::PathBuf;

use tipring_core::channel::Intent;
use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::ids::{PromptId, RecordingId, TaskId};
use tipring_driver::line::Number;
use tipring_driver::media::file_io::PromptSource;
use tipring_driver::media::{MediaCommand, RecordingKind};

use super::{Deadline, Machine, OPS_MAX, RESULTS_MAX};
use crate::abi::number;
use crate::failure::{Outcome, fail};
use crate::queue::Event;
use crate::text::CText;

/// Kinds of operation; a channel has at most one of each at work.
pub(super) const KINDS: usize = 4;
/// The longest time for a player or recorder to end, in ms; then the operation is reported without it.
const ENDING_MS: u64 = 5_000;

/// One condition of the program's list that ends an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// The program's list.
pub type Until = Vec<Condition>;

/// An operation to be begun.
pub enum Begin {
    /// Plays this.
    Play(PromptSource),
    /// Records the channel and another port into a file.
    Record {
        /// The file.
        path: PathBuf,
        /// The channel of the right track; 0 for the same one.
        right: u64,
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
}

/// The player, recorder or line command behind an operation.
#[derive(Debug)]
enum Work {
    Play { task: TaskId, prompt: PromptId },
    Record { task: TaskId, recording: RecordingId, path: PathBuf },
    Collect,
    Dial,
}

impl Work {
    const fn index(&self) -> usize {
        match self {
            Work::Play { .. } => 0,
            Work::Record { .. } => 1,
            Work::Collect => 2,
            Work::Dial => 3,
        }
    }

    const fn task(&self) -> Option<TaskId> {
        match self {
            Work::Play { task, .. } | Work::Record { task, .. } => Some(*task),
            Work::Collect | Work::Dial => None,
        }
    }
}

/// An operation at work.
#[derive(Debug)]
pub(super) struct Op {
    port: usize,
    channel: u64,
    user: usize,
    work: Work,
    began_ms: u64,
    until: Until,
    /// Keys since it began (a collection: those kept before, too).
    pub(super) digits: String,
    inter_at_ms: u64,
    ending: Option<(u32, u32)>,
    met: u32,
    pub(super) samples: u64,
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

/// Which of an operation's times has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    FirstDigit,
    InterDigit,
    MaxTime,
    Ending,
}

impl Machine {
    /// Begins an operation.
    ///
    /// # Errors
    /// `E_STALE`, `E_BUSY` (one of its kind is at work there), `E_RESOURCE`, and those of the line command.
    pub fn begin(&mut self, channel: u64, begin: Begin, until: Until) -> Outcome<u64> {
        let port = self.port_of(channel)?;
        let index = match &begin {
            Begin::Play(_) => 0,
            Begin::Record { .. } => 1,
            Begin::Collect { .. } => 2,
            Begin::Dial(_) => 3,
        };
        if self.ports[port].ops[index].is_some() {
            fail!(E_BUSY, "An operation of this kind is at work on the channel; stop it and wait for its end first");
        }
        // Each operation that ends must find a place for its completion.
        if self.ops.len() >= usize::from(OPS_MAX) || self.queue.room_for_important() <= self.ops.len() {
            fail!(E_RESOURCE, "Too many operations are at work, or their completions have not been taken");
        }
        let mut digits = String::new();
        let work = match begin {
            Begin::Play(source) => self.begin_play(port, source)?,
            Begin::Record { path, right, enhance } => self.begin_record(port, path, right, enhance)?,
            Begin::Collect { clear_first } => {
                if clear_first {
                    self.ports[port].keys.clear();
                }
                Work::Collect
            }
            Begin::Dial(number) => {
                self.claim(port, Intent::Dial(number))?;
                Work::Dial
            }
        };
        let collects = matches!(work, Work::Collect);
        let user = self.ports[port].user;
        let now = self.now_ms;
        let task = work.task();
        let until_times = until.clone();
        let op = Op {
            port,
            channel,
            user,
            work,
            began_ms: now,
            until,
            digits: std::mem::take(&mut digits),
            inter_at_ms: 0,
            ending: None,
            met: 0,
            samples: 0,
        };
        let Some(handle) = self.ops.insert(op) else { fail!(E_INTERNAL, "An operation that was counted has no slot") };
        if let Some(task) = task {
            self.tasks.insert(task.0, handle);
        }
        self.ports[port].ops[index] = Some(handle);
        for condition in until_times {
            match condition {
                Condition::FirstDigit(ms) => self.deadlines.insert((now + ms, Deadline::Op(handle, Which::FirstDigit))),
                Condition::MaxTime(ms) => self.deadlines.insert((now + ms, Deadline::Op(handle, Which::MaxTime))),
                Condition::MaxDigits(_) | Condition::Digit(_) | Condition::InterDigit(_) => false,
            };
        }
        if collects {
            while let Some(key) = self.ports[port].keys.pop_front() {
                self.digit_for(handle, key);
                if self.ops.get(handle).is_none() {
                    break;
                }
            }
        }
        Ok(handle)
    }

    fn next_task(&mut self) -> TaskId {
        self.next_task = self.next_task.wrapping_add(1);
        TaskId(self.next_task)
    }

    fn begin_play(&mut self, port: usize, source: PromptSource) -> Outcome<Work> {
        let task = self.next_task();
        let prompt = self.sounds.add_prompt(source);
        let play = MediaCommand::Play { task, channel: Machine::id(port), prompt, repeat: false };
        self.media(play).inspect_err(|_| self.sounds.forget_prompt(prompt))?;
        Ok(Work::Play { task, prompt })
    }

    fn begin_record(&mut self, port: usize, path: PathBuf, right: u64, enhance: bool) -> Outcome<Work> {
        let right = if right == 0 { port } else { self.port_of(right)? };
        let kind = if enhance { RecordingKind::Listening(Enhancement::ALL) } else { RecordingKind::Evidence };
        let task = self.next_task();
        let recording = self.sounds.add_recording(path.clone());
        let (left, right) = (Machine::id(port), Machine::id(right));
        self.media(MediaCommand::Record { task, left, right, recording, kind })
            .inspect_err(|_| self.sounds.forget_recording(recording))?;
        Ok(Work::Record { task, recording, path })
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
        if self.results.contains_key(&op) {
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

    /// A key was pressed at a port.
    pub(super) fn digit(&mut self, port: usize, key: char) {
        let ops = self.ports[port].ops;
        let collected = ops[Work::Collect.index()].is_some();
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

    /// One of an operation's times has come.
    pub(super) fn op_expired(&mut self, at: u64, handle: u64, which: Which) {
        let Some(op) = self.ops.get(handle) else { return };
        match which {
            Which::Ending => self.finish(handle),
            Which::FirstDigit if op.digits.is_empty() => {
                self.end(handle, number::REASON_FIRST_DIGIT, number::CAUSE_NORMAL);
            }
            Which::InterDigit if op.inter_at_ms == at => {
                self.end(handle, number::REASON_INTER_DIGIT, number::CAUSE_NORMAL);
            }
            Which::MaxTime => self.end(handle, number::REASON_MAX_TIME, number::CAUSE_NORMAL),
            Which::FirstDigit | Which::InterDigit => {}
        }
    }

    /// Ends every operation of a port.
    pub(super) fn end_ops(&mut self, port: usize, reason: u32, cause: u32) {
        for op in self.ports[port].ops.into_iter().flatten() {
            self.end(op, reason, cause);
        }
    }

    /// The dialling operation of a port ends.
    pub(super) fn end_dial(&mut self, port: usize, reason: u32, cause: u32) {
        if let Some(op) = self.ports[port].ops[Work::Dial.index()] {
            self.end(op, reason, cause);
        }
    }

    /// An operation comes to its end: at once, or when its player or recorder has.
    fn end(&mut self, handle: u64, reason: u32, cause: u32) {
        let now = self.now_ms;
        let Some(op) = self.ops.get_mut(handle) else { return };
        op.met |= 1 << reason;
        if op.ending.is_some() {
            return;
        }
        op.ending = Some((reason, cause));
        match op.work.task() {
            None => self.finish(handle),
            Some(task) => {
                self.deadlines.insert((now + ENDING_MS, Deadline::Op(handle, Which::Ending)));
                if self.media(MediaCommand::Stop { task }).is_err() {
                    self.late_stops.push_back(task);
                }
            }
        }
    }

    /// A player or recorder has ended: `reason` is why, unless its operation knows better.
    pub(super) fn task_ended(&mut self, task: TaskId, reason: u32, samples: u64) {
        let Some(&handle) = self.tasks.get(&task.0) else { return };
        let Some(op) = self.ops.get_mut(handle) else { return };
        op.samples = samples;
        op.met |= 1 << reason;
        match &mut op.ending {
            // A file that failed outranks the stop that met it.
            Some(ending) if reason == number::REASON_FILE => ending.0 = reason,
            Some(_) => op.met &= !(1 << number::REASON_END),
            ending @ None => *ending = Some((reason, number::CAUSE_NORMAL)),
        }
        self.finish(handle);
    }

    /// Reports an operation that is ending, and forgets it.
    pub(super) fn finish(&mut self, handle: u64) {
        let Some(op) = self.ops.remove(handle) else { return };
        self.deadlines.retain(|(_, deadline)| !matches!(deadline, Deadline::Op(of, _) if *of == handle));
        self.ports[op.port].ops[op.work.index()] = None;
        if let Some(task) = op.work.task() {
            self.tasks.remove(&task.0);
        }
        let (reason, cause) = op.ending.unwrap_or((number::REASON_STOPPED, number::CAUSE_NORMAL));
        let text = match &op.work {
            Work::Play { prompt, .. } => {
                self.sounds.forget_prompt(*prompt);
                CText::new(&op.digits)
            }
            Work::Record { recording, path, .. } => {
                self.sounds.forget_recording(*recording);
                if reason == number::REASON_FILE { CText::new(&path.to_string_lossy()) } else { CText::new(&op.digits) }
            }
            Work::Collect | Work::Dial => CText::new(&op.digits),
        };
        let finished = Finished {
            reason,
            met: op.met | 1 << reason,
            cause,
            duration_ms: self.now_ms - op.began_ms,
            samples: op.samples,
            text,
        };
        if self.results_order.len() == RESULTS_MAX
            && let Some(oldest) = self.results_order.pop_front()
        {
            self.results.remove(&oldest);
        }
        self.results_order.push_back(handle);
        self.results.insert(handle, finished);
        let event = Event {
            channel: op.channel,
            object: handle,
            user: op.user,
            reason,
            cause,
            value: if finished.samples > 0 { finished.samples } else { finished.duration_ms },
            text,
            ..Event::new(number::EVENT_OP_DONE, self.now_ms)
        };
        self.queue.push(event, true);
    }
}
