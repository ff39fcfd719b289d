//! Flat rows for output as CSV or JSON, and the definition of every column.
//!
//! Times are in seconds, from whole milliseconds; shares from 0 to 1; a figure that cannot be is empty (CSV) or null
//! (JSON).
//!
//! Never: has a column without a definition; a test compares both.

use serde::{Deserialize, Serialize};

use super::figures::{Figures, ServiceLevel, Times, Traffic, share};
use super::ledger::{Key, Ledger};
use super::returns::{Returns, ToReturn};
use crate::agent::activity::Activity;
use crate::csta::DeviceId;

/// A row about the calls of a queue, an agent, a trunk group or a dialled number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct CallRow {
    /// Begin of the interval.
    pub begin: u64,
    /// End of the interval.
    pub end: u64,
    /// Kind of the subject.
    pub kind: String,
    /// Name of the subject.
    pub name: String,
    pub offered: u64,
    pub answered: u64,
    pub answered_in_time: u64,
    pub abandoned: u64,
    pub abandoned_short: u64,
    pub abandoned_in_time: u64,
    pub flowed_out: u64,
    pub call_backs: u64,
    pub called_back: u64,
    pub call_backs_given_up: u64,
    pub call_backs_lost: u64,
    pub cleared: u64,
    pub missed: u64,
    pub service_level: Option<f64>,
    pub formula: ServiceLevel,
    pub sl_strict: Option<f64>,
    pub sl_standard: Option<f64>,
    pub sl_without_short: Option<f64>,
    pub sl_neutral: Option<f64>,
    pub sl_abandons_good: Option<f64>,
    pub sl_answered_only: Option<f64>,
    pub asa: Option<f64>,
    pub abandon_time: Option<f64>,
    pub longest_wait: f64,
    pub handled: u64,
    pub talk: f64,
    pub hold: f64,
    pub longest_hold: f64,
    pub held_too_long: u64,
    pub too_long: u64,
    pub work: f64,
    pub aht: Option<f64>,
    pub abandon_rate: Option<f64>,
    pub abandon_rate_without_short: Option<f64>,
    pub within_2_rings: u64,
    pub within_3_rings: u64,
    pub within_4_rings: u64,
    pub late: u64,
    pub transferred: u64,
    pub by_customer: u64,
}

/// A row about an agent's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct AgentRow {
    /// Begin of the interval.
    pub begin: u64,
    /// End of the interval.
    pub end: u64,
    /// The agent.
    pub agent: String,
    pub logged_on: f64,
    pub idle: f64,
    pub offered_time: f64,
    pub talking: f64,
    pub work: f64,
    pub not_ready: f64,
    pub line_out: f64,
    pub occupancy: Option<f64>,
    pub utilisation: Option<f64>,
}

/// A row about an agent's time not ready for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct BreakRow {
    /// Begin of the interval.
    pub begin: u64,
    /// End of the interval.
    pub end: u64,
    /// The agent.
    pub agent: String,
    pub reason: u8,
    pub reason_name: String,
    pub breaks: u64,
    pub break_time: f64,
    pub breaks_too_long: u64,
}

/// A row about a trunk group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct TrunkRow {
    /// Begin of the interval.
    pub begin: u64,
    /// End of the interval.
    pub end: u64,
    /// The group.
    pub group: String,
    pub incoming: u64,
    pub outgoing: u64,
    pub blocked: u64,
    pub traffic: f64,
}

/// A row about the callers of a queue who hung up before an answer, and are to be called back the same day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct ReturnRow {
    /// Begin of the interval.
    pub begin: u64,
    /// End of the interval.
    pub end: u64,
    /// The queue.
    pub queue: String,
    pub lost_callers: u64,
    pub returned: u64,
    pub returned_in_time: u64,
    pub returned_late: u64,
    pub returns_given_up: u64,
    pub return_mean: Option<f64>,
    pub return_longest: Option<f64>,
    pub to_return: u64,
    pub to_return_late: u64,
    pub oldest_to_return: Option<f64>,
}

/// Definitions of all columns, printed with each report.
pub const DEFINITIONS: &[(&str, &str)] = &[
    ("begin", "begin of the interval"),
    ("end", "end of the interval, not included"),
    ("kind", "subject: queue, agent, group (of trunks), dialled (number)"),
    ("name", "name of the subject"),
    ("agent", "agent"),
    ("group", "trunk group"),
    (
        "offered",
        "calls that entered the queue in the interval; one that keeps its place is not counted again. Of an agent: offers \
         answered or missed",
    ),
    ("answered", "calls answered by an agent in the interval"),
    ("answered_in_time", "answered within the limit; the wait runs from entry into the queue to the answer"),
    ("abandoned", "calls whose caller hung up while queued or while a telephone rang"),
    ("abandoned_short", "abandoned within the limit of short abandons"),
    ("abandoned_in_time", "abandoned within the limit of the service level"),
    ("flowed_out", "calls that left by a rule or a key; neither answered nor abandoned"),
    ("call_backs", "calls that ended with a request to be called back"),
    ("called_back", "requests to be called back whose caller answered an attempt, at its moment"),
    ("call_backs_given_up", "requests to be called back given up after the last try"),
    ("call_backs_lost", "customers called before an agent who answered and hung up before one came; abandoned, too"),
    (
        "cleared",
        "calls that ended in the queue otherwise: by a client, a stop of the site, a line that died, the longest wait",
    ),
    ("missed", "offers that rang at a telephone without an answer"),
    ("service_level", "share of calls answered in time, by the formula named; empty without calls"),
    ("formula", "formula of the service level"),
    ("sl_strict", "answered in time / offered"),
    ("sl_standard", "answered in time / (answered + abandoned)"),
    ("sl_without_short", "answered in time / (answered + abandoned - short abandons)"),
    ("sl_neutral", "answered in time / (answered + abandoned - abandoned in time)"),
    ("sl_abandons_good", "(answered in time + abandoned in time) / (answered + abandoned)"),
    ("sl_answered_only", "answered in time / answered"),
    ("asa", "average speed of answer, s: waits of the answered / answered"),
    ("abandon_time", "average time to abandon, s: waits of the abandoned / abandoned"),
    ("longest_wait", "longest wait that ended in the interval, s"),
    ("handled", "calls that ended at their agent in the interval"),
    ("talk", "talk of the handled without hold, s"),
    ("hold", "hold of the handled, s"),
    ("longest_hold", "longest single hold, s"),
    ("held_too_long", "calls with a single hold beyond the limit"),
    ("too_long", "handled calls whose talk and hold together were beyond the limit"),
    ("work", "after-call work of queues' calls, s; of agents all work"),
    ("aht", "average handling time, s: (talk + hold + work) / handled"),
    ("abandon_rate", "abandoned / offered"),
    ("abandon_rate_without_short", "(abandoned - short) / (offered - short)"),
    ("within_2_rings", "answered before the third burst began at the agent's station"),
    ("within_3_rings", "answered before the fourth burst"),
    ("within_4_rings", "answered before the fifth burst"),
    ("late", "answered after more bursts than the limit"),
    ("transferred", "handled calls that went on elsewhere"),
    ("by_customer", "handled calls that the customer ended"),
    ("logged_on", "time logged on, s: the sum of all activities"),
    ("idle", "ready and free, s"),
    ("offered_time", "an offer rings, s"),
    ("talking", "in a call of any kind, hold included, s"),
    ("not_ready", "not ready for any reason, s"),
    ("reason", "reason code of not ready; 0 for none"),
    ("reason_name", "name of the reason in the site's configuration; empty without"),
    ("breaks", "times the agent became not ready for the reason; a call in between begins a break anew"),
    ("break_time", "time not ready for the reason, s"),
    ("breaks_too_long", "breaks that passed the limit of the reason, at the moment they did"),
    ("line_out", "off hook without a call, busy tone, line out of order, s"),
    ("occupancy", "(talking + offered + work) / (the same + idle)"),
    ("utilisation", "(talking + offered + work) / logged on"),
    ("incoming", "seizures for calls in"),
    ("outgoing", "seizures for calls out"),
    ("blocked", "calls out that found all trunks busy"),
    ("queue", "queue"),
    ("lost_callers", "callers with a number who hung up or were cut off before an answer, in the interval"),
    (
        "returned",
        "callers of these and earlier ones who were reached in the interval: called and answered, or answered anew",
    ),
    ("returned_in_time", "those of them who were reached by the end of the business hours of the day they are due"),
    ("returned_late", "those of them who were reached after it"),
    (
        "returns_given_up",
        "callers given up in the interval: every try was in vain, or they were taken off the list by hand",
    ),
    ("return_mean", "mean time until the returned were reached, s"),
    ("return_longest", "longest of these times, s"),
    ("to_return", "callers neither reached nor given up at the end of the interval"),
    ("to_return_late", "those of them for whom the business hours of the day they are due are over"),
    ("oldest_to_return", "time since the first of them hung up, s"),
    ("traffic", "traffic carried, erlang: occupancy of all trunks / length of the interval"),
];

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

fn mean(ms: Option<f64>) -> Option<f64> {
    ms.map(|ms| ms / 1000.0)
}

impl CallRow {
    fn new((begin, end): (u64, u64), key: &Key, of: &Figures, formula: ServiceLevel) -> CallRow {
        let (kind, name) = match key {
            Key::Queue(name) => ("queue", name.as_str()),
            Key::Agent(name) => ("agent", name.as_str()),
            Key::Group(name) => ("group", name.as_str()),
            Key::Dialled(name) => ("dialled", name.as_str()),
        };
        // What an agent was offered and neither answered nor missed was withdrawn: by its caller, or for another agent.
        let offers = Figures { offered: of.answered + of.missed, ..*of };
        let of = if matches!(key, Key::Agent(_)) { &offers } else { of };
        let within = |bursts: usize| of.rings[..bursts].iter().sum();
        CallRow {
            begin,
            end,
            kind: kind.to_owned(),
            name: name.to_owned(),
            offered: of.offered,
            answered: of.answered,
            answered_in_time: of.answered_in_time,
            abandoned: of.abandoned,
            abandoned_short: of.abandoned_short,
            abandoned_in_time: of.abandoned_in_time,
            flowed_out: of.flowed_out,
            call_backs: of.call_backs,
            called_back: of.called_back,
            call_backs_given_up: of.call_backs_given_up,
            call_backs_lost: of.call_backs_lost,
            cleared: of.cleared,
            missed: of.missed,
            service_level: formula.of(of),
            formula,
            sl_strict: ServiceLevel::Strict.of(of),
            sl_standard: ServiceLevel::Standard.of(of),
            sl_without_short: ServiceLevel::WithoutShort.of(of),
            sl_neutral: ServiceLevel::Neutral.of(of),
            sl_abandons_good: ServiceLevel::AbandonsGood.of(of),
            sl_answered_only: ServiceLevel::AnsweredOnly.of(of),
            asa: mean(of.speed_of_answer()),
            abandon_time: mean(of.abandon_time()),
            longest_wait: seconds(of.longest_wait),
            handled: of.handled,
            talk: seconds(of.talk),
            hold: seconds(of.hold),
            longest_hold: seconds(of.longest_hold),
            held_too_long: of.held_too_long,
            too_long: of.too_long,
            work: seconds(of.work),
            aht: mean(of.handling_time()),
            abandon_rate: of.abandon_rate(),
            abandon_rate_without_short: of.abandon_rate_without_short(),
            within_2_rings: within(2),
            within_3_rings: within(3),
            within_4_rings: within(4),
            late: of.late,
            transferred: of.transferred,
            by_customer: of.by_customer,
        }
    }
}

impl AgentRow {
    fn new((begin, end): (u64, u64), agent: &str, times: &Times) -> AgentRow {
        let of = |activity: Activity| times[activity.index()];
        let busy = of(Activity::Talking) + of(Activity::Offered) + of(Activity::AfterCallWork);
        let out = of(Activity::OffHook) + of(Activity::BusyTone) + of(Activity::OutOfOrder);
        let not_ready = of(Activity::NotReady(Default::default()));
        let logged_on = times.iter().sum::<u64>() - of(Activity::LoggedOff);
        AgentRow {
            begin,
            end,
            agent: agent.to_owned(),
            logged_on: seconds(logged_on),
            idle: seconds(of(Activity::Idle)),
            offered_time: seconds(of(Activity::Offered)),
            talking: seconds(of(Activity::Talking)),
            work: seconds(of(Activity::AfterCallWork)),
            not_ready: seconds(not_ready),
            line_out: seconds(out),
            occupancy: share(busy, busy + of(Activity::Idle)),
            utilisation: share(busy, logged_on),
        }
    }
}

impl TrunkRow {
    fn new((begin, end): (u64, u64), group: &str, of: &Traffic) -> TrunkRow {
        let Traffic { incoming, outgoing, blocked, busy } = *of;
        let traffic = busy as f64 / (end - begin) as f64;
        TrunkRow { begin, end, group: group.to_owned(), incoming, outgoing, blocked, traffic }
    }
}

impl Ledger {
    /// Rows about calls, by interval and subject, of the subjects `is` holds for; `formula` names the service level of
    /// a queue.
    pub fn call_rows(&self, is: impl Fn(&Key) -> bool, formula: impl Fn(&Key) -> ServiceLevel) -> Vec<CallRow> {
        let these = self.figures().filter(|(_, key, _)| is(key));
        these.map(|(ix, key, of)| CallRow::new(self.bounds().interval(ix), key, of, formula(key))).collect()
    }

    /// Rows about agents' time, by interval and agent.
    pub fn agent_rows(&self) -> Vec<AgentRow> {
        self.times().map(|(ix, agent, of)| AgentRow::new(self.bounds().interval(ix), agent, of)).collect()
    }

    /// Rows about agents' times not ready, by interval, agent and reason; `name` gives the reason's.
    pub fn break_rows(&self, name: impl Fn(u8) -> String) -> Vec<BreakRow> {
        let rows = self.breaks().map(|(ix, agent, reason, of)| {
            let (begin, end) = self.bounds().interval(ix);
            let (agent, reason_name, break_time) = (agent.to_owned(), name(reason), seconds(of.time));
            BreakRow {
                begin,
                end,
                agent,
                reason,
                reason_name,
                breaks: of.count,
                break_time,
                breaks_too_long: of.too_long,
            }
        });
        rows.collect()
    }

    /// Rows about callers to be called back, by interval and queue; those open stand at the end of the last interval.
    pub fn return_rows(&self) -> Vec<ReturnRow> {
        let last = self.bounds().count().saturating_sub(1);
        let row = |(ix, queue, of): (usize, DeviceId, Returns)| {
            let (begin, end) = self.bounds().interval(ix);
            let open = if ix == last { self.to_return(&queue, end) } else { ToReturn::default() };
            ReturnRow {
                begin,
                end,
                queue: queue.to_string(),
                lost_callers: of.lost,
                returned: of.returned,
                returned_in_time: of.in_time,
                returned_late: of.late,
                returns_given_up: of.given_up,
                return_mean: (of.returned > 0).then(|| of.took as f64 / of.returned as f64 / 1000.0),
                return_longest: (of.returned > 0).then(|| seconds(of.longest)),
                to_return: open.count,
                to_return_late: open.late,
                oldest_to_return: open.oldest.map(|at| seconds(end.saturating_sub(at))),
            }
        };
        self.returns().map(row).collect()
    }

    /// Rows about trunk groups, by interval and group.
    pub fn trunk_rows(&self) -> Vec<TrunkRow> {
        self.traffic().map(|(ix, group, of)| TrunkRow::new(self.bounds().interval(ix), group, of)).collect()
    }
}
