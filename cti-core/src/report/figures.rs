//! Counts and sums of one key, one agent or one trunk group in one interval, and what is computed from them.
//!
//! Never: rounds; sums are kept in ms and divided at the end. A share of nothing is none, not 100 %.

use serde::{Deserialize, Serialize};

use crate::agent::activity::Activity;

/// Classes of ring bursts at the answer: 1 to 5, and 6 or more.
pub const RINGS: usize = 6;

/// Limits that figures are counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wait within which an answer is in time, ms.
    pub in_time: u64,
    /// Wait up to which an abandoned call is a short abandon, ms.
    pub short: u64,
    /// Hold beyond which a single hold is too long, ms.
    pub hold: u64,
    /// Ring bursts up to which an answer is not late.
    pub rings: u8,
    /// Talk and hold beyond which a call is too long, ms.
    pub call: u64,
}

impl Default for Limits {
    /// 80/20's 20 s, short abandons up to 5 s, holds up to 60 s, four rings, calls up to 3 min.
    fn default() -> Limits {
        Limits { in_time: 20_000, short: 5_000, hold: 60_000, rings: 4, call: 180_000 }
    }
}

/// Times of an agent's activities in one interval, ms, by [`Activity::index`].
pub type Times = [u64; Activity::COUNT];

/// An agent's time not ready for one reason in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Break {
    /// Time, ms.
    pub time: u64,
    /// Begins; a call in between begins it anew.
    pub count: u64,
    /// Breaks that passed the limit of the reason.
    pub too_long: u64,
}

/// Figures of a trunk group in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Seizures for calls in.
    pub incoming: u64,
    /// Seizures for calls out.
    pub outgoing: u64,
    /// Calls out that found all trunks busy.
    pub blocked: u64,
    /// Occupancy summed over the trunks, ms; divided by the interval's length it is the traffic in erlang.
    pub busy: u64,
}

/// Counts and sums (ms) of a queue, an agent, a trunk group or a dialled number in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Calls that entered the queue.
    pub offered: u64,
    /// Calls an agent answered.
    pub answered: u64,
    /// Answered within the limit.
    pub answered_in_time: u64,
    /// Calls whose caller hung up before the answer.
    pub abandoned: u64,
    /// Abandoned within the limit of the service level.
    pub abandoned_in_time: u64,
    /// Abandoned within the limit of short abandons.
    pub abandoned_short: u64,
    /// Calls that left by a rule or a key.
    pub flowed_out: u64,
    /// Calls that ended in the queue otherwise.
    pub cleared: u64,
    /// Call-backs left.
    pub call_backs: u64,
    /// Requests to be called back whose caller was reached.
    pub called_back: u64,
    /// Requests to be called back that were given up after the last try.
    pub call_backs_given_up: u64,
    /// Customers called back before an agent who hung up before an agent answered; abandoned, too.
    pub call_backs_lost: u64,
    /// Offers that rang and were not answered.
    pub missed: u64,
    /// Waits of the answered.
    pub wait_answered: u64,
    /// Waits of the abandoned.
    pub wait_abandoned: u64,
    /// The longest wait that ended here.
    pub longest_wait: u64,
    /// Calls that ended at their agent.
    pub handled: u64,
    /// Talk without hold, of those.
    pub talk: u64,
    /// Hold, of those.
    pub hold: u64,
    /// The longest single hold.
    pub longest_hold: u64,
    /// Calls with a single hold beyond the limit.
    pub held_too_long: u64,
    /// Calls whose talk and hold were beyond the limit.
    pub too_long: u64,
    /// Calls transferred.
    pub transferred: u64,
    /// Calls the customer ended.
    pub by_customer: u64,
    /// After-call work.
    pub work: u64,
    /// Answers by ring bursts: 1, 2, 3, 4, 5, 6 and more.
    pub rings: [u64; RINGS],
    /// Answers after more bursts than the limit.
    pub late: u64,
}

/// A formula of the service level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceLevel {
    /// Answered in time / offered.
    Strict,
    /// Answered in time / (answered + abandoned).
    #[default]
    Standard,
    /// Answered in time / (answered + abandoned − short abandons).
    WithoutShort,
    /// Answered in time / (answered + abandoned − abandoned in time).
    Neutral,
    /// (Answered + abandoned in time) / (answered + abandoned).
    AbandonsGood,
    /// Answered in time / answered.
    AnsweredOnly,
}

impl ServiceLevel {
    /// All formulas with their text, as printed on reports.
    pub const ALL: [(ServiceLevel, &'static str); 6] = [
        (ServiceLevel::Strict, "answered in time / offered"),
        (ServiceLevel::Standard, "answered in time / (answered + abandoned)"),
        (ServiceLevel::WithoutShort, "answered in time / (answered + abandoned - short abandons)"),
        (ServiceLevel::Neutral, "answered in time / (answered + abandoned - abandoned in time)"),
        (ServiceLevel::AbandonsGood, "(answered in time + abandoned in time) / (answered + abandoned)"),
        (ServiceLevel::AnsweredOnly, "answered in time / answered"),
    ];

    /// The share, 0 to 1; none without calls.
    pub fn of(self, figures: &Figures) -> Option<f64> {
        let Figures { offered, answered, answered_in_time: good, abandoned, .. } = *figures;
        let both = answered + abandoned;
        match self {
            ServiceLevel::Strict => share(good, offered),
            ServiceLevel::Standard => share(good, both),
            ServiceLevel::WithoutShort => share(good, both - figures.abandoned_short),
            ServiceLevel::Neutral => share(good, both - figures.abandoned_in_time),
            ServiceLevel::AbandonsGood => share(good + figures.abandoned_in_time, both),
            ServiceLevel::AnsweredOnly => share(good, answered),
        }
    }
}

/// A part of a whole; none of nothing.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Figures {
    /// An answer after `wait` ms and that many bursts.
    pub(super) fn count_answer(&mut self, wait: u64, rings: u8, limits: &Limits) {
        self.answered += 1;
        self.answered_in_time += u64::from(wait <= limits.in_time);
        self.wait_answered += wait;
        self.longest_wait = self.longest_wait.max(wait);
        self.rings[usize::from(rings.max(1) - 1).min(RINGS - 1)] += 1;
        self.late += u64::from(rings > limits.rings);
    }

    /// An abandonment after `wait` ms.
    pub(super) fn count_abandon(&mut self, wait: u64, limits: &Limits) {
        self.abandoned += 1;
        self.abandoned_in_time += u64::from(wait <= limits.in_time);
        self.abandoned_short += u64::from(wait <= limits.short);
        self.wait_abandoned += wait;
        self.longest_wait = self.longest_wait.max(wait);
    }

    /// The sum of both; the longest of both.
    pub fn add(&mut self, other: &Figures) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.answered_in_time += other.answered_in_time;
        self.abandoned += other.abandoned;
        self.abandoned_in_time += other.abandoned_in_time;
        self.abandoned_short += other.abandoned_short;
        self.flowed_out += other.flowed_out;
        self.cleared += other.cleared;
        self.call_backs += other.call_backs;
        self.called_back += other.called_back;
        self.call_backs_given_up += other.call_backs_given_up;
        self.call_backs_lost += other.call_backs_lost;
        self.missed += other.missed;
        self.wait_answered += other.wait_answered;
        self.wait_abandoned += other.wait_abandoned;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        self.handled += other.handled;
        self.talk += other.talk;
        self.hold += other.hold;
        self.longest_hold = self.longest_hold.max(other.longest_hold);
        self.held_too_long += other.held_too_long;
        self.too_long += other.too_long;
        self.transferred += other.transferred;
        self.by_customer += other.by_customer;
        self.work += other.work;
        for (sum, rings) in self.rings.iter_mut().zip(other.rings) {
            *sum += rings;
        }
        self.late += other.late;
    }

    /// Average speed of answer, ms.
    pub fn speed_of_answer(&self) -> Option<f64> {
        share(self.wait_answered, self.answered)
    }

    /// Average time to abandon, ms.
    pub fn abandon_time(&self) -> Option<f64> {
        share(self.wait_abandoned, self.abandoned)
    }

    /// Average handling time, ms: (talk + hold + work) / handled.
    pub fn handling_time(&self) -> Option<f64> {
        share(self.talk + self.hold + self.work, self.handled)
    }

    /// Abandoned / offered.
    pub fn abandon_rate(&self) -> Option<f64> {
        share(self.abandoned, self.offered)
    }

    /// (Abandoned − short abandons) / (offered − short abandons).
    pub fn abandon_rate_without_short(&self) -> Option<f64> {
        share(self.abandoned - self.abandoned_short, self.offered.saturating_sub(self.abandoned_short))
    }
}
