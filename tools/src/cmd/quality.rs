//! `tipring quality`: scoring forms, scores of recordings, appeals and calibration, and call analytics.
//!
//! A score is bound to the recording by number and checksum, and to the form by its file's checksum. Listening for it
//! leaves its own audit record: `tipring recording play`.
//!
//! Never: changes the points of a score; a wrong one is withdrawn, and another one is given.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use tipring_core::store::sqlite::{FoundRecording, ScoreRow, ScoreStep};

use super::listing::Listing;
use crate::clock;
use crate::failure::Failure;
use crate::recording::archive::{Archive, Person, Place, Target, os_user};
use crate::recording::call_analytics::{self, Course};
use crate::recording::form::Form;
use crate::recording::scoring::{self, Given};
use crate::report::table::is_closed;

/// Arguments of `tipring quality`.
#[derive(Debug, Args)]
pub struct QualityArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Checks the forms of a file, and shows their questions
    Form(FormArgs),
    /// Scores a recording by a form
    Score(ScoreArgs),
    /// Lists scores
    List(ListArgs),
    /// Shows call analytics: time to the answer, who hung up, talk-over and dead air of the two sides
    Hints(HintsArgs),
    /// Appeals a score
    Appeal(StepArgs),
    /// Confirms a score that was appealed
    Confirm(StepArgs),
    /// Withdraws a score: it counts no more
    Withdraw(StepArgs),
    /// Compares the scores that inspectors have given to one recording for calibration
    Calibration(CalibrationArgs),
}

#[derive(Debug, Args)]
struct FormArgs {
    /// The file
    file: PathBuf,
}

#[derive(Debug, Args)]
struct ScoreArgs {
    /// The recording: its call, its own number, or its file
    recording: Target,
    /// Answers, as QUESTION=ANSWER; `tipring quality form FILE` shows both
    #[arg(value_name = "ANSWER", value_parser = answer)]
    answers: Vec<(String, String)>,
    #[command(flatten)]
    place: Place,
    /// The file of the form
    #[arg(long, value_name = "FILE")]
    form: PathBuf,
    /// The form's name, where the file has several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The inspector
    #[arg(long, value_name = "WHO")]
    by: String,
    /// A remark
    #[arg(long, default_value = "")]
    remark: String,
    /// For calibration: compared with others, counted for no agent
    #[arg(long)]
    calibration: bool,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    place: Place,
    /// The agent
    #[arg(long)]
    agent: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Args)]
struct HintsArgs {
    /// The recording: its call, its own number, or its file
    recording: Target,
    #[command(flatten)]
    place: Place,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct StepArgs {
    /// The score, by its number
    score: i64,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    person: Person,
}

#[derive(Debug, Args)]
struct CalibrationArgs {
    /// The recording, by its own number or its file
    recording: Target,
    #[command(flatten)]
    place: Place,
}

/// Does what the arguments ask.
pub fn run(args: &QualityArgs) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(stdout().lock());
    let done = match &args.action {
        Action::Form(args) => form(args, &mut out),
        Action::Score(args) => score(args, &mut out),
        Action::List(args) => list(args, &mut out),
        Action::Hints(args) => show_hints(args, &mut out),
        Action::Appeal(args) => step(args, "appealed", &mut out),
        Action::Confirm(args) => step(args, "confirmed", &mut out),
        Action::Withdraw(args) => step(args, "withdrawn", &mut out),
        Action::Calibration(args) => calibration(args, &mut out),
    };
    match done.and_then(|()| Ok(out.flush()?)) {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn answer(text: &str) -> Result<(String, String), String> {
    let (question, answer) = text.split_once('=').ok_or(format!("an answer is QUESTION=ANSWER, not {text:?}"))?;
    Ok((question.to_owned(), answer.to_owned()))
}

fn form(args: &FormArgs, out: &mut impl Write) -> Result<(), Failure> {
    for form in Form::load(&args.file)? {
        writeln!(out, "{}: {} points", form.title(), form.possible())?;
        for (id, text, answers) in form.questions() {
            writeln!(out, "  {id:<6} {text} ({answers})")?;
        }
    }
    Ok(())
}

/// The one recording of a target.
fn one(archive: &Archive, target: &Target) -> Result<FoundRecording, Failure> {
    let mut found = archive.find(target)?;
    match found.len() {
        1 => Ok(found.remove(0)),
        count => Err(format!("The call has {count} recordings; name one: `tipring recording list` shows them").into()),
    }
}

fn score(args: &ScoreArgs, out: &mut impl Write) -> Result<(), Failure> {
    let forms = Form::load(&args.form)?;
    let names: Vec<&str> = forms.iter().map(Form::name).collect();
    let form = match &args.name {
        Some(name) => forms.iter().rev().find(|form| form.name() == name),
        None => forms.first().filter(|_| forms.len() == 1),
    };
    let form =
        form.ok_or_else(|| format!("{} has the forms {}; choose with --name", args.form.display(), names.join(", ")))?;
    let mut given = BTreeMap::new();
    for (question, answer) in &args.answers {
        if given.insert(question.clone(), answer.clone()).is_some() {
            return Err(format!("{question} has two answers").into());
        }
    }
    let mut archive = args.place.open_to_act()?;
    let found = one(&archive, &args.recording)?;
    let given = Given {
        answers: given,
        remark: args.remark.clone(),
        calibration: args.calibration,
        inspector: args.by.clone(),
        os_user: os_user(),
    };
    let row = scoring::score(&mut archive, found, form, given)?;
    let fatal = if row.fatal.is_empty() { String::new() } else { format!(", fatal: {}", row.fatal) };
    Ok(writeln!(out, "score {}: {} of {} points{fatal}", row.id, row.points, row.possible)?)
}

fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let span = args.listing.span(archive.clock)?;
    let rows = archive.store.scores(span, args.agent.as_deref(), None)?;
    if args.listing.write(&rows, out)? {
        return Ok(());
    }
    for row in &rows {
        let at = archive.clock.minute(row.at_ms);
        writeln!(
            out,
            "{at}  score {}, call {}, agent {}: {} of {} by {} ({}, {}, {}){}",
            row.id,
            row.call_id,
            row.agent.as_deref().unwrap_or("-"),
            row.points,
            row.possible,
            row.inspector,
            row.form,
            row.kind,
            row.state,
            if row.fatal.is_empty() { String::new() } else { format!(" fatal: {}", row.fatal) }
        )?;
        for step in archive.store.score_steps(row.id)? {
            let at = archive.clock.minute(step.at_ms);
            writeln!(out, "  {at}  {} by {}: {}", step.state, step.user, step.reason)?;
        }
    }
    if rows.is_empty() {
        let asked = args.agent.is_some() || args.listing.has_span();
        writeln!(out, "There is no score{}", if asked { " that meets the conditions" } else { "" })?;
    }
    Ok(())
}

fn show_hints(args: &HintsArgs, out: &mut impl Write) -> Result<(), Failure> {
    let archive = args.place.open()?;
    for found in archive.find(&args.recording)? {
        let talk = call_analytics::measure(archive.sound(&found.recording)?, &archive.marks(&found.recording)?)?;
        let course = found.call.as_ref().map(Course::new);
        if args.json {
            let id = found.recording.id;
            writeln!(out, "{}", json!({ "recording": id, "call": course, "talk": talk }))?;
            continue;
        }
        write!(out, "Recording {}, {:.1} s", found.recording.id, talk.seconds)?;
        if talk.paused > 0.0 {
            write!(out, ", of which {:.1} s paused and left out", talk.paused)?;
        }
        writeln!(out)?;
        let seconds = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1} s"));
        if let Some(course) = course {
            writeln!(out, "  rang {}, waited {}", seconds(course.rang), seconds(course.waited))?;
            writeln!(out, "  talked {}, released by {}", seconds(course.talked), course.released_by)?;
        }
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let (caller, agent) = (percent(talk.caller), percent(talk.agent));
        writeln!(out, "  caller speaks {caller}, agent {agent}, agent first after {}", seconds(talk.agent_after))?;
        let longest = seconds(Some(talk.longest_silence));
        writeln!(out, "  overlap {}, silence {}, longest {longest}", percent(talk.overlap), percent(talk.silence))?;
    }
    Ok(())
}

fn step(args: &StepArgs, state: &str, out: &mut impl Write) -> Result<(), Failure> {
    let mut archive = args.place.open_to_act()?;
    let (user, os_user) = args.person.names();
    let (reason, score) = (args.person.reason().to_owned(), args.score);
    let step = ScoreStep { at_ms: clock::epoch_ms(), score, state: state.to_owned(), user, os_user, reason };
    scoring::step(&mut archive, &step)?;
    Ok(writeln!(out, "score {score}: {state}")?)
}

fn calibration(args: &CalibrationArgs, out: &mut impl Write) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let recording = one(&archive, &args.recording)?.recording.id;
    let rows = archive.store.scores((0, i64::MAX), None, Some(recording))?;
    let rows: Vec<&ScoreRow> =
        rows.iter().filter(|row| row.kind == "calibration" && row.state != "withdrawn").collect();
    if rows.is_empty() {
        return Err(format!("The recording {recording} has no score that was given with --calibration").into());
    }
    let shares: Vec<f64> = rows.iter().map(|row| share(row)).collect();
    for (row, share) in rows.iter().zip(&shares) {
        writeln!(
            out,
            "{:<12} {:>6.1} %  ({} of {}, {})",
            row.inspector,
            share * 100.0,
            row.points,
            row.possible,
            row.form
        )?;
    }
    let (least, most) =
        shares.iter().fold((f64::MAX, f64::MIN), |(least, most), &share| (least.min(share), most.max(share)));
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let text = format!("mean {:.1} %, spread {:.1} percentage points", mean * 100.0, (most - least) * 100.0);
    Ok(writeln!(out, "{text}")?)
}

/// The share of the points that could be had.
pub(super) fn share(row: &ScoreRow) -> f64 {
    if row.possible > 0.0 { row.points / row.possible } else { 0.0 }
}
