//! Session of a client: its requests judged and numbered, deliveries of the switch turned into numbered messages.
//!
//! A session outlives its socket. What the switch delivers is written into the replay buffer whether a socket is there
//! or not; a socket reads the buffer from the number that its client has. Where a part is lost the session asks the
//! switch for snapshots of all that it monitors, which come as messages in the same order as the events: the state in a
//! snapshot is that after all events with smaller numbers.
//!
//! Never: touches a socket, a lock, or a clock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{CallId, ConnectionId, DeviceId, InvokeId, MonitorCrossRefId};
use tipring_csta_types::private::{ReplyData, ReportData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{Request, SystemStatus};
use tipring_tsapi::session::StatusFilter;

use crate::changes::Watched;
use crate::figures::{QueueFigures, Watch};
use crate::message::{self, Asked, Refused, Snapshot};
use crate::records::{RecordsRefusal, RecordsReply, RecordsRequest};
use crate::replay_buffer::{Next, ReplayBuffer};

/// Requests of a client without a reply at a time.
pub(crate) const OUTSTANDING_MAX: usize = 64;
/// Requests for the site's records without a reply at a time.
pub(crate) const RECORDS_MAX: usize = 8;
/// Monitors of a session at a time.
pub(crate) const MONITORS_MAX: usize = 1_024;

/// A delivery of the switch for a session.
#[derive(Debug)]
pub(crate) enum Delivery {
    Reply { invoke: InvokeId, result: Result<Reply, UniversalFailure>, data: Option<Box<ReplyData>> },
    Report { monitor: MonitorCrossRefId, event: Event, data: ReportData },
    SwitchRequest(SwitchRequest),
    EventReport(EventReport),
    SystemStatus(SystemStatus),
    Rights(Arc<Rights>),
}

/// A request for the switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForSwitch {
    pub(crate) invoke: InvokeId,
    pub(crate) request: Request,
    pub(crate) data: Option<Box<RequestData>>,
}

/// The object of a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Monitored {
    Device(DeviceId),
    Call(CallId),
}

/// Effect of a reply on the monitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    Begins(Monitored),
    Ends(MonitorCrossRefId),
}

#[derive(Debug)]
enum Purpose {
    /// The client asked for it, with its own name for it.
    Client { id: Value, effect: Effect },
    /// A part of the state after a gap.
    Snapshot(Monitored),
}

/// A session.
#[derive(Debug)]
pub(crate) struct Session {
    rights: Arc<Rights>,
    buffer: ReplayBuffer,
    outstanding: BTreeMap<InvokeId, Purpose>,
    monitors: BTreeMap<MonitorCrossRefId, Monitored>,
    next_invoke: u32,
    /// Changes of the switch's status that are wanted.
    status_filter: StatusFilter,
    /// Requests for the switch, oldest first.
    requests: VecDeque<ForSwitch>,
    /// Requests for the site's records, oldest first, and the count of those without a reply.
    records: VecDeque<(Value, RecordsRequest)>,
    records_outstanding: usize,
    /// Replies without a number, for the socket that asked.
    unnumbered: VecDeque<String>,
    /// Live figures, if the client watches them.
    figures: Option<Watch>,
    /// The lists that the client has open.
    pub(crate) watched: Watched,
    /// Requests that were refused for want of a right.
    pub(crate) forbidden: u64,
}

impl Session {
    pub(crate) fn new(rights: Arc<Rights>) -> Session {
        Session {
            rights,
            buffer: ReplayBuffer::default(),
            outstanding: BTreeMap::new(),
            monitors: BTreeMap::new(),
            next_invoke: 1,
            status_filter: StatusFilter::default(),
            requests: VecDeque::new(),
            records: VecDeque::new(),
            records_outstanding: 0,
            unnumbered: VecDeque::new(),
            figures: None,
            watched: Watched::default(),
            forbidden: 0,
        }
    }

    /// Returns the next request for the switch.
    pub(crate) fn poll_request(&mut self) -> Option<ForSwitch> {
        self.requests.pop_front()
    }

    /// Returns the message after a number.
    pub(crate) fn after(&self, last: u64) -> Next {
        self.buffer.after(last)
    }

    /// Returns the message after a number. With a gap, the state after it is asked for.
    pub(crate) fn next(&mut self, last: u64) -> Next {
        let next = self.after(last);
        if let Next::Gap { .. } = next {
            self.begin_snapshots();
        }
        next
    }

    /// A message of the client. Returns true if it ends the session.
    pub(crate) fn handle_text(&mut self, text: &str) -> bool {
        match message::read(text) {
            Ok(Asked::Close) => return true,
            Ok(Asked::Service { id, request, data }) => self.handle_service(id, request, data),
            Ok(Asked::Records { id, request }) => self.ask_records(id, request),
            Err(refused) => self.refuse(refused),
        }
        false
    }

    fn refuse(&mut self, refused: Refused) {
        self.buffer.append(|number| message::numbered(number, message::refusal(refused)));
    }

    /// The rights are judged where the records are.
    fn ask_records(&mut self, id: Value, request: RecordsRequest) {
        if self.records_outstanding + self.unnumbered.len() >= RECORDS_MAX {
            let failure = UniversalFailure::OutstandingRequestLimitExceeded;
            return self.refuse(Refused {
                id,
                failure,
                why: "too many requests for records are without a reply".into(),
            });
        }
        self.records_outstanding += 1;
        self.records.push_back((id, request));
    }

    /// Returns the next request for the site's records.
    pub(crate) fn poll_records(&mut self) -> Option<(Value, RecordsRequest)> {
        self.records.pop_front()
    }

    /// The answer to a request for the site's records.
    pub(crate) fn handle_records(&mut self, id: Value, is_act: bool, result: Result<RecordsReply, RecordsRefusal>) {
        self.records_outstanding = self.records_outstanding.saturating_sub(1);
        let object = message::records_answer(id, result);
        match is_act {
            true => self.buffer.append(|number| message::numbered(number, object)),
            false => self.unnumbered.push_back(Value::Object(object).to_string()),
        }
    }

    /// Returns the next message without a number: a reply, lists to be read anew, or live figures.
    pub(crate) fn poll_unnumbered(&mut self) -> Option<String> {
        self.unnumbered.pop_front().or_else(|| self.watched.poll()).or_else(|| self.figures.as_mut()?.poll())
    }

    /// A new socket serves the session: replies without a number are lost with the old one.
    pub(crate) fn drop_unnumbered(&mut self) {
        self.unnumbered.clear();
        self.figures.iter_mut().for_each(Watch::begin_anew);
    }

    /// The client watches live figures from now on.
    pub(crate) fn watch_figures(&mut self) {
        self.figures = Some(Watch::new(self.rights.observed()));
    }

    /// Returns true if the client watches live figures.
    pub(crate) const fn watches_figures(&self) -> bool {
        self.figures.is_some()
    }

    /// Takes the live figures over. Returns true if there are new ones for the socket.
    pub(crate) fn offer_figures(&mut self, all: &[QueueFigures]) -> bool {
        self.figures.as_mut().is_some_and(|watch| watch.offer(all))
    }

    /// Returns the rights of the user.
    pub(crate) fn rights(&self) -> Arc<Rights> {
        Arc::clone(&self.rights)
    }

    fn handle_service(&mut self, id: Value, request: Request, data: Option<Box<RequestData>>) {
        let judged = match self.rights.check(&request, data.as_deref()) {
            Err(failure) => {
                self.forbidden += 1;
                Err((failure, "the user has no right to this service or device"))
            }
            Ok(()) if self.outstanding.len() >= OUTSTANDING_MAX => {
                Err((UniversalFailure::OutstandingRequestLimitExceeded, "too many requests are without a reply"))
            }
            Ok(()) if self.monitors.len() >= MONITORS_MAX && matches!(effect(&request), Effect::Begins(_)) => {
                Err((UniversalFailure::OverallMonitorLimitExceeded, "the session has too many monitors"))
            }
            Ok(()) => Ok(()),
        };
        match judged {
            Ok(()) => {
                let purpose = Purpose::Client { id, effect: effect(&request) };
                self.ask(purpose, request, data);
            }
            Err((failure, why)) => self.refuse(Refused { id, failure, why: why.into() }),
        }
    }

    fn ask(&mut self, purpose: Purpose, request: Request, data: Option<Box<RequestData>>) {
        let invoke = InvokeId(self.next_invoke);
        self.next_invoke = self.next_invoke.wrapping_add(1);
        if Request::is_confirmed(request.number()) {
            self.outstanding.insert(invoke, purpose);
        }
        self.requests.push_back(ForSwitch { invoke, request, data });
    }

    /// Takes a delivery of the switch.
    pub(crate) fn handle_delivery(&mut self, delivery: Delivery) {
        let object = match delivery {
            Delivery::Reply { invoke, result, data } => match self.outstanding.remove(&invoke) {
                Some(Purpose::Client { id, effect }) => {
                    let result = self.status_filter.follow(result);
                    self.update(&result, effect);
                    message::answer(id, &result, data.as_deref())
                }
                Some(Purpose::Snapshot(of)) => return self.handle_snapshot(of, &result),
                None => return,
            },
            Delivery::Report { monitor, event, data } => {
                if matches!(event, Event::MonitorEnded { .. }) {
                    self.monitors.remove(&monitor);
                }
                message::event(&event, monitor, data.as_deref())
            }
            Delivery::Rights(rights) => {
                self.rights = rights;
                return;
            }
            Delivery::SwitchRequest(request) => message::switch_request(&request),
            Delivery::EventReport(report) => message::event_report(&report),
            Delivery::SystemStatus(status) if self.status_filter.wants(status) => {
                message::event_report(&EventReport::SystemStatus { status })
            }
            Delivery::SystemStatus(_) => return,
        };
        self.buffer.append(|number| message::numbered(number, object));
    }

    fn update(&mut self, result: &Result<Reply, UniversalFailure>, effect: Effect) {
        match (result, effect) {
            (Ok(Reply::Monitor { monitor, .. }), Effect::Begins(of)) => {
                self.monitors.insert(*monitor, of);
            }
            (Ok(_), Effect::Ends(monitor)) => {
                self.monitors.remove(&monitor);
            }
            (Ok(_) | Err(_), _) => {}
        }
    }

    /// Deliveries were lost on their way, or the client has missed messages: what it monitors is asked for again.
    fn begin_snapshots(&mut self) {
        let mut all: Vec<Monitored> = self.monitors.values().copied().collect();
        all.sort_unstable();
        all.dedup();
        if all.is_empty() {
            return self.append_snapshot(&Snapshot::Complete(true), &Ok(Reply::MonitorStop));
        }
        all.into_iter().for_each(|of| self.ask_snapshot(of));
    }

    /// Deliveries were lost on their way.
    pub(crate) fn lose(&mut self) {
        self.buffer.lose();
    }

    fn ask_snapshot(&mut self, of: Monitored) {
        let request = match of {
            Monitored::Device(device) => Request::SnapshotDevice { device },
            Monitored::Call(call) => Request::SnapshotCall { call: ConnectionId::of_call(call) },
        };
        self.ask(Purpose::Snapshot(of), request, None);
    }

    fn handle_snapshot(&mut self, of: Monitored, result: &Result<Reply, UniversalFailure>) {
        let object = match of {
            Monitored::Device(device) => Snapshot::Device(device),
            Monitored::Call(call) => Snapshot::Call(call.0),
        };
        self.append_snapshot(&object, result);
        if let Ok(Reply::SnapshotDevice { calls }) = result {
            let asked = |session: &Session, call| {
                session.outstanding.values().any(|purpose| matches!(purpose, Purpose::Snapshot(of) if *of == call))
            };
            for entry in calls {
                let call = Monitored::Call(entry.connection.call);
                if !asked(self, call) {
                    self.ask_snapshot(call);
                }
            }
        }
        if !self.outstanding.values().any(|purpose| matches!(purpose, Purpose::Snapshot(_))) {
            self.append_snapshot(&Snapshot::Complete(true), &Ok(Reply::MonitorStop));
        }
    }

    fn append_snapshot(&mut self, of: &Snapshot, result: &Result<Reply, UniversalFailure>) {
        self.buffer.append(|number| message::numbered(number, message::snapshot(of, result)));
    }

    /// Returns the number of the newest message.
    pub(crate) const fn newest(&self) -> u64 {
        self.buffer.newest()
    }

    /// The switch did not take a request.
    pub(crate) fn handle_refused(&mut self, invoke: InvokeId, failure: UniversalFailure) {
        self.handle_delivery(Delivery::Reply { invoke, result: Err(failure), data: None });
    }
}

/// Returns the effect that a good reply to a request has on the monitors.
fn effect(request: &Request) -> Effect {
    match request {
        Request::MonitorDevice { device, .. } | Request::MonitorCallsViaDevice { device, .. } => {
            Effect::Begins(Monitored::Device(*device))
        }
        Request::MonitorCall { call, .. } => Effect::Begins(Monitored::Call(call.call)),
        Request::MonitorStop { monitor } => Effect::Ends(*monitor),
        _ => Effect::None,
    }
}

#[cfg(test)]
mod tests;
