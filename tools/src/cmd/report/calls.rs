//! `tipring report calls`: the records of calls, as a table, as values with ISO 8601 times, or as they are kept.
//!
//! Never: shows a call that is not over.

use std::io::Write;

use clap::Args;
use serde::Serialize;
use tipring_core::number_plan::NumberPlan;
use tipring_core::store::sqlite::CallRow;

use super::{Common, is_asked};
use crate::cmd::listing::{number, outcome};
use crate::failure::Failure;
use crate::report::table::Table;

/// Arguments of `tipring report calls`.
#[derive(Debug, Args)]
pub(super) struct CallsArgs {
    /// Calls that waited in this queue last; may be given several times
    #[arg(long, value_name = "QUEUE")]
    queue: Vec<String>,
    /// Calls that this agent had last; may be given several times
    #[arg(long, value_name = "AGENT")]
    agent: Vec<String>,
    /// Calls from or to this number, in any spelling; `*` at its end stands for any digits
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    number: Option<String>,
    /// Calls with this outcome: answered, abandoned-queued, cut-off, ...; may be given several times
    #[arg(long, visible_alias = "result", value_name = "OUTCOME", value_parser = outcome)]
    outcome: Vec<String>,
    #[command(flatten)]
    common: Common,
}

const SHOWN: &[&str] = &[
    "offered_at",
    "call",
    "direction",
    "caller",
    "called",
    "queue",
    "agent",
    "wait",
    "talked",
    "outcome",
    "released_by",
];

/// A record with its times as people have them.
#[derive(Debug, Serialize)]
struct CallLine<'a> {
    call: i32,
    offered_at: i64,
    direction: &'a str,
    caller: &'a str,
    called: &'a str,
    queue: &'a Option<String>,
    agent: &'a Option<String>,
    station: &'a Option<String>,
    trunk: &'a Option<String>,
    keyed: &'a str,
    wait: Option<f64>,
    talked: Option<f64>,
    outcome: &'a str,
    released_by: &'a str,
    answered_at: Option<i64>,
    queued_at: Option<i64>,
    alerting_at: Option<i64>,
    established_at: Option<i64>,
    ended_at: i64,
    recording: Option<i64>,
    machine: &'a Option<String>,
    ucid: &'a Option<String>,
    #[serde(rename = "kin")]
    main_call: &'a Option<String>,
    cause: Option<i32>,
}

impl<'a> From<&'a CallRow> for CallLine<'a> {
    fn from(row: &'a CallRow) -> CallLine<'a> {
        let seconds = |from: i64, to: i64| (to - from).max(0) as f64 / 1000.0;
        CallLine {
            call: row.call_id,
            offered_at: row.offered_ms,
            direction: &row.direction,
            caller: &row.caller,
            called: &row.called,
            queue: &row.queue,
            agent: &row.agent,
            station: &row.station,
            trunk: &row.trunk,
            keyed: &row.keyed,
            wait: row.queued_ms.map(|queued| seconds(queued, row.established_ms.unwrap_or(row.ended_ms))),
            talked: row.established_ms.map(|established| seconds(established, row.ended_ms)),
            outcome: &row.outcome,
            released_by: &row.released_by,
            answered_at: row.answered_ms,
            queued_at: row.queued_ms,
            alerting_at: row.alerting_ms,
            established_at: row.established_ms,
            ended_at: row.ended_ms,
            recording: row.recording,
            machine: &row.machine,
            ucid: &row.ucid,
            main_call: &row.main_call,
            cause: row.cause,
        }
    }
}

impl CallsArgs {
    fn is_asked(&self, plan: &NumberPlan, call: &CallRow) -> bool {
        let named = |these: &[String], name: &Option<String>| is_asked(these, name.as_deref().unwrap_or(""));
        let is_of = |pattern: &String| {
            [&call.caller, &call.called].iter().any(|number| plan.free_digits(pattern, number).is_some())
        };
        named(&self.queue, &call.queue)
            && named(&self.agent, &call.agent)
            && is_asked(&self.outcome, &call.outcome)
            && self.number.as_ref().is_none_or(is_of)
    }
}

/// Prints the records. As JSON lines they are what the store keeps.
pub(super) fn print(args: &CallsArgs, mut out: impl Write) -> Result<(), Failure> {
    let opened = args.common.source.open()?;
    let bounds = args.common.whole(&opened)?;
    let store = &opened.store;
    let (from, to) = bounds.interval(0);
    let plan = store.number_plan();
    let mut failed: Result<(), Failure> = Ok(());
    let mut each = |f: &mut dyn FnMut(&CallRow) -> Result<(), Failure>| {
        store.each_call(from, to, |call| {
            if failed.is_ok() && args.is_asked(plan, call) {
                failed = f(call);
            }
        })
    };
    if args.common.json {
        each(&mut |call| Ok(writeln!(out, "{}", serde_json::to_string(call)?)?))?;
        failed?;
        return Ok(out.flush()?);
    }
    let mut table = Table::new(out, args.common.output(opened.clock), "Records of calls", SHOWN);
    each(&mut |call| table.row(&CallLine::from(call)))?;
    failed?;
    table.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::columns::Column;
    use crate::report::table::{Form, Moments, Output};
    use crate::site_clock::SiteClock;

    fn call() -> CallRow {
        CallRow {
            call_id: 7,
            direction: "inbound".into(),
            trunk: Some("T1".into()),
            caller: "13800138000".into(),
            called: "95598".into(),
            queue: Some("5000".into()),
            agent: Some("7001".into()),
            station: Some("1001".into()),
            keyed: "4".into(),
            offered_ms: 1_700_000_000_000,
            answered_ms: Some(1_700_000_001_000),
            queued_ms: Some(1_700_000_002_000),
            alerting_ms: Some(1_700_000_003_000),
            established_ms: Some(1_700_000_006_500),
            ended_ms: 1_700_000_066_500,
            outcome: "answered".into(),
            released_by: "caller".into(),
            recording: None,
            machine: None,
            ucid: None,
            main_call: None,
            cause: None,
        }
    }

    fn written(form: Form) -> String {
        let mut out = Vec::new();
        let clock = SiteClock::named("Asia/Shanghai");
        let mut table = Table::new(&mut out, Output { form, clock }, "Records of calls", SHOWN);
        table.row(&CallLine::from(&call())).unwrap();
        table.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_is_read_by_people_and_has_its_moments_as_they_are_asked_for() {
        let text = written(Form::Text);
        assert!(text.contains("13800138000") && text.contains(" 4.5 ") && text.contains(" 60.0 "), "{text}");
        let iso = written(Form::Csv(Moments::Iso));
        assert!(iso.contains("\n7,2023-11-15T06:13:20+08:00,inbound,"), "{iso}");
        assert!(written(Form::Csv(Moments::Epoch)).contains("\n7,1700000000000,inbound,"));
        let row = serde_json::to_value(CallLine::from(&call())).unwrap();
        let undefined = row.as_object().unwrap().keys().filter(|column| Column::named(column).definition.is_empty());
        assert_eq!(undefined.collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn records_are_chosen_by_queue_agent_number_and_outcome() {
        use clap::Parser;
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            args: CallsArgs,
        }
        let is_chosen = |words: &str| {
            let line = Line::try_parse_from(["calls"].into_iter().chain(words.split_whitespace())).unwrap();
            line.args.is_asked(&NumberPlan::default(), &call())
        };
        for words in ["", "--queue 5000 --agent 7001", "--number 138* --outcome answered", "--result answered"] {
            assert!(is_chosen(words), "{words}");
        }
        for words in ["--queue 5001", "--agent 7002 --queue 5000", "--number 139*", "--outcome cut-off"] {
            assert!(!is_chosen(words), "{words}");
        }
        assert!(is_chosen("--agent 7002 --agent 7001"));
        assert!(Line::try_parse_from(["calls", "--outcome", "lost"]).is_err());
    }
}
