//! A trunk call from its first ring through the menu to its queue.
//!
//! Never: decides which agent gets it; that is the ACD's.

use std::sync::Arc;

use tipring_driver::ids::TaskId;
use tipring_driver::line::{CallerId, Digit};
use tipring_driver::media::ToneKind;

use super::connection::Party;
use super::device::{Device, TrunkIx};
use super::model::Stage;
use crate::channel::Intent;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId, LocalConnectionState};
use crate::ivr::Target;
use crate::ivr::flow::{Heard, Step, Walk};
use crate::limits::{IDENTITY_AGE_MAX, PROMPT_MAX};
use crate::store::{Customer, Direction, StoreRequest};
use crate::timers::Timer;

impl Core {
    /// A trunk rings: a call begins. It is answered when its caller is known, or has been waited for long enough.
    pub(crate) fn on_offered(&mut self, trunk: TrunkIx) {
        let device = Device::Trunk(trunk);
        let called = ExtendedDeviceId::inside(self.devices.trunk(trunk).number);
        let begun =
            self.calls.begin(self.now, Direction::Inbound, Stage::Arriving, ExtendedDeviceId::NOT_KNOWN, called);
        let Some(call) = begun else {
            let device = self.devices.trunk(trunk).id;
            self.actions.push_back(Action::Trouble(Trouble::TooManyCalls { device }));
            return;
        };
        call.log.trunk = Some(trunk);
        let id = call.id;
        self.counters.calls += 1;
        let token = self.next_token();
        let party = Party::outside(id, device, token, ExtendedDeviceId::NOT_KNOWN, LocalConnectionState::Connect);
        self.join(id, party);
        let early = self.devices.trunk_mut(trunk).early_identity.take();
        match early.filter(|(at, _)| self.now.since(*at) <= IDENTITY_AGE_MAX) {
            Some((_, identity)) => {
                self.set_identity(id, trunk, identity);
                self.tell_entered(id);
                self.answer_trunk(id, trunk);
            }
            None => self.timers.set(Timer::CallerIdentity(id), self.now + self.times.caller_identity),
        }
    }

    /// A trunk has said who calls: before the ring, during it, or after the answer.
    pub(crate) fn on_caller_identity(&mut self, trunk: TrunkIx, identity: CallerId) {
        let Some(id) = self.devices.trunk(trunk).call else {
            self.devices.trunk_mut(trunk).early_identity = Some((self.now, identity));
            return;
        };
        let Some(call) = self.calls.get(id) else { return };
        if call.log.direction != Direction::Inbound || call.identity.is_some() {
            return;
        }
        let arriving = call.stage == Stage::Arriving;
        self.set_identity(id, trunk, identity);
        if arriving {
            self.tell_entered(id);
            self.answer_trunk(id, trunk);
        }
    }

    /// The caller's identity did not come: the call is answered without.
    pub(crate) fn on_identity_wait_over(&mut self, id: CallId) {
        let Some(trunk) = self.calls.get(id).filter(|call| call.stage == Stage::Arriving).and_then(|call| call.trunk())
        else {
            return;
        };
        self.tell_entered(id);
        self.answer_trunk(id, trunk);
    }

    /// The store has found who calls.
    pub(crate) fn on_customer(&mut self, id: CallId, customer: Customer) {
        if let Some(call) = self.calls.get_mut(id) {
            let data = Arc::make_mut(&mut call.data);
            data.customer = Some(customer.name);
            data.account = Some(customer.account);
        }
    }

    fn set_identity(&mut self, id: CallId, trunk: TrunkIx, identity: CallerId) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let name = ExtendedDeviceId::outside(DeviceId::new(&identity.number).unwrap_or_default());
        call.identity = Some(identity);
        call.calling = name;
        if let Some(party) = call.parties.iter_mut().find(|party| party.device == Device::Trunk(trunk)) {
            party.name = name;
        }
        if !identity.name.is_empty() {
            Arc::make_mut(&mut call.data).caller_name = Some(identity.name.as_str().to_owned());
        }
        if identity.number.is_empty() {
            return;
        }
        Arc::make_mut(&mut call.data).caller = Some(identity.number.as_str().to_owned());
        if call.lookup.is_none() {
            let number = identity.number;
            let lookup = self.ask_store(|id| StoreRequest::FindCustomer { id, number });
            self.looked_up.insert(lookup, id);
            if let Some(call) = self.calls.get_mut(id) {
                call.lookup = Some(lookup);
            }
        }
    }

    fn answer_trunk(&mut self, id: CallId, trunk: TrunkIx) {
        self.timers.stop(Timer::CallerIdentity(id));
        let channel = self.devices.trunk(trunk).channel;
        if self.claim(channel, Intent::Answer).is_err() {
            // The caller has just given up, or the card is gone: that news is on its way and ends the call.
            return;
        }
        if let Some(call) = self.calls.get_mut(id) {
            call.log.answered = Some(self.now);
        }
        self.send_to(id, self.entries[trunk.0 as usize]);
    }

    /// Sends a caller to a menu, a queue or a station.
    pub(crate) fn send_to(&mut self, id: CallId, target: Target) {
        match target {
            Target::Menu(number) => {
                let Some(menu) = self.menus.get(number as usize) else { return };
                let (walk, step) = Walk::enter(number, menu);
                if let Some(call) = self.calls.get_mut(id) {
                    call.stage = Stage::Menu(walk);
                }
                self.menu_step(id, step);
            }
            Target::Queue(queue) => self.enter_queue(id, queue),
            Target::Station(station) => self.call_station(id, station, EventCause::NewCall),
        }
    }

    /// A key was pressed by the caller on a trunk.
    pub(crate) fn on_caller_digit(&mut self, id: CallId, digit: Digit) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let Stage::Menu(walk) = &mut call.stage else { return };
        let Some(menu) = self.menus.get(walk.menu as usize) else { return };
        let step = walk.step(menu, Heard::Key(digit));
        let data = Arc::make_mut(&mut call.data);
        if data.keyed.len() < tipring_driver::line::NUMBER_MAX {
            data.keyed.push(digit.as_char());
        }
        self.menu_step(id, step);
    }

    /// A player has ended, by itself or because it was stopped.
    pub(crate) fn on_play_ended(&mut self, task: TaskId) {
        let Some(channel) = self.audio.ended(task) else { return };
        let call = self.devices.line(channel).and_then(|line| self.devices.call(line.device));
        let Some(call) = call else { return };
        match self.calls.get(call).map(|call| &call.stage) {
            // What a queue says is said for ever: it has ended because it could not be had.
            Some(Stage::Queued(_)) => self.audio.tone(channel, ToneKind::Ringback, &mut self.actions),
            Some(_) | None => self.menu_heard(call, Heard::PromptEnded),
        }
    }

    /// A prompt has not been told to have ended for so long that its end must have been lost.
    pub(crate) fn on_prompt_lost(&mut self, id: CallId) {
        self.menu_heard(id, Heard::PromptEnded);
    }

    /// No key came.
    pub(crate) fn on_menu_key_wait_over(&mut self, id: CallId) {
        self.menu_heard(id, Heard::TimedOut);
    }

    fn menu_heard(&mut self, id: CallId, heard: Heard) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let Stage::Menu(walk) = &mut call.stage else { return };
        let Some(menu) = self.menus.get(walk.menu as usize) else { return };
        let step = walk.step(menu, heard);
        self.menu_step(id, step);
    }

    fn menu_step(&mut self, id: CallId, step: Step) {
        let Some(trunk) = self.calls.get(id).and_then(|call| call.trunk()) else { return };
        let channel = self.devices.trunk(trunk).channel;
        self.timers.stop(Timer::MenuKey(id));
        self.timers.stop(Timer::Prompt(id));
        match step {
            Step::Say(prompt) => {
                self.audio.play(channel, prompt, false, &mut self.actions);
                self.timers.set(Timer::Prompt(id), self.now + PROMPT_MAX);
            }
            Step::Await(wait) => {
                self.audio.silence(channel, &mut self.actions);
                self.timers.set(Timer::MenuKey(id), self.now + wait);
            }
            Step::Go(target) => {
                self.audio.silence(channel, &mut self.actions);
                self.send_to(id, target);
            }
        }
    }

    pub(crate) fn next_token(&mut self) -> u32 {
        self.next_token = self.next_token.wrapping_add(1);
        self.next_token
    }
}
