//! `tipring status`: calls, queues, agents, devices and cards of a site that is running.
//!
//! Never: changes anything there.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::run::status::{read, socket_of};

/// Arguments of `tipring status`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Site {
    /// The site's configuration
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The site's status socket, beside its database
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
}

/// Arguments of `tipring status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    site: Site,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Prints the status once.
pub fn run(args: &StatusArgs) -> Result<ExitCode, Failure> {
    let socket = match (&args.site.socket, &args.site.config) {
        (Some(socket), _) => socket.clone(),
        (None, Some(config)) => socket_of(&SiteConfig::load(config)?.store.database),
        (None, None) => return Err("--config FILE or --socket PATH is needed".into()),
    };
    let report = read(&socket)?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?)
    } else {
        print!("{report}")
    }
    Ok(ExitCode::SUCCESS)
}
