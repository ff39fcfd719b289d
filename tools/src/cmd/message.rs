//! `tipring message`: the messages that callers have left, to be taken, heard, called back and done.
//!
//! Never: removes a message; gives out sound that no audit record stands for.

mod show;

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tipring_core::person::Person;
use tipring_core::store::MessageState;
use tipring_core::store::sqlite::{MessageError, SqliteStore};
use tipring_core::voice_mail::{MessageStep, Submission};

use super::listing::Listing;
use super::source::{By, Source};
use crate::clock;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::encryption::key_ring::KeyRing;
use crate::encryption::reader;
use crate::failure::Failure;
use crate::recording::archive;
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
    /// Shows messages with all their steps
    Show(ShowArgs),
    /// Takes messages: they are this person's from now on
    Take(MarkArgs),
    /// Marks messages as heard
    Heard(MarkArgs),
    /// Has called the callers back; an answered call out to a caller's number counts by itself
    Called(CalledArgs),
    /// Marks messages as done
    Done(MarkArgs),
    /// Opens messages again that are done
    Reopen(MarkArgs),
    /// Lists the steps of all messages, oldest first: the report of messages can be computed anew from them
    Steps(StepsArgs),
    /// Copies a message's sound into a WAV file, with an audit record; the message has been heard then
    Export(ExportArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    source: Source,
    /// Messages of this mailbox only
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// Messages for this owner only
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// Messages that this person has taken only
    #[arg(long, value_name = "NAME")]
    taken_by: Option<String>,
    /// Messages that are done as well
    #[arg(long)]
    all: bool,
    /// JSON lines instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Numbers of messages, as listed
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<i64>,
    #[command(flatten)]
    source: Source,
    /// JSON lines, the steps within
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct MarkArgs {
    /// Numbers of messages, as listed
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<i64>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    by: By,
    /// A remark that is kept with it
    #[arg(long, default_value = "")]
    remark: String,
}

#[derive(Debug, Args)]
struct CalledArgs {
    #[command(flatten)]
    mark: MarkArgs,
    /// The call, by its identifier
    #[arg(long, value_name = "CALL", default_value_t = 0)]
    call: i32,
}

#[derive(Debug, Args)]
struct StepsArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Args)]
struct ExportArgs {
    /// Number of the message, as listed
    number: i64,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// The file to be written; it must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    person: archive::Person,
    #[command(flatten)]
    damage: archive::DamageArgs,
}

/// Carries out the subcommand.
pub fn run(args: &MessageArgs) -> Result<ExitCode, Failure> {
    let out = &mut BufWriter::new(stdout().lock());
    let done = match &args.action {
        Action::List(args) => show::list(args, out),
        Action::Show(args) => show::show(args, out),
        Action::Take(args) => mark(args, MessageStep::Taken, 0),
        Action::Heard(args) => mark(args, MessageStep::Heard, 0),
        Action::Called(args) => mark(&args.mark, MessageStep::Called, args.call),
        Action::Done(args) => mark(args, MessageStep::Done, 0),
        Action::Reopen(args) => mark(args, MessageStep::Reopened, 0),
        Action::Steps(args) => show::steps(args, out),
        Action::Export(args) => export(args),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

/// Takes a step of each message; those that refuse it are named, the others are changed all the same.
fn mark(args: &MarkArgs, step: MessageStep, call: i32) -> Result<(), Failure> {
    let mut store = args.source.act()?;
    // The person at this computer has all messages, as a supervisor has.
    let by = Person { name: args.by.name(), is_supervisor: true };
    let mut refused = Vec::new();
    for &number in &args.numbers {
        let given = Submission { step, remark: args.remark.clone(), call };
        match store.step_message(number, given, &by, clock::epoch_ms()) {
            Ok(message) => println!("message {number}: {}", message.state.name()),
            Err(MessageError::Store(error)) => return Err(error.into()),
            Err(MessageError::NoMessage(number)) => {
                refused.push(format!("There is no message {number}; `tipring message list` shows those there are"));
            }
            Err(error @ MessageError::Refused(_)) => refused.push(error.to_string()),
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n").into()) }
}

fn export(args: &ExportArgs) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let mut store = SqliteStore::open_beside(&site.store.database)?;
    let row = store
        .message(args.number)?
        .filter(|row| {
            let state = MessageState::of_name(&row.state);
            state.is_some_and(|state| MessageStep::Heard.rule(state).is_some())
        })
        .ok_or_else(|| format!("There is no message {}; `tipring message list` shows those there are", args.number))?;
    let from = site.store.recordings.join(&row.file);
    let keys = KeyRing::new(site.recording.keys.as_deref());
    let sound = reader::open(&from, &keys, args.damage.treatment());
    let mut sound = sound.map_err(|error| format!("{} cannot be read: {error}", from.display()))?;
    let cannot = |error: io::Error| match error.kind() {
        // Of the sound, which says so.
        io::ErrorKind::InvalidData => error.to_string(),
        _ => format!("{} cannot be written: {error}", args.to.display()),
    };
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.to).map_err(cannot)?;
    let place = std::path::absolute(&args.to).unwrap_or_else(|_| args.to.clone());
    let detail = format!("message of mailbox {}{} to {}", row.mailbox, args.damage.words(), place.display());
    let act = args.person.act("export", &detail, Some(row.id), row.call_id);
    let copied = store
        .audit_recordings(&[act])
        .map_err(Failure::from)
        .and_then(|()| Ok(io::copy(&mut sound, &mut to).and_then(|_| to.sync_all()).map_err(cannot)?));
    // A copy that cannot be finished is removed.
    copied.inspect_err(|_| drop(fs::remove_file(&args.to)))
}
