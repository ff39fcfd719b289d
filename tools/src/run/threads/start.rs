//! The start of a site: cards, ports, the files of an earlier run, then every thread with its ends of the queues.
//!
//! Never: starts a thread before all that can be refused has been tried.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam::channel::{Receiver, bounded};
use parking_lot::Mutex;
use tipring_core::channel::{ChannelEvent, What};
use tipring_core::config::{Config, UserConfig};
use tipring_core::core::Core;
use tipring_core::csta::AgentPassword;
use tipring_core::csta::rights::Rights;
use tipring_core::flow::book::FlowBook;
use tipring_core::limits::SESSIONS_MAX;
use tipring_core::store::sqlite::SqliteStore;
use tipring_driver::engine::Command;
use tipring_driver::spsc::{Consumer, Producer, queue};
use tipring_driver::time::Tick;
use tipring_tsapi::server::{CONNECTIONS_MAX, Server, Settings as ServerSettings, TlsSettings};
use tipring_tsapi::session::ServerSettings as SessionSettings;
use tipring_tsapi::session::login::Tlink;
use tipring_web::{WebServer, WebSettings};

use super::board::BoardSide;
use super::commands::CommandsOut;
use super::core::{Beginning, End, Inputs, Outputs, core_thread};
use super::core_recovery::CameBack;
use super::dips::Dips;
use super::engine_choice::{Engaged, Own, Place, begin_anew, engage};
use super::inbox::CoreInbox;
use super::left_calls::{self, LeftCalls};
use super::recording_upkeep::Keeper;
use super::replica::ReplicaThread;
use super::restore;
use super::store::StoreThread;
use super::watchdog::{Pulse, Supervisor, Watchdog};
use super::{Meter, Running, tlink};
use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::replication;
use crate::run::certificates::Certificate;
use crate::run::clients::Clients;
use crate::run::engine::boundary::CoreEnds;
use crate::run::gauges::Gauges;
use crate::run::input_log::{self, InputLog};
use crate::run::observe::{Observed, Observer};
use crate::run::ports;
use crate::run::records::{Listening, SiteRecords};
use crate::run::site::{SiteAccounts, core_config, new_agent_key, read_flows, recordings_folder};
use crate::run::sources::{Sources, length_of, lines_of};
use crate::run::taps::Taps;

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
/// The log-in of the site's own session; no client can have it, for it is longer than a log-in of the wire.
const SITE_LOGIN: &str = "the site itself: monitors of its devices, agents' log-ins after a restart";

/// The core has room for every client that the two servers admit, and for the site itself.
const _: () = assert!(CONNECTIONS_MAX + tipring_web::SESSIONS_MAX < SESSIONS_MAX);

/// The user of the site's own session.
pub(super) fn site_user() -> UserConfig {
    UserConfig { login: SITE_LOGIN.into(), rights: Rights::everything() }
}

/// The settings of a site's server, and its certificate, if it has one.
fn server_settings(site: &SiteConfig) -> Result<(ServerSettings, Option<Certificate>), Failure> {
    let mut settings = ServerSettings::new(SessionSettings::new(tlink(site)?));
    settings.session.clear_streams = site.server.clear_streams;
    let Some(tls) = &site.server.tls else { return Ok((settings, None)) };
    let identity = Certificate::load(&tls.pair())?;
    let tlink = Tlink::secure(&site.server.switch, &site.server.server)?;
    settings.tls = Some(TlsSettings { address: tls.listen, tlink, identity: identity.tls.clone() });
    Ok((settings, Some(identity)))
}

/// Opens the JSON socket, if the site has one; with its certificate, if that has one.
fn listen_for_json(
    site: &SiteConfig,
    accounts: &Arc<SiteAccounts>,
    backend: &Arc<CoreInbox>,
    records: &Arc<SiteRecords>,
) -> Result<(Option<WebServer>, Option<Certificate>), Failure> {
    let Some(json) = &site.server.json else { return Ok((None, None)) };
    let mut settings = WebSettings::new(json.listen);
    let identity = json.tls.as_ref().map(Certificate::load).transpose()?;
    settings.tls = identity.as_ref().map(|identity| identity.tls.clone());
    settings.origins.clone_from(&json.origins);
    settings.resumable_sessions = Some(site.store.database.with_extension("sessions"));
    let (accounts, backend) = (Arc::clone(accounts) as Arc<_>, Arc::clone(backend) as Arc<_>);
    let web = WebServer::start(settings, accounts, backend, Arc::clone(records) as Arc<_>)
        .map_err(|error| ports::failure(ports::JSON, json.listen, &error))?;
    Ok((Some(web), identity))
}

/// The log of inputs of a core that begins.
fn first_log(
    path: &Path,
    engine: u64,
    agent_key: AgentPassword,
    core: &Core,
    (commands, events): (&Producer<Command>, &Consumer<ChannelEvent>),
) -> Result<InputLog, Failure> {
    let (commands, taken) = (commands.position(), events.position());
    let core = core.checkpoint().ok_or("The core has begun before its log")?;
    InputLog::begin(
        path,
        engine,
        &input_log::Beginning { agent_key, commands, taken, site: Vec::new(), ended: (0, 0), core },
    )
}

/// The observer's thread: computes from what the core reports, and logs its lines.
fn observer_thread(observed: Receiver<Observed>, observer: &Mutex<Observer>, log: &Log) {
    for observation in observed {
        let line = observer.lock().handle(observation);
        if let Some(line) = line {
            log.line(line);
        }
    }
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
        let Engaged { ends, sounds, found, place } = engage(site)?;
        let CoreEnds { table, mut events, mut commands, composed, counters, files, waker } = ends;
        let inputs = input_log::path_beside(&site.store.database);
        let left = place.run().map(|run| LeftCalls::find(&inputs, run, &log));
        let agent_key = left.as_ref().and_then(LeftCalls::agent_key).map_or_else(new_agent_key, Ok)?;
        // Tick 0 by the wall clock: the engine may have begun long ago.
        let began = Tick(counters.engine().ticks);
        let tick_zero_ms = epoch_ms - began.0 as i64;
        let mut config = core_config(site, tick_zero_ms, agent_key, read_flows(site, &*sounds)?)?;
        config.users.push(site_user());
        let (inbox_in, inbox) = bounded(INBOX);
        let backend = Arc::new(CoreInbox { inbox: inbox_in, waker: Arc::clone(&waker), log: Log::clone(&log) });
        let accounts = Arc::new(SiteAccounts::new(site, agent_key, Log::clone(&log))?);
        let records = Arc::new(SiteRecords::new(site));
        let taps: Arc<Taps> = Arc::default();
        // The sound of an engine in another process does not come here.
        if let Place::Here(_) = &place {
            let core = Arc::clone(&backend) as Arc<_>;
            records.set_listening(Listening { taps: Arc::clone(&taps), core, log: Log::clone(&log) });
        }
        let (web, web_identity) = listen_for_json(site, &accounts, &backend, &records)?;
        let (settings, identity) = server_settings(site)?;
        let server = Server::start(
            site.server.listen,
            settings,
            Arc::clone(&accounts) as Arc<_>,
            Arc::clone(&backend) as Arc<_>,
        )
        .map_err(|error| {
            let (key, address) = ports::taken_of_tsapi(site);
            ports::failure(key, address, &error)
        })?;

        // Cards and port are held: no other site works on these files.
        if let Some(run) = place.run() {
            store.begin_wall_clock(began, epoch_ms);
            store.set_run(run);
        }
        let now_ms = epoch_ms.max(0) as u64;
        let (given, observer) = (commands.position(), Observer::new(site));
        let back = match left {
            Some(left) => {
                // What was set aside counts as kept.
                restore::read_in_aside(site, &mut store, &log);
                left.take_over(&table, given, &mut events, &mut store, observer, now_ms)?
            }
            None => None,
        };
        let (came_back, is_apart) = (back.is_some(), place.run().is_some());
        let (restart_attempts, mut cut_off) =
            (back.as_ref().map(|(_, restart_attempts)| Arc::clone(restart_attempts)), 0);
        // Flows go the way of a reload.
        let settings = came_back.then(|| Config { flows: FlowBook::default(), ..config.clone() });
        let ended = back.as_ref().map_or((0, 0), |(back, _)| back.observer.ended_calls());
        let (core, beginning, devices, observer, input_log) = match back {
            Some((CameBack { core, unsent, kept, site: devices, observer, log: input_log }, restart_attempts)) => {
                log(Level::Info, &format!("came back to {} calls", core.calls()));
                left_calls::gone(&core, site).iter().for_each(|text| log(Level::Warning, text));
                (core, Beginning::CameBack { unsent, kept, restart_attempts }, devices, observer, Some(input_log))
            }
            None => {
                let ended = match &place {
                    Place::Here(_) => Vec::new(),
                    Place::Elsewhere(_) => begin_anew(site, &table, &mut commands, &mut events, &files),
                };
                cut_off = restore::bring_in_order(site, &mut store, &mut config, &ended, &log)?;
                let mut observer = Observer::new(site);
                observer.read_log(&store, now_ms, config.last_entry)?;
                let mut core = Core::new(config, Arc::clone(&table))?;
                let mut input_log = None;
                if let Some(engine) = place.run() {
                    store.begin_run(engine)?;
                    core.keep_log();
                    input_log = Some(first_log(&inputs, engine, agent_key, &core, (&commands, &events))?);
                    core.handle_channel_event(ChannelEvent { at: began, what: What::Tick });
                    // With the next tick, when the site's session monitors the lines.
                    table.set_begun();
                }
                core.handle_calendars(site.routes(epoch_ms));
                core.handle_business_days(site.business_hours().days(epoch_ms));
                let requests = restore::site_requests(site, &store, agent_key, epoch_ms, &log)?;
                let devices = requests.iter().map_while(|(request, _)| restore::monitored(request)).collect();
                (core, Beginning::New { login: SITE_LOGIN, requests }, devices, observer, input_log)
            }
        };
        let (events_gauge, lines_table) = (events.gauge(), table);
        let stop = Arc::new(AtomicBool::new(false));
        let draining = Arc::new(AtomicBool::new(false));
        let closing = Arc::new(AtomicBool::new(false));
        let leaving = Arc::new(AtomicBool::new(false));
        let last_tick = Arc::new(AtomicBool::new(false));
        let (settled_in, settled) = bounded(1);
        let (jobs, jobs_out) = bounded(STORE_INBOX);
        let (replies_in, replies) = bounded(STORE_INBOX);
        let (store_end_in, store_end) = bounded(1);
        let (observer_in, observed) = bounded(OBSERVER_INBOX);
        let observer = Arc::new(Mutex::new(observer));
        records.set_observer(Arc::clone(&observer));
        let core_pulse = Pulse::default();
        let gauges = Arc::new(Gauges::new(files));
        gauges.set_cut_off(cut_off);
        let sources = Arc::new(Sources {
            observer: Arc::clone(&observer),
            counters: counters.clone(),
            engine: place.process(),
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
            move || observer_thread(observed, &observer, &log)
        })?;
        supervisor.spawn("store", {
            let (gauges, log) = (Arc::clone(&gauges), Log::clone(&log));
            let recordings = site.store.recordings.clone();
            let store = StoreThread {
                store,
                jobs: jobs_out,
                replies: replies_in,
                aside: restore::aside(site),
                recordings,
                owes: false,
                gauges,
                import: None,
                log,
            };
            let waker = Arc::clone(&waker);
            move || {
                let _ = store_end_in.send(store.run(&waker));
            }
        })?;
        supervisor.spawn("keeper", {
            let keeper = Keeper {
                store: SqliteStore::open_to_read(&site.store.database)?,
                folder: recordings_folder(site)?,
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
        if let Some(replica) = replication::replica_at(site.store.replica())? {
            gauges.replica_begins();
            let (gauges, log) = (Arc::clone(&gauges), Log::clone(&log));
            let store = SqliteStore::open_to_read(&site.store.database)?;
            let thread = ReplicaThread { store, replica, jobs: jobs.clone(), gauges, log };
            let stop = Arc::clone(&stop);
            supervisor.spawn("replica", move || thread.run(&stop))?;
        }
        let last = {
            // After the last tick nothing else wakes it: a core that waits for one more would wait for ever.
            let (last_tick, waker) = (Arc::clone(&last_tick), Arc::clone(&waker));
            move || {
                last_tick.store(true, Ordering::Release);
                waker.wake();
            }
        };
        let troubles = match place {
            Place::Here(own) => {
                let Own { opened, ends, shelf } = *own;
                let (board, troubles) = BoardSide::new(site, epoch_ms, opened, ends, (shelf, taps), meter.clone())?;
                board.spawn(&mut supervisor, &stop, &log, last)?;
                troubles
            }
            Place::Elsewhere(link) => {
                let (stop, log) = (Arc::clone(&stop), Log::clone(&log));
                supervisor.spawn_then("engine", move || link.wait(&stop, &log), last)?;
                // The engine logs its own.
                queue(1).1
            }
        };
        let (answers_in, answers) = bounded(ANSWERS);
        let dips = Arc::new(Dips::new(answers_in, Arc::clone(&waker), Log::clone(&log)));
        dips.set(&site.sources)?;
        let (pins, pins_out) = bounded(PINS);
        supervisor.spawn("pins", {
            let (accounts, backend) = (Arc::clone(&accounts), Arc::clone(&backend));
            move || backend.verify_pins(&*accounts, &pins_out)
        })?;
        // Their threads end with the last of these: the core, by which they end, is reported first.
        let outlive = (observer_in.clone(), pins.clone());
        let core_runs = {
            let outs = Outputs {
                commands: CommandsOut::new(commands),
                records: jobs.clone(),
                waiting: VecDeque::new(),
                clients: Clients::new(server.dispatcher(), web.as_ref().map(WebServer::dispatcher)),
                observer: observer_in,
                is_observer_behind: false,
                composed,
                dips: Arc::clone(&dips),
                unasked: VecDeque::new(),
                meter,
                now: Tick::ZERO,
                log,
                pins,
                site: devices,
                input_log,
                taken: events.position(),
                ended,
                agent_key,
            };
            let end = End {
                draining: Arc::clone(&draining),
                closing: Arc::clone(&closing),
                leaving: Arc::clone(&leaving),
                settled: settled_in,
                last_tick,
            };
            let ins = Inputs { events, inbox, replies, troubles, answers, waker };
            let pulse = core_pulse.clone();
            let gauges = Arc::clone(&gauges);
            move || core_thread(core, ins, outs, beginning, &pulse, &gauges, &end)
        };
        supervisor.spawn_then("core", core_runs, move || drop(outlive))?;
        let running = Running {
            stop,
            draining,
            closing,
            leaving,
            is_apart,
            restart_attempts,
            settled,
            supervisor,
            core_pulse,
            core_watchdog: Watchdog::new("core"),
            media_watchdog: Watchdog::new("media"),
            jobs,
            inbox: backend,
            sounds,
            accounts,
            agent_key,
            dips,
            store_end,
            server,
            web,
            identities: identity.into_iter().chain(web_identity).collect(),
            counters,
            observer,
            gauges,
            sources,
            records,
            found,
        };
        if let Some(settings) = settings {
            // The site's file may have changed since the core was made.
            running.reload(site, epoch_ms)?;
            running.inbox.set_settings(settings);
        }
        Ok(running)
    }
}
