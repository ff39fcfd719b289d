//! The data of a call in progress, beside its connections. The call detail record is
//! [`CallRecord`](crate::store::CallRecord).
//!
//! Never: holds a state of a connection that differs from the table's between two transactions.

use std::sync::Arc;

use arrayvec::ArrayVec;
use tipring_driver::ids::{ChannelId, PromptId, RecordingId};
use tipring_driver::line::{CallerId, Number};
use tipring_driver::media::ToneKind;
use tipring_driver::time::{Tick, Ticks};

use super::course::{Log, Reached};
use super::party::Party;
use super::recorder::{RecordOrder, Recorder};
use super::speech::Speech;
use crate::acd::floor::MOVES_MAX;
use crate::acd::ids::CallBackId;
use crate::acd::lane::Place;
use crate::csta::event::CallData;
use crate::csta::private::{OriginalCallInfo, ReasonCode, UserInfo};
use crate::csta::{CallId, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState, Ucid};
use crate::device::{Device, QueueIx, StationIx, TrunkIx};
use crate::flow::book::BookId;
use crate::flow::walk::{DipId, Walk};
use crate::store::{Direction, StoreId};

/// Devices that most calls have at the same time.
const PARTIES: usize = 2;

/// A number on its way from a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dialling {
    /// The digits so far, or the number that a client has given.
    pub number: Number,
    /// The station is rung first, and calls when it is lifted.
    pub is_prompted: bool,
}

/// The outcome of the keys of a service, as the station hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KeyedOut {
    /// The tone that says how the service went; silence while it is pending.
    pub tone: Option<ToneKind>,
}

/// A caller in a flow.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Script {
    /// The flows and sounds of the version that the call began with.
    pub book: BookId,
    /// The place in the flow.
    pub walk: Walk,
    /// The number at which the flow runs.
    pub number: Device,
    /// The node's present occupation.
    pub doing: Doing,
    /// The end of it by time.
    pub until: Tick,
}

/// The present occupation of a caller in a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Doing {
    /// A prompt plays.
    Plays {
        /// The prompt.
        prompt: PromptId,
        /// A count that tells one playing from the next.
        count: u32,
    },
    /// A key is awaited.
    Awaits,
    /// A data source is asked.
    Dips(DipId),
    /// A client is asked for the route.
    Asks,
    /// A request to be called back is being kept.
    CallBack(CallBackId),
    /// A message is being left.
    Message(Message),
    /// The call is in a queue or at a destination; the flow goes on if it cannot stay there.
    Away,
}

/// The stage of a message that a caller leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Message {
    /// The greeting plays.
    Greeting {
        /// The prompt.
        prompt: PromptId,
        /// The count of the playing.
        count: u32,
    },
    /// The tone after which the caller speaks.
    Tone,
    /// The caller speaks.
    Recording(Recorder),
    /// The message is complete, and its file is being finished.
    Ends(RecordingId),
}

impl Script {
    /// The prompt that plays, with its count.
    pub fn plays(&self) -> Option<(PromptId, u32)> {
        match self.doing {
            Doing::Plays { prompt, count } | Doing::Message(Message::Greeting { prompt, count }) => {
                Some((prompt, count))
            }
            _ => None,
        }
    }
}

/// Greeting of a conversation by an agent: a recorded greeting, or the agent's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AgentGreeting {
    /// The device that hears it.
    pub caller: Device,
    /// The station of the agent.
    pub station: StationIx,
    /// The agent hears it as well.
    pub is_heard_by_both: bool,
}

/// A call for a queue whose far end is called first: a predictive call, or an attempt to call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Predictive {
    /// Rings of the network after which the call is not answered; none for the site's own time.
    pub rings: Option<u8>,
    /// The call is dropped if a fax machine or a modem answers.
    pub drops_machine: bool,
    /// All digits have gone out: the far end rings, as far as the line can know.
    pub is_dialled: bool,
    /// Classification of the answer or the failure.
    pub reason: ReasonCode,
}

/// A call's part in a call-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CallBackPart {
    /// Its caller leaves this request.
    Leaves(CallBackId),
    /// It is an attempt for this request.
    Attempt(CallBackId),
    /// Its customer was called first for this request, and has answered.
    Reached(CallBackId),
}

/// The particulars of a call.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Detail {
    /// The identifier.
    pub id: CallId,
    /// The universal identifier.
    pub ucid: Ucid,
    /// The universal identifier of the call that this one belongs to, as a consultation or by a merge.
    #[serde(rename = "kin")]
    pub main_call: Option<Ucid>,
    /// The devices, in the order in which they came, as many as the model has at most; one that is leaving is still
    /// here while that is reported.
    pub parties: Vec<Party>,
    /// The calling device.
    pub calling: ExtendedDeviceId,
    /// The called device.
    pub called: ExtendedDeviceId,
    /// The device from which the call was redirected last.
    pub redirected: ExtendedDeviceId,
    /// The caller's identity, for the telephones that will be rung.
    pub identity: Option<CallerId>,
    /// The data that travel with events.
    pub data: Arc<CallData>,
    /// The call from which this one was made, or of which it is the transfer.
    #[serde(default)]
    pub original: Option<Arc<OriginalCallInfo>>,
    /// User-to-user information of the clearing of a connection, until that is reported.
    #[serde(default)]
    pub clearing_info: UserInfo,
    /// A predictive call's particulars.
    #[serde(default)]
    pub predictive: Option<Predictive>,
    /// An event of this call has been reported: what becomes known later is reported by itself.
    pub is_reported: bool,
    /// The store's search for the caller, answered or not.
    pub lookup: Option<StoreId>,
    /// The number on its way from the station that calls.
    pub dialling: Option<Dialling>,
    /// Trunks that were seized for the number and could not send it.
    pub tried: Vec<TrunkIx>,
    /// The keys of a service have been taken.
    pub keyed_out: Option<KeyedOut>,
    /// The flow that the caller is in.
    pub script: Option<Box<Script>>,
    /// The place earned in a queue, kept until the call is answered or leaves the queue.
    pub place: Option<(QueueIx, Place)>,
    /// The number in the log of the call that has this place.
    pub contact: CallId,
    /// Wait in queues so far, kept for a re-entry.
    pub waited: Ticks,
    /// The call has had a place in a queue.
    pub has_had_place: bool,
    /// Queues whose gate has turned the call away.
    pub turned_from: ArrayVec<QueueIx, MOVES_MAX>,
    /// A call-back has been offered to the caller.
    pub is_call_back_offered: bool,
    /// The call's part in a call-back.
    pub call_back: Option<CallBackPart>,
    /// Prompts that are being said over the sound of waiting.
    pub speech: Speech,
    /// The agent's greeting that is being said.
    #[serde(rename = "opening")]
    pub agent_greeting: Option<AgentGreeting>,
    /// The prompt of the queue cannot be played.
    pub is_music_lost: bool,
    /// The headset that has been asked to answer and hears its zip tone.
    pub answering: Option<StationIx>,
    /// The forwardings that the call has followed.
    pub forwards: u8,
    /// The tone of a connection that has failed.
    pub tone: ToneKind,
    /// The recorder at work.
    pub recorder: Option<Recorder>,
    /// The order by which it is recorded.
    pub record_order: RecordOrder,
    /// The channel whose recorder has ended by itself.
    pub lost: Option<ChannelId>,
    /// The course of the call.
    pub log: Log,
    /// The stage it had reached when its open row was written last.
    pub kept: Option<Reached>,
}

impl Detail {
    /// The particulars of a call that begins.
    pub fn new(
        (id, ucid): (CallId, Ucid),
        now: Tick,
        direction: Direction,
        calling: ExtendedDeviceId,
        called: ExtendedDeviceId,
    ) -> Detail {
        Detail {
            id,
            ucid,
            main_call: None,
            parties: Vec::with_capacity(PARTIES),
            calling,
            called,
            redirected: ExtendedDeviceId::NOT_REQUIRED,
            identity: None,
            data: Arc::default(),
            original: None,
            clearing_info: UserInfo::default(),
            predictive: None,
            is_reported: false,
            lookup: None,
            dialling: None,
            tried: Vec::new(),
            keyed_out: None,
            script: None,
            place: None,
            contact: id,
            waited: Ticks::ZERO,
            has_had_place: false,
            turned_from: ArrayVec::new(),
            is_call_back_offered: false,
            call_back: None,
            speech: Speech::default(),
            agent_greeting: None,
            is_music_lost: false,
            answering: None,
            forwards: 0,
            tone: ToneKind::Busy,
            recorder: None,
            record_order: RecordOrder::Rules,
            lost: None,
            log: Log::new(now, direction),
            kept: None,
        }
    }

    /// Takes over from a consultation, with which this call becomes one, what goes on for those who are left: the
    /// number that a trunk is being seized for, a station that hears its zip tone, a greeting that is being said.
    ///
    /// Parties, flow, place in a queue, data, call-back and log are merged with the consequences of the change.
    pub fn take_over(&mut self, consultation: &Detail) {
        // Without `..`: each new particular is decided here.
        let Detail {
            dialling,
            tried,
            agent_greeting,
            answering,
            forwards,
            // Merged with the consequences.
            parties: _,
            script: _,
            place: _,
            contact: _,
            data: _,
            original: _,
            predictive: _,
            call_back: _,
            recorder: _,
            log: _,
            main_call: _,
            // The customer's own.
            ucid: _,
            calling: _,
            called: _,
            redirected: _,
            identity: _,
            is_reported: _,
            lookup: _,
            waited: _,
            has_had_place: _,
            turned_from: _,
            is_call_back_offered: _,
            speech: _,
            is_music_lost: _,
            record_order: _,
            // Ends with the consultation, or is set anew.
            id: _,
            clearing_info: _,
            keyed_out: _,
            tone: _,
            lost: _,
            kept: _,
        } = consultation;
        self.dialling = dialling.or(self.dialling);
        if !tried.is_empty() {
            self.tried.clone_from(tried);
        }
        self.agent_greeting = self.agent_greeting.or(*agent_greeting);
        self.answering = self.answering.or(*answering);
        self.forwards = self.forwards.max(*forwards);
    }

    /// Returns true if it is an attempt to call back.
    pub const fn is_attempt(&self) -> bool {
        matches!(self.call_back, Some(CallBackPart::Attempt(_)))
    }

    /// Returns true if its customer was called first, has answered, and is to have an agent.
    pub const fn is_called_back(&self) -> bool {
        matches!(self.call_back, Some(CallBackPart::Reached(_)))
    }

    /// Returns true for a call of the site's own to a customer: the far end is who waits for an agent.
    pub fn is_called_out(&self) -> bool {
        self.log.direction == Direction::Outbound && matches!(self.log.caller, Some(Device::Trunk(_)))
    }

    /// The number of the one who waits for an agent, in its normal form; an extension's for an internal call.
    pub fn customer(&self) -> DeviceId {
        if self.is_called_out() { self.called.device } else { self.calling.device }
    }

    /// The call as such: a connection without a device.
    pub const fn connection(&self) -> ConnectionId {
        ConnectionId { call: self.id, ..ConnectionId::NONE }
    }

    /// A device's part.
    pub fn party(&self, device: Device) -> Option<&Party> {
        self.parties.iter().find(|party| party.device == device)
    }

    /// A device's part, to be changed.
    pub fn party_mut(&mut self, device: Device) -> Option<&mut Party> {
        self.parties.iter_mut().find(|party| party.device == device)
    }

    /// The party that came first, unless it has gone.
    pub fn caller(&self) -> Option<&Party> {
        self.parties.first()
    }

    /// The first trunk that takes part.
    pub fn trunk(&self) -> Option<TrunkIx> {
        self.parties.iter().find_map(|party| party.device.trunk())
    }

    /// The parties in a state.
    pub fn in_state(&self, state: LocalConnectionState) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(move |party| party.state == state)
    }
}
