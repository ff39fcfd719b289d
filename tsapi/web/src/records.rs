//! Requests for what a site has on record: recordings and their sound, scores, the figures of a day, callers to be
//! called back, messages, work orders, the file of customers; and for its own settings.
//!
//! They are not services of CSTA: the switch never sees them. The site carries them out through [`Records`], away from
//! the thread of the sockets. Replies to requests that change something are numbered like those of services, and come
//! again after a lost socket. Replies that only read are not numbered: they are lost with their socket, and asked for
//! again. So sound never pushes an event out of the replay buffer: a slow client loses sound, not events.
//!
//! Never: touches a database or a file, or passes a right on that the site has not judged.

mod admin;
mod customers;
mod notices;
mod orders;
mod reply;
mod request;

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::rights::Rights;

pub use self::admin::{AgentSetting, FlowItem, FlowNode, FlowWay, LineItem, Pin, QueueSetting, ReasonSetting};
pub use self::customers::{CustomerCall, CustomerFields, CustomerItem};
pub use self::notices::{NewNotice, NoticeItem};
pub use self::orders::{NewOrder, OrderItem, OrderKindItem, OrderStep, OrderUrgency};
pub use self::reply::RecordsReply;
pub(crate) use self::request::Lane;
pub use self::request::{MarkedState, RecordsRequest, ScoreState};
pub use crate::changes::{Changes, OrderChange};
pub use crate::figures::QueueFigures;

/// Most samples of a side in one reply: 2 s.
pub const SOUND_MAX: u32 = 16_000;
/// Most rows in one reply.
pub const ROWS_MAX: u32 = 1_000;

/// A site's records.
pub trait Records: Send + Sync {
    /// Carries a request out. May take seconds; called on a thread that may wait.
    ///
    /// # Errors
    /// A failure with a sentence: no right, nothing of this name, a database that takes nothing.
    fn answer(&self, client: &RecordsClient, request: &RecordsRequest) -> Result<RecordsReply, RecordsRefusal>;

    /// Returns the changes since the last call. Called on a thread that may wait, every second while a client has a
    /// list open, and after each change by a client.
    ///
    /// # Errors
    /// The records cannot be read now; the next call finds all that has changed by then.
    fn changes(&self) -> Result<Changes, RecordsRefusal> {
        Ok(Changes::default())
    }

    /// Returns true if the change of an order concerns the list that a user, by login and rights, has open: that of a
    /// customer's number, or the one without a number. Called on the thread of the sockets.
    fn concerns(&self, user: (&str, &Rights), number: Option<&str>, change: &OrderChange) -> bool {
        let _ = (user, number, change);
        false
    }

    /// Returns the live figures of every queue. Called on the thread of the sockets: it never waits for a disk.
    fn figures(&self) -> Vec<QueueFigures> {
        Vec::new()
    }
}

/// The client that asks.
#[derive(Debug, Clone)]
pub struct RecordsClient {
    /// The user.
    pub login: String,
    /// Its rights.
    pub rights: Arc<Rights>,
    /// The address from which it asks.
    pub address: String,
}

/// A refusal: the failure, and a sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsRefusal {
    /// The failure.
    pub failure: UniversalFailure,
    /// The sentence.
    pub why: String,
}

impl RecordsRefusal {
    pub(crate) const fn is_for_want_of_a_right(&self) -> bool {
        matches!(
            self.failure,
            UniversalFailure::SecurityViolation | UniversalFailure::PrivilegeViolationOnSpecifiedDevice
        )
    }
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordingItem {
    /// Its number.
    pub recording: String,
    /// The call.
    pub call: i32,
    /// Its begin, ms since 1970.
    pub began_ms: i64,
    /// Its length, s.
    pub seconds: f64,
    /// Direction of the call.
    pub direction: Option<String>,
    /// Calling number.
    pub caller: Option<String>,
    /// Called number.
    pub called: Option<String>,
    /// The queue in which the call waited last.
    pub queue: Option<String>,
    /// The agent who had the call last.
    pub agent: Option<String>,
    /// Outcome of the call.
    pub outcome: Option<String>,
    /// State of the file: `whole`, `cut-off`, `missing`, `removed`, `no-room`.
    pub presence: String,
    /// Scores of inspection that count.
    pub scores: u32,
}

/// A scoring form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormItem {
    /// Name and version.
    pub title: String,
    /// The most points that can be had.
    pub possible: f64,
    /// Sections.
    pub sections: Vec<SectionItem>,
    /// Fatal errors: questions that are answered with yes or no, no if left out.
    pub fatal: Vec<QuestionItem>,
}

/// A section of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionItem {
    /// The title.
    pub title: String,
    /// The most points that it can have.
    pub points: f64,
    /// Its questions.
    pub questions: Vec<QuestionItem>,
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuestionItem {
    /// Its identifier.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The answers there are.
    pub answers: Vec<String>,
    /// The answer that holds if none is given; none where one has to be given.
    pub usual: Option<String>,
}

/// A score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScoreItem {
    /// Its number.
    pub score: i64,
    /// The moment, ms since 1970.
    pub at_ms: i64,
    /// The recording.
    pub recording: String,
    /// The call.
    pub call: i32,
    /// The agent.
    pub agent: Option<String>,
    /// The form's title.
    pub form: String,
    /// `inspection` or `calibration`.
    pub kind: String,
    /// The inspector.
    pub inspector: String,
    /// The points.
    pub points: f64,
    /// The points that could be had.
    pub possible: f64,
    /// Fatal errors.
    pub fatal: String,
    /// The answers by question.
    pub answers: BTreeMap<String, String>,
    /// A remark.
    pub remark: String,
    /// `standing`, `appealed`, `confirmed` or `withdrawn`.
    pub state: String,
    /// Changes of the state, oldest first.
    pub steps: Vec<StepItem>,
}

/// A change of a score's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepItem {
    /// The moment, ms since 1970.
    pub at_ms: i64,
    /// The new state.
    pub state: String,
    /// The user.
    pub user: String,
    /// The reason.
    pub reason: String,
}

/// A caller who was not reached yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AbandonedItem {
    /// The moment at which the caller hung up or was cut off, the last time, or asked to be called back, ms since 1970.
    pub at_ms: i64,
    /// The number; empty if not known.
    pub caller: String,
    /// The customer's name.
    pub name: Option<String>,
    /// The queue.
    pub queue: String,
    /// The wait before that, ms; none for a number that was put on the list.
    pub wait_ms: Option<u64>,
    /// Times that the caller has left without an answer; 0 for a number that was put on the list.
    pub times: u64,
    /// State of the request to be called back; none if there is no open one.
    pub call_back: Option<String>,
    /// Attempts so far.
    pub tries: u32,
}

/// A message of a caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageItem {
    /// Its number.
    pub message: String,
    /// The mailbox.
    pub mailbox: String,
    /// The owner.
    pub owner: Option<String>,
    /// The caller's number; empty if not known.
    pub caller: String,
    /// The customer's name; empty if not known.
    pub name: String,
    /// The moment at which it was left, ms since 1970.
    pub at_ms: i64,
    /// Its length, s.
    pub seconds: f64,
    /// `recording`, `new`, `heard` or `done`.
    pub state: String,
    /// The person who has taken it; empty while no one has.
    pub taken_by: String,
    /// The moment at which its caller was called back last, ms since 1970.
    pub called_ms: Option<i64>,
}

/// A shift, and the people who lead it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShiftItem {
    /// The shift.
    pub shift: String,
    /// Its begin, ms since 1970.
    pub begin_ms: i64,
    /// Its end, ms since 1970.
    pub end_ms: i64,
    /// The principal.
    pub principal: LeaderItem,
    /// The deputy.
    pub deputy: LeaderItem,
}

/// One of those who lead a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeaderItem {
    /// The agent; empty if none is named.
    pub agent: String,
    /// The agent's name; empty if not known.
    pub name: String,
    /// The agent is signed in now.
    pub signed_in: bool,
}

/// A step of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageStepItem {
    /// The moment, ms since 1970; of `left` the one at which the caller began to speak.
    pub at_ms: i64,
    /// `left`, `heard`, `taken`, `called`, `done` or `reopened`.
    pub step: String,
    /// The person; empty for the program.
    pub person: String,
    /// The remark; of a listening the reason that is on record.
    pub remark: String,
    /// The caller's call, or the call back.
    pub call: Option<i32>,
}
