//! Services of the vendor dialect (private PDUs): requests that travel in Escape, their replies, and private events.
//!
//! Never: knows the version of private data in which a message travels.

use serde::{Deserialize, Serialize};

use crate::cause::EventCause;
use crate::device::ConnectionList;
use crate::id::{ConnectionId, DeviceId, Digits, MonitorCrossRefId, PrivateCrossRefId, Ucid};
use crate::message::define_messages;
use crate::private::values::{ParticipationType, VendorDeviceType};
use crate::state::LocalConnectionState;

/// Hands the list of vendor requests to a macro.
#[macro_export]
macro_rules! vendor_requests {
    ($callback:ident) => {
        $callback! {
        /// A vendor request; travels in [`Request::Escape`](crate::request::Request::Escape).
        VendorRequest tag "vendorRequest" {
            /// Query ACD Split: asks for the figures of a queue.
            11 QueryAcdSplit {
                /// The queue.
                device: DeviceId,
            };
            /// Query Agent Login: asks for the stations at which agents of a queue are logged on.
            13 QueryAgentLogin {
                /// The queue.
                device: DeviceId,
            };
            /// Query Call Classifier: asks for the ports that classify answers.
            18 QueryCallClassifier;
            /// Query Station Status: asks whether a station is busy.
            22 QueryStationStatus {
                /// The station.
                device: DeviceId,
            };
            /// Query Time Of Day: asks for the switch's local time.
            24 QueryTimeOfDay;
            /// Query Trunk Group: asks for idle and used trunks.
            26 QueryTrunkGroup {
                /// The trunk group.
                device: DeviceId,
            };
            /// Monitor Stop On Call: ends the events of one call on a monitor.
            31 MonitorStopOnCall {
                /// The monitor.
                #[serde(rename = "monitorCrossRefID")]
                monitor: MonitorCrossRefId,
                /// The call.
                call: ConnectionId,
            };
            /// Query Device Name: asks for the name of a device.
            49 QueryDeviceName {
                /// The device.
                device: DeviceId,
            };
            /// Single Step Conference Call: joins a device to a call.
            65 SingleStepConferenceCall {
                /// Any connection of the call.
                active_call: ConnectionId,
                /// The device that joins.
                device_to_be_join: DeviceId,
                /// Active, or silent.
                #[serde(rename = "participationType")]
                participation: ParticipationType,
                /// True to alert the device first.
                alert_destination: bool,
            };
            /// Selective Listening Hold: a party no longer hears another.
            67 SelectiveListeningHold {
                /// The party that no longer hears.
                subject_connection: ConnectionId,
                /// True for all other parties.
                all_parties: bool,
                /// The party that is no longer heard.
                selected_party: ConnectionId,
            };
            /// Selective Listening Retrieve: a party hears another again.
            69 SelectiveListeningRetrieve {
                /// The party that hears again.
                subject_connection: ConnectionId,
                /// True for all other parties.
                all_parties: bool,
                /// The party that is heard again.
                selected_party: ConnectionId,
            };
            /// Send DTMF Tone: sends digits into a call.
            71 SendDtmfTone {
                /// The connection that sends.
                sender: ConnectionId,
                /// The connections that hear; empty for all.
                receivers: Vec<ConnectionId>,
                /// Up to 32 of 0 to 9, `*`, `#`.
                tones: Digits,
                /// Length of a tone in 1/100 s; 0 for the usual.
                tone_duration: i16,
                /// Length of a pause in 1/100 s; 0 for the usual.
                pause_duration: i16,
            };
            /// Query UCID: asks for the universal identifier of a call.
            76 QueryUcid {
                /// Any connection of the call.
                call: ConnectionId,
            };
            /// Set Advice Of Charge: switches reports of charges.
            99 SetAdviceOfCharge {
                /// True to switch them on.
                feature_flag: bool,
            };
            /// Single Step Transfer Call: moves a party to another device.
            142 SingleStepTransferCall {
                /// The transferring connection.
                active_call: ConnectionId,
                /// The destination.
                transferred_to: DeviceId,
            };
        }
        }
    };
}

vendor_requests!(define_messages);

/// Hands the list of vendor replies to a macro.
#[macro_export]
macro_rules! vendor_replies {
    ($callback:ident) => {
        $callback! {
        /// The answer to a vendor request; travels in [`Reply::Escape`](crate::reply::Reply::Escape).
        VendorReply tag "vendorReply" {
            /// Confirmation of *send DTMF tone*.
            9 SendDtmfTone;
            /// Figures of a queue.
            12 QueryAcdSplit {
                /// Agents that would get a call.
                available_agents: i16,
                /// Calls that wait.
                calls_in_queue: i16,
                /// Agents that are logged on.
                agents_logged_in: i16,
            };
            /// The list follows in private events of this cross reference.
            14 QueryAgentLogin {
                /// The cross reference.
                #[serde(rename = "privEventCrossRefID")]
                reference: PrivateCrossRefId,
            };
            /// Ports that classify answers.
            19 QueryCallClassifier {
                /// Free ports.
                #[serde(rename = "numAvailPorts")]
                available: i16,
                /// Ports in use.
                #[serde(rename = "numInUsePorts")]
                in_use: i16,
            };
            /// A station.
            23 QueryStationStatus {
                /// True if it is busy.
                station_status: bool,
            };
            /// The switch's local time.
            25 QueryTimeOfDay {
                /// Year, two digits.
                year: i16,
                /// Month, 1 to 12.
                month: i16,
                /// Day, 1 to 31.
                day: i16,
                /// Hour, 0 to 23.
                hour: i16,
                /// Minute.
                minute: i16,
                /// Second.
                second: i16,
            };
            /// A trunk group.
            27 QueryTrunkGroup {
                /// Idle trunks.
                idle_trunks: i16,
                /// Used trunks.
                used_trunks: i16,
            };
            /// Confirmation of *monitor stop on call*.
            32 MonitorStopOnCall;
            /// The call.
            66 SingleStepConferenceCall {
                /// The joined device's connection.
                new_call: ConnectionId,
                /// All parties.
                #[serde(rename = "connList")]
                connections: ConnectionList,
                /// The universal identifier.
                ucid: Ucid,
            };
            /// Confirmation of *selective listening hold*.
            68 SelectiveListeningHold;
            /// Confirmation of *selective listening retrieve*.
            70 SelectiveListeningRetrieve;
            /// The universal identifier.
            77 QueryUcid {
                /// The universal identifier.
                ucid: Ucid,
            };
            /// Confirmation of *set advice of charge*.
            100 SetAdviceOfCharge;
            /// The name of a device.
            125 QueryDeviceName {
                /// Its kind.
                #[serde(rename = "deviceType")]
                kind: VendorDeviceType,
                /// The device.
                device: DeviceId,
                /// The name, as far as it is ASCII.
                name: DeviceId,
                /// The whole name.
                #[serde(rename = "uname")]
                unicode_name: UnicodeName,
            };
            /// The call.
            148 SingleStepTransferCall {
                /// The moved party's connection.
                transferred_call: ConnectionId,
                /// The universal identifier.
                ucid: Ucid,
            };
        }
        }
    };
}

vendor_replies!(define_messages);

/// Hands the list of private events to a macro.
#[macro_export]
macro_rules! vendor_events {
    ($callback:ident) => {
        $callback! {
        /// A private event.
        VendorEvent tag "vendorEvent" {
            /// A part of the answer to Query Agent Login; an empty list ends it. Travels in
        /// [`EventReport::Private`](crate::switch::EventReport::Private).
            15 QueryAgentLogin {
                /// The cross reference.
                #[serde(rename = "privEventCrossRefID")]
                reference: PrivateCrossRefId,
                /// At most 10 stations.
                #[serde(rename = "list")]
                devices: Vec<DeviceId>,
            };
            /// Digits were keyed into a call. Travels in [`Event::PrivateStatus`](crate::event::Event::PrivateStatus).
            38 EnteredDigits {
                /// The connection that keyed them.
                connection: ConnectionId,
                /// The digits, at most 24.
                digits: Digits,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
        }
        }
    };
}

vendor_events!(define_messages);

/// A name in Unicode; on the wire a list of its UTF-16 code units, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct UnicodeName(pub String);
