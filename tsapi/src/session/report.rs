//! An event on its way to monitors: encoded once, whatever number of monitors gets it.
//!
//! Never: which monitor gets it.

use std::sync::OnceLock;

use tipring_csta_types::event::Event;
use tipring_csta_types::id::MonitorCrossRefId;
use tipring_csta_types::private::ReportData;

use super::login::Vendor;
use crate::ber::Writer;
use crate::frame::{self, Header, TooLong};
use crate::pdu::private::{self, Dialect};
use crate::pdu::{Framed, Pdu};

/// An event with what it says beyond the standard. Its body, and its private data in each dialect, are encoded when the
/// first monitor needs them and kept for the others.
#[derive(Debug)]
pub struct Report {
    event: Event,
    data: ReportData,
    body: OnceLock<Box<[u8]>>,
    private: [OnceLock<Box<[u8]>>; Dialect::COUNT],
}

impl Report {
    /// Makes a report of an event, with one local state.
    pub fn new(event: Event, data: ReportData) -> Report {
        Report { event, data, body: OnceLock::new(), private: Default::default() }
    }

    /// Returns true if it is a report of this very event with these very data.
    pub fn is(&self, event: &Event, data: &ReportData) -> bool {
        let same_data = match (&self.data, data) {
            (Some(ours), Some(theirs)) => std::sync::Arc::ptr_eq(ours, theirs),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_data && self.event == *event
    }

    /// Returns true if the monitor that gets it is over.
    pub const fn ends_monitor(&self) -> bool {
        matches!(self.event, Event::MonitorEnded { .. })
    }

    /// Returns the frame for one monitor of a stream.
    pub(crate) fn frame(&self, monitor: MonitorCrossRefId, vendor: Option<&Vendor>) -> Result<Vec<u8>, TooLong> {
        let body = self.body.get_or_init(|| {
            let mut body = Vec::with_capacity(160);
            Writer::new(&mut body).sequence(|writer| self.event.write(writer));
            body.into()
        });
        let header = Header { invoke: 0, monitor: monitor.0, class: self.event.class(), pdu: Pdu::number(&self.event) };
        let (Some(vendor), Some(data)) = (vendor, &self.data) else { return frame::of_parts(header, body, None) };
        let Some(dialect) = vendor.dialect() else { return frame::of_parts(header, body, None) };
        let private = self.private[dialect.index()]
            .get_or_init(|| private::write_event_data(dialect, &self.event, data).unwrap_or_default().into());
        let private = (!private.is_empty()).then_some((vendor.name.as_str(), &private[..]));
        frame::of_parts(header, body, private)
    }
}
