//! A supervisor at one of the desks: listens to the conversation of another station, whispers to its agent, barges in,
//! and leaves.
//!
//! Sans-IO, as the desk itself. A conversation is joined while the own station is free, when the programme has come to
//! it.
//!
//! Never: speaks or hears; the agent's hands and ears are in the simulator.

use tipring_core::csta::event::Event;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::tipring::{Remark, SupervisionMode, TipringRequest};
use tipring_core::csta::{CallId, ConnectionDevice, ConnectionId, DeviceId, LocalConnectionState, Request};
use tipring_core::time::{Tick, Ticks};

use super::programme::{Act, Programme};

/// Time for which a conversation could be joined, before it is.
const CURIOUS_AFTER: Ticks = Ticks::from_ms(1500);

/// The task of a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// The supervised station.
    pub station: DeviceId,
    /// Length of each part of the supervision.
    pub each: Ticks,
    /// Calls that alert there are picked up from here.
    pub picks_up: bool,
}

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Waits for a conversation at the station.
    Wait,
    /// Is on the way: the own telephone rings.
    Joining(ConnectionId),
    /// Has a part, until then.
    In(SupervisionMode, Tick, ConnectionId),
}

/// A supervisor.
#[derive(Debug)]
pub struct Supervisor {
    task: Task,
    own: DeviceId,
    programme: Programme,
    next: Next,
    /// The conversation of the supervised station.
    talk: Option<ConnectionId>,
    /// Start of the time in which it could be joined.
    could_since: Option<Tick>,
}

impl Supervisor {
    /// A supervisor at a station.
    pub const fn new(own: DeviceId, task: Task, programme: Programme) -> Supervisor {
        Supervisor { task, own, programme, next: Next::Wait, talk: None, could_since: None }
    }

    /// The supervised station.
    pub const fn station(&self) -> DeviceId {
        self.task.station
    }

    /// Takes an event of the supervised station's monitor.
    pub fn handle_station(&mut self, event: &Event) {
        match event {
            Event::Established { established_connection: connection, local: LocalConnectionState::Connect, .. }
                if connection.device == self.task.station =>
            {
                self.talk = Some(*connection);
            }
            Event::Conferenced { conference_connections, .. } => {
                let own = conference_connections.iter().find(|it| it.party.device == self.task.station);
                self.talk = own.map(|it| it.party);
            }
            Event::Transferred { transferred_connections, .. } => {
                let own = transferred_connections.iter().find(|it| it.party.device == self.task.station);
                self.talk = own.map(|it| it.party);
            }
            // Of a conference, the call goes on when one of its parties leaves.
            Event::ConnectionCleared { dropped_connection, .. } if dropped_connection.device == self.own => {}
            Event::ConnectionCleared { dropped_connection, .. }
                if self.talk.is_some_and(|talk| talk.call == dropped_connection.call) =>
            {
                self.talk = None;
            }
            _ => {}
        }
    }

    /// Takes an event of the own station's monitor. Returns the part that has begun, with its call.
    pub fn handle_own(&mut self, now: Tick, event: &Event) -> Option<(SupervisionMode, CallId)> {
        match (event, self.next) {
            (Event::Established { established_connection, .. }, Next::Joining(connection))
                if established_connection.device == self.own && established_connection.call == connection.call =>
            {
                self.next = Next::In(SupervisionMode::Listen, now + self.task.each, connection);
                return Some((SupervisionMode::Listen, connection.call));
            }
            (Event::Failed { failed_connection, .. }, Next::Joining(_)) if failed_connection.device == self.own => {
                self.put_back();
            }
            // The caller has gone: nothing is left to be supervised.
            (Event::ConnectionCleared { dropped_connection, .. }, Next::In(mode, _, connection))
                if dropped_connection.call == connection.call
                    && (dropped_connection.kind == ConnectionDevice::Dynamic
                        || dropped_connection.device == self.own) =>
            {
                let is_gone = dropped_connection.device == self.own;
                match mode {
                    SupervisionMode::Barge if is_gone => self.programme.finish(),
                    SupervisionMode::Barge => {}
                    _ => self.put_back(),
                }
                self.next = if is_gone { Next::Wait } else { Next::In(SupervisionMode::Barge, now, connection) };
            }
            _ => {}
        }
        None
    }

    /// Takes the confirmation of a change of part. Returns the part and its call.
    pub const fn confirmed(&self) -> Option<(SupervisionMode, CallId)> {
        match self.next {
            Next::In(mode, _, connection) => Some((mode, connection.call)),
            _ => None,
        }
    }

    /// A request was refused: the conversation has ended in this moment, or the own station has a call.
    pub fn refused(&mut self) {
        if self.next != Next::Wait {
            self.put_back();
        }
    }

    /// Cut off before all of it was shown: it is shown in another conversation.
    fn put_back(&mut self) {
        self.programme.put_back(Act::Supervision);
        self.next = Next::Wait;
        self.could_since = None;
    }

    /// Returns the request that is due.
    pub fn poll_request(&mut self, now: Tick, is_free: bool) -> Option<(&'static str, Request, RequestData)> {
        let supervise = |active_call, mode| TipringRequest::SuperviseCall {
            active_call,
            supervisor: self.own,
            mode,
            follow: false,
            remark: Remark("demonstration".into()),
        };
        let (what, request, next) = match self.next {
            Next::Wait => {
                let Some(connection) = self.talk.filter(|_| is_free) else {
                    self.could_since = None;
                    return None;
                };
                if now < *self.could_since.get_or_insert(now) + CURIOUS_AFTER {
                    return None;
                }
                if !self.programme.take(Act::Supervision) {
                    return None;
                }
                ("listen", supervise(connection, SupervisionMode::Listen), Next::Joining(connection))
            }
            Next::In(mode, until, connection) if now >= until => {
                let next = |mode| Next::In(mode, now + self.task.each, connection);
                match mode {
                    SupervisionMode::Listen => {
                        ("whisper", supervise(connection, SupervisionMode::Whisper), next(SupervisionMode::Whisper))
                    }
                    SupervisionMode::Whisper => {
                        ("barge in", supervise(connection, SupervisionMode::Barge), next(SupervisionMode::Barge))
                    }
                    SupervisionMode::Barge => {
                        self.programme.finish();
                        ("leave", TipringRequest::StopSupervision { supervisor: self.own }, Next::Wait)
                    }
                }
            }
            _ => return None,
        };
        self.next = next;
        Some((what, Request::Escape, RequestData::of_tipring(request)))
    }
}
