//! The replies of a site's records.
//!
//! Never: computes a figure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tipring_csta_types::customer_card::CustomerCard;

use super::{
    AbandonedItem, AgentSetting, CustomerCall, CustomerItem, FlowItem, FormItem, LineItem, MessageItem,
    MessageStepItem, NoticeItem, OrderItem, OrderKindItem, QueueSetting, ReasonSetting, RecordingItem, ScoreItem,
    ShiftItem,
};

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
    /// To `watchFigures`, and to requests that change something and are not named elsewhere.
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
    /// To `listShifts`.
    Shifts {
        /// The shifts, the earliest first.
        shifts: Vec<ShiftItem>,
        /// Agents who can be named: those of the site.
        agents: Vec<String>,
    },
    /// To `showMessage`.
    Message {
        /// The message.
        message: MessageItem,
        /// Its steps, oldest first.
        steps: Vec<MessageStepItem>,
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
        /// Notices, those that begin first before the others.
        notices: Vec<NoticeItem>,
        /// The prompts that a notice can have; empty for a user who may not load one.
        prompts: Vec<String>,
        /// The user may load and end notices.
        may_change: bool,
    },
    /// To `loadNotice`.
    Notice {
        /// The notice.
        notice: Box<NoticeItem>,
    },
    /// To `showCustomer`, `setCustomer` and `mergeCustomers`.
    Customer {
        /// The customer as it stands; none for a number without one.
        customer: Option<Box<CustomerItem>>,
        /// The card of now, in the form in which it pops with a call.
        card: Box<CustomerCard>,
        /// The last calls from and to the customer's numbers, newest first, at most 10.
        calls: Vec<CustomerCall>,
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
        queues: Vec<QueueSetting>,
        /// The reasons of *not ready*.
        reasons: Vec<ReasonSetting>,
        /// The strategies that a queue can have.
        strategies: Vec<String>,
        /// Names of the event modes, `normal` first.
        modes: Vec<String>,
        /// The one that is in force.
        mode: String,
    },
    /// To `openTap`.
    Tap {
        /// The tap.
        tap: String,
        /// The call.
        call: i32,
    },
    /// To `readTap`.
    TapSound {
        /// The station's own voice, at 8000 Hz: A-law octets (ITU-T G.711) in base64 (RFC 4648).
        said: String,
        /// The sound that it hears, likewise.
        heard: String,
        /// Samples that were lost before these.
        lost: u64,
        /// No more comes: the conversation is over.
        ended: bool,
    },
    /// To `readFlows`.
    Flows {
        /// The flows, in the order of the configuration.
        flows: Vec<FlowItem>,
    },
    /// To `listLines`.
    Lines {
        /// Trunks, then stations.
        lines: Vec<LineItem>,
    },
}
