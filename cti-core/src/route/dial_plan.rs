//! Dial plan: digits to an extension, a queue, or, after the trunk prefix, an outside number.
//!
//! Digits come one at a time, so the answer may be *not yet*, or *this, unless more follows*. An extension is never
//! hidden by the prefix.
//!
//! Never: knows the state of a device.

use std::collections::BTreeMap;

use tipring_driver::line::{Digit, Number};

use crate::config::DialPlanConfig;
use crate::csta::DeviceId;
use crate::device::{Device, Devices, QueueIx, StationIx};

/// Where a number leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A telephone.
    Station(StationIx),
    /// A queue.
    Queue(QueueIx),
    /// The outside world: the number without the prefix.
    Outside(Number),
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
#[derive(Debug)]
pub struct DialPlan {
    prefix: Option<Digit>,
    inside: BTreeMap<String, Route>,
}

impl DialPlan {
    /// The plan of a site: its extensions and queues, and the prefix for outside.
    pub fn new(config: &DialPlanConfig, devices: &Devices) -> DialPlan {
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
        DialPlan { prefix: config.trunk_prefix, inside }
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
        let outside = self.prefix.and_then(|prefix| digits.strip_prefix(prefix.as_char()));
        let begins_longer = self
            .inside
            .range(digits.to_owned()..)
            .take_while(|(name, _)| name.starts_with(digits))
            .any(|(name, _)| name.len() > digits.len());
        match (exact, outside) {
            (Some(route), None) if ended || !begins_longer => Reading::Complete(route),
            (Some(route), Some(_)) if ended => Reading::Complete(route),
            (Some(route), Some(_) | None) => Reading::Enough(route),
            (None, Some("")) if !ended => Reading::Incomplete,
            (None, Some(number)) if !number.is_empty() => match Number::from(number) {
                Ok(number) if ended => Reading::Complete(Route::Outside(number)),
                Ok(number) => Reading::Enough(Route::Outside(number)),
                Err(_) => Reading::Invalid,
            },
            (None, Some(_) | None) if begins_longer && !ended => Reading::Incomplete,
            (None, Some(_) | None) => Reading::Invalid,
        }
    }

    /// The digits that a station dials for an outside number; none where there are no calls out, or too many digits.
    pub fn outside(&self, number: &Number) -> Option<Number> {
        let mut digits = Number::new();
        digits.try_push(self.prefix?.as_char()).ok()?;
        digits.try_push_str(number).ok()?;
        matches!(self.route(&digits), Some(Route::Outside(to)) if to == *number).then_some(digits)
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
        DialPlan::new(&site.dial_plan, &devices)
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
