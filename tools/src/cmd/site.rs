//! `tipring site`: the configuration of a site, written to start from and checked as a whole.
//!
//! | exit status of `check` | meaning |
//! |---|---|
//! | 0 | the site can be served; warnings and notes may stand |
//! | 1 | errors, or with `--strict` warnings, all of them printed |
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
use crate::config::mode::NORMAL;
use crate::config::usual::site_file;
use crate::customers::check_customers;
use crate::failure::Failure;
use crate::run::control::{self, ControlRequest};
use crate::run::folders;
use crate::run::sounds::{Shelf, stock};
use crate::run::status;

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
    #[command(after_help = CHECK_EXIT)]
    Check(CheckArgs),
    /// Puts an event mode of a running site in force; calls go on, and those who wait keep their places
    Mode(ModeArgs),
    /// Blocks a trunk, or a trunk group, of a running site for calls out, or unblocks it; calls go on
    Trunk(TrunkArgs),
    /// Explains what happens when a number is dialled: the rule, the digits, the trunk groups, the trunk
    #[command(after_help = DIAL_EXIT)]
    Dial(dial::DialArgs),
}

/// The exit statuses of `check`, for the help.
const CHECK_EXIT: &str = "\
Exit status:
  0  the site can be served; warnings and notes may stand
  1  it cannot be served or, with --strict, there are warnings";
/// The exit statuses of `dial`, for the help.
const DIAL_EXIT: &str = "\
Exit status:
  0  the call can be made
  1  it cannot";

#[derive(Debug, Args)]
struct CheckArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    file: PathBuf,
    /// Configuration, in place of FILE
    #[arg(long, alias = "config", value_name = "FILE", conflicts_with = "file")]
    site: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Args)]
struct ModeArgs {
    /// The event mode; "normal" for the site as it is written. Left out, the modes there are are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

/// A change of a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TrunkChange {
    /// Calls out seize it no more; a call in progress goes on, and callers are still answered
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
        SiteCommand::Mode(ModeArgs { name: Some(name), site }) => ask(site, &ControlRequest::Mode(name.clone())),
        SiteCommand::Mode(ModeArgs { name: None, site }) => {
            let site = SiteConfig::load_without_users(site)?;
            let running = status::read(&status::socket_of(&site.store.database)).ok();
            print!("{}", modes(&site, running.map(|snapshot| snapshot.status.event_mode)));
            Ok(ExitCode::SUCCESS)
        }
        SiteCommand::Trunk(args) => {
            let blocked = args.change == TrunkChange::Block;
            ask(&args.site, &ControlRequest::Trunk { name: args.name.clone(), blocked })
        }
        SiteCommand::Dial(args) => dial::run(args),
    }
}

/// Finds all faults of a site's files: those of the configuration, of users, flows, prompts, customers and folders.
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
        // The user who serves may be another one.
        let folders = folders::of(site);
        let unwritable = folders.iter().filter_map(|folder| folder.prove().err());
        inspection.faults.extend(unwritable.map(|why| Fault::new(why.clause()).weighing(Severity::Warning)));
    }
    (inspection.site, inspection.faults)
}

/// The event modes of a site, a line each. `in_force` is that of the running site, none for the site as it is written;
/// it is left out where the site does not run.
fn modes(site: &SiteConfig, in_force: Option<Option<String>>) -> String {
    let names = site.event_modes.iter().map(|mode| mode.name.0.to_string());
    let line = |name: String| {
        let is_in_force = in_force.as_ref().is_some_and(|mode| *mode.as_deref().unwrap_or(NORMAL) == name);
        format!("{name}{}\n", if is_in_force { "  (in force)" } else { "" })
    };
    let end =
        if in_force.is_none() { "The site does not run; its last mode holds from the next start on\n" } else { "" };
    [NORMAL.to_owned()].into_iter().chain(names).map(line).chain([end.to_owned()]).collect()
}

/// Asks a running site, and prints its answer.
fn ask(file: &Path, request: &ControlRequest) -> Result<ExitCode, Failure> {
    let site = SiteConfig::load_without_users(file)?;
    println!("{}", control::ask(&control::socket_of(&site.store.database), request)?);
    Ok(ExitCode::SUCCESS)
}

fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let file = args.site.as_ref().unwrap_or(&args.file);
    let (site, faults) = faults(file);
    let count = |severity| faults.iter().filter(|fault| fault.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if args.json {
        let outcome = Outcome { file, usable: errors == 0, faults: &faults };
        println!("{}", serde_json::to_string(&outcome)?);
    } else {
        faults.iter().for_each(|fault| println!("{fault}"));
        match (&site, errors) {
            (Some(site), 0) => println!("{} can be served: {}", file.display(), site.summary()),
            _ => println!("{} cannot be served: {errors} errors, {warnings} warnings", file.display()),
        }
    }
    let failing = if args.strict { errors + warnings } else { errors };
    Ok(if failing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests;
