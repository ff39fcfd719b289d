//! A trunk call from its first ring to its destination.
//!
//! The trunk is answered when the caller's identity is known and what the store has on record of the caller, or when
//! these have been waited for long enough. Then the call is offered to the number that was called, at which its flow
//! runs, or diverted from there to a queue or a station: so the first event of the call at a desk has its customer.
//!
//! Never: decides which agent is offered it.

use std::sync::Arc;

use tipring_driver::line::{CallerId, Number};

use super::BY_SWITCH;
use crate::call::Detail;
use crate::channel::Intent;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::customer_card::CustomerCard;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId};
use crate::customer::Customer;
use crate::device::{Device, TrunkIx};
use crate::limits::{IDENTITY_AGE_MAX, LOOK_UP_WAIT_MAX};
use crate::route::dial_plan::Route;
use crate::route::target::Target;
use crate::store::{Direction, StoreRequest};
use crate::timers::Timer;

impl Core {
    /// A trunk rings: a call arrives.
    pub(super) fn on_offered(&mut self, trunk: TrunkIx) {
        if self.refuses_new() {
            return self.leave_ringing(trunk);
        }
        let (device, number) = (Device::Trunk(trunk), Device::Number(self.devices.trunk(trunk).number));
        let Ok(id) = self.model.arrive(device, number, BY_SWITCH) else {
            self.leave_ringing(trunk);
            let device = self.devices.trunk(trunk).id;
            self.actions.push_back(Action::Trouble(Trouble::TooManyCalls { device }));
            return;
        };
        let called = ExtendedDeviceId::inside(self.devices.id(number));
        self.counters.calls += 1;
        let detail =
            Detail::new((id, self.ucid(id)), self.now, Direction::Inbound, ExtendedDeviceId::NOT_KNOWN, called);
        self.details.insert(id, Box::new(detail));
        let early = self.devices.trunk_mut(trunk).early_identity.take();
        if let Some((_, identity)) = early.filter(|(at, _)| self.now.since(*at) <= IDENTITY_AGE_MAX) {
            self.set_identity(id, trunk, identity);
            self.commit();
            self.answer_identified(id, trunk);
        }
    }

    /// A trunk has the caller's identity: before the ring, during it, or after the answer.
    pub(super) fn on_caller_identity(&mut self, trunk: TrunkIx, identity: CallerId) {
        let Some(id) = self.model.active(Device::Trunk(trunk)) else {
            self.devices.trunk_mut(trunk).early_identity = Some((self.now, identity));
            return;
        };
        let Some(detail) = self.details.get(&id) else { return };
        if detail.log.direction != Direction::Inbound || detail.identity.is_some() {
            return;
        }
        let (arriving, reported) = (detail.log.answered.is_none(), detail.is_reported);
        self.set_identity(id, trunk, identity);
        if reported {
            self.emit_call_information(id, Device::Trunk(trunk));
        }
        if arriving {
            self.answer_identified(id, trunk);
        }
    }

    /// Answers a trunk whose caller is identified: at once, or after the look-up.
    fn answer_identified(&mut self, id: CallId, trunk: TrunkIx) {
        let lookup = self.details.get(&id).and_then(|detail| detail.lookup);
        if lookup.is_some_and(|lookup| self.looked_up.contains_key(&lookup)) {
            self.timers.set(Timer::Connection(id, Device::Trunk(trunk)), self.now + LOOK_UP_WAIT_MAX);
        } else {
            self.answer_trunk(id, trunk);
        }
    }

    /// The look-up of a caller is over, whatever it found: a trunk that has waited for it is answered.
    pub(crate) fn on_looked_up(&mut self, id: CallId) {
        let Some(detail) = self.details.get(&id) else { return };
        let waits = detail.log.direction == Direction::Inbound && detail.log.answered.is_none();
        if let (true, Some(trunk)) = (waits, detail.trunk()) {
            self.answer_trunk(id, trunk);
        }
    }

    /// The store has found the caller, in the file of customers or in its records alone.
    pub(crate) fn on_customer(&mut self, id: CallId, customer: Option<Customer>, card: CustomerCard) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        let data = Arc::make_mut(&mut detail.data);
        if let Some(customer) = customer {
            data.customer = Some(customer.name);
            data.account = Some(customer.account);
        }
        data.card = Some(card);
        Core::update_known(detail, &self.flows);
        if let (true, Some(trunk)) = (detail.is_reported, detail.trunk()) {
            self.emit_call_information(id, Device::Trunk(trunk));
        }
    }

    fn set_identity(&mut self, id: CallId, trunk: TrunkIx, identity: CallerId) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        let number = self.numbers.normal_or_same(&identity.number);
        let name = ExtendedDeviceId::outside(DeviceId::new(&number).unwrap_or_default());
        detail.identity = Some(identity);
        detail.calling = name;
        if let Some(party) = detail.party_mut(Device::Trunk(trunk)) {
            party.name = name;
        }
        if !identity.name.is_empty() {
            Arc::make_mut(&mut detail.data).caller_name = Some(identity.name.as_str().to_owned());
        }
        if identity.number.is_empty() {
            return;
        }
        Arc::make_mut(&mut detail.data).caller = Some(name.device.as_str().to_owned());
        if detail.lookup.is_none() {
            let number = Number::from(&number).unwrap_or(identity.number);
            self.look_up(id, number);
        }
    }

    /// Asks the store for the customer of a number, for a call.
    pub(super) fn look_up(&mut self, id: CallId, number: Number) {
        let lookup = self.ask_store(|id| StoreRequest::FindCustomer { id, number });
        self.looked_up.insert(lookup, id);
        if let Some(detail) = self.details.get_mut(&id) {
            detail.lookup = Some(lookup);
        }
    }

    /// Answers a trunk and offers its call to the number that was called.
    pub(super) fn answer_trunk(&mut self, id: CallId, trunk: TrunkIx) {
        let channel = self.devices.trunk(trunk).channel;
        if self.claim(channel, Intent::Answer).is_err() {
            // The caller has just hung up, or the card is gone: that event is on its way and ends the call.
            self.timers.set(Timer::Connection(id, Device::Trunk(trunk)), self.now + self.times.caller_identity);
            return;
        }
        if let Some(detail) = self.details.get_mut(&id) {
            detail.log.answered = Some(self.now);
        }
        if self.model.accept(id, Device::Trunk(trunk), BY_SWITCH).is_ok() {
            self.commit();
            let number = Device::Number(self.devices.trunk(trunk).number);
            if self.is_draining {
                self.refuse(id, number, None, EventCause::Busy);
            } else if self.ask_route(id, number) {
                self.timers.set(Timer::Connection(id, number), self.now + self.times.route_answer);
            } else {
                self.send_to_entry(id);
            }
        }
    }

    /// Leads a caller to the entry of the trunk.
    pub(super) fn send_to_entry(&mut self, id: CallId) {
        let Some(number) = self.number_of(id) else { return };
        let Some(trunk) = self.details.get(&id).and_then(|detail| detail.trunk()) else {
            return self.leave_number(id, number);
        };
        match self.entries[usize::from(trunk.0)] {
            Target::Flow(flow) => self.begin_flow(id, number, flow),
            Target::Queue(queue) => self.divert_from_number(id, Route::Queue(queue)),
            Target::Station(station) => self.divert_from_number(id, Route::Station(station)),
        }
    }
}
