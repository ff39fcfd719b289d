//! A trunk call from its first ring to its destination.
//!
//! The trunk is answered when the caller's identity is known, or has been waited for long enough. Then the call is
//! offered to the number that was called, at which the menu runs, and diverted from there to a queue or a station.
//!
//! Never: decides which agent is offered it.

use std::sync::Arc;

use tipring_driver::line::{CallerId, Digit, NUMBER_MAX};

use crate::call::{Detail, Script};
use crate::channel::Intent;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId};
use crate::device::{Device, TrunkIx};
use crate::ivr::Target;
use crate::ivr::flow::{Heard, Step, Walk};
use crate::limits::{IDENTITY_AGE_MAX, PROMPT_MAX};
use crate::model::{Origin, Reason};
use crate::store::{Customer, Direction, StoreRequest};
use crate::timers::Timer;

/// A step that a rule of the switch takes.
pub(super) const BY_SWITCH: Reason = Reason { cause: EventCause::None, origin: Origin::Switch };

impl Core {
    /// A trunk rings: a call arrives.
    pub(super) fn on_offered(&mut self, trunk: TrunkIx) {
        let (device, number) = (Device::Trunk(trunk), Device::Number(self.devices.trunk(trunk).number));
        let Ok(id) = self.model.arrive(device, number, BY_SWITCH) else {
            let device = self.devices.trunk(trunk).id;
            self.actions.push_back(Action::Trouble(Trouble::TooManyCalls { device }));
            return;
        };
        let called = ExtendedDeviceId::inside(self.devices.id(number));
        self.counters.calls += 1;
        self.details.insert(
            id,
            Detail::new((id, self.ucid(id)), self.now, Direction::Inbound, ExtendedDeviceId::NOT_KNOWN, called),
        );
        let early = self.devices.trunk_mut(trunk).early_identity.take();
        if let Some((_, identity)) = early.filter(|(at, _)| self.now.since(*at) <= IDENTITY_AGE_MAX) {
            self.set_identity(id, trunk, identity);
            self.commit();
            self.answer_trunk(id, trunk);
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
            self.answer_trunk(id, trunk);
        }
    }

    /// The store has found the caller.
    pub(crate) fn on_customer(&mut self, id: CallId, customer: Customer) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        let data = Arc::make_mut(&mut detail.data);
        data.customer = Some(customer.name);
        data.account = Some(customer.account);
        if let (true, Some(trunk)) = (detail.is_reported, detail.trunk()) {
            self.emit_call_information(id, Device::Trunk(trunk));
        }
    }

    fn set_identity(&mut self, id: CallId, trunk: TrunkIx, identity: CallerId) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        let name = ExtendedDeviceId::outside(DeviceId::new(&identity.number).unwrap_or_default());
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
        Arc::make_mut(&mut detail.data).caller = Some(identity.number.as_str().to_owned());
        if detail.lookup.is_none() {
            let number = identity.number;
            let lookup = self.ask_store(|id| StoreRequest::FindCustomer { id, number });
            self.looked_up.insert(lookup, id);
            if let Some(detail) = self.details.get_mut(&id) {
                detail.lookup = Some(lookup);
            }
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
            if !self.ask_route(id, number) {
                self.send_to_entry(id);
            }
        }
    }

    /// Leads a caller to the entry of the trunk.
    pub(super) fn send_to_entry(&mut self, id: CallId) {
        let trunk = self.details.get(&id).and_then(|detail| detail.trunk());
        if let Some(trunk) = trunk {
            self.send_to(id, self.entries[usize::from(trunk.0)]);
        }
    }

    /// Leads a caller from the number to a menu, a queue or a station.
    fn send_to(&mut self, id: CallId, target: Target) {
        let device = match target {
            Target::Menu(number) => {
                let Some(menu) = self.menus.get(usize::from(number)) else { return };
                let (walk, step) = Walk::enter(number, menu);
                if let Some(detail) = self.details.get_mut(&id) {
                    detail.script = Some(Script { walk, says: None });
                }
                return self.menu_step(id, step);
            }
            Target::Queue(queue) => Device::Queue(queue),
            Target::Station(station) => Device::Station(station),
        };
        self.divert_from_number(id, device, BY_SWITCH);
    }

    /// Takes a call from the number at which its flow runs, and sends it to a station or a queue.
    pub(super) fn divert_from_number(&mut self, id: CallId, to: Device, reason: Reason) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        detail.script = None;
        let from = detail.parties.iter().find(|party| matches!(party.device, Device::Number(_)));
        if let Some(from) = from.map(|party| party.device) {
            self.send_on(id, from, to, reason);
        }
    }

    /// The caller has pressed a key.
    pub(super) fn on_caller_digit(&mut self, id: CallId, digit: Digit) {
        let Some(detail) = self.details.get_mut(&id).filter(|detail| detail.script.is_some()) else { return };
        let data = Arc::make_mut(&mut detail.data);
        if data.keyed.len() < NUMBER_MAX {
            data.keyed.push(digit.as_char());
        }
        self.menu_heard(id, Heard::Key(digit));
    }

    /// The deadline of a menu: no key came, or the end of a prompt was lost.
    pub(super) fn on_menu_deadline(&mut self, id: CallId) {
        if self.end_routing(id, crate::csta::cause::UniversalFailure::RequestTimeoutRejection) {
            return self.send_to_entry(id);
        }
        let says = self.details.get(&id).and_then(|detail| detail.script).and_then(|script| script.says);
        self.menu_heard(id, if says.is_some() { Heard::PromptEnded } else { Heard::TimedOut });
    }

    pub(super) fn menu_heard(&mut self, id: CallId, heard: Heard) {
        let Some(script) = self.details.get_mut(&id).and_then(|detail| detail.script.as_mut()) else { return };
        let Some(menu) = self.menus.get(usize::from(script.walk.menu)) else { return };
        let step = script.walk.step(menu, heard);
        self.menu_step(id, step);
    }

    fn menu_step(&mut self, id: CallId, step: Step) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        let number = detail.parties.iter().map(|party| party.device).find(|it| matches!(it, Device::Number(_)));
        let (Some(number), Some(script)) = (number, detail.script.as_mut()) else { return };
        let wait = match step {
            Step::Say(prompt) => {
                self.next_playing = self.next_playing.wrapping_add(1).max(1);
                script.says = Some((prompt, self.next_playing));
                PROMPT_MAX
            }
            Step::Await(wait) => {
                script.says = None;
                wait
            }
            Step::Go(target) => return self.send_to(id, target),
        };
        self.timers.set(Timer::Connection(id, number), self.now + wait);
        self.touch(id);
    }
}
