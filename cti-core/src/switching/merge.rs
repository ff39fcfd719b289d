//! Two calls become one: transfer and conference, in the particulars of calls.
//!
//! Never: a step of the model.

use std::sync::Arc;

use super::place::Left;
use crate::acd::floor::Entry;
use crate::acd::ids::Contact;
use crate::agent::Fact;
use crate::call::Party;
use crate::core::Core;
use crate::csta::{CallId, ExtendedDeviceId, LocalConnectionState};
use crate::device::Device;
use crate::model::{CallEvent, Reason, Row, Wait};
use crate::timers::Timer;

impl Core {
    /// Two calls have become one: the particulars of the held call go on under the identifier of the other.
    pub(super) fn fold_merge(&mut self, into: CallId, held: CallId, by: Device, stays: bool, reason: Reason) {
        self.touched_calls.extend([into, held]);
        self.emit_merge(into, held, by, stays, reason);
        if let Some((queue, _)) = self.details.get(&into).and_then(|second| second.place) {
            self.leave_place(held, Left::FlowedOut(self.devices.id(Device::Queue(queue))));
            self.floor.call_left(Contact::Call(held));
        }
        let (Some(mut first), Some(second)) = (self.details.remove(&held), self.details.remove(&into)) else { return };
        for device in first.parties.iter().chain(&second.parties).map(|party| party.device).collect::<Vec<_>>() {
            self.touched.insert(device);
            self.timers.stop(Timer::Connection(held, device));
        }
        // The device that merges them has one part for two: the queue it serves is that of the held call.
        let controller = match (first.party(by).copied(), second.party(by).copied()) {
            (Some(held), Some(active)) => Some(Party {
                queue: held.queue.or(active.queue),
                served: held.served.or(active.served),
                has_talked: held.has_talked || active.has_talked,
                ..active
            }),
            (held, active) => active.or(held),
        };
        let merged = [first.party(by).and_then(|party| party.served), second.party(by).and_then(|party| party.served)];
        let stays_with = controller.and_then(|party| party.served).filter(|_| stays);
        for served in merged.into_iter().flatten().filter(|served| stays_with.is_none_or(|one| one.call != served.call))
        {
            self.log_ended(into, Some(served));
        }
        // The record of each goes under the identifier of the other, and its recordings with it.
        for open in self.recordings.values_mut() {
            match open.call {
                call if call == held => open.call = into,
                call if call == into => open.call = held,
                _ => {}
            }
        }
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
                let mut party = controller.filter(|_| party.device == by).unwrap_or(*party);
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
        if second.place.is_some() {
            (first.place, first.contact) = (second.place, second.contact);
        }
        if let (Some(trunk), None) = (second.log.trunk, first.log.trunk) {
            first.log.trunk = Some(trunk);
        }
        let reached = second.parties.iter().filter(|party| party.device != by && !party.is_observer);
        if let Some(station) = reached.filter_map(|party| party.device.station()).next().filter(|_| !alerts && !stays) {
            first.log.station = Some(station);
            first.log.agent = self.devices.station(station).agent.or(first.log.agent);
        }
        if let Some(queue) = second.log.queue {
            first.log.queue = Some(queue);
            Arc::make_mut(&mut first.data).queue = second.data.queue.clone();
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
        if let Some(party) = controller {
            self.fold_controller(by, party, stays);
        }
        self.persist_call(&consultation);
    }

    /// The agent whose device has merged two calls has one of them less; after a transfer, both, without a step of its
    /// own.
    fn fold_controller(&mut self, by: Device, party: Party, stays: bool) {
        let Some(agent) = by.station().and_then(|station| self.devices.station(station).agent) else { return };
        self.observe(agent, Fact::CallEnded { work: None });
        if stays {
            return;
        }
        let work = self.work_after(agent, party.queue, true);
        self.observe(agent, Fact::CallEnded { work });
    }
}
