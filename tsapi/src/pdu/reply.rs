//! Confirmations (CSTAConfirmation), and what the switch sends of its own: requests (CSTARequest from server to client)
//! and reports (CSTAEventReport).
//!
//! Never: decides when one is sent.

use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::reply::Reply;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::vendor::VendorReply;
use tipring_csta_types::{event_reports, replies, switch_requests, vendor_replies};

use super::{Framed, impl_pdu};
use crate::ber::{Ber, Reader};
use crate::frame::EventClass;

/// CSTAUniversalFailureConfEvent ::= SEQUENCE { error CSTAFailure }: the PDU that refuses any request.
pub const UNIVERSAL_FAILURE_CONF: u16 = 53;

replies!(impl_pdu);
vendor_replies!(impl_pdu);
switch_requests!(impl_pdu);
event_reports!(impl_pdu);

impl Framed for Reply {
    fn class(&self) -> EventClass {
        EventClass::CstaConfirmation
    }
}

impl Framed for SwitchRequest {
    fn class(&self) -> EventClass {
        EventClass::CstaRequest
    }
}

impl Framed for EventReport {
    fn class(&self) -> EventClass {
        EventClass::CstaEventReport
    }
}

/// Reads the body of a confirmation, whichever it is.
///
/// # Errors
/// No confirmation has this number, or the body is not one of it.
pub fn read_confirmation(number: u16, body: &[u8]) -> Result<Result<Reply, UniversalFailure>, crate::error::PduError> {
    if number == UNIVERSAL_FAILURE_CONF {
        return Ok(Err(Reader::body(body, UniversalFailure::read)?));
    }
    <Reply as super::Pdu>::read(number, body).map(Ok)
}
