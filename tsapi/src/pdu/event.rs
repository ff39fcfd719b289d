//! Events of monitors (CSTAUnsolicited). The monitor's cross reference is in the frame's header, not in the body.
//!
//! Never: which monitor gets an event.

use tipring_csta_types::event::Event;
use tipring_csta_types::vendor::VendorEvent;
use tipring_csta_types::{events, vendor_events};

use super::{Framed, impl_pdu};
use crate::frame::EventClass;

events!(impl_pdu);
vendor_events!(impl_pdu);

impl Framed for Event {
    fn class(&self) -> EventClass {
        EventClass::CstaUnsolicited
    }
}

/// Returns true if screen-pop data may travel with an event: those that bring a call to a device, and Call Information.
pub const fn carries_call_data(event: &Event) -> bool {
    matches!(event, Event::Delivered { .. } | Event::Established { .. } | Event::CallInformation { .. })
}
