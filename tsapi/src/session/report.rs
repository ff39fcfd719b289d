//! An event on its way to monitors: encoded once, whatever number of monitors gets it.
//!
//! Never: decides which monitor gets it.

use parking_lot::Mutex;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::MonitorCrossRefId;
use tipring_csta_types::private::ReportData;

use super::login::Vendor;
use crate::ber::Writer;
use crate::frame::{self, Header, TooLong};
use crate::pdu::private_area::{self, Dialect};
use crate::pdu::{Framed, Pdu};

/// An event with what it says beyond the standard. Its body, and its private data in each dialect, are encoded when the
/// first monitor needs them and kept for the others. A report that all monitors have had can be made of another event;
/// it then keeps its buffers, so that the next event takes no memory of its own.
#[derive(Debug)]
pub struct Report {
    event: Event,
    data: ReportData,
    body: Mutex<Encoding>,
    private: [Mutex<Encoding>; Dialect::COUNT],
}

/// Octets that are made when they are first wanted.
#[derive(Debug, Default)]
struct Encoding {
    is_made: bool,
    octets: Vec<u8>,
}

impl Encoding {
    fn get_or_make(&mut self, make: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        if !self.is_made {
            self.octets.clear();
            make(&mut self.octets);
            self.is_made = true;
        }
        &self.octets
    }
}

impl Report {
    /// Makes a report of an event, with one local state.
    pub fn new(event: Event, data: ReportData) -> Report {
        Report { event, data, body: Mutex::default(), private: Default::default() }
    }

    /// Makes it the report of another event.
    pub fn renew(&mut self, event: Event, data: ReportData) {
        (self.event, self.data) = (event, data);
        for encoding in core::iter::once(&mut self.body).chain(&mut self.private) {
            encoding.get_mut().is_made = false;
        }
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

    /// Appends the frame for one monitor of a stream.
    ///
    /// # Errors
    /// [`TooLong`]; then nothing is appended.
    pub(crate) fn append(
        &self,
        out: &mut Vec<u8>,
        monitor: MonitorCrossRefId,
        vendor: Option<&Vendor>,
    ) -> Result<(), TooLong> {
        let mut body = self.body.lock();
        let body = body.get_or_make(|octets| Writer::new(octets).sequence(|writer| self.event.write(writer)));
        let header = Header { invoke: 0, monitor: monitor.0, class: self.event.class(), pdu: Pdu::number(&self.event) };
        let dialect = vendor.and_then(|vendor| Some((vendor, vendor.dialect()?)));
        let (Some((vendor, dialect)), Some(data)) = (dialect, &self.data) else {
            return frame::append_parts(out, header, body, None);
        };
        let mut private = self.private[dialect.index()].lock();
        let private = private.get_or_make(|octets| private_area::write_event_data(dialect, &self.event, data, octets));
        let private = (!private.is_empty()).then_some((vendor.name.as_str(), private));
        frame::append_parts(out, header, body, private)
    }
}
