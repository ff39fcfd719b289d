//! The right that each service needs, and the judgement of a request by it: one table a vocabulary.
//!
//! A server refuses with it before the switch sees the request. A service that names a call alone needs its right for
//! some device; the switch knows the devices of the call, and compares them with [`Rights::observed`].
//!
//! Never: knows a user, or what becomes of a request that is permitted.

use crate::cause::UniversalFailure;
use crate::id::{ConnectionId, DeviceId};
use crate::private::{ParticipationType, RequestData};
use crate::request::{ALL_ROUTE_ADDRESS, Request};
use crate::rights::{Devices, Rights, ServiceGroup};
use crate::tipring::TipringRequest;
use crate::vendor::VendorRequest;

/// The device for which a service needs its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One device.
    Device(DeviceId),
    /// Both devices.
    Pair(DeviceId, DeviceId),
    /// Any: the call, the monitor or the dialogue decides.
    Some,
    /// All of them.
    All,
}

impl Rights {
    /// Judges a request of the vendor `TIPRING` by what it names. The switch judges it, not the edge, so that what is
    /// refused is audited as well.
    ///
    /// # Errors
    /// As [`check`](Rights::check).
    pub fn check_tipring(&self, request: &TipringRequest) -> Result<(), UniversalFailure> {
        let alternative = |groups: &[ServiceGroup], scope| {
            // The first right is the usual one: its failure is the one that helps.
            let mut judged = groups.iter().map(|&group| self.check_need(group, scope));
            let first = judged.next().unwrap_or(Ok(()));
            first.or_else(|failure| judged.find(Result::is_ok).unwrap_or(Err(failure)))
        };
        request.needs().into_iter().try_for_each(|(groups, scope)| alternative(groups, scope))
    }

    fn check_need(&self, group: ServiceGroup, scope: Scope) -> Result<(), UniversalFailure> {
        let Some(devices) = self.devices(group).filter(|devices| !devices.is_empty()) else {
            return Err(UniversalFailure::SecurityViolation);
        };
        let may = match scope {
            Scope::Some => true,
            Scope::All => *devices == Devices::All,
            Scope::Device(_) | Scope::Pair(..) if group == ServiceGroup::Observe => true,
            Scope::Device(device) => devices.contains(&device),
            Scope::Pair(one, other) => devices.contains(&one) && devices.contains(&other),
        };
        if may { Ok(()) } else { Err(UniversalFailure::PrivilegeViolationOnSpecifiedDevice) }
    }

    /// Judges a request by what it names.
    ///
    /// A device that may not be observed is left to the switch, whose answer also says which devices there are.
    ///
    /// # Errors
    /// [`PrivilegeViolationOnCallingDevice`](UniversalFailure::PrivilegeViolationOnCallingDevice) for a call from a
    /// device without the right,
    /// [`PrivilegeViolationOnSpecifiedDevice`](UniversalFailure::PrivilegeViolationOnSpecifiedDevice) for any other
    /// device, [`SecurityViolation`](UniversalFailure::SecurityViolation) for a service without a right to any.
    pub fn check(&self, request: &Request, data: Option<&RequestData>) -> Result<(), UniversalFailure> {
        let Some((group, scope)) = request.need(data) else { return Ok(()) };
        self.check_need(group, scope).map_err(|failure| match (request, failure) {
            (
                Request::MakeCall { .. } | Request::MakePredictiveCall { .. },
                UniversalFailure::PrivilegeViolationOnSpecifiedDevice,
            ) => UniversalFailure::PrivilegeViolationOnCallingDevice,
            (_, failure) => failure,
        })
    }
}

/// The scope of a connection's device; a connection without one stands for its call.
fn of(connection: &ConnectionId) -> Scope {
    if connection.device.is_empty() { Scope::Some } else { Scope::Device(connection.device) }
}

impl Request {
    /// Returns the right that the service needs, and for which device; nothing for a service of the stream itself.
    pub fn need(&self, data: Option<&RequestData>) -> Option<(ServiceGroup, Scope)> {
        use ServiceGroup::{Agent, Call, Feature, Observe, Route};
        Some(match self {
            Request::AlternateCall { active_call: one, other_call: other }
            | Request::ConferenceCall { held_call: other, active_call: one }
            | Request::ReconnectCall { active_call: one, held_call: other }
            | Request::TransferCall { held_call: other, active_call: one } => {
                (Call, Scope::Pair(one.device, other.device))
            }
            Request::AnswerCall { alerting_call: call }
            | Request::CallCompletion { call, .. }
            | Request::ClearCall { call }
            | Request::ClearConnection { call }
            | Request::ConsultationCall { active_call: call, .. }
            | Request::DeflectCall { deflect_call: call, .. }
            | Request::HoldCall { active_call: call, .. }
            | Request::RetrieveCall { held_call: call } => (Call, of(call)),
            Request::PickupCall { called_device: device, .. }
            | Request::GroupPickupCall { pickup_device: device, .. }
            | Request::MakeCall { calling_device: device, .. }
            | Request::MakePredictiveCall { calling_device: device, .. } => (Call, Scope::Device(*device)),
            Request::QueryMessageWaiting { device }
            | Request::QueryDoNotDisturb { device }
            | Request::QueryForwarding { device }
            | Request::QueryAgentState { device }
            | Request::QueryLastNumber { device }
            | Request::QueryDeviceInfo { device }
            | Request::SnapshotDevice { device }
            | Request::MonitorDevice { device, .. }
            | Request::MonitorCallsViaDevice { device, .. } => (Observe, Scope::Device(*device)),
            Request::MonitorCall { .. } | Request::SnapshotCall { .. } => (Observe, Scope::Some),
            Request::ChangeMonitorFilter { .. } | Request::MonitorStop { .. } => (Observe, Scope::Some),
            Request::SetMessageWaiting { device, .. }
            | Request::SetDoNotDisturb { device, .. }
            | Request::SetForwarding { device, .. } => (Feature, Scope::Device(*device)),
            Request::SetAgentState { device, .. } => (Agent, Scope::Device(*device)),
            Request::RouteRegister { routing_device } if routing_device.as_str() == ALL_ROUTE_ADDRESS => {
                (Route, Scope::All)
            }
            Request::RouteRegister { routing_device } => (Route, Scope::Device(*routing_device)),
            Request::RouteRegisterCancel { .. } | Request::RouteSelect { .. } | Request::RouteEnd { .. } => {
                (Route, Scope::Some)
            }
            // A request of the vendor TIPRING is judged by the switch.
            Request::Escape => return data.and_then(|data| data.vendor.as_ref()).map(VendorRequest::need),
            Request::EscapeConf { .. }
            | Request::SendPrivate
            | Request::SystemStatus
            | Request::SystemStatusStart { .. }
            | Request::SystemStatusStop
            | Request::ChangeSystemStatusFilter { .. }
            | Request::SystemStatusConf { .. }
            | Request::SystemStatusEvent { .. }
            | Request::GetApiCaps
            | Request::GetDeviceList { .. }
            | Request::QueryCallMonitor => return None,
        })
    }
}

impl VendorRequest {
    /// Returns the right that the vendor request needs, and for which device.
    pub fn need(&self) -> (ServiceGroup, Scope) {
        use ServiceGroup::{Call, Observe, Supervise};
        match self {
            VendorRequest::QueryAcdSplit { device }
            | VendorRequest::QueryAgentLogin { device }
            | VendorRequest::QueryStationStatus { device }
            | VendorRequest::QueryTrunkGroup { device }
            | VendorRequest::QueryDeviceName { device } => (Observe, Scope::Device(*device)),
            VendorRequest::QueryCallClassifier
            | VendorRequest::QueryTimeOfDay
            | VendorRequest::MonitorStopOnCall { .. }
            | VendorRequest::QueryUcid { .. }
            | VendorRequest::SetAdviceOfCharge { .. } => (Observe, Scope::Some),
            VendorRequest::SingleStepConferenceCall {
                device_to_be_join,
                participation: ParticipationType::Silent,
                ..
            } => (Supervise, Scope::Device(*device_to_be_join)),
            VendorRequest::SingleStepConferenceCall { device_to_be_join, .. } => {
                (Call, Scope::Device(*device_to_be_join))
            }
            VendorRequest::SelectiveListeningHold { subject_connection: call, .. }
            | VendorRequest::SelectiveListeningRetrieve { subject_connection: call, .. }
            | VendorRequest::SendDtmfTone { sender: call, .. }
            | VendorRequest::SingleStepTransferCall { active_call: call, .. } => (Call, of(call)),
        }
    }
}

impl TipringRequest {
    /// Returns the rights that the request needs, each for a device; of those in a row any one is enough.
    pub fn needs(&self) -> Vec<(&'static [ServiceGroup], Scope)> {
        use ServiceGroup::{Call, Observe, Supervise};
        let device = |device: &DeviceId| Scope::Device(*device);
        match self {
            TipringRequest::SuperviseCall { active_call, supervisor, .. }
            | TipringRequest::TakeOverCall { active_call, supervisor, .. } => {
                vec![(&[Supervise], device(&active_call.device)), (&[Call], device(supervisor))]
            }
            TipringRequest::StopSupervision { supervisor } => vec![(&[Call], device(supervisor))],
            TipringRequest::ForceRelease { call, .. } => vec![(&[Supervise], device(&call.device))],
            TipringRequest::ForceAgentState { device: at, .. } => vec![(&[Supervise], device(at))],
            TipringRequest::ParkCall { active_call, .. } | TipringRequest::AnnotateCall { active_call, .. } => {
                vec![(&[Call], device(&active_call.device))]
            }
            TipringRequest::StartRecording { active_call }
            | TipringRequest::StopRecording { active_call }
            | TipringRequest::PauseRecording { active_call }
            | TipringRequest::ResumeRecording { active_call }
            | TipringRequest::BookmarkRecording { active_call, .. }
            | TipringRequest::QueryRecording { active_call } => {
                vec![(&[Call, Supervise], device(&active_call.device))]
            }
            TipringRequest::QueryReasons { .. } => vec![(&[Observe], Scope::Some)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::UniversalFailure as F;
    use crate::filter::MonitorFilter;
    use crate::id::{AgentId, AgentPassword, CallId};
    use crate::state::AgentMode;
    use crate::tipring::{ReleaseScope, Remark, SupervisionMode};

    fn device(text: &str) -> DeviceId {
        DeviceId::new(text).expect("short and plain")
    }

    fn only(devices: &[&str]) -> Devices {
        Devices::Only(devices.iter().map(|text| device(text)).collect())
    }

    fn connection(text: &str) -> ConnectionId {
        ConnectionId { call: CallId(1), device: device(text), ..ConnectionId::NONE }
    }

    #[test]
    fn nothing_is_permitted_by_default_but_services_of_the_stream_itself() {
        let nothing = Rights::default();
        let call = connection("1001");
        let monitor = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
        for request in [monitor, Request::SnapshotCall { call }, Request::ClearCall { call }] {
            assert_eq!(nothing.check(&request, None), Err(F::SecurityViolation), "{request:?}");
        }
        assert_eq!(nothing.check(&Request::GetApiCaps, None), Ok(()));
        assert!(nothing.observed().is_empty());
    }

    #[test]
    fn a_right_holds_for_its_services_and_devices_and_includes_observing() {
        let mut rights = Rights::default();
        rights.permit(ServiceGroup::Call, &only(&["1001"]));
        rights.permit(ServiceGroup::Observe, &only(&["5000"]));
        let answer = |text| Request::AnswerCall { alerting_call: connection(text) };
        assert_eq!(rights.check(&answer("1001"), None), Ok(()));
        assert_eq!(rights.check(&answer("5000"), None), Err(F::PrivilegeViolationOnSpecifiedDevice));
        let make = |text| Request::MakeCall { calling_device: device(text), called_device: device("1001") };
        assert_eq!(rights.check(&make("1001"), None), Ok(()));
        assert_eq!(rights.check(&make("1002"), None), Err(F::PrivilegeViolationOnCallingDevice));
        let (agent_id, password) = (AgentId::EMPTY, AgentPassword::EMPTY);
        let ready = Request::SetAgentState {
            device: device("1001"),
            mode: AgentMode::Ready,
            agent_id,
            agent_group: DeviceId::EMPTY,
            password,
        };
        assert_eq!(rights.check(&ready, None), Err(F::SecurityViolation), "no right to agents at all");
        assert_eq!(rights.observed(), only(&["1001", "5000"]));
    }

    #[test]
    fn a_transfer_needs_the_right_for_both_connections() {
        let mut rights = Rights::default();
        rights.permit(ServiceGroup::Call, &only(&["1001"]));
        let transfer =
            |one, other| Request::TransferCall { held_call: connection(one), active_call: connection(other) };
        assert_eq!(rights.check(&transfer("1001", "1001"), None), Ok(()));
        for (one, other) in [("1002", "1001"), ("1001", "1002"), ("", "1001")] {
            let refused = rights.check(&transfer(one, other), None);
            assert_eq!(refused, Err(F::PrivilegeViolationOnSpecifiedDevice), "{one} {other}");
        }
    }

    #[test]
    fn a_silent_party_is_supervision_and_every_routing_device_needs_every_device() {
        let join = |participation| RequestData {
            vendor: Some(VendorRequest::SingleStepConferenceCall {
                active_call: connection("1002"),
                device_to_be_join: device("1001"),
                participation,
                alert_destination: false,
            }),
            ..RequestData::default()
        };
        let mut rights = Rights::default();
        rights.permit(ServiceGroup::Call, &only(&["1001"]));
        assert_eq!(rights.check(&Request::Escape, Some(&join(ParticipationType::Active))), Ok(()));
        let silent = join(ParticipationType::Silent);
        assert_eq!(rights.check(&Request::Escape, Some(&silent)), Err(F::SecurityViolation));
        let all = Request::RouteRegister { routing_device: device(ALL_ROUTE_ADDRESS) };
        rights.permit(ServiceGroup::Route, &only(&["5000"]));
        assert_eq!(rights.check(&all, None), Err(F::PrivilegeViolationOnSpecifiedDevice));
        assert_eq!(Rights::everything().check(&all, None), Ok(()));
        assert_eq!(Rights::everything().check(&Request::Escape, Some(&silent)), Ok(()));
    }

    #[test]
    fn supervision_needs_its_right_for_the_supervised_and_a_line_of_ones_own() {
        let listen = |station| TipringRequest::SuperviseCall {
            active_call: connection(station),
            supervisor: device("1009"),
            mode: SupervisionMode::Listen,
            follow: false,
            remark: Remark::default(),
        };
        let release = |station| TipringRequest::ForceRelease {
            call: connection(station),
            scope: ReleaseScope::Call,
            remark: Remark("test".into()),
        };
        let mut rights = Rights::default();
        rights.permit(ServiceGroup::Call, &only(&["1009"]));
        assert_eq!(rights.check_tipring(&listen("1001")), Err(F::SecurityViolation), "an agent supervises no one");
        rights.permit(ServiceGroup::Supervise, &only(&["1001"]));
        assert_eq!(rights.check_tipring(&listen("1001")), Ok(()));
        assert_eq!(rights.check_tipring(&release("1001")), Ok(()));
        for station in ["1002", ""] {
            assert_eq!(rights.check_tipring(&listen(station)), Err(F::PrivilegeViolationOnSpecifiedDevice));
            assert_eq!(rights.check_tipring(&release(station)), Err(F::PrivilegeViolationOnSpecifiedDevice));
        }
    }
}
