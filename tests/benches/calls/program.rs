//! The outside as the program has it: every event encoded for one client, and the records in a database, by a thread of
//! their own.
//!
//! Never: leaves a record out.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tipring_core::csta::MonitorCrossRefId;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::EventData;
use tipring_core::store::{StoreReply, StoreRequest};
use tipring_tsapi::frame::{self, Header};
use tipring_tsapi::pdu::private_area::{Dialect, write_event_data};
use tipring_tsapi::pdu::{Framed, Pdu};

use crate::outside::{Count, Outside};
use crate::records::Records;

const VENDOR: &str = "TIPRING";
/// Octets that are kept of what a client is sent.
const SENT_MAX: usize = 1 << 16;

/// The frames that one client with one monitor is sent.
#[derive(Default)]
struct Sent {
    frames: Vec<u8>,
    private: Vec<u8>,
    events: u64,
    octets: u64,
    time: Duration,
}

impl Sent {
    fn report(&mut self, monitor: MonitorCrossRefId, event: &Event, data: Option<&EventData>) {
        let began = Instant::now();
        if self.frames.len() > SENT_MAX {
            self.frames.clear();
        }
        self.private.clear();
        if let Some(data) = data {
            write_event_data(Dialect::Tipring, event, data, &mut self.private);
        }
        let before = self.frames.len();
        let header = Header { invoke: 0, monitor: monitor.0, class: event.class(), pdu: event.number() };
        frame::append(&mut self.frames, header, &[], |writer| event.write(writer)).expect("an event fits");
        self.events += 1;
        self.octets += (self.frames.len() - before + VENDOR.len() + self.private.len()) as u64;
        self.frames.extend_from_slice(&self.private);
        self.time += began.elapsed();
    }
}

/// The encoder and the store.
pub struct Program {
    sent: Sent,
    pub records: Records,
    database: PathBuf,
}

impl Program {
    /// With a database that is made.
    pub fn new(database: &Path) -> Program {
        Program { sent: Sent::default(), records: Records::new(database), database: database.to_owned() }
    }

    /// Closes the database, and counts: each call has one record, answered by an agent.
    pub fn count_rows(&mut self, calls: u64) {
        self.records.close();
        let database = rusqlite::Connection::open(&self.database).expect("the database");
        let count = |what: &str| -> u64 {
            let one = format!("SELECT count(*) FROM {what}");
            let rows: i64 = database.query_row(&one, [], |row| row.get(0)).expect("a count");
            rows.unsigned_abs()
        };
        assert_eq!(count("call"), calls, "each call has its record");
        assert_eq!(count("call WHERE agent <> ''"), calls, "each call was answered");
    }
}

impl Outside for Program {
    fn report(&mut self, monitor: MonitorCrossRefId, event: &Event, data: Option<&EventData>) {
        self.sent.report(monitor, event, data);
    }

    fn sent(&self) -> Count {
        let Sent { events, octets, time, .. } = self.sent;
        Count { events, octets, seconds: time.as_secs_f64() }
    }

    fn store(&mut self, request: StoreRequest) {
        self.records.submit(request);
    }

    fn send(&mut self) {
        self.records.send();
    }

    fn reply(&mut self) -> Option<StoreReply> {
        self.records.reply()
    }
}
