//! Ways out of a queue, carried out: gates at entry, overflow while waiting, busy with an announcement.
//!
//! ```text
//! entry ──► gate holds? ──no──► place on the floor ──► overflow rule due and holds? ──► out
//!              └─yes──► out: another queue, a flow, a station, the offer of a call-back, busy
//! ```
//!
//! A call turned away at a gate is reported like every other: queued, then diverted with the cause *overflow*. So the
//! figures of the queue count it, and a monitor of the queue sees where it went.
//!
//! Gates make no circle, because a queue that has turned a call away is not tried again.
//!
//! Never: decides whether a rule holds; `acd::decide` does.

use tipring_driver::ids::PromptId;

use super::step::Left;
use super::step::Step;
use crate::acd::decide::gate;
use crate::acd::ids::Contact;
use crate::acd::rule::Target;
use crate::config::Destination;
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::{CallId, DeviceId};
use crate::device::{Device, QueueIx};
use crate::model::{ConnectionState, Origin, Reason};
use crate::report::event::Event;
use crate::route::target;

/// A call that leaves a queue by a rule.
const OVERFLOW: Reason = Reason { cause: EventCause::Overflow, origin: Origin::Switch };

impl Core {
    /// Judges the gates for a call that enters a queue; true if one turns it away. A call that has had a place in a
    /// queue before passes: it has been let in once.
    pub(super) fn turned_away(&mut self, step: Step, queue: QueueIx) -> bool {
        let Some(detail) = self.details.get_mut(&step.call) else { return false };
        if detail.has_had_place || detail.turned_from.is_full() {
            return false;
        }
        let Some(to) = gate(&self.floor, queue) else { return false };
        if to == Target::CallBack {
            // It waits; the offer is said as soon as it has its place.
            self.exits.push((step.call, queue, to));
            return false;
        }
        if let Target::Queue(other) = to
            && (other == queue || detail.turned_from.contains(&other))
        {
            return false;
        }
        detail.turned_from.push(queue);
        self.exits.push((step.call, queue, to));
        self.log_queued(step.call, self.devices.id(step.device));
        self.append(Event::FlowedOut { call: step.call, to: self.exit_name(to) });
        true
    }

    /// Carries out the next gate that has held in this transaction. False if there is none.
    pub(super) fn turn_away(&mut self) -> bool {
        let Some((call, from, to)) = self.exits.pop() else { return false };
        self.send_out(call, from, to);
        true
    }

    /// Sends a call out of a queue.
    pub(super) fn send_out(&mut self, call: CallId, from: QueueIx, to: Target) {
        let (queue, name) = (Device::Queue(from), self.exit_name(to));
        match to {
            Target::Queue(to) => self.send_on(call, queue, Device::Queue(to), OVERFLOW),
            Target::To(to) => {
                // Known to exist since the start.
                let Ok(to) = target::Target::resolve(to, &self.devices, &self.flow_names) else { return };
                self.leave_place(call, Left::FlowedOut(name));
                self.lead(call, queue, to, OVERFLOW);
            }
            Target::CallBack => drop(self.offer_call_back(call, from)),
            Target::Busy(announcement) => {
                self.leave_place(call, Left::FlowedOut(name));
                self.refuse(call, queue, announcement, EventCause::Busy);
            }
        }
    }

    /// The device that a way out leads to; empty if it is none.
    fn exit_name(&self, to: Target) -> DeviceId {
        match to {
            Target::Queue(queue) => self.devices.id(Device::Queue(queue)),
            Target::To(Destination::Queue(device) | Destination::Station(device)) => device,
            _ => DeviceId::EMPTY,
        }
    }

    /// Takes a call from a queue for good: an announcement, if there is one, then busy tone.
    pub(super) fn refuse(&mut self, call: CallId, from: Device, announcement: Option<PromptId>, cause: EventCause) {
        let Some(caller) = self.details.get(&call).and_then(|detail| detail.log.caller) else { return };
        if self.model.take(call, from, OVERFLOW).is_err() {
            return;
        }
        self.floor.call_left(Contact::Call(call));
        self.fail(call, caller, cause);
        // A flow that has another way goes on instead.
        if self.model.state(call, caller) == Some(ConnectionState::Failed)
            && let (Some(prompt), Some(detail)) = (announcement, self.details.get_mut(&call))
        {
            detail.speech.say([prompt]);
        }
    }

    /// Takes a call from a device at which it waits and leads it to a flow, a queue or a station. A flow runs at the
    /// number that was called; at the site's first number for a call that came by none.
    pub(super) fn lead(&mut self, call: CallId, from: Device, to: target::Target, reason: Reason) {
        match to {
            target::Target::Queue(queue) => self.send_on(call, from, Device::Queue(queue), reason),
            target::Target::Station(station) => self.send_on(call, from, Device::Station(station), reason),
            target::Target::Flow(flow) => {
                let trunk = self.details.get(&call).and_then(|detail| detail.trunk());
                let trunk = trunk.map(|trunk| self.devices.trunk(trunk)).or(self.devices.trunks().first());
                let Some(number) = trunk.map(|trunk| Device::Number(trunk.number)) else {
                    return self.refuse(call, from, None, EventCause::DestNotObtainable);
                };
                self.send_on(call, from, number, reason);
                if self.model.state(call, number).is_some() {
                    self.begin_flow(call, number, flow);
                }
            }
        }
    }
}
