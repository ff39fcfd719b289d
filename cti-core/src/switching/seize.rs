//! Seizure of a trunk, for a station's call or a predictive call: the groups of a number in their order, the next trunk
//! after glare, and trunks that are blocked.
//! Barring, the right to seize one, is a rule of the number: [`route::outside_number`](crate::route::outside_number).
//!
//! ```text
//! number ─► rule ─► groups ─► trunk ──claimed──► digits sent
//!                     ▲         │ superseded, glare, no dial tone
//!                     └─────────┘ until no group has another
//! ```
//!
//! Never: seizes a trunk that its group reserves for others.

use tipring_driver::line::{CallerId, Number};

use super::BY_SWITCH;
use crate::call::{CallBackPart, Detail, Dialling, Predictive};
use crate::channel::{Intent, State};
use crate::core::Core;
use crate::csta::cause::{EventCause, UniversalFailure};
use crate::csta::rights::ServiceGroup;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId, SessionId};
use crate::device::{Device, QueueIx, TrunkIx};
use crate::input::Input;
use crate::model::Reason;
use crate::route::outside_number::Outgoing;
use crate::route::trunk_group::{GroupUse, SeizureClass};
use crate::store::Direction;

impl Core {
    /// Seizes the first trunk for a call to an outside number.
    pub(super) fn seize_first(&mut self, id: CallId, caller: Device, number: Number) {
        if let Some(detail) = self.details.get_mut(&id) {
            detail.tried.clear();
        }
        if let Err(cause) = self.seize_next(id, caller, number) {
            self.fail(id, caller, cause);
        }
    }

    /// Seizes the next trunk for a call to an outside number, after those that could not send it.
    ///
    /// # Errors
    ///
    /// The cause for which the call cannot be sent.
    pub(super) fn seize_next(&mut self, id: CallId, caller: Device, number: Number) -> Result<(), EventCause> {
        let outgoing = self.dial_plan.outside.outgoing(&number).ok_or(EventCause::DestNotObtainable)?;
        let detail = self.details.get(&id);
        let class = outgoing.class(detail.is_some_and(|it| matches!(it.call_back, Some(CallBackPart::Attempt(_)))));
        let mut tried = detail.map(|detail| detail.tried.clone()).unwrap_or_default();
        let Some(trunk) = self.claim_trunk(&outgoing, class, &mut tried) else {
            self.log_blocked(outgoing.groups.first().copied());
            return Err(EventCause::TrunksBusy);
        };
        if let Some(detail) = self.details.get_mut(&id) {
            detail.dialling = Some(Dialling { number, is_prompted: false });
            detail.log.trunk = Some(trunk);
            detail.tried = tried;
        }
        if self.model.send(id, Device::Trunk(trunk), caller, BY_SWITCH).is_err() {
            self.release_trunk(self.devices.trunk(trunk).channel);
            return Err(EventCause::ResourcesNotAvailable);
        }
        Ok(())
    }

    /// Claims a trunk for a number. A trunk with an incoming call in this moment keeps that, and the next is tried.
    pub(super) fn claim_trunk(
        &mut self,
        outgoing: &Outgoing,
        class: SeizureClass,
        tried: &mut Vec<TrunkIx>,
    ) -> Option<TrunkIx> {
        while let Some(trunk) = self.trunk_groups.choose(outgoing.groups.iter().copied(), class, tried) {
            tried.push(trunk);
            if self.claim(self.devices.trunk(trunk).channel, Intent::Dial(outgoing.digits)).is_ok() {
                self.trunk_groups.update_seized(trunk);
                return Some(trunk);
            }
        }
        None
    }

    /// Calls an outside number for a queue: a trunk is seized first; when its far end answers, the call enters the
    /// queue.
    pub(super) fn call_for_queue(
        &mut self,
        queue: QueueIx,
        number: Number,
        (calls_back, predictive): (bool, Predictive),
        reason: Reason,
    ) -> Result<CallId, UniversalFailure> {
        let outgoing = self.dial_plan.outside.outgoing(&number).ok_or(UniversalFailure::InvalidCalledDevice)?;
        self.admit(&number)?;
        if self.model.is_full() {
            // No trunk is seized for a call that cannot be.
            return Err(UniversalFailure::ResourceLimitationRejection);
        }
        let Some(trunk) = self.claim_trunk(&outgoing, outgoing.class(calls_back), &mut Vec::new()) else {
            self.log_blocked(outgoing.groups.first().copied());
            return Err(UniversalFailure::ResourceBusy);
        };
        let id = match self.model.predictive(Device::Trunk(trunk), queue, reason) {
            Ok(id) => id,
            Err(failure) => {
                self.release_trunk(self.devices.trunk(trunk).channel);
                return Err(failure);
            }
        };
        let customer = self.numbers.normal_or_same(&number).into_owned();
        let outside = ExtendedDeviceId::outside(DeviceId::new(&customer).unwrap_or_default());
        let inside = ExtendedDeviceId::inside(self.devices.id(Device::Queue(queue)));
        self.counters.calls += 1;
        let mut detail = Detail::new((id, self.ucid(id)), self.now, Direction::Outbound, inside, outside);
        detail.log.trunk = Some(trunk);
        detail.predictive = Some(predictive);
        detail.identity = Some(CallerId { number, ..CallerId::default() });
        std::sync::Arc::make_mut(&mut detail.data).caller = Some(customer.clone());
        self.details.insert(id, Box::new(detail));
        self.look_up(id, Number::from(&customer).unwrap_or(number));
        Ok(id)
    }

    /// Returns true if a number could be called back now: a trunk could be seized, and the store is not behind.
    pub(super) fn can_call_back(&self, number: &Number) -> bool {
        self.has_record_room()
            && self.dial_plan.outside.outgoing(number).is_some_and(|outgoing| {
                self.trunk_groups.choose(outgoing.groups.iter().copied(), outgoing.class(true), &[]).is_some()
            })
    }

    /// Returns true if a trunk could be seized for an outside number; else the call that found none is counted.
    pub(super) fn has_trunk(&mut self, number: &Number) -> bool {
        let Some(outgoing) = self.dial_plan.outside.outgoing(number) else { return false };
        let class = outgoing.class(false);
        let has = self.trunk_groups.choose(outgoing.groups.iter().copied(), class, &[]).is_some();
        if !has {
            self.log_blocked(outgoing.groups.first().copied());
        }
        has
    }

    /// Private 26, Query Trunk Group: idle and used trunks.
    pub(super) fn query_trunk_group(
        &self,
        session: SessionId,
        group: &DeviceId,
    ) -> Result<(i16, i16), UniversalFailure> {
        let rights = self.sessions.get(&session).ok_or(UniversalFailure::GenericSystemResourceAvailability)?;
        if !rights.rights.permits(ServiceGroup::Observe, group) {
            return Err(UniversalFailure::PrivilegeViolationOnSpecifiedDevice);
        }
        let known = self.trunk_use(group).ok_or(match self.devices.find(group) {
            Some(_) => UniversalFailure::InvalidObjectType,
            None => UniversalFailure::InvalidCstaDeviceIdentifier,
        })?;
        let count = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
        Ok((count(known.idle), count(known.used)))
    }

    /// The trunks of a group as they are: of a group by its name, or of the trunks without one by their number.
    pub fn trunk_use(&self, group: &DeviceId) -> Option<GroupUse> {
        let here = (0..self.devices.trunks().len()).map(|ix| TrunkIx(ix as u16));
        let here = here.filter(|trunk| self.trunk_names(*trunk).1 == *group);
        let mut found = self.trunk_groups.find(group).map(|_| GroupUse::default());
        for trunk in here {
            let of = found.get_or_insert_default();
            match self.devices.state(self.devices.trunk(trunk).channel) {
                State::OutOfService => of.out_of_service += 1,
                State::Idle if self.trunk_groups.is_blocked(trunk) => of.blocked += 1,
                State::Idle => of.idle += 1,
                _ => of.used += 1,
            }
        }
        found
    }

    /// Blocks a trunk for calls out, or ends that. A call in progress there goes on (the trunk drains), and callers
    /// whom the exchange sends there are still answered. Returns true if the trunk is in use now; none if there is no
    /// such trunk.
    pub fn handle_trunk_blocked(&mut self, trunk: &DeviceId, blocked: bool) -> Option<bool> {
        self.begin_entry(|| Input::TrunkBlocked(*trunk, blocked));
        let trunk = self.devices.find(trunk).and_then(Device::trunk)?;
        let state = self.devices.state(self.devices.trunk(trunk).channel);
        self.trunk_groups.set_blocked(trunk, blocked, state == State::Idle);
        self.commit();
        Some(!matches!(state, State::Idle | State::OutOfService))
    }
}
