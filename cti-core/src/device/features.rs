//! The features of devices: forwarding, do not disturb, the message lamp, the last number dialled.
//!
//! Before a call is offered to a station, [`Features::resolve`] says where it goes instead: a pure function that
//! follows forwardings to their end, and never in a circle.
//!
//! Sources: ECMA-179, services Set Feature and Query Feature.
//!
//! Never: rings a telephone.

use std::collections::BTreeMap;

use arrayvec::ArrayVec;

use super::{Device, StationIx};
use crate::csta::cause::EventCause;
use crate::csta::{DeviceId, ForwardingInfo, ForwardingType};
use crate::limits::FORWARDS_MAX;

/// The features of one station.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Feature {
    do_not_disturb: bool,
    lamp: bool,
    forwards: BTreeMap<u8, (ForwardingType, DeviceId)>,
    last_number: DeviceId,
}

/// The situation of a station to which a call is to be offered, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// The call is about to be offered.
    Offered,
    /// The station is engaged.
    Busy,
    /// The station has not answered.
    NoAnswer,
}

/// The place to which a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The station itself.
    Here,
    /// Another destination, with the cause and the stations that were passed.
    Elsewhere(DeviceId, EventCause),
    /// Nowhere: the station does not want to be disturbed.
    Refused,
    /// Nowhere: the forwardings lead in a circle, or through too many stations.
    Circle,
}

/// The features of all stations.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Features(BTreeMap<StationIx, Feature>);

impl Features {
    /// Returns true if a station has do not disturb set.
    pub fn do_not_disturb(&self, station: StationIx) -> bool {
        self.0.get(&station).is_some_and(|feature| feature.do_not_disturb)
    }

    /// Sets or ends do not disturb; returns whether that is a change.
    pub fn set_do_not_disturb(&mut self, station: StationIx, on: bool) -> bool {
        core::mem::replace(&mut self.0.entry(station).or_default().do_not_disturb, on) != on
    }

    /// Returns true if the message lamp of a station is lit.
    pub fn lamp(&self, station: StationIx) -> bool {
        self.0.get(&station).is_some_and(|feature| feature.lamp)
    }

    /// Lights the message lamp or puts it out; returns whether that is a change.
    pub fn set_lamp(&mut self, station: StationIx, on: bool) -> bool {
        core::mem::replace(&mut self.0.entry(station).or_default().lamp, on) != on
    }

    /// The last number that a station has dialled; empty if there is none.
    pub fn last_number(&self, station: StationIx) -> DeviceId {
        self.0.get(&station).map(|feature| feature.last_number).unwrap_or_default()
    }

    /// Notes a number that a station dials.
    pub fn set_last_number(&mut self, station: StationIx, number: DeviceId) {
        self.0.entry(station).or_default().last_number = number;
    }

    /// The forwardings of a station that are set.
    pub fn forwards(&self, station: StationIx) -> Vec<ForwardingInfo> {
        let of = self.0.get(&station).into_iter().flat_map(|feature| feature.forwards.values());
        of.map(|&(kind, destination)| ForwardingInfo { kind, on: true, destination }).collect()
    }

    /// Sets or ends a forwarding; returns whether that is a change.
    pub fn set_forward(&mut self, station: StationIx, forward: ForwardingInfo) -> bool {
        let forwards = &mut self.0.entry(station).or_default().forwards;
        let key = rank(forward.kind);
        match forward.on {
            true => {
                forwards.insert(key, (forward.kind, forward.destination)) != Some((forward.kind, forward.destination))
            }
            false => forwards.remove(&key).is_some(),
        }
    }

    /// The place to which a call goes that is offered to `station`, or could not be completed there. `find` names the
    /// device of a destination; `inside` says whether the caller is a station of this site.
    pub fn resolve(
        &self,
        station: StationIx,
        situation: Situation,
        inside: bool,
        find: impl Fn(&DeviceId) -> Option<Device>,
    ) -> Resolved {
        let mut passed: ArrayVec<StationIx, FORWARDS_MAX> = ArrayVec::new();
        let (mut at, mut found) = (station, Resolved::Here);
        let mut situation = situation;
        loop {
            let Some(feature) = self.0.get(&at) else { return found };
            let Some((destination, cause)) = feature.forward(situation, inside) else {
                return if feature.do_not_disturb && situation == Situation::Offered {
                    Resolved::Refused
                } else {
                    found
                };
            };
            if passed.contains(&at) || passed.try_push(at).is_err() {
                return Resolved::Circle;
            }
            found = Resolved::Elsewhere(destination, cause);
            match find(&destination).and_then(Device::station) {
                // What is engaged or silent there is found out when the call has come there.
                Some(next) => (at, situation) = (next, Situation::Offered),
                None => return found,
            }
        }
    }
}

impl Feature {
    fn forward(&self, situation: Situation, inside: bool) -> Option<(DeviceId, EventCause)> {
        use ForwardingType as T;
        let kinds: &[T] = match (situation, inside) {
            (Situation::Offered, _) => &[T::Immediate],
            (Situation::Busy, true) => &[T::BusyInternal, T::Busy],
            (Situation::Busy, false) => &[T::BusyExternal, T::Busy],
            (Situation::NoAnswer, true) => &[T::NoAnswerInternal, T::NoAnswer],
            (Situation::NoAnswer, false) => &[T::NoAnswerExternal, T::NoAnswer],
        };
        let cause = match situation {
            Situation::Offered => EventCause::CallForwardAlways,
            Situation::Busy => EventCause::CallForwardBusy,
            Situation::NoAnswer => EventCause::CallForwardNoAnswer,
        };
        kinds.iter().find_map(|&kind| self.forwards.get(&rank(kind))).map(|&(_, destination)| (destination, cause))
    }
}

/// The standard's number of a kind of forwarding.
const fn rank(kind: ForwardingType) -> u8 {
    match kind {
        ForwardingType::Immediate => 0,
        ForwardingType::Busy => 1,
        ForwardingType::NoAnswer => 2,
        ForwardingType::BusyInternal => 3,
        ForwardingType::BusyExternal => 4,
        ForwardingType::NoAnswerInternal => 5,
        ForwardingType::NoAnswerExternal => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> DeviceId {
        DeviceId::new(text).expect("short")
    }

    fn find(name: &DeviceId) -> Option<Device> {
        let ix = name.as_str().parse::<u16>().ok()?.checked_sub(1001)?;
        (ix < 9).then_some(Device::Station(StationIx(ix)))
    }

    fn forward(features: &mut Features, station: u16, kind: ForwardingType, to: &str) {
        features.set_forward(StationIx(station), ForwardingInfo { kind, on: true, destination: id(to) });
    }

    #[test]
    fn forwardings_are_followed_to_their_end_and_never_in_a_circle() {
        let mut features = Features::default();
        let resolve = |features: &Features| features.resolve(StationIx(0), Situation::Offered, true, find);
        assert_eq!(resolve(&features), Resolved::Here);
        forward(&mut features, 0, ForwardingType::Immediate, "1002");
        forward(&mut features, 1, ForwardingType::Immediate, "5000");
        assert_eq!(resolve(&features), Resolved::Elsewhere(id("5000"), EventCause::CallForwardAlways));
        forward(&mut features, 1, ForwardingType::Immediate, "1001");
        assert_eq!(resolve(&features), Resolved::Circle);
    }

    #[test]
    fn a_forwarding_for_outside_callers_comes_before_the_general_one() {
        let mut features = Features::default();
        forward(&mut features, 0, ForwardingType::Busy, "1002");
        forward(&mut features, 0, ForwardingType::BusyExternal, "5000");
        let resolve = |inside| features.resolve(StationIx(0), Situation::Busy, inside, find);
        assert_eq!(resolve(false), Resolved::Elsewhere(id("5000"), EventCause::CallForwardBusy));
        assert_eq!(resolve(true), Resolved::Elsewhere(id("1002"), EventCause::CallForwardBusy));
    }

    #[test]
    fn a_station_that_is_forwarded_is_not_asked_whether_it_may_be_disturbed() {
        let mut features = Features::default();
        assert!(features.set_do_not_disturb(StationIx(0), true));
        assert!(!features.set_do_not_disturb(StationIx(0), true));
        let resolve = |features: &Features| features.resolve(StationIx(0), Situation::Offered, true, find);
        assert_eq!(resolve(&features), Resolved::Refused);
        forward(&mut features, 0, ForwardingType::Immediate, "1002");
        assert_eq!(resolve(&features), Resolved::Elsewhere(id("1002"), EventCause::CallForwardAlways));
    }
}
