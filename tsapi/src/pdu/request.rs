//! Requests of clients (CSTARequest): each is confirmed by the PDU with the next number, but 111, 112 and 113 by 114,
//! and any may be refused by 53.
//!
//! Never: knows what a service does.

use tipring_csta_types::vendor::VendorRequest;
use tipring_csta_types::{Request, requests, vendor_requests};

use super::{Framed, impl_pdu};
use crate::frame::EventClass;

requests!(impl_pdu);
vendor_requests!(impl_pdu);

impl Framed for Request {
    fn class(&self) -> EventClass {
        match self {
            Request::SystemStatusEvent { .. } => EventClass::CstaEventReport,
            _ => EventClass::CstaRequest,
        }
    }
}
