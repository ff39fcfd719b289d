//! The end of a call, for its record: why it ended, and by whom.
//!
//! Never: reads the model.

use tipring_driver::time::Tick;

use super::detail::Detail;
use crate::csta::LocalConnectionState as L;
use crate::csta::cause::EventCause;
use crate::device::Device;
use crate::model::{Origin, Reason};
use crate::store::{Direction, Outcome, ReleasedBy};

impl Detail {
    /// Notes the end, if `device` leaves too few behind to go on. To be called while the device is still in its last
    /// state.
    pub(crate) fn log_leaving(&mut self, now: Tick, device: Device, reason: Reason, fails: bool) {
        if self.log.end.is_some() {
            return;
        }
        if !fails && self.goes_on_without(device) {
            return;
        }
        let outcome = if fails { failed(reason.cause) } else { self.outcome(device, reason) };
        let outcome = if self.log.established.is_some() { Outcome::Answered } else { outcome };
        self.log.end = Some((now, outcome, self.released_by(device, reason)));
        self.log.cause = reason.cause;
    }

    /// Notes the end of a call that is cleared as a whole.
    pub(crate) fn log_cleared(&mut self, now: Tick, reason: Reason) {
        let answered = self.log.established.is_some();
        let outcome = match self.log.caller {
            Some(caller) if !answered => self.outcome(caller, reason),
            _ => Outcome::Answered,
        };
        if self.log.end.is_none() {
            let by = if reason.origin == Origin::Switch { ReleasedBy::System } else { ReleasedBy::Client };
            self.log.end = Some((now, outcome, by));
            self.log.cause = reason.cause;
        }
    }

    /// Returns true if a call goes on without a device: two parties remain, of whom one takes part. Observers do not
    /// count.
    fn goes_on_without(&self, device: Device) -> bool {
        let staying = || {
            let others = self.parties.iter().filter(move |party| party.device != device && !party.is_observer);
            others.filter(|party| !matches!(party.state, L::Null | L::Fail))
        };
        staying().count() >= 2 && staying().any(|party| matches!(party.state, L::Connect | L::Hold | L::Initiate))
    }

    /// Returns true if the caller abandons a call that cannot go on without it.
    pub(crate) fn is_given_up_by(&self, device: Device, reason: Reason) -> bool {
        self.log.end.is_none()
            && !self.goes_on_without(device)
            && self.released_by(device, reason) == ReleasedBy::Caller
    }

    fn released_by(&self, device: Device, reason: Reason) -> ReleasedBy {
        let role = if self.log.caller == Some(device) { ReleasedBy::Caller } else { ReleasedBy::Called };
        match reason.origin {
            Origin::Device(_) if reason.cause == EventCause::Maintenance => ReleasedBy::System,
            Origin::Device(_) => role,
            // A client that clears a telephone does what its user would have done by hand; the far end of a trunk is
            // cut off.
            Origin::Client if device.station().is_some() => role,
            Origin::Client => ReleasedBy::Client,
            Origin::Switch => ReleasedBy::System,
        }
    }

    /// Outcome of a call that was never established. Only a caller can give up.
    fn outcome(&self, leaving: Device, reason: Reason) -> Outcome {
        use Outcome::{AbandonedAlerting, AbandonedInIvr, AbandonedQueued, AbandonedRinging};
        match (self.place_of_end(leaving, reason), self.released_by(leaving, reason)) {
            (
                AbandonedRinging | AbandonedInIvr | AbandonedQueued | AbandonedAlerting,
                ReleasedBy::Client | ReleasedBy::System,
            ) => Outcome::CutOff,
            (outcome, _) => outcome,
        }
    }

    /// Outcome of a call that was never established, by how far it had come.
    fn place_of_end(&self, leaving: Device, reason: Reason) -> Outcome {
        let any = |state, is: &dyn Fn(Device) -> bool| self.in_state(state).any(|party| is(party.device));
        let is_caller = self.log.caller == Some(leaving);
        if let (Origin::Device(_), EventCause::Maintenance) = (reason.origin, reason.cause) {
            return Outcome::OutOfService;
        }
        if self.log.direction == Direction::Inbound && self.log.answered.is_none() {
            return Outcome::AbandonedRinging;
        }
        if any(L::Queued, &|_| true) {
            return Outcome::AbandonedQueued;
        }
        if self.leaves_message() {
            return Outcome::ServedInIvr;
        }
        if any(L::Alerting, &|device| matches!(device, Device::Number(_))) {
            return Outcome::AbandonedInIvr;
        }
        let dials = self.log.trunk.is_none() && any(L::Initiate, &|device| device.station().is_some());
        if is_caller && dials {
            return Outcome::NotDialled;
        }
        match (is_caller, reason.origin) {
            (true, _) => Outcome::AbandonedAlerting,
            (false, _) => Outcome::NotObtainable,
        }
    }
}

const fn failed(cause: EventCause) -> Outcome {
    match cause {
        EventCause::Busy => Outcome::Busy,
        EventCause::Maintenance => Outcome::OutOfService,
        _ => Outcome::NotObtainable,
    }
}
