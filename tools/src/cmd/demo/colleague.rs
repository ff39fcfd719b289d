//! Call control between an agent's desk and the colleague's: consultation with conference or transfer, and pickup.
//!
//! ```text
//! consult → hold → the colleague answers → both speak → conference: all three talk → the colleague is released
//!                                                     → transfer: the colleague has the call
//! ```
//!
//! Sans-IO, as the desk itself.
//!
//! Never: speaks or hears; the agents' hands and ears are in the simulator.

use tipring_core::csta::event::Event;
use tipring_core::csta::{
    CallId, ConnectionDevice, ConnectionId, ConnectionList, DeviceId, LocalConnectionState as Local, Reply, Request,
};
use tipring_core::time::{Tick, Ticks};

use super::part::{Part, PartKind};
use super::programme::{Act, Programme};
use super::supervisor::Task;

/// Time in which the agent alone talks to the caller before the colleague is called in.
const CONSULT_AFTER: Ticks = Ticks::from_ms(1000);
/// Time for which a telephone alerts before the colleague picks the call up.
const PICKUP_AFTER: Ticks = Ticks::from_ms(300);
/// Time after which a service that came to nothing is tried again.
const AGAIN_AFTER: Ticks = Ticks::from_ms(5000);

/// Progress with the colleague.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// No act.
    Wait,
    /// The caller is put on hold.
    Holding(Act),
    /// The colleague's telephone rings.
    Calling(Act, ConnectionId),
    /// Both speak, until then.
    Speaking(Act, ConnectionId, Tick),
    /// The calls become one.
    Merging(Act),
    /// All three talk, until then.
    Joined(CallId, Tick),
    /// The caller has the colleague, and this desk nothing more to do with it until then.
    Transferred(Tick),
    /// A call is picked up.
    PickingUp,
    /// The call that was picked up goes on, until then.
    PickedUp(Tick),
}

/// A desk's part in the call control of two.
#[derive(Debug)]
pub struct Colleague {
    own: DeviceId,
    task: Task,
    programme: Programme,
    next: Next,
    /// The own connection with a caller, and since when.
    talk: Option<(ConnectionId, Tick)>,
    /// A part that has come to nothing.
    ended: Option<PartKind>,
    /// A request that cleans up after a consultation that came to nothing.
    pending: Option<(&'static str, Request)>,
    /// The connection that alerts at the colleague's telephone, and since when.
    alerting: Option<(ConnectionId, Tick)>,
}

impl Colleague {
    /// The colleague of a task, for the desk of `own`.
    pub fn new(own: DeviceId, task: Task, programme: Programme) -> Colleague {
        Colleague { own, task, programme, next: Next::Wait, talk: None, ended: None, pending: None, alerting: None }
    }

    /// Returns true while a call is picked up, which shows no alerting at the own telephone.
    pub fn picks_up(&self) -> bool {
        self.next == Next::PickingUp
    }

    /// Takes an event of the monitor of the colleague's station.
    pub fn handle_station(&mut self, now: Tick, event: &Event) {
        match event {
            Event::Delivered { connection, local: Local::Alerting, calling_device, .. }
                if calling_device.device != self.own =>
            {
                self.alerting = Some((*connection, now));
            }
            Event::Established { .. }
            | Event::Diverted { .. }
            | Event::ConnectionCleared { .. }
            | Event::Failed { .. } => self.alerting = None,
            _ => {}
        }
    }

    /// Takes an event of the own station's monitor. Returns the part that begins.
    pub fn handle_own(&mut self, now: Tick, event: &Event) -> Option<Part> {
        match (event, self.next) {
            (Event::Established { established_connection, .. }, Next::Calling(act, active))
                if established_connection.call == active.call && established_connection.device == self.task.station =>
            {
                self.next = Next::Speaking(act, active, now + self.task.each);
                Some(self.part(PartKind::Consultation, self.talk?.0.call))
            }
            (Event::Established { established_connection: connection, .. }, next) if connection.device == self.own => {
                self.talk = Some((*connection, now));
                if next != Next::PickingUp {
                    return None;
                }
                self.next = Next::PickedUp(now + self.task.each);
                // The colleague is the one whose telephone rang.
                Some(self.part(PartKind::Pickup, connection.call))
            }
            (Event::Conferenced { conference_connections, .. }, Next::Merging(_)) => {
                let own = own_connection(conference_connections, self.own)?;
                self.talk = Some((own, now));
                self.next = Next::Joined(own.call, now + self.task.each);
                Some(self.part(PartKind::Conference, own.call))
            }
            (Event::Transferred { transferred_connections, .. }, Next::Merging(_)) => {
                self.talk = None;
                self.next = Next::Transferred(now + self.task.each);
                let call = transferred_connections.first()?.party.call;
                Some(self.part(PartKind::Transfer, call))
            }
            // The other desk made the transfer.
            (Event::Transferred { transferred_connections, local: Local::Connect, .. }, _) => {
                self.talk = own_connection(transferred_connections, self.own).map(|own| (own, now));
                None
            }
            (Event::Failed { failed_connection, .. }, Next::PickingUp) if failed_connection.device == self.own => {
                self.give_back(Act::Pickup);
                None
            }
            // The colleague is engaged: back to the caller.
            (Event::Failed { failed_connection, .. }, Next::Calling(act, active_call))
                if failed_connection.call == active_call.call =>
            {
                let held_call = self.talk?.0;
                self.pending = Some(("reconnect", Request::ReconnectCall { active_call, held_call }));
                self.talk = Some((held_call, now + AGAIN_AFTER));
                self.ended = Some(PartKind::Hold);
                self.give_back(act);
                None
            }
            (Event::ConnectionCleared { dropped_connection, local, .. }, _) => {
                self.handle_cleared(now, dropped_connection, *local);
                None
            }
            _ => None,
        }
    }

    fn handle_cleared(&mut self, now: Tick, dropped: &ConnectionId, local: Local) {
        match self.next {
            Next::Joined(call, _) if dropped.call == call && dropped.device == self.task.station => {
                self.next = Next::Wait;
                self.programme.finish();
                self.talk = self.talk.map(|(connection, _)| (connection, now));
            }
            _ => {}
        }
        let Some((talk, _)) = self.talk.filter(|(talk, _)| talk.call == dropped.call) else { return };
        let is_over =
            local == Local::Null || dropped.device == talk.device || dropped.kind == ConnectionDevice::Dynamic;
        if !is_over {
            return;
        }
        self.talk = None;
        match self.next {
            Next::Calling(act, call) | Next::Speaking(act, call, _) => {
                let was_answered = matches!(self.next, Next::Speaking(..));
                self.ended = Some(if was_answered { PartKind::Consultation } else { PartKind::Hold });
                self.pending = Some(("release", Request::ClearConnection { call }));
                self.give_back(act);
            }
            Next::Holding(act) | Next::Merging(act) => self.give_back(act),
            Next::Joined(..) => {
                self.next = Next::Wait;
                self.programme.finish();
            }
            Next::PickedUp(_) => self.next = Next::Wait,
            Next::Wait | Next::Transferred(_) | Next::PickingUp => {}
        }
    }

    /// Takes the confirmation of a consultation. Returns the part that begins: the caller is on hold.
    pub fn handle_reply(&mut self, reply: &Reply) -> Option<Part> {
        let (Reply::ConsultationCall { new_call }, Next::Holding(act)) = (reply, self.next) else { return None };
        self.next = Next::Calling(act, *new_call);
        Some(self.part(PartKind::Hold, self.talk?.0.call))
    }

    /// A request was refused: the call has ended in this moment, or a telephone is engaged.
    pub fn refused(&mut self, now: Tick) {
        match self.next {
            Next::Holding(act) | Next::Merging(act) => self.give_back(act),
            Next::PickingUp => self.give_back(Act::Pickup),
            _ => {}
        }
        self.talk = self.talk.map(|(connection, _)| (connection, now + AGAIN_AFTER));
    }

    fn give_back(&mut self, act: Act) {
        self.programme.put_back(act);
        self.next = Next::Wait;
    }

    /// Returns a part that has come to nothing, or ends now by itself.
    pub fn poll_end(&mut self, now: Tick) -> Option<PartKind> {
        if self.ended.is_some() {
            return self.ended.take();
        }
        let kind = match self.next {
            Next::Transferred(until) if now >= until => {
                self.programme.finish();
                PartKind::Transfer
            }
            Next::PickedUp(until) if now >= until => PartKind::Pickup,
            _ => return None,
        };
        self.next = Next::Wait;
        Some(kind)
    }

    /// Returns the request that is due. `own_free` and `free` say that this desk and the colleague's have no call.
    pub fn poll_request(&mut self, now: Tick, own_free: bool, free: bool) -> Option<(&'static str, Request)> {
        if self.pending.is_some() {
            return self.pending.take();
        }
        match self.next {
            Next::Wait => self.begin(now, own_free, free),
            Next::Speaking(act, active, until) if now >= until => {
                self.next = Next::Merging(act);
                let (held_call, active_call) = (self.talk?.0, active);
                Some(match act {
                    Act::Conference => ("conference", Request::ConferenceCall { held_call, active_call }),
                    _ => ("transfer", Request::TransferCall { held_call, active_call }),
                })
            }
            Next::Joined(call, until) if now >= until => {
                self.next = Next::Joined(call, Tick(u64::MAX));
                let call = ConnectionId { call, device: self.task.station, ..ConnectionId::default() };
                Some(("release the colleague", Request::ClearConnection { call }))
            }
            _ => None,
        }
    }

    fn begin(&mut self, now: Tick, own_free: bool, free: bool) -> Option<(&'static str, Request)> {
        if let Some((deflect_call, since)) = self.alerting
            && self.task.picks_up
            && own_free
            && now >= since + PICKUP_AFTER
            && self.programme.take(Act::Pickup)
        {
            self.next = Next::PickingUp;
            return Some(("pick up", Request::PickupCall { deflect_call, called_device: self.own }));
        }
        let (active_call, since) = self.talk?;
        if !free || now < since + CONSULT_AFTER {
            return None;
        }
        let act = [Act::Conference, Act::Transfer].into_iter().find(|act| self.programme.take(*act))?;
        self.next = Next::Holding(act);
        Some(("consult", Request::ConsultationCall { active_call, called_device: self.task.station }))
    }

    /// A part of this desk's agent, or, for a pickup, of the colleague whose telephone rang.
    fn part(&self, kind: PartKind, call: CallId) -> Part {
        let (station, other) =
            if kind == PartKind::Pickup { (self.task.station, self.own) } else { (self.own, self.task.station) };
        Part { kind, call, other, station }
    }
}

fn own_connection(connections: &ConnectionList, own: DeviceId) -> Option<ConnectionId> {
    connections.iter().map(|connection| connection.party).find(|party| party.device == own)
}
