//! A site on threads and the wall clock: media, transmit watchdog, file, core, store and observer threads, and the
//! server's.
//!
//! | file | thread |
//! |---|---|
//! | `bell` | the bell that wakes the core's thread, and the media thread's sink that rings it |
//! | `inbox` | the way of the sessions to the core |
//! | `core` | the core |
//! | `store` | the database |
//! | `dips` | data sources of flows |
//! | `files` | recordings and prompts |
//! | `keeper` | finished recordings: checksums, retention, room on their disk |
//! | `supervise` | ends, panics and pulses of them all |
//!
//! Everything meets in the core's thread. Data goes one way: card, engine, core, store and sessions.
//!
//! Never: shares state between threads other than by bounded queues and counters.

mod bell;
mod commands;
mod core;
mod dips;
mod files;
mod inbox;
mod keeper;
mod store;
mod supervise;

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use tipring_core::channel::{ChannelTable, TableSink};
use tipring_core::config::{Config, Staffing, UserConfig};
use tipring_core::core::Core;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::request::{MonitorFilter, Request};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentMode, AgentPassword, DeviceId};
use tipring_core::ids::SessionId;
use tipring_core::store::Customer;
use tipring_core::store::sqlite::SqliteStore;
use tipring_driver::engine::{Engine, SharedCounters};
use tipring_driver::media::file_io::FileService;
use tipring_driver::ring::ring;
use tipring_driver::time::Tick;
use tipring_tsapi::server::{Server, ServerCounters, Settings as ServerSettings, TlsIdentity, TlsSettings};
use tipring_tsapi::session::ServerSettings as SessionSettings;
use tipring_tsapi::session::login::Tlink;
use tipring_web::{WebCounters, WebServer, WebSettings};

use self::bell::{Bell, RingingSink};
use self::commands::CommandsOut;
use self::core::{End, Inputs, Outputs, SiteRequest, SiteSession, core_thread};
use self::dips::Dips;
use self::files::file_thread;
use self::inbox::CoreInbox;
use self::keeper::Keeper;
use self::store::{Job, StoreThread, remove_database};
use self::supervise::{Pulse, Supervisor, Watchdog};
use super::alarms::Alarms;
use super::cards::{self, Opened};
use super::clients::Clients;
use super::gauges::Gauges;
use super::observe::{Observer, Status};
use super::realtime;
use super::records::SiteRecords;
use super::site::{
    SiteAccounts, SiteLibrary, core_config, engine_settings, line_settings, new_agent_key, read_flows,
    recover_recordings,
};
use super::sounds::Shelf;
use super::sources::{Sources, length_of, lines_of};
use crate::clock;
use crate::config::{SiteConfig, mode};
use crate::failure::Failure;
use crate::log::{Field, Level, Line, Log};

pub use self::dips::SourceCounters;
pub use self::store::{ASIDE_SUFFIX, StoreEnd};
pub use self::supervise::{Ended, OBSERVE_EVERY};

/// Entries of the rings between the engine and the core.
const RING: usize = 4096;
/// Messages that sessions may have in flight towards the core, all together.
const INBOX: usize = 4096;
/// PINs that wait for their verification.
const PINS: usize = 64;
/// Answers of data sources that may wait for the core.
const ANSWERS: usize = 1024;
/// Jobs that may be in flight towards the store.
const STORE_INBOX: usize = 16_384;
/// Observations that may be in flight towards the observer.
const OBSERVER_INBOX: usize = 4096;
/// Time that recordings may take to come to their ends when the site stops.
const SETTLE_MAX: Duration = Duration::from_secs(5);
/// Time that the threads may take to end when the site stops.
const STOP_MAX: Duration = Duration::from_secs(20);
/// Age up to which agents' last states are restored, in ms: a day.
const RESTORE_MS: i64 = 86_400_000;
/// The log-in of the site's own session; no client can have it, for it is longer than a log-in of the wire.
const SITE_LOGIN: &str = "the site itself: monitors of its devices, agents' log-ins after a restart";

/// The Tlink of a site.
///
/// # Errors
/// A part of the name is not one.
pub fn tlink(site: &SiteConfig) -> Result<Tlink, Failure> {
    Ok(Tlink::new(&site.server.switch, &site.server.server)?)
}

/// The settings of a site's server; reads certificate and key.
fn server_settings(site: &SiteConfig) -> Result<ServerSettings, Failure> {
    let mut settings = ServerSettings::new(SessionSettings::new(tlink(site)?));
    settings.session.clear_streams = site.server.clear_streams;
    if let Some(tls) = &site.server.tls {
        let read =
            |path: &Path| std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()));
        let identity = TlsIdentity::from_pem(&read(&tls.certificate)?, &read(&tls.key)?)
            .map_err(|why| format!("{} and {}: {why}", tls.certificate.display(), tls.key.display()))?;
        let tlink = Tlink::secure(&site.server.switch, &site.server.server)?;
        settings.tls = Some(TlsSettings { address: tls.listen, tlink, identity });
    }
    Ok(settings)
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
    settled: Receiver<()>,
    supervisor: Supervisor,
    core_pulse: Pulse,
    core_watchdog: Watchdog,
    media_watchdog: Watchdog,
    jobs: Sender<Job>,
    inbox: Arc<CoreInbox>,
    shelf: Arc<Shelf>,
    agent_key: AgentPassword,
    dips: Arc<Dips>,
    store_end: Receiver<StoreEnd>,
    server: Server,
    web: Option<WebServer>,
    counters: SharedCounters,
    observer: Arc<Mutex<Observer>>,
    gauges: Arc<Gauges>,
    sources: Arc<Sources>,
    records: Arc<SiteRecords>,
    found: Vec<String>,
}

impl Running {
    /// Opens the cards, takes the port, brings the files of an earlier run in order, and starts every thread.
    ///
    /// # Errors
    /// No card can be reached, the port is taken, or a file is not usable: a sentence. Nothing runs then.
    pub fn start<M: Meter>(
        site: &SiteConfig,
        epoch_ms: i64,
        mut store: SqliteStore,
        log: Log,
        meter: M,
    ) -> Result<Running, Failure> {
        let Opened { cards, mut pace, tx_watchdog, found } =
            cards::open_all(&site.boards, line_settings(site.country)?)?;
        let channels = cards.iter().map(|card| card.ports()).sum();
        let table = Arc::new(ChannelTable::new(channels));
        let agent_key = new_agent_key()?;
        let shelf = Arc::new(Shelf::default());
        let mut config = core_config(site, epoch_ms, agent_key, read_flows(site, &shelf)?)?;
        config.users.push(UserConfig { login: SITE_LOGIN.into(), rights: Rights::everything() });
        let bell = Arc::new(Bell::new()?);
        let (inbox_in, inbox) = bounded(INBOX);
        let backend = Arc::new(CoreInbox { inbox: inbox_in, bell: Arc::clone(&bell), log: Log::clone(&log) });
        let accounts = Arc::new(SiteAccounts::new(site, agent_key, Log::clone(&log))?);
        let records = Arc::new(SiteRecords::new(site));
        let web = site.server.json.as_ref().map(|json| {
            let mut settings = WebSettings::new(json.listen);
            settings.origins.clone_from(&json.origins);
            let (accounts, backend) = (Arc::clone(&accounts) as Arc<_>, Arc::clone(&backend) as Arc<_>);
            WebServer::start(settings, accounts, backend, Arc::clone(&records) as Arc<_>)
                .map_err(|error| format!("Listening at {} failed: {error}", json.listen))
        });
        let web = web.transpose()?;
        let server = Server::start(
            site.server.listen,
            server_settings(site)?,
            Arc::clone(&accounts) as Arc<_>,
            Arc::clone(&backend) as Arc<_>,
        )
        .map_err(|error| format!("Listening at {} failed: {error}", site.server.listen))?;

        // Cards and port are held: no other site works on these files.
        read_in_aside(site, &mut store, &log);
        for recovered in recover_recordings(&site.store.recordings, &mut store)? {
            log(Level::Warning, &recovered);
        }
        match store.close_open_calls()? {
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
        let mut core = Core::new(config, Arc::clone(&table))?;
        core.handle_calendars(site.routes(epoch_ms));
        let requests = site_requests(site, &store, agent_key, epoch_ms, &log)?;
        let devices = requests.iter().map_while(|(request, _)| monitored(request)).collect();
        let library = SiteLibrary::new(site, Arc::clone(&shelf))?;
        let (events_in, events) = ring(RING);
        let (commands, commands_out) = ring(RING);
        let (events_gauge, lines_table) = (events_in.gauge(), Arc::clone(&table));
        let sink =
            RingingSink { inner: TableSink::new(table, events_in), bell: Arc::clone(&bell), meter: meter.clone() };
        let settings = engine_settings(site, clock::local_stamp(epoch_ms))?;
        let (mut engine, ends) = Engine::new(cards, settings, commands_out, sink);
        let files = FileService::new(ends.files, Box::new(library));
        let stop = Arc::new(AtomicBool::new(false));
        let draining = Arc::new(AtomicBool::new(false));
        let closing = Arc::new(AtomicBool::new(false));
        let last_tick = Arc::new(AtomicBool::new(false));
        let (settled_in, settled) = bounded(1);
        let (jobs, jobs_out) = bounded(STORE_INBOX);
        let (replies_in, replies) = bounded(STORE_INBOX);
        let (store_end_in, store_end) = bounded(1);
        let (observer_in, observed) = bounded(OBSERVER_INBOX);
        let mut observer = Observer::new(site);
        observer.read_log(&store, epoch_ms.max(0) as u64)?;
        let observer = Arc::new(Mutex::new(observer));
        let core_pulse = Pulse::default();
        let gauges = Arc::new(Gauges::default());
        let sources = Arc::new(Sources {
            observer: Arc::clone(&observer),
            counters: ends.counters.clone(),
            table: lines_table,
            gauges: Arc::clone(&gauges),
            events: events_gauge,
            commands: commands.gauge(),
            sessions: length_of(inbox.clone()),
            store: length_of(jobs_out.clone()),
            tsapi: server.dispatcher(),
            web: web.as_ref().map(WebServer::gauge),
            cards: site.boards.iter().map(|board| board.card.to_string()).collect(),
            lines: lines_of(site),
            log: log.losses(),
            alarms: Arc::default(),
        });

        let mut supervisor = Supervisor::default();
        supervisor.spawn("observer", {
            let (observer, log) = (Arc::clone(&observer), Log::clone(&log));
            move || {
                for observed in observed {
                    let line = observer.lock().handle(observed);
                    if let Some(line) = line {
                        log.line(line);
                    }
                }
            }
        })?;
        supervisor.spawn("store", {
            let (gauges, log) = (Arc::clone(&gauges), Log::clone(&log));
            let recordings = site.store.recordings.clone();
            let store =
                StoreThread { store, jobs: jobs_out, replies: replies_in, aside: aside(site), recordings, gauges, log };
            let bell = Arc::clone(&bell);
            move || {
                let _ = store_end_in.send(store.run(&bell));
            }
        })?;
        supervisor.spawn("keeper", {
            let keeper = Keeper {
                store: SqliteStore::open_to_read(&site.store.database)?,
                folder: site.store.recordings.clone(),
                retention: site.recording.retention(),
                room: site.recording.room(),
                jobs: jobs.clone(),
                core: Arc::clone(&backend),
                gauges: Arc::clone(&gauges),
                log: Log::clone(&log),
                unreadable: BTreeSet::new(),
            };
            let stop = Arc::clone(&stop);
            move || keeper.run(&stop)
        })?;
        supervisor.spawn_then(
            "media",
            {
                let (stop, log) = (Arc::clone(&stop), Log::clone(&log));
                let processor = site.server.media_processor;
                move || {
                    let pinned = processor.map_or(Ok(()), realtime::keep_to);
                    for why in [realtime::ask(), realtime::lock_memory(), pinned].into_iter().filter_map(Result::err) {
                        log(Level::Warning, &why);
                    }
                    engine.run(pace.as_mut(), &stop);
                }
            },
            {
                // After the last tick nothing else rings: a core that waits for one more would wait for ever.
                let (last_tick, bell) = (Arc::clone(&last_tick), Arc::clone(&bell));
                move || {
                    last_tick.store(true, Ordering::Release);
                    bell.ring();
                }
            },
        )?;
        supervisor.spawn("tx-watchdog", {
            let (stop, log) = (Arc::clone(&stop), Log::clone(&log));
            move || {
                // The media thread has logged already what is not allowed.
                let _ = realtime::ask();
                if let Err(error) = tx_watchdog.serve(&stop) {
                    log(Level::Error, &format!("The transmit watchdog of the cards has failed: {error}"));
                    while !stop.load(Ordering::Acquire) {
                        std::thread::sleep(OBSERVE_EVERY);
                    }
                }
            }
        })?;
        supervisor.spawn("files", {
            let (stop, gauges, log) = (Arc::clone(&stop), Arc::clone(&gauges), Log::clone(&log));
            move || file_thread(files, &stop, &gauges, &log)
        })?;
        let (answers_in, answers) = bounded(ANSWERS);
        let dips = Arc::new(Dips::new(answers_in, Arc::clone(&bell), Log::clone(&log)));
        dips.set(&site.sources)?;
        let (pins, pins_out) = bounded(PINS);
        supervisor.spawn("pins", {
            let backend = Arc::clone(&backend);
            move || backend.verify_pins(&*accounts, &pins_out)
        })?;
        supervisor.spawn("core", {
            let outs = Outputs {
                commands: CommandsOut::new(commands),
                records: jobs.clone(),
                waiting: VecDeque::new(),
                clients: Clients::new(server.dispatcher(), web.as_ref().map(WebServer::dispatcher)),
                observer: observer_in,
                shelf: Arc::clone(&shelf),
                dips: Arc::clone(&dips),
                unasked: VecDeque::new(),
                meter,
                now: Tick::ZERO,
                log,
                pins,
                site: devices,
            };
            let end =
                End { draining: Arc::clone(&draining), closing: Arc::clone(&closing), settled: settled_in, last_tick };
            let ins = Inputs { events, inbox, replies, troubles: ends.troubles, answers, bell };
            let pulse = core_pulse.clone();
            let own = SiteSession { login: SITE_LOGIN, requests };
            let gauges = Arc::clone(&gauges);
            move || core_thread(core, ins, outs, own, &pulse, &gauges, &end)
        })?;
        Ok(Running {
            stop,
            draining,
            closing,
            settled,
            supervisor,
            core_pulse,
            core_watchdog: Watchdog::new("core"),
            media_watchdog: Watchdog::new("media"),
            jobs,
            inbox: backend,
            shelf,
            agent_key,
            dips,
            store_end,
            server,
            web,
            counters: ends.counters,
            observer,
            gauges,
            sources,
            records,
            found,
        })
    }

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

    /// Takes over queues, agents, callers, flows, prompts and calendars of a site. Calls finish the flow begun.
    ///
    /// # Errors
    /// All faults of flows, prompts and phrases; everything stays as before.
    pub fn reload(&self, site: &SiteConfig, unix_ms: i64) -> Result<usize, Failure> {
        let config = core_config(site, unix_ms, self.agent_key, read_flows(site, &self.shelf)?)?;
        self.dips.set(&site.sources)?;
        let count = config.flows.flows.names().count();
        let Config { queues, agents, callers, reasons, flows, .. } = config;
        self.inbox.set_staffing(Staffing { queues, agents, callers, reasons }, flows);
        self.observer.lock().set_site(site);
        self.records.set_site(site);
        self.set_calendars(site, unix_ms);
        Ok(count)
    }

    /// Writes the event mode of a site that has been taken over into the log.
    pub fn log_event_mode(&self, site: &SiteConfig) {
        self.inbox.set_event_mode(mode::log_name(site));
    }

    /// Computes the routes of calendars from a moment on.
    pub fn set_calendars(&self, site: &SiteConfig, unix_ms: i64) {
        self.inbox.set_calendars(site.routes(unix_ms));
    }

    /// Replaces customers by those given, number by number. False if the store has no room at the moment.
    pub fn import_customers(&self, customers: Vec<Customer>) -> bool {
        self.jobs.try_send(Job::Customers(customers)).is_ok()
    }

    /// Has new calls refused from now on; those that stand go on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Calls that are left since new ones are refused; none before the core has begun to refuse them.
    pub fn calls_left(&self) -> Option<u64> {
        self.gauges.calls_left()
    }

    /// Stops everything in order: clients first, then the calls that stand, the card, the files, the core, and last the
    /// store, which commits its last records.
    ///
    /// # Errors
    /// A thread has panicked or stands still: a sentence about it; the end of the store goes with it if it is known.
    pub fn stop(self) -> (Option<StoreEnd>, Result<(), Failure>) {
        drop((self.server, self.web));
        self.closing.store(true, Ordering::Release);
        // The core polls it at the next tick. Recordings that take longer stay as not whole.
        let _ = self.settled.recv_timeout(SETTLE_MAX);
        self.stop.store(true, Ordering::Release);
        // The store's inbox closes once the core has ended too.
        drop(self.jobs);
        let (still, panicked) = self.supervisor.join(STOP_MAX);
        let store = self.store_end.try_recv().ok();
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

/// The folders for records that the database does not take: its own, the recordings', the system's.
fn aside(site: &SiteConfig) -> Vec<PathBuf> {
    let own = site.store.database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let own = own.map_or(PathBuf::from("."), PathBuf::from);
    vec![own, site.store.recordings.clone(), std::env::temp_dir()]
}

/// Reads in the records that an earlier run had to put aside.
fn read_in_aside(site: &SiteConfig, store: &mut SqliteStore, log: &Log) {
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
fn monitored(request: &Request) -> Option<DeviceId> {
    match request {
        Request::MonitorDevice { device, .. } => Some(*device),
        _ => None,
    }
}

/// The requests of the site's own session: a monitor of each device, then the log-ins of agents as they were.
fn site_requests(
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
