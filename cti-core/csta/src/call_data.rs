//! Data of a call for the screen pop.
//!
//! Never: knows where the data come from.

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::customer_card::CustomerCard;
use crate::id::Ucid;
use crate::private::user_info::UserInfo;

/// Data of a call beyond the standard: the screen pop.
///
/// Private data of the events that bring a call to a device or make one call of two, and of Call Information.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The caller's name as received with the number, if the network sends one (CNAM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_name: Option<String>,
    /// Digits keyed in the IVR, in order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keyed: String,
    /// The queue the call came through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Wait there in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
    /// Machine at the far end of the trunk, if its tone was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// Variables of the flow that the caller has walked, by name; masked ones are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Notes of the agents who have had the call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// The recording of the call when the event was reported; none before the first begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingState>,
    /// The card of the caller as the call arrived; none if nothing is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CustomerCard>,
    /// User-to-user information (UUI): the last that a client has attached to the call.
    #[serde(default, skip_serializing_if = "UserInfo::is_none")]
    pub user_info: UserInfo,
    /// Universal identifiers of other calls with the same history, at most [`RELATED_CALLS_MAX`]: of a consultation,
    /// the calls from which it was made; of a transferred or conferenced call, the calls that it has taken in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related_calls: Vec<Ucid>,
}

/// Calls of one history that the data of a call name: the last ones.
// With user-to-user information of the greatest length they leave half of the private area to the other members.
pub const RELATED_CALLS_MAX: usize = 8;

impl CallData {
    /// Adds a call of the same history; of too many the first goes.
    pub fn relate(&mut self, call: Ucid) {
        if self.related_calls.contains(&call) {
            return;
        }
        if self.related_calls.len() >= RELATED_CALLS_MAX {
            self.related_calls.remove(0);
        }
        self.related_calls.push(call);
    }
}

/// State of a call's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RecordingState {
    /// The call is not recorded.
    #[default]
    Off,
    /// The call is recorded.
    On,
    /// Silence is recorded in place of what is said.
    Paused,
}

impl RecordingState {
    /// Returns its name in private data.
    pub const fn name(self) -> &'static str {
        match self {
            RecordingState::Off => "off",
            RecordingState::On => "on",
            RecordingState::Paused => "paused",
        }
    }
}

/// A machine at the far end of a call, by its tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// A fax machine that calls (CNG).
    Fax,
    /// A modem that calls (CT).
    Modem,
    /// A fax machine or a modem that answers: both with the same tone (CED, ANS).
    FaxOrModem,
}

impl Machine {
    /// Returns its name in records and in private data.
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
