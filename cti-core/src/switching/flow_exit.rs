//! The ways of a call out of the number at which it alerts, and back to its flow.
//!
//! ```text
//! flow ─► queue, station, trunk ─► an answer: the flow is over
//!   ▲              └─ it cannot stay there: back to the number, and on by the node's other way
//!   └──────────────┘
//! route of a client, entry of a trunk ─► queue, station, trunk: without a flow
//! ```
//!
//! Never: decides that a call leaves.

use tipring_driver::line::Number;
use tipring_driver::time::Ticks;

use super::BY_SWITCH;
use super::step::Left;
use crate::acd::decide::gate;
use crate::acd::ids::Contact;
use crate::call::Doing;
use crate::channel::State;
use crate::core::Core;
use crate::csta::CallId;
use crate::device::{Device, QueueIx, Resolved, Situation, StationIx};
use crate::flow::walk::Input;
use crate::model::{ConnectionState, Reason};
use crate::route::dial_plan::Route;

impl Core {
    /// Takes a call from the number at which it alerts, and sends it to its destination. Its flow is over.
    pub(super) fn divert_from_number(&mut self, id: CallId, to: Route) {
        self.end_script(id);
        let Some(number) = self.number_of(id) else { return };
        match to {
            Route::Station(station) => self.send_on(id, number, Device::Station(station), BY_SWITCH),
            Route::Queue(queue) => self.send_on(id, number, Device::Queue(queue), BY_SWITCH),
            Route::Outside(to) => self.call_out_from(id, number, to),
        }
    }

    /// Takes a call from the number at which it alerts, and seizes a trunk for it.
    pub(super) fn call_out_from(&mut self, id: CallId, number: Device, to: Number) {
        let Some(caller) = self.details.get(&id).and_then(|detail| detail.log.caller) else { return };
        if self.model.take(id, number, BY_SWITCH).is_ok() {
            self.seize_first(id, caller, to);
            self.model.settle(id, BY_SWITCH);
        }
    }

    /// The number at which a call alerts.
    pub(super) fn number_of(&self, id: CallId) -> Option<Device> {
        self.model.call(id)?.number()
    }

    /// Sends a caller from a flow into a queue; false if its gate turns the caller away and the flow has another way. A
    /// flow without one leaves it to the queue where a caller who is turned away goes.
    pub(super) fn flow_to_queue(&mut self, id: CallId, queue: QueueIx) -> bool {
        let script = self.details.get(&id).and_then(|detail| detail.script.as_ref());
        let goes_on = script.is_some_and(|script| script.walk.goes_on(&self.flows.version(script.book).flows));
        if goes_on && gate(&self.floor, queue).is_some() {
            return false;
        }
        self.flow_to(id, Device::Queue(queue))
    }

    /// Sends a caller from a flow to a station; false if that cannot be rung now, and is not forwarded either.
    pub(super) fn flow_to_station(&mut self, id: CallId, station: StationIx) -> bool {
        let Some(caller) = self.details.get(&id).and_then(|detail| detail.log.caller) else { return false };
        let forwarded = |situation| matches!(self.resolve(caller, station, situation), Resolved::Elsewhere(..));
        let rings = matches!(self.resolve(caller, station, Situation::Offered), Resolved::Here)
            && self.devices.state(self.devices.station(station).channel) != State::OutOfService
            && self.is_free(station);
        if !rings && !forwarded(Situation::Offered) && !forwarded(Situation::Busy) {
            return false;
        }
        self.flow_to(id, Device::Station(station))
    }

    fn flow_to(&mut self, id: CallId, to: Device) -> bool {
        let Some(from) = self.number_of(id) else { return false };
        self.occupy(id, Doing::Away, Ticks::ZERO);
        self.send_on(id, from, to, BY_SWITCH);
        true
    }

    /// A call cannot stay where its flow has sent it: it comes back to its number, and the flow goes on. False if no
    /// flow has sent it.
    pub(super) fn return_to_flow(&mut self, id: CallId, from: Option<Device>, reason: Reason) -> bool {
        let Some(detail) = self.details.get(&id) else { return false };
        let away = detail.script.as_ref().filter(|script| script.doing == Doing::Away);
        let away = away.filter(|script| script.walk.goes_on(&self.flows.version(script.book).flows));
        let (Some(number), Some(caller)) = (away.map(|script| script.number), detail.log.caller) else { return false };
        if self.is_stopping || self.model.state(id, caller) != Some(ConnectionState::Connected) {
            return false;
        }
        if from.is_some_and(|from| self.model.take(id, from, reason).is_err()) {
            return false;
        }
        self.leave_place(id, Left::FlowedOut(self.devices.id(number)));
        self.floor.call_left(Contact::Call(id));
        if self.model.send(id, number, caller, reason).is_err() {
            return false;
        }
        self.flow_step(id, &Input::Failed);
        true
    }

    /// Nothing goes on at the number: the call does not stay there.
    pub(super) fn leave_number(&mut self, id: CallId, number: Device) {
        if self.model.take(id, number, BY_SWITCH).is_ok() {
            self.model.settle(id, BY_SWITCH);
        }
    }
}
