//! Records of calls (call detail records): how far a call got, why it ended, and by whom.
//!
//! Never: says what a call did at each device; the records of its legs do.

use tipring_driver::ids::RecordingId;
use tipring_driver::line::Number;
use tipring_driver::time::Tick;

use crate::csta::cause::EventCause;
use crate::csta::event::Machine;
use crate::csta::{AgentId, CallId, DeviceId, Ucid};
use crate::named::named;

named! {
    /// Direction of a call.
    Direction {
        /// From a trunk.
        Inbound = "inbound",
        /// To a trunk.
        Outbound = "outbound",
        /// Between stations.
        Internal = "internal",
    }
}

named! {
    /// Outcome of a call.
    Outcome {
        /// A person answered.
        Answered = "answered",
        /// The caller gave up before the line was answered.
        AbandonedRinging = "abandoned-ringing",
        /// The caller gave up in the IVR.
        AbandonedInIvr = "abandoned-in-ivr",
        /// The IVR served the caller, and its flow ended the call.
        ServedInIvr = "served-in-ivr",
        /// The caller left a request to be called back.
        CallBackLeft = "call-back-left",
        /// The caller gave up while queued, before a telephone rang.
        AbandonedQueued = "abandoned-queued",
        /// The caller gave up while an agent's or a called telephone rang.
        AbandonedAlerting = "abandoned-alerting",
        /// A client or the site ended the call before a person answered.
        CutOff = "cut-off",
        /// The called device was busy.
        Busy = "busy",
        /// The called device, or a trunk to it, could not be had.
        NotObtainable = "not-obtainable",
        /// The caller went off hook, and on hook before a number was complete.
        NotDialled = "not-dialled",
        /// A card failed.
        OutOfService = "out-of-service",
        /// The call was a consultation, and became part of another call by transfer.
        Transferred = "transferred",
        /// The call was a consultation, and became part of another call by conference.
        Conferenced = "conferenced",
        /// The program ended before the call did.
        Interrupted = "interrupted",
    }
}

named! {
    /// Side that released a call.
    ReleasedBy {
        /// The one who called.
        Caller = "caller",
        /// The one who was called, or the agent.
        Called = "called",
        /// A client, by a service request.
        Client = "client",
        /// The system: a time-out, a failure.
        System = "system",
    }
}

/// A call detail record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// Its universal identifier, which stays the same through transfers.
    pub ucid: Ucid,
    /// The universal identifier of the call that this one belongs to: of a consultation, the call from which it was
    /// made; of a call that was merged into another, that one.
    #[serde(rename = "kin")]
    pub main_call: Option<Ucid>,
    /// Direction of the call.
    pub direction: Direction,
    /// The trunk it used.
    pub trunk: Option<DeviceId>,
    /// Calling number; empty if it was withheld or is not available.
    pub caller: Number,
    /// Called number.
    pub called: Number,
    /// The queue it waited in last.
    pub queue: Option<DeviceId>,
    /// The agent who had it last.
    pub agent: Option<AgentId>,
    /// The station that had it last.
    pub station: Option<DeviceId>,
    /// Digits keyed in the IVR.
    pub keyed: Number,
    /// Tick of the validated ringing, or of the station's off-hook.
    pub offered: Tick,
    /// Tick at which the line was answered.
    pub answered: Option<Tick>,
    /// Tick of its first queue.
    pub queued: Option<Tick>,
    /// Tick at which the last telephone began to ring.
    pub alerting: Option<Tick>,
    /// Tick of a person's answer.
    pub established: Option<Tick>,
    /// Tick of its end.
    pub ended: Tick,
    /// Outcome.
    pub outcome: Outcome,
    /// Side that released it.
    pub released_by: ReleasedBy,
    /// The cause of its end.
    pub cause: EventCause,
    /// Its recording.
    pub recording: Option<RecordingId>,
    /// Kind of machine at the far end of the trunk, if one was detected.
    pub machine: Option<Machine>,
}
