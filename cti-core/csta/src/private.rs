//! Private data: what travels beside a request, a reply or an event, beyond the standard's members.
//!
//! [`RequestData`], [`ReplyData`] and [`EventData`] hold everything at once, whatever message carries it and in
//! whatever version of the vendor dialect; the default of each means that nothing is said. A codec picks what the
//! message and the version of the stream have room for.
//!
//! Never: knows octets or versions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call_data::CallData;
use crate::device::ExtendedDeviceId;
use crate::id::{DeviceId, Ucid};
use crate::tipring::{TipringReply, TipringRequest};
use crate::vendor::{VendorEvent, VendorReply, VendorRequest};

pub(crate) mod user_info;
pub(crate) mod values;

pub use self::user_info::{USER_INFO_MAX, USER_INFO_OF_CALL_MAX, UserInfo, UserInfoType};
pub use self::values::{
    AnswerTreatment, ConsultMode, DeliveredType, DeviceHistoryEntry, DropResource, EnteredCode, EnteredCodeIndicator,
    EnteredCodeType, ExtensionClass, OriginalCallInfo, ParticipationType, ProgressDescription, ProgressLocation,
    ReasonCode, ReasonForCallInfo, TalkState, TrunkInfo, VendorDeviceType, WorkMode,
};

/// Private data of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct RequestData {
    /// User-to-user information: make call, consultation, clear and reconnect, predictive, route select.
    pub user_info: UserInfo,
    /// Trunk access code or route, before the destination: make call, consultation, predictive, route select.
    pub dest_route: DeviceId,
    /// Priority call: make call, consultation, predictive, route select.
    pub priority_calling: bool,
    /// Queue of an agent called directly, or whose supervisor is called (make call); of the state asked for (query
    /// agent state).
    pub split: DeviceId,
    /// Call to an agent through its queue: make call.
    pub direct_agent_call: bool,
    /// Call to the supervisor of the queue: make call.
    pub supervisor_assist: bool,
    /// Rings before the call counts as not answered; 0 for the usual: predictive.
    pub max_rings: i16,
    /// Treatment of an answering machine: predictive.
    pub answer_treatment: AnswerTreatment,
    /// Resource to drop: clear connection, reconnect.
    pub drop_resource: DropResource,
    /// Work mode: set agent state.
    pub work_mode: WorkMode,
    /// Reason code, 0 for none, 1 to 99: set agent state.
    pub reason_code: i32,
    /// The change may wait until the agent's call is over: set agent state.
    pub enable_pending: bool,
    /// Private events that are not wanted: entered digits 0x80, charge advice 0x40: monitors.
    pub private_filter: u8,
    /// Events of the first half of predictive calls are wanted: monitor calls via device.
    pub flow_predictive_call_events: bool,
    /// Calling device to show: route select.
    pub calling_device: DeviceId,
    /// The vendor request: escape.
    pub vendor: Option<VendorRequest>,
    /// The request of the vendor `TIPRING`: escape.
    pub tipring: Option<TipringRequest>,
}

impl RequestData {
    /// Returns the data of an escape of the vendor `TIPRING`.
    pub fn of_tipring(request: TipringRequest) -> RequestData {
        RequestData { tipring: Some(request), ..RequestData::default() }
    }
}

/// State of an agent beyond the standard's (ATTQueryAgentStateConf).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AgentStateData {
    /// The work mode.
    pub work_mode: WorkMode,
    /// The talk state.
    pub talk_state: TalkState,
    /// The reason code; 0 for none.
    pub reason_code: i32,
    /// The work mode that waits for the end of the call.
    pub pending_work_mode: WorkMode,
    /// Its reason code.
    pub pending_reason_code: i32,
}

/// Class of a device beyond the standard's (ATTQueryDeviceInfoConf).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeviceInfoData {
    /// Its class.
    pub extension_class: ExtensionClass,
    /// Class of the associated device; that of the device itself where there is none.
    pub associated_class: ExtensionClass,
    /// The associated device: a station's agent, an agent's station.
    pub associated_device: DeviceId,
}

/// Data of a reply beyond the standard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ReplyData {
    /// Universal identifier of the call: make call, consultation, predictive, conference, transfer.
    pub ucid: Ucid,
    /// The change waits until the agent's call is over: set agent state.
    pub is_pending: Option<bool>,
    /// The agent: query agent state.
    pub agent_state: Option<AgentStateData>,
    /// The device: query device information.
    pub device_info: Option<DeviceInfoData>,
    /// Earlier devices of the call: snapshot call.
    pub device_history: Vec<DeviceHistoryEntry>,
    /// Numbers of the vendor requests that are carried out: get API capabilities.
    pub vendor_requests: Vec<u16>,
    /// The vendor reply: escape.
    pub vendor: Option<VendorReply>,
    /// The reply of the vendor `TIPRING`: escape.
    pub tipring: Option<TipringReply>,
    /// Names of the requests of the vendor `TIPRING` that are carried out: get API capabilities.
    pub tipring_requests: Vec<String>,
    /// Screen-pop data as an event of the call would carry them now: snapshot call.
    #[serde(skip)]
    pub call: Option<Arc<CallData>>,
}

impl ReplyData {
    /// Returns the data of a reply that makes a call.
    pub fn of_call(ucid: Ucid) -> ReplyData {
        ReplyData { ucid, ..ReplyData::default() }
    }

    /// Returns the data of an escape.
    pub fn of_vendor(reply: VendorReply) -> ReplyData {
        ReplyData { vendor: Some(reply), ..ReplyData::default() }
    }

    /// Returns the data of an escape of the vendor `TIPRING`.
    pub fn of_tipring(reply: TipringReply) -> ReplyData {
        ReplyData { tipring: Some(reply), ..ReplyData::default() }
    }
}

/// Data of an event beyond the standard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct EventData {
    /// The screen pop.
    pub call: Option<Arc<CallData>>,
    /// Universal identifier of the call: delivered, established, service initiated, transferred, conferenced.
    pub ucid: Ucid,
    /// User-to-user information: that of the call in delivered, established, originated and route requests; that of the
    /// clearing in connection cleared.
    pub user_info: UserInfo,
    /// Delivery: delivered.
    pub delivered_type: Option<DeliveredType>,
    /// Trunk group of the caller: delivered, established, network reached.
    pub trunk_group: DeviceId,
    /// Trunk in the group: the same.
    pub trunk_member: DeviceId,
    /// Queue through which the call came: delivered, established.
    pub split: DeviceId,
    /// Digits the caller has keyed: delivered, established.
    #[serde(rename = "userEnteredCode")]
    pub entered_code: EnteredCode,
    /// Classification: delivered, established, call cleared.
    pub reason: ReasonCode,
    /// The call before: delivered, established, transferred, conferenced.
    pub original_call_info: Option<Arc<OriginalCallInfo>>,
    /// Device that distributed the call: delivered, established, transferred, conferenced.
    pub distributing_device: Option<ExtendedDeviceId>,
    /// Number that entered the flow which distributed the call: the same.
    #[serde(rename = "distributingVDN")]
    pub distributing_vdn: Option<ExtendedDeviceId>,
    /// Trunks of the parties, at most 5: transferred, conferenced.
    pub trunk_list: Vec<TrunkInfo>,
    /// Earlier devices of the call: all events of a call since version 7.
    pub device_history: Vec<DeviceHistoryEntry>,
    /// Place of the progress report: network reached.
    pub progress_location: ProgressLocation,
    /// Content of the progress report: network reached.
    pub progress_description: ProgressDescription,
    /// The agent that made the call: originated.
    pub logical_agent: DeviceId,
    /// Purpose: held, service initiated, originated.
    pub consult_mode: ConsultMode,
    /// Calling device: failed.
    pub calling_device: Option<ExtendedDeviceId>,
    /// Work mode: logged on.
    pub work_mode: WorkMode,
    /// Reason code: logged off, not ready.
    pub reason_code: i32,
    /// The private event: private status, private.
    // Boxed: it is rare, and these data are made for each event of a call.
    pub vendor: Option<Box<VendorEvent>>,
}

impl EventData {
    /// Returns the data of an event that brings a screen pop.
    pub fn of_call(call: Arc<CallData>) -> EventData {
        EventData { call: Some(call), ..EventData::default() }
    }
}

/// Data of an event on its way to monitors; shared by all of them.
pub type ReportData = Option<Arc<EventData>>;
