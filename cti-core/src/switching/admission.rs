//! New calls while the store is behind with its records, or while the most calls are in progress: each is treated as
//! its origin allows.
//!
//! | a new call of | then |
//! |---|---|
//! | a trunk | is left ringing, and taken as soon as there is room if it still rings |
//! | a station | hears congestion tone once it has dialled |
//! | a client | is refused: SERVICE_BUSY |
//! | the site itself: a call back | waits |
//!
//! A call to an emergency number is never refused, and calls in progress go on.
//!
//! Never: ends a call in progress.

use tipring_driver::line::Number;

use crate::channel::State;
use crate::core::Core;
use crate::csta::cause::{EventCause, UniversalFailure};
use crate::device::{Device, TrunkIx};
use crate::route::dial_plan::Route;

impl Core {
    /// Admits a call to a number that a client asks for.
    pub(super) fn admit(&mut self, number: &Number) -> Result<(), UniversalFailure> {
        if self.is_emergency(number) {
            Ok(())
        } else if self.is_draining {
            Err(UniversalFailure::ResourceOutOfService)
        } else if self.refuses_new() {
            Err(UniversalFailure::ServiceBusy)
        } else {
            Ok(())
        }
    }

    /// The cause for which a station that has dialled a number hears a tone instead of the call.
    pub(super) fn not_admitted(&mut self, number: &Number) -> Option<EventCause> {
        if self.is_emergency(number) {
            None
        } else if self.is_draining {
            Some(EventCause::Busy)
        } else {
            self.refuses_new().then_some(EventCause::NetworkCongestion)
        }
    }

    fn is_emergency(&self, number: &Number) -> bool {
        match self.dial_plan.route(number) {
            Some(Route::Outside(outside)) => self.dial_plan.outside.is_emergency(&outside),
            _ => false,
        }
    }

    /// Leaves a trunk ringing until there is room for its call.
    pub(super) fn leave_ringing(&mut self, trunk: TrunkIx) {
        if !self.left_ringing.contains(&trunk) {
            self.left_ringing.push_back(trunk);
        }
    }

    /// Takes the calls of trunks that were left ringing and still ring, the first first, as far as there is room.
    pub(crate) fn take_left_ringing(&mut self) {
        for _ in 0..self.left_ringing.len() {
            if self.is_stopping || !self.has_record_room() || self.model.is_full() {
                return;
            }
            let Some(trunk) = self.left_ringing.pop_front() else { return };
            let rings = self.devices.state(self.devices.trunk(trunk).channel) == State::Offered;
            if rings && self.model.active(Device::Trunk(trunk)).is_none() {
                self.on_offered(trunk);
                self.commit();
            }
        }
    }
}
