//! Requests for what a site has on record: recordings and their sound, scores, the figures of a day, callers to be
//! called back, messages, work orders, the file of customers; and for its own settings.
//!
//! They are not services of CSTA: the switch never sees them. The site carries them out through [`Records`], away from
//! the thread of the sockets. Replies to requests that change something are numbered like those of services, and come
//! again after a lost socket. Replies that only read are not numbered: they are lost with their socket, and asked for
//! again. So sound never pushes an event out of the journal: a slow client loses sound, not events.
//!
//! Never: a database, a file; a right that the site has not judged.

mod admin;
mod customers;
mod notices;
mod orders;

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::customer_card::CustomerCard;
use tipring_csta_types::rights::Rights;

pub use self::admin::{AgentSetting, QueueItem};
pub use self::customers::{CustomerFields, CustomerItem};
pub use self::notices::NoticeItem;
pub use self::orders::{NewOrder, OrderItem, OrderKindItem, OrderStep, OrderUrgency};
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

/// A request for a site's records. `watchFigures` needs no right of its own, those for work orders, customers
/// and notices a right to call control or `review` at any device; all others need `review`: for the station or the
/// queue of a call, for a queue, or for every device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "request", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum RecordsRequest {
    /// Recordings that meet all conditions, newest first.
    ListRecordings {
        /// Begun at or after, ms since 1970.
        #[serde(default)]
        from_ms: Option<i64>,
        /// Begun before, ms since 1970.
        #[serde(default)]
        to_ms: Option<i64>,
        /// Calling or called number; `*` at its end stands for any digits.
        #[serde(default)]
        number: Option<String>,
        /// The agent who had the call last.
        #[serde(default)]
        agent: Option<String>,
        /// The queue in which the call waited last.
        #[serde(default)]
        queue: Option<String>,
        /// Those without a score of inspection only.
        #[serde(default)]
        unscored: bool,
        /// Most rows, from 1 to 1000.
        #[serde(default = "usual_rows")]
        limit: u32,
    },
    /// Begins to listen to a recording; an audit record is on the disk before the reply comes.
    OpenRecording {
        /// The recording's number.
        recording: String,
        /// The reason, for the audit record; it may not be empty.
        reason: String,
    },
    /// A part of a recording that was opened by this user.
    ReadSound {
        /// The recording's number.
        recording: String,
        /// The first sample.
        from: u32,
        /// Count of samples, from 1 to 16000 (2 s); fewer come at the end.
        count: u32,
    },
    /// The scoring forms of the site.
    ListForms,
    /// Scores a recording by a form.
    ScoreRecording {
        /// The recording's number.
        recording: String,
        /// The form's title: name and version.
        form: String,
        /// Answers by question.
        answers: BTreeMap<String, String>,
        /// A remark.
        #[serde(default)]
        remark: String,
        /// For calibration: compared with others, counted for no agent.
        #[serde(default)]
        calibration: bool,
    },
    /// Scores, oldest first.
    ListScores {
        /// Of this recording.
        #[serde(default)]
        recording: Option<String>,
        /// Of this agent.
        #[serde(default)]
        agent: Option<String>,
        /// Given at or after, ms since 1970.
        #[serde(default)]
        from_ms: Option<i64>,
        /// Given before, ms since 1970.
        #[serde(default)]
        to_ms: Option<i64>,
    },
    /// Appeals, confirms or withdraws a score.
    StepScore {
        /// The score's number.
        score: i64,
        /// The state it is to have.
        state: ScoreState,
        /// The reason; it may not be empty.
        reason: String,
    },
    /// The figures of today by interval, beside those of yesterday, and the agents' times.
    ReportDay {
        /// Length of the intervals in min: 15, 30 or 60.
        interval: u32,
    },
    /// Callers who hung up before an answer and have not been reached since, and open requests to be called back.
    ListAbandoned,
    /// Puts a number on the list of a queue, to be called back by its agents.
    RequestCallBack {
        /// The number, without the trunk prefix.
        number: String,
        /// The queue.
        queue: String,
    },
    /// Messages of callers that are not done, oldest first.
    ListMessages,
    /// Has the live figures of the queues that the user may observe sent now and whenever they change.
    WatchFigures,
    /// Marks a message as heard or done.
    MarkMessage {
        /// The message's number.
        message: String,
        /// The state it is to have.
        state: MarkedState,
    },
    /// Takes a work order down; a user without `review` for every device only for calls of its own stations and queues.
    CreateOrder {
        /// The order.
        order: NewOrder,
    },
    /// Work orders, newest first: those of a customer, or else the user's own; of every user with `review` for every
    /// device.
    ListOrders {
        /// Of the customer with this number.
        #[serde(default)]
        number: Option<String>,
        /// Those one of whose limits has passed.
        #[serde(default)]
        late: bool,
        /// Filed ones as well.
        #[serde(default)]
        filed: bool,
        /// Most rows, from 1 to 1000.
        #[serde(default = "usual_rows")]
        limit: u32,
    },
    /// Takes a step of a work order.
    StepOrder {
        /// The order's number.
        order: String,
        /// The step.
        step: OrderStep,
        /// The unit, for a dispatch.
        #[serde(default)]
        unit: String,
        /// The result, the customer's word, or the reason.
        #[serde(default)]
        remark: String,
    },
    /// Notices that hold or will hold.
    ListNotices,
    /// A customer with the card of now; of a number without a customer the card alone.
    ShowCustomer {
        /// The identifier, as `C17`, or a number.
        customer: String,
    },
    /// Customers one of whose numbers, whose name or whose account begins with a text.
    FindCustomers {
        /// The begin.
        text: String,
        /// Most rows, from 1 to 1000.
        #[serde(default = "usual_rows")]
        limit: u32,
    },
    /// Changes a customer; a number without a customer gets one.
    SetCustomer {
        /// The identifier, as `C17`, or a number.
        customer: String,
        /// The changes; what is left out stays.
        fields: CustomerFields,
    },
    /// Merges a customer into another, which keeps its identifier; for those with `review` for every device.
    MergeCustomers {
        /// The identifier of the one that is no more afterwards.
        from: String,
        /// The identifier of the one that has all.
        into: String,
    },
    /// The site's own settings, as its configuration is written. This and the next two need `administer` for every
    /// device.
    ReadSettings,
    /// Changes an agent in the configuration; it is checked, and taken over at once. Calls go on.
    SetAgent {
        /// The agent, who must be there.
        setting: AgentSetting,
    },
    /// Puts an event mode in force, or the site as it is written (`normal`).
    SetEventMode {
        /// Its name.
        mode: String,
    },
}

const fn usual_rows() -> u32 {
    200
}

/// A state into which a score can be brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScoreState {
    /// The agent objects.
    Appealed,
    /// The appeal is refused.
    Confirmed,
    /// The score counts no more.
    Withdrawn,
}

/// A state into which a message can be brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MarkedState {
    /// It was listened to.
    Heard,
    /// Nothing is left to be done.
    Done,
}

/// The names of the requests.
const NAMES: &[&str] = &[
    "listRecordings",
    "openRecording",
    "readSound",
    "listForms",
    "scoreRecording",
    "listScores",
    "stepScore",
    "reportDay",
    "listAbandoned",
    "requestCallBack",
    "listMessages",
    "watchFigures",
    "markMessage",
    "createOrder",
    "listOrders",
    "stepOrder",
    "listNotices",
    "showCustomer",
    "findCustomers",
    "setCustomer",
    "mergeCustomers",
    "readSettings",
    "setAgent",
    "setEventMode",
];

impl RecordsRequest {
    /// Returns true if a request of this name is one for the records.
    pub(crate) fn is_name(name: &str) -> bool {
        NAMES.contains(&name)
    }

    /// Returns true if it changes something: its reply is numbered.
    pub(crate) const fn is_act(&self) -> bool {
        matches!(
            self,
            RecordsRequest::ScoreRecording { .. }
                | RecordsRequest::StepScore { .. }
                | RecordsRequest::RequestCallBack { .. }
                | RecordsRequest::MarkMessage { .. }
                | RecordsRequest::CreateOrder { .. }
                | RecordsRequest::StepOrder { .. }
                | RecordsRequest::SetCustomer { .. }
                | RecordsRequest::MergeCustomers { .. }
                | RecordsRequest::SetAgent { .. }
                | RecordsRequest::SetEventMode { .. }
        )
    }
}

/// A reply from a site's records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reply", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RecordsReply {
    /// To `listRecordings`.
    Recordings {
        /// Newest first.
        recordings: Vec<RecordingItem>,
        /// There are more than the limit.
        more: bool,
    },
    /// To `openRecording`.
    Recording {
        /// Count of samples of each side, at 8000 Hz.
        samples: u32,
        /// Peaks of the caller's side, from 0 to 255 of full scale, in equal parts of the recording.
        left: Vec<u8>,
        /// Peaks of the side of all that the caller hears.
        right: Vec<u8>,
        /// Hints from the record of the call, as `tipring quality hints --json` has them under `call`.
        call: Value,
        /// Hints from the two sides, as `tipring quality hints --json` has them under `talk`.
        talk: Value,
    },
    /// To `readSound`.
    Sound {
        /// The first sample.
        from: u32,
        /// The caller's side: A-law octets (ITU-T G.711) in base64 (RFC 4648).
        left: String,
        /// All that the caller hears, likewise.
        right: String,
    },
    /// To `listForms`.
    Forms {
        /// The forms.
        forms: Vec<FormItem>,
    },
    /// To `scoreRecording`.
    Scored {
        /// The score's number.
        score: i64,
        /// The points.
        points: f64,
        /// The points that could be had.
        possible: f64,
        /// Fatal errors.
        fatal: String,
    },
    /// To `listScores`.
    Scores {
        /// Oldest first.
        scores: Vec<ScoreItem>,
    },
    /// To `stepScore`, `requestCallBack`, `markMessage` and `watchFigures`.
    Done,
    /// To `reportDay`. Rows are those of `tipring report queues --json` and `tipring report times --json`.
    Day {
        /// Today's midnight, ms since 1970.
        today_ms: u64,
        /// Yesterday's midnight, ms since 1970.
        yesterday_ms: u64,
        /// Queues of today, by interval.
        today: Vec<Map<String, Value>>,
        /// Queues of yesterday, by interval.
        yesterday: Vec<Map<String, Value>>,
        /// Queues of today in all.
        queues: Vec<Map<String, Value>>,
        /// Agents' times of today; empty without the right for every device.
        agents: Vec<Map<String, Value>>,
        /// Agents' breaks of today by reason, as `tipring report breaks --json` has them; empty likewise.
        breaks: Vec<Map<String, Value>>,
    },
    /// To `listAbandoned`.
    Abandoned {
        /// Oldest first.
        callers: Vec<AbandonedItem>,
    },
    /// To `listMessages`.
    Messages {
        /// Oldest first.
        messages: Vec<MessageItem>,
    },
    /// To `createOrder` and `stepOrder`.
    Order {
        /// The order as it stands.
        order: Box<OrderItem>,
        /// The customer had an open order of this kind: the call was linked to it.
        repeat: bool,
    },
    /// To `listOrders`.
    Orders {
        /// Newest first.
        orders: Vec<OrderItem>,
        /// There are more than the limit.
        more: bool,
        /// The kinds of orders of the site.
        kinds: Vec<OrderKindItem>,
    },
    /// To `listNotices`.
    Notices {
        /// Those that begin first before the others.
        notices: Vec<NoticeItem>,
    },
    /// To `showCustomer`, `setCustomer` and `mergeCustomers`.
    Customer {
        /// The customer as it stands; none for a number without one.
        customer: Option<Box<CustomerItem>>,
        /// The card of now, in the form in which it pops with a call.
        card: Box<CustomerCard>,
    },
    /// To `findCustomers`.
    Customers {
        /// In the order in which they were added.
        customers: Vec<CustomerItem>,
        /// There are more than the limit.
        more: bool,
    },
    /// To `readSettings`.
    Settings {
        /// The agents, in the order of the configuration.
        agents: Vec<AgentSetting>,
        /// The queues.
        queues: Vec<QueueItem>,
        /// Names of the event modes, `normal` first.
        modes: Vec<String>,
        /// The one that is in force.
        mode: String,
    },
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
    /// The moment at which the caller hung up, or asked to be called back, ms since 1970.
    pub at_ms: i64,
    /// The number; empty if not known.
    pub caller: String,
    /// The customer's name.
    pub name: Option<String>,
    /// The queue.
    pub queue: String,
    /// The wait before that, ms; none for a number that was put on the list.
    pub wait_ms: Option<u64>,
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
    /// `recording`, `new` or `heard`.
    pub state: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_of_the_schema_has_its_name_in_the_list() {
        let schema = schemars::schema_for!(RecordsRequest).to_value();
        let variants = schema["oneOf"].as_array().expect("one schema a request");
        let names: Vec<&str> =
            variants.iter().filter_map(|each| each["properties"]["request"]["const"].as_str()).collect();
        assert_eq!(names, NAMES);
    }
}
