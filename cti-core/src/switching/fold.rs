//! What follows from one change: the picture that clients have, events, deadlines, agents, figures, the record's course,
//! and the commands that a connection's end owes to its line.
//!
//! Never: a step of the model.

use std::sync::Arc;

use tipring_driver::engine::Command;
use tipring_driver::line::LineCommand;
use tipring_driver::media::ToneKind;
use tipring_driver::time::{Tick, Ticks};

use crate::acd::floor::Entry;
use crate::acd::ids::Contact;
use crate::agent::Fact;
use crate::call::Party;
use crate::channel::{Intent, State};
use crate::config::StationKind;
use crate::core::{Action, Core};
use crate::csta::cause::EventCause;
use crate::csta::{CallId, ExtendedDeviceId, LocalConnectionState};
use crate::device::{Device, QueueIx, StationIx};
use crate::model::{CallEvent, Change, ChangeKind, ConnectionState, Reason, Row, Wait};
use crate::monitor::Watched;
use crate::timers::Timer;

/// A step of a connection, in the words of the fold.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) call: CallId,
    pub(super) device: Device,
    pub(super) row: &'static Row,
    pub(super) reason: Reason,
    /// The call was taken away from another device by the change before.
    pub(super) is_redirected: bool,
    /// The device to which the call goes next.
    pub(super) destination: Option<Device>,
}

impl Core {
    pub(super) fn fold(&mut self, changes: &[Change], ix: usize) {
        let Change { call, ref kind, reason, .. } = changes[ix];
        match *kind {
            ChangeKind::Step { device, row } => {
                let same = |change: &&Change| change.call == call;
                let before = changes[..ix].last().filter(same);
                let is_redirected = before.is_some_and(|change| match change.kind {
                    ChangeKind::Step { row, .. } => row.event == CallEvent::Diverted,
                    _ => false,
                });
                let next = changes[ix + 1..].iter().find(same);
                let destination = next.and_then(|change| match change.kind {
                    ChangeKind::Step { device, row } if row.from.is_none() => Some(device),
                    _ => None,
                });
                self.fold_step(Step { call, device, row, reason, is_redirected, destination });
            }
            ChangeKind::Merged { held, by, stays, .. } => self.fold_merge(call, held, by, stays, reason),
            ChangeKind::CallCleared => self.fold_cleared(call, reason.cause),
        }
    }

    fn fold_step(&mut self, step: Step) {
        self.touched.insert(step.device);
        self.touched_calls.insert(step.call);
        self.fold_log(step);
        self.fold_picture(step);
        self.fold_queue(step);
        self.emit_step(step);
        self.fold_deadline(step);
        self.fold_agent(step);
        self.fold_line(step);
        let Some(detail) = self.details.get_mut(&step.call) else { return };
        if step.row.event == CallEvent::Diverted
            && let Some(party) = detail.party(step.device)
        {
            detail.redirected = party.name;
        }
        if step.row.to.is_none() {
            detail.parties.retain(|party| party.device != step.device);
        }
    }

    /// The device's part as clients see it: it joins, or its state follows.
    fn fold_picture(&mut self, step: Step) {
        let Step { call, device, row, .. } = step;
        if row.from.is_none() {
            let party = match device {
                Device::Trunk(trunk) => {
                    self.next_token = self.next_token.wrapping_add(1);
                    let Some(detail) = self.details.get_mut(&call) else { return };
                    let inbound = detail.parties.is_empty();
                    detail.log.trunk = detail.log.trunk.or(Some(trunk));
                    let name = if inbound { detail.calling } else { detail.called };
                    Party::outside(call, device, self.next_token, name)
                }
                _ => Party::inside(call, device, self.devices.id(device)),
            };
            let Some(detail) = self.details.get_mut(&call) else { return };
            detail.log.caller = detail.log.caller.or(Some(device));
            // The model has the same bound.
            let _ = detail.parties.try_push(party);
            for key in self.monitors.of(Watched::CallsVia(device)).to_vec() {
                self.monitors.follow(key, call);
            }
        }
        let now = self.now;
        let Some(detail) = self.details.get_mut(&call) else { return };
        let is_offered = device.station().is_some() && row.from.is_none() && row.to == Some(ConnectionState::Alerting);
        let queue = detail.place.map(|(queue, _)| queue);
        if is_offered {
            detail.log.alerting = Some(now);
            note_wait(detail, now);
        }
        if let Some(party) = detail.party_mut(device) {
            party.state = row.to.map_or(LocalConnectionState::Null, ConnectionState::local);
            if is_offered {
                party.queue = queue;
            }
        }
    }

    /// The course of the call: who answered, and how it ends.
    fn fold_log(&mut self, step: Step) {
        let Step { call, device, row, reason, .. } = step;
        let now = self.now;
        let agent = device.station().and_then(|station| self.devices.station(station).agent);
        let Some(detail) = self.details.get_mut(&call) else { return };
        match (row.event, row.to) {
            (CallEvent::Established, Some(_)) => {
                let queue = detail.party(device).and_then(|party| party.queue);
                let first = detail.log.established.is_none();
                detail.log.established.get_or_insert(now);
                detail.answering = None;
                detail.script = None;
                if device.trunk().is_some() {
                    detail.log.answered.get_or_insert(now);
                }
                if let Some(station) = device.station() {
                    detail.log.station = Some(station);
                    if detail.log.trunk.is_some() || detail.log.queue.is_some() {
                        detail.log.agent = agent;
                    }
                }
                if let (true, Some(queue)) = (first, queue) {
                    detail.place = None;
                    note_wait(detail, now);
                    let wait = detail.log.queued.map(|queued| now.since(queued)).unwrap_or_default();
                    self.figures[usize::from(queue.0)].count_answered(wait);
                }
                if let Some(detail) = self.details.get_mut(&call) {
                    for party in &mut detail.parties {
                        party.has_talked |= party.device == device || party.state == LocalConnectionState::Connect;
                    }
                }
            }
            // A trunk given up leaves its caller where another one is tried.
            (CallEvent::None, None) if detail.log.caller != Some(device) => {}
            (CallEvent::ConnectionCleared, _) | (CallEvent::None, None) => {
                let abandoned = detail.is_abandoned_by(device, reason);
                detail.log_leaving(now, device, reason, false);
                if let (true, Some((queue, _)), Some(queued)) = (abandoned, detail.place, detail.log.queued) {
                    detail.place = None;
                    self.figures[usize::from(queue.0)].count_abandoned(now.since(queued));
                }
            }
            (CallEvent::Failed, _) => {
                detail.tone = match reason.cause {
                    EventCause::Busy | EventCause::None | EventCause::Maintenance => ToneKind::Busy,
                    _ => ToneKind::Congestion,
                };
                let alone =
                    detail.parties.iter().filter(|party| party.state != LocalConnectionState::Fail).count() <= 1;
                let ends = detail.log.established.is_none() || alone;
                detail.log_leaving(now, device, reason, ends);
            }
            _ => {}
        }
    }

    /// The floor of distribution: a call that enters a queue has a place there.
    fn fold_queue(&mut self, step: Step) {
        let Step { call, device: Device::Queue(queue), row, .. } = step else { return };
        let now = self.now;
        if row.to != Some(ConnectionState::Queued) {
            return;
        }
        let id = self.devices.id(step.device);
        let Some(detail) = self.details.get_mut(&call) else { return };
        let earned = detail.place.map(|(_, place)| place);
        if detail.place.is_none_or(|(from, _)| from != queue) {
            self.figures[usize::from(queue.0)].offered += 1;
        }
        detail.log.queued.get_or_insert(now);
        detail.log.queue = Some(queue);
        let data = Arc::make_mut(&mut detail.data);
        if data.queue.as_deref() != Some(id.as_str()) {
            data.queue = Some(id.as_str().to_owned());
        }
        let place = self.floor.call_queued(Entry { place: earned, ..Entry::new(Contact::Call(call), queue) }, now);
        detail.place = Some((queue, place));
    }

    /// The deadline of the state: set and removed with it.
    fn fold_deadline(&mut self, step: Step) {
        let timer = Timer::Connection(step.call, step.device);
        match step.row.to.and_then(|_| self.deadline(step.call, step.device, step.row)) {
            Some(at) => self.timers.set(timer, at),
            None => self.timers.stop(timer),
        }
    }

    fn deadline(&self, call: CallId, device: Device, row: &Row) -> Option<Tick> {
        let detail = self.details.get(&call)?;
        let wait = match (row.wait, device) {
            (Wait::None, _) => return None,
            (Wait::Identity, _) => self.times.caller_identity,
            (Wait::Digits, _) if detail.dialling.is_some_and(|dialling| dialling.is_prompted) => self.times.prompting,
            (Wait::Digits, _) => self.times.first_digit,
            // The lease of the offer runs on the floor.
            (Wait::NoAnswer, Device::Station(station)) if self.is_offered(call, station) => return None,
            (Wait::NoAnswer, Device::Station(_)) => self.times.no_answer,
            // The flow at the number sets its own.
            (Wait::NoAnswer, _) => crate::limits::PROMPT_MAX,
            (Wait::HoldRecall, _) => self.times.hold_recall,
            (Wait::QueueTime, _) => {
                let entered = detail.log.queued.unwrap_or(self.now);
                return Some(self.now.max(entered + self.times.queue));
            }
            (Wait::ParkRecall, _) => self.times.park_recall,
            (Wait::Tone, Device::Station(station)) => match self.devices.station(station).kind {
                StationKind::Handset => self.times.busy_tone,
                StationKind::Headset => self.times.headset_busy_tone,
            },
            (Wait::Tone, _) => self.times.headset_busy_tone,
            (Wait::FarEnd, _) if row.to == Some(ConnectionState::Initiated) => self.times.seizure,
            (Wait::FarEnd, _) => self.times.far_end,
        };
        Some(self.now + wait)
    }

    /// The facts that change the activity of the agent at a station.
    fn fold_agent(&mut self, step: Step) {
        let Step { call, device: Device::Station(station), row, reason, .. } = step else { return };
        let Some(agent) = self.devices.station(station).agent else { return };
        let Some(detail) = self.details.get_mut(&call) else { return };
        let (direction, established, trunk) = (detail.log.direction, detail.log.established, detail.log.trunk);
        let Some(party) = detail.party_mut(step.device) else { return };
        let ends = matches!(row.to, None | Some(ConnectionState::Failed));
        let fact = match (row.from, row.to) {
            (_, Some(ConnectionState::Initiated | ConnectionState::Connected)) if !party.is_counted => {
                party.is_counted = true;
                Fact::CallBegan
            }
            (None, Some(ConnectionState::Alerting)) => Fact::Offered,
            (Some(ConnectionState::Alerting), None) if !party.is_counted => match reason.cause {
                EventCause::CallNotAnswered | EventCause::DestOutOfOrder if party.queue.is_some() => Fact::Missed,
                _ => Fact::Withdrawn,
            },
            _ if ends && party.is_counted => {
                party.is_counted = false;
                let (queue, talked) = (party.queue, party.has_talked && established.is_some() && trunk.is_some());
                let _ = direction;
                Fact::CallEnded { work: self.work_after(agent, queue, talked) }
            }
            _ => return,
        };
        self.observe(agent, fact);
    }

    /// The work after a call: that of its queue; after any other call over a trunk, that of the agent's first queue.
    fn work_after(
        &self,
        agent: crate::acd::ids::AgentIx,
        queue: Option<QueueIx>,
        talked: bool,
    ) -> Option<(QueueIx, Ticks)> {
        let queue = queue.or_else(|| self.roster.get(agent).queues.first().copied()).filter(|_| talked)?;
        Some((queue, self.queues[usize::from(queue.0)].after_call_work))
    }

    /// The commands that the end of a connection owes to its line.
    fn fold_line(&mut self, step: Step) {
        let Some(channel) = self.devices.channel(step.device) else { return };
        match (step.device, step.row.from, step.row.to) {
            (Device::Trunk(_), _, None) => self.release_trunk(channel),
            (Device::Station(_), Some(ConnectionState::Alerting | ConnectionState::Initiated), None) => {
                if self.devices.state(channel) == State::Ringing {
                    // If the handset was lifted in this moment, its user finds dial tone.
                    let _ = self.claim(channel, Intent::StopRinging);
                }
            }
            (Device::Station(station), from, to) => {
                let left = to == Some(ConnectionState::Failed)
                    || (from == Some(ConnectionState::Failed)
                        && to.is_none()
                        && step.reason.origin == crate::model::Origin::Switch);
                if left {
                    self.show_the_end(station);
                }
            }
            _ => {}
        }
    }

    /// The line of a station shows, where it has a sign for it, that the far end has gone: behind some stations stands a
    /// private exchange, which does not listen to tones.
    fn show_the_end(&mut self, station: StationIx) {
        let channel = self.devices.station(station).channel;
        if self.devices.state(channel) == State::InUse && self.devices.station(station).kind == StationKind::Handset {
            self.actions.push_back(Action::Command(Command::Line { channel, command: LineCommand::Disconnect }));
        }
    }

    /// Two calls have become one: the particulars of the held call go on under the identifier of the other.
    fn fold_merge(&mut self, into: CallId, held: CallId, by: Device, stays: bool, reason: Reason) {
        self.touched_calls.extend([into, held]);
        self.emit_merge(into, held, by, stays, reason);
        let (Some(mut first), Some(second)) = (self.details.remove(&held), self.details.remove(&into)) else { return };
        for device in first.parties.iter().chain(&second.parties).map(|party| party.device).collect::<Vec<_>>() {
            self.touched.insert(device);
            self.timers.stop(Timer::Connection(held, device));
        }
        let controller = second.party(by).copied().or(first.party(by).copied());
        // The consultation has its own record; the customer's call goes on.
        let mut consultation = second.clone();
        consultation.id = held;
        consultation.log.end.get_or_insert((
            self.now,
            if consultation.log.established.is_some() {
                crate::store::Outcome::Answered
            } else {
                crate::store::Outcome::NotObtainable
            },
            crate::store::ReleasedBy::Client,
        ));
        let recorder = consultation.recorder.take();
        self.stop_recorder(recorder);
        let mut parties: arrayvec::ArrayVec<Party, { crate::limits::CALL_CONNECTIONS_MAX }> = arrayvec::ArrayVec::new();
        for party in second.parties.iter().chain(&first.parties).filter(|party| party.device != by || stays) {
            if parties.iter().all(|other| other.device != party.device) {
                let mut party = *party;
                party.connection.call = into;
                let _ = parties.try_push(party);
            }
        }
        first.id = into;
        first.parties = parties;
        first.redirected = ExtendedDeviceId::inside(self.devices.id(by));
        let alerts = second.in_state(LocalConnectionState::Alerting).next().is_some();
        first.log.end = None;
        if !stays && first.log.caller == Some(by) {
            first.log.caller = first.parties.first().map(|party| party.device);
        }
        // The place in a queue goes on under the identifier that is left.
        if let Some((queue, place)) = first.place {
            self.floor.call_left(Contact::Call(held));
            if second.place.is_none() && first.parties.iter().any(|party| party.device == Device::Queue(queue)) {
                let entry = Entry { place: Some(place), ..Entry::new(Contact::Call(into), queue) };
                self.floor.call_queued(entry, self.now);
            }
        }
        first.place = second.place.or(first.place);
        if let (Some(trunk), None) = (second.log.trunk, first.log.trunk) {
            first.log.trunk = Some(trunk);
        }
        if let Some(station) = second.parties.iter().find_map(|party| party.device.station()).filter(|_| !alerts) {
            first.log.station = Some(station);
        }
        self.monitors.merge(held, into);
        self.details.insert(into, first);
        // A device whose deadline belonged to the held call keeps it under the identifier that is left.
        let rows: Vec<_> = self
            .model
            .call(into)
            .into_iter()
            .flat_map(|call| call.connections.iter().map(|it| (it.device, it.wait)))
            .collect();
        for (device, wait) in rows {
            if wait != Wait::None && !self.timers.is_set(Timer::Connection(into, device)) {
                let row = Row {
                    from: None,
                    trigger: crate::model::Trigger::Join,
                    to: self.model.state(into, device),
                    event: CallEvent::None,
                    wait,
                };
                if let Some(at) = self.deadline(into, device, &row) {
                    self.timers.set(Timer::Connection(into, device), at);
                }
            }
        }
        if let (false, Some(party)) = (stays, controller) {
            self.fold_controller_left(by, party);
        }
        self.persist_call(&consultation);
    }

    /// The device that has transferred a call has left both without a step of its own.
    fn fold_controller_left(&mut self, by: Device, party: Party) {
        let Some(agent) = by.station().and_then(|station| self.devices.station(station).agent) else { return };
        // It had two calls: the customer's, with its queue, and the consultation.
        self.observe(agent, Fact::CallEnded { work: None });
        let work = self.work_after(agent, party.queue, true);
        self.observe(agent, Fact::CallEnded { work });
    }

    fn fold_cleared(&mut self, call: CallId, cause: EventCause) {
        self.emit_call_cleared(call, cause);
        self.floor.call_left(Contact::Call(call));
        let Some(mut detail) = self.details.remove(&call) else { return };
        let recorder = detail.recorder.take();
        self.stop_recorder(recorder);
        if let Some(lookup) = detail.lookup {
            self.looked_up.remove(&lookup);
        }
        self.persist_call(&detail);
    }
}

fn note_wait(detail: &mut crate::call::Detail, now: Tick) {
    if let Some(queued) = detail.log.queued {
        Arc::make_mut(&mut detail.data).wait_ms = now.since(queued).as_ms();
    }
}
