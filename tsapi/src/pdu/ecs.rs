//! Private data of the ECS vendor (also *AT&T Definity G3*): which private PDU travels in which version, and its
//! members.
//!
//! Data octets: discriminator `02 00`, number of the private PDU (2 octets, little-endian), one BER SEQUENCE. The
//! number that a message takes depends on the version of the stream: [`event_pdu`] is the table. A later version has
//! the members of the earlier one and more behind them.
//!
//! Never: knows what a service does.

use tipring_csta_types::event::Event;
use tipring_csta_types::private::{
    AgentStateData, AnswerTreatment, DropResource, EventData, OriginalCallInfo, ReplyData, RequestData, UserInfo,
    WorkMode,
};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::vendor::{VendorReply, VendorRequest};
use tipring_csta_types::{ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState, Request};

use super::Pdu;
use crate::ber::{Ber, Reader, Writer, default_members};
use crate::error::{BerError, BerErrorKind, PduError};

/// Opens the data of every private PDU.
const DISCRIMINATOR: [u8; 2] = [2, 0];
/// User-to-user information of versions up to 5 in octets.
const USER_INFO_V5_MAX: usize = 33;
/// Parties in a device snapshot of versions up to 4.
const SNAPSHOT_V4_MAX: usize = 6;
/// Trunks of a transferred or conferenced call.
const TRUNKS_MAX: usize = 5;

/// Returns the data octets of a private PDU; `members` writes what is in its SEQUENCE.
pub(crate) fn write_pdu(number: u16, members: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut data = Vec::with_capacity(256);
    append_pdu(&mut data, number, members);
    data
}

fn append_pdu(out: &mut Vec<u8>, number: u16, members: impl FnOnce(&mut Writer<'_>)) {
    out.extend(DISCRIMINATOR);
    out.extend(number.to_le_bytes());
    Writer::new(out).sequence(members);
}

/// Splits data octets into the number of the private PDU and its SEQUENCE.
pub(crate) fn split(data: &[u8]) -> Option<(u16, &[u8])> {
    let rest = data.strip_prefix(&DISCRIMINATOR)?;
    let (number, body) = rest.split_first_chunk::<2>()?;
    Some((u16::from_le_bytes(*number), body))
}

/// Returns the private PDU of an event in a version, if it has one.
const fn event_pdu(event: &Event, version: u16) -> Option<u16> {
    Some(match (event, version) {
        (Event::CallCleared { .. }, _) => 34,
        (Event::Conferenced { .. }, ..=3) => 35,
        (Event::Conferenced { .. }, 4) => 59,
        (Event::Conferenced { .. }, 5) => 78,
        (Event::Conferenced { .. }, 6) => 107,
        (Event::Conferenced { .. }, _) => 133,
        (Event::ConnectionCleared { .. }, ..=5) => 36,
        (Event::ConnectionCleared { .. }, 6) => 115,
        (Event::ConnectionCleared { .. }, _) => 134,
        (Event::Delivered { .. }, ..=3) => 37,
        (Event::Delivered { .. }, 4) => 60,
        (Event::Delivered { .. }, 5) => 80,
        (Event::Delivered { .. }, 6) => 117,
        (Event::Delivered { .. }, _) => 128,
        (Event::Diverted { .. }, 7..) => 135,
        (Event::Established { .. }, ..=3) => 39,
        (Event::Established { .. }, 4) => 61,
        (Event::Established { .. }, 5) => 81,
        (Event::Established { .. }, 6) => 118,
        (Event::Established { .. }, _) => 129,
        (Event::Failed { .. }, 7) => 137,
        (Event::Failed { .. }, 8..) => 141,
        (Event::Held { .. }, 9..) => 146,
        (Event::NetworkReached { .. }, ..=4) => 40,
        (Event::NetworkReached { .. }, 5..=6) => 101,
        (Event::NetworkReached { .. }, _) => 136,
        (Event::Originated { .. }, ..=5) => 47,
        (Event::Originated { .. }, 6..=8) => 119,
        (Event::Originated { .. }, _) => 145,
        (Event::Queued { .. }, 7..) => 130,
        (Event::ServiceInitiated { .. }, 5..=8) => 95,
        (Event::ServiceInitiated { .. }, 9..) => 147,
        (Event::Transferred { .. }, ..=3) => 41,
        (Event::Transferred { .. }, 4) => 62,
        (Event::Transferred { .. }, 5) => 82,
        (Event::Transferred { .. }, 6) => 106,
        (Event::Transferred { .. }, _) => 132,
        (Event::LoggedOn { .. }, _) => 48,
        (Event::LoggedOff { .. }, 5..) => 79,
        _ => return None,
    })
}

/// Appends the private data of an event; nothing if its version has no PDU for it.
pub(crate) fn append_event(version: u16, event: &Event, data: &EventData, out: &mut Vec<u8>) {
    if let Event::PrivateStatus = event {
        if let Some(vendor) = data.vendor.as_deref() {
            append_pdu(out, vendor.number(), |writer| Pdu::write(vendor, writer));
        }
        return;
    }
    let Some(number) = event_pdu(event, version) else { return };
    append_pdu(out, number, |out| {
        let mut extras = Extras { version, data, out };
        match event {
            Event::CallCleared { .. } => data.reason.write(extras.out),
            Event::Delivered { .. } => {
                let kind = data.delivered_type.unwrap_or(tipring_csta_types::private::DeliveredType::ToOther);
                kind.write(extras.out);
                extras.delivered();
            }
            Event::Established { .. } => extras.delivered(),
            Event::Conferenced { .. } | Event::Transferred { .. } => extras.joined(),
            Event::ConnectionCleared { .. } => {
                extras.user_info(&data.user_info);
                extras.history();
            }
            Event::Diverted { .. } | Event::Queued { .. } => extras.history(),
            Event::Failed { .. } => {
                extras.history();
                if version >= 8 {
                    data.calling_device.unwrap_or(ExtendedDeviceId::NOT_REQUIRED).write(extras.out);
                }
            }
            Event::Held { .. } => data.consult_mode.write(extras.out),
            Event::NetworkReached { .. } => {
                data.progress_location.write(extras.out);
                data.progress_description.write(extras.out);
                if version >= 5 {
                    data.trunk_group.write(extras.out);
                    data.trunk_member.write(extras.out);
                }
                extras.history();
            }
            Event::Originated { .. } => {
                data.logical_agent.write(extras.out);
                extras.user_info(&data.user_info);
                if version >= 9 {
                    data.consult_mode.write(extras.out);
                }
            }
            Event::ServiceInitiated { .. } => {
                data.ucid.write(extras.out);
                if version >= 9 {
                    data.consult_mode.write(extras.out);
                }
            }
            Event::LoggedOn { .. } => data.work_mode.write(extras.out),
            Event::LoggedOff { .. } => data.reason_code.write(extras.out),
            _ => unreachable!("the table has no other event"),
        }
    });
}

/// Returns the private data of a route request.
pub(crate) fn write_route_request(version: u16, data: &EventData) -> Vec<u8> {
    let number = match version {
        ..=4 => 42,
        5 => 83,
        6 => 105,
        _ => 131,
    };
    write_pdu(number, |out| {
        let mut extras = Extras { version, data, out };
        data.trunk_group.write(extras.out);
        extras.lookahead();
        data.entered_code.write(extras.out);
        extras.user_info(&data.user_info);
        extras.call_identity();
        if version >= 6 {
            data.trunk_member.write(extras.out);
        }
        extras.history();
    })
}

/// Members that several events share, as a version has them.
struct Extras<'a, 'w> {
    version: u16,
    data: &'a EventData,
    out: &'a mut Writer<'w>,
}

impl Extras<'_, '_> {
    /// Delivered behind its type, and Established.
    fn delivered(&mut self) {
        let data = self.data;
        data.trunk_group.write(self.out);
        data.trunk_member.write(self.out);
        data.split.write(self.out);
        self.lookahead();
        data.entered_code.write(self.out);
        self.user_info(&data.user_info);
        data.reason.write(self.out);
        self.original_call();
        self.distributing_device();
        self.call_identity();
        self.history();
        self.distributing_vdn();
    }

    /// Conferenced and Transferred.
    fn joined(&mut self) {
        self.original_call();
        self.distributing_device();
        if self.version >= 5 {
            self.data.ucid.write(self.out);
        }
        if self.version >= 6 {
            let trunks = &self.data.trunk_list;
            self.out.sequence(|out| trunks.iter().take(TRUNKS_MAX).for_each(|trunk| trunk.write(out)));
        }
        self.history();
        self.distributing_vdn();
    }

    /// No interflow: type -1, no priority, no time, no source.
    fn lookahead(&mut self) {
        let version = self.version;
        self.out.sequence(|out| {
            out.enumerated(-1);
            out.enumerated(0);
            [0, 0, 0].into_iter().for_each(|part| out.integer(part));
            out.ia5_string("");
            if version >= 5 {
                out.sequence(|_| {});
            }
        });
    }

    fn user_info(&mut self, info: &UserInfo) {
        let most = if self.version <= 5 { USER_INFO_V5_MAX } else { info.data.len() };
        self.out.sequence(|out| {
            info.kind.write(out);
            out.octet_string(&info.data[..info.data.len().min(most)]);
        });
    }

    fn distributing_device(&mut self) {
        if self.version >= 4 {
            self.data.distributing_device.unwrap_or(ExtendedDeviceId::NOT_REQUIRED).write(self.out);
        }
    }

    fn distributing_vdn(&mut self) {
        if self.version >= 7 {
            self.data.distributing_vdn.unwrap_or(ExtendedDeviceId::NOT_REQUIRED).write(self.out);
        }
    }

    /// UCID, originator and billing, from version 5.
    fn call_identity(&mut self) {
        if self.version >= 5 {
            identity(self.data.ucid, self.out);
        }
    }

    fn history(&mut self) {
        if self.version >= 7 {
            self.data.device_history.write(self.out);
        }
    }

    fn original_call(&mut self) {
        let none = OriginalCallInfo {
            calling_device: ExtendedDeviceId::NOT_REQUIRED,
            called_device: ExtendedDeviceId::NOT_REQUIRED,
            ..OriginalCallInfo::default()
        };
        let call = self.data.original_call_info.as_deref().unwrap_or(&none);
        let (version, data) = (self.version, self.data);
        self.out.sequence(|out| {
            call.reason.write(out);
            call.calling_device.write(out);
            call.called_device.write(out);
            call.trunk_group.write(out);
            call.trunk_member.write(out);
            let mut extras = Extras { version, data, out };
            extras.lookahead();
            call.entered_code.write(extras.out);
            extras.user_info(&call.user_info);
            if version >= 5 {
                identity(call.ucid, extras.out);
            }
            if version >= 7 {
                call.device_history.write(extras.out);
            }
        });
    }
}

/// UCID, no originator's type, no flexible billing.
fn identity(ucid: tipring_csta_types::Ucid, out: &mut Writer<'_>) {
    ucid.write(out);
    out.sequence(|out| {
        out.boolean(false);
        out.integer(0);
    });
    out.boolean(false);
}

/// Returns the private data of a reply; none if it has none in this version.
pub(crate) fn write_reply(version: u16, reply: &Reply, data: Option<&ReplyData>) -> Option<Vec<u8>> {
    let nothing = ReplyData::default();
    let data = data.unwrap_or(&nothing);
    let ucid = |number| (version >= 5 && !data.ucid.is_empty()).then(|| write_pdu(number, |out| data.ucid.write(out)));
    match reply {
        Reply::ConsultationCall { .. } => ucid(84),
        Reply::MakeCall { .. } => ucid(85),
        Reply::MakePredictiveCall { .. } => ucid(86),
        Reply::ConferenceCall { .. } => ucid(90),
        Reply::TransferCall { .. } => ucid(91),
        Reply::SetAgentState if version >= 6 => data.is_pending.map(|pending| write_pdu(103, |out| pending.write(out))),
        Reply::QueryAgentState { .. } => data.agent_state.map(|state| write_agent_state(version, state)),
        Reply::QueryDeviceInfo { .. } => data.device_info.map(|info| {
            write_pdu(if version <= 4 { 20 } else { 98 }, |out| {
                info.extension_class.write(out);
                if version >= 5 {
                    info.associated_class.write(out);
                    info.associated_device.write(out);
                }
            })
        }),
        Reply::SnapshotCall { .. } if version >= 7 && !data.device_history.is_empty() => {
            Some(write_pdu(138, |out| data.device_history.write(out)))
        }
        Reply::SnapshotDevice { calls } => {
            let (number, most) = if version <= 4 { (28, SNAPSHOT_V4_MAX) } else { (72, usize::MAX) };
            Some(write_pdu(number, |out| {
                for call in calls.iter().take(most) {
                    out.sequence(|out| {
                        call.connection.write(out);
                        out.enumerated(local_call_state(call.states.first().copied()));
                    });
                }
            }))
        }
        Reply::GetApiCaps { .. } if version >= 4 => Some(write_capabilities(version, data)),
        Reply::Escape => data.vendor.as_ref().map(|vendor| write_vendor_reply(version, vendor)),
        _ => None,
    }
}

fn write_agent_state(version: u16, state: AgentStateData) -> Vec<u8> {
    let number = match version {
        ..=4 => 17,
        5 => 88,
        _ => 104,
    };
    write_pdu(number, |out| {
        state.work_mode.write(out);
        state.talk_state.write(out);
        if version >= 5 {
            state.reason_code.write(out);
        }
        if version >= 6 {
            state.pending_work_mode.write(out);
            state.pending_reason_code.write(out);
        }
    })
}

/// ATTLocalCallState of a device's own state.
const fn local_call_state(state: Option<LocalConnectionState>) -> i32 {
    match state {
        Some(LocalConnectionState::Initiate) => 1,
        Some(LocalConnectionState::Alerting) => 2,
        Some(LocalConnectionState::Connect) => 3,
        Some(LocalConnectionState::Hold) => 4,
        Some(_) | None => 6,
    }
}

fn write_vendor_reply(version: u16, reply: &VendorReply) -> Vec<u8> {
    match (reply, version) {
        (VendorReply::QueryDeviceName { kind, device, name, .. }, ..=4) => write_pdu(50, |out| {
            kind.write(out);
            device.write(out);
            // 15 characters in these versions; the name is ASCII.
            out.ia5_string(name.as_str().get(..15).unwrap_or(name.as_str()));
        }),
        (VendorReply::QueryDeviceName { .. }, 5..=6) => write_pdu(89, |out| Pdu::write(reply, out)),
        (VendorReply::SingleStepTransferCall { transferred_call, .. }, ..=8) => {
            write_pdu(143, |out| transferred_call.write(out))
        }
        _ => write_pdu(reply.number(), |out| Pdu::write(reply, out)),
    }
}

/// Capabilities by the vendor requests that are carried out.
fn write_capabilities(version: u16, data: &ReplyData) -> Vec<u8> {
    let has = |pdu: u16| data.vendor_requests.contains(&pdu);
    let number = match version {
        4 => 64,
        5..=6 => 97,
        _ => 127,
    };
    write_pdu(number, |out| {
        out.ia5_string(env!("CARGO_PKG_VERSION"));
        // Send DTMF, device name; no entered digits, no measurements.
        [has(71), false, has(49), false, false, false, false].into_iter().for_each(|flag| out.boolean(flag));
        match version {
            4 => [false, false].into_iter().for_each(|reserved| out.boolean(reserved)),
            _ => {
                // Single-step conference, selective listening hold and retrieve, bill rate, UCID, charge advice.
                [has(65), has(67), has(69), false, has(76), false].into_iter().for_each(|flag| out.boolean(flag));
                [has(142), true].into_iter().for_each(|flag| out.boolean(flag));
            }
        }
        if version >= 7 {
            out.integer(1);
            [env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_VERSION"), "", "tipring"]
                .into_iter()
                .for_each(|text| out.ia5_string(text));
        }
    })
}

/// Reads the private data of a request. A PDU that does not belong to the request is read over, as vendors do; an
/// escape needs one that exists.
pub(crate) fn read_request(request: &Request, data: &[u8]) -> Result<RequestData, PduError> {
    let mut read = RequestData::default();
    let Some((number, body)) = split(data) else {
        return match request {
            Request::Escape => Err(PduError::Unsupported { pdu: 89 }),
            _ => Ok(read),
        };
    };
    if let Request::Escape = request {
        // The version-4 form of Send DTMF has the same members.
        let number = if number == 8 { 71 } else { number };
        read.vendor = Some(<VendorRequest as Pdu>::read(number, body)?);
        return Ok(read);
    }
    Reader::body(body, |reader| {
        match (request, number) {
            (Request::ClearConnection { .. }, 1 | 108) | (Request::ReconnectCall { .. }, 7 | 114) => {
                read.drop_resource = DropResource::read(reader)?;
                read.user_info = UserInfo::read(reader)?;
            }
            (Request::ConsultationCall { .. }, 2 | 109) | (Request::MakeCall { .. }, 3 | 110) => {
                read.dest_route = DeviceId::read(reader)?;
                read.priority_calling = bool::read(reader)?;
                read.user_info = UserInfo::read(reader)?;
            }
            (Request::ConsultationCall { .. }, 149) => {
                read.dest_route = DeviceId::read(reader)?;
                read.priority_calling = bool::read(reader)?;
                read.user_info = UserInfo::read(reader)?;
                // The options a consultation may end in; all of them are allowed.
                reader.enumerated(Some)?;
            }
            (Request::MakeCall { .. } | Request::ConsultationCall { .. }, 4 | 111) => {
                read.direct_agent_call = true;
                read.split = DeviceId::read(reader)?;
                read.priority_calling = bool::read(reader)?;
                read.user_info = UserInfo::read(reader)?;
            }
            (Request::MakeCall { .. } | Request::ConsultationCall { .. }, 6 | 113) => {
                read.supervisor_assist = true;
                read.split = DeviceId::read(reader)?;
                read.user_info = UserInfo::read(reader)?;
            }
            (Request::MakePredictiveCall { .. }, 5 | 112) => {
                read.priority_calling = bool::read(reader)?;
                read.max_rings = i16::read(reader)?;
                read.answer_treatment = AnswerTreatment::read(reader)?;
                read.dest_route = DeviceId::read(reader)?;
                read.user_info = UserInfo::read(reader)?;
            }
            (Request::SetAgentState { .. }, 10 | 87 | 102) => {
                read.work_mode = WorkMode::read(reader)?;
                if number != 10 {
                    read.reason_code = i32::read(reader)?;
                }
                if number == 102 {
                    read.enable_pending = bool::read(reader)?;
                }
            }
            (Request::QueryAgentState { .. }, 16) => read.split = DeviceId::read(reader)?,
            (Request::MonitorDevice { .. } | Request::MonitorCall { .. }, 29 | 92)
            | (Request::MonitorCallsViaDevice { .. } | Request::ChangeMonitorFilter { .. }, 29 | 92) => {
                read.private_filter = u8::read(reader)?;
            }
            (Request::MonitorCallsViaDevice { .. }, 144) => {
                read.private_filter = u8::read(reader)?;
                read.flow_predictive_call_events = bool::read(reader)?;
            }
            (Request::RouteSelect { .. }, 43 | 116 | 126) => {
                read.calling_device = DeviceId::read(reader)?;
                read.split = DeviceId::read(reader)?;
                read.priority_calling = bool::read(reader)?;
                read.dest_route = DeviceId::read(reader)?;
                read_collect_code(reader)?;
                read_provided_code(reader)?;
                read.user_info = UserInfo::read(reader)?;
                if number == 126 {
                    reader.enumerated(Some)?;
                }
            }
            _ => reader.skip_rest(),
        }
        Ok(())
    })?;
    Ok(read)
}

/// ATTUserCollectCode: nothing is collected on the way of a route.
fn read_collect_code(reader: &mut Reader<'_>) -> Result<(), BerError> {
    reader.sequence(|reader| {
        reader.enumerated(Some)?;
        i16::read(reader)?;
        i16::read(reader)?;
        ConnectionId::read(reader)?;
        reader.enumerated(Some).map(|_| ())
    })
}

/// ATTUserProvidedCode.
fn read_provided_code(reader: &mut Reader<'_>) -> Result<(), BerError> {
    reader.sequence(|reader| {
        reader.enumerated(Some)?;
        reader.ia5_string(24).map(|_| ())
    })
}

default_members!(UserInfo);

/// `ATTUserToUserInfo ::= SEQUENCE { type ATTUUIProtocolType, data OCTET STRING }`
impl Ber for UserInfo {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.kind.write(writer);
            writer.octet_string(&self.data);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<UserInfo, BerError> {
        let max = tipring_csta_types::private::USER_INFO_MAX;
        let too_long = reader.error_here(BerErrorKind::TooLong { max });
        reader.sequence(|reader| {
            let kind = Ber::read(reader)?;
            let data = reader.octet_string(max)?.try_into().map_err(|_| too_long)?;
            Ok(UserInfo { kind, data })
        })
    }
}
