//! The report of shifts: the time in which the principal and the deputy in force were signed in, from the log of events
//! and the namings.
//!
//! Never: counts a moment after the end of the log.

use std::collections::BTreeMap;

use serde::Serialize;

use super::naming::{Leaders, Naming, Shift};
use crate::agent::activity::Activity;
use crate::csta::AgentId;
use crate::report::event::{Entry, Event};

/// The definitions of the columns, printed with the report.
pub const DEFINITIONS: &[(&str, &str)] = &[
    ("shift", "name of the shift"),
    ("principal", "principal named last; empty if none was"),
    ("deputy", "deputy named last; empty if none was"),
    ("named_by", "person who named them last"),
    ("renamed", "namings after the begin of the shift"),
    ("principal_on", "time of the shift in which the principal of that moment was signed in, s"),
    ("deputy_on", "time of the shift in which the deputy of that moment was signed in, s"),
    ("both_on", "time of the shift in which both were signed in, s"),
    ("unled", "time of the shift so far in which not both were signed in, s"),
    ("one_of_each", "1 if one principal and one deputy were named and signed in at the same time, 0 if not"),
];

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct ShiftRow {
    /// Begin of the shift.
    pub begin: u64,
    /// End of the shift.
    pub end: u64,
    pub shift: String,
    pub principal: String,
    pub deputy: String,
    pub named_by: String,
    pub renamed: u64,
    pub principal_on: f64,
    pub deputy_on: f64,
    pub both_on: f64,
    pub unled: f64,
    pub one_of_each: u64,
}

/// Spans in which agents were signed in, from the log of events.
#[derive(Debug, Default)]
pub struct SignedIn {
    spans: BTreeMap<AgentId, Vec<(i64, i64)>>,
    since: BTreeMap<AgentId, i64>,
    now_ms: i64,
}

impl SignedIn {
    /// Takes the next entry of the log. A clock set back takes no time away.
    pub fn apply(&mut self, entry: &Entry) {
        let at = i64::try_from(entry.at).unwrap_or(i64::MAX).max(self.now_ms);
        match entry.event {
            // What had no end was cut off with the last entry before.
            Event::Started => {
                let since = core::mem::take(&mut self.since);
                since.into_iter().for_each(|(agent, since)| self.end(agent, since, self.now_ms));
            }
            Event::Agent { agent, to: Activity::LoggedOff, .. } => {
                if let Some(since) = self.since.remove(&agent) {
                    self.end(agent, since, at);
                }
            }
            Event::Agent { agent, .. } => _ = self.since.entry(agent).or_insert(at),
            _ => {}
        }
        self.now_ms = at;
    }

    fn end(&mut self, agent: AgentId, since: i64, at: i64) {
        self.spans.entry(agent).or_default().push((since, at));
    }

    /// The spans of an agent within another one, in order.
    fn within(&self, agent: AgentId, (from, to): (i64, i64)) -> Vec<(i64, i64)> {
        if agent.is_empty() {
            return Vec::new();
        }
        let open = self.since.get(&agent).map(|since| (*since, self.now_ms));
        let ended = self.spans.get(&agent).into_iter().flatten().copied();
        let cut = ended.chain(open).map(|(begin, end)| (begin.max(from), end.min(to)));
        cut.filter(|(begin, end)| begin < end).collect()
    }

    /// The row of a shift with its namings, oldest first. Time counts up to the last entry.
    pub fn row(&self, shift: &Shift, namings: &[Naming]) -> ShiftRow {
        let end = shift.end_ms.min(self.now_ms).max(shift.begin_ms);
        let (mut principal_on, mut deputy_on, mut both_on) = (0, 0, 0);
        // The first holds from the begin on if it came before; with each the next part of the shift begins.
        for (ix, naming) in namings.iter().enumerate() {
            let until = namings.get(ix + 1).map_or(i64::MAX, |next| next.named_ms);
            let part = (naming.named_ms.max(shift.begin_ms), until.min(end));
            let Leaders { principal, deputy } = naming.leaders;
            let [principal, deputy] = [principal, deputy].map(|agent| self.within(agent, part));
            let sum = |spans: &[(i64, i64)]| spans.iter().map(|(begin, end)| end - begin).sum::<i64>();
            principal_on += sum(&principal);
            deputy_on += sum(&deputy);
            let overlap = |(from, to): &(i64, i64)| {
                deputy.iter().map(|(begin, end)| (end.min(to) - begin.max(from)).max(0)).sum::<i64>()
            };
            both_on += principal.iter().map(overlap).sum::<i64>();
        }
        let last = namings.last();
        let name = |of: fn(&Leaders) -> AgentId| {
            last.map(|naming| of(&naming.leaders).as_str().to_owned()).unwrap_or_default()
        };
        let seconds = |ms: i64| ms as f64 / 1000.0;
        ShiftRow {
            begin: shift.begin_ms.max(0) as u64,
            end: shift.end_ms.max(0) as u64,
            shift: shift.name.clone(),
            principal: name(|leaders| leaders.principal),
            deputy: name(|leaders| leaders.deputy),
            named_by: last.map(|naming| naming.person.clone()).unwrap_or_default(),
            renamed: namings.iter().filter(|naming| naming.named_ms > shift.begin_ms).count() as u64,
            principal_on: seconds(principal_on),
            deputy_on: seconds(deputy_on),
            both_on: seconds(both_on),
            unled: seconds(end - shift.begin_ms - both_on),
            one_of_each: u64::from(both_on > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csta::DeviceId;

    fn agent(id: &str) -> AgentId {
        AgentId::new(id).expect("short")
    }

    fn signed_in(of: &[(u64, Event)]) -> SignedIn {
        let mut signed_in = SignedIn::default();
        for (seq, (at, event)) in of.iter().enumerate() {
            signed_in.apply(&Entry { seq: seq as u64, at: *at, event: *event });
        }
        signed_in
    }

    fn to(id: &str, to: Activity) -> Event {
        Event::Agent { agent: agent(id), to, queue: DeviceId::EMPTY }
    }

    fn naming(named_ms: i64, principal: &str, deputy: &str) -> Naming {
        let leaders = Leaders {
            principal: AgentId::new(principal).unwrap_or_default(),
            deputy: AgentId::new(deputy).unwrap_or_default(),
        };
        Naming { shift: shift(), leaders, person: "zhao".into(), named_ms }
    }

    fn shift() -> Shift {
        Shift { begin_ms: 10_000, end_ms: 20_000, name: "早班".into() }
    }

    #[test]
    fn both_are_on_where_those_in_force_are_signed_in_together() {
        use Activity::{Idle, LoggedOff, Talking};
        let signed_in = signed_in(&[
            (5_000, to("7001", Idle)),
            (11_000, to("7002", Idle)),
            (12_000, to("7001", Talking)),
            (14_000, to("7001", LoggedOff)),
            (15_000, to("7003", Idle)),
            (30_000, to("7003", LoggedOff)),
        ]);
        let row = signed_in.row(&shift(), &[naming(1_000, "7001", "7002"), naming(16_000, "7003", "7002")]);
        assert_eq!((row.principal_on, row.deputy_on, row.both_on, row.unled), (8.0, 9.0, 7.0, 3.0));
        assert_eq!((row.principal.as_str(), row.renamed, row.one_of_each), ("7003", 1, 1));
        let row = signed_in.row(&shift(), &[naming(1_000, "7001", "7009")]);
        assert_eq!((row.principal_on, row.deputy_on, row.unled, row.one_of_each), (4.0, 0.0, 10.0, 0));
        let row = signed_in.row(&shift(), &[]);
        assert_eq!((row.principal.as_str(), row.named_by.as_str(), row.unled), ("", "", 10.0), "no one was named");
        let row = signed_in.row(&shift(), &[naming(15_000, "7002", "")]);
        assert_eq!((row.principal_on, row.renamed, row.one_of_each), (5.0, 1, 0), "named late, and no deputy");
    }

    #[test]
    fn a_shift_that_runs_counts_up_to_the_end_of_the_log_and_a_restart_cuts_off() {
        let signed_in = signed_in(&[
            (5_000, to("7001", Activity::Idle)),
            (9_000, to("7002", Activity::Idle)),
            (13_000, to("7002", Activity::Talking)),
            (14_000, Event::Started),
            (15_000, to("7001", Activity::Idle)),
            (16_000, to("7002", Activity::Idle)),
            (17_000, to("7002", Activity::Talking)),
        ]);
        let row = signed_in.row(&shift(), &[naming(1_000, "7001", "7002")]);
        assert_eq!((row.principal_on, row.deputy_on, row.both_on, row.unled), (5.0, 4.0, 4.0, 3.0));
    }
}
