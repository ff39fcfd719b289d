//! `tipring status`: calls, queues, agents, devices and cards of a site that is running.
//!
//! Never: changes anything there.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::run::status::{read, socket_of};

/// Arguments of `tipring status`.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Site {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "site", value_name = "FILE")]
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
    let Site { config, socket } = &args.site;
    let socket = match socket {
        Some(socket) => socket.clone(),
        None => {
            let config = config.clone().unwrap_or_else(site_file);
            socket_of(&SiteConfig::load_without_users(&config)?.store.database)
        }
    };
    let report = read(&socket)?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?)
    } else {
        print!("{report}")
    }
    Ok(ExitCode::SUCCESS)
}
