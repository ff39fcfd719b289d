//! Sessions by number and by token; the way of the switch's deliveries to them.
//!
//! Posting never waits: a delivery is put into its session's bounded queue, and the pump, a task of the runtime, takes
//! it from there into the session's replay buffer. A queue that overflows loses its part as a gap, never in silence.
//!
//! Never: touches a socket.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId, SessionId};
use tipring_csta_types::private::{ReplyData, ReportData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{AgentMode, Request, SystemStatus};
use tipring_tsapi::server::Backend;
use tokio::sync::Notify;

use crate::resumable_sessions::{ResumableSession, ResumableSessions};
use crate::session::{Delivery, ForSwitch, Session};

/// The number of the first session. Those of the TSAPI server count from 1 and never come so far.
pub(crate) const FIRST_SESSION: u32 = 0x8000_0000;
/// Deliveries that wait for one session.
const DELIVERIES_MAX: usize = 4_096;

/// A session with what waits for it.
pub(crate) struct Cell {
    pub(crate) id: SessionId,
    pub(crate) login: String,
    pub(crate) token: String,
    queue: Mutex<Queue>,
    pub(crate) session: Mutex<Session>,
    /// Notified when the replay buffer has more for the session's socket.
    pub(crate) changed: Notify,
    /// Number of the socket that serves the session now; an older one ends.
    pub(crate) socket: Mutex<u64>,
    /// Notified when a newer socket takes the session, or the session ends.
    pub(crate) taken: Notify,
}

#[derive(Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    noted: bool,
    overflowed: bool,
}

/// All sessions.
pub(crate) struct Hub {
    pub(crate) backend: Arc<dyn Backend>,
    sessions: RwLock<HashMap<SessionId, Arc<Cell>>>,
    tokens: Mutex<HashMap<String, SessionId>>,
    next: Mutex<u32>,
    /// Sessions whose queue has something, and the notification that wakes the pump.
    noted: Mutex<Vec<SessionId>>,
    wakeup: Notify,
    pub(crate) resumable_sessions: ResumableSessions,
    stopping: AtomicBool,
}

impl Hub {
    pub(crate) fn new(backend: Arc<dyn Backend>, resumable_sessions: ResumableSessions) -> Hub {
        Hub {
            backend,
            sessions: RwLock::default(),
            tokens: Mutex::default(),
            next: Mutex::new(FIRST_SESSION),
            noted: Mutex::default(),
            wakeup: Notify::new(),
            resumable_sessions,
            stopping: AtomicBool::new(false),
        }
    }

    /// Opens a session of a user. With an entry it can be resumed after the server was started anew.
    pub(crate) fn open(
        &self,
        login: &str,
        rights: Arc<Rights>,
        token: String,
        resumable: Option<ResumableSession>,
    ) -> Arc<Cell> {
        if let Some(resumable) = resumable {
            self.resumable_sessions.insert(&token, resumable);
        }
        let id = {
            let mut next = self.next.lock();
            let id = SessionId(*next);
            *next = next.checked_add(1).unwrap_or(FIRST_SESSION);
            id
        };
        let cell = Arc::new(Cell {
            id,
            login: login.into(),
            token: token.clone(),
            queue: Mutex::default(),
            session: Mutex::new(Session::new(rights)),
            changed: Notify::new(),
            socket: Mutex::new(0),
            taken: Notify::new(),
        });
        self.sessions.write().insert(id, Arc::clone(&cell));
        self.tokens.lock().insert(token, id);
        self.backend.opened(id, login);
        cell
    }

    /// Returns the session of a token.
    pub(crate) fn of_token(&self, token: &str) -> Option<Arc<Cell>> {
        let id = *self.tokens.lock().get(token)?;
        self.sessions.read().get(&id).cloned()
    }

    /// Ends a session: its monitors go, its calls stay.
    pub(crate) fn close(&self, cell: &Cell) {
        self.resumable_sessions.remove(&cell.token);
        self.end(cell);
    }

    fn end(&self, cell: &Cell) {
        self.tokens.lock().remove(&cell.token);
        if self.sessions.write().remove(&cell.id).is_some() {
            self.backend.closed(cell.id);
            cell.taken.notify_waiters();
        }
    }

    /// Returns the number of sessions there are.
    pub(crate) fn count(&self) -> usize {
        self.sessions.read().len()
    }

    fn all(&self) -> Vec<Arc<Cell>> {
        self.sessions.read().values().cloned().collect()
    }

    /// Returns the sessions that watch something.
    pub(crate) fn watchers(&self, watches: impl Fn(&Session) -> bool) -> Vec<Arc<Cell>> {
        self.sessions.read().values().filter(|cell| watches(&cell.session.lock())).cloned().collect()
    }

    /// Has every socket end once its client has what has been delivered so far.
    pub(crate) fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Release);
        for cell in self.all() {
            self.take_deliveries(&cell);
            cell.changed.notify_one();
        }
    }

    /// Returns true if the server stops.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Ends all sessions with the server. Their resumable sessions stay.
    pub(crate) fn end_all(&self) {
        self.all().iter().for_each(|cell| self.end(cell));
    }

    fn post(&self, session: SessionId, delivery: Delivery) {
        let Some(cell) = self.sessions.read().get(&session).cloned() else { return };
        let is_first = {
            let mut queue = cell.queue.lock();
            // Replies are as many as there are requests, and a request must not stay without one; rights must not stay
            // as they were.
            if queue.deliveries.len() < DELIVERIES_MAX
                || matches!(delivery, Delivery::Reply { .. } | Delivery::Rights(_))
            {
                queue.deliveries.push_back(delivery);
            } else {
                queue.overflowed = true;
            }
            !core::mem::replace(&mut queue.noted, true)
        };
        if is_first {
            self.noted.lock().push(session);
            self.wakeup.notify_one();
        }
    }

    /// The pump: moves deliveries into replay buffers, for ever.
    pub(crate) async fn pump(&self) {
        loop {
            let noted = core::mem::take(&mut *self.noted.lock());
            if noted.is_empty() {
                self.wakeup.notified().await;
            }
            for id in noted {
                if let Some(cell) = self.sessions.read().get(&id).cloned() {
                    self.take_deliveries(&cell);
                }
            }
            tokio::task::yield_now().await;
        }
    }

    fn take_deliveries(&self, cell: &Cell) {
        let (deliveries, overflowed) = {
            let mut queue = cell.queue.lock();
            queue.noted = false;
            (core::mem::take(&mut queue.deliveries), core::mem::take(&mut queue.overflowed))
        };
        {
            let mut session = cell.session.lock();
            deliveries.into_iter().for_each(|delivery| session.handle_delivery(delivery));
            if overflowed {
                session.lose();
            }
        }
        // Only snapshots are asked for here: a client's own requests are passed on as soon as they are read.
        self.pass_on(cell);
        cell.changed.notify_one();
    }

    /// Passes requests of a session on to the switch; an agent's log-in, whose password is still to be verified, is
    /// given back.
    pub(crate) fn pass_on(&self, cell: &Cell) -> Option<ForSwitch> {
        loop {
            let next = cell.session.lock().poll_request()?;
            match &next.request {
                Request::SetAgentState { mode: AgentMode::LogIn, .. } => return Some(next),
                _ => self.ask_switch(cell, next),
            }
        }
    }

    /// Asks the switch for a service.
    pub(crate) fn ask_switch(&self, cell: &Cell, ForSwitch { invoke, request, data }: ForSwitch) {
        if let Err(failure) = self.backend.request(cell.id, invoke, request, data) {
            cell.session.lock().handle_refused(invoke, failure);
            cell.changed.notify_one();
        }
    }
}

/// The core's way to the sessions of the JSON socket: replies and events. Cheap to clone; never waits.
#[derive(Clone)]
pub struct WebDispatcher(pub(crate) Arc<Hub>);

impl WebDispatcher {
    /// Returns true if a session is one of the JSON socket.
    pub const fn owns(session: SessionId) -> bool {
        session.0 >= FIRST_SESSION
    }

    /// Answers a request. Dropped if the session is gone.
    pub fn reply(
        &self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        self.0.post(session, Delivery::Reply { invoke, result, data });
    }

    /// Reports an event to a monitor of a session.
    pub fn report(&self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData) {
        self.0.post(session, Delivery::Report { monitor, event: event.clone(), data: data.clone() });
    }

    /// Asks a session for a service.
    pub fn switch_request(&self, session: SessionId, request: SwitchRequest) {
        self.0.post(session, Delivery::SwitchRequest(request));
    }

    /// Reports to a session what belongs to no monitor.
    pub fn event_report(&self, session: SessionId, report: EventReport) {
        self.0.post(session, Delivery::EventReport(report));
    }

    /// Sets the rights of a session.
    pub fn rights(&self, session: SessionId, rights: Arc<Rights>) {
        self.0.post(session, Delivery::Rights(rights));
    }

    /// Reports a change of the switch's state to every session that has asked for it.
    pub fn system_status(&self, status: SystemStatus) {
        let sessions: Vec<SessionId> = self.0.sessions.read().keys().copied().collect();
        sessions.into_iter().for_each(|session| self.0.post(session, Delivery::SystemStatus(status)));
    }
}
