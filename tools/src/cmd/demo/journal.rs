//! `events.jsonl`: one line for each frame the clients decoded, in the order in which they did.
//!
//! The members carry the standard's own names, so that a line can be held against ECMA-179 and counted by any tool.
//! The run's hash is of this file's octets.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::request::Reply;
use tipring_core::csta::{AgentId, ConnectionId, DeviceIdStatus, ExtendedDeviceId};
use tipring_core::time::Tick;

/// The file, and what has gone into it so far.
pub struct Journal {
    file: BufWriter<File>,
    hash: Sha256,
}

impl Journal {
    /// Begins `events.jsonl` in `folder`.
    pub fn create(folder: &Path) -> io::Result<Journal> {
        let file = File::create(folder.join("events.jsonl"))?;
        Ok(Journal { file: BufWriter::new(file), hash: Sha256::new() })
    }

    /// Writes the line of one frame.
    pub fn write(&mut self, now: Tick, client: &str, frame: &Frame<'_>) -> io::Result<()> {
        let mut line = json!({ "ms": now.0, "client": client });
        let members = line.as_object_mut().expect("made as an object");
        members.extend(frame.members());
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.file.write_all(&line)
    }

    /// Ends the file; gives the hash of its octets in hexadecimal.
    pub fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(hex(&self.hash.finalize()))
    }
}

/// The hash of octets in hexadecimal, as the journal gives it.
pub fn sha256(octets: &[u8]) -> String {
    hex(&Sha256::digest(octets))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A frame as a client decoded it.
pub enum Frame<'a> {
    /// The stream is open.
    Opened,
    /// The switch's status has changed.
    SystemStatus,
    /// The heartbeat has the interval that was asked for.
    HeartbeatSet,
    /// A request about the stream was refused.
    Refused(i32),
    /// A confirmation, or a refusal.
    Confirmation(&'a Result<Reply, UniversalFailure>),
    /// An event on a monitor, with what came as private data.
    Report(i32, &'a Event, Option<&'a CallData>),
}

impl Frame<'_> {
    fn members(&self) -> Map<String, Value> {
        let value = match self {
            Frame::Opened => json!({ "frame": "ACSOpenStreamConf" }),
            Frame::SystemStatus => json!({ "frame": "sysStat" }),
            Frame::HeartbeatSet => json!({ "frame": "ACSSetHeartbeatIntervalConf" }),
            Frame::Refused(error) => json!({ "frame": "ACSUniversalFailureConf", "error": error }),
            Frame::Confirmation(Ok(reply)) => json!({ "frame": "confirmation", "reply": reply_name(reply) }),
            Frame::Confirmation(Err(failure)) => {
                json!({ "frame": "CSTAUniversalFailureConf", "error": failure.number() })
            }
            Frame::Report(monitor, event, data) => {
                let mut value = event_members(event);
                value["monitorCrossRefID"] = json!(monitor);
                if let Some(data) = data {
                    value["private"] = json!(data);
                }
                value
            }
        };
        match value {
            Value::Object(members) => members,
            _ => unreachable!("every arm made an object"),
        }
    }
}

fn reply_name(reply: &Reply) -> &'static str {
    match reply {
        Reply::AnswerCall => "answerCall",
        Reply::ClearConnection => "clearConnection",
        Reply::MakeCall { .. } => "makeCall",
        Reply::QueryAgentState { .. } => "queryAgentState",
        Reply::QueryDeviceInfo { .. } => "queryDeviceInfo",
        Reply::SetAgentState => "setAgentState",
        Reply::SystemStatus { .. } => "systemStatus",
        Reply::SystemStatusStart { .. } => "systemStatusStart",
        Reply::SystemStatusStop => "systemStatusStop",
        Reply::Monitor { .. } => "monitor",
        Reply::MonitorStop => "monitorStop",
        Reply::SnapshotCall { .. } => "snapshotCall",
        Reply::SnapshotDevice { .. } => "snapshotDevice",
        Reply::GetApiCaps(_) => "getAPICaps",
        Reply::GetDeviceList { .. } => "getDeviceList",
        Reply::QueryCallMonitor { .. } => "queryCallMonitor",
    }
}

fn connection(id: &ConnectionId) -> Value {
    json!({ "callID": id.call.0, "deviceID": id.device.as_str() })
}

fn device(id: &ExtendedDeviceId) -> Value {
    match id.status {
        DeviceIdStatus::Provided => json!(id.device.as_str()),
        DeviceIdStatus::NotKnown | DeviceIdStatus::NotRequired => Value::Null,
    }
}

fn agent(frame: &str, agent_device: &ExtendedDeviceId, agent_id: &AgentId) -> Value {
    json!({ "frame": frame, "agentDevice": device(agent_device), "agentID": agent_id.as_str() })
}

fn event_members(event: &Event) -> Value {
    match event {
        Event::CallCleared { cleared_call, local, cause } => json!({
            "frame": "callCleared", "clearedCall": connection(cleared_call),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::ConnectionCleared { dropped_connection, releasing_device, local, cause } => json!({
            "frame": "connectionCleared", "droppedConnection": connection(dropped_connection),
            "releasingDevice": device(releasing_device),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::Delivered {
            connection: id,
            alerting_device,
            calling_device,
            called_device,
            last_redirection_device,
            local,
            cause,
        } => json!({
            "frame": "delivered", "connection": connection(id), "alertingDevice": device(alerting_device),
            "callingDevice": device(calling_device), "calledDevice": device(called_device),
            "lastRedirectionDevice": device(last_redirection_device),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::Diverted { connection: id, diverting_device, new_destination, local, cause } => json!({
            "frame": "diverted", "connection": connection(id), "divertingDevice": device(diverting_device),
            "newDestination": device(new_destination),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::Established {
            established_connection,
            answering_device,
            calling_device,
            called_device,
            last_redirection_device,
            local,
            cause,
        } => json!({
            "frame": "established", "establishedConnection": connection(established_connection),
            "answeringDevice": device(answering_device), "callingDevice": device(calling_device),
            "calledDevice": device(called_device), "lastRedirectionDevice": device(last_redirection_device),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::Failed { failed_connection, failing_device, called_device, local, cause } => json!({
            "frame": "failed", "failedConnection": connection(failed_connection),
            "failingDevice": device(failing_device), "calledDevice": device(called_device),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::NetworkReached { connection: id, trunk_used, called_device, local, cause } => json!({
            "frame": "networkReached", "connection": connection(id), "trunkUsed": device(trunk_used),
            "calledDevice": device(called_device),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::Originated { originated_connection, calling_device, called_device, local, cause } => json!({
            "frame": "originated", "originatedConnection": connection(originated_connection),
            "callingDevice": device(calling_device), "calledDevice": device(called_device),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::Queued {
            queued_connection,
            queue,
            calling_device,
            called_device,
            last_redirection_device,
            number_queued,
            local,
            cause,
        } => json!({
            "frame": "queued", "queuedConnection": connection(queued_connection), "queue": device(queue),
            "callingDevice": device(calling_device), "calledDevice": device(called_device),
            "lastRedirectionDevice": device(last_redirection_device), "numberQueued": number_queued,
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::ServiceInitiated { initiated_connection, local, cause } => json!({
            "frame": "serviceInitiated", "initiatedConnection": connection(initiated_connection),
            "localConnectionInfo": *local as i32 - 1, "cause": cause.number(),
        }),
        Event::CallInformation { connection: id, device: about, account_info, authorisation_code } => json!({
            "frame": "callInformation", "connection": connection(id), "device": device(about),
            "accountInfo": account_info.as_str(), "authorisationCode": authorisation_code.as_str(),
        }),
        Event::LoggedOn { agent_device, agent_id, agent_group, .. } => {
            let mut value = agent("loggedOn", agent_device, agent_id);
            value["agentGroup"] = json!(agent_group.as_str());
            value
        }
        Event::LoggedOff { agent_device, agent_id, agent_group } => {
            let mut value = agent("loggedOff", agent_device, agent_id);
            value["agentGroup"] = json!(agent_group.as_str());
            value
        }
        Event::NotReady { agent_device, agent_id } => agent("notReady", agent_device, agent_id),
        Event::Ready { agent_device, agent_id } => agent("ready", agent_device, agent_id),
        Event::WorkNotReady { agent_device, agent_id } => agent("workNotReady", agent_device, agent_id),
        Event::BackInService { device, cause } => {
            json!({ "frame": "backInService", "device": device.as_str(), "cause": cause.number() })
        }
        Event::OutOfService { device, cause } => {
            json!({ "frame": "outOfService", "device": device.as_str(), "cause": cause.number() })
        }
        Event::MonitorEnded { cause } => json!({ "frame": "monitorEnded", "cause": cause.number() }),
    }
}
