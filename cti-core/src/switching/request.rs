//! Requests of clients, each to its service.
//!
//! Never: answers *done* for what was not done.

use crate::core::Core;
use crate::csta::capabilities::Capabilities;
use crate::csta::cause::UniversalFailure;
use crate::csta::private::{DeviceInfoData, ExtensionClass, ParticipationType, ReplyData, RequestData, WorkMode};
use crate::csta::tipring::TipringRequest;
use crate::csta::vendor::{VendorReply, VendorRequest};
use crate::csta::{Reply, Request, SessionId};
use crate::device::Device;

use super::agents::Asked;

/// A reply with its private data, or the failure.
type ServiceResult = Result<(Reply, Option<Box<ReplyData>>), UniversalFailure>;

impl Core {
    /// Carries out a request. None for messages that get no reply.
    pub(crate) fn carry_out(
        &mut self,
        session: SessionId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> Option<ServiceResult> {
        let plain = |result: Result<Reply, UniversalFailure>| Some(result.map(|reply| (reply, None)));
        // Each edge judges it as well, for an early answer.
        let rights = self.sessions.get(&session).map(|session| &session.rights);
        if let Some(Err(failure)) = rights.map(|rights| rights.check(&request, data.as_deref())) {
            return Some(Err(failure));
        }
        let user_info = data.as_deref().map(|data| data.user_info.clone()).unwrap_or_default();
        if let Err(failure) = user_info.judge()
            && !matches!(request, Request::RouteSelect { .. })
        {
            return Some(Err(failure));
        }
        let done = match request {
            Request::AnswerCall { alerting_call } => self.answer_call(session, alerting_call),
            Request::ClearConnection { call } => self.clear_connection(session, call, user_info.clone()),
            Request::ClearCall { call } => self.clear_call(session, call),
            Request::MakeCall { calling_device, called_device } => {
                self.make_call(session, calling_device, called_device)
            }
            Request::HoldCall { active_call, reservation: _ } => self.hold_call(session, active_call),
            Request::RetrieveCall { held_call } => self.retrieve_call(session, held_call),
            Request::AlternateCall { active_call, other_call } => self.alternate_call(session, active_call, other_call),
            Request::ReconnectCall { active_call, held_call } => {
                self.reconnect_call(session, active_call, held_call, user_info.clone())
            }
            Request::ConsultationCall { active_call, called_device } => {
                self.consultation_call(session, active_call, called_device)
            }
            Request::TransferCall { held_call, active_call } => self.transfer_call(session, held_call, active_call),
            Request::ConferenceCall { held_call, active_call } => self.conference_call(session, held_call, active_call),
            Request::DeflectCall { deflect_call, called_device } => {
                self.deflect_call(session, deflect_call, called_device)
            }
            Request::PickupCall { deflect_call, called_device } => {
                self.pickup_call(session, deflect_call, called_device)
            }
            Request::GroupPickupCall { deflect_call, pickup_device } => {
                self.group_pickup_call(session, deflect_call, pickup_device)
            }
            Request::MakePredictiveCall { calling_device, called_device, allocation_state } => {
                let refined = data.as_deref().map_or_else(Default::default, |it| (it.max_rings, it.answer_treatment));
                self.make_predictive_call(session, (calling_device, called_device), allocation_state, refined)
            }
            Request::CallCompletion { feature, call } => self.call_completion(session, feature, call),
            Request::SetDoNotDisturb { device, do_not_disturb } => {
                self.set_do_not_disturb(session, device, do_not_disturb)
            }
            Request::SetMessageWaiting { device, messages } => self.set_message_waiting(session, device, messages),
            Request::SetForwarding { device, forward } => self.set_forwarding(session, device, forward),
            Request::QueryDoNotDisturb { device } => self.query_do_not_disturb(session, device),
            Request::QueryMessageWaiting { device } => self.query_message_waiting(session, device),
            Request::QueryForwarding { device } => self.query_forwarding(session, device),
            Request::QueryLastNumber { device } => self.query_last_number(session, device),
            Request::RouteRegister { routing_device } => self.route_register(session, routing_device),
            Request::RouteRegisterCancel { register } => self.route_register_cancel(session, register),
            Request::RouteSelect {
                register,
                dialogue,
                route_selected,
                remain_retry,
                setup_information: _,
                route_used_req,
            } => {
                let ids = (register, dialogue);
                self.on_route_selected(session, ids, (route_selected, &user_info), remain_retry, route_used_req);
                self.commit();
                return None;
            }
            Request::RouteEnd { register, dialogue, error: _ } => {
                self.on_route_ended(session, register, dialogue);
                self.commit();
                return None;
            }
            Request::QueryAgentState { device } => return Some(self.query_agent_state(session, device)),
            Request::QueryDeviceInfo { device } => {
                let reply = self.query_device_info(session, device);
                let data = self.devices.find(&device).map(|device| self.device_info(device));
                return Some(reply.map(|reply| (reply, data)));
            }
            Request::SetAgentState { device, mode, agent_id, agent_group, password } => {
                let (work_mode, reason) = data.map_or((WorkMode::None, 0), |data| (data.work_mode, data.reason_code));
                let reason = u8::try_from(reason).unwrap_or_default();
                let asked = Asked { mode, agent_id, agent_group, password, work_mode, reason };
                let reply = self.set_agent_state(session, device, asked);
                return Some(reply.map(|reply| (reply, self.pending(&device))));
            }
            Request::SystemStatus => Ok(Reply::SystemStatus { status: self.status() }),
            // The session keeps its filter; every change is reported to all of them.
            // The session keeps its filter.
            Request::SystemStatusStart { filter } => Ok(Reply::SystemStatusStart { filter }),
            Request::ChangeSystemStatusFilter { filter } => {
                Ok(Reply::ChangeSystemStatusFilter { selected: filter, active: filter })
            }
            Request::SystemStatusStop => Ok(Reply::SystemStatusStop),
            Request::MonitorDevice { device, filter } => self.monitor_device(session, device, filter, false),
            Request::MonitorCallsViaDevice { device, filter } => self.monitor_device(session, device, filter, true),
            Request::MonitorCall { call, filter } => self.monitor_call(session, call, filter),
            Request::MonitorStop { monitor } => self.monitor_stop(session, monitor),
            Request::ChangeMonitorFilter { monitor, filter } => self.change_filter(session, monitor, filter),
            Request::SnapshotCall { call } => return Some(self.snapshot_call(session, call)),
            Request::SnapshotDevice { device } => self.snapshot_device(session, device),
            Request::GetApiCaps => {
                let reply = Reply::GetApiCaps { capabilities: Capabilities::BUILT };
                let tipring_requests = TipringRequest::ALL.iter().map(|(_, name)| (*name).to_owned()).collect();
                let vendor_requests = VENDOR_REQUESTS.to_vec();
                let data = ReplyData { vendor_requests, tipring_requests, ..ReplyData::default() };
                return Some(Ok((reply, Some(Box::new(data)))));
            }
            Request::GetDeviceList { index, level } => self.device_list(session, index, level),
            Request::QueryCallMonitor => Ok(Reply::QueryCallMonitor { allowed: true }),
            Request::Escape => {
                let reply = match data.map(|data| (data.tipring, data.vendor)) {
                    Some((Some(request), _)) => self.carry_out_tipring(session, &request).map(ReplyData::of_tipring),
                    Some((None, Some(vendor))) => self.carry_out_vendor(session, vendor).map(ReplyData::of_vendor),
                    Some((None, None)) | None => Err(UniversalFailure::UnrecognizedOperationRejection),
                };
                return Some(reply.map(|data| (Reply::Escape, Some(Box::new(data)))));
            }
            // Events of the client, and its answers to requests of the switch, get no reply.
            Request::SendPrivate
            | Request::EscapeConf { .. }
            | Request::SystemStatusConf { .. }
            | Request::SystemStatusEvent { .. } => return None,
        };
        self.attach_to_new_call(&done, &user_info);
        plain(done)
    }

    /// A service of the vendor dialect.
    fn carry_out_vendor(
        &mut self,
        session: SessionId,
        request: VendorRequest,
    ) -> Result<VendorReply, UniversalFailure> {
        match request {
            VendorRequest::QueryAcdSplit { device } => {
                let Device::Queue(queue) = self.permitted(session, &device)? else {
                    return Err(UniversalFailure::InvalidObjectType);
                };
                let count = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
                Ok(VendorReply::QueryAcdSplit {
                    available_agents: count(self.floor.free(queue)),
                    calls_in_queue: count(self.floor.waiting(queue)),
                    agents_logged_in: count(self.floor.staffed(queue)),
                })
            }
            VendorRequest::QueryStationStatus { device } => {
                let device = self.permitted(session, &device)?;
                device.station().ok_or(UniversalFailure::InvalidObjectType)?;
                Ok(VendorReply::QueryStationStatus { station_status: self.is_busy(device) })
            }
            VendorRequest::QueryDeviceName { device } => self.device_name(session, device),
            VendorRequest::QueryUcid { call } => {
                Ok(VendorReply::QueryUcid { ucid: self.watched_call(session, call.call)?.ucid })
            }
            VendorRequest::QueryTrunkGroup { device } => {
                let (idle_trunks, used_trunks) = self.query_trunk_group(session, &device)?;
                Ok(VendorReply::QueryTrunkGroup { idle_trunks, used_trunks })
            }
            VendorRequest::SingleStepConferenceCall { active_call, device_to_be_join, participation, .. } => {
                let silent = participation == ParticipationType::Silent;
                let joined = self.single_step_conference(session, active_call, device_to_be_join, silent);
                self.audit_silent(session, &request, joined.err());
                let new_call = joined?;
                let connections = self.connections(new_call.call);
                let ucid = self.details.get(&new_call.call).map(|detail| detail.ucid).unwrap_or_default();
                Ok(VendorReply::SingleStepConferenceCall { new_call, connections, ucid })
            }
            VendorRequest::SendDtmfTone { sender, receivers: _, tones, .. } => {
                self.send_digits(session, &sender, &tones)?;
                Ok(VendorReply::SendDtmfTone)
            }
            VendorRequest::SingleStepTransferCall { active_call, transferred_to } => {
                let transferred_call = self.single_step_transfer(session, active_call, transferred_to)?;
                let ucid = self.details.get(&transferred_call.call).map(|detail| detail.ucid).unwrap_or_default();
                Ok(VendorReply::SingleStepTransferCall { transferred_call, ucid })
            }
            _ => Err(UniversalFailure::UnrecognizedOperationRejection),
        }
    }

    fn device_info(&self, device: Device) -> Box<ReplyData> {
        let (class, associated) = match device {
            Device::Station(station) => {
                let agent = self.devices.station(station).agent;
                let agent = agent.map(|agent| self.roster.get(agent).id);
                let agent = agent.and_then(|id| crate::csta::DeviceId::new(id.as_str()).ok());
                (ExtensionClass::Analog, agent.map(|agent| (ExtensionClass::LogicalAgent, agent)))
            }
            Device::Queue(_) => (ExtensionClass::AcdSplit, None),
            Device::Number(_) | Device::Park(_) => (ExtensionClass::Vdn, None),
            Device::Trunk(_) => (ExtensionClass::Analog, None),
        };
        let (associated_class, associated_device) = associated.unwrap_or((class, crate::csta::DeviceId::EMPTY));
        let info = DeviceInfoData { extension_class: class, associated_class, associated_device };
        Box::new(ReplyData { device_info: Some(info), ..ReplyData::default() })
    }
}

/// The vendor requests that are carried out, by their numbers.
const VENDOR_REQUESTS: &[u16] = &[11, 22, 26, 49, 65, 71, 76, 142];
