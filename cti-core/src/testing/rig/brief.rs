//! Events in a few words, as tests compare them.
//!
//! Never: leaves out the local state or the cause of an event that has them.

use crate::csta::event::Event;
use crate::csta::private::{EventData, ReasonCode, UserInfo};
use crate::csta::{Connection, ConnectionId, ExtendedDeviceId, LocalConnectionState, Ucid};

/// An event in a few words: its name, its connection's or device's name, who else matters, the local state, the cause.
pub(crate) fn brief(event: &Event) -> String {
    let name = |id: &ExtendedDeviceId| if id.device.is_empty() { "-".to_owned() } else { id.device.to_string() };
    let call = |what: &str, connection: &ConnectionId, more: String, local: &LocalConnectionState, cause: i32| {
        let device = if connection.device.is_empty() { "-" } else { connection.device.as_str() };
        format!("{what} {device}{more} {} {cause}", local_number(*local))
    };
    match event {
        Event::CallCleared { cleared_call, local, cause } => {
            call("cleared", cleared_call, String::new(), local, cause.number())
        }
        Event::ConnectionCleared { dropped_connection, releasing_device, local, cause } => {
            let by = format!(" by {}", name(releasing_device));
            call("dropped", dropped_connection, by, local, cause.number())
        }
        Event::Delivered {
            connection, calling_device, called_device, last_redirection_device, local, cause, ..
        } => {
            let more = format!(
                " from {} to {} over {}",
                name(calling_device),
                name(called_device),
                name(last_redirection_device)
            );
            call("delivered", connection, more, local, cause.number())
        }
        Event::Diverted { connection, new_destination, local, cause, .. } => {
            call("diverted", connection, format!(" to {}", name(new_destination)), local, cause.number())
        }
        Event::Established { established_connection, last_redirection_device, local, cause, .. } => {
            let more = format!(" over {}", name(last_redirection_device));
            call("established", established_connection, more, local, cause.number())
        }
        Event::Failed { failed_connection, failing_device, local, cause, .. } => {
            call("failed", failed_connection, format!(" at {}", name(failing_device)), local, cause.number())
        }
        Event::NetworkReached { trunk_used, called_device, local, cause, .. } => {
            format!(
                "reached {} by {} {} {}",
                name(called_device),
                name(trunk_used),
                local_number(*local),
                cause.number()
            )
        }
        Event::Originated { originated_connection, called_device, local, cause, .. } => {
            call("originated", originated_connection, format!(" to {}", name(called_device)), local, cause.number())
        }
        Event::Queued { queued_connection, number_queued, last_redirection_device, local, cause, .. } => {
            let more = format!(" as {number_queued} over {}", name(last_redirection_device));
            call("queued", queued_connection, more, local, cause.number())
        }
        Event::ServiceInitiated { initiated_connection, local, cause } => {
            call("initiated", initiated_connection, String::new(), local, cause.number())
        }
        Event::CallInformation { connection, device, .. } => {
            format!("information {} of {}", connection.device, name(device))
        }
        Event::LoggedOn { agent_id, agent_group, .. } => format!("logged on {agent_id} for {agent_group}"),
        Event::LoggedOff { agent_id, agent_group, .. } => format!("logged off {agent_id} for {agent_group}"),
        Event::NotReady { agent_id, .. } => format!("not ready {agent_id}"),
        Event::Ready { agent_id, .. } => format!("ready {agent_id}"),
        Event::WorkNotReady { agent_id, .. } => format!("work {agent_id}"),
        Event::BackInService { device, .. } => format!("back {device}"),
        Event::OutOfService { device, cause } => format!("out {device} {}", cause.number()),
        Event::MonitorEnded { .. } => "monitor ended".into(),
        Event::Held { held_connection, local, cause, .. } => {
            call("held", held_connection, String::new(), local, cause.number())
        }
        Event::Retrieved { retrieved_connection, local, cause, .. } => {
            call("retrieved", retrieved_connection, String::new(), local, cause.number())
        }
        Event::Conferenced { primary_old_call, secondary_old_call, conference_connections, local, cause, .. } => {
            let more = format!(" and {} are {}", secondary_old_call.call.0, parties(conference_connections));
            call("conferenced", primary_old_call, more, local, cause.number())
        }
        Event::Transferred { primary_old_call, secondary_old_call, transferred_connections, local, cause, .. } => {
            let more = format!(" and {} are {}", secondary_old_call.call.0, parties(transferred_connections));
            call("transferred", primary_old_call, more, local, cause.number())
        }
        Event::DoNotDisturb { device, do_not_disturb_on } => {
            format!("do not disturb {} {do_not_disturb_on}", name(device))
        }
        Event::Forwarding { device, forwarding_information } => {
            let to = forwarding_information.destination;
            format!("forwarding {} to {to} {}", name(device), forwarding_information.on)
        }
        Event::MessageWaiting { device_for_message, message_waiting_on, .. } => {
            format!("message waiting {} {message_waiting_on}", name(device_for_message))
        }
        Event::WorkReady { agent_id, .. } => format!("work ready {agent_id}"),
        Event::PrivateStatus => "private".into(),
    }
}

/// The parties of a resulting call: its number, then their devices.
fn parties(connections: &[Connection]) -> String {
    let mut text = connections.first().map_or("0".into(), |first| first.party.call.0.to_string());
    for connection in connections {
        text.push(' ');
        text.push_str(connection.party.device.as_str());
    }
    text
}

/// Private data of an event in a few words: the user-to-user information, the original call, the calls of the same
/// history, the trunks, the classification.
pub(crate) fn brief_data(data: &EventData) -> String {
    let call = |ucid: &Ucid| ucid.as_str().get(5..10).map_or(0, |call| call.parse().unwrap_or(0)).to_string();
    let info = |info: &UserInfo| format!("uui {}", String::from_utf8_lossy(&info.data));
    let mut words = Vec::new();
    if !data.user_info.is_none() {
        words.push(info(&data.user_info));
    }
    if let Some(it) = &data.original_call_info {
        let (from, to) = (it.calling_device.device, it.called_device.device);
        let uui = if it.user_info.is_none() { String::new() } else { format!(" {}", info(&it.user_info)) };
        words.push(format!("{:?} of {} from {from} to {to}{uui}", it.reason, call(&it.ucid)));
    }
    if let Some(of) = data.call.as_deref().filter(|of| !of.related_calls.is_empty()) {
        let calls: Vec<String> = of.related_calls.iter().map(call).collect();
        words.push(format!("related to {}", calls.join(" ")));
    }
    for trunk in &data.trunk_list {
        words.push(format!("{} on {}", trunk.connection.device, trunk.trunk_member));
    }
    if data.reason != ReasonCode::None {
        words.push(format!("{:?}", data.reason));
    }
    words.join(", ")
}

/// Private data as they stand beside their event.
pub(crate) fn beside(data: Option<&EventData>) -> String {
    let text = data.map(brief_data).unwrap_or_default();
    if text.is_empty() { text } else { format!(" ~ {text}") }
}

pub(crate) fn local_number(local: LocalConnectionState) -> i32 {
    match local {
        LocalConnectionState::None => -1,
        LocalConnectionState::Null => 0,
        LocalConnectionState::Initiate => 1,
        LocalConnectionState::Alerting => 2,
        LocalConnectionState::Connect => 3,
        LocalConnectionState::Hold => 4,
        LocalConnectionState::Queued => 5,
        LocalConnectionState::Fail => 6,
    }
}
