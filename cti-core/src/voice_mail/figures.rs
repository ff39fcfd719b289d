//! The report of messages: a fold over the steps, oldest first, for one interval after the other.
//!
//! Steps before an interval give the messages that were open as it began; steps in it are counted.
//!
//! Never: takes a figure from anything but kept steps.

use std::collections::BTreeMap;

use serde::Serialize;

use super::message::StepRecord;
use super::rules::MessageStep;
use crate::store::message::MessageState;

const HOUR_MS: i64 = 3_600_000;
/// Ages up to which open messages are counted together, ms; the last class has those that are older.
const AGES_MS: [i64; 3] = [HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS];

/// The definitions of the columns, printed with the report.
pub const DEFINITIONS: &[(&str, &str)] = &[
    ("begin", "first moment of the interval"),
    ("end", "first moment after the interval"),
    ("mailbox", "the mailbox"),
    ("messages_left", "messages whose caller began to speak in the interval"),
    ("messages_heard", "messages listened to for the first time in the interval"),
    ("messages_taken", "messages that a person took in the interval; one that goes to another counts again"),
    ("messages_called", "messages whose caller was called back for the first time in the interval, and answered"),
    ("messages_done", "messages done in the interval; one that was reopened counts again"),
    ("messages_reopened", "messages reopened in the interval"),
    ("hear_mean", "mean time from the begin of messages to their first hearing in the interval, s"),
    ("hear_longest", "longest of these times, s"),
    ("call_mean", "mean time from the begin of messages to their first call back in the interval, s"),
    ("call_longest", "longest of these times, s"),
    ("settle_mean", "mean time from the begin of messages to the moment in the interval at which they were done, s"),
    ("settle_longest", "longest of these times, s"),
    ("messages_open", "messages not done at the end of the interval"),
    ("messages_unheard", "those of them that were not listened to"),
    ("messages_untaken", "those of them that no person has taken"),
    ("open_within_1h", "those of them that are at most 1 h old"),
    ("open_within_4h", "those of them that are older than 1 h, at most 4 h"),
    ("open_within_24h", "those of them that are older than 4 h, at most 24 h"),
    ("open_beyond_24h", "those of them that are older than 24 h"),
    ("oldest_message", "age of the oldest of them, s"),
];

/// The place of messages: a row of the report has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The mailbox.
    pub mailbox: String,
    /// The queue in which the caller waited last before the message; empty if in none.
    pub queue: String,
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct MailboxRow {
    pub begin: u64,
    pub end: u64,
    pub mailbox: String,
    /// The queue in which the callers waited last before; empty if in none.
    pub queue: String,
    pub messages_left: u64,
    pub messages_heard: u64,
    pub messages_taken: u64,
    pub messages_called: u64,
    pub messages_done: u64,
    pub messages_reopened: u64,
    pub hear_mean: Option<f64>,
    pub hear_longest: Option<f64>,
    pub call_mean: Option<f64>,
    pub call_longest: Option<f64>,
    pub settle_mean: Option<f64>,
    pub settle_longest: Option<f64>,
    pub messages_open: u64,
    pub messages_unheard: u64,
    pub messages_untaken: u64,
    pub open_within_1h: u64,
    pub open_within_4h: u64,
    pub open_within_24h: u64,
    pub open_beyond_24h: u64,
    pub oldest_message: Option<f64>,
}

/// A message up to its last step.
#[derive(Debug)]
struct Course {
    place: Place,
    began_ms: i64,
    state: MessageState,
    is_heard: bool,
    is_taken: bool,
    is_called: bool,
}

/// Times from the begin of messages to a step, ms.
#[derive(Debug, Default)]
struct Times {
    count: u64,
    sum: i64,
    longest: i64,
}

impl Times {
    fn add(&mut self, took_ms: i64) {
        (self.count, self.sum, self.longest) = (self.count + 1, self.sum + took_ms, self.longest.max(took_ms));
    }

    /// Mean and longest, s.
    fn seconds(&self) -> (Option<f64>, Option<f64>) {
        let some = |ms: f64| (self.count > 0).then_some(ms / 1000.0);
        (some(self.sum as f64 / self.count as f64), some(self.longest as f64))
    }
}

/// Counts and times of a place in an interval.
#[derive(Debug, Default)]
struct Counts {
    left: u64,
    taken: u64,
    reopened: u64,
    heard: Times,
    called: Times,
    done: Times,
}

/// The fold over an interval, in ms since 1970; its end is not included.
#[derive(Debug)]
pub struct Tally {
    from_ms: i64,
    to_ms: i64,
    messages: BTreeMap<i64, Course>,
    counts: BTreeMap<Place, Counts>,
}

impl Tally {
    /// The fold of an interval before its first step.
    pub fn new(from_ms: i64, to_ms: i64) -> Tally {
        Tally { from_ms, to_ms, messages: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// The end of the interval.
    pub const fn end_ms(&self) -> i64 {
        self.to_ms
    }

    /// Goes on to the interval after this one.
    pub fn roll(&mut self, to_ms: i64) {
        (self.from_ms, self.to_ms) = (self.to_ms, to_ms);
        self.counts.clear();
    }

    /// Takes the next step of a message at a place; one after the interval is left out.
    pub fn apply(&mut self, message: i64, place: &Place, step: &StepRecord) {
        if step.at_ms >= self.to_ms {
            return;
        }
        let course = self.messages.entry(message).or_insert_with(|| Course {
            place: place.clone(),
            began_ms: step.at_ms,
            state: step.to,
            is_heard: false,
            is_taken: false,
            is_called: false,
        });
        course.state = step.to;
        let (heard, called) = (step.step == MessageStep::Heard, step.step == MessageStep::Called);
        let is_first = (heard && !course.is_heard) || (called && !course.is_called);
        course.is_heard |= heard;
        course.is_called |= called;
        course.is_taken |= step.step == MessageStep::Taken;
        if step.at_ms < self.from_ms {
            return;
        }
        let took_ms = step.at_ms - course.began_ms;
        let counts = self.counts.entry(place.clone()).or_default();
        match step.step {
            MessageStep::Left => counts.left += 1,
            MessageStep::Taken => counts.taken += 1,
            MessageStep::Reopened => counts.reopened += 1,
            MessageStep::Done => counts.done.add(took_ms),
            MessageStep::Heard if is_first => counts.heard.add(took_ms),
            MessageStep::Called if is_first => counts.called.add(took_ms),
            MessageStep::Heard | MessageStep::Called => {}
        }
    }

    /// The rows by place, with the messages that are open at the end of the interval.
    pub fn rows(&self) -> Vec<MailboxRow> {
        let counted = |(place, of): (&Place, &Counts)| {
            let (hear_mean, hear_longest) = of.heard.seconds();
            let (call_mean, call_longest) = of.called.seconds();
            let (settle_mean, settle_longest) = of.done.seconds();
            let row = MailboxRow {
                messages_left: of.left,
                messages_heard: of.heard.count,
                messages_taken: of.taken,
                messages_called: of.called.count,
                messages_done: of.done.count,
                messages_reopened: of.reopened,
                hear_mean,
                hear_longest,
                call_mean,
                call_longest,
                settle_mean,
                settle_longest,
                ..MailboxRow::default()
            };
            (place.clone(), row)
        };
        let mut rows: BTreeMap<Place, MailboxRow> = self.counts.iter().map(counted).collect();
        for course in self.messages.values().filter(|course| course.state != MessageState::Done) {
            let row = rows.entry(course.place.clone()).or_default();
            let age_ms = (self.to_ms - course.began_ms).max(0);
            row.messages_open += 1;
            row.messages_unheard += u64::from(!course.is_heard);
            row.messages_untaken += u64::from(!course.is_taken);
            *match AGES_MS.iter().position(|most| age_ms <= *most) {
                Some(0) => &mut row.open_within_1h,
                Some(1) => &mut row.open_within_4h,
                Some(_) => &mut row.open_within_24h,
                None => &mut row.open_beyond_24h,
            } += 1;
            let age = age_ms as f64 / 1000.0;
            row.oldest_message = Some(row.oldest_message.map_or(age, |oldest| oldest.max(age)));
        }
        let [begin, end] = [self.from_ms, self.to_ms].map(|ms| ms.max(0) as u64);
        let named =
            |(Place { mailbox, queue }, row): (Place, MailboxRow)| MailboxRow { begin, end, mailbox, queue, ..row };
        rows.into_iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(mailbox: &str, queue: &str) -> Place {
        Place { mailbox: mailbox.into(), queue: queue.into() }
    }

    fn step(step: MessageStep, at_ms: i64) -> StepRecord {
        let to = match step {
            MessageStep::Left => MessageState::New,
            MessageStep::Done => MessageState::Done,
            _ => MessageState::Heard,
        };
        StepRecord { at_ms, step, from: None, to, person: String::new(), remark: String::new(), call: 0 }
    }

    #[test]
    fn every_column_is_defined_and_every_definition_is_of_a_column() {
        let row = serde_json::to_value(MailboxRow::default()).unwrap();
        let mut columns: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let mut defined: Vec<&str> = DEFINITIONS.iter().map(|(column, _)| *column).chain(["queue"]).collect();
        columns.sort_unstable();
        defined.sort_unstable();
        assert_eq!(columns, defined);
    }

    #[test]
    fn messages_count_by_place_where_their_steps_are_taken_and_stay_open_until_they_are_done() {
        use MessageStep::{Called, Done, Heard, Left, Reopened, Taken};
        let (faults, other) = (place("faults", "5000"), place("faults", ""));
        let steps = [
            (1, &faults, step(Left, 1000)),
            (2, &faults, step(Left, 2000)),
            (3, &other, step(Left, 3000)),
            (1, &faults, step(Taken, 4000)),
            (1, &faults, step(Heard, 5000)),
            (1, &faults, step(Heard, 5500)),
            (1, &faults, step(Called, 6000)),
            (1, &faults, step(Done, 7000)),
            (2, &faults, step(Heard, 12_000)),
            (1, &faults, step(Reopened, 13_000)),
            (1, &faults, step(Done, 25_000)),
            (2, &faults, step(Done, 28_000)),
        ];
        let mut tally = Tally::new(0, 10_000);
        let mut rows = Vec::new();
        for (message, place, step) in &steps {
            while step.at_ms >= tally.end_ms() {
                rows.push(tally.rows());
                tally.roll(tally.end_ms() + 10_000);
            }
            tally.apply(*message, place, step);
        }
        rows.push(tally.rows());
        let [none, first] = &rows[0][..] else { panic!("{rows:?}") };
        assert_eq!((none.queue.as_str(), none.messages_left, none.messages_open, none.hear_mean), ("", 1, 1, None));
        assert_eq!((first.messages_left, first.messages_taken, first.messages_done), (2, 1, 1));
        assert_eq!((first.messages_heard, first.hear_mean, first.call_longest), (1, Some(4.0), Some(5.0)));
        assert_eq!((first.messages_open, first.messages_unheard, first.messages_untaken), (1, 1, 1));
        assert_eq!((first.oldest_message, first.open_within_1h, first.settle_mean), (Some(8.0), 1, Some(6.0)));
        let second = &rows[1][1];
        assert_eq!((second.messages_heard, second.hear_longest, second.messages_reopened), (1, Some(10.0), 1));
        assert_eq!((second.messages_open, second.oldest_message), (2, Some(19.0)));
        let third = &rows[2][1];
        assert_eq!((third.messages_done, third.settle_mean, third.settle_longest), (2, Some(25.0), Some(26.0)));
        assert_eq!((third.messages_open, third.oldest_message, rows[2][0].messages_open), (0, None, 1));
    }

    #[test]
    fn open_messages_are_counted_by_their_age() {
        let mut tally = Tally::new(0, 25 * HOUR_MS);
        for (message, at) in [(1, 0), (2, HOUR_MS), (3, 21 * HOUR_MS), (4, 24 * HOUR_MS), (5, 24 * HOUR_MS + 1)] {
            tally.apply(message, &place("faults", ""), &step(MessageStep::Left, at));
        }
        let row = &tally.rows()[0];
        let ages = [row.open_within_1h, row.open_within_4h, row.open_within_24h, row.open_beyond_24h];
        assert_eq!((row.messages_open, ages), (5, [2, 1, 1, 1]));
    }
}
