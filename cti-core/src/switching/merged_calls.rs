//! Two calls become one: transfer and conference, in the particulars of calls.
//!
//! Never: takes a step of the model.

use crate::acd::ids::Contact;
use crate::agent::Fact;
use crate::call::{Detail, Doing, Party, Script};
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::{CallId, ExtendedDeviceId, LocalConnectionState};
use crate::device::Device;
use crate::model::{ConnectionState, Origin, Reason};
use crate::report::event::Event;
use crate::store::{Outcome, ReleasedBy};
use crate::timers::Timer;

impl Core {
    /// Two calls have become one under the identifier of the active call. The customer's call goes on, whichever of the
    /// two was held; the consultation ends with a record of its own.
    pub(super) fn apply_merge(&mut self, into: CallId, held: CallId, by: Device, stays: bool, reason: Reason) {
        self.touched_calls.extend([into, held]);
        let (Some(of_held), Some(of_active)) = (self.details.remove(&held), self.details.remove(&into)) else { return };
        let is_held_later = is_consultation(&of_held, &of_active, by);
        let (mut first, mut second) = if is_held_later { (of_active, of_held) } else { (of_held, of_active) };
        let data = self.merge_data(&mut first, &second, by, stays);
        let old: [&Detail; 2] = if is_held_later { [&second, &first] } else { [&first, &second] };
        self.emit_merge(old, by, stays, reason, &data);
        let cause = if stays { EventCause::KeyConference } else { EventCause::Transfer };
        if !stays {
            self.end_leg(&first, into, by, Reason { cause, ..reason });
        }
        self.end_legs(&mut second, held, Reason { cause, ..reason });
        let own = if first.id == into { first.party(by) } else { second.party(by) }.copied();
        for device in first.parties.iter().chain(&second.parties).map(|party| party.device).collect::<Vec<_>>() {
            self.touched.insert(device);
            self.timers.stop(Timer::Connection(held, device));
        }
        // The device that merges them has one part for two: the queue it serves is that of the customer's call.
        let controller = match (first.party(by), second.party(by), own) {
            (Some(first), Some(second), Some(own)) => {
                let (mut leg, mut served) = (first.leg, first.served.or(second.served));
                if stays {
                    // The hold of the customer's call, for the consultation, is over.
                    leg.step(Some(ConnectionState::Connected), self.now);
                    served.iter_mut().for_each(|served| served.holds.end(self.now));
                }
                Some(Party {
                    queue: first.queue.or(second.queue),
                    served,
                    has_talked: first.has_talked || second.has_talked,
                    leg,
                    ..own
                })
            }
            (first, second, _) => first.or(second).copied(),
        };
        let merged = [first.party(by).and_then(|party| party.served), second.party(by).and_then(|party| party.served)];
        let stays_with = controller.and_then(|party| party.served).filter(|_| stays);
        for served in merged.into_iter().flatten().filter(|served| stays_with.is_none_or(|one| one.call != served.call))
        {
            self.log_ended(into, Some(served));
        }
        // The identifier that is left is that of the customer's call, and the other one the consultation's. A message
        // is of the flow, which goes on under the identifier that is left.
        for open in self.recordings.values_mut() {
            match (open.call, open.message.is_some()) {
                (call, true) if call == held => open.call = into,
                (call, false) if call == held && first.id == held => open.call = into,
                (call, false) if call == into && first.id == held => open.call = held,
                _ => {}
            }
        }
        let script = self.merge_flows(into, held, [&mut first, &mut second]);
        // The consultation has its own record; the customer's call goes on.
        let mut consultation = second.clone();
        consultation.id = held;
        consultation.log.end.get_or_insert((
            self.now,
            if stays { Outcome::Conferenced } else { Outcome::Transferred },
            match reason.origin {
                Origin::Device(device) if consultation.log.caller == Some(device) => ReleasedBy::Caller,
                Origin::Device(_) => ReleasedBy::Called,
                Origin::Client => ReleasedBy::Client,
                Origin::Switch => ReleasedBy::System,
            },
        ));
        (consultation.log.cause, consultation.main_call) = (cause, Some(first.ucid));
        let recorder = consultation.recorder.take();
        self.stop_recorder(recorder);
        let mut parties: Vec<Party> = Vec::with_capacity(first.parties.len() + second.parties.len());
        for party in second.parties.iter().chain(&first.parties).filter(|party| party.device != by || stays) {
            if parties.iter().all(|other| other.device != party.device) {
                let mut party = controller.filter(|_| party.device == by).unwrap_or(*party);
                party.connection.call = into;
                parties.push(party);
            }
        }
        if !stays && first.log.caller == Some(by) {
            // One who waited for the device that has called goes on as the caller.
            let mut line = first.parties.iter().chain(&second.parties).map(|party| party.device).filter(|&it| it != by);
            first.log.caller = line.find(|it| it.station().is_some() || it.trunk().is_some());
        }
        first.take_over(&second);
        first.id = into;
        first.script = script;
        first.parties = parties;
        first.redirected = ExtendedDeviceId::inside(self.devices.id(by));
        let alerts = second.in_state(LocalConnectionState::Alerting).next().is_some();
        // Under the identifier that is left there is the customer's call now.
        (first.log.end, first.kept) = (None, None);
        // The place in a queue goes on under the identifier that is left, and the stay there is the customer's.
        if let (Some((queue, _)), Some(_)) = (first.place, second.place) {
            // A call waits in one queue at a time.
            let to = self.devices.id(Device::Queue(queue));
            self.append(Event::FlowedOut { call: second.contact, to });
            self.floor.call_left(Contact::Call(second.id));
            consultation.place = None;
        }
        self.floor.call_renamed(Contact::Call(held), Contact::Call(into), self.now);
        let place = first.place.or(consultation.place);
        if let Some((queue, _)) = consultation.place.take() {
            first.contact = second.contact;
            first.log.queue = Some(queue);
            first.log.queued = first.log.queued.or(second.log.queued);
            consultation.log.queue = None;
            consultation.log.queued = None;
        }
        first.place = place;
        if let (Some(trunk), None) = (second.log.trunk, first.log.trunk) {
            first.log.trunk = Some(trunk);
        }
        let reached = second.parties.iter().filter(|party| party.device != by && !party.is_observer);
        if let Some(station) = reached.filter_map(|party| party.device.station()).next().filter(|_| !alerts && !stays) {
            first.log.station = Some(station);
            first.log.agent = self.devices.station(station).agent.or(first.log.agent);
        }
        first.call_back = self.merge_attempts(into, [first.call_back, second.call_back]);
        self.monitors.merge(held, into);
        self.details.insert(into, first);
        // A device whose deadline belonged to the held call keeps it under the identifier that is left.
        let connections = self.model.call(into).map(|call| call.connections.clone()).unwrap_or_default();
        for it in connections {
            let timer = Timer::Connection(into, it.device);
            if !self.timers.is_set(timer)
                && let Some(at) = self.deadline(into, it.device, (it.state, it.deadline))
            {
                self.timers.set(timer, at);
            }
        }
        self.follow_message(into);
        if let Some(party) = controller {
            self.apply_to_controller(by, party, stays);
        }
        self.persist_call(&consultation);
    }

    /// The flow of one of the calls goes on for those who are left, in place of one that has led its caller away.
    fn merge_flows(&mut self, into: CallId, held: CallId, calls: [&mut Detail; 2]) -> Option<Box<Script>> {
        self.dips.values_mut().filter(|of| **of == held).for_each(|of| *of = into);
        let (script, other) = match calls.map(|detail| detail.script.take()) {
            [Some(first), Some(second)] if first.doing == Doing::Away => (Some(second), Some(first)),
            [None, second] => (second, None),
            [first, second] => (first, second),
        };
        self.drop_script(other.map(|script| script.doing));
        script
    }

    /// The agent whose device has merged two calls has one of them less; after a transfer, both, without a step of its
    /// own.
    fn apply_to_controller(&mut self, by: Device, party: Party, stays: bool) {
        let Some(agent) = by.station().and_then(|station| self.devices.station(station).agent) else { return };
        self.observe(agent, [Fact::CallEnded { work: None }]);
        if stays {
            return;
        }
        let work = self.work_after(agent, party.queue, true);
        self.observe(agent, [Fact::CallEnded { work }]);
    }
}

/// Returns true if the held call is the consultation: the controller has made it and not the active one, or it is the
/// later of two of one kind.
fn is_consultation(held: &Detail, active: &Detail, by: Device) -> bool {
    let rank = |detail: &Detail| (detail.log.caller == Some(by), detail.log.offered, detail.id);
    rank(held) > rank(active)
}
