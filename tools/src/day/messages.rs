//! Messages of a simulated day: some callers who gave up leave one, and it goes its way by dice.
//!
//! The dice are its own, so that the day's calls are the same with and without messages.
//!
//! Never: takes a step at a moment other than its own; the steps that are due are taken before anything later happens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tipring_core::csta::CallId;
use tipring_core::person::Person;
use tipring_core::store::sqlite::{MessageError, SqliteStore};
use tipring_core::store::{MessageRecord, MessageState, Record};
use tipring_core::time::Tick;
use tipring_core::voice_mail::{MessageStep, Submission};
use tipring_driver::ids::RecordingId;

use super::people::Dice;

/// Share of the callers who gave up who leave a message.
const SHARE: f64 = 0.3;
/// Share of messages that get no further step: they stay open.
const LEFT_OPEN: f64 = 0.1;
/// Share of messages that are opened again.
const REOPENED: f64 = 0.1;
/// Mailboxes of the messages, as often as they stand here.
const MAILBOXES: &[&str] = &["faults", "faults", "complaints"];
/// Steps with the mean time before each, s, and the share of messages that take it.
const STEPS: &[(MessageStep, f64, f64)] = &[
    (MessageStep::Taken, 900.0, 0.8),
    (MessageStep::Heard, 600.0, 0.95),
    (MessageStep::Heard, 600.0, 0.2),
    (MessageStep::Called, 300.0, 0.7),
    (MessageStep::Done, 120.0, 1.0),
];

/// The messages of a day.
pub struct Messages {
    dice: Dice,
    count: u64,
    /// Moment, message, and place in [`STEPS`].
    due: BinaryHeap<Reverse<(i64, i64, usize)>>,
}

impl Messages {
    /// No messages yet.
    pub fn new(seed: u64) -> Messages {
        Messages { dice: Dice(seed ^ 0x6d65_7373_6167_6573), count: 0, due: BinaryHeap::new() }
    }

    /// A caller has given up. Returns the record of the message that is left, if there is one.
    pub fn after_abandon(&mut self, call: CallId, caller: u64, now: Tick, now_ms: i64) -> Option<Record> {
        if !self.dice.chance(SHARE) {
            return None;
        }
        self.count += 1;
        let recording = RecordingId(self.count);
        if !self.dice.chance(LEFT_OPEN) {
            self.plan(recording.0 as i64, 0, now_ms);
        }
        Some(Record::Message(Box::new(MessageRecord {
            recording,
            call,
            mailbox: MAILBOXES[self.dice.of(MAILBOXES.len())].to_owned(),
            owner: None,
            caller: super::number_of(caller),
            name: String::new(),
            at: now,
            samples: 80_000,
            file: format!("{}.wav", recording.0),
            state: MessageState::New,
        })))
    }

    /// Takes the steps that are due.
    ///
    /// # Errors
    /// The store takes no records, or the rules refuse a step of this plan.
    pub fn settle(&mut self, store: &mut SqliteStore, now_ms: i64) -> Result<(), MessageError> {
        let by = Person { name: "team leader".into(), is_supervisor: true };
        while let Some(Reverse((at_ms, id, place))) = self.due.peek().copied().filter(|Reverse((at, ..))| *at <= now_ms)
        {
            self.due.pop();
            let Some(&(step, _, share)) = STEPS.get(place) else {
                store.step_message(id, Submission::of(MessageStep::Reopened), &by, at_ms)?;
                self.plan(id, STEPS.len() - 1, at_ms);
                continue;
            };
            if self.dice.chance(share) {
                store.step_message(id, Submission::of(step), &by, at_ms)?;
            }
            if place + 1 < STEPS.len() || self.dice.chance(REOPENED) {
                self.plan(id, place + 1, at_ms);
            }
        }
        Ok(())
    }

    fn plan(&mut self, message: i64, place: usize, now_ms: i64) {
        let mean = STEPS.get(place).map_or(600.0, |step| step.1);
        let after = self.dice.length(mean).map_or(0, |after| after.as_ms() as i64);
        self.due.push(Reverse((now_ms + after, message, place)));
    }
}
