//! Features of stations: forwarding, do not disturb, message lamp, last number, and the completion of calls to an
//! engaged station: the caller camps on (its steps are in `model::camp_on`), or is called back.
//!
//! A call is forwarded where it is offered, and on no answer, in `ring_station`; its destination is the device's table.
//!
//! Never: decides where a forwarded call goes.

use tipring_driver::engine::Command;
use tipring_driver::line::{LineCommand, Number};

use super::{BY_CLIENT, BY_SWITCH};
use crate::acd::why::NotOffered;
use crate::call::Dialling;
use crate::config::StationKind;
use crate::core::{Action, Core};
use crate::csta::cause::{EventCause, UniversalFailure as F};
use crate::csta::event::Event;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId, Feature, ForwardingInfo, Reply, SessionId};
use crate::device::{Device, Resolved, Situation, StationIx};
use crate::limits::CALL_COMPLETIONS_MAX;
use crate::model::{ConnectionState, Origin, Reason};
use crate::pending::Completion;
use crate::route::dial_plan::{NotRouted, Route};

type ServiceResult = Result<Reply, F>;

impl Core {
    fn own_station(&self, session: SessionId, device: &DeviceId) -> Result<StationIx, F> {
        self.permitted(session, device)?.station().ok_or(F::InvalidObjectType)
    }

    /// CSTASetDoNotDisturb.
    pub(super) fn set_do_not_disturb(&mut self, session: SessionId, device: DeviceId, on: bool) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        self.switch_do_not_disturb(station, on);
        Ok(Reply::SetDoNotDisturb)
    }

    /// Do not disturb of a station begins or ends.
    pub(super) fn switch_do_not_disturb(&mut self, station: StationIx, on: bool) {
        if self.features.set_do_not_disturb(station, on) {
            let device = ExtendedDeviceId::inside(self.devices.station(station).id);
            self.emit_device(Device::Station(station), Event::DoNotDisturb { device, do_not_disturb_on: on }, &None);
            self.touched.insert(Device::Station(station));
        }
    }

    /// The line of a station has come into service: its lamp is lit again.
    pub(super) fn relight(&mut self, station: StationIx) {
        if self.features.lamp(station) {
            let channel = self.devices.station(station).channel;
            let command = LineCommand::MessageWaiting(true);
            self.actions.push_back(Action::Command(Command::Line { channel, command }));
        }
    }

    /// Lights the message lamp of a station or puts it out, and reports it.
    pub(super) fn light(&mut self, station: StationIx, on: bool) {
        if !self.features.set_lamp(station, on) {
            return;
        }
        let of = self.devices.station(station);
        let (channel, id) = (of.channel, of.id);
        let command = LineCommand::MessageWaiting(on);
        self.actions.push_back(Action::Command(Command::Line { channel, command }));
        let event = Event::MessageWaiting {
            device_for_message: ExtendedDeviceId::inside(id),
            invoking_device: ExtendedDeviceId::NOT_KNOWN,
            message_waiting_on: on,
        };
        self.emit_device(Device::Station(station), event, &None);
    }

    /// CSTASetMsgWaitingInd: the lamp of the telephone follows.
    pub(super) fn set_message_waiting(&mut self, session: SessionId, device: DeviceId, on: bool) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        self.light(station, on);
        Ok(Reply::SetMessageWaiting)
    }

    /// CSTASetForwarding.
    pub(super) fn set_forwarding(
        &mut self,
        session: SessionId,
        device: DeviceId,
        forward: ForwardingInfo,
    ) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        self.switch_forwarding(station, forward).map(|()| Reply::SetForwarding)
    }

    /// A forwarding of a station begins or ends.
    pub(super) fn switch_forwarding(&mut self, station: StationIx, forward: ForwardingInfo) -> Result<(), F> {
        if forward.on {
            let number = Number::from(forward.destination.as_str()).map_err(|_| F::InvalidForwardingDestination)?;
            match self.dial_plan.route_for(&number, station) {
                Ok(Route::Station(to)) if to == station => return Err(F::InvalidForwardingDestination),
                Ok(_) => {}
                Err(NotRouted::Nowhere) => return Err(F::InvalidForwardingDestination),
                Err(why @ NotRouted::Barred) => return Err(why.failure()),
            }
        }
        if self.features.set_forward(station, forward) {
            let device = ExtendedDeviceId::inside(self.devices.station(station).id);
            let event = Event::Forwarding { device, forwarding_information: forward };
            self.emit_device(Device::Station(station), event, &None);
            self.touched.insert(Device::Station(station));
        }
        Ok(())
    }

    /// CSTAQueryDoNotDisturb.
    pub(super) fn query_do_not_disturb(&self, session: SessionId, device: DeviceId) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        Ok(Reply::QueryDoNotDisturb { do_not_disturb: self.features.do_not_disturb(station) })
    }

    /// CSTAQueryMsgWaitingInd.
    pub(super) fn query_message_waiting(&self, session: SessionId, device: DeviceId) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        Ok(Reply::QueryMessageWaiting { messages: self.features.lamp(station) })
    }

    /// CSTAQueryForwarding.
    pub(super) fn query_forwarding(&self, session: SessionId, device: DeviceId) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        Ok(Reply::QueryForwarding { forward: self.features.forwards(station) })
    }

    /// CSTAQueryLastNumber.
    pub(super) fn query_last_number(&self, session: SessionId, device: DeviceId) -> ServiceResult {
        let station = self.own_station(session, &device)?;
        Ok(Reply::QueryLastNumber { last_number: self.features.last_number(station) })
    }

    /// The reason why a station takes no part in distribution: it is forwarded, or do not disturb is set.
    pub(super) fn refuses_offers(&self, station: StationIx) -> Option<NotOffered> {
        match self.features.resolve(station, Situation::Offered, false, |id| self.devices.find(id)) {
            Resolved::Here => None,
            Resolved::Refused => Some(NotOffered::DoNotDisturb),
            Resolved::Elsewhere(..) | Resolved::Circle => Some(NotOffered::Forwarded),
        }
    }

    /// The place to which a direct call goes that is offered to a station, or could not be completed there.
    pub(super) fn resolve(&self, caller: Device, station: StationIx, situation: Situation) -> Resolved {
        self.features.resolve(station, situation, caller.station().is_some(), |id| self.devices.find(id))
    }

    /// Sends a call that was for a station to the destination of its forwarding.
    pub(super) fn forward(
        &mut self,
        id: CallId,
        caller: Device,
        from: StationIx,
        (destination, cause): (DeviceId, EventCause),
    ) {
        let name = ExtendedDeviceId::inside(self.devices.station(from).id);
        let Some(detail) = self.details.get_mut(&id) else { return };
        detail.redirected = name;
        detail.forwards += 1;
        if usize::from(detail.forwards) > crate::limits::FORWARDS_MAX {
            return self.fail(id, caller, EventCause::DestNotObtainable);
        }
        let number = Number::from(destination.as_str()).unwrap_or_default();
        let reason = Reason { cause, origin: Origin::Switch };
        match self.dial_plan.route_for(&number, from) {
            Ok(Route::Station(to)) => self.ring_station(id, caller, to, reason),
            Ok(Route::Queue(queue)) => {
                if self.model.send(id, Device::Queue(queue), caller, reason).is_err() {
                    self.fail(id, caller, EventCause::DestNotObtainable);
                }
            }
            Ok(Route::Outside(number)) => self.seize_first(id, caller, number),
            Err(why) => self.fail(id, caller, why.cause()),
        }
    }

    /// CSTACallCompletion: a station that has found another engaged camps on, or is called back when that one is free.
    pub(super) fn call_completion(
        &mut self,
        session: SessionId,
        feature: Feature,
        call: crate::csta::ConnectionId,
    ) -> ServiceResult {
        let (id, caller) = self.station_of(session, &call)?;
        if self.model.state(id, Device::Station(caller)) != Some(ConnectionState::Failed) {
            return Err(F::NoCallToComplete);
        }
        let called = self.details.get(&id).map(|detail| detail.called.device).unwrap_or_default();
        let called = self.devices.find(&called).and_then(Device::station).ok_or(F::NoCallToComplete)?;
        let is_of_the_call = self.model.state(id, Device::Station(called)).is_some();
        match feature {
            Feature::CallBack | Feature::CampOn if is_of_the_call || self.features.do_not_disturb(called) => {
                return Err(F::GenericStateIncompatibility);
            }
            Feature::CallBack => {}
            Feature::CampOn => {
                self.model.camp_on(id, Device::Station(caller), Device::Station(called), BY_CLIENT)?;
                return Ok(Reply::CallCompletion);
            }
            _ => return Err(F::InvalidFeature),
        }
        let completion = Completion { caller, called };
        if self.completions.len() >= CALL_COMPLETIONS_MAX {
            return Err(F::ResourceLimitationRejection);
        }
        if !self.completions.contains(&completion) {
            self.completions.push(completion);
        }
        Ok(Reply::CallCompletion)
    }

    /// Rings the stations that have become free for the calls that wait there.
    pub(super) fn offer_camped(&mut self) {
        self.for_touched_stations(|core, station| {
            let device = Device::Station(station);
            let Some(call) = core.model.camped(device) else { return };
            let alone = core.model.appearances(device).is_some_and(|it| it.calls().len() == 1);
            if core.is_stopping || !alone || !core.devices.is_at_rest(station) {
                return;
            }
            let identity = core.details.get(&call).and_then(|detail| detail.identity);
            if core.ring(station, identity).is_ok() {
                let _ = core.model.offer_camped(call, device, BY_SWITCH);
            }
        });
    }

    /// Rings the callers of stations that have become free.
    pub(super) fn ring_completions(&mut self) {
        let free = |core: &Core, it: &Completion| core.is_free(it.caller) && core.is_free(it.called);
        let begins =
            |core: &Core| !core.is_stopping && !core.is_draining && core.has_record_room() && !core.model.is_full();
        while let Some(ix) = self.completions.iter().position(|it| free(self, it)).filter(|_| begins(self)) {
            let Completion { caller, called } = self.completions.remove(ix);
            let number = Number::from(self.devices.station(called).id.as_str()).unwrap_or_default();
            let reason = Reason { cause: EventCause::CallBack, origin: Origin::Switch };
            let is_prompted = self.devices.station(caller).kind == StationKind::Handset;
            if self.ring(caller, None).is_err() {
                continue;
            }
            if let Ok(id) = self.begin_from(caller, Dialling { number, is_prompted }, reason)
                && !is_prompted
            {
                self.originate(id, caller, number, reason);
            }
        }
    }
}
