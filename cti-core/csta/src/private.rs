//! Private data: what travels beside a request, a reply or an event, beyond the standard's members.
//!
//! [`RequestData`], [`ReplyData`] and [`EventData`] hold everything at once, whatever message carries it and in
//! whatever version of the vendor dialect; the default of each means that nothing is said. A codec picks what the
//! message and the version of the stream have room for.
//!
//! Never: octets, versions.

use std::sync::Arc;

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

use crate::call_data::CallData;
use crate::cause::EventCause;
use crate::device::ExtendedDeviceId;
use crate::id::{ConnectionId, DeviceId, Digits, Ucid};
use crate::numbered::numbered;
use crate::tipring::{TipringReply, TipringRequest};
use crate::vendor::{VendorEvent, VendorReply, VendorRequest};

numbered!(open
    /// Protocol of user-to-user information (ATTUUIProtocolType).
    #[derive(Default)]
    UserInfoType {
        /// There is none.
        #[default]
        -1 None,
        /// The user's own.
        0 UserSpecific,
        /// IA5 text.
        4 Ia5,
        /// Q.931 call control.
        8 Q931,
    }
);

/// Length of the longest user-to-user information in octets.
pub const USER_INFO_MAX: usize = 129;

/// User-to-user information (UUI, Q.931 4.5.30): octets that a caller sends to the called party.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserInfo {
    /// Their protocol.
    #[serde(rename = "type")]
    pub kind: UserInfoType,
    /// The octets: at most 32 in versions up to 5, 96 by the vendors' rule since, 129 on the wire.
    pub data: ArrayVec<u8, USER_INFO_MAX>,
}

impl UserInfo {
    /// Returns true if there is none.
    pub fn is_none(&self) -> bool {
        self.kind == UserInfoType::None && self.data.is_empty()
    }
}

numbered!(open
    /// Work mode of an agent (ATTWorkMode): how it becomes ready again.
    #[derive(Default)]
    WorkMode {
        /// Not said.
        #[default]
        -1 None,
        /// Auxiliary work: not ready for a reason.
        1 AuxWork,
        /// After-call work.
        2 AfterCallWork,
        /// Ready; after a call ready again.
        3 AutoIn,
        /// Ready; after a call in after-call work.
        4 ManualIn,
    }
);

numbered!(closed
    /// Talk state of an agent (ATTTalkState).
    #[derive(Default)]
    TalkState {
        /// On a call.
        0 OnCall,
        /// Idle.
        #[default]
        1 Idle,
    }
);

numbered!(open
    /// Class of an extension (ATTExtensionClass).
    ExtensionClass {
        /// A number that enters a flow (vector directory number).
        0 Vdn,
        /// A queue (ACD split or skill).
        1 AcdSplit,
        /// An announcement.
        2 Announcement,
        /// A data extension.
        4 Data,
        /// An analogue telephone.
        5 Analog,
        /// A telephone of the vendor's own.
        6 Proprietary,
        /// An ISDN telephone.
        7 Bri,
        /// A computer.
        8 Cti,
        /// An agent's log-in.
        9 LogicalAgent,
    }
);

numbered!(open
    /// Kind of a device in a name query (ATTDeviceType).
    VendorDeviceType {
        /// Not known.
        0 Unknown,
        /// A queue.
        1 AcdSplit,
        /// An announcement.
        2 Announcement,
        /// A data extension.
        3 Data,
        /// An agent's log-in.
        4 LogicalAgent,
        /// A telephone.
        5 Station,
        /// The code of a trunk group.
        6 TrunkAccessCode,
        /// A number that enters a flow.
        7 Vdn,
        /// Another.
        8 OtherDevice,
    }
);

numbered!(closed
    /// Participation of a joined device (ATTParticipationType).
    ParticipationType {
        /// It hears and is not heard.
        0 Silent,
        /// It hears and is heard.
        1 Active,
    }
);

numbered!(open
    /// Delivery of a call (ATTDeliveredType).
    DeliveredType {
        /// To a queue or a number that enters a flow.
        1 ToAcd,
        /// To a station.
        2 ToStation,
        /// Elsewhere.
        3 ToOther,
    }
);

numbered!(open
    /// Classification of an answer or a failure (ATTReasonCode).
    #[derive(Default)]
    ReasonCode {
        /// None.
        #[default]
        0 None,
        /// Answer supervision.
        1 AnswerNormal,
        /// Taken for answered after a time.
        2 AnswerTimed,
        /// A voice was heard.
        3 AnswerVoiceEnergy,
        /// An answering machine was heard.
        4 AnswerMachineDetected,
        /// SIT: reorder.
        5 SitReorder,
        /// SIT: no circuit.
        6 SitNoCircuit,
        /// SIT: intercept.
        7 SitIntercept,
        /// SIT: vacant code.
        8 SitVacantCode,
        /// SIT: ineffective, other.
        9 SitIneffectiveOther,
        /// SIT: unknown.
        10 SitUnknown,
        /// In a queue.
        11 InQueue,
        /// A service observer.
        12 ServiceObserver,
    }
);

numbered!(open
    /// Reason for which the data of an earlier call go with this one (ATTReasonForCallInfo).
    #[derive(Default)]
    ReasonForCallInfo {
        /// None.
        #[default]
        0 None,
        /// A consultation.
        1 Consultation,
        /// A conference.
        2 Conferenced,
        /// A transfer.
        3 Transferred,
        /// A new call.
        4 NewCall,
    }
);

numbered!(open
    /// Origin of keyed digits (ATTUserEnteredCodeType).
    #[derive(Default)]
    EnteredCodeType {
        /// There are none.
        #[default]
        -1 None,
        /// Any.
        0 Any,
        /// Log-in digits.
        2 LoginDigits,
        /// Keyed to a prompt.
        5 CallPrompter,
        /// From a data base.
        17 DataBaseProvided,
        /// Heard by a tone detector.
        32 ToneDetector,
    }
);

numbered!(closed
    /// Progress of keyed digits (ATTUserEnteredCodeIndicator).
    #[derive(Default)]
    EnteredCodeIndicator {
        /// Being collected.
        #[default]
        0 Collect,
        /// Entered.
        1 Entered,
    }
);

/// Digits that the caller has keyed (ATTUserEnteredCode).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct EnteredCode {
    /// Their origin.
    #[serde(rename = "type")]
    pub kind: EnteredCodeType,
    /// Their progress.
    pub indicator: EnteredCodeIndicator,
    /// The digits, at most 24.
    pub data: Digits,
    /// The device that collected them.
    #[serde(rename = "collectVDN")]
    pub collector: DeviceId,
}

numbered!(open
    /// Purpose of a consultation (ATTConsultMode).
    #[derive(Default)]
    ConsultMode {
        /// None.
        0 None,
        /// A consultation.
        1 Consultation,
        /// A transfer to come.
        2 Transfer,
        /// A conference to come.
        3 Conference,
        /// Not said.
        #[default]
        4 NotProvided,
    }
);

numbered!(open
    /// Resource dropped with a connection (ATTDropResource).
    #[derive(Default)]
    DropResource {
        /// None.
        #[default]
        -1 None,
        /// The call classifier.
        0 CallClassifier,
        /// The tone generator.
        1 ToneGenerator,
    }
);

numbered!(open
    /// Treatment of an answering machine in a predictive call (ATTAnswerTreat).
    #[derive(Default)]
    AnswerTreatment {
        /// The switch's usual.
        #[default]
        0 NoTreatment,
        /// None.
        1 None,
        /// The call is dropped.
        2 Drop,
        /// The call is connected.
        3 Connect,
    }
);

numbered!(open
    /// Place of a network's progress report (ATTProgressLocation).
    #[derive(Default)]
    ProgressLocation {
        /// Not said.
        #[default]
        -1 None,
        /// The user.
        0 User,
        /// The local public network.
        1 PublicLocal,
        /// The remote public network.
        4 PublicRemote,
        /// The remote private network.
        5 PrivateRemote,
    }
);

numbered!(open
    /// Content of a network's progress report (ATTProgressDescription).
    #[derive(Default)]
    ProgressDescription {
        /// Not said.
        #[default]
        -1 None,
        /// The call has left ISDN.
        1 CallOffIsdn,
        /// The destination is not ISDN.
        2 DestinationNotIsdn,
        /// The origin is not ISDN.
        3 OriginNotIsdn,
        /// The call is back on ISDN.
        4 CallOnIsdn,
        /// Tones are in band.
        8 InBand,
    }
);

/// The trunk of a party (ATTTrunkInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TrunkInfo {
    /// The party.
    pub connection: ConnectionId,
    /// The trunk group.
    pub trunk_group: DeviceId,
    /// The trunk in it.
    pub trunk_member: DeviceId,
}

/// An earlier device of a call (DeviceHistoryEntry).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceHistoryEntry {
    /// The device that the call has left.
    #[serde(rename = "olddeviceID")]
    pub device: DeviceId,
    /// Cause of its leaving.
    pub cause: EventCause,
    /// The connection that was left.
    #[serde(rename = "oldconnectionID")]
    pub connection: ConnectionId,
}

/// Data of the call from which a call was made or transferred (ATTOriginalCallInfo).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct OriginalCallInfo {
    /// Reason for which it goes with this one.
    pub reason: ReasonForCallInfo,
    /// Its calling device.
    pub calling_device: ExtendedDeviceId,
    /// Its called device.
    pub called_device: ExtendedDeviceId,
    /// Its trunk group.
    pub trunk_group: DeviceId,
    /// Its trunk in the group.
    pub trunk_member: DeviceId,
    /// Digits its caller had keyed.
    #[serde(rename = "userEnteredCode")]
    pub entered_code: EnteredCode,
    /// Its user-to-user information.
    pub user_info: UserInfo,
    /// Its universal identifier.
    pub ucid: Ucid,
    /// Its earlier devices.
    pub device_history: Vec<DeviceHistoryEntry>,
}

/// Refinements of a request.
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
    /// Screen-pop data to attach to the call: make call, consultation, transfer, conference.
    pub call_data: Option<Arc<CallData>>,
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
    /// User-to-user information: delivered, established, connection cleared, originated.
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
    pub vendor: Option<VendorEvent>,
}

impl EventData {
    /// Returns the data of an event that brings a screen pop.
    pub fn of_call(call: Arc<CallData>) -> EventData {
        EventData { call: Some(call), ..EventData::default() }
    }
}

/// Data of an event on its way to monitors; shared by all of them.
pub type ReportData = Option<Arc<EventData>>;
