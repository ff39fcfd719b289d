//! One thread and virtual time: simulated cards, driver, core, store, sessions and clients, each stepped in turn.
//!
//! A millisecond passes when everything in it has been done, so a run is a function of its seed and its inputs. The
//! cores are those of production; records and recordings are written for real.

mod cards;
mod client;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink};
use tipring_core::core::Core;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ReplyData, ReportData, RequestData};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, DeviceId, InvokeId, MonitorCrossRefId, Reply, Request, SessionId, SystemStatus,
};
use tipring_core::flow::walk::DipAnswer;
use tipring_core::input::Entry;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{GROUP_WAIT_MS, Store, StoreRequest};
use tipring_direct::SlotHandle;
use tipring_driver::card::Card;
use tipring_driver::card::tdm400p::Settings as CardSettings;
use tipring_driver::engine::{Command, Engine};
use tipring_driver::ids::PromptId;
use tipring_driver::media::file_io::FileService;
use tipring_driver::spsc::{Consumer, Producer, queue};
use tipring_driver::time::Tick;
use tipring_hw_sim::device::Device;
use tipring_tsapi::pdu::acs::AcsFailure;
use tipring_tsapi::session::client::{ClientOutput, ClientSession, ClientSettings, Incoming};
use tipring_tsapi::session::{Accounts, Report, Security, ServerOutput, ServerSession, ServerSettings};

pub use self::client::Client;
use super::pump::{Outside, Question, drain};
use super::site::{SiteAccounts, SiteLibrary, core_config, engine_settings, line_settings, new_agent_key, read_flows};
use super::sounds::Shelf;
use crate::clock::{self, Stopwatch};
use crate::config::SiteConfig;
use crate::dip::{self, Source};
use crate::failure::Failure;
use crate::log::Log;
use crate::recording::checksum;
use crate::site_clock::SiteClock;

/// Time for the checksums of recordings at the end.
const CHECKSUMS_MAX: Duration = Duration::from_secs(60);
/// Entries of the rings between the engine and the core.
const RING: usize = 4096;

/// A stream, both its ends in this process.
struct Stream<C> {
    session: SessionId,
    server: ServerSession,
    client: ClientSession,
    settings: ClientSettings,
    /// Octets that the client has not yet taken.
    unread: VecDeque<Vec<u8>>,
    program: C,
}

/// A whole site in lock-step.
pub struct Lockstep<C> {
    slots: Vec<SlotHandle>,
    engine: Engine<TableSink>,
    files: FileService,
    events: Consumer<ChannelEvent>,
    core: Core,
    accounts: SiteAccounts,
    around: Around<C>,
    /// Tick at which the oldest record not yet committed was submitted.
    pending_since: Option<Tick>,
    latencies_us: Vec<u64>,
    /// The folder of recordings.
    recordings: PathBuf,
    settings: Arc<ServerSettings>,
    listen: SocketAddr,
    /// Streams opened so far.
    opened: u32,
}

/// Surroundings of the core.
struct Around<C> {
    /// PINs that are to be verified.
    pins: Vec<(DeviceId, AgentId, AgentPassword)>,
    /// Questions to data sources, asked in turn on this thread.
    questions: Vec<Question>,
    sources: Vec<Source>,
    commands: Producer<Command>,
    store: SqliteStore,
    shelf: Arc<Shelf>,
    streams: Vec<Stream<C>>,
    refused_commands: u64,
    troubles: Vec<String>,
}

impl<C> Outside for Around<C> {
    fn inputs(&mut self, _: Vec<Entry>) {}

    fn command(&mut self, command: Command) {
        if self.commands.push(command).is_err() {
            self.refused_commands += 1;
        }
    }

    fn command_room(&mut self) -> usize {
        self.commands.room()
    }

    fn store(&mut self, request: StoreRequest) {
        self.store.submit(request);
    }

    fn dip(&mut self, question: Question) {
        self.questions.push(question);
    }

    fn compose(&mut self, prompt: PromptId, parts: Vec<PromptId>) {
        self.shelf.compose(prompt, parts);
    }

    fn reply(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.session == session) {
            stream.server.handle_reply(invoke, result, data);
        }
    }

    fn switch_request(&mut self, session: SessionId, request: SwitchRequest, data: ReportData) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.session == session) {
            stream.server.handle_switch_request(&request, &data);
        }
    }

    fn event_report(&mut self, session: SessionId, report: EventReport, data: ReportData) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.session == session) {
            stream.server.handle_event_report(&report, &data);
        }
    }

    fn report(&mut self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.session == session) {
            stream.server.handle_report(monitor, &Report::new(event.clone(), data.clone()));
        }
    }

    fn rights(&mut self, session: SessionId, rights: Arc<Rights>) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.session == session) {
            stream.server.handle_rights(rights);
        }
    }

    fn system_status(&mut self, status: SystemStatus) {
        for stream in &mut self.streams {
            stream.server.handle_system_status(status);
        }
    }

    fn verify_pin(&mut self, station: DeviceId, agent: AgentId, pin: AgentPassword) {
        self.pins.push((station, agent, pin));
    }

    fn trouble(&mut self, what: String) {
        self.troubles.push(what);
    }
}

impl<C: Client> Lockstep<C> {
    /// Puts a site together on simulated cards, with these clients. `epoch_ms` is what tick 0 means.
    pub fn new(
        site: &SiteConfig,
        devices: Vec<Box<dyn Device>>,
        epoch_ms: i64,
        mut store: SqliteStore,
        clients: Vec<(ClientSettings, C)>,
    ) -> Result<Lockstep<C>, Failure> {
        let settings = CardSettings { line: line_settings(site.country)?, ..CardSettings::default() };
        let plugged = devices.into_iter().map(|device| cards::plug(device, settings)).collect::<Result<Vec<_>, _>>()?;
        let (slots, cards): (Vec<SlotHandle>, Vec<Box<dyn Card>>) = plugged.into_iter().unzip();
        let channels = cards.iter().map(|card| card.ports()).sum();
        let table = Arc::new(ChannelTable::new(channels));
        let (events_in, events) = queue(RING);
        let (commands, commands_out) = queue(RING);
        let sink = TableSink::new(Arc::clone(&table), events_in);
        let engine_settings = engine_settings(site, clock::stamp(&SiteClock::UTC.at(epoch_ms)))?;
        let (engine, ends) = Engine::new(cards, engine_settings, commands_out, sink);
        let shelf = Arc::new(Shelf::default());
        let flows = read_flows(site, &*shelf)?;
        let files = FileService::new(ends.files, Box::new(SiteLibrary::new(site, Arc::clone(&shelf))?));
        let agent_key = new_agent_key()?;
        let mut core = Core::new(core_config(site, epoch_ms, agent_key, flows)?, table)?;
        core.handle_calendars(site.routes(epoch_ms));
        core.handle_business_days(site.business_hours().days(epoch_ms));
        store.ask_new_messages()?;
        let accounts = SiteAccounts::new(site, agent_key, Log::new(|_| {}))?;
        let settings = Arc::new(ServerSettings::new(super::threads::tlink(site)?));
        let streams = clients
            .into_iter()
            .zip(1u32..)
            .map(|((own, program), number)| Stream {
                session: SessionId(number),
                server: server_session(&settings, site.server.listen, number, Tick::ZERO),
                client: ClientSession::new(own.clone(), Duration::ZERO),
                settings: own,
                unread: VecDeque::new(),
                program,
            })
            .collect::<Vec<_>>();
        let opened = streams.len() as u32;
        let sources = site.sources.iter().map(Source::new).collect::<Result<_, _>>().map_err(|(_, why)| why)?;
        let around = Around {
            pins: Vec::new(),
            questions: Vec::new(),
            sources,
            commands,
            store,
            shelf,
            streams,
            refused_commands: 0,
            troubles: Vec::new(),
        };
        Ok(Lockstep {
            slots,
            engine,
            files,
            events,
            core,
            accounts,
            around,
            pending_since: None,
            latencies_us: Vec::new(),
            recordings: site.store.recordings.clone(),
            settings,
            listen: site.server.listen,
            opened,
        })
    }

    /// Lets a millisecond pass, and does everything that belongs to it.
    pub fn step(&mut self) -> Result<(), Failure> {
        let began = Stopwatch::start();
        for slot in &self.slots {
            slot.lock().step();
        }
        self.engine.step_once(1);
        self.files.step();
        while let Some(event) = self.events.pop() {
            self.core.handle_channel_event(event);
            drain(&mut self.core, &mut self.around);
        }
        for (station, agent, pin) in std::mem::take(&mut self.around.pins) {
            let is_right = self.accounts.verify_agent(&agent, &pin).is_some();
            self.core.handle_pin(&station, &agent, is_right);
            drain(&mut self.core, &mut self.around);
        }
        for Question { dip, source, key, wait } in std::mem::take(&mut self.around.questions) {
            let asked = match self.around.sources.iter_mut().find(|it| it.name() == source) {
                Some(source) => dip::answer(source.ask(&key.text, Duration::from_millis(wait.as_ms()))),
                None => DipAnswer::Failed(format!("there is no source {source}")),
            };
            self.core.handle_dipped(dip, asked);
            drain(&mut self.core, &mut self.around);
        }
        let now = self.engine.now();
        self.answer_from_store(now)?;
        for index in 0..self.around.streams.len() {
            if self.around.streams[index].program.dies(now) {
                self.break_off(index, now);
            }
            let stream = &mut self.around.streams[index];
            stream.server.handle_time(elapsed(now));
            stream.client.handle_time(elapsed(now));
            stream.program.handle_time(now);
        }
        while self.exchange(now, &began) {}
        Ok(())
    }

    /// The process of a client has ended, and begins anew: another stream.
    fn break_off(&mut self, index: usize, now: Tick) {
        self.opened += 1;
        let stream = &mut self.around.streams[index];
        let gone = std::mem::replace(&mut stream.session, SessionId(self.opened));
        stream.server = server_session(&self.settings, self.listen, self.opened, now);
        stream.client = ClientSession::new(stream.settings.clone(), elapsed(now));
        stream.unread.clear();
        self.core.handle_session_closed(gone);
        drain(&mut self.core, &mut self.around);
    }

    /// Commits records that have waited long enough; hands over what the store has to say.
    fn answer_from_store(&mut self, now: Tick) -> Result<(), Failure> {
        if self.around.store.is_pending() {
            let since = *self.pending_since.get_or_insert(now);
            if now.since(since).as_ms() >= GROUP_WAIT_MS {
                self.around.store.commit()?;
                self.pending_since = None;
            }
        }
        while let Some(reply) = self.around.store.poll_reply() {
            self.core.handle_stored(reply);
            drain(&mut self.core, &mut self.around);
        }
        Ok(())
    }

    /// Moves octets, requests and events once between clients and core; says whether anything moved.
    fn exchange(&mut self, now: Tick, began: &Stopwatch) -> bool {
        let mut moved = false;
        for index in 0..self.around.streams.len() {
            let stream = &mut self.around.streams[index];
            if !stream.unread.is_empty() && stream.program.reads(now) {
                moved = true;
                for octets in stream.unread.drain(..) {
                    stream.client.handle_octets(elapsed(now), &octets);
                }
            }
            while let Some((request, data)) = stream.program.poll_refined() {
                moved |= match data == RequestData::default() {
                    true => stream.client.request(&request).is_ok(),
                    false => stream.client.request_with(&request, &data).is_ok(),
                };
            }
            while let Some(output) = stream.client.poll_output() {
                moved = true;
                match output {
                    ClientOutput::Send(octets) => stream.server.handle_octets(elapsed(now), &octets),
                    output => {
                        if matches!(output, ClientOutput::Incoming(Incoming::Report { .. })) {
                            self.latencies_us.push(began.micros());
                        }
                        stream.program.handle_output(now, &output);
                    }
                }
            }
            let session = stream.session;
            while let Some(output) = self.around.streams[index].server.poll_output() {
                moved = true;
                match output {
                    ServerOutput::Send(octets) => self.around.streams[index].unread.push_back(octets),
                    ServerOutput::LogIn { login, password } => {
                        let rights = self.accounts.verify(login.as_str(), &password.0);
                        let result = rights.ok_or(AcsFailure::BadPasswordOrLogin);
                        self.around.streams[index].server.handle_login(elapsed(now), result);
                    }
                    ServerOutput::Opened { login } => self.core.handle_session_opened(session, login.as_str()),
                    ServerOutput::Request { invoke, mut request, data } => {
                        if let Request::SetAgentState { mode: AgentMode::LogIn, agent_id, password, .. } = &mut request
                        {
                            let Some(known) = self.accounts.verify_agent(agent_id, password) else {
                                let failure = Err(UniversalFailure::GenericUnspecified);
                                self.around.streams[index].server.handle_reply(invoke, failure, None);
                                continue;
                            };
                            *password = known;
                        }
                        self.core.handle_request(session, invoke, request, data);
                    }
                    ServerOutput::Closed { .. } => self.core.handle_session_closed(session),
                }
                drain(&mut self.core, &mut self.around);
            }
        }
        moved
    }

    /// The clients, for asking what they saw.
    pub fn clients(&mut self) -> impl Iterator<Item = &mut C> {
        self.around.streams.iter_mut().map(|stream| &mut stream.program)
    }

    /// The records.
    pub fn store(&mut self) -> &mut SqliteStore {
        &mut self.around.store
    }

    /// Takes the checksums of recordings that are whole. Returns those that cannot be read, as sentences.
    pub fn take_checksums(&mut self) -> Result<Vec<String>, Failure> {
        Ok(checksum::take_missing(&mut self.around.store, &self.recordings, CHECKSUMS_MAX)?)
    }

    /// Calls in progress, by the core's count.
    pub fn calls(&self) -> usize {
        self.core.calls()
    }

    /// The time.
    pub fn now(&self) -> Tick {
        self.engine.now()
    }

    /// Stops the card, finishes every file and commits every record. Gives the store back.
    pub fn finish(mut self) -> Result<Finished, Failure> {
        self.engine.stop();
        self.files.finish();
        while self.around.store.is_pending() {
            self.around.store.commit()?;
        }
        let mut troubles = self.around.troubles;
        troubles.extend(checksum::take_missing(&mut self.around.store, &self.recordings, CHECKSUMS_MAX)?);
        while let Some(trouble) = self.files.poll_trouble() {
            troubles.push(trouble.to_string());
        }
        if self.around.refused_commands > 0 {
            troubles.push(format!("{} commands found no room in their ring", self.around.refused_commands));
        }
        let late_ticks = self.engine.counters().late_ticks;
        Ok(Finished { store: self.around.store, late_ticks, latencies_us: self.latencies_us, troubles })
    }
}

/// The server's end of a stream. In lock-step there is no eavesdropper: the challenge only has to differ from stream
/// to stream.
fn server_session(settings: &Arc<ServerSettings>, listen: SocketAddr, number: u32, now: Tick) -> ServerSession {
    let challenge = u64::from(number).to_le_bytes();
    ServerSession::new(Arc::clone(settings), listen, Security::Clear, challenge, elapsed(now))
}

/// Returns the sessions' time: since the start.
const fn elapsed(now: Tick) -> Duration {
    Duration::from_millis(now.0)
}

/// Results of a run.
pub struct Finished {
    /// The records.
    pub store: SqliteStore,
    /// Ticks that were served late.
    pub late_ticks: u64,
    /// From the beginning of the tick to the event in the client's hand, in microseconds.
    pub latencies_us: Vec<u64>,
    /// Faults at the edges, as sentences.
    pub troubles: Vec<String>,
}
