//! Feature access codes carried out: an agent with nothing but a telephone logs on and off, picks up, parks, forwards.
//!
//! The confirmation tone says that it was done, congestion tone that it was not. A log-in waits for the verification of
//! the PIN, which is not the core's.
//!
//! Never: reports or keeps the keys of a procedure; a PIN may be among them.

use tipring_driver::media::ToneKind;

use super::BY_CLIENT;
use crate::acd::ids::Reason as ReasonCode;
use crate::agent::{AgentRequest, Doer, Presence};
use crate::call::KeyedOut;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::{EventCause, UniversalFailure as F};
use crate::csta::{AgentId, AgentPassword, CallId, DeviceId, ForwardingInfo, ForwardingType};
use crate::device::{Device, StationIx};
use crate::input::Input;
use crate::model::{ConnectionState, Origin, Reason};
use crate::route::feature_code::{FeatureCode, FeatureCommand};

/// The outcome of a procedure.
enum Keyed {
    /// Done: the confirmation tone follows.
    Done,
    /// The station takes part in a call now.
    Connected,
    /// The verification of a PIN was asked for.
    Pending,
}

impl Core {
    /// Carries out a complete procedure of a station whose call `id` collects its keys.
    pub(super) fn carry_out_keys(&mut self, id: CallId, station: StationIx, command: &FeatureCommand<'_>) {
        match self.keyed(id, station, command) {
            Ok(Keyed::Connected) => {}
            Ok(Keyed::Pending) => self.end_keys(id, None),
            Ok(Keyed::Done) => self.confirm_keys(id, station),
            Err(_) => self.refuse_keys(id, station),
        }
    }

    /// The keys were no procedure, or it could not be carried out.
    pub(super) fn refuse_keys(&mut self, id: CallId, station: StationIx) {
        self.end_keys(id, None);
        let device = Device::Station(station);
        match self.model.active(device) {
            Some(active) => self.fail(active, device, EventCause::DestNotObtainable),
            None => self.begin_dialling(station),
        }
    }

    fn confirm_keys(&mut self, id: CallId, station: StationIx) {
        if self.model.active(Device::Station(station)).is_none() {
            self.begin_dialling(station);
        }
        let id = self.model.active(Device::Station(station)).unwrap_or(id);
        self.end_keys(id, Some(ToneKind::Confirmation));
    }

    /// The keys are forgotten; the station hears a tone, or silence.
    fn end_keys(&mut self, id: CallId, tone: Option<ToneKind>) {
        if let Some(detail) = self.details.get_mut(&id) {
            detail.keyed_out = Some(KeyedOut { tone });
            if let Some(dialling) = &mut detail.dialling {
                dialling.number.clear();
            }
        }
        self.touch(id);
    }

    fn keyed(&mut self, id: CallId, station: StationIx, command: &FeatureCommand<'_>) -> Result<Keyed, F> {
        let device = Device::Station(station);
        let first = command.parameters.first().copied();
        let done = |()| Keyed::Done;
        match (command.service, command.on) {
            (FeatureCode::LogIn, true) => {
                let [agent, pin] = command.parameters[..] else { return Err(F::ValueOutOfRange) };
                let agent = AgentId::new(agent).map_err(|_| F::ValueOutOfRange)?;
                let pin = AgentPassword::new(pin).map_err(|_| F::ValueOutOfRange)?;
                self.pin_station(station, id);
                self.ask_for_pin(self.devices.id(device), agent, pin);
                Ok(Keyed::Pending)
            }
            (FeatureCode::LogIn, false) => self.key_agent(station, AgentRequest::LogOff(ReasonCode(0))).map(done),
            (FeatureCode::Ready, true) => self.key_agent(station, AgentRequest::Ready).map(done),
            (FeatureCode::Ready, false) => {
                let reason = match first {
                    Some(code) => code.parse().ok().filter(|code| (1..=99).contains(code)).ok_or(F::ValueOutOfRange)?,
                    None => 0,
                };
                self.key_agent(station, AgentRequest::NotReady(ReasonCode(reason))).map(done)
            }
            (FeatureCode::AfterCallWork, true) => {
                let agent = self.devices.station(station).agent.ok_or(F::InvalidObjectState)?;
                self.key_agent(station, AgentRequest::AfterCallWork(self.own_work(agent))).map(done)
            }
            (FeatureCode::Pickup, true) => {
                let from = DeviceId::new(first.ok_or(F::ValueOutOfRange)?).map_err(|_| F::ValueOutOfRange)?;
                let from =
                    self.devices.find(&from).filter(|it| it.station().is_some()).ok_or(F::InvalidCalledDevice)?;
                let calls = self.model.appearances(from).map(|it| it.list()).unwrap_or_default();
                let alerting = |call: &CallId| self.model.state(*call, from) == Some(ConnectionState::Alerting);
                let call = calls.into_iter().find(alerting).ok_or(F::NoCallToAnswer)?;
                self.key_pickup(id, station, call, from)
            }
            (FeatureCode::GroupPickup, true) => {
                let (call, from) = self.alerting_in_group(station)?;
                self.key_pickup(id, station, call, from)
            }
            (FeatureCode::Retrieve, true) => {
                let place = first.map(|place| self.place_of(place)).transpose()?;
                let (call, from) = self.parked(station, place).ok_or(F::NoCallToAnswer)?;
                self.key_pickup(id, station, call, from)
            }
            (FeatureCode::Park, true) => {
                let place = first.map(|place| self.place_of(place)).transpose()?;
                self.key_park(id, station, place).map(done)
            }
            (FeatureCode::ForwardAlways, on) => {
                self.key_forward(station, ForwardingType::Immediate, on, first).map(done)
            }
            (FeatureCode::ForwardBusy, on) => self.key_forward(station, ForwardingType::Busy, on, first).map(done),
            (FeatureCode::ForwardNoAnswer, on) => {
                self.key_forward(station, ForwardingType::NoAnswer, on, first).map(done)
            }
            (FeatureCode::DoNotDisturb, on) => {
                self.switch_do_not_disturb(station, on);
                Ok(Keyed::Done)
            }
            (
                FeatureCode::AfterCallWork
                | FeatureCode::Pickup
                | FeatureCode::GroupPickup
                | FeatureCode::Retrieve
                | FeatureCode::Park,
                false,
            ) => Err(F::InvalidFeature),
        }
    }

    fn place_of(&self, name: &str) -> Result<Device, F> {
        let id = DeviceId::new(name).map_err(|_| F::ValueOutOfRange)?;
        self.devices.find(&id).filter(|it| matches!(it, Device::Park(_))).ok_or(F::InvalidDestination)
    }

    fn key_agent(&mut self, station: StationIx, request: AgentRequest) -> Result<(), F> {
        let agent = self.devices.station(station).agent.ok_or(F::InvalidObjectState)?;
        self.ask_agent(agent, request, Doer::Agent, DeviceId::EMPTY).map_err(|_| F::InvalidObjectState)
    }

    /// The station gives up its dialling and takes a call that alerts, waits or is parked elsewhere.
    fn key_pickup(&mut self, id: CallId, station: StationIx, call: CallId, from: Device) -> Result<Keyed, F> {
        self.model.can_pick_up(call, from)?;
        if from == Device::Station(station)
            || self.model.call(call).is_some_and(|of| of.at(Device::Station(station)).is_some())
        {
            return Err(F::InvalidCalledDevice);
        }
        self.model.clear(id, Device::Station(station), Reason { cause: EventCause::None, origin: Origin::Switch })?;
        self.pick_up_now(call, from, station)?;
        Ok(Keyed::Connected)
    }

    /// The call held behind the dial tone is parked.
    fn key_park(&mut self, id: CallId, station: StationIx, place: Option<Device>) -> Result<(), F> {
        let device = Device::Station(station);
        let calls = self.model.appearances(device).map(|it| it.list()).unwrap_or_default();
        let is_held = |call: &CallId| self.model.state(*call, device) == Some(ConnectionState::Held);
        let held = calls.into_iter().find(is_held).ok_or(F::NoHeldCall)?;
        let place = self.free_place(place)?;
        let reason = Reason { origin: Origin::Device(device), ..BY_CLIENT };
        self.model.reconnect(id, held, device, reason)?;
        self.park(held, station, Some(place), reason).map(drop)
    }

    fn key_forward(
        &mut self,
        station: StationIx,
        kind: ForwardingType,
        on: bool,
        number: Option<&str>,
    ) -> Result<(), F> {
        let destination = match (on, number) {
            (true, Some(number)) => DeviceId::new(number).map_err(|_| F::InvalidForwardingDestination)?,
            (true, None) => return Err(F::InvalidForwardingDestination),
            (false, _) => DeviceId::EMPTY,
        };
        self.switch_forwarding(station, ForwardingInfo { kind, on, destination })
    }

    /// A station waits for the verification of a PIN.
    fn pin_station(&mut self, station: StationIx, id: CallId) {
        self.pins.insert(station, id);
    }

    /// The verification of an agent's PIN, asked for by [`Action::VerifyPin`]: the agent is logged on at the station,
    /// or hears that it cannot be.
    pub fn handle_pin(&mut self, station: &DeviceId, agent: &AgentId, is_right: bool) {
        self.begin_entry(|| Input::Pin { station: *station, agent: *agent, is_right });
        self.pin_verified(station);
        let Some(station) = self.devices.find(station).and_then(Device::station) else { return };
        let Some(id) = self.pins.remove(&station) else { return };
        let done = match is_right {
            true => self.log_on_by_keys(station, agent),
            false => Err(F::GenericUnspecified),
        };
        let waits = self.model.state(id, Device::Station(station)) == Some(ConnectionState::Initiated);
        match done {
            Ok(()) if waits => self.confirm_keys(id, station),
            Ok(()) => {}
            Err(_) => {
                let station_id = self.devices.station(station).id;
                self.actions.push_back(Action::Trouble(Trouble::LogInRefused { agent: *agent, station: station_id }));
                if waits {
                    self.refuse_keys(id, station);
                }
            }
        }
        self.commit();
    }

    fn log_on_by_keys(&mut self, station: StationIx, agent: &AgentId) -> Result<(), F> {
        let ix = self.roster.find(agent).ok_or(F::GenericUnspecified)?;
        if self.devices.station(station).agent.is_some() || self.roster.get(ix).agent.station().is_some() {
            return Err(F::GenericOperation);
        }
        let request = AgentRequest::LogOn(station, Presence::NotReady(ReasonCode(0)));
        self.ask_agent(ix, request, Doer::Agent, DeviceId::EMPTY).map_err(|_| F::InvalidObjectState)
    }
}
