//! Pickup, group pickup and call park; the connection of a station to a call at once or by ringing it first
//! (prompting), for service observing and take over, too; call notes; Send DTMF Tone. The recall of a parked call is in
//! `release`.
//!
//! | the line | then |
//! |---|---|
//! | a handset that hears dial tone, or is off hook without a call; a headset without a call | takes part at once |
//! | a handset on hook | rings, and takes part when it is lifted |
//! | any other | GENERIC_STATE_INCOMPATIBILITY |
//!
//! A headset that is given a call hears a zip tone first: its wearer may not have asked for it. A caller who is picked
//! up from a queue, or from a telephone that rings for one, is answered there.
//!
//! Never: judges a right.

use std::sync::Arc;

use tipring_driver::engine::Command;
use tipring_driver::line::{CallerId, LineCommand, Number};

use super::{BY_CLIENT, BY_SWITCH};
use crate::call::Dialling;
use crate::channel::State;
use crate::config::StationKind;
use crate::core::{Action, Core};
use crate::csta::cause::{EventCause, UniversalFailure as F};
use crate::csta::tipring::{Remark, TipringReply};
use crate::csta::{CallId, ConnectionId, DeviceId, Digits, SessionId};
use crate::device::{Device, ParkIx, StationIx};
use crate::model::{ConnectionState, Origin, Reason};
use crate::pending::Prompted;

impl Core {
    /// Prepares a station's line: dial tone without a digit is given up. Returns true if a handset has to be rung
    /// first. A headset that has been asked to answer is engaged: the call in its zip tone is as good as active.
    pub(super) fn take_line(&mut self, station: StationIx) -> Result<bool, F> {
        let device = Device::Station(station);
        let of = self.devices.station(station);
        let (kind, state) = (of.kind, self.devices.state(of.channel));
        if state == State::OutOfService {
            return Err(F::ResourceOutOfService);
        }
        if self.is_answering(station) {
            return Err(F::GenericStateIncompatibility);
        }
        if let Some(call) = self.model.active(device) {
            let dialling = self.details.get(&call).and_then(|detail| detail.dialling);
            let is_dial_tone = dialling.is_some_and(|dialling| !dialling.is_prompted && dialling.number.is_empty());
            if self.model.state(call, device) != Some(ConnectionState::Initiated) || !is_dial_tone {
                return Err(F::GenericStateIncompatibility);
            }
            self.model.clear(call, device, BY_SWITCH)?;
            return Ok(false);
        }
        match (kind, state) {
            (_, State::InUse) => Ok(false),
            (StationKind::Handset, State::Idle) if self.is_free(station) => Ok(true),
            _ => Err(F::GenericStateIncompatibility),
        }
    }

    /// Rings a handset that is to carry out a service when it is lifted; it shows `number`.
    pub(super) fn prompt(&mut self, station: StationIx, number: DeviceId, service: Prompted) -> Result<(), F> {
        let number = Number::from(number.as_str()).unwrap_or_default();
        let identity = CallerId { number, ..CallerId::default() };
        let dialling = Dialling { number: Number::new(), is_prompted: true };
        self.ring_to_begin(station, Some(identity), dialling, BY_CLIENT)?;
        self.prompted.insert(station, service);
        Ok(())
    }

    /// A handset that was rung for a service is lifted. Returns false if no service waits for it.
    pub(super) fn on_prompted(&mut self, prompt: CallId, station: StationIx) -> bool {
        let Some(service) = self.prompted.remove(&station) else { return false };
        let device = Device::Station(station);
        let judged = match service {
            Prompted::Supervise(call, supervision) => self.model.can_observe(call, supervision.role()),
            Prompted::TakeOver(call, from) => self.model.can_take_over(call, from, device),
            Prompted::Pickup(call, from) => self.model.can_pick_up(call, from),
        };
        if judged.is_err() {
            // The conversation is over: the lifted handset hears so.
            self.fail(prompt, device, EventCause::DestNotObtainable);
            return true;
        }
        let _ = self.model.clear(prompt, device, BY_SWITCH);
        let done = match service {
            Prompted::Supervise(call, supervision) => self.join(call, station, supervision),
            Prompted::TakeOver(call, from) => self.take_over_now(call, from, station),
            Prompted::Pickup(call, from) => self.pick_up_now(call, from, station),
        };
        if done.is_err() && self.model.active(device).is_none() {
            self.begin_dialling(station);
        }
        true
    }

    /// The call that has alerted longest at another station of a station's pickup group, and that station.
    ///
    /// # Errors
    ///
    /// INVALID_FEATURE if the station is in no group; NO_CALL_TO_ANSWER if none of them alerts.
    pub(super) fn alerting_in_group(&self, by: StationIx) -> Result<(CallId, Device), F> {
        let group = self.devices.station(by).pickup_group.ok_or(F::InvalidFeature)?;
        let of_others =
            self.model.calls().filter(|call| call.at(Device::Station(by)).is_none() && call.parties().count() > 1);
        let alerting = of_others.flat_map(|call| {
            let rings = call.connections.iter().filter(|it| it.state == ConnectionState::Alerting);
            rings.filter(|it| self.pickup_group(it.device) == Some(group)).map(|it| (it.since, call.id, it.device))
        });
        alerting.min().map(|(_, call, from)| (call, from)).ok_or(F::NoCallToAnswer)
    }

    /// The pickup group of a device; a device other than a station is in none.
    pub(super) fn pickup_group(&self, device: Device) -> Option<u16> {
        self.devices.station(device.station()?).pickup_group
    }

    /// Takes a call that alerts, waits or is parked at another device.
    pub(super) fn pick_up(&mut self, call: CallId, from: Device, station: StationIx) -> Result<(), F> {
        self.model.can_pick_up(call, from)?;
        if self.model.state(call, Device::Station(station)).is_some() {
            return Err(F::InvalidCalledDevice);
        }
        if self.take_line(station)? {
            let number = self.devices.id(from);
            return self.prompt(station, number, Prompted::Pickup(call, from));
        }
        self.pick_up_now(call, from, station)
    }

    pub(super) fn pick_up_now(&mut self, call: CallId, from: Device, station: StationIx) -> Result<(), F> {
        let device = Device::Station(station);
        // What is refused leaves the telephone ringing.
        self.model.can_pick_up(call, from)?;
        self.model.can_join(call, device)?;
        if let Some(from) = from.station() {
            self.stop_ringing(from).map_err(|_| F::ResourceBusy)?;
        }
        let reason = Reason { cause: EventCause::CallPickup, origin: Origin::Device(device) };
        self.model.pickup(call, from, device, reason)?;
        self.withdraw_offers(call, from);
        Ok(())
    }

    /// Call park. Returns the connection at the parking place.
    pub(super) fn park_call(
        &mut self,
        session: SessionId,
        active: &ConnectionId,
        place: &DeviceId,
    ) -> Result<ConnectionId, F> {
        let (call, station) = self.station_of(session, active)?;
        let place = if place.is_empty() { None } else { Some(self.permitted(session, place)?) };
        self.park(call, station, place, BY_CLIENT)
    }

    /// Parks a call of a station at a place, or at the first that is free.
    pub(super) fn park(
        &mut self,
        call: CallId,
        station: StationIx,
        place: Option<Device>,
        reason: Reason,
    ) -> Result<ConnectionId, F> {
        let place = self.free_place(place)?;
        self.model.park(call, Device::Station(station), place, reason)?;
        Ok(ConnectionId { call, device: self.devices.id(place), ..ConnectionId::NONE })
    }

    /// A park slot that is free: the one named, or the first.
    pub(super) fn free_place(&self, place: Option<Device>) -> Result<Device, F> {
        let is_free = |place: &Device| self.model.appearances(*place).is_none_or(|it| it.calls().is_empty());
        match place {
            Some(place) if is_free(&place) => Ok(place),
            Some(_) => Err(F::GenericStateIncompatibility),
            None => {
                let mut places = (0..self.devices.parks()).map(|ix| Device::Park(ParkIx(ix as u16)));
                places.find(is_free).ok_or(F::ResourceBusy)
            }
        }
    }

    /// Sets the notes that go with a call; those who monitor it hear of them.
    pub(super) fn annotate(
        &mut self,
        session: SessionId,
        active: &ConnectionId,
        notes: &Remark,
    ) -> Result<TipringReply, F> {
        let (call, station) = self.station_of(session, active)?;
        let detail = self.details.get_mut(&call).ok_or(F::InvalidCstaConnectionIdentifier)?;
        Arc::make_mut(&mut detail.data).notes = notes.trimmed().0;
        self.emit_call_information(call, Device::Station(station));
        Ok(TipringReply::AnnotateCall)
    }

    /// Send DTMF Tone (private 71): digits on the trunks of a call.
    pub(super) fn send_digits(&mut self, session: SessionId, sender: &ConnectionId, digits: &Digits) -> Result<(), F> {
        let (call, _) = self.station_of(session, sender)?;
        let of = self.model.call(call).ok_or(F::InvalidCstaConnectionIdentifier)?;
        let talks = |it: &&crate::model::Connection| it.state == ConnectionState::Connected;
        let trunks: Vec<_> = of.parties().filter(talks).filter_map(|it| it.device.trunk()).collect();
        let number = Number::from(digits.as_str()).map_err(|_| F::ValueOutOfRange)?;
        if trunks.is_empty() || number.is_empty() {
            return Err(F::InvalidObjectState);
        }
        for trunk in trunks {
            let channel = self.devices.trunk(trunk).channel;
            let command = Command::Line { channel, command: LineCommand::SendDigits(number) };
            self.actions.push_back(Action::Command(command));
        }
        Ok(())
    }

    /// The call that waits at a parking place; without a place, the one that a station has parked last.
    pub(super) fn parked(&self, station: StationIx, place: Option<Device>) -> Option<(CallId, Device)> {
        let parked = self.model.calls().flat_map(|call| call.connections.iter().map(|it| (call.id, *it)));
        let parked = parked.filter(|(_, it)| matches!(it.device, Device::Park(_)));
        match place {
            Some(place) => parked.into_iter().find(|(_, it)| it.device == place),
            None => parked.filter(|(_, it)| it.recall == Some(Device::Station(station))).max_by_key(|(_, it)| it.since),
        }
        .map(|(call, it)| (call, it.device))
    }
}
