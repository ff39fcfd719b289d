//! `tipring shift`: the principal and the deputy (正值, 副值) of each shift, named and listed.
//!
//! Never: has a rule of namings; those are in `tipring_core::shift`.

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use tipring_core::store::sqlite::SqliteStore;

use super::listing::Listing;
use super::source::{By, Opened, Source};
use crate::clock;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::report::table::is_closed;
use crate::shifts::NamingRow;

/// Arguments of `tipring shift`.
#[derive(Debug, Args)]
pub struct ShiftArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Names the principal of a shift, its deputy, or both; who is not named stays
    Lead(LeadArgs),
    /// Lists who was named for shifts, by whom and when
    List(ListArgs),
}

#[derive(Debug, Args)]
struct LeadArgs {
    /// The shift, by its name in the site's configuration
    shift: String,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// The day on which it begins: 2026-12-01; without it, the shift of that name that runs or begins next
    #[arg(long)]
    date: Option<NaiveDate>,
    /// The agent who is to be principal
    #[arg(long, value_name = "AGENT", required_unless_present = "deputy")]
    principal: Option<String>,
    /// The agent who is to be deputy
    #[arg(long, value_name = "AGENT")]
    deputy: Option<String>,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    listing: Listing,
}

/// Carries out the subcommand.
pub fn run(args: &ShiftArgs) -> Result<ExitCode, Failure> {
    let out = &mut BufWriter::new(stdout().lock());
    let done = match &args.action {
        Action::Lead(args) => lead(args, out),
        Action::List(args) => list(args, out),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn lead(args: &LeadArgs, out: &mut impl Write) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let now_ms = clock::epoch_ms();
    let roster = site.roster();
    let shift = roster.find(&args.shift, args.date, now_ms)?;
    let named = [&args.principal, &args.deputy];
    let [principal, deputy] = named.map(|named| named.as_deref().map(|id| roster.agent(id)).transpose());
    let (principal, deputy) = (principal?, deputy?);
    let mut store = SqliteStore::open_beside(&site.store.database)?;
    let leaders = store.name_shift(&shift, (principal, deputy), &args.by.name(), now_ms)?;
    let word = |id: &str| if id.is_empty() { "not named".to_owned() } else { id.to_owned() };
    let (principal, deputy) = (word(leaders.principal.as_str()), word(leaders.deputy.as_str()));
    writeln!(out, "{} of {}: principal {principal}, deputy {deputy}", shift.name, site.clock().minute(shift.begin_ms))?;
    Ok(out.flush()?)
}

fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = args.source.open()?;
    let namings = store.namings(args.listing.span(clock)?)?;
    let rows: Vec<NamingRow> = namings.into_iter().map(NamingRow::from).collect();
    if !args.listing.write(&rows, out)? {
        if rows.is_empty() {
            writeln!(out, "No one was named")?;
        } else {
            writeln!(out, "BEGIN             SHIFT         PRINCIPAL  DEPUTY     NAMED             BY")?;
        }
        for row in &rows {
            let word = |id: &str| if id.is_empty() { "-".to_owned() } else { id.to_owned() };
            let (begin, named) = (clock.minute(row.begin_ms), clock.minute(row.named_ms));
            let (principal, deputy) = (word(&row.principal), word(&row.deputy));
            writeln!(out, "{begin}  {:<12}  {principal:<9}  {deputy:<9}  {named}  {}", row.shift, row.named_by)?;
        }
    }
    Ok(out.flush()?)
}
