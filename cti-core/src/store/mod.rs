//! Store of calls, recordings and agents' states (call detail records); lookup of customers.
//!
//! The core sends a request and goes on; the store's reply comes later. A record is acknowledged ([`StoreReply::Kept`])
//! when it survives the loss of power, not before.
//!
//! | file | holds |
//! |---|---|
//! | `call`, `leg` | records of calls and of their legs |
//! | `mark` | records of marks in recordings |
//! | `message` | records of messages of callers |
//! | `call_back` | records of call-backs and their attempts |
//! | `decision` | records of the decisions of distribution |
//! | `replicated` | the tables of which a replica has a copy |
//! | `sqlite` | the store on SQLite |
//!
//! Never: decides anything about a call, or makes it wait.

mod call;
pub(crate) mod call_back;
mod decision;
mod leg;
mod mark;
pub(crate) mod message;
pub mod replicated;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use call::{CallRecord, Direction, Outcome, ReleasedBy};
pub use call_back::{AttemptOutcome, CallBackAttempt, CallBackRecord, CallBackState};
pub use decision::{Decided, DecisionRecord};
pub use leg::{LegEndedBy, LegKind, LegReached, LegRecord};
pub use mark::{MarkEndRecord, MarkKind, MarkRecord, PauseEnd};
pub use message::{MessageRecord, MessageState};

use std::collections::BTreeMap;

use tipring_driver::ids::RecordingId;
use tipring_driver::line::Number;
use tipring_driver::time::Tick;

use crate::csta::cause::UniversalFailure;
use crate::csta::customer_card::CustomerCard;
use crate::csta::{AgentId, AgentState, CallId, DeviceId};
use crate::customer::Customer;
use crate::named::named;
use crate::notice::Notice;
use crate::report::event::Entry;

/// A request to the store, as the core counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct StoreId(pub u64);

impl StoreId {
    /// The one after it.
    pub const fn next(self) -> StoreId {
        StoreId(self.0.saturating_add(1))
    }
}

/// A request to the store.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StoreRequest {
    /// Keep records, all of them or none; answered by [`StoreReply::Kept`] once they are safe.
    Keep {
        /// The request.
        id: StoreId,
        /// The records, in their order.
        #[serde(alias = "record", deserialize_with = "one_or_more")]
        records: Vec<Record>,
    },
    /// Find the customer with this number. Answered by [`StoreReply::Customer`].
    FindCustomer {
        /// The request.
        id: StoreId,
        /// The number as received.
        number: Number,
    },
}

/// Reads the records of a request; until format 2 of checkpoints one has one.
fn one_or_more<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Record>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Records {
        More(Vec<Record>),
        One(Record),
    }
    Ok(match serde::Deserialize::deserialize(from)? {
        Records::More(records) => records,
        Records::One(record) => vec![record],
    })
}

impl StoreRequest {
    /// Returns the number of the request.
    pub const fn id(&self) -> StoreId {
        match self {
            StoreRequest::Keep { id, .. } | StoreRequest::FindCustomer { id, .. } => *id,
        }
    }
}

/// A reply of the store.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StoreReply {
    /// The records of all requests up to this one are safe, but for those of requests that have failed.
    Kept {
        /// The last of the requests.
        up_to: StoreId,
    },
    /// The customer with the number, if there is one.
    Customer {
        /// The request.
        id: StoreId,
        /// The customer.
        customer: Option<Customer>,
        /// The card of the number, in the file of customers or not.
        card: Box<CustomerCard>,
    },
    /// Changes of the call-back lists that were put down from outside.
    CallBackOrders {
        /// The changes, oldest first.
        orders: Vec<CallBackOrder>,
        /// The number of the last one.
        last: i64,
    },
    /// Counts of new messages by owner, after a change of them.
    NewMessages(BTreeMap<String, u32>),
    /// The notices that hold or will hold, after a change of them.
    Notices(Vec<Notice>),
    /// It could not be done, and will not be tried again.
    Failed {
        /// The request.
        id: StoreId,
        /// The reason, as a sentence.
        why: String,
    },
}

/// A change of the call-back lists from outside.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CallBackOrder {
    /// A number is to be called back by a queue.
    Add {
        /// The number.
        number: Number,
        /// The queue.
        queue: DeviceId,
        /// Of a customer whom the file has as VIP, as the store finds it.
        is_vip: bool,
        /// The work order that it is about, by its row; 0 for none.
        work_order: i64,
    },
    /// A number is not to be called back.
    Cancel {
        /// The number.
        number: Number,
    },
}

/// A record to be kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Record {
    /// A call that is not over, and its legs, as far as they have got: they survive an end of the program as
    /// *interrupted*.
    Open(Box<CallRecord>, Vec<LegRecord>),
    /// A call that is over.
    Call(Box<CallRecord>),
    /// A device's part in a call, which is over.
    Leg(Box<LegRecord>),
    /// A recording that is whole, or as whole as it will be.
    Recording(RecordingRecord),
    /// A mark of a recording.
    Mark(Box<MarkRecord>),
    /// The end of a pause of a recording.
    MarkEnd(MarkEndRecord),
    /// A change of an agent's state.
    Agent(Box<AgentRecord>),
    /// An entry of the log of events.
    Event(Box<Entry>),
    /// A decision of distribution with its reasons.
    Decision(Box<DecisionRecord>),
    /// A message of a caller, as far as it has got.
    Message(Box<MessageRecord>),
    /// An act of supervision.
    Supervision(Box<SupervisionRecord>),
    /// A request to be called back, as it stands.
    CallBack(Box<CallBackRecord>),
    /// An attempt to call back that has ended.
    #[serde(rename = "CallBackTry")]
    CallBackAttempt(CallBackAttempt),
    /// The changes of the call-back lists up to this number have been carried out.
    CallBackOrdersDone(i64),
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RecordingRecord {
    /// Number of the recording, unique in the store.
    pub recording: RecordingId,
    /// The call in which it began.
    pub call: CallId,
    /// The file, below the folder of recordings.
    pub file: String,
    /// Tick of its first sample.
    pub began: Tick,
    /// Samples of each side.
    pub samples: u64,
    /// The state of its file.
    pub end: RecordingEnd,
}

/// State of a recording's file at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RecordingEnd {
    /// The file holds all of it.
    Whole,
    /// The file could not be made, or not be written to the end.
    FileFailed,
    /// Nothing was recorded: the disk had no room left for new recordings.
    NoRoom,
}

impl RecordingEnd {
    /// Returns the reason why the file does not hold all, as the store names it.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            RecordingEnd::Whole => None,
            RecordingEnd::FileFailed => Some("file-failed"),
            RecordingEnd::NoRoom => Some("no-room"),
        }
    }
}

/// A change of an agent's state.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AgentRecord {
    /// Tick of the change.
    pub at: Tick,
    /// Log-in of the agent.
    pub agent: AgentId,
    /// Station at which the agent is logged in.
    pub station: DeviceId,
    /// New state of the agent.
    pub state: AgentState,
    /// The reason code of *not ready* or the log-out; 0 for none.
    pub reason: u8,
}

named! {
    /// An act of supervision.
    SupervisionAct {
        /// Silent monitor.
        Listen = "listen",
        /// Coach.
        Whisper = "whisper",
        /// Barge-in.
        Barge = "barge",
        /// Take over.
        TakeOver = "take-over",
        /// Forced release.
        Release = "release",
        /// Forced log-out.
        LogOut = "log-out",
        /// Forced *ready*.
        Ready = "ready",
        /// Forced *not ready*.
        NotReady = "not-ready",
        /// Forced after-call work.
        #[serde(rename = "Work")]
        AfterCallWork = "work",
    }
}

/// The audit record of an act of supervision, carried out or refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SupervisionRecord {
    /// The tick.
    pub at: Tick,
    /// The user.
    pub user: String,
    /// The act.
    pub act: SupervisionAct,
    /// The supervisor's station; empty where none takes part.
    pub supervisor: DeviceId,
    /// The supervised station.
    pub station: DeviceId,
    /// The agent there.
    pub agent: Option<AgentId>,
    /// The call; 0 where none is concerned.
    pub call: CallId,
    /// The reason given.
    pub remark: String,
    /// The failure with which it was refused; none if it was carried out.
    pub failure: Option<UniversalFailure>,
}

/// Largest number of records committed together, those of one request apart. A look-up waits for the commit that runs,
/// which takes some tens of milliseconds at most. The larger a group, the fewer calls are in progress at its end and
/// have their row written for the time between.
pub const GROUP_MAX: usize = 16_384;
/// Longest time a record waits for others before it is committed, in milliseconds.
pub const GROUP_WAIT_MS: u64 = 5;
/// Largest number of records that wait while the database fails; beyond this, new ones fail.
pub const PENDING_MAX: usize = 100_000;

/// The keeper of records.
pub trait Store {
    /// Takes a request. Records are kept with a commit that follows, those of one request together.
    fn submit(&mut self, request: StoreRequest);

    /// Returns true if records wait for a commit.
    fn is_pending(&self) -> bool;

    /// Commits up to [`GROUP_MAX`] waiting records as one group and acknowledges them by one answer.
    ///
    /// An error keeps them waiting, to be tried again with the next commit: nothing is lost, nothing acknowledged.
    ///
    /// # Errors
    /// The group could not be committed, and why; [`StoreError::may_pass`] says if another try may succeed.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// The next answer.
    fn poll_reply(&mut self) -> Option<StoreReply>;
}

/// A store that could not be opened, or a group that could not be committed.
#[derive(Debug)]
pub struct StoreError {
    /// The operation, as a gerund.
    pub operation: &'static str,
    /// The place, and the message of the database.
    pub why: String,
    /// Trying again may help: another program holds the database, or the disk is full.
    pub may_pass: bool,
}

impl core::fmt::Display for StoreError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "The database failed while {}: {}", self.operation, self.why)
    }
}

impl std::error::Error for StoreError {}
