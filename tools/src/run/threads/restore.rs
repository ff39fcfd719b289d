//! Restoring after an earlier run: records put aside, recordings and calls that were cut off, numbers that go on,
//! agents who were logged in.
//!
//! Never: runs before cards, port and lock are held; a second program would work on files in use.

use std::path::PathBuf;

use tipring_core::config::Config;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::{AgentMode, AgentPassword, DeviceId, MonitorFilter, Request};
use tipring_core::store::sqlite::SqliteStore;

use super::core::SiteRequest;
use super::store::{ASIDE_SUFFIX, remove_database};
use crate::config::SiteConfig;
use crate::encryption::key_ring::KeyRing;
use crate::failure::Failure;
use crate::log::{Field, Level, Line, Log};
use crate::run::recovery::recover_recordings;

/// Age up to which agents' last states are restored, in ms: a day.
const RESTORE_MS: i64 = 86_400_000;

/// Brings the files of an earlier run in order, with the recordings of it that have `ended` since; numbers go on from
/// the last ones kept, with those set aside. Returns the count of calls that were cut off.
///
/// # Errors
/// The database or the folder of recordings cannot be used: a sentence.
pub(super) fn bring_in_order(
    site: &SiteConfig,
    store: &mut SqliteStore,
    config: &mut Config,
    ended: &[PathBuf],
    log: &Log,
) -> Result<usize, Failure> {
    read_in_aside(site, store, log);
    let keys = KeyRing::new(site.recording.keys.as_deref());
    for recovered in recover_recordings(&site.store.recordings, &keys, ended, store)? {
        log(Level::Warning, &recovered);
    }
    let cut_off = store.close_open_calls()?;
    match cut_off {
        0 => {}
        1 => log(Level::Warning, "One call was cut off by the end of the last run; its record says interrupted"),
        count => log(
            Level::Warning,
            &format!("{count} calls were cut off by the end of the last run; their records say interrupted"),
        ),
    }
    // Numbers go on from the last ones kept, those set aside included.
    (config.last_call, config.last_entry) = (store.last_call()?, store.last_entry()?);
    (config.call_backs, config.last_call_back) = (store.open_call_backs()?, store.last_call_back()?);
    Ok(cut_off)
}

/// The folders for records that the database does not take: its own, the recordings', the system's.
pub(super) fn aside(site: &SiteConfig) -> Vec<PathBuf> {
    let own = site.store.database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let own = own.map_or(PathBuf::from("."), PathBuf::from);
    vec![own, site.store.recordings.clone(), std::env::temp_dir()]
}

/// Reads in the records that an earlier run had to put aside.
pub(super) fn read_in_aside(site: &SiteConfig, store: &mut SqliteStore, log: &Log) {
    // The system's folder of temporary files is shared with others: records there are read in by hand.
    for folder in aside(site).iter().take(2) {
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if !file.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ASIDE_SUFFIX)) {
                continue;
            }
            match store.read_in(&file) {
                Ok(calls) => {
                    remove_database(&file);
                    log(Level::Info, &format!("{calls} calls read in from {}", file.display()));
                }
                Err(error) => log(Level::Error, &format!("{error}. {} stays where it is", file.display())),
            }
        }
    }
}

/// The device of a request that begins a monitor.
pub(super) fn monitored(request: &Request) -> Option<DeviceId> {
    match request {
        Request::MonitorDevice { device, .. } => Some(*device),
        _ => None,
    }
}

/// The requests of the site's own session: a monitor of each device, then the log-ins of agents as they were.
pub(super) fn site_requests(
    site: &SiteConfig,
    store: &SqliteStore,
    agent_key: AgentPassword,
    now_ms: i64,
    log: &Log,
) -> Result<Vec<SiteRequest>, Failure> {
    let trunks = site.trunks.iter().map(|trunk| trunk.name.0);
    let stations = site.stations.iter().map(|station| station.extension.0);
    let queues = site.queues.iter().map(|queue| queue.device.0);
    let monitor = |device| Request::MonitorDevice { device, filter: MonitorFilter::default() };
    let plain = |request| (request, None);
    let mut requests: Vec<_> = trunks.chain(stations).chain(queues).map(monitor).map(plain).collect();
    for row in store.last_agent_states(now_ms - RESTORE_MS)? {
        let agent = site.agents.iter().find(|agent| agent.id.0.as_str() == row.agent);
        let station = site.stations.iter().find(|station| station.extension.0.as_str() == row.station);
        let (Some(agent), Some(station)) = (agent, station) else { continue };
        if row.state == "logged-off" {
            continue;
        }
        let set = |mode, password| Request::SetAgentState {
            device: station.extension.0,
            mode,
            agent_id: agent.id.0,
            agent_group: DeviceId::EMPTY,
            password,
        };
        let data = RequestData { reason_code: row.reason.into(), ..RequestData::default() };
        requests.push((set(AgentMode::LogIn, agent_key), Some(Box::new(data))));
        let ready = row.state != "not-ready";
        if ready {
            requests.push((set(AgentMode::Ready, AgentPassword::default()), None));
        }
        let state = if ready { "ready" } else { "not ready" };
        let text = format!("agent {} was logged in at {} before; logged in again, {state}", row.agent, row.station);
        log.line(Line::new(Level::Info, text).with(Field::Agent, row.agent).with(Field::Device, row.station));
    }
    Ok(requests)
}
