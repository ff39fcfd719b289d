//! Values of private data under the vendors' names: enumerations with their numbers, trunks, keyed codes, the data of
//! an earlier call.
//!
//! Never: knows the message in which a value travels.

use serde::{Deserialize, Serialize};

use crate::cause::EventCause;
use crate::device::ExtendedDeviceId;
use crate::enumerations::numbered;
use crate::id::{ConnectionId, DeviceId, Digits, Ucid};
use crate::private::user_info::UserInfo;

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
