//! A site on threads and the wall clock: media, file, core and store threads, and a thread for each client.
//!
//! Everything meets in the core's thread, which sleeps on one bell: the media thread rings it once a tick, the store and
//! the sessions when they have something. The core is told nothing but what happened and when, by the board's clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, TrySendError, bounded};
use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};
use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink};
use tipring_core::core::Core;
use tipring_core::csta::SystemStatus;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ReplyData, RequestData};
use tipring_core::csta::request::{Reply, ReportData, Request};
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::ids::{InvokeId, MonitorCrossRefId, SessionId};
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{GROUP_WAIT_MS, Store, StoreReply, StoreRequest};
use tipring_driver::engine::{Acceptance, Command, Engine, EventSink, SharedCounters, Trouble};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaEvent;
use tipring_driver::media::file_io::FileService;
use tipring_driver::ring::{Consumer, Producer, ring};
use tipring_driver::time::Tick;
use tipring_tsapi::server::{
    Audit, Backend, Dispatcher, Server, ServerCounters, Settings as ServerSettings, TlsIdentity, TlsSettings,
};
use tipring_tsapi::session::ServerSettings as SessionSettings;
use tipring_tsapi::session::login::Tlink;

use super::cards::{self, Opened};
use super::pump::{Outside, drain};
use super::realtime;
use super::site::{SiteAccounts, SiteLibrary, core_config, engine_settings, line_settings, new_agent_key};
use crate::cli::Failure;
use crate::clock::{self, Stopwatch};
use crate::config::SiteConfig;

/// Entries of the rings between the engine and the core.
const RING: usize = 4096;
/// What sessions may have in flight towards the core, all together.
const INBOX: usize = 4096;
/// What may be in flight towards the store.
const STORE_INBOX: usize = 16_384;
/// How often the file thread looks at its rings.
const FILE_PERIOD: Duration = Duration::from_millis(2);
/// How long the store waits before it tries a group again that the database would not take.
const STORE_RETRY: Duration = Duration::from_millis(100);
/// How long recordings may take to come to their ends when the site stops.
const SETTLE_MAX: Duration = Duration::from_secs(5);
/// How many ticks back it is known when they began.
const TICKS_KNOWN: usize = 4096;

/// The Tlink of a site.
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

/// Something that went wrong at the edge, or is worth a line in the log.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// A site at work.
pub struct Running {
    stop: Arc<AtomicBool>,
    closing: Arc<AtomicBool>,
    settled: Receiver<()>,
    media: JoinHandle<()>,
    tx_watchdog: JoinHandle<()>,
    files: JoinHandle<()>,
    core: JoinHandle<()>,
    store: JoinHandle<()>,
    server: Server,
    counters: SharedCounters,
    latency: Latency,
    found: Vec<String>,
}

impl Running {
    /// Opens the cards and starts everything, in order.
    pub fn start(site: &SiteConfig, epoch_ms: i64, store: SqliteStore, log: Log) -> Result<Running, Failure> {
        let opened = cards::open_all(&site.boards, line_settings(site.country)?)?;
        let Opened { cards, mut pace, tx_watchdog, found } = opened;
        let channels = cards.iter().map(|card| card.ports()).sum();
        let table = Arc::new(ChannelTable::new(channels));
        let agent_key = new_agent_key()?;
        let core = Core::new(core_config(site, epoch_ms, agent_key)?, Arc::clone(&table))?;
        let library = SiteLibrary::new(site)?;
        let (events_in, events) = ring(RING);
        let (commands, commands_out) = ring(RING);
        let bell = Arc::new(Bell::new()?);
        let latency = Latency::default();
        let sink =
            RingingSink { inner: TableSink::new(table, events_in), bell: Arc::clone(&bell), latency: latency.clone() };
        let settings = engine_settings(site, clock::local_stamp(epoch_ms))?;
        let (mut engine, ends) = Engine::new(cards, settings, commands_out, sink);
        let files = FileService::new(ends.files, Box::new(library));
        let stop = Arc::new(AtomicBool::new(false));
        let closing = Arc::new(AtomicBool::new(false));
        let (settled_in, settled) = bounded(1);

        let (inbox_in, inbox) = bounded(INBOX);
        let backend = Arc::new(CoreInbox { inbox: inbox_in, bell: Arc::clone(&bell), log: Arc::clone(&log) });
        let accounts = Arc::new(SiteAccounts::new(site, agent_key)?);
        let server = Server::start(site.server.listen, server_settings(site)?, accounts, backend)
            .map_err(|error| format!("Listening at {} failed: {error}", site.server.listen))?;

        let (records, records_out) = bounded(STORE_INBOX);
        let (replies_in, replies) = bounded(STORE_INBOX);
        let store = spawn("store", {
            let (bell, log) = (Arc::clone(&bell), Arc::clone(&log));
            move || store_thread(store, &records_out, &replies_in, &bell, &log)
        })?;
        let media = spawn("media", {
            let (stop, log) = (Arc::clone(&stop), Arc::clone(&log));
            let processor = site.server.media_processor;
            move || {
                let kept = processor.map_or(Ok(()), realtime::keep_to);
                for why in [realtime::ask(), realtime::lock_memory(), kept].into_iter().filter_map(Result::err) {
                    log(&why);
                }
                engine.run(pace.as_mut(), &stop);
            }
        })?;
        let tx_watchdog = spawn("tx-watchdog", {
            let (stop, log) = (Arc::clone(&stop), Arc::clone(&log));
            move || {
                // What is not allowed the media thread has said already.
                let _ = realtime::ask();
                if let Err(error) = tx_watchdog.serve(&stop) {
                    log(&format!("Nobody watches whether cards are served: {error}"));
                }
            }
        })?;
        let files = spawn("files", {
            let (stop, log) = (Arc::clone(&stop), Arc::clone(&log));
            move || file_thread(files, &stop, &log)
        })?;
        let core = spawn("core", {
            let around = Around {
                commands,
                records,
                dispatcher: server.dispatcher(),
                latency: latency.clone(),
                now: Tick::ZERO,
                log: Arc::clone(&log),
            };
            let end = End { stop: Arc::clone(&stop), closing: Arc::clone(&closing), settled: settled_in };
            let ins = CoreIns { events, inbox, replies, troubles: ends.troubles, bell };
            move || core_thread(core, ins, around, &end)
        })?;
        Ok(Running {
            stop,
            closing,
            settled,
            media,
            tx_watchdog,
            files,
            core,
            store,
            server,
            counters: ends.counters,
            latency,
            found,
        })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Where clients connect for TLS, if they can.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.server.tls_address()
    }

    /// How each card was found, a sentence each.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// What the engine has counted.
    pub fn counters(&self) -> &SharedCounters {
        &self.counters
    }

    /// What the server has seen.
    pub fn server_counters(&self) -> ServerCounters {
        self.server.counters()
    }

    /// When the ticks began whose events are on their way to clients.
    pub fn latency(&self) -> &Latency {
        &self.latency
    }

    /// Stops everything in order: clients first, then the calls that stand, the card, the files, the core, and last the store,
    /// which commits what it still has.
    pub fn stop(self) -> Result<(), Failure> {
        drop(self.server);
        self.closing.store(true, Ordering::Release);
        // The core sees it at the next tick. Recordings that take longer are kept as not whole.
        let _ = self.settled.recv_timeout(SETTLE_MAX);
        self.stop.store(true, Ordering::Release);
        let threads = [
            ("media", self.media),
            ("tx-watchdog", self.tx_watchdog),
            ("files", self.files),
            ("core", self.core),
            ("store", self.store),
        ];
        for (name, thread) in threads {
            thread.join().map_err(|_| format!("The {name} thread ended by a mistake of ours"))?;
        }
        Ok(())
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Failure> {
    Ok(thread::Builder::new().name(name.into()).spawn(body)?)
}

/// What wakes the core's thread.
struct Bell(EventFd);

impl Bell {
    fn new() -> Result<Bell, Errno> {
        Ok(Bell(EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?))
    }

    fn ring(&self) {
        // Only a counter near its end could refuse, and the core empties it a thousand times a second.
        let _ = self.0.write(1);
    }

    fn wait(&self) {
        while self.0.read() == Err(Errno::EINTR) {}
    }
}

/// The table's sink, which also rings the bell: once a tick, after everything in it has been said.
struct RingingSink {
    inner: TableSink,
    bell: Arc<Bell>,
    latency: Latency,
}

impl EventSink for RingingSink {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        self.inner.line_event(now, channel, event)
    }

    fn media_event(&mut self, now: Tick, event: MediaEvent) {
        self.inner.media_event(now, event);
    }

    fn tick(&mut self, now: Tick) {
        self.inner.tick(now);
        self.latency.tick(now);
        self.bell.ring();
    }
}

/// How long events take from the tick that decided them to a client in this process.
#[derive(Clone)]
pub struct Latency(Arc<LatencyState>);

struct LatencyState {
    watch: Stopwatch,
    /// When the last ticks ended, in µs by `watch`.
    ticks: [AtomicU64; TICKS_KNOWN],
    /// The ticks of the reports on their way, oldest first, by session.
    reports: parking_lot::Mutex<BTreeMap<SessionId, std::collections::VecDeque<Tick>>>,
}

impl Default for Latency {
    fn default() -> Latency {
        Latency(Arc::new(LatencyState {
            watch: Stopwatch::start(),
            ticks: [const { AtomicU64::new(0) }; TICKS_KNOWN],
            reports: parking_lot::Mutex::default(),
        }))
    }
}

impl Latency {
    fn tick(&self, now: Tick) {
        self.0.ticks[now.0 as usize % TICKS_KNOWN].store(self.0.watch.micros(), Ordering::Relaxed);
    }

    fn sent(&self, session: SessionId, now: Tick) {
        let mut reports = self.0.reports.lock();
        let waiting = reports.entry(session).or_default();
        // Nobody in this process may be taking them out: what is too old to be known is of no use.
        if waiting.len() >= TICKS_KNOWN {
            waiting.pop_front();
        }
        waiting.push_back(now);
    }

    /// A client of this process has the next report of its session in hand: how long that took, in µs.
    pub fn received(&self, session: SessionId) -> Option<u64> {
        let now = self.0.watch.micros();
        let tick = self.0.reports.lock().get_mut(&session)?.pop_front()?;
        Some(now.saturating_sub(self.0.ticks[tick.0 as usize % TICKS_KNOWN].load(Ordering::Relaxed)))
    }
}

/// What a session wants of the core.
#[expect(clippy::large_enum_variant, reason = "requests are the most frequent")]
enum Wish {
    Opened(SessionId, String),
    Request(SessionId, InvokeId, Request, Option<Box<RequestData>>),
    Closed(SessionId),
}

/// The sessions' way to the core.
struct CoreInbox {
    inbox: Sender<Wish>,
    bell: Arc<Bell>,
    log: Log,
}

impl CoreInbox {
    /// For what must not be lost: waits until there is room. The core empties its inbox without ever waiting for us.
    fn put(&self, wish: Wish) {
        // The core's thread ends after the sessions.
        let _ = self.inbox.send(wish);
        self.bell.ring();
    }
}

impl Backend for CoreInbox {
    fn opened(&self, session: SessionId, login: &str) {
        self.put(Wish::Opened(session, login.to_owned()));
    }

    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let result = self.inbox.try_send(Wish::Request(session, invoke, request, data));
        self.bell.ring();
        result.map_err(|error| match error {
            TrySendError::Full(_) => UniversalFailure::ResourceLimitationRejection,
            TrySendError::Disconnected(_) => UniversalFailure::ResourceOutOfService,
        })
    }

    fn closed(&self, session: SessionId) {
        self.put(Wish::Closed(session));
    }

    fn audit(&self, entry: &Audit) {
        (self.log)(&entry.to_string());
    }
}

/// Where the core's thread hears from.
struct CoreIns {
    events: Consumer<ChannelEvent>,
    inbox: Receiver<Wish>,
    replies: Receiver<StoreReply>,
    troubles: Consumer<Trouble>,
    bell: Arc<Bell>,
}

/// Where the core's actions go.
struct Around {
    commands: Producer<Command>,
    records: Sender<StoreRequest>,
    dispatcher: Dispatcher,
    latency: Latency,
    now: Tick,
    log: Log,
}

impl Outside for Around {
    fn command(&mut self, command: Command) {
        if self.commands.push(command).is_err() {
            (self.log)("The engine has not taken its commands for so long that one found no room");
        }
    }

    fn store(&mut self, request: StoreRequest) {
        if self.records.try_send(request).is_err() {
            (self.log)("The store has not taken its records for so long that one found no room");
        }
    }

    fn reply(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        self.dispatcher.reply(session, invoke, result, data);
    }

    fn switch_request(&mut self, session: SessionId, request: SwitchRequest, data: ReportData) {
        self.dispatcher.switch_request(session, request, data);
    }

    fn event_report(&mut self, session: SessionId, report: EventReport, data: ReportData) {
        self.dispatcher.event_report(session, report, data);
    }

    fn report(&mut self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData) {
        self.latency.sent(session, self.now);
        self.dispatcher.report(session, monitor, event, data);
    }

    fn system_status(&mut self, status: SystemStatus) {
        self.dispatcher.system_status(status);
    }

    fn trouble(&mut self, what: String) {
        (self.log)(&what);
    }
}

/// How the core's thread hears of the end, and says that it is ready for it.
struct End {
    /// No call is to go on.
    closing: Arc<AtomicBool>,
    /// All calls have ended and all recordings are whole.
    settled: Sender<()>,
    /// The engine has stopped, and the thread is to end.
    stop: Arc<AtomicBool>,
}

fn core_thread(mut core: Core, mut ins: CoreIns, mut around: Around, end: &End) {
    let mut closing = false;
    loop {
        // Read before the last look at the inputs, so that what came before the stop is still taken.
        let last = end.stop.load(Ordering::Acquire);
        if !last {
            ins.bell.wait();
        }
        while let Some(event) = ins.events.pop() {
            around.now = event.at;
            core.handle_channel_event(event);
            drain(&mut core, &mut around);
        }
        for reply in ins.replies.try_iter() {
            core.handle_stored(reply);
            drain(&mut core, &mut around);
        }
        for wish in ins.inbox.try_iter() {
            match wish {
                Wish::Opened(session, login) => core.handle_session_opened(session, &login),
                Wish::Request(session, invoke, request, data) => core.handle_request(session, invoke, request, data),
                Wish::Closed(session) => core.handle_session_closed(session),
            }
            drain(&mut core, &mut around);
        }
        while let Some(trouble) = ins.troubles.pop() {
            (around.log)(&trouble.to_string());
        }
        if !closing && end.closing.load(Ordering::Acquire) {
            closing = true;
            core.handle_stop();
            drain(&mut core, &mut around);
        }
        if closing && core.is_settled() {
            // Said once is enough; nobody waits for more.
            let _ = end.settled.try_send(());
        }
        if last {
            core.handle_stopped();
            drain(&mut core, &mut around);
            return;
        }
    }
}

fn store_thread(
    mut store: SqliteStore,
    requests: &Receiver<StoreRequest>,
    replies: &Sender<StoreReply>,
    bell: &Bell,
    log: &Log,
) {
    let mut failing = false;
    let mut open = true;
    while open || store.is_pending() {
        let patience = if failing { STORE_RETRY } else { Duration::from_millis(GROUP_WAIT_MS) };
        // The first of a group waits for company; without one, the thread sleeps until there is.
        let first = if store.is_pending() {
            requests.recv_timeout(patience)
        } else {
            requests.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match first {
            Ok(request) => store.submit(request),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = false,
        }
        loop {
            match requests.try_recv() {
                Ok(request) => store.submit(request),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    open = false;
                    break;
                }
            }
        }
        match store.commit() {
            Ok(()) if failing => {
                failing = false;
                log("The database takes records again; none was lost");
            }
            Ok(()) => {}
            Err(error) => {
                if !failing {
                    log(&format!("{error}. Records wait until it does"));
                }
                failing = true;
                if !open {
                    log("Records that the database would not take are lost with the end of the program");
                    return;
                }
                thread::sleep(STORE_RETRY);
            }
        }
        let mut rung = false;
        while let Some(reply) = store.poll_reply() {
            if let StoreReply::Failed { why, .. } = &reply {
                log(why);
            }
            rung |= replies.try_send(reply).is_ok();
        }
        if rung {
            bell.ring();
        }
    }
}

fn file_thread(mut files: FileService, stop: &AtomicBool, log: &Log) {
    while !stop.load(Ordering::Acquire) {
        if files.step() == 0 {
            thread::sleep(FILE_PERIOD);
        }
        while let Some(trouble) = files.poll_trouble() {
            log(&trouble.to_string());
        }
    }
    files.finish();
    while let Some(trouble) = files.poll_trouble() {
        log(&trouble.to_string());
    }
}
