//! `tipring report agent`: one agent's day, as a manager asks for it: log-ins, states one after another, calls.
//!
//! Log-ins and states are those of the log of events, by the rules of the ledger: their lengths add up to the columns
//! of `report times`. Calls are the legs at the agent's telephones.
//!
//! Never: counts a time outside the span.

use std::io::Write;

use clap::Args;
use serde::Serialize;
use tipring_core::acd::ids::Reason;
use tipring_core::agent::Activity;
use tipring_core::csta::DeviceId;
use tipring_core::report::event::{Entry, Event, Moment};
use tipring_core::store::sqlite::{AgentLeg, SqliteStore};

use super::{Common, Opened};
use crate::failure::Failure;
use crate::report::span::Day;
use crate::report::table::Table;

/// Arguments of `tipring report agent`.
#[derive(Debug, Args)]
pub(super) struct AgentArgs {
    /// The agent
    #[arg(value_name = "AGENT")]
    agent: String,
    #[command(flatten)]
    common: Common,
}

const SHOWN: &[&str] = &[
    "part",
    "began",
    "ended",
    "length",
    "state",
    "reason_name",
    "queue",
    "call",
    "direction",
    "number",
    "rang",
    "held",
    "reached",
    "ended_by",
];

/// A row of an agent's day. What does not belong to its part is empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
struct DayRow {
    agent: String,
    part: &'static str,
    began: Moment,
    ended: Option<Moment>,
    length: f64,
    state: Option<&'static str>,
    reason: Option<u8>,
    reason_name: Option<String>,
    queue: Option<String>,
    call: Option<i32>,
    direction: Option<String>,
    number: Option<String>,
    rang: Option<f64>,
    held: Option<f64>,
    reached: Option<String>,
    ended_by: Option<String>,
}

/// A stretch of an agent's day: its state and queue, its beginning, and its end if it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    activity: Activity,
    queue: DeviceId,
    began: Moment,
    ended: Option<Moment>,
}

/// The states of one agent, gathered from the log.
#[derive(Debug, Default)]
struct States {
    over: Vec<Stretch>,
    now: Option<Stretch>,
    /// The moment and the number of the last entry.
    at: Moment,
    seq: u64,
}

impl States {
    /// Takes an entry. A clock set back does not take time away, and a start of the program ends what stood with the
    /// last entry before it: as in the ledger.
    fn apply(&mut self, agent: &str, entry: &Entry) {
        if entry.event == Event::Started {
            self.end(self.at);
        }
        (self.at, self.seq) = (self.at.max(entry.at), entry.seq);
        if let Event::Agent { agent: of, to, queue } = entry.event
            && of.as_str() == agent
        {
            self.end(self.at);
            self.now = Some(Stretch { activity: to, queue, began: self.at, ended: None });
        }
    }

    fn end(&mut self, at: Moment) {
        self.over.extend(self.now.take().map(|stretch| Stretch { ended: Some(at), ..stretch }));
    }

    /// The states in which the agent was logged in.
    fn states(self) -> Vec<Stretch> {
        let all = self.over.into_iter().chain(self.now);
        all.filter(|stretch| stretch.activity != Activity::LoggedOff).collect()
    }
}

/// The log-ins: states that follow each other without a gap.
fn log_ins(states: &[Stretch]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for state in states {
        match found.last_mut().filter(|last| last.ended == Some(state.began)) {
            Some(last) => last.ended = state.ended,
            None => found.push(*state),
        }
    }
    found
}

/// A span with the end of what is known in it.
#[derive(Debug, Clone, Copy)]
struct Within {
    from: Moment,
    to: Moment,
    known: Moment,
}

impl Within {
    /// A row of a stretch; none if nothing of it lies in the span.
    fn row(&self, agent: &str, part: &'static str, began: Moment, ended: Option<Moment>) -> Option<DayRow> {
        let ended = ended.filter(|ended| *ended <= self.to);
        let (begin, end) = (began.max(self.from), ended.unwrap_or(self.known.min(self.to)));
        // A state of no length within the span is one all the same.
        let is_in = begin < self.to && end >= self.from && (end > self.from || began >= self.from);
        is_in.then(|| DayRow {
            agent: agent.to_owned(),
            part,
            began: begin,
            ended,
            length: end.saturating_sub(begin) as f64 / 1000.0,
            ..DayRow::default()
        })
    }
}

/// Prints an agent's day.
pub(super) fn print(args: &AgentArgs, out: impl Write) -> Result<(), Failure> {
    let AgentArgs { agent, common } = args;
    let opened = common.source.open()?;
    let Opened { store, site, clock } = &opened;
    let name = site.as_ref().map(|site| {
        let found = site.agents.iter().find(|known| known.id.0.as_str() == agent);
        found.map(|found| found.name.clone()).ok_or_else(|| {
            let known: Vec<_> = site.agents.iter().map(|known| known.id.0.to_string()).collect();
            format!("There is no agent {agent}; this site has {}", known.join(", "))
        })
    });
    let span = Common { span: common.span.or_day(Day::Today), ..common.clone() };
    let (from, to) = span.whole(&opened)?.interval(0);
    let reasons = site.as_ref().map(|site| site.reasons()).unwrap_or_default();
    let rows = rows(store, agent, (from, to), |code| {
        let none = || if code == 0 { String::new() } else { code.to_string() };
        reasons.find(Reason(code)).map_or_else(none, |rule| rule.name.clone())
    })?;
    // An agent who has left the site is known by what is on record alone.
    let name = match name {
        Some(Err(why)) if rows.is_empty() => return Err(why.into()),
        Some(Ok(name)) => format!(" ({name})"),
        _ => String::new(),
    };
    let of = |part: &'static str| rows.iter().filter(move |row| row.part == part);
    let reached = of(CALL).filter(|row| row.reached.as_deref() == Some("connected")).count();
    let title = format!(
        "Agent {agent}{name}: log-ins {} ({:.0} min), calls {reached}, not answered {}",
        of(LOG_IN).count(),
        of(LOG_IN).map(|row| row.length).sum::<f64>() / 60.0,
        of(CALL).count() - reached
    );
    let mut table = Table::new(out, common.output(*clock), &title, SHOWN);
    rows.iter().try_for_each(|row| table.row(row))?;
    table.finish().map(drop)
}

const LOG_IN: &str = "log-in";
const STATE: &str = "state";
const CALL: &str = "call";

/// The rows of an agent's day: log-ins, states, calls.
fn rows(
    store: &SqliteStore,
    agent: &str,
    (from, to): (Moment, Moment),
    reason_name: impl Fn(u8) -> String,
) -> Result<Vec<DayRow>, Failure> {
    let mut states = States::default();
    store.each_entry(from, to, |entry| states.apply(agent, entry))?;
    if store.starts_after(states.seq)? {
        states.end(states.at);
    }
    let known = store.log_span()?.map_or(from, |(_, last)| last);
    let within = Within { from, to, known };
    let states = states.states();
    let mut rows: Vec<DayRow> =
        log_ins(&states).iter().filter_map(|stretch| within.row(agent, LOG_IN, stretch.began, stretch.ended)).collect();
    for Stretch { activity, queue, began, ended } in states {
        let Some(row) = within.row(agent, STATE, began, ended) else { continue };
        let reason = match activity {
            Activity::NotReady(Reason(code)) => Some(code),
            _ => None,
        };
        rows.push(DayRow {
            state: Some(Activity::NAMES[activity.index()]),
            reason,
            reason_name: reason.map(&reason_name),
            queue: Some(queue.to_string()).filter(|queue| !queue.is_empty()),
            ..row
        });
    }
    for leg in store.legs_of_agent(agent, from, to)? {
        rows.extend(call_row(&within, agent, &leg));
    }
    Ok(rows)
}

/// The row of a call at the agent's telephone.
fn call_row(within: &Within, agent: &str, AgentLeg { leg, call }: &AgentLeg) -> Option<DayRow> {
    let moment = |ms: i64| ms.max(0) as Moment;
    let seconds = |ms: i64| Some(ms as f64 / 1000.0);
    let row = within.row(agent, CALL, moment(leg.began_ms), Some(moment(leg.ended_ms)))?;
    let number = call.as_ref().map(|call| if call.caller == leg.device { &call.called } else { &call.caller });
    let number = match call {
        Some(call) if call.direction == "outbound" => Some(&call.called),
        _ => number,
    };
    Some(DayRow {
        ended: Some(moment(leg.ended_ms)),
        queue: call.as_ref().and_then(|call| call.queue.clone()),
        call: Some(leg.call_id),
        direction: call.as_ref().map(|call| call.direction.clone()),
        number: number.cloned(),
        rang: seconds(leg.rung_ms),
        held: seconds(leg.hold_ms),
        reached: Some(leg.reached.clone()),
        ended_by: Some(leg.ended_by.clone()),
        ..row
    })
}

#[cfg(test)]
mod tests {
    use tipring_core::csta::AgentId;

    use super::*;

    const LI: &str = "7001";

    fn day(entries: &[(u64, Option<Activity>)], within: Within) -> Vec<(&'static str, u64, Option<u64>, &'static str)> {
        let mut states = States::default();
        for (seq, &(at, to)) in entries.iter().enumerate() {
            let agent = AgentId::new(LI).unwrap();
            let event = to.map_or(Event::Started, |to| Event::Agent { agent, to, queue: DeviceId::EMPTY });
            states.apply(LI, &Entry { seq: seq as u64, at, event });
        }
        let states = states.states();
        let log_in = |of: &Stretch| (LOG_IN, of.began, of.ended, "");
        let state = |of: &Stretch| (STATE, of.began, of.ended, Activity::NAMES[of.activity.index()]);
        let all: Vec<_> = log_ins(&states).iter().map(log_in).chain(states.iter().map(state)).collect();
        let row = |(part, began, ended, name)| {
            within.row(LI, part, began, ended).map(|row| (part, row.began, row.ended, name))
        };
        all.into_iter().filter_map(row).collect()
    }

    #[test]
    fn states_follow_each_other_within_a_log_in_which_ends_with_signing_out_or_with_the_program() {
        let (idle, talking, off) = (Some(Activity::Idle), Some(Activity::Talking), Some(Activity::LoggedOff));
        let within = Within { from: 0, to: 10_000, known: 900 };
        let log = [(100, idle), (200, talking), (300, off), (400, idle), (450, talking), (800, None), (900, idle)];
        assert_eq!(
            day(&log, within),
            [
                (LOG_IN, 100, Some(300), ""),
                (LOG_IN, 400, Some(450), ""),
                (LOG_IN, 900, None, ""),
                (STATE, 100, Some(200), "idle"),
                (STATE, 200, Some(300), "talking"),
                (STATE, 400, Some(450), "idle"),
                (STATE, 450, Some(450), "talking"),
                (STATE, 900, None, "idle"),
            ],
            "nothing is known of the time between the last entry and the start"
        );
        let noon = Within { from: 150, to: 420, known: 900 };
        assert_eq!(
            day(&log, noon),
            [
                (LOG_IN, 150, Some(300), ""),
                (LOG_IN, 400, None, ""),
                (STATE, 150, Some(200), "idle"),
                (STATE, 200, Some(300), "talking"),
                (STATE, 400, None, "idle"),
            ],
            "cut at both ends of the span"
        );
    }
}
