//! What a monitor is told: the unsolicited events, in the standard's words and order (PDUs 54 to 97, 119).
//!
//! A monitor's cross reference is not part of an event: it travels beside it.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::cause::EventCause;
use super::{
    AccountInfo, AgentId, AgentPassword, AuthCode, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState,
};

/// An event as one monitor sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// 54: a call is over.
    CallCleared {
        /// The call; its device is empty.
        cleared_call: ConnectionId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 56: one device has left a call.
    ConnectionCleared {
        /// The connection that is no more.
        dropped_connection: ConnectionId,
        /// Who released.
        releasing_device: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 57: a call is ringing at a device.
    Delivered {
        /// The ringing connection.
        connection: ConnectionId,
        /// Where it rings.
        alerting_device: ExtendedDeviceId,
        /// Who calls.
        calling_device: ExtendedDeviceId,
        /// Who was called.
        called_device: ExtendedDeviceId,
        /// Where it came from, if it was redirected.
        last_redirection_device: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 58: a call has been taken away from a device to another.
    Diverted {
        /// The connection that is no more.
        connection: ConnectionId,
        /// From where.
        diverting_device: ExtendedDeviceId,
        /// To where.
        new_destination: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 59: a device has answered.
    Established {
        /// The answered connection.
        established_connection: ConnectionId,
        /// Who answered.
        answering_device: ExtendedDeviceId,
        /// Who calls.
        calling_device: ExtendedDeviceId,
        /// Who was called.
        called_device: ExtendedDeviceId,
        /// Where it came from, if it was redirected.
        last_redirection_device: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 60: a call could not be completed.
    Failed {
        /// The connection that failed.
        failed_connection: ConnectionId,
        /// Where it failed.
        failing_device: ExtendedDeviceId,
        /// Who was called.
        called_device: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 62: a call has left by a trunk.
    NetworkReached {
        /// The trunk's connection.
        connection: ConnectionId,
        /// The trunk.
        trunk_used: ExtendedDeviceId,
        /// Who is called.
        called_device: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 63: a device has called somebody.
    Originated {
        /// The caller's connection.
        originated_connection: ConnectionId,
        /// Who calls.
        calling_device: ExtendedDeviceId,
        /// Who is called.
        called_device: ExtendedDeviceId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 64: a call waits.
    Queued {
        /// The waiting connection.
        queued_connection: ConnectionId,
        /// Where it waits.
        queue: ExtendedDeviceId,
        /// Who calls.
        calling_device: ExtendedDeviceId,
        /// Who was called.
        called_device: ExtendedDeviceId,
        /// Where it came from, if it was redirected.
        last_redirection_device: ExtendedDeviceId,
        /// How many wait there, this call counted.
        number_queued: i16,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 66: a device has begun a call: lifted, or prompted to lift.
    ServiceInitiated {
        /// Its connection.
        initiated_connection: ConnectionId,
        /// The monitored device's own state.
        local: LocalConnectionState,
        /// Why.
        cause: EventCause,
    },
    /// 68: something about a call has become known that no other event tells; what it is goes beside it as private data.
    CallInformation {
        /// The connection it is about.
        connection: ConnectionId,
        /// Its device.
        device: ExtendedDeviceId,
        /// Empty: calls are not put down to accounts.
        account_info: AccountInfo,
        /// Empty: calls are not allowed by codes.
        authorisation_code: AuthCode,
    },
    /// 72: an agent has logged on.
    LoggedOn {
        /// At which station.
        agent_device: ExtendedDeviceId,
        /// Who.
        agent_id: AgentId,
        /// For which group.
        agent_group: DeviceId,
        /// Empty: passwords are not told.
        password: AgentPassword,
    },
    /// 73: an agent has logged off.
    LoggedOff {
        /// At which station.
        agent_device: ExtendedDeviceId,
        /// Who.
        agent_id: AgentId,
        /// For which group.
        agent_group: DeviceId,
    },
    /// 74: an agent is not to be given calls.
    NotReady {
        /// At which station.
        agent_device: ExtendedDeviceId,
        /// Who.
        agent_id: AgentId,
    },
    /// 75: an agent is to be given calls.
    Ready {
        /// At which station.
        agent_device: ExtendedDeviceId,
        /// Who.
        agent_id: AgentId,
    },
    /// 76: an agent does after-call work.
    WorkNotReady {
        /// At which station.
        agent_device: ExtendedDeviceId,
        /// Who.
        agent_id: AgentId,
    },
    /// 96: a device can be used again.
    BackInService {
        /// Which.
        device: DeviceId,
        /// Why.
        cause: EventCause,
    },
    /// 97: a device cannot be used.
    OutOfService {
        /// Which.
        device: DeviceId,
        /// Why.
        cause: EventCause,
    },
    /// 119: the monitor itself is over.
    MonitorEnded {
        /// Why.
        cause: EventCause,
    },
}

/// What is known of a call beyond the standard's words: the data of a screen pop.
///
/// It travels as private data on *Delivered*, *Established* and *CallInformation*.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallData {
    /// The customer's name, if the number is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The customer's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The caller's number as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// The caller's name as received with the number, if the network tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_name: Option<String>,
    /// What was keyed in the IVR, in order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keyed: String,
    /// The queue the call came through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// How long the caller waited there, in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
    /// What kind of machine is at the far end of the trunk, if one has made itself known there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
}

/// A machine at the far end of a call, as far as its tones tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// A fax machine that calls (CNG).
    Fax,
    /// A modem that calls (CT).
    Modem,
    /// A fax machine or a modem that has answered: both do so with the same tone (CED, ANS).
    FaxOrModem,
}

impl Machine {
    /// How it is written, in records and in private data.
    pub const fn name(self) -> &'static str {
        match self {
            Machine::Fax => "fax",
            Machine::Modem => "modem",
            Machine::FaxOrModem => "fax-or-modem",
        }
    }
}

impl fmt::Display for CallData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".into());
        write!(f, "{} (account {}), keyed {:?}", text(&self.customer), text(&self.account), self.keyed)?;
        match self.machine {
            Some(machine) => write!(f, ", {}", machine.name()),
            None => Ok(()),
        }
    }
}
