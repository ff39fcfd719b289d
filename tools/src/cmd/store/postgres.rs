//! `tipring store postgres`: the replica on PostgreSQL compared with the site's database, and copied anew.
//!
//! Both work beside a site that runs, and without one: each transaction waits for the other writer's.
//!
//! Never: changes a record of the site's database.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tipring_core::store::replicated::TABLES;
use tipring_core::store::sqlite::SqliteStore;
use tipring_postgres::Replica;
use tipring_postgres::replica::Refused;

use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::plural::count;
use crate::replication::{self, Step};

/// Refused rows that are named.
const NAMED_MAX: usize = 20;

/// Arguments of `tipring store postgres`.
#[derive(Debug, Args)]
pub(super) struct PostgresArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Carries over what waits, then compares counts and sums of every table; the exit status is 1 if any differs
    Check(SiteArgs),
    /// Empties the tables there and copies all records anew; it takes a database that another store has filled, too
    Fill(SiteArgs),
}

#[derive(Debug, Args)]
struct SiteArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

/// Carries out the subcommand.
///
/// # Errors
/// A sentence that says what stands in the way.
pub(super) fn run(args: &PostgresArgs) -> Result<ExitCode, Failure> {
    let (Action::Check(SiteArgs { site: file }) | Action::Fill(SiteArgs { site: file })) = &args.action;
    let site = SiteConfig::load_without_users(file)?;
    let none = || {
        let file = file.display();
        format!("{file} names no PostgreSQL database: write postgres = \"postgresql://USER@HOST/DATABASE\" in [store]")
    };
    let mut replica = replication::replica_at(site.store.replica())?.ok_or_else(none)?;
    let mut store = SqliteStore::open_beside(&site.store.database)?;
    match args.action {
        Action::Check(_) => check(&store, &mut replica),
        Action::Fill(_) => {
            if store.change_log()?.is_none() {
                store.keep_change_log()?;
            }
            fill(&store, &mut replica)
        }
    }
}

fn fill(store: &SqliteStore, replica: &mut Replica) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    replication::step(store, replica, true)?;
    let Step { rows, refused, .. } = replication::carry_rest(store, replica, Duration::MAX)?;
    println!("{} copied in {:.1} s", count(rows as usize, "row"), began.elapsed().as_secs_f64());
    Ok(name_refused(&refused))
}

fn check(store: &SqliteStore, replica: &mut Replica) -> Result<ExitCode, Failure> {
    let (rows, differences) = replication::compare(store, replica)?;
    for (table, rows) in TABLES.iter().zip(&rows) {
        let mut found = differences.iter().filter(|(name, _)| *name == table.name).peekable();
        if found.peek().is_none() {
            println!("{}: {}, equal", table.name, count(usize::try_from(*rows).unwrap_or(0), "row"));
        }
        found.for_each(|(name, text)| println!("{name}: {text}"));
    }
    if differences.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("`tipring store postgres fill` copies all anew; replica_refused there names rows that it does not take");
    Ok(ExitCode::FAILURE)
}

/// Names rows that the database does not take.
fn name_refused(refused: &[Refused]) -> ExitCode {
    for Refused { table, key, why } in refused.iter().take(NAMED_MAX) {
        println!("not taken, {key} of {table}: {why}");
    }
    if refused.len() > NAMED_MAX {
        println!("{} more are in replica_refused there", refused.len() - NAMED_MAX);
    }
    if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
