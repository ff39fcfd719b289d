//! `tipring serve`: the call centre itself, from a configuration file until it is told to stop.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tipring_core::store::sqlite::SqliteStore;

use crate::cli::Failure;
use crate::clock;
use crate::config::{SiteConfig, TEMPLATE};
use crate::log;
use crate::run::site::{read_customers, recover_recordings};
use crate::run::threads::{Running, tlink};
use crate::users::is_open_to_others;

/// Arguments of `tipring serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The site's configuration
    #[arg(long, value_name = "FILE", required_unless_present = "print_config")]
    config: Option<PathBuf>,
    /// Print a commented configuration to start from, and do nothing else
    #[arg(long)]
    print_config: bool,
}

/// Serves until interrupted or terminated.
pub fn run(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let Some(path) = args.config.as_ref().filter(|_| !args.print_config) else {
        print!("{TEMPLATE}");
        return Ok(ExitCode::SUCCESS);
    };
    let site = SiteConfig::load(path)?;
    // Before any thread starts, so that none of them takes the signal.
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let epoch_ms = clock::epoch_ms();
    let mut store = SqliteStore::open(&site.store.database, epoch_ms)?;
    if let Some(customers) = &site.store.customers {
        let count = store.import_customers(read_customers(customers)?)?;
        log::line(&format!("{count} customers read from {}", customers.display()));
    }
    for recovered in recover_recordings(&site.store.recordings, &mut store)? {
        log::line(&recovered);
    }
    let users = &site.server.users;
    if site.users.users.is_empty() {
        let add = "add one with `tipring user add`";
        log::line(&format!("{} has no users, so no client can log in; {add}", users.display()));
    } else if is_open_to_others(users) {
        log::line(&format!("{0} can be read by others: chmod 600 {0}", users.display()));
    }
    let running = Running::start(&site, epoch_ms, store, Arc::new(log::line))?;
    running.found().iter().for_each(|sentence| log::line(sentence));
    log::line(&format!("serving {} at {}", tlink(&site)?.as_str(), running.address()));
    if let Some(address) = running.tls_address() {
        log::line(&format!("TLS at {address}"));
    }
    let signal = signals.forever().next();
    log::line(match signal {
        Some(SIGINT) => "interrupted; stopping",
        Some(_) | None => "told to stop; stopping",
    });
    let engine = running.counters().engine();
    log::line(&format!("{} ticks, {} of them late", engine.ticks, engine.late_ticks));
    for (index, board) in site.boards.iter().enumerate() {
        log::line(&format!("card {}: {}", board.card, running.counters().card(index)));
    }
    log::line(&running.server_counters().to_string());
    running.stop()?;
    log::line("stopped; every record is safe");
    Ok(ExitCode::SUCCESS)
}
