//! `tipring site`: the configuration of a site, written to start from and checked as a whole.
//!
//! | exit status of `check` | meaning |
//! |---|---|
//! | 0 | no error and no warning; notes may stand |
//! | 1 | errors or warnings, all of them printed |
//!
//! `mode` and `trunk` ask the running site over its control socket. `dial` explains the dial plan.
//!
//! Never: changes a file of a site that is there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::config::SiteConfig;
use crate::config::fault::{Fault, Severity};
use crate::config::flows::SiteFlows;
use crate::config::usual::site_file;
use crate::customers::check_customers;
use crate::failure::Failure;
use crate::run::control::{self, ControlRequest};
use crate::run::sounds::{Shelf, stock};

mod dial;
mod new;

/// Arguments of `tipring site`.
#[derive(Debug, Args)]
pub struct SiteArgs {
    #[command(subcommand)]
    command: SiteCommand,
}

#[derive(Debug, Subcommand)]
enum SiteCommand {
    /// Writes the files of a site to start from; without options it asks
    New(new::NewArgs),
    /// Finds every fault of a site's files at once, each with file, line and remedy
    Check(CheckArgs),
    /// Puts an event mode of a running site in force; calls go on, and those who wait keep their places
    Mode(ModeArgs),
    /// Blocks a trunk, or a trunk group, of a running site for calls out, or unblocks it; calls go on
    Trunk(TrunkArgs),
    /// Explains what happens when a number is dialled: the rule, the digits, the trunk groups, the trunk
    Dial(dial::DialArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ModeArgs {
    /// The event mode; "normal" for the site as it is written
    #[arg(value_name = "NAME")]
    name: String,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

/// A change of a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TrunkChange {
    /// Calls out seize it no more; a call that stands goes on, and callers are still answered
    Block,
    /// Calls out may seize it again
    Unblock,
}

#[derive(Debug, Args)]
struct TrunkArgs {
    /// The change
    change: TrunkChange,
    /// The trunk, or the trunk group
    #[arg(value_name = "NAME")]
    name: String,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

/// The outcome of a check.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    file: &'a Path,
    usable: bool,
    faults: &'a [Fault],
}

/// Runs a command.
pub fn run(args: &SiteArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        SiteCommand::New(args) => {
            new::run(args)?.iter().for_each(|line| println!("{line}"));
            Ok(ExitCode::SUCCESS)
        }
        SiteCommand::Check(args) => check(args),
        SiteCommand::Mode(args) => ask(&args.site, &ControlRequest::Mode(args.name.clone())),
        SiteCommand::Trunk(args) => {
            let blocked = args.change == TrunkChange::Block;
            ask(&args.site, &ControlRequest::Trunk { name: args.name.clone(), blocked })
        }
        SiteCommand::Dial(args) => dial::run(args),
    }
}

/// Finds all faults of a site's files: those of the configuration, of users, flows, prompts and customers.
pub fn faults(file: &Path) -> (Option<SiteConfig>, Vec<Fault>) {
    let mut inspection = SiteConfig::inspect(file);
    if let Some(site) = &inspection.site {
        if let Ok(flows) = SiteFlows::read(site) {
            let sounds = stock(&flows, &Shelf::default()).err().unwrap_or_default();
            inspection.faults.extend(sounds.into_iter().map(Fault::new));
        }
        if let Some(customers) = site.store.customers.as_ref().filter(|file| file.is_file()) {
            inspection.faults.extend(check_customers(customers));
        }
    }
    (inspection.site, inspection.faults)
}

/// Asks a running site, and prints its answer.
fn ask(file: &Path, request: &ControlRequest) -> Result<ExitCode, Failure> {
    let site = SiteConfig::load_without_users(file)?;
    println!("{}", control::ask(&control::socket_of(&site.store.database), request)?);
    Ok(ExitCode::SUCCESS)
}

fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let (site, faults) = faults(&args.file);
    let count = |severity| faults.iter().filter(|fault| fault.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if args.json {
        let outcome = Outcome { file: &args.file, usable: errors == 0, faults: &faults };
        println!("{}", serde_json::to_string(&outcome)?);
    } else {
        faults.iter().for_each(|fault| println!("{fault}"));
        match (&site, errors) {
            (Some(site), 0) => println!("{} can be served: {}", args.file.display(), site.summary()),
            _ => println!("{} cannot be served: {errors} errors, {warnings} warnings", args.file.display()),
        }
    }
    Ok(if errors + warnings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests;
