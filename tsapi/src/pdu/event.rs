//! Events of monitors (CSTAUnsolicited). The monitor's cross reference is in the frame's header, not in the body.
//!
//! Never: decides which monitor gets an event.

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

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a name in camel case.
    fn words(name: &str) -> String {
        let mut text = String::new();
        for character in name.chars() {
            if character.is_uppercase() && !text.is_empty() {
                text.push(' ');
            }
            text.push(character);
        }
        text
    }

    #[test]
    fn every_event_is_in_the_document_with_its_number_and_its_name() {
        let text = include_str!("../../TSAPI.md");
        for (number, name) in Event::ALL {
            let row = format!("\n| {number} | {} | ", words(name));
            assert!(text.contains(&row), "{row:?} is missing");
        }
        let (least, most) = (crate::session::HEARTBEAT_SECONDS.start(), crate::session::HEARTBEAT_SECONDS.end());
        let usual = crate::session::HEARTBEAT_DEFAULT.as_secs();
        assert!(text.contains(&format!("heartbeat (1, 16) {{ NULL }} every {usual} s")), "the usual interval");
        assert!(text.contains(&format!("another interval of {least} to {most} s")), "the intervals there are");
    }
}
