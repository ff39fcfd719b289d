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
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{Local, TimeDelta};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use tipring_core::acd::ids::Reason;
use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::figures::ServiceLevel;
use tipring_core::report::ledger::{Key, Ledger};
use tipring_core::store::sqlite::SqliteStore;

use self::agent::AgentArgs;
use self::calls::CallsArgs;
use self::course::CallArgs;
pub(super) use self::messages::{MESSAGES, TITLE as MESSAGES_TITLE};
pub(super) use self::orders::{ORDERS, TITLE as ORDERS_TITLE};
pub(super) use self::shown::{AGENTS, BREAKS, CALLS, TIMES, TRUNKS};
use self::why::WhyArgs;
use super::listing::Span;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::report::fold::{self, Targets};
use crate::report::span::{Interval, moment, unix_ms};
use crate::report::table::{Form, Moments, Table, is_closed};

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
    Agents(AgentsArgs),
    /// One agent's day: log-ins, states and calls, each with its times; today's, if no span is given
    Agent(AgentArgs),
    /// Agents' time: ready, talking, work, not ready, occupancy
    Times(AgentsArgs),
    /// Agents' time not ready, by reason, and the breaks beyond their limits
    Breaks(AgentsArgs),
    /// Trunk groups: seizures, blocked calls, traffic in erlang
    Trunks(Common),
    /// Calls by the trunk group they came by
    Groups(Common),
    /// Calls by the number that was dialled
    Numbers(Common),
    /// Callers who hung up or were cut off before an answer and have not been reached since, to be called back
    Abandoned(Common),
    /// The same callers: called back by the end of their business day, later, or not yet
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
    /// Wait within which an answer is in time, for all queues, s; without it, each queue's answer_within_s, else 20
    #[arg(long, value_name = "S")]
    within: Option<u64>,
    /// Wait up to which an abandoned call is a short abandon, s
    #[arg(long, value_name = "S")]
    short: Option<u64>,
    /// Formula of the service level
    #[arg(long, value_enum)]
    formula: Option<Formula>,
    /// Comma-separated values, with every column
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Moments in the comma-separated values as milliseconds since 1970 UTC, in place of ISO 8601 with the offset
    #[arg(long, requires = "csv")]
    epoch: bool,
    /// JSON lines, with every column; moments are milliseconds since 1970 UTC
    #[arg(long)]
    json: bool,
}

/// Arguments of reports about queues.
#[derive(Debug, Args)]
struct QueuesArgs {
    /// This queue alone; may be given several times
    #[arg(long, value_name = "QUEUE")]
    queue: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of reports about agents.
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

/// The place of the log.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
struct Source {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE")]
    site: Option<PathBuf>,
    /// The site's database
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
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
        Subject::Queues(QueuesArgs { common, queue }) => {
            let is = |key: &Key| matches!(key, Key::Queue(name) if is_asked(queue, name.as_str()));
            calls_of(common, out, ("Queues", CALLS), is)
        }
        Subject::Agents(AgentsArgs { common, agent }) => {
            let is = |key: &Key| matches!(key, Key::Agent(name) if is_asked(agent, name.as_str()));
            calls_of(common, out, ("Agents' calls", AGENTS), is)
        }
        Subject::Agent(args) => agent::print(args, out),
        Subject::Groups(common) => {
            calls_of(common, out, ("Calls by trunk group", CALLS), |key| matches!(key, Key::Group(_)))
        }
        Subject::Numbers(common) => {
            calls_of(common, out, ("Calls by dialled number", CALLS), |key| matches!(key, Key::Dialled(_)))
        }
        Subject::Times(AgentsArgs { common, agent }) => rows(common, out, "Agents' time", TIMES, |_, ledger| {
            let mut rows = ledger.agent_rows();
            rows.retain(|row| is_asked(agent, &row.agent));
            rows
        }),
        Subject::Breaks(args) => breaks(args, out),
        Subject::Trunks(common) => rows(common, out, "Trunk groups", TRUNKS, |_, ledger| ledger.trunk_rows()),
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

impl Source {
    /// The site's configuration; none where the database alone is named.
    fn site(&self) -> Result<Option<SiteConfig>, Failure> {
        if self.db.is_some() {
            return Ok(None);
        }
        Ok(Some(SiteConfig::load_without_users(&self.site.clone().unwrap_or_else(site_file))?))
    }

    /// Opens the database, which is not written to.
    fn open(&self) -> Result<(SqliteStore, Option<SiteConfig>), Failure> {
        let site = self.site()?;
        let database = site.as_ref().map(|site| &site.store.database).or(self.db.as_ref());
        Ok((open(database.map_or(Path::new(""), PathBuf::as_path))?, site))
    }
}

fn open(database: &Path) -> Result<SqliteStore, Failure> {
    Ok(SqliteStore::open_to_read(database)?)
}

impl Common {
    const fn form(&self) -> Form {
        match (self.csv, self.json) {
            (true, _) => Form::Csv(if self.epoch { Moments::Epoch } else { Moments::Iso }),
            (_, true) => Form::Json,
            _ => Form::Text,
        }
    }

    /// The intervals; the log's own span where none is given, today where the log is empty.
    fn bounds(&self, store: &SqliteStore) -> Result<Bounds, Failure> {
        self.intervals(self.interval, store)
    }

    /// The span as one interval, to the millisecond.
    fn whole(&self, store: &SqliteStore) -> Result<Bounds, Failure> {
        self.intervals(Interval::Whole, store)
    }

    fn intervals(&self, interval: Interval, store: &SqliteStore) -> Result<Bounds, Failure> {
        let (first, last) = store.log_span()?.unwrap_or_else(|| (unix_ms(&Local::now()), unix_ms(&Local::now())));
        self.intervals_of(interval, (first, last + 1))
    }

    /// The intervals of a span; where none is given, from the first of these moments up to, not including, the other.
    /// The interval that runs ends now: what is open then is not late by a moment to come.
    fn intervals_of(&self, interval: Interval, (first, end): (u64, u64)) -> Result<Bounds, Failure> {
        let from = self.span.from().unwrap_or_else(|| moment(first));
        let least = from + TimeDelta::milliseconds(1);
        let bounds = interval.bounds(from, self.span.to().unwrap_or_else(|| moment(end).max(least)))?;
        // A clock that was put back, or a simulated day to come: the log itself is never cut.
        Ok(bounds.until(unix_ms(&Local::now()).max(end)))
    }

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

/// A report with a row for each interval and subject.
fn rows<R: Serialize>(
    common: &Common,
    out: impl Write,
    title: &str,
    shown: &[&str],
    of: impl Fn(&Targets, &Ledger) -> Vec<R>,
) -> Result<(), Failure> {
    let (store, site) = common.source.open()?;
    let targets = common.targets(site.as_ref());
    let (limits, formula) = targets.default;
    let text = ServiceLevel::ALL.iter().find(|(each, _)| *each == formula).map_or("", |(_, text)| text);
    let own = targets.queues.iter().map(|(queue, (limits, _))| format!(", {queue} {} s", limits.in_time / 1000));
    let title = format!(
        "{title}; service level within {} s{}: {text}; short abandons up to {} s",
        limits.in_time / 1000,
        own.collect::<String>(),
        limits.short / 1000
    );
    let mut table = Table::new(out, common.form(), &title, shown);
    let mut failed = None;
    let ledger = fold::read(&store, &targets, common.bounds(&store)?, |ledger| {
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

fn warn_of_gaps(ledger: &Ledger) {
    if ledger.gaps() > 0 {
        eprintln!("{} entries are missing from the log; its figures are too low", ledger.gaps());
    }
}

/// A report about the calls of the subjects `is` holds for.
fn calls_of(
    common: &Common,
    out: impl Write,
    (title, shown): (&str, &[&str]),
    is: impl Fn(&Key) -> bool,
) -> Result<(), Failure> {
    rows(common, out, title, shown, |targets, ledger| {
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
    rows(common, out, "Agents' breaks", BREAKS, |_, ledger| {
        let mut rows = ledger.break_rows(name);
        rows.retain(|row| is_asked(agent, &row.agent));
        rows
    })
}

fn log(common: &Common, mut out: impl Write) -> Result<(), Failure> {
    let (store, _) = common.source.open()?;
    let bounds = common.whole(&store)?;
    let mut failed: Result<(), Failure> = Ok(());
    store.each_entry(bounds.interval(0).0, bounds.interval(bounds.count() - 1).1, |entry| {
        if failed.is_ok() {
            failed = serde_json::to_string(entry).map_err(Into::into).and_then(|row| Ok(writeln!(out, "{row}")?));
        }
    })?;
    failed?;
    Ok(out.flush()?)
}
