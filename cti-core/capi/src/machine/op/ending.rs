//! The end of an operation: by a condition, its player or recorder, its time or its channel.
//!
//! Never: reports an operation twice, or forgets one without a report.

use tipring_driver::ids::TaskId;
use tipring_driver::media::MediaCommand;

use super::{Deadline, Finished, Machine, Op, OpKind, Place, Which};
use crate::abi::number;
use crate::machine::RESULTS_MAX;
use crate::queue::Event;
use crate::sound::SoundReport;
use crate::text::CText;

/// The longest time for a player or recorder to end, in ms; then the operation is reported without it.
const ENDING_MS: u64 = 5_000;

impl Machine {
    /// One of an operation's times has come.
    pub(in crate::machine) fn op_expired(&mut self, at: u64, handle: u64, which: Which) {
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
    pub(in crate::machine) fn end_ops(&mut self, port: usize, reason: u32, cause: u32) {
        for op in self.ports[port].ops.into_iter().flatten() {
            self.end(op, reason, cause);
        }
    }

    /// The dialling operation of a port ends.
    pub(in crate::machine) fn end_dial(&mut self, port: usize, reason: u32, cause: u32) {
        if let Some(op) = self.ports[port].ops[OpKind::Dial as usize] {
            self.end(op, reason, cause);
        }
    }

    /// An operation comes to its end: at once, or when its player or recorder has.
    pub(in crate::machine) fn end(&mut self, handle: u64, reason: u32, cause: u32) {
        let now = self.now_ms;
        let Some(op) = self.ops.get_mut(handle) else { return };
        op.met |= 1 << reason;
        if op.ending.is_some() {
            return;
        }
        op.ending = Some((reason, cause));
        let (task, ears, lent, kind) = (op.task, op.ears.take(), op.lent, op.kind);
        // What was said until now is still handed over; what was to be played is not asked for any more.
        if kind == OpKind::Play {
            op.recall.set();
        }
        if let Place::Card(card) = op.at {
            return self.end_card_op(handle, card, kind, task);
        }
        for task in ears.into_iter().chain(task) {
            if self.media(MediaCommand::Stop { task }).is_err() {
                self.late_stops.push_back(task);
            }
        }
        match task {
            None => self.finish(handle),
            // What the program lent is in use until the file thread has said otherwise, however long that takes.
            Some(_) if lent => {}
            Some(_) => {
                self.deadlines.insert((now + ENDING_MS, Deadline::Op(handle, Which::Ending)));
            }
        }
    }

    /// A player or recorder has ended: `reason` is why, unless its operation knows better.
    pub(in crate::machine) fn task_ended(&mut self, task: TaskId, reason: u32, samples: u64) {
        let Some(&handle) = self.tasks.get(&task.0) else { return };
        self.sounds.forget(task);
        let Some(op) = self.ops.get_mut(handle).filter(|op| op.task == Some(task)) else {
            self.tasks.remove(&task.0);
            if reason == number::REASON_RESOURCE {
                // Ears that cannot listen: the operation might wait for ever.
                self.end(handle, reason, number::CAUSE_NORMAL);
            }
            return;
        };
        op.over = true;
        op.samples = samples.min(op.most);
        op.met |= 1 << reason;
        match &mut op.ending {
            // A file that failed outranks the stop that met it.
            Some(ending) if reason == number::REASON_FILE => ending.0 = reason,
            Some(_) => op.met &= !(1 << number::REASON_END),
            ending @ None => *ending = Some((reason, number::CAUSE_NORMAL)),
        }
        if !op.lent {
            self.finish(handle);
        }
    }

    /// Takes what has happened on the file thread.
    pub fn handle_notices(&mut self) {
        for notice in self.sounds.notices.take() {
            let (SoundReport::Released(task)
            | SoundReport::Failed(task, _)
            | SoundReport::Met { task, .. }
            | SoundReport::Traced { task, .. }) = notice;
            let Some((handle, op)) = self.op_of(task) else { continue };
            match notice {
                SoundReport::Released(_) => {
                    op.lent = false;
                    if op.over {
                        self.finish(handle);
                    }
                }
                SoundReport::Failed(_, why) => {
                    op.failure = why;
                    if op.kind == OpKind::Trace {
                        self.end(handle, number::REASON_FILE, number::CAUSE_NORMAL);
                    }
                }
                SoundReport::Traced { records, lost, .. } => {
                    op.samples = records;
                    if lost > 0 && op.failure.is_empty() {
                        op.failure = format!("{lost} records were lost: the file was too slow");
                    }
                    self.finish(handle);
                }
                SoundReport::Met { reason, place, .. } => {
                    if op.ending.is_none() {
                        op.place = place;
                    }
                    self.end(handle, reason, number::CAUSE_NORMAL);
                }
            }
        }
    }

    /// The operation whose player, recorder or ears this is.
    fn op_of(&mut self, task: TaskId) -> Option<(u64, &mut Op)> {
        let handle = *self.tasks.get(&task.0)?;
        self.ops.get_mut(handle).map(|op| (handle, op))
    }

    /// Ends the operations of a port whose channel goes: each is reported now, but for those that use something that
    /// the program lent.
    pub(in crate::machine) fn close_ops(&mut self, port: usize) {
        for handle in self.ports[port].ops.into_iter().flatten() {
            if let Some(op) = self.ops.get(handle) {
                op.recall.set();
            }
        }
        self.end_ops(port, number::REASON_STOPPED, number::CAUSE_NORMAL);
        for handle in self.ports[port].ops.into_iter().flatten() {
            if self.ops.get(handle).is_some_and(|op| !op.lent) {
                self.finish(handle);
            }
        }
    }

    /// Reports an operation that is ending, and forgets it.
    pub(in crate::machine) fn finish(&mut self, handle: u64) {
        let Some(op) = self.ops.remove(handle) else { return };
        self.deadlines.retain(|(_, deadline)| !matches!(deadline, Deadline::Op(of, _) if *of == handle));
        match op.at {
            Place::Port(port) => self.ports[port].ops[op.kind.slot()] = None,
            Place::Card(card) => self.cards[card].ops[op.kind.slot()] = None,
        }
        if let Some(task) = op.task {
            self.tasks.remove(&task.0);
            self.sounds.forget(task);
        }
        // Ears that still listen, when the operation ended of itself.
        if let Some(task) = op.ears {
            self.tasks.remove(&task.0);
            if self.media(MediaCommand::Stop { task }).is_err() {
                self.late_stops.push_back(task);
            }
        }
        let (reason, cause) = op.ending.unwrap_or((number::REASON_STOPPED, number::CAUSE_NORMAL));
        let of_card = matches!(op.at, Place::Card(_));
        let text = CText::new(if reason == number::REASON_FILE || of_card { &op.failure } else { &op.digits });
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
            value: match (op.kind, reason) {
                (_, number::REASON_TONE | number::REASON_SOUND | number::REASON_SILENCE | number::REASON_NO_SOUND) => {
                    op.place.into()
                }
                (OpKind::Record | OpKind::Trace, _) => finished.samples,
                _ => finished.duration_ms,
            },
            text,
            ..Event::new(number::EVENT_OP_DONE, self.now_ms)
        };
        self.queue.push(event, true);
    }
}
