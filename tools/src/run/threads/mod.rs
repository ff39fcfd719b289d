//! A site on threads and the wall clock: media, transmit watchdog, file, core, store and observer threads, and the
//! server's.
//!
//! | file | thread or part |
//! |---|---|
//! | `wake` | the waker that wakes the core's thread, and the media thread's sink that wakes it |
//! | `board` | the board's side: media thread, transmit watchdog, file thread |
//! | `engine_choice` | the engine that a site uses: its own, or one in another process |
//! | `inbox` | the way of the sessions to the core |
//! | `core` | the core |
//! | `store` | the database |
//! | `dips` | data sources of flows |
//! | `files` | recordings and prompts |
//! | `disk_sync` | running recordings brought to the disk |
//! | `replica` | what the store has committed, carried over to PostgreSQL |
//! | `recording_upkeep` | finished recordings: checksums, retention, room on their disk |
//! | `start` | cards, ports and threads, in the order in which they begin |
//! | `core_recovery` | the core of a middleware that comes back to a running engine |
//! | `left_calls` | the calls that an earlier middleware has left in an engine: come back to, or given up |
//! | `restore` | files of an earlier run, brought in order |
//! | `commands` | the way of the core's commands to the media thread |
//! | `watchdog` | ends, panics and pulses of all threads |
//!
//! Everything meets in the core's thread. Data goes one way: card, engine, core, store and sessions.
//!
//! Never: shares state between threads other than by bounded queues and counters.

pub mod board;
mod commands;
mod core;
mod core_recovery;
mod dips;
mod disk_sync;
mod engine_choice;
mod files;
mod inbox;
mod left_calls;
mod recording_upkeep;
mod replica;
mod restore;
mod start;
mod store;
pub mod wake;
pub mod watchdog;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender};
use parking_lot::Mutex;
use tipring_core::config::{AcdConfig, Config};
use tipring_core::csta::{AgentPassword, DeviceId, SessionId};
use tipring_core::customer::CustomerChange;
use tipring_driver::engine::SharedCounters;
use tipring_driver::time::Tick;
use tipring_tsapi::server::{Server, ServerCounters};
use tipring_tsapi::session::login::Tlink;
use tipring_web::{WebCounters, WebServer};

use self::dips::Dips;
use self::inbox::CoreInbox;
use self::start::site_user;
use self::store::Job;
use self::watchdog::{Pulse, Supervisor, Watchdog};
use super::alarms::Alarms;
use super::certificates::Certificate;
use super::control::Asked;
use super::gauges::Gauges;
use super::observe::{Observer, Status};
use super::records::{Administration, SiteRecords};
use super::restart_attempts::RestartAttempts;
use super::site::{SiteAccounts, core_config, read_flows};
use super::sounds::Sounds;
use super::sources::Sources;
use crate::clock;
use crate::config::{SiteConfig, mode};
use crate::failure::Failure;

pub use self::dips::SourceCounters;
pub use self::engine_choice::{end_calls, size_of};
pub use self::store::{ASIDE_SUFFIX, StoreEnd};
pub use self::watchdog::{Ended, OBSERVE_EVERY};

/// Time that recordings may take to come to their ends when the site stops.
const SETTLE_MAX: Duration = Duration::from_secs(5);
/// Time that the threads may take to end when the site stops.
const STOP_MAX: Duration = Duration::from_secs(20);

/// The Tlink of a site.
///
/// # Errors
/// A part of the name is not one.
pub fn tlink(site: &SiteConfig) -> Result<Tlink, Failure> {
    Ok(Tlink::new(&site.server.switch, &site.server.server)?)
}

/// A meter of the way from a tick to a session. A site that is served has none: `()`.
pub trait Meter: Clone + Send + 'static {
    /// A tick has ended. Called on the media thread.
    fn tick(&self, now: Tick);

    /// A report that the tick decided leaves for a session. Called on the core's thread.
    fn sent(&self, session: SessionId, now: Tick);
}

impl Meter for () {
    fn tick(&self, _: Tick) {}

    fn sent(&self, _: SessionId, _: Tick) {}
}

/// A site at work.
pub struct Running {
    stop: Arc<AtomicBool>,
    draining: Arc<AtomicBool>,
    closing: Arc<AtomicBool>,
    leaving: Arc<AtomicBool>,
    is_apart: bool,
    /// The come-backs to the engine's calls, if this is one.
    restart_attempts: Option<Arc<RestartAttempts>>,
    settled: Receiver<()>,
    supervisor: Supervisor,
    core_pulse: Pulse,
    core_watchdog: Watchdog,
    media_watchdog: Watchdog,
    jobs: Sender<Job>,
    inbox: Arc<CoreInbox>,
    sounds: Arc<dyn Sounds>,
    accounts: Arc<SiteAccounts>,
    agent_key: AgentPassword,
    dips: Arc<Dips>,
    store_end: Receiver<StoreEnd>,
    server: Server,
    web: Option<WebServer>,
    identities: Vec<Certificate>,
    counters: SharedCounters,
    observer: Arc<Mutex<Observer>>,
    gauges: Arc<Gauges>,
    sources: Arc<Sources>,
    records: Arc<SiteRecords>,
    found: Vec<String>,
}

impl Running {
    /// The address at which clients connect.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The address at which clients connect for TLS, if they can.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.server.tls_address()
    }

    /// The address of the JSON socket and its counters, if there is one.
    pub fn web(&self) -> Option<(SocketAddr, WebCounters)> {
        self.web.as_ref().map(|web| (web.address(), web.counters()))
    }

    /// A sentence on each card.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// The counters of engine and cards.
    pub fn counters(&self) -> &SharedCounters {
        &self.counters
    }

    /// The counters of the server.
    pub fn server_counters(&self) -> ServerCounters {
        self.server.counters()
    }

    /// The counters of each data source.
    pub fn source_counters(&self) -> Vec<(String, SourceCounters)> {
        self.dips.counters()
    }

    /// Calls, queues, agents and devices now.
    pub fn status(&self) -> Status {
        self.observer.lock().status(clock::epoch_ms().max(0) as u64)
    }

    /// The sources of snapshots, for a thread that shows them.
    pub fn sources(&self) -> Arc<Sources> {
        Arc::clone(&self.sources)
    }

    /// The alarms of the site; the one who watches over it has them observe.
    pub fn alarms(&self) -> Arc<Mutex<Alarms>> {
        self.sources.alarms()
    }

    /// The ends of threads. While the site runs, any of them is a failure.
    pub fn ends(&self) -> &Receiver<Ended> {
        self.supervisor.ends()
    }

    /// Observes the pulses, once every [`OBSERVE_EVERY`].
    ///
    /// # Errors
    /// A thread stands still: a sentence.
    pub fn observe_pulses(&mut self) -> Result<(), String> {
        let media = self.media_watchdog.observe(self.counters.engine().wakes);
        let core = self.core_watchdog.observe(self.core_pulse.count());
        self.gauges.set_still(self.core_watchdog.still_ms(), self.media_watchdog.still_ms());
        media.and(core)
    }

    /// Has the records follow the wall clock from now on.
    pub fn set_wall_clock(&self, unix_ms: i64) {
        // Without room the next minute sets it.
        let _ = self.jobs.try_send(Job::WallClock(Tick(self.counters.engine().ticks), unix_ms));
        self.inbox.set_wall_clock(unix_ms);
    }

    /// Counts the new messages again: lamps follow what another program has changed.
    pub fn count_messages(&self) {
        // Without room the next time counts them.
        let _ = self.jobs.try_send(Job::Messages);
    }

    /// Takes over users and rights, queues, agents, callers, flows, prompts and calendars of a site. Calls finish the
    /// flow begun.
    ///
    /// # Errors
    /// All faults of flows, prompts and phrases; everything stays as before.
    pub fn reload(&self, site: &SiteConfig, unix_ms: i64) -> Result<usize, Failure> {
        let config = core_config(site, unix_ms, self.agent_key, read_flows(site, &*self.sounds)?)?;
        self.dips.set(&site.sources)?;
        let count = config.flows.flows.names().count();
        let Config { queues, agents, callers, reasons, flows, mut users, .. } = config;
        self.accounts.set_rights(site)?;
        users.push(site_user());
        self.inbox.set_users(users);
        self.inbox.set_acd_config(AcdConfig { queues, agents, callers, reasons }, flows);
        self.observer.lock().set_site(site);
        self.records.set_site(site);
        self.set_calendars(site, unix_ms);
        Ok(count)
    }

    /// Has the console change the configuration: requests go the way of the control socket.
    pub fn set_administration(&self, path: &Path, asked: Sender<Asked>) {
        self.records.set_administration(Administration { path: path.to_owned(), asked });
    }

    /// Writes the event mode of a site that has been taken over into the log.
    pub fn log_event_mode(&self, site: &SiteConfig) {
        self.inbox.set_event_mode(mode::log_name(site));
    }

    /// Blocks a trunk for calls out, or ends that. Returns a sentence on what was done.
    ///
    /// # Errors
    /// There is no such trunk: a sentence.
    pub fn block_trunk(&self, name: &str, blocked: bool) -> Result<String, String> {
        let trunk = DeviceId::new(name).map_err(|error| error.to_string())?;
        let in_use = self.inbox.set_trunk_blocked(trunk, blocked).ok_or(format!("there is no trunk {name}"))?;
        self.observer.lock().set_blocked(trunk, blocked);
        Ok(match (blocked, in_use) {
            (true, true) => format!("the trunk {name} is blocked once its call has ended"),
            (true, false) => format!("the trunk {name} is blocked for calls out"),
            (false, _) => format!("the trunk {name} may be seized again"),
        })
    }

    /// Computes the routes of calendars and the business days from a moment on.
    pub fn set_calendars(&self, site: &SiteConfig, unix_ms: i64) {
        self.inbox.set_calendars(site.routes(unix_ms), site.business_hours().days(unix_ms));
    }

    /// Reads the certificates again. Returns their number, and a sentence for each that stays as it was.
    pub fn reload_certificates(&self) -> (usize, Vec<String>) {
        let faults = self.identities.iter().filter_map(|identity| identity.load_again().err()).collect();
        (self.identities.len(), faults)
    }

    /// Has rows of a file of customers taken in. False if the store has no room at the moment.
    pub fn import_customers(&self, customers: Vec<CustomerChange>) -> bool {
        self.jobs.try_send(Job::Customers(customers)).is_ok()
    }

    /// Has new calls refused from now on; those in progress go on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Calls that are left since new ones are refused; none before the core has begun to refuse them.
    pub fn calls_left(&self) -> Option<u64> {
        self.gauges.calls_left()
    }

    /// Stops everything in order: clients first, then the calls in progress, the card, the files, the core, and last
    /// the store, which commits its last records.
    ///
    /// # Errors
    /// A thread has panicked or stands still: a sentence about it; the end of the store goes with it if it is known.
    pub fn stop(self) -> (Option<StoreEnd>, Result<(), Failure>) {
        self.end(false)
    }

    /// Stops everything but the calls, which go on in the engine's process until a middleware takes them up.
    ///
    /// # Errors
    /// As [`stop`](Running::stop).
    pub fn leave(self) -> (Option<StoreEnd>, Result<(), Failure>) {
        self.end(true)
    }

    /// Returns true if the engine is in a process of its own.
    pub const fn is_apart(&self) -> bool {
        self.is_apart
    }

    fn end(self, calls_go_on: bool) -> (Option<StoreEnd>, Result<(), Failure>) {
        drop((self.server, self.web));
        self.records.close();
        let how = if calls_go_on { &self.leaving } else { &self.closing };
        how.store(true, Ordering::Release);
        // The core polls it at the next tick. Recordings that take longer to end stay as not whole; a core that cannot
        // leave a checkpoint leaves its log.
        let _ = self.settled.recv_timeout(SETTLE_MAX);
        self.stop.store(true, Ordering::Release);
        // The store's inbox closes once the core has ended too.
        drop(self.jobs);
        let (still, panicked) = self.supervisor.join(STOP_MAX);
        let store = self.store_end.try_recv().ok();
        if let Some(restart_attempts) = self.restart_attempts.filter(|_| !panicked.is_empty() || !still.is_empty()) {
            restart_attempts.fails();
        }
        if let Some(Ended { thread, panic }) = panicked.first() {
            let why = panic.as_deref().unwrap_or("no message");
            return (store, Err(format!("The {thread} thread has failed: {why}").into()));
        }
        if !still.is_empty() {
            return (store, Err(format!("These threads do not end: {}", still.join(", ")).into()));
        }
        (store, Ok(()))
    }
}
