//! `tipring doctor`: everything that could keep a site from working, each with its remedy.
//!
//! | file | what it looks at |
//! |---|---|
//! | `site` | configuration, ports, folders, database, disks, data sources, cards |
//! | `keys` | keys of encrypted recordings |
//! | `host` | limits, time service, service manager |
//!
//! Never: changes anything; a site that runs stays as it is.

mod host;
mod keys;
mod site;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::config::usual::site_file;
use crate::failure::Failure;

/// The exit statuses, for the help.
const EXIT: &str = "\
Exit status:
  0  nothing keeps the site from working; warnings may stand
  1  a check has failed";

/// Arguments of `tipring doctor`.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub struct DoctorArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "site", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    config: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// As it should be.
    Good,
    /// It works, but not as well as it could, or it could not be checked.
    Warning,
    /// The site cannot work, or not all of it.
    Failed,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    /// The name of the check.
    check: &'static str,
    outcome: Outcome,
    /// The finding, as a sentence.
    text: String,
    /// The remedy; none where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Finding {
    fn good(check: &'static str, text: impl Into<String>) -> Finding {
        Finding { check, outcome: Outcome::Good, text: text.into(), remedy: None }
    }

    fn warning(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { check, outcome: Outcome::Warning, text: text.into(), remedy: Some(remedy.into()) }
    }

    fn failed(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { check, outcome: Outcome::Failed, text: text.into(), remedy: Some(remedy.into()) }
    }
}

/// The findings of all checks.
#[derive(Debug, Serialize)]
struct Report {
    /// True if no check has failed.
    good: bool,
    findings: Vec<Finding>,
}

/// Checks a site and its machine.
pub fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let (mut findings, process) = site::check(&args.config);
    findings.extend(host::check(process));
    let report = Report { good: findings.iter().all(|finding| finding.outcome != Outcome::Failed), findings };
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        report.findings.iter().for_each(print);
    }
    Ok(if report.good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(Finding { check, outcome, text, remedy }: &Finding) {
    let word = match outcome {
        Outcome::Good => "good   ",
        Outcome::Warning => "warning",
        Outcome::Failed => "FAILED ",
    };
    println!("{word}  {check}: {}", text.trim_end().replace('\n', "\n           "));
    if let Some(remedy) = remedy {
        println!("         remedy: {remedy}");
    }
}
