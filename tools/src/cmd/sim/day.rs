//! `tipring sim day`: a day of a call centre in virtual time.
//!
//! Without sound it ends with its reports, which are compared with what callers and agents saw. With sound it runs on
//! simulated cards: see [`sound`].
//!
//! Never: lets a day pass although a figure differs.

mod faults;
mod liar;
mod sound;
mod watcher;

use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use tipring_core::csta::DeviceId;
use tipring_core::report::figures::{Figures, ServiceLevel};
use tipring_core::report::ledger::{Key, Ledger};
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::time::Ticks;
use tipring_core::{voice_mail, work_order};

use crate::clock::Stopwatch;
use crate::day::site::{EPOCH_MS, Habits};
use crate::day::{self, Passed, Size};
use crate::failure::Failure;
use crate::report::computation::{self, Targets};
use crate::report::span::Interval;
use crate::report::table::{Form, Output, Table, is_closed};
use crate::site_clock::SiteClock;

/// Arguments of `tipring sim day`.
#[derive(Debug, Args)]
pub struct DayArgs {
    /// Trunks
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=2000))]
    lines: u16,
    /// Agents, each at a telephone
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=2000))]
    agents: u16,
    /// Length of the day, in hours; 0.1 are 6 minutes
    #[arg(long, default_value_t = 8.0, value_parser = parse_hours)]
    hours: f64,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Callers an hour; without it, a load of 85 % for the agents
    #[arg(long)]
    callers: Option<f64>,
    /// Mean talk, s
    #[arg(long)]
    talk: Option<f64>,
    /// Mean patience of callers, s
    #[arg(long)]
    patience: Option<f64>,
    /// The assumptions of Erlang's formulas: agents answer at once and never rest, one queue, no work after calls
    #[arg(long, requires = "no_audio")]
    erlang: bool,
    /// Without sound: the lines are simulated as their states, and not as cards with people at their wires
    #[arg(long)]
    no_audio: bool,
    /// Cards of four ports; without it as many as there are lines and agents for
    #[arg(long, conflicts_with = "no_audio")]
    cards: Option<usize>,
    /// A folder for the day's database, tipring.db; without it nothing is kept
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Length of the reports' intervals of a day without sound: 15m, 30m, 1h, day, month or whole
    #[arg(long, default_value = "1h")]
    interval: Interval,
    /// Print JSON lines: the rows of the reports, and last the summary
    #[arg(long)]
    json: bool,
}

fn parse_hours(text: &str) -> Result<f64, String> {
    let hours = text.parse().ok().filter(|hours| (0.05..=1000.0).contains(hours));
    hours.ok_or_else(|| format!("a day has 0.05 to 1000 hours, not {text}"))
}

impl DayArgs {
    /// Length of the day.
    fn length(&self) -> Ticks {
        Ticks::from_secs((self.hours * 3600.0).round() as u64)
    }
}

/// Lets the day pass, prints its reports, and fails if anything does not add up.
pub fn run(args: &DayArgs) -> Result<ExitCode, Failure> {
    let passed = if args.no_audio { day_of(args) } else { sound::day_of(args) };
    match passed {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other,
    }
}

fn day_of(args: &DayArgs) -> Result<ExitCode, Failure> {
    let usual = match args.erlang {
        true => Habits::of_erlang(0.8 * f64::from(args.agents) * 20.0, 180.0, f64::INFINITY),
        false => Habits::usual(args.agents),
    };
    let habits = Habits {
        callers: args.callers.unwrap_or(usual.callers),
        talk: args.talk.unwrap_or(usual.talk),
        patience: args.patience.unwrap_or(usual.patience),
        ..usual
    };
    let queues = if args.erlang { 1 } else { 3 };
    let size = Size { lines: args.lines, agents: args.agents, queues, length: args.length() };
    let database = match &args.out {
        None => PathBuf::from(":memory:"),
        Some(folder) => database_in(folder)?,
    };
    let stopwatch = Stopwatch::start();
    let passed = day::pass(size, habits, args.seed, SqliteStore::open(&database, EPOCH_MS as i64)?)?;
    let seconds = stopwatch.secs_f64();
    let mut out = BufWriter::new(stdout().lock());
    let ledger = print_reports(args, &passed, &mut out)?;
    let total = total(&ledger, queues);
    let faults = compare(&passed, &ledger, queues);
    let speed = passed.end.0 as f64 / 1000.0 / seconds;
    if args.json {
        let summary = json!({
            "summary": { "calls": passed.calls, "truth": passed.truth, "offered": total.offered,
            "answered": total.answered, "abandoned": total.abandoned, "late": total.late, "faults": faults,
            "virtual_seconds": passed.end.0 / 1000, "seconds": seconds, "times_real_time": speed }
        });
        writeln!(out, "{summary}")?;
    } else {
        writeln!(
            out,
            "\n{} calls: {} offered, {} answered, {} abandoned, {} asked to be called back, {} were reached, {} found all \
             lines busy",
            passed.calls,
            total.offered,
            total.answered,
            total.abandoned,
            total.call_backs,
            total.called_back,
            passed.truth.blocked
        )?;
        let picked_up: u64 = passed.truth.picked_up.iter().sum();
        writeln!(
            out,
            "between agents: {} consultations, {} calls transferred, {picked_up} picked up",
            passed.truth.consultations, total.transferred
        )?;
        writeln!(out, "{} s of the day in {seconds:.1} s: {speed:.0} times real time", passed.end.0 / 1000)?;
        match faults.as_slice() {
            [] => writeln!(out, "every report agrees with what callers and agents saw; every call has its record")?,
            faults => faults.iter().try_for_each(|fault| writeln!(out, "fault: {fault}"))?,
        }
    }
    out.flush()?;
    if !faults.is_empty() {
        eprintln!("The same day again: {}", again(args));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// The command that repeats a day.
fn again(args: &DayArgs) -> String {
    let DayArgs { lines, agents, hours, seed, callers, talk, patience, erlang, no_audio, cards, .. } = args;
    let mut text = format!("tipring sim day --lines {lines} --agents {agents} --hours {hours} --seed {seed}");
    for (option, value) in [("callers", callers), ("talk", talk), ("patience", patience)] {
        text.extend(value.map(|value| format!(" --{option} {value}")));
    }
    text.extend(cards.map(|cards| format!(" --cards {cards}")));
    for (option, chosen) in [("erlang", erlang), ("no-audio", no_audio)] {
        text.push_str(&if *chosen { format!(" --{option}") } else { String::new() });
    }
    text
}

/// The folder of a day's database, which must not have one yet.
fn database_in(folder: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder)?;
    let database = folder.join("tipring.db");
    match database.exists() {
        true => Err(format!("{} is there already; take another folder with --out", database.display()).into()),
        false => Ok(database),
    }
}

/// Prints the reports of the day. Returns the ledger over all of it.
fn print_reports(args: &DayArgs, passed: &Passed, out: &mut impl Write) -> Result<Ledger, Failure> {
    use crate::cmd::report::{AGENTS, CALLS, MESSAGES, MESSAGES_TITLE, ORDERS, ORDERS_TITLE, TIMES, TRUNKS};
    let (from, to) = (SiteClock::UTC.at(EPOCH_MS), SiteClock::UTC.at(EPOCH_MS + passed.end.0 + 1));
    let targets = Targets::default();
    let form = if args.json { Form::Json } else { Form::Text };
    let output = Output { form, clock: SiteClock::UTC };
    let formula = |_: &Key| ServiceLevel::default();
    type Report = (&'static str, &'static [&'static str], fn(&Key) -> bool);
    let reports: [Report; 2] = [
        ("Queues", CALLS, |key| matches!(key, Key::Queue(_))),
        ("Agents' calls", AGENTS, |key| matches!(key, Key::Agent(_))),
    ];
    for (ix, (title, shown, is)) in reports.into_iter().enumerate() {
        let interval = if ix == 0 { args.interval } else { Interval::Whole };
        let mut table = Table::new(&mut *out, output, title, shown);
        let mut rows = Vec::new();
        computation::read(&passed.store, &targets, interval.bounds(from, to)?, |ledger| {
            rows.extend(ledger.call_rows(is, formula))
        })?;
        rows.iter().try_for_each(|row| table.row(row))?;
        table.finish()?;
    }
    let (mut times, mut trunks) = (Vec::new(), Vec::new());
    let ledger = computation::read(&passed.store, &targets, Interval::Whole.bounds(from, to)?, |ledger| {
        times.extend(ledger.agent_rows());
        trunks.extend(ledger.trunk_rows());
    })?;
    let mut table = Table::new(&mut *out, output, "Agents' time", TIMES);
    times.iter().try_for_each(|row| table.row(row))?;
    table.finish()?;
    let mut table = Table::new(&mut *out, output, "Trunk groups", TRUNKS);
    trunks.iter().try_for_each(|row| table.row(row))?;
    table.finish()?;
    let (begin, end) = (EPOCH_MS as i64, (EPOCH_MS + passed.end.0 + 1) as i64);
    let mut tally = work_order::Tally::new(begin, end);
    passed.store.each_order_step(i64::MAX, |order, kind, step| tally.apply(order, kind, step))?;
    let mut table = Table::new(&mut *out, output, ORDERS_TITLE, ORDERS);
    tally.rows().iter().try_for_each(|row| table.row(row))?;
    table.finish()?;
    let mut tally = voice_mail::Tally::new(begin, end);
    passed.store.each_message_step(i64::MAX, |message, place, step| tally.apply(message, place, step))?;
    let mut table = Table::new(&mut *out, output, MESSAGES_TITLE, MESSAGES);
    tally.rows().iter().try_for_each(|row| table.row(row))?;
    table.finish()?;
    Ok(ledger)
}

fn queue_key(ix: usize) -> Key {
    Key::Queue(DeviceId::new(day::queue_number(ix)).unwrap_or_default())
}

fn total(ledger: &Ledger, queues: usize) -> Figures {
    let mut total = Figures::default();
    (0..queues).for_each(|ix| total.add(&ledger.total(&queue_key(ix))));
    total
}

/// Compares the reports with what callers and agents saw. Returns the faults.
fn compare(passed: &Passed, ledger: &Ledger, queues: usize) -> Vec<String> {
    let mut faults = passed.faults.clone();
    let truth = &passed.truth;
    let mut check = |what: &str, of: &str, reported: u64, seen: u64| {
        if reported != seen {
            faults.push(format!("{what} of {of}: {reported} in the report, {seen} seen"));
        }
    };
    for ix in 0..queues {
        let (name, figures) = (day::queue_number(ix), ledger.total(&queue_key(ix)));
        check("offered calls", name, figures.offered, truth.offered[ix]);
        check("answered calls", name, figures.answered, truth.answered[ix]);
        check("abandoned calls", name, figures.abandoned, truth.abandoned[ix]);
        check("call-backs left", name, figures.call_backs, truth.call_backs[ix]);
        check("waits", name, figures.wait_answered, truth.wait_answered[ix]);
        let left = figures.answered + figures.abandoned + figures.flowed_out + figures.call_backs + figures.cleared;
        check("calls that left", name, left, figures.offered);
    }
    let total = total(ledger, queues);
    check("talk and hold", "all", total.talk + total.hold, truth.talk);
    check("transferred calls", "all", total.transferred, truth.transferred);
    check("customers called back", "all", total.called_back, truth.called_back);
    check("handled calls", "all", total.handled, truth.answered.iter().sum());
    check("entries missing", "the log", ledger.gaps(), 0);
    check("calls without an end", "the log", ledger.open_calls() as u64, 0);
    let (mut records, mut answered) = (0, 0);
    let read = passed.store.each_call(0, u64::MAX, |call| {
        records += 1;
        answered += u64::from(call.established_ms.is_some());
    });
    check("records", "all", records, passed.calls);
    // A consultation is a call of its own.
    let seen = truth.answered.iter().sum::<u64>() + truth.called_back + truth.consultations;
    check("records of answered calls", "all", answered, seen);
    check("seizures", "all", ledger.traffic().map(|(.., traffic)| traffic.incoming).sum(), truth.offered.iter().sum());
    if let Err(error) = read {
        faults.push(error.to_string());
    }
    faults
}
