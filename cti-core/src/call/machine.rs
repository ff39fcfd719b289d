//! A machine at the far end of a trunk: a fax machine or a modem that its line has recognised by its tone.
//!
//! Whoever watches the call is told, and its record says so. A fax machine that calls and has nobody to talk to yet goes where the
//! trunk sends such calls: out of its menu, its queue, or from a telephone that rings for it. Where the trunk sends them nowhere,
//! or somebody speaks already, the call goes on as it is.
//!
//! | the caller is | and goes on from |
//! |---|---|
//! | in a menu | the number that was called |
//! | in a queue | the queue, and its place is given up |
//! | where a telephone rings | that telephone, which stops; its agent is free again |
//! | talking, or about to (zip tone) | nowhere |
//!
//! Never: listens itself; that is the line's.

use std::sync::Arc;

use tipring_driver::dsp::machine::MachineTone;

use super::device::{Device, StationIx, TrunkIx};
use super::model::{Place, Stage};
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::event::Machine;
use crate::csta::{CallId, ExtendedDeviceId, LocalConnectionState};
use crate::store::Direction;
use crate::timers::Timer;

impl Core {
    /// A machine has made itself known on a trunk.
    pub(crate) fn on_machine(&mut self, id: CallId, trunk: TrunkIx, tone: MachineTone) {
        let machine = match tone {
            MachineTone::FaxCalls => Machine::Fax,
            MachineTone::ModemCalls => Machine::Modem,
            MachineTone::Answers => Machine::FaxOrModem,
        };
        let Some(call) = self.calls.get_mut(id) else { return };
        Arc::make_mut(&mut call.data).machine = Some(machine);
        let inbound = call.log.direction == Direction::Inbound;
        self.tell_call_information(id, Device::Trunk(trunk));
        if inbound
            && machine == Machine::Fax
            && let Some(to) = self.devices.trunk(trunk).fax
        {
            self.divert_fax(id, to);
        }
    }

    /// Sends a fax machine where such calls go, unless somebody has it already.
    fn divert_fax(&mut self, id: CallId, to: Device) {
        match self.calls.get(id).map(|call| &call.stage) {
            Some(Stage::Menu(_)) => {
                self.stop_call_timers(id);
                let name = ExtendedDeviceId::inside(self.devices.id(to));
                self.tell_diverted_from_number(id, name, EventCause::Redirected);
                if let Some(call) = self.calls.get_mut(id) {
                    call.redirected = call.called;
                }
                self.send_fax(id, to);
            }
            Some(&Stage::Queued(place)) if to != Device::Queue(place.queue) => {
                self.queues[place.queue.0 as usize].leave(place.order);
                self.queues[place.queue.0 as usize].figures.diverted += 1;
                self.take_from(id, Device::Queue(place.queue), to);
                self.send_fax(id, to);
            }
            Some(&Stage::Alerting(station, place)) if !leads_to(station, place, to) => {
                // Whoever has lifted in this very moment has the call: that news is on its way here.
                if self.stop_ringing(station).is_ok() {
                    self.take_from_telephone(id, station, place, to);
                }
            }
            // It is there already, somebody has it, or nobody has it any more.
            Some(
                Stage::Queued(_)
                | Stage::Alerting(..)
                | Stage::Arriving
                | Stage::Prompting(_)
                | Stage::Dialling(_)
                | Stage::Answering(..)
                | Stage::Seizing(..)
                | Stage::Talking
                | Stage::Over,
            )
            | None => {}
        }
    }

    /// A telephone that rings for a fax machine is left in peace.
    fn take_from_telephone(&mut self, id: CallId, station: StationIx, place: Option<Place>, to: Device) {
        self.timers.stop(Timer::Alerting(id));
        if let Some(place) = place {
            self.queues[place.queue.0 as usize].figures.diverted += 1;
        }
        self.take_from(id, Device::Station(station), to);
        self.devices.set_call(Device::Station(station), None);
        if let Some(call) = self.calls.get_mut(id) {
            (call.log.agent, call.log.station) = (None, None);
        }
        self.send_fax(id, to);
        self.agent_left_call(station, id, false);
    }

    /// Takes a call away from a device, to be sent on.
    fn take_from(&mut self, id: CallId, device: Device, to: Device) {
        let (from, to) = (self.devices.id(device), self.devices.id(to));
        if let Some(call) = self.calls.get_mut(id) {
            call.set_state(device, LocalConnectionState::Null);
        }
        self.tell_diverted(id, device, ExtendedDeviceId::inside(to), EventCause::Redirected);
        if let Some(call) = self.calls.get_mut(id) {
            call.parties.retain(|party| party.device != device);
            call.redirected = ExtendedDeviceId::inside(from);
        }
    }

    fn send_fax(&mut self, id: CallId, to: Device) {
        match to {
            Device::Station(station) => self.call_station(id, station, EventCause::Redirected),
            Device::Queue(queue) => self.enter_queue(id, queue),
            // No trunk is taken for a destination.
            Device::Trunk(_) => {}
        }
    }
}

/// Whether a telephone rings because the call was sent where it is to go.
fn leads_to(station: StationIx, place: Option<Place>, to: Device) -> bool {
    match to {
        Device::Station(wanted) => wanted == station,
        Device::Queue(queue) => place.is_some_and(|place| place.queue == queue),
        Device::Trunk(_) => true,
    }
}
