//! Dial plan: digits to an extension, a queue, or, after the prefix for an outside line, an outside number.
//!
//! Digits come one at a time, so the answer may be *not yet*, or *this, unless more follows*. An extension is never
//! hidden by the prefix. Emergency numbers need no prefix. Of outside numbers [`OutsidePlan`] judges the digits.
//!
//! Never: knows the state of a device.

use std::collections::BTreeMap;

use tipring_driver::line::{Digit, Number};

use super::outside_number::{Extent, OutsidePlan};
use crate::csta::DeviceId;
use crate::csta::cause::{EventCause, UniversalFailure};
use crate::device::{Device, Devices, QueueIx, StationIx};

/// Destination of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Route {
    /// A telephone.
    Station(StationIx),
    /// A queue.
    Queue(QueueIx),
    /// The outside world: the number without the prefix.
    Outside(Number),
}

/// Reason for which a station cannot call a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRouted {
    /// It leads nowhere.
    Nowhere,
    /// The station may not dial it.
    Barred,
}

impl NotRouted {
    /// The failure of a client's request.
    pub const fn failure(self) -> UniversalFailure {
        match self {
            NotRouted::Nowhere => UniversalFailure::InvalidCalledDevice,
            NotRouted::Barred => UniversalFailure::PrivilegeViolationOnCalledDevice,
        }
    }

    /// The cause with which a call fails.
    pub const fn cause(self) -> EventCause {
        match self {
            NotRouted::Nowhere => EventCause::DestNotObtainable,
            NotRouted::Barred => EventCause::ReorderTone,
        }
    }
}

/// Meaning of the digits so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// They are the beginning of something.
    Incomplete,
    /// They are a number, but more digits could make another.
    Enough(Route),
    /// They are a number, and nothing can follow.
    Complete(Route),
    /// They are nothing, whatever follows.
    Invalid,
}

/// Numbers that can be dialled.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct DialPlan {
    prefix: Option<Digit>,
    inside: BTreeMap<String, Route>,
    /// The rules for outside numbers.
    pub outside: OutsidePlan,
}

impl DialPlan {
    /// The plan of a site: its extensions and queues, and the prefix for outside. Without a prefix, outside numbers are
    /// dialled as they are if there are rules for them, and not at all otherwise.
    pub fn new(prefix: Option<Digit>, outside: OutsidePlan, devices: &Devices) -> DialPlan {
        let inside = devices
            .all()
            .filter_map(|(id, device)| {
                let route = match device {
                    Device::Station(station) => Route::Station(station),
                    Device::Queue(queue) => Route::Queue(queue),
                    Device::Trunk(_) | Device::Park(_) | Device::Number(_) => return None,
                };
                Some((id.as_str().to_owned(), route))
            })
            .collect();
        DialPlan { prefix, inside, outside }
    }

    /// A queue can be dialled from now on.
    pub fn add_queue(&mut self, id: &DeviceId, queue: QueueIx) {
        self.inside.insert(id.as_str().to_owned(), Route::Queue(queue));
    }

    /// Reads the digits so far. A `#` at the end completes the number.
    pub fn read(&self, digits: &str) -> Reading {
        let (digits, ended) = match digits.strip_suffix('#') {
            Some(digits) => (digits, true),
            None => (digits, false),
        };
        let exact = self.inside.get(digits).copied();
        let begins_longer = self
            .inside
            .range(digits.to_owned()..)
            .take_while(|(name, _)| name.starts_with(digits))
            .any(|(name, _)| name.len() > digits.len());
        let (outside, extent) = self.read_outside(digits, ended);
        let more = !ended && (begins_longer || matches!(extent, Extent::Incomplete | Extent::Enough));
        match (exact, extent) {
            (Some(route), _) if more => Reading::Enough(route),
            (Some(route), _) => Reading::Complete(route),
            (None, Extent::Enough | Extent::Complete) => match Number::from(outside).map(Route::Outside) {
                Ok(route) if ended || extent == Extent::Complete && !begins_longer => Reading::Complete(route),
                Ok(route) => Reading::Enough(route),
                Err(_) => Reading::Invalid,
            },
            (None, Extent::Incomplete | Extent::Invalid) if more => Reading::Incomplete,
            (None, Extent::Incomplete | Extent::Invalid) => Reading::Invalid,
        }
    }

    /// The outside number in the digits of a station, and its extent.
    fn read_outside<'d>(&self, digits: &'d str, ended: bool) -> (&'d str, Extent) {
        if self.outside.is_emergency(digits) {
            return (digits, Extent::Complete);
        }
        let number = match self.prefix {
            Some(prefix) => digits.strip_prefix(prefix.as_char()),
            None => self.outside.has_rules().then_some(digits),
        };
        match number.map(|number| (number, self.outside.read(number, ended))) {
            Some((number, extent)) if extent != Extent::Invalid => (number, extent),
            _ if !ended && self.outside.begins_emergency(digits) => (digits, Extent::Incomplete),
            _ => (digits, Extent::Invalid),
        }
    }

    /// The digits that a station dials for an outside number; none where there are no calls out, or too many digits.
    pub fn outside(&self, number: &Number) -> Option<Number> {
        let mut digits = Number::new();
        if let Some(prefix) = self.prefix {
            digits.try_push(prefix.as_char()).ok()?;
        }
        digits.try_push_str(number).ok()?;
        matches!(self.route(&digits), Some(Route::Outside(to)) if to == *number).then_some(digits)
    }

    /// Route of a whole number that a station calls: by its keys, for a client, or as the destination of its
    /// forwarding.
    ///
    /// # Errors
    /// The number leads nowhere, or the station may not dial it.
    pub fn route_for(&self, number: &str, station: StationIx) -> Result<Route, NotRouted> {
        match self.route(number) {
            Some(Route::Outside(outside)) if !self.outside.permits(&outside, station) => Err(NotRouted::Barred),
            Some(route) => Ok(route),
            None => Err(NotRouted::Nowhere),
        }
    }

    /// Route of a whole number, as a client gives it.
    pub fn route(&self, number: &str) -> Option<Route> {
        match self.read(number) {
            Reading::Enough(route) | Reading::Complete(route) => Some(route),
            Reading::Incomplete | Reading::Invalid => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::site;

    fn plan() -> DialPlan {
        let site = site();
        let devices = Devices::new(&site, 8).expect("a site that can be");
        DialPlan::new(site.dial_plan.outside_line_prefix, OutsidePlan::default(), &devices)
    }

    #[test]
    fn an_extension_is_complete_with_its_last_digit() {
        let plan = plan();
        assert_eq!(plan.read("1"), Reading::Incomplete);
        assert_eq!(plan.read("100"), Reading::Incomplete);
        assert_eq!(plan.read("1001"), Reading::Complete(Route::Station(StationIx(0))));
        assert_eq!(plan.read("5000"), Reading::Complete(Route::Queue(QueueIx(0))));
    }

    #[test]
    fn what_nothing_begins_with_is_invalid_at_once() {
        assert_eq!(plan().read("3"), Reading::Invalid);
        assert_eq!(plan().read("1009"), Reading::Invalid);
        assert_eq!(plan().read("10011"), Reading::Invalid);
    }

    #[test]
    fn an_outside_number_is_enough_after_any_digit_and_complete_with_a_hash() {
        let number = |text| Number::from(text).expect("short");
        assert_eq!(plan().read("9"), Reading::Incomplete);
        assert_eq!(plan().read("9110"), Reading::Enough(Route::Outside(number("110"))));
        assert_eq!(plan().read("9110#"), Reading::Complete(Route::Outside(number("110"))));
        assert_eq!(plan().read("9#"), Reading::Invalid);
    }

    #[test]
    fn a_trunk_cannot_be_dialled_by_its_name() {
        assert_eq!(plan().route("T1"), None);
    }
}
