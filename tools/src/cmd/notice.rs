//! `tipring notice`: notices (停电预告) that callers of a region hear while they hold, loaded, listed and ended.
//!
//! Never: has a rule of notices; those are in `tipring_core::notice`.

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tipring_core::notice::AHEAD_MS;
use tipring_core::store::sqlite::SqliteStore;

use super::listing::age;
use super::source::{By, Opened, Source};
use crate::clock;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::notices::{NoticeDraft, NoticeRow, check_prompt};
use crate::report::span::Typed;
use crate::report::table::is_closed;

/// Arguments of `tipring notice`.
#[derive(Debug, Args)]
pub struct NoticeArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Loads a notice: a site that runs plays it within seconds of its begin
    New(NewArgs),
    /// Lists notices that hold or will hold
    List(ListArgs),
    /// Ends notices before their time
    End(EndArgs),
}

#[derive(Debug, Args)]
struct NewArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// The text, for agents
    #[arg(long)]
    text: String,
    /// The prompt, for callers: the name of a WAV file in the folder of prompts
    #[arg(long, value_name = "NAME")]
    prompt: String,
    /// First digits of callers' numbers, or names of regions of the file of customers, with commas between; without
    /// it, all callers
    #[arg(long, default_value = "")]
    region: String,
    /// The begin, by the site's time_zone: 2026-11-29 or 2026-11-29T08:30; without it, at once
    #[arg(long, value_name = "TIME")]
    from: Option<Typed>,
    /// The end
    #[arg(long, value_name = "TIME")]
    to: Typed,
    /// Exempt from the seven-day lead time of a planned outage
    #[arg(long)]
    sudden: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    source: Source,
    /// Notices that are over as well
    #[arg(long)]
    all: bool,
    /// Comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct EndArgs {
    /// Numbers of notices, as listed
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<i64>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    by: By,
}

/// Carries out the subcommand.
pub fn run(args: &NoticeArgs) -> Result<ExitCode, Failure> {
    let done = match &args.action {
        Action::New(args) => new(args),
        Action::List(args) => list(args, &mut BufWriter::new(stdout().lock())),
        Action::End(args) => end(args),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn new(args: &NewArgs) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    check_prompt(site.ivr.prompts.as_deref(), site.ivr.language, &args.prompt)?;
    let now_ms = clock::epoch_ms();
    let draft = NoticeDraft {
        text: args.text.clone(),
        prompt: args.prompt.clone(),
        region: args.region.clone(),
        from_ms: args.from.map(|from| from.on(site.clock()).timestamp_millis()),
        to_ms: args.to.on(site.clock()).timestamp_millis(),
        is_sudden: args.sudden,
    };
    let notice = draft.notice(args.by.name(), now_ms);
    let id = SqliteStore::open_beside(&site.store.database)?.load_notice(&notice)?;
    println!("notice {id}: a prompt that is newer than the site's last start or HUP is heard after HUP");
    if !notice.is_in_time() {
        let (ahead, wanted) = (age((notice.from_ms - now_ms) / 1000), age(AHEAD_MS / 1000));
        println!(
            "It begins in {ahead}; planned notices are to be loaded {wanted} ahead. One that is not planned has --sudden"
        );
    }
    Ok(())
}

fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (Opened { store, clock: site, .. }, now_ms) = (args.source.open()?, clock::epoch_ms());
    let notices = if args.all { store.all_notices()? } else { store.notices(now_ms)? };
    let rows: Vec<NoticeRow> = notices.into_iter().map(|notice| NoticeRow::new(notice, now_ms)).collect();
    if args.csv {
        let mut csv = csv::Writer::from_writer(&mut *out);
        rows.iter().try_for_each(|row| csv.serialize(row))?;
        csv.flush()?;
    } else if args.json {
        for row in &rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
    } else if rows.is_empty() {
        let none = if args.all {
            "No notice was ever loaded"
        } else {
            "No notice holds or will hold; --all has those that are over"
        };
        writeln!(out, "{none}")?;
    }
    let at = |ms: i64| site.at(ms).format("%m-%d %H:%M").to_string();
    for row in rows.iter().filter(|_| !args.csv && !args.json) {
        let region = if row.region.is_empty() { "all callers" } else { &row.region };
        let (from, to) = (at(row.from_ms), at(row.to_ms));
        writeln!(out, "{:<5} {:<6} {from} to {to}  {region}: {} ({})", row.notice, row.state, row.text, row.prompt)?;
    }
    Ok(out.flush()?)
}

fn end(args: &EndArgs) -> Result<(), Failure> {
    let mut store = args.source.act()?;
    let (now_ms, by) = (clock::epoch_ms(), args.by.name());
    let mut refused = Vec::new();
    for number in &args.numbers {
        match store.end_notice(*number, &by, now_ms)? {
            true => println!("notice {number}: ended"),
            false => {
                refused.push(format!("there is no notice {number} that holds or will hold; `tipring notice list`"))
            }
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n").into()) }
}
