//! The outside of the bench's core: a client that is sent events, and a store.
//!
//! Never: decides about a call.

use tipring_core::csta::MonitorCrossRefId;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::EventData;
use tipring_core::store::{StoreId, StoreReply, StoreRequest};

/// Events that a client has been sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    pub events: u64,
    pub octets: u64,
    /// Time in which they were encoded.
    pub seconds: f64,
}

/// A client with a monitor, and a store.
pub trait Outside {
    /// An event of the client's monitor.
    fn report(&mut self, monitor: MonitorCrossRefId, event: &Event, data: Option<&EventData>);
    /// Events so far.
    fn sent(&self) -> Count;
    /// Takes a request to the store.
    fn store(&mut self, request: StoreRequest);
    /// Hands on the requests taken so far.
    fn send(&mut self);
    /// The next answer of the store.
    fn reply(&mut self) -> Option<StoreReply>;
}

/// Nothing is outside: events and records are dropped, and the records acknowledged; no customer is known.
#[derive(Default)]
pub struct Nothing {
    sent: Count,
    last: Option<StoreId>,
    found: Vec<StoreReply>,
}

impl Outside for Nothing {
    fn report(&mut self, _: MonitorCrossRefId, _: &Event, _: Option<&EventData>) {
        self.sent.events += 1;
    }

    fn sent(&self) -> Count {
        self.sent
    }

    fn store(&mut self, request: StoreRequest) {
        match request {
            StoreRequest::Keep { id, .. } => self.last = Some(id),
            StoreRequest::FindCustomer { id, .. } => {
                self.found.push(StoreReply::Customer { id, customer: None, card: Box::default() });
            }
        }
    }

    fn send(&mut self) {}

    fn reply(&mut self) -> Option<StoreReply> {
        self.found.pop().or_else(|| self.last.take().map(|up_to| StoreReply::Kept { up_to }))
    }
}
