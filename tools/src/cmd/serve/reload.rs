//! Files that HUP has a running site read again: customers, certificates, and its configuration with its flows.
//!
//! Never: ends a call; what cannot be read stays as it was.

use std::path::Path;

use crate::clock;
use crate::config::SiteConfig;
use crate::config::differ::differences;
use crate::customers::read_customers;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::plural::count;
use crate::run::threads::Running;

/// Reads customers again. Calls go on.
pub(super) fn reload_customers(site: &SiteConfig, running: &Running, log: &Log) {
    let Some(path) = &site.store.customers else {
        log(Level::Info, "HUP: calls go on; there is no file of customers to read again");
        return;
    };
    match read_customers(path) {
        Ok(customers) => {
            if running.import_customers(customers) {
                log(Level::Info, &format!("HUP: calls go on; customers are read again from {}", path.display()));
            } else {
                log(Level::Error, "The store has no room now; send SIGHUP again to read customers");
            }
        }
        Err(error) => log(Level::Error, &format!("{error}. Customers stay as they were")),
    }
}

/// Reads certificates again; connections that stand go on.
pub(super) fn reload_certificates(running: &Running, log: &Log) {
    let (count, faults) = running.reload_certificates();
    faults.iter().for_each(|fault| log(Level::Error, &format!("{fault}. The certificate before stays")));
    match count - faults.len() {
        0 => {}
        read => log(Level::Info, &format!("{read} of {count} certificates read again")),
    }
}

/// Reads queues, agents, callers, flows, prompts and calendars again. Returns the site as it is written and as it is in
/// force then; none if there are faults, and everything stays as before.
pub(super) fn reload_site(
    path: &Path,
    running: &Running,
    started: &SiteConfig,
    log: &Log,
    in_force: &SiteConfig,
) -> Option<(SiteConfig, SiteConfig)> {
    let reloaded = SiteConfig::inspect(path).usable().map_err(Failure::from).and_then(|(site, warnings)| {
        let mode = in_force.mode.as_ref().map(|mode| mode.name.0.to_string());
        let (written, site) = (site.clone(), site.in_mode(mode.as_deref())?);
        let flows = running.reload(&site, clock::epoch_ms())?;
        Ok((written, site, warnings, flows))
    });
    match reloaded {
        Ok((written, site, warnings, flows)) => {
            let differences = differences(started, in_force, &site);
            differences.waiting.iter().for_each(|text| log(Level::Warning, text));
            warnings.iter().for_each(|warning| log(Level::Warning, &warning.text));
            if !differences.taken.is_empty() {
                log(Level::Info, &differences.taken.join(", "));
            }
            let mode = site.mode.as_ref().map_or(String::new(), |mode| format!(", in the event mode {}", mode.name.0));
            let (queues, agents) = (count(site.queues.len(), "queue"), count(site.agents.len(), "agent"));
            let (flows, calendars) = (count(flows, "flow"), count(site.calendars.len(), "calendar"));
            log(Level::Info, &format!("{queues}, {agents}, {flows} and {calendars} are in force{mode}"));
            Some((written, site))
        }
        Err(error) => {
            error.to_string().lines().for_each(|line| log(Level::Error, line));
            log(Level::Error, "Queues, agents, flows, prompts and calendars stay as they were");
            None
        }
    }
}
