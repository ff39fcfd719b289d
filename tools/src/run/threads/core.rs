//! The core's thread: sleeps on one waker, takes what has happened, and carries out what the core decides.
//!
//! The site itself is a client of the core like any other: session 0, which monitors every device and logs agents in
//! again after a restart. Its reports go to the site's observer.
//!
//! Never: drops a record. Records without room in the store's inbox wait here, in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam::channel::{Receiver, Sender, TrySendError};
use tipring_core::channel::ChannelEvent;
use tipring_core::config::{AcdConfig, UserConfig};
use tipring_core::core::{Action, Core};
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ReplyData, ReportData, RequestData};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::{
    AgentId, AgentPassword, DeviceId, InvokeId, MonitorCrossRefId, MonitorFilter, Reply, Request, SessionId,
    SystemStatus,
};
use tipring_core::flow::book::FlowBook;
use tipring_core::input::Entry;
use tipring_core::store::{Record, StoreReply, StoreRequest};
use tipring_driver::engine::{Command, Trouble};
use tipring_driver::ids::PromptId;
use tipring_driver::spsc::{Consumer, Producer};
use tipring_driver::time::Tick;

use super::Meter;
use super::commands::CommandsOut;
use super::dips::{Answered, Dips};
use super::inbox::{Message, PinAsked};
use super::store::Job;
use super::wake::CoreWaker;
use super::watchdog::Pulse;
use crate::log::{Level, Log};
use crate::run::clients::Clients;
use crate::run::engine::composed::{self, Composed};
use crate::run::gauges::Gauges;
use crate::run::input_log::{self, InputLog};
use crate::run::observe::{Observed, SiteState};
use crate::run::pump::{Outside, Question, drain, hand_on};
use crate::run::restart_attempts::RestartAttempts;

/// Messages of clients and settings that are taken before the lines are looked at again.
const INBOX_SHARE: usize = 64;
/// The session of the site itself; the server counts clients' sessions from 1.
pub(super) const SITE: SessionId = SessionId(0);

/// The inputs of the core's thread.
pub(super) struct Inputs {
    pub(super) events: Consumer<ChannelEvent>,
    pub(super) inbox: Receiver<Message>,
    pub(super) replies: Receiver<StoreReply>,
    pub(super) troubles: Consumer<Trouble>,
    /// Answers of data sources.
    pub(super) answers: Receiver<Answered>,
    pub(super) waker: Arc<CoreWaker>,
}

/// The outputs of the core's thread.
pub(super) struct Outputs<M> {
    pub(super) commands: CommandsOut,
    pub(super) records: Sender<Job>,
    /// Requests that found the store's inbox full, oldest first.
    pub(super) waiting: VecDeque<StoreRequest>,
    pub(super) clients: Clients,
    pub(super) observer: Sender<Observed>,
    /// The observer has missed an observation.
    pub(super) is_observer_behind: bool,
    pub(super) composed: Producer<Composed>,
    pub(super) dips: Arc<Dips>,
    /// Answers to questions that no source could be asked.
    pub(super) unasked: VecDeque<Answered>,
    pub(super) meter: M,
    pub(super) now: Tick,
    pub(super) log: Log,
    /// The PINs to be verified.
    pub(super) pins: Sender<PinAsked>,
    /// The monitors of the site, by the number of the request that began them.
    pub(super) site: Vec<DeviceId>,
    /// The log of inputs, if the engine is another process.
    pub(super) input_log: Option<InputLog>,
    /// Events that count as taken.
    pub(super) taken: u64,
    /// Calls that have ended, and those of them that a person has answered.
    pub(super) ended: (u64, u64),
    /// The word under which agents' PINs are known to the core.
    pub(super) agent_key: AgentPassword,
}

impl<M> Outputs<M> {
    /// Hands waiting requests to the store, as far as it has room.
    fn send_waiting(&mut self) {
        while let Some(request) = self.waiting.pop_front() {
            match self.records.try_send(Job::Request(request)) {
                Ok(()) => {}
                Err(TrySendError::Full(Job::Request(request)) | TrySendError::Disconnected(Job::Request(request))) => {
                    self.waiting.push_front(request);
                    return;
                }
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
    }

    /// Hands all waiting requests to the store.
    fn send_last(&mut self) {
        for request in self.waiting.drain(..) {
            // The store's thread runs until this end of its inbox is dropped.
            let _ = self.records.send(Job::Request(request));
        }
    }

    /// Begins the log of inputs anew with a checkpoint of the core. Returns false while that cannot be.
    fn take_checkpoint(&mut self, core: &Core) -> bool {
        let Some(log) = &mut self.input_log else { return true };
        let (Some(core), Some(commands)) = (core.checkpoint(), self.commands.given()) else { return false };
        let (agent_key, taken, ended) = (self.agent_key, self.taken, self.ended);
        let beginning = input_log::Beginning { agent_key, commands, taken, site: self.site.clone(), ended, core };
        if let Err(why) = log.checkpoint(&beginning) {
            (self.log)(Level::Error, &format!("{why}. Until there is room, this build of the program alone can go on"));
        }
        true
    }

    /// Replaces users and rights.
    fn set_users(&self, core: &mut Core, users: &[UserConfig]) {
        if let Err(why) = core.handle_users(users) {
            (self.log)(Level::Error, &format!("{why}. Users and rights stay as they were"));
        }
    }

    /// Replaces queues, agents, callers and flows, and monitors the queues that are new.
    fn set_acd_config(&mut self, core: &mut Core, (acd, flows): (AcdConfig, FlowBook)) {
        if let Err(why) = core.handle_acd_config(&acd, flows) {
            (self.log)(Level::Error, &format!("{why}. Queues, agents and flows stay as they were"));
            return;
        }
        for queue in acd.queues {
            if !self.site.contains(&queue.device) {
                let number = InvokeId(self.site.len() as u32);
                self.site.push(queue.device);
                let request = Request::MonitorDevice { device: queue.device, filter: MonitorFilter::default() };
                core.handle_request(SITE, number, request, None);
            }
        }
    }

    /// Hands a request to the store.
    fn submit(&mut self, request: StoreRequest) {
        let behind_others = !self.waiting.is_empty();
        self.waiting.push_back(request);
        if behind_others {
            return;
        }
        self.send_waiting();
        if !self.waiting.is_empty() {
            (self.log)(Level::Error, "The store's inbox is full; records wait in memory until the database takes them");
        }
    }

    fn observe(&mut self, observed: Observed) {
        self.is_observer_behind |= self.observer.try_send(observed).is_err();
    }

    /// An observer that has missed something is given the whole state, once half of its inbox is free.
    fn bring_observer_up(&mut self, core: &Core) {
        let is_half_empty =
            |observer: &Sender<Observed>| observer.len() * 2 <= observer.capacity().unwrap_or(usize::MAX);
        if self.is_observer_behind && is_half_empty(&self.observer) {
            let state = SiteState::of(core, SITE, self.ended);
            self.is_observer_behind = self.observer.try_send(Observed::SiteState(Box::new(state))).is_err();
        }
    }
}

impl<M: Meter> Outside for Outputs<M> {
    fn inputs(&mut self, entries: Vec<Entry>) {
        if let Some(log) = &mut self.input_log
            && let Err(why) = log.append(self.taken, &entries)
        {
            (self.log)(
                Level::Error,
                &format!(
                    "{why}. Calls go on, but would not outlive this program: make room and start it anew at night"
                ),
            );
            self.input_log = None;
        }
    }

    fn command(&mut self, command: Command) {
        if !self.commands.push(command) {
            (self.log)(
                Level::Error,
                "The ring of commands is full: the media thread has not taken them for too long. Commands wait, and new calls are refused until it does",
            );
        }
    }

    fn command_room(&mut self) -> usize {
        self.commands.room()
    }

    fn store(&mut self, request: StoreRequest) {
        if let StoreRequest::Keep { records, .. } = &request {
            for record in records {
                if let Record::Call(call) = record {
                    self.ended.0 += 1;
                    self.ended.1 += u64::from(call.established.is_some());
                }
                self.observe(Observed::Record(Box::new(record.clone())));
            }
        }
        self.submit(request);
    }

    fn dip(&mut self, question: Question) {
        self.unasked.extend(self.dips.ask(question));
    }

    fn compose(&mut self, prompt: PromptId, parts: Vec<PromptId>) {
        if composed::push(&mut self.composed, prompt, &parts).is_err() {
            (self.log)(Level::Warning, "Too many composed prompts wait for the file thread; a caller hears none");
        }
    }

    fn reply(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        if session != SITE {
            self.clients.reply(session, invoke, result, data);
            return;
        }
        let device = usize::try_from(invoke.0).ok().and_then(|number| self.site.get(number)).copied();
        match (result, device) {
            (Ok(Reply::Monitor { monitor, .. }), Some(device)) => self.observe(Observed::Monitor { monitor, device }),
            (Ok(_), _) => {}
            (Err(failure), Some(device)) => {
                (self.log)(Level::Warning, &format!("Events of {device} will not be logged: {failure}"));
            }
            (Err(failure), None) => {
                (self.log)(Level::Warning, &format!("An agent could not be logged in again: {failure}"));
            }
        }
    }

    fn switch_request(&mut self, session: SessionId, request: SwitchRequest, data: ReportData) {
        if session != SITE {
            self.clients.switch_request(session, request, data);
        }
    }

    fn event_report(&mut self, session: SessionId, report: EventReport, data: ReportData) {
        if session != SITE {
            self.clients.event_report(session, report, data);
        }
    }

    fn report(&mut self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData) {
        if session == SITE {
            self.observe(Observed::Event { monitor, event: Box::new(event.clone()) });
            return;
        }
        self.meter.sent(session, self.now);
        self.clients.report(session, monitor, event, data);
    }

    fn rights(&mut self, session: SessionId, rights: Arc<Rights>) {
        self.clients.rights(session, rights);
    }

    fn system_status(&mut self, status: SystemStatus) {
        self.clients.system_status(status);
    }

    fn verify_pin(&mut self, station: DeviceId, agent: AgentId, pin: AgentPassword) {
        // Where too many wait, the telephone stays silent until its user puts down and tries again.
        let _ = self.pins.try_send((station, agent, pin));
    }

    fn trouble(&mut self, what: String) {
        (self.log)(Level::Warning, &what);
    }
}

/// The flags between the core's thread and the end of the site.
pub(super) struct End {
    /// No new call is to begin.
    pub(super) draining: Arc<AtomicBool>,
    /// No call is to go on.
    pub(super) closing: Arc<AtomicBool>,
    /// The calls go on in the engine, under the next middleware.
    pub(super) leaving: Arc<AtomicBool>,
    /// All calls have ended and all recordings are whole; or the core has left its calls.
    pub(super) settled: Sender<()>,
    /// The media thread has ended, and this one is to end.
    pub(super) last_tick: Arc<AtomicBool>,
}

/// A request of the site itself, with its private data.
pub(super) type SiteRequest = (Request, Option<Box<RequestData>>);

/// The first things that the core's thread does.
pub(super) enum Beginning {
    /// The session of the site itself is opened.
    New {
        /// Its log-in.
        login: &'static str,
        /// Its requests: monitors of the devices, then the log-ins of the agents.
        requests: Vec<SiteRequest>,
    },
    /// The core has come back: its session goes on, those of clients are gone.
    CameBack {
        /// Actions that had not been carried out.
        unsent: Vec<Action>,
        /// The last answer of the store on records, which may have been lost on its way.
        kept: Option<StoreReply>,
        /// The count of come-backs, in which this one counts as failed so far.
        restart_attempts: Arc<RestartAttempts>,
    },
}

impl Beginning {
    /// Returns the count of come-backs, if this is one.
    fn carry_out<M: Meter>(self, core: &mut Core, outs: &mut Outputs<M>) -> Option<Arc<RestartAttempts>> {
        match self {
            Beginning::New { login, requests } => {
                core.handle_session_opened(SITE, login);
                for (number, (request, data)) in (0..).zip(requests) {
                    core.handle_request(SITE, InvokeId(number), request, data);
                    drain(core, outs);
                }
                None
            }
            Beginning::CameBack { unsent, kept, restart_attempts } => {
                for action in unsent {
                    match action {
                        // The observer has seen it.
                        Action::Store(request) => outs.submit(request),
                        action => hand_on(action, outs),
                    }
                }
                core.handle_drain(false);
                if let Some(reply) = kept {
                    core.handle_stored(reply);
                    drain(core, outs);
                }
                for session in core.open_sessions().filter(|&session| session != SITE).collect::<Vec<_>>() {
                    core.handle_session_closed(session);
                    drain(core, outs);
                }
                Some(restart_attempts)
            }
        }
    }
}

/// Serves until the site stops.
pub(super) fn core_thread<M: Meter>(
    mut core: Core,
    mut ins: Inputs,
    mut outs: Outputs<M>,
    beginning: Beginning,
    pulse: &Pulse,
    gauges: &Gauges,
    end: &End,
) {
    let mut restart_attempts = beginning.carry_out(&mut core, &mut outs);
    let (mut draining, mut closing) = (false, false);
    loop {
        // Read before the inputs are polled for the last time, so that the events of the last tick are still taken.
        let last = end.last_tick.load(Ordering::Acquire);
        if !last && ins.inbox.is_empty() {
            ins.waker.wait();
        }
        pulse.beat();
        outs.send_waiting();
        outs.commands.send_waiting();
        outs.bring_observer_up(&core);
        while let Some(event) = ins.events.peek(0) {
            outs.now = event.at;
            core.handle_channel_event(event);
            drain(&mut core, &mut outs);
            // Taken once it is in the log, with all that it led to.
            ins.events.advance(1);
            outs.taken = ins.events.position();
        }
        for reply in ins.replies.try_iter() {
            core.handle_stored(reply);
            drain(&mut core, &mut outs);
        }
        while let Some((dip, answer)) = outs.unasked.pop_front().or_else(|| ins.answers.try_recv().ok()) {
            core.handle_dipped(dip, answer);
            drain(&mut core, &mut outs);
        }
        for message in ins.inbox.try_iter().take(INBOX_SHARE) {
            let is_settings = matches!(message, Message::Settings(_));
            match message {
                Message::Opened(session, login) => core.handle_session_opened(session, &login),
                Message::Request(session, invoke, request, data) => core.handle_request(session, invoke, request, data),
                Message::Closed(session) => core.handle_session_closed(session),
                Message::Pin(station, agent, is_right) => core.handle_pin(&station, &agent, is_right),
                Message::WallClock(unix_ms) => core.handle_wall_clock(unix_ms),
                Message::Users(users) => outs.set_users(&mut core, &users),
                Message::AcdConfig(changed) => outs.set_acd_config(&mut core, *changed),
                Message::Settings(config) => {
                    if let Err(why) = core.handle_settings(&config) {
                        let text = format!("{why}. Dialling, keys, parking and recording stay as they were");
                        (outs.log)(Level::Error, &text);
                    }
                }
                Message::Calendars(calendars, days) => {
                    core.handle_calendars(calendars);
                    core.handle_business_days(days);
                }
                Message::RecordingRoom(has_room) => core.handle_recording_room(has_room),
                Message::EventMode(mode) => core.handle_event_mode(mode),
                Message::TrunkBlocked(trunk, blocked, answer) => {
                    // A client whose time is over needs no answer.
                    let _ = answer.try_send(core.handle_trunk_blocked(&trunk, blocked));
                }
                Message::Tap(tap, user, station, answer) => {
                    let _ = answer.try_send(core.handle_tap(tap, &user, &station));
                }
                Message::TapEnded(tap) => core.handle_tap_ended(tap),
            }
            drain(&mut core, &mut outs);
            // The site's settings are the last that a core is given as it comes back, behind all that waited for it.
            if let Some(restart_attempts) = restart_attempts.take_if(|_| is_settings) {
                restart_attempts.succeeds();
            }
        }
        while let Some(trouble) = ins.troubles.pop() {
            (outs.log)(Level::Warning, &trouble.to_string());
        }
        if !draining && end.draining.load(Ordering::Acquire) {
            draining = true;
            core.handle_drain(true);
        }
        if draining {
            gauges.set_calls_left(core.calls());
        }
        if !closing && end.closing.load(Ordering::Acquire) {
            closing = true;
            if let Some(log) = outs.input_log.take() {
                log.end();
            }
            core.handle_stop();
            drain(&mut core, &mut outs);
        }
        if closing && core.is_settled() {
            // Once is enough.
            let _ = end.settled.try_send(());
        }
        gauges.set_store_behind(core.records_waiting(), core.counters().not_admitted, core.is_store_behind());
        let leaves = end.leaving.load(Ordering::Acquire);
        if last && !leaves {
            core.handle_stopped();
            drain(&mut core, &mut outs);
        }
        let is_due = outs.input_log.as_ref().is_some_and(InputLog::is_checkpoint_due);
        let is_taken = (is_due || leaves) && outs.take_checkpoint(&core);
        if last || leaves && is_taken {
            outs.send_last();
            // The calls have ended, or are left in order.
            let _ = end.settled.try_send(());
            return;
        }
    }
}
