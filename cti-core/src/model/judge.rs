//! The preconditions of services, as a table: the states a service needs, and the failure where they are not there.
//!
//! A refused service has changed nothing. Sources: ECMA-179, the failures of each service.
//!
//! Never: changes the model.

use super::calls::Model;
use super::connection::{Role, is_waiting_place};
use super::table::ConnectionState;
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure;
use crate::device::Device;

/// A refusal: the failure of the standard.
pub type Refused = UniversalFailure;

/// The services that act on connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// CSTAAnswerCall.
    AnswerCall,
    /// CSTAHoldCall.
    HoldCall,
    /// CSTARetrieveCall.
    RetrieveCall,
    /// CSTAAlternateCall: the first call is active, the second held or alerting.
    AlternateCall,
    /// CSTAReconnectCall: the first call is active, the second held.
    ReconnectCall,
    /// CSTAConsultationCall.
    ConsultationCall,
    /// CSTATransferCall: the first call is active, the second held.
    TransferCall,
    /// CSTAConferenceCall: the first call is active, the second held.
    ConferenceCall,
    /// Single-step transfer.
    SingleStepTransfer,
    /// CSTACallCompletion: camp on.
    CampOn,
    /// Take over.
    TakeOver,
    /// CSTADeflectCall.
    DeflectCall,
    /// Call park.
    ParkCall,
}

/// The line of the device that a service needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Any.
    Any,
    /// Without an active call, beside those the service names.
    Quiet,
    /// With room for one more call.
    Room,
}

/// The precondition of one service of a station that is a party to its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The service.
    pub service: Service,
    /// The states in which the first connection may be, and the failure in any other.
    pub first: (&'static [ConnectionState], UniversalFailure),
    /// States and failure of the second connection, for services on two calls.
    pub second: Option<(&'static [ConnectionState], UniversalFailure)>,
    /// The device's line.
    pub line: Line,
}

const fn rule(service: Service, first: &'static [ConnectionState], failure: UniversalFailure) -> Rule {
    Rule { service, first: (first, failure), second: None, line: Line::Any }
}

use ConnectionState::{Alerting, Connected, Failed, Held, Initiated};
use UniversalFailure as F;

/// Every precondition.
pub static RULES: &[Rule] = &[
    Rule { line: Line::Quiet, ..rule(Service::AnswerCall, &[Alerting], F::InvalidObjectState) },
    rule(Service::HoldCall, &[Connected], F::NoActiveCall),
    Rule { line: Line::Quiet, ..rule(Service::RetrieveCall, &[Held], F::NoHeldCall) },
    Rule {
        second: Some((&[Held, Alerting], F::InvalidObjectState)),
        ..rule(Service::AlternateCall, &[Connected], F::NoActiveCall)
    },
    Rule {
        second: Some((&[Held], F::NoHeldCall)),
        ..rule(Service::ReconnectCall, &[Connected, Initiated, Failed], F::NoActiveCall)
    },
    Rule { line: Line::Room, ..rule(Service::ConsultationCall, &[Connected], F::NoActiveCall) },
    Rule { second: Some((&[Held], F::NoHeldCall)), ..rule(Service::TransferCall, &[Connected], F::NoActiveCall) },
    Rule { second: Some((&[Held], F::NoHeldCall)), ..rule(Service::ConferenceCall, &[Connected], F::NoActiveCall) },
    Rule { line: Line::Room, ..rule(Service::SingleStepTransfer, &[Connected], F::NoActiveCall) },
    rule(Service::CampOn, &[Failed], F::NoCallToComplete),
    rule(Service::TakeOver, &[Connected], F::NoActiveCall),
    rule(Service::DeflectCall, &[Alerting], F::InvalidObjectState),
    rule(Service::ParkCall, &[Connected], F::NoActiveCall),
];

impl Model {
    /// The failure for a call that is not there: one that has ended is no active call, one that never was is no call.
    pub fn missing(&self, call: CallId) -> Refused {
        if call.0 > 0 && call <= self.last() { F::NoActiveCall } else { F::InvalidCstaCallIdentifier }
    }

    /// Checks that a service may be carried out by `device` on its connections in one or two calls.
    ///
    /// # Errors
    ///
    /// The failure of the service's [`Rule`] if a connection is in another state; the failure of [`Model::missing`] for
    /// a call that is not there, INVALID_CSTA_CONNECTION_IDENTIFIER if the device takes no part in it or both calls are
    /// one, INVALID_OBJECT_TYPE if it is no station; GENERIC_STATE_INCOMPATIBILITY if its line is not quiet, and
    /// RESOURCE_LIMITATION_REJECTION if it has no room, where the service needs that.
    pub fn judge(
        &self,
        service: Service,
        device: Device,
        first: CallId,
        second: Option<CallId>,
    ) -> Result<(), Refused> {
        let rule = RULES.iter().find(|rule| rule.service == service).ok_or(F::GenericOperation)?;
        self.need(device, first, rule.first)?;
        match (rule.second, second) {
            (Some(need), Some(second)) if second != first => self.need(device, second, need)?,
            (Some(_), _) => return Err(F::InvalidCstaConnectionIdentifier),
            (None, _) => {}
        }
        match rule.line {
            Line::Quiet if self.active(device).is_some_and(|call| call != first) => Err(F::GenericStateIncompatibility),
            Line::Room if !self.has_appearance(device) || self.len() >= self.bounds.calls => {
                Err(F::ResourceLimitationRejection)
            }
            Line::Any | Line::Quiet | Line::Room => Ok(()),
        }
    }

    fn need(
        &self,
        device: Device,
        call: CallId,
        (states, failure): (&[ConnectionState], UniversalFailure),
    ) -> Result<(), Refused> {
        let at = self.call(call).ok_or(self.missing(call))?.at(device).ok_or(F::InvalidCstaConnectionIdentifier)?;
        if !matches!(device, Device::Station(_)) {
            return Err(F::InvalidObjectType);
        }
        if at.role != Role::Party {
            return Err(F::GenericStateIncompatibility);
        }
        if states.contains(&at.state) { Ok(()) } else { Err(failure) }
    }

    /// Returns true if a call can be offered to a device now.
    pub fn can_offer(&self, call: CallId, to: Device) -> bool {
        let Some(of) = self.call(call) else { return false };
        of.at(to).is_none()
            && !(is_waiting_place(to) && of.waits())
            && of.connections.len() < self.bounds.connections
            && self.has_appearance(to)
            && !self.is_alerting(to)
            && match to {
                Device::Trunk(_) | Device::Park(_) | Device::Queue(_) | Device::Number(_) => true,
                // A line that is dialled from, or that hears a tone, is engaged; one that talks has call waiting.
                Device::Station(_) => {
                    self.active(to).is_none_or(|active| self.state(active, to) == Some(ConnectionState::Connected))
                }
            }
    }
}
