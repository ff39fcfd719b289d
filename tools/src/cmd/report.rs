//! `tipring report`: figures of queues, agents, trunks and numbers from the log of events, and the callers to be called
//! back.
//!
//! Never: writes to the database.

mod course;
mod messages;
mod missed_callers;
mod notices;
mod orders;
mod shifts;
mod steps;

use std::collections::BTreeMap;
use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Local, TimeDelta};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use tipring_core::acd::ids::Reason;
use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::figures::{Limits, ServiceLevel};
use tipring_core::report::ledger::{Key, Ledger};
use tipring_core::store::sqlite::{ScoreRow, SqliteStore};

use self::course::CallArgs;
pub(super) use self::messages::{MESSAGES, TITLE as MESSAGES_TITLE};
pub(super) use self::orders::{ORDERS, TITLE as ORDERS_TITLE};
use crate::cmd::quality::share;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::report::fold::{self, Targets};
use crate::report::span::{Interval, moment, parse_moment};
use crate::report::table::{Form, Table, is_closed};

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
    Queues(Common),
    /// Agents: the calls they answered, their waits, rings, talk, hold and work
    Agents(Common),
    /// Agents' time: ready, talking, work, not ready, occupancy
    Times(Common),
    /// Agents' time not ready, by reason, and the breaks beyond their limits
    Breaks(Common),
    /// Trunk groups: seizures, blocked calls, traffic in erlang
    Trunks(Common),
    /// Calls by the trunk group they came by
    Groups(Common),
    /// Calls by the number that was dialled
    Numbers(Common),
    /// Callers who hung up before an answer and have not been reached since, to be called back
    Abandoned(Common),
    /// Callers who hung up before an answer: called back by the end of their business day, later, or not yet
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
    Calls(Common),
    /// The whole course of one call: the calls it took in, and each leg with its times and the reason of its end
    Call(CallArgs),
    /// The log of events itself, as JSON lines: every figure can be computed anew from it
    Log(Common),
    /// The decisions about one call: the agents who were considered, and the reasons why others were passed over
    Why(WhyArgs),
}

/// Arguments of every report.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    source: Source,
    /// Length of the intervals: 15m, 30m, 1h, day, month or whole
    #[arg(long, default_value = "day")]
    interval: Interval,
    /// Beginning, by this computer's clock: 2026-11-29 or 2026-11-29T08:30; without it, the log's
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    from: Option<DateTime<Local>>,
    /// End, not included; without it, the log's
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    to: Option<DateTime<Local>>,
    /// Wait within which an answer is in time, s
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
    /// JSON lines, with every column
    #[arg(long)]
    json: bool,
}

/// The place of the log.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Source {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE")]
    site: Option<PathBuf>,
    /// The site's database
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// Arguments of `tipring report why`.
#[derive(Debug, Args)]
struct WhyArgs {
    /// The call, by its identifier in records and events
    call: i32,
    #[command(flatten)]
    source: Source,
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

/// Columns of the table for people, by report.
pub(super) const CALLS: &[&str] = &[
    "begin",
    "name",
    "offered",
    "answered",
    "abandoned",
    "flowed_out",
    "cleared",
    "service_level",
    "asa",
    "longest_wait",
    "handled",
    "aht",
    "within_3_rings",
    "within_4_rings",
    "late",
    "abandon_rate",
    "held_too_long",
    "too_long",
];
pub(super) const TIMES: &[&str] = &[
    "begin",
    "agent",
    "logged_on",
    "idle",
    "offered_time",
    "talking",
    "work",
    "not_ready",
    "line_out",
    "occupancy",
    "utilisation",
];
pub(super) const BREAKS: &[&str] =
    &["begin", "agent", "reason", "reason_name", "breaks", "break_time", "breaks_too_long"];
pub(super) const TRUNKS: &[&str] = &["begin", "group", "incoming", "outgoing", "blocked", "traffic"];

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
        Subject::Queues(common) => calls(common, out, "Queues", |key| matches!(key, Key::Queue(_))),
        Subject::Agents(common) => calls(common, out, "Agents' calls", |key| matches!(key, Key::Agent(_))),
        Subject::Groups(common) => calls(common, out, "Calls by trunk group", |key| matches!(key, Key::Group(_))),
        Subject::Numbers(common) => calls(common, out, "Calls by dialled number", |key| matches!(key, Key::Dialled(_))),
        Subject::Times(common) => rows(common, out, "Agents' time", TIMES, |_, ledger| ledger.agent_rows()),
        Subject::Breaks(common) => breaks(common, out),
        Subject::Trunks(common) => rows(common, out, "Trunk groups", TRUNKS, |_, ledger| ledger.trunk_rows()),
        Subject::Abandoned(common) => missed_callers::list(common, out),
        Subject::Returns(common) => missed_callers::returns(common, out),
        Subject::Quality(common) => quality(common, out),
        Subject::Orders(common) => orders::print(common, out),
        Subject::Messages(common) => messages::print(common, out),
        Subject::Shifts(common) => shifts::print(common, out),
        Subject::Notices(common) => notices::print(common, out),
        Subject::Calls(common) => records(common, out),
        Subject::Call(args) => course::call(args, out),
        Subject::Log(common) => log(common, out),
        Subject::Why(args) => why(args, out),
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
            (true, _) => Form::Csv,
            (_, true) => Form::Json,
            _ => Form::Text,
        }
    }

    /// The intervals; the log's own span where none is given, today where the log is empty.
    fn bounds(&self, store: &SqliteStore) -> Result<Bounds, Failure> {
        let (first, last) = match store.log_span()? {
            Some((first, last)) => (moment(first), moment(last) + TimeDelta::milliseconds(1)),
            None => (Local::now(), Local::now() + TimeDelta::milliseconds(1)),
        };
        let from = self.from.unwrap_or(first);
        self.interval.bounds(from, self.to.unwrap_or(last.max(from + TimeDelta::milliseconds(1))))
    }

    fn targets(&self, _site: Option<&SiteConfig>) -> Targets {
        let usual = Limits::default();
        let limits = Limits {
            in_time: self.within.map_or(usual.in_time, |s| s * 1000),
            short: self.short.map_or(usual.short, |s| s * 1000),
            ..usual
        };
        Targets { default: (limits, self.formula.map_or(ServiceLevel::default(), Into::into)), ..Targets::default() }
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
    let title = format!(
        "{title}; service level within {} s: {text}; short abandons up to {} s",
        limits.in_time / 1000,
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

fn calls(common: &Common, out: impl Write, title: &str, is: impl Fn(&Key) -> bool) -> Result<(), Failure> {
    rows(common, out, title, CALLS, |targets, ledger| {
        ledger.call_rows(&is, |key| match key {
            Key::Queue(queue) => targets.formula(queue),
            _ => targets.formula(&DeviceId::EMPTY),
        })
    })
}

/// Names of reasons stand in the site's configuration; without it the codes alone are shown.
fn breaks(common: &Common, out: impl Write) -> Result<(), Failure> {
    let site = common.source.site()?;
    let reasons = site.map(|site| site.reasons()).unwrap_or_default();
    let name = |code| reasons.find(Reason(code)).map(|rule| rule.name.clone()).unwrap_or_default();
    rows(common, out, "Agents' breaks", BREAKS, |_, ledger| ledger.break_rows(name))
}

/// A row of the report of quality.
#[derive(Debug, Serialize)]
struct QualityRow {
    agent: String,
    scores: u64,
    mean_score: f64,
    least_score: f64,
    most_score: f64,
    fatal_errors: u64,
    appealed: u64,
}

const QUALITY: &[&str] = &["agent", "scores", "mean_score", "least_score", "most_score", "fatal_errors", "appealed"];

/// Scores by agent. Those of calibration and those withdrawn count for none.
fn quality(common: &Common, out: impl Write) -> Result<(), Failure> {
    let (store, _) = common.source.open()?;
    let ms = |moment: Option<DateTime<Local>>, usual| moment.map_or(usual, |moment| moment.timestamp_millis());
    let scores = store.scores((ms(common.from, 0), ms(common.to, i64::MAX)), None, None)?;
    let mut agents: BTreeMap<String, Vec<ScoreRow>> = BTreeMap::new();
    for score in scores.into_iter().filter(|score| score.kind == "inspection" && score.state != "withdrawn") {
        agents.entry(score.agent.clone().unwrap_or_default()).or_default().push(score);
    }
    let mut table = Table::new(out, common.form(), "Quality: shares of the points that could be had", QUALITY);
    for (agent, scores) in agents {
        let shares: Vec<f64> = scores.iter().map(share).collect();
        table.row(&QualityRow {
            agent,
            scores: scores.len() as u64,
            mean_score: shares.iter().sum::<f64>() / shares.len() as f64,
            least_score: shares.iter().copied().fold(f64::MAX, f64::min),
            most_score: shares.iter().copied().fold(f64::MIN, f64::max),
            fatal_errors: scores.iter().filter(|score| !score.fatal.is_empty()).count() as u64,
            appealed: scores.iter().filter(|score| score.state == "appealed").count() as u64,
        })?;
    }
    table.finish().map(drop)
}

fn records(common: &Common, mut out: impl Write) -> Result<(), Failure> {
    let (store, _) = common.source.open()?;
    let bounds = common.bounds(&store)?;
    let (from, to) = (bounds.interval(0).0, bounds.interval(bounds.count() - 1).1);
    let mut failed: Result<(), Failure> = Ok(());
    if common.json {
        store.each_call(from, to, |call| {
            if failed.is_ok() {
                failed = serde_json::to_string(call).map_err(Into::into).and_then(|row| Ok(writeln!(out, "{row}")?));
            }
        })?;
    } else {
        let mut csv = csv::Writer::from_writer(&mut out);
        store.each_call(from, to, |call| {
            if failed.is_ok() {
                failed = csv.serialize(call).map_err(Into::into);
            }
        })?;
        csv.flush()?;
    }
    failed?;
    Ok(out.flush()?)
}

fn log(common: &Common, mut out: impl Write) -> Result<(), Failure> {
    let (store, _) = common.source.open()?;
    let bounds = common.bounds(&store)?;
    let mut failed: Result<(), Failure> = Ok(());
    store.each_entry(bounds.interval(0).0, bounds.interval(bounds.count() - 1).1, |entry| {
        if failed.is_ok() {
            failed = serde_json::to_string(entry).map_err(Into::into).and_then(|row| Ok(writeln!(out, "{row}")?));
        }
    })?;
    failed?;
    Ok(out.flush()?)
}

/// The course of a call in its queues, and the decisions about it.
fn why(args: &WhyArgs, mut out: impl Write) -> Result<(), Failure> {
    let (store, _) = args.source.open()?;
    let (entries, decisions) = (store.entries_of(args.call)?, store.decisions(args.call)?);
    if entries.is_empty() && decisions.is_empty() {
        return Err(format!(
            "There is no call {} in the log of a queue; `tipring report calls` lists the calls there are",
            args.call
        )
        .into());
    }
    // Of one moment the entry comes first: a call enters the queue, then it is offered.
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (at, kind, data) in entries {
        let mut data: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&data)?;
        data.retain(|name, value| !matches!(name.as_str(), "event" | "call") && value.as_str() != Some(""));
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let data: Vec<String> = data.iter().map(|(name, value)| format!("{name} {}", text(value))).collect();
        lines.push((at, format!("{}  {}", kind.replace('_', " "), data.join(", "))));
    }
    for row in decisions {
        let mut line = format!("decided: {} at {}", row.decided, row.queue);
        for (word, text) in [("to", &row.chosen), ("by", &row.rule), ("passed over:", &row.passed)] {
            if !text.is_empty() {
                line += &format!(", {word} {text}");
            }
        }
        lines.push((row.at_ms, line));
    }
    lines.sort_by_key(|(at, _)| *at);
    writeln!(out, "Call {}", args.call)?;
    for (at, line) in lines {
        writeln!(out, "{}  {line}", moment(at as u64).format("%Y-%m-%d %H:%M:%S%.3f"))?;
    }
    Ok(out.flush()?)
}
