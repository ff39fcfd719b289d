//! `tipring message`: the messages that callers have left, to be heard and done.
//!
//! Never: removes a message; gives out sound that no audit record stands for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use tipring_core::store::MessageState;
use tipring_core::store::sqlite::{MessageRow, SqliteStore};
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::listing::age;
use crate::clock;
use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::recording::archive::Person;
use crate::report::span::moment;
use crate::report::table::is_closed;

/// Arguments of `tipring message`.
#[derive(Debug, Args)]
pub struct MessageArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists messages that are new or heard, the oldest first
    List(ListArgs),
    /// Marks messages as heard
    Heard(MarkArgs),
    /// Marks messages as done
    Done(MarkArgs),
    /// Copies a message's sound into a WAV file, with an audit record, and marks it as heard if it is new
    Export(ExportArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// The site's configuration
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
    /// Messages of this mailbox only
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// Messages for this owner only
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// Messages that are done as well
    #[arg(long)]
    all: bool,
    /// JSON lines instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct MarkArgs {
    /// Numbers of messages, as listed
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<i64>,
    /// The site's configuration
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
    /// The name under which the change is kept; that of the computer's user if left out
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Debug, Args)]
struct ExportArgs {
    /// Number of the message, as listed
    number: i64,
    /// The site's configuration
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
    /// The file to be written; it must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    person: Person,
}

/// Carries out the subcommand.
pub fn run(args: &MessageArgs) -> Result<ExitCode, Failure> {
    let done = match &args.action {
        Action::List(args) => list(args, &mut BufWriter::new(stdout().lock())),
        Action::Heard(args) => mark(args, MessageState::Heard),
        Action::Done(args) => mark(args, MessageState::Done),
        Action::Export(args) => export(args),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

/// A message as it is listed.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    row: &'a MessageRow,
    /// Time since the caller began to speak, in s.
    age_s: i64,
    /// Length, in s.
    length_s: f64,
}

fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let open = [MessageState::Recording, MessageState::New, MessageState::Heard];
    let states = open.into_iter().chain(args.all.then_some(MessageState::Done)).collect::<Vec<_>>();
    let rows = SqliteStore::open_to_read(&site.store.database)?.messages(&states)?;
    let now_ms = clock::epoch_ms();
    let is_wanted = |row: &&MessageRow| {
        args.mailbox.as_ref().is_none_or(|mailbox| *mailbox == row.mailbox)
            && args.owner.as_ref().is_none_or(|owner| Some(owner) == row.owner.as_ref())
    };
    let mut count = 0;
    for row in rows.iter().filter(is_wanted) {
        let age_s = (now_ms - row.at_ms) / 1000;
        let length_s = row.samples as f64 / f64::from(SAMPLE_RATE_HZ);
        count += 1;
        if args.json {
            serde_json::to_writer(&mut *out, &Listed { row, age_s, length_s })?;
            writeln!(out)?;
            continue;
        }
        if count == 1 {
            writeln!(out, "NUMBER               STATE      LEFT              AGE     LENGTH  CALLER  FOR")?;
        }
        let known = [row.caller.as_str(), row.name.as_str()].into_iter().filter(|text| !text.is_empty());
        let caller = known.collect::<Vec<_>>().join(" ");
        let caller = if caller.is_empty() { "number not known" } else { &caller };
        let owner = row.owner.as_ref().map_or(String::new(), |owner| format!(" ({owner})"));
        writeln!(
            out,
            "{:<20} {:<10} {}  {:<7} {:>5.0} s  {caller}  {}{owner}",
            row.id,
            row.state,
            moment(row.at_ms.max(0) as u64).format("%Y-%m-%d %H:%M"),
            age(age_s),
            length_s,
            row.mailbox,
        )?;
    }
    if count == 0 && !args.json {
        writeln!(out, "There is no message")?;
    }
    Ok(out.flush()?)
}

/// The name under which a change is kept.
fn by(given: Option<&String>) -> String {
    given.cloned().or_else(|| std::env::var("USER").ok()).unwrap_or_default()
}

fn mark(args: &MarkArgs, state: MessageState) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let mut store = SqliteStore::open_beside(&site.store.database)?;
    let mut missing = Vec::new();
    for &number in &args.numbers {
        if !store.set_message(number, state, &by(args.by.as_ref()), clock::epoch_ms())? {
            missing.push(number.to_string());
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "There is no message {} to be marked; `tipring message list` shows those there are",
        missing.join(", ")
    )
    .into())
}

fn export(args: &ExportArgs) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let mut store = SqliteStore::open_beside(&site.store.database)?;
    let row = store
        .message(args.number)?
        .filter(|row| row.state != MessageState::Recording.name())
        .ok_or_else(|| format!("There is no message {}; `tipring message list` shows those there are", args.number))?;
    let from = site.store.recordings.join(&row.file);
    let mut sound = File::open(&from).map_err(|error| format!("{} cannot be read: {error}", from.display()))?;
    let cannot = |error: io::Error| format!("{} cannot be written: {error}", args.to.display());
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.to).map_err(cannot)?;
    let place = std::path::absolute(&args.to).unwrap_or_else(|_| args.to.clone());
    let detail = format!("message of mailbox {} to {}", row.mailbox, place.display());
    let act = args.person.act("export", &detail, Some(row.id), row.call_id);
    let copied = store
        .audit_recordings(&[act])
        .map_err(Failure::from)
        .and_then(|()| Ok(io::copy(&mut sound, &mut to).and_then(|_| to.sync_all()).map_err(cannot)?));
    // A copy that cannot be finished is removed.
    copied.inspect_err(|_| drop(fs::remove_file(&args.to)))?;
    if row.state == MessageState::New.name() {
        store.set_message(row.id, MessageState::Heard, &args.person.names().0, clock::epoch_ms())?;
    }
    Ok(())
}
