//! Services and recordings that the switching function has begun and not finished: supervisions, services that wait for
//! a handset to be lifted (pickup, take over), completions of calls to an engaged station, recorders at work.
//!
//! Never: ends one of them; that is `switching`.

use std::collections::BTreeMap;

use tipring_driver::ids::TaskId;
use tipring_driver::time::Tick;

use crate::csta::tipring::SupervisionMode;
use crate::csta::{CallId, DeviceId};
use crate::device::{Device, StationIx};
use crate::model::Role;

/// A supervisor's interest in a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Supervision {
    /// The station.
    pub(crate) station: StationIx,
    /// The part taken in its conversations.
    pub(crate) mode: SupervisionMode,
    /// The supervisor goes with the station to its next conversation.
    pub(crate) follow: bool,
}

/// The supervisions at work, by the supervisor's station.
pub(crate) type Supervisions = BTreeMap<StationIx, Supervision>;

impl Supervision {
    pub(crate) const fn role(self) -> Role {
        match self.mode {
            SupervisionMode::Listen => Role::Silent,
            SupervisionMode::Whisper => Role::Coach(self.station),
            SupervisionMode::Barge => Role::Party,
        }
    }
}

/// A service that is carried out when a handset that rings for it is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Prompted {
    /// Supervision of a call.
    Supervise(CallId, Supervision),
    /// Take over of a call from a station.
    TakeOver(CallId, Device),
    /// Pickup of a call from a device.
    Pickup(CallId, Device),
}

/// The services that wait for a handset to be lifted.
pub(crate) type PromptedServices = BTreeMap<StationIx, Prompted>;

/// The completion of a call to an engaged station: the caller is to call it again when both are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Completion {
    pub(crate) caller: StationIx,
    pub(crate) called: StationIx,
}

/// The sound of a station on its way to a listener without a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Tap {
    /// The recorder's task.
    pub(crate) task: TaskId,
    /// The station.
    pub(crate) station: Device,
}

/// A recording whose end has not been reported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct OpenRecording {
    pub(crate) call: CallId,
    pub(crate) began: Tick,
    /// The message that it is; none for a recording of a call.
    pub(crate) message: Option<Box<OpenMessage>>,
}

/// A message whose recorder is at work.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct OpenMessage {
    /// The mailbox.
    pub(crate) mailbox: String,
    /// Its owner, a station or an agent.
    pub(crate) owner: Option<DeviceId>,
    /// The caller's number; empty if it is not known.
    pub(crate) caller: String,
    /// The caller's name; empty if it is not known.
    pub(crate) name: String,
}
