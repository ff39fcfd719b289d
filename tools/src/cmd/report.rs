//! `tipring report`: figures of queues, agents, trunks and numbers from the log of events, and the callers to be called
//! back.
//!
//! | file | report |
//! |---|---|
//! | this one | queues, agents, trunk groups, numbers: rows of the ledger; the log itself |
//! | `agent` | one agent's day |
//! | `calls` | records of calls |
//! | `course`, `why` | one call: its legs, its decisions |
//! | `missed_callers` | callers to be called back |
//! | `steps`, `messages`, `orders` | work with steps |
//! | `notices`, `quality`, `shifts` | the same by name |
//! | `shown` | the columns of the tables for people |
//!
//! Never: writes to the database.

mod agent;
mod calls;
mod course;
mod messages;
mod missed_callers;
mod notices;
mod orders;
mod quality;
mod shifts;
mod shown;
mod steps;
mod why;

use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use tipring_core::acd::ids::Reason;
use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::figures::ServiceLevel;
use tipring_core::report::ledger::{Key, Ledger};

use self::agent::AgentArgs;
use self::calls::CallsArgs;
use self::course::CallArgs;
pub(super) use self::messages::{MESSAGES, TITLE as MESSAGES_TITLE};
pub(super) use self::orders::{ORDERS, TITLE as ORDERS_TITLE};
pub(super) use self::shown::{AGENTS, BREAKS, CALLS, TIMES, TRUNKS};
use self::why::WhyArgs;
use super::listing::Span;
use super::source::{Opened, Source};
use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::report::computation::{self, Targets};
use crate::report::span::Interval;
use crate::report::table::{Form, Moments, Output, Table, is_closed};
use crate::site_clock::{SiteClock, unix_ms};

/// Arguments of `tipring report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(subcommand)]
    what: Subject,
}

/// A report.
#[derive(Debug, Subcommand)]
enum Subject {
    /// Queues: offered, answered, abandoned, service level, waits, rings
    Queues(QueuesArgs),
    /// Agents: the calls they answered, their waits, rings, talk, hold and work
    Agents(AgentCallsArgs),
    /// One agent's day: log-ins, states and calls, each with its times; today's, if no span is given
    Agent(AgentArgs),
    /// Agents' time: ready, talking, work, not ready, occupancy
    Times(AgentsArgs),
    /// Agents' time not ready, by reason, and the breaks beyond their limits
    Breaks(AgentsArgs),
    /// Trunk groups: seizures, blocked calls, traffic in erlang
    Trunks(Common),
    /// Calls by incoming trunk group
    Groups(CallsOfArgs),
    /// Calls by the number that was dialled
    Numbers(CallsOfArgs),
    /// Callers who hung up or were cut off before an answer and have not been reached since, to be called back
    Abandoned(Common),
    /// Missed callers: called back by the end of their business day, late, or not yet
    Returns(Common),
    /// Scores of quality inspection by agent
    Quality(Common),
    /// Work orders by kind: taken down, dispatched and answered in time or late, open ones and their age
    Orders(Common),
    /// Messages of callers by mailbox and queue: time until heard, called back and done, open ones by age
    Messages(Common),
    /// Shifts: whether one principal and one deputy of each were signed in
    Shifts(Common),
    /// Notices: loaded, planned ones in time or late, sudden ones
    Notices(Common),
    /// Records of calls, as they ended
    Calls(CallsArgs),
    /// The whole course of one call: the calls it took in, and each leg with its times and the reason of its end
    Call(CallArgs),
    /// The log of events itself, as JSON lines: every figure can be computed anew from it
    Log(Common),
    /// The decisions about one call: the agents who were considered, and the reasons why others were passed over
    Why(WhyArgs),
}

/// Arguments of every report.
#[derive(Debug, Clone, Args)]
struct Common {
    #[command(flatten)]
    source: Source,
    /// Length of the intervals: 15m, 30m, 1h, day, month or whole
    #[arg(long, default_value = "day")]
    interval: Interval,
    #[command(flatten)]
    span: Span,
    /// Comma-separated values, with every column; the table and --json say what each means
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Moments in the comma-separated values as milliseconds since 1970 UTC, in place of ISO 8601 with the offset
    #[arg(long, requires = "csv")]
    epoch: bool,
    /// JSON lines, with every column; moments are milliseconds since 1970 UTC
    #[arg(long)]
    json: bool,
}

/// The service level of reports about calls.
#[derive(Debug, Clone, Default, Args)]
struct Level {
    /// Wait within which an answer is in time, for all queues, s; without it, each queue's answer_within_s, else 20
    #[arg(long, value_name = "S")]
    within: Option<u64>,
    /// Wait up to which an abandoned call is a short abandon, s
    #[arg(long, value_name = "S")]
    short: Option<u64>,
    /// Formula of the service level
    #[arg(long, value_enum)]
    formula: Option<Formula>,
}

/// Arguments of reports about calls.
#[derive(Debug, Args)]
struct CallsOfArgs {
    #[command(flatten)]
    level: Level,
    #[command(flatten)]
    common: Common,
}

/// Arguments of reports about the calls of queues.
#[derive(Debug, Args)]
struct QueuesArgs {
    /// This queue alone; may be given several times
    #[arg(long, value_name = "QUEUE")]
    queue: Vec<String>,
    #[command(flatten)]
    of: CallsOfArgs,
}

/// Arguments of reports about agents' calls.
#[derive(Debug, Args)]
struct AgentCallsArgs {
    /// This agent alone; may be given several times
    #[arg(long, value_name = "AGENT")]
    agent: Vec<String>,
    #[command(flatten)]
    of: CallsOfArgs,
}

/// Arguments of reports about agents' time.
#[derive(Debug, Args)]
struct AgentsArgs {
    /// This agent alone; may be given several times
    #[arg(long, value_name = "AGENT")]
    agent: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// True for a name that is asked for: one of these, or any if there are none.
fn is_asked(these: &[String], name: &str) -> bool {
    these.is_empty() || these.iter().any(|asked| asked == name)
}

/// A formula of the service level.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Formula {
    /// Answered in time / offered
    Strict,
    /// Answered in time / (answered + abandoned)
    Standard,
    /// Answered in time / (answered + abandoned - short abandons)
    WithoutShort,
    /// Answered in time / (answered + abandoned - abandoned in time)
    Neutral,
    /// (Answered in time + abandoned in time) / (answered + abandoned)
    AbandonsGood,
    /// Answered in time / answered
    AnsweredOnly,
}

impl From<Formula> for ServiceLevel {
    fn from(formula: Formula) -> ServiceLevel {
        match formula {
            Formula::Strict => ServiceLevel::Strict,
            Formula::Standard => ServiceLevel::Standard,
            Formula::WithoutShort => ServiceLevel::WithoutShort,
            Formula::Neutral => ServiceLevel::Neutral,
            Formula::AbandonsGood => ServiceLevel::AbandonsGood,
            Formula::AnsweredOnly => ServiceLevel::AnsweredOnly,
        }
    }
}

/// Prints a report.
pub fn run(args: &ReportArgs) -> Result<ExitCode, Failure> {
    let out = BufWriter::new(stdout().lock());
    match print(&args.what, out) {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn print(what: &Subject, out: impl Write) -> Result<(), Failure> {
    match what {
        Subject::Queues(QueuesArgs { of, queue }) => {
            let is = |key: &Key| matches!(key, Key::Queue(name) if is_asked(queue, name.as_str()));
            calls_of(of, out, ("Queues", CALLS), is)
        }
        Subject::Agents(AgentCallsArgs { of, agent }) => {
            let is = |key: &Key| matches!(key, Key::Agent(name) if is_asked(agent, name.as_str()));
            calls_of(of, out, ("Agents' calls", AGENTS), is)
        }
        Subject::Agent(args) => agent::print(args, out),
        Subject::Groups(of) => calls_of(of, out, ("Calls by trunk group", CALLS), |key| matches!(key, Key::Group(_))),
        Subject::Numbers(of) => {
            calls_of(of, out, ("Calls by dialled number", CALLS), |key| matches!(key, Key::Dialled(_)))
        }
        Subject::Times(AgentsArgs { common, agent }) => {
            rows((common, None), out, ("Agents' time", TIMES), |_, ledger| {
                let mut rows = ledger.agent_rows();
                rows.retain(|row| is_asked(agent, &row.agent));
                rows
            })
        }
        Subject::Breaks(args) => breaks(args, out),
        Subject::Trunks(common) => rows((common, None), out, ("Trunk groups", TRUNKS), |_, ledger| ledger.trunk_rows()),
        Subject::Abandoned(common) => missed_callers::list(common, out),
        Subject::Returns(common) => missed_callers::returns(common, out),
        Subject::Quality(common) => quality::print(common, out),
        Subject::Orders(common) => orders::print(common, out),
        Subject::Messages(common) => messages::print(common, out),
        Subject::Shifts(common) => shifts::print(common, out),
        Subject::Notices(common) => notices::print(common, out),
        Subject::Calls(args) => calls::print(args, out),
        Subject::Call(args) => course::call(args, out),
        Subject::Log(common) => log(common, out),
        Subject::Why(args) => why::print(args, out),
    }
}

impl Common {
    const fn output(&self, clock: SiteClock) -> Output {
        let form = match (self.csv, self.json) {
            (true, _) => Form::Csv(if self.epoch { Moments::Epoch } else { Moments::Iso }),
            (_, true) => Form::Json,
            _ => Form::Text,
        };
        Output { form, clock }
    }

    /// The intervals; the log's own span where none is given, today where the log is empty.
    fn bounds(&self, opened: &Opened) -> Result<Bounds, Failure> {
        self.intervals(self.interval, opened)
    }

    /// The span as one interval, to the millisecond.
    fn whole(&self, opened: &Opened) -> Result<Bounds, Failure> {
        self.intervals(Interval::Whole, opened)
    }

    fn intervals(&self, interval: Interval, Opened { store, clock, .. }: &Opened) -> Result<Bounds, Failure> {
        let now = unix_ms(&clock.now());
        let (first, last) = store.log_span()?.unwrap_or((now, now));
        self.intervals_of(interval, *clock, (first, last + 1))
    }

    /// The intervals of a span; where none is given, from the first of these moments up to, not including, the other.
    /// The interval that runs ends now: what is open then is not late by a moment to come.
    fn intervals_of(&self, interval: Interval, clock: SiteClock, (first, end): (u64, u64)) -> Result<Bounds, Failure> {
        let (from, to) = self.span.bounds(clock);
        let from = from.unwrap_or_else(|| clock.at(first));
        let least = from + TimeDelta::milliseconds(1);
        let bounds = interval.bounds(from, to.unwrap_or_else(|| clock.at(end).max(least)))?;
        // A clock that was put back, or a simulated day to come: the log itself is never cut.
        Ok(bounds.until(unix_ms(&clock.now()).max(end)))
    }
}

impl Level {
    /// The limits of the service level: the site's, by queue; those of the command line hold for all queues.
    fn targets(&self, site: Option<&SiteConfig>) -> Targets {
        let mut targets = site.map_or_else(Targets::default, SiteConfig::targets);
        if let Some(within) = self.within {
            targets.queues.clear();
            targets.default.0.in_time = within * 1000;
        }
        for (limits, formula) in targets.queues.values_mut().chain([&mut targets.default]) {
            limits.short = self.short.map_or(limits.short, |short| short * 1000);
            *formula = self.formula.map_or(*formula, Into::into);
        }
        targets
    }
}

/// A report with a row for each interval and subject. One with a service level says how that is computed.
fn rows<R: Serialize>(
    (common, level): (&Common, Option<&Level>),
    out: impl Write,
    (title, shown): (&str, &[&str]),
    of: impl Fn(&Targets, &Ledger) -> Vec<R>,
) -> Result<(), Failure> {
    let opened = common.source.open()?;
    let targets = level.unwrap_or(&Level::default()).targets(opened.site.as_ref());
    let title = level.map_or_else(|| title.to_owned(), |_| format!("{title}; {}", level_words(&targets)));
    let mut table = Table::new(out, common.output(opened.clock), &title, shown);
    let mut failed = None;
    let ledger = computation::read(&opened.store, &targets, common.bounds(&opened)?, |ledger| {
        for row in of(&targets, ledger) {
            failed = failed.take().or(table.row(&row).err());
        }
    })?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    table.finish()?;
    warn_of_gaps(&ledger);
    Ok(())
}

/// The rule of the service level, as words.
fn level_words(targets: &Targets) -> String {
    let (limits, formula) = targets.default;
    let text = ServiceLevel::ALL.iter().find(|(each, _)| *each == formula).map_or("", |(_, text)| text);
    let own = targets.queues.iter().map(|(queue, (limits, _))| format!(", {queue} {} s", limits.in_time / 1000));
    format!(
        "service level within {} s{}: {text}; short abandons up to {} s",
        limits.in_time / 1000,
        own.collect::<String>(),
        limits.short / 1000
    )
}

fn warn_of_gaps(ledger: &Ledger) {
    if ledger.gaps() > 0 {
        eprintln!("{} entries are missing from the log; its figures are too low", ledger.gaps());
    }
}

/// A report about the calls of the subjects `is` holds for.
fn calls_of(
    CallsOfArgs { common, level }: &CallsOfArgs,
    out: impl Write,
    shown: (&str, &[&str]),
    is: impl Fn(&Key) -> bool,
) -> Result<(), Failure> {
    rows((common, Some(level)), out, shown, |targets, ledger| {
        ledger.call_rows(&is, |key| match key {
            Key::Queue(queue) => targets.formula(queue),
            _ => targets.formula(&DeviceId::EMPTY),
        })
    })
}

/// Names of reasons stand in the site's configuration; without it the codes alone are shown.
fn breaks(AgentsArgs { common, agent }: &AgentsArgs, out: impl Write) -> Result<(), Failure> {
    let site = common.source.site()?;
    let reasons = site.map(|site| site.reasons()).unwrap_or_default();
    let name = |code| reasons.find(Reason(code)).map(|rule| rule.name.clone()).unwrap_or_default();
    rows((common, None), out, ("Agents' breaks", BREAKS), |_, ledger| {
        let mut rows = ledger.break_rows(name);
        rows.retain(|row| is_asked(agent, &row.agent));
        rows
    })
}

fn log(common: &Common, mut out: impl Write) -> Result<(), Failure> {
    let opened = common.source.open()?;
    let bounds = common.whole(&opened)?;
    let mut failed: Result<(), Failure> = Ok(());
    opened.store.each_entry(bounds.interval(0).0, bounds.interval(bounds.count() - 1).1, |entry| {
        if failed.is_ok() {
            failed = serde_json::to_string(entry).map_err(Into::into).and_then(|row| Ok(writeln!(out, "{row}")?));
        }
    })?;
    failed?;
    Ok(out.flush()?)
}
