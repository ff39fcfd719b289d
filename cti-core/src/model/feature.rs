//! Features of stations: plain data, and the device to which they lead a call.
//!
//! | feature | a call to the station |
//! |---|---|
//! | forward always | goes to the other device at once |
//! | do not disturb | fails, or goes where a busy station forwards |
//! | forward busy | goes to the other device if the station cannot be offered a call |
//! | forward no answer | goes to the other device when the deadline of the offer has passed |
//!
//! Sources: ECMA-179, forwarding types and the causes of diverted calls.
//!
//! Never: changes a call.

use super::calls::{Features, Model};
use super::change::Reason;
use super::judge::Refused;
use super::table::ConnectionState;
use crate::csta::CallId;
use crate::csta::cause::{EventCause, UniversalFailure as F};
use crate::device::Device;
use crate::limits::FORWARDS_MAX;

/// The device to which a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The device, which can be offered the call.
    pub to: Device,
    /// The last device that has forwarded the call, and the cause; none if the call goes where it was sent.
    pub forwarded: Option<(Device, EventCause)>,
}

impl Model {
    /// Sets the features of a station.
    ///
    /// # Errors
    ///
    /// INVALID_FORWARDING_DESTINATION if a station forwards to itself or to a parking place;
    /// INVALID_CSTA_DEVICE_IDENTIFIER if there
    /// is no such station.
    pub fn set_features(&mut self, station: Device, features: Features) -> Result<(), Refused> {
        let forwards = [features.forward_always, features.forward_busy, features.forward_no_answer];
        if forwards.into_iter().flatten().any(|to| to == station || matches!(to, Device::Park(_))) {
            return Err(F::InvalidForwardingDestination);
        }
        let Device::Station(ix) = station else { return Err(F::InvalidCstaDeviceIdentifier) };
        let of = self.features.get_mut(usize::from(ix.0)).ok_or(F::InvalidCstaDeviceIdentifier)?;
        *of = features;
        Ok(())
    }

    /// The features of a device; those of a device other than a station are empty.
    pub fn features(&self, device: Device) -> Features {
        let of = device.station().and_then(|ix| self.features.get(usize::from(ix.0)));
        of.copied().unwrap_or_default()
    }

    /// The device to which a call for `to` goes, after at most [`FORWARDS_MAX`] forwardings.
    ///
    /// # Errors
    ///
    /// The cause for which the call fails: the device is busy, is not to be disturbed, or is forwarded in a circle.
    pub fn resolve(&self, call: CallId, mut to: Device) -> Result<Route, EventCause> {
        let mut forwarded = None;
        for _ in 0..=FORWARDS_MAX {
            let features = self.features(to);
            let (next, cause) = if features.forward_always.is_some() {
                (features.forward_always, EventCause::CallForwardAlways)
            } else if matches!(to, Device::Park(_)) {
                return Err(EventCause::DestNotObtainable);
            } else if features.do_not_disturb {
                (features.forward_busy, EventCause::DoNotDisturb)
            } else if self.can_offer(call, to) {
                return Ok(Route { to, forwarded });
            } else if features.forward_busy.is_some() {
                (features.forward_busy, EventCause::CallForwardBusy)
            } else {
                (None, EventCause::Busy)
            };
            forwarded = Some((to, cause));
            to = next.ok_or(cause)?;
        }
        Err(EventCause::DestNotObtainable)
    }

    /// Sends a call to a device, or where that forwards to; where none can take it, the call fails at `caller`.
    pub(super) fn route(&mut self, call: CallId, to: Device, caller: Device, reason: Reason) -> Result<(), Refused> {
        match self.resolve(call, to) {
            Ok(Route { to, forwarded }) => {
                let cause = forwarded.map_or(reason.cause, |(_, cause)| cause);
                self.send(call, to, caller, Reason { cause, ..reason })
            }
            Err(cause) => self.fail(call, caller, Reason { cause, ..reason }),
        }
    }

    /// The device to which a call goes that `at` has not answered, with the cause: back to the device that has
    /// transferred or parked it, or where the station forwards; none if the call is over.
    pub fn unanswered(&self, call: CallId, at: Device) -> Option<(Device, EventCause)> {
        let of = self.call(call)?;
        if of.parties().count() < 2 {
            return None;
        }
        let recall = of.at(at)?.recall.filter(|&to| self.can_offer(call, to));
        let forward = || self.resolve(call, self.features(at).forward_no_answer?).ok().filter(|route| route.to != at);
        recall
            .map(|to| (to, EventCause::Recall))
            .or_else(|| forward().map(|route| (route.to, EventCause::CallForwardNoAnswer)))
    }

    /// CSTAGroupPickup: the call that has alerted longest at a station of the same group.
    ///
    /// # Errors
    ///
    /// INVALID_FEATURE if the station is in no group; NO_CALL_TO_ANSWER if none of them alerts.
    pub fn group_pickup(&mut self, by: Device, reason: Reason) -> Result<CallId, Refused> {
        let (call, from) = self.alerting_in_group(by)?;
        self.pickup(call, from, by, reason)?;
        Ok(call)
    }

    /// The call that has alerted longest at another station of a station's group, and that station.
    ///
    /// # Errors
    ///
    /// As [`group_pickup`](Model::group_pickup).
    pub fn alerting_in_group(&self, by: Device) -> Result<(CallId, Device), Refused> {
        let group = self.features(by).pickup_group.ok_or(F::InvalidFeature)?;
        let alerting =
            self.calls().filter(|call| call.at(by).is_none() && call.parties().count() > 1).flat_map(|call| {
                let is_of_group = |device| self.features(device).pickup_group == Some(group);
                let ringing = call.connections.iter().filter(|it| it.state == ConnectionState::Alerting);
                ringing.filter(move |it| is_of_group(it.device)).map(|it| (it.since, call.id, it.device))
            });
        alerting.min().map(|(_, call, from)| (call, from)).ok_or(F::NoCallToAnswer)
    }
}
