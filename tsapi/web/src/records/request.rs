//! The requests for a site's records.
//!
//! Never: takes a name that the table [`REQUESTS`] does not have.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::changes::List;

use super::{AgentSetting, CustomerFields, NewNotice, NewOrder, OrderStep, Pin, QueueSetting, ReasonSetting};

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
        /// Recordings without a score of inspection only.
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
    /// A message with its steps.
    ShowMessage {
        /// The message's number.
        message: String,
    },
    /// The shifts that run and those that begin within a day, with the people who lead them.
    ListShifts,
    /// Names the principal of a shift, its deputy, or both; who is not named stays. For users with `review` for every
    /// device; each naming is on record.
    LeadShift {
        /// The shift.
        shift: String,
        /// Its begin, ms since 1970, as listed.
        begin_ms: i64,
        /// The agent who is to be principal.
        #[serde(default)]
        principal: Option<String>,
        /// The agent who is to be deputy.
        #[serde(default)]
        deputy: Option<String>,
    },
    /// Has the live figures of the queues that the user may observe sent now and whenever they change.
    WatchFigures,
    /// Takes a step of a message; the user is on record with it.
    MarkMessage {
        /// The message's number.
        message: String,
        /// The step.
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
        /// Orders one of whose limits has passed.
        #[serde(default)]
        late: bool,
        /// Filed ones as well.
        #[serde(default)]
        filed: bool,
        /// Most rows, from 1 to 1000.
        #[serde(default = "usual_rows")]
        limit: u32,
        /// The list stays open: `changed` says when to ask for it again, until another one is opened so.
        #[serde(default)]
        watch: bool,
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
    ListNotices {
        /// Notices about the caller of this number alone, by the number and by the region of its customer.
        #[serde(default)]
        number: Option<String>,
        /// The list stays open: `changed` says when to ask for it again.
        #[serde(default)]
        watch: bool,
    },
    /// Loads a notice; a site that runs plays it within seconds of its begin. This and the next need `administer` or
    /// `review` for every device.
    LoadNotice {
        /// The notice.
        notice: NewNotice,
    },
    /// Ends a notice before its time.
    EndNotice {
        /// Its number.
        notice: i64,
    },
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
    /// The site's own settings, as its configuration is written. This and the following need `administer` for every
    /// device. A change of the configuration is checked, written with all comments, and taken over at once; calls go
    /// on.
    ReadSettings,
    /// Changes an agent.
    SetAgent {
        /// The agent, who must be there.
        setting: AgentSetting,
    },
    /// Adds an agent with a PIN.
    AddAgent {
        /// The agent, who must not be there.
        setting: AgentSetting,
        /// The PIN.
        pin: Pin,
    },
    /// Gives an agent another PIN; it holds at once.
    SetPin {
        /// The agent.
        agent: String,
        /// The PIN.
        pin: Pin,
    },
    /// Changes a queue.
    SetQueue {
        /// The queue, which must be there.
        setting: QueueSetting,
    },
    /// Puts reasons of *not ready* in place of those there are.
    SetReasons {
        /// The reasons.
        reasons: Vec<ReasonSetting>,
    },
    /// Begins to listen to the conversation at a station; for those with `supervise` for it. An audit record is kept.
    /// The tap ends with the conversation, and when it is not read for 10 s.
    OpenTap {
        /// The station.
        station: String,
    },
    /// The sound of a tap since the last time; what is older than 2 s is lost.
    ReadTap {
        /// The tap.
        tap: String,
    },
    /// Ends a tap.
    CloseTap {
        /// The tap.
        tap: String,
    },
    /// The flows of the site, for pictures.
    ReadFlows,
    /// The lines of the site with their states.
    ListLines,
    /// Blocks a trunk for calls out, or ends that; its call goes on, and callers are still answered.
    BlockTrunk {
        /// The trunk.
        trunk: String,
        /// It is to be blocked.
        blocked: bool,
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

/// A step of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MarkedState {
    /// It is the user's from now on; a message of another person can be taken over by those who see all messages.
    Taken,
    /// It was listened to.
    Heard,
    /// Its caller was called back. An answered call out to the caller's number is a step by itself.
    CalledBack,
    /// Nothing is left to be done.
    Done,
    /// It was done by mistake, or there is more to do.
    Reopened,
}

/// The way of a request to the records: a slow one waits for its like alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Read in a moment, while a customer waits.
    Desk,
    /// Changes something: the disk has it before the reply comes.
    Acts,
    /// Reads much: a report, a search, a whole recording, the files of the configuration.
    Reports,
}

/// The requests with the lane of each. Those that change something are acts.
const REQUESTS: &[(&str, Lane)] = &[
    ("listRecordings", Lane::Reports),
    ("openRecording", Lane::Reports),
    ("readSound", Lane::Desk),
    ("listForms", Lane::Desk),
    ("scoreRecording", Lane::Acts),
    ("listScores", Lane::Reports),
    ("stepScore", Lane::Acts),
    ("reportDay", Lane::Reports),
    ("listAbandoned", Lane::Reports),
    ("requestCallBack", Lane::Acts),
    ("listMessages", Lane::Desk),
    ("showMessage", Lane::Desk),
    ("listShifts", Lane::Desk),
    ("leadShift", Lane::Acts),
    ("watchFigures", Lane::Desk),
    ("markMessage", Lane::Acts),
    ("createOrder", Lane::Acts),
    ("listOrders", Lane::Desk),
    ("stepOrder", Lane::Acts),
    ("listNotices", Lane::Desk),
    ("loadNotice", Lane::Acts),
    ("endNotice", Lane::Acts),
    ("showCustomer", Lane::Desk),
    ("findCustomers", Lane::Desk),
    ("setCustomer", Lane::Acts),
    ("mergeCustomers", Lane::Acts),
    ("readSettings", Lane::Reports),
    ("setAgent", Lane::Acts),
    ("addAgent", Lane::Acts),
    ("setPin", Lane::Acts),
    ("setQueue", Lane::Acts),
    ("setReasons", Lane::Acts),
    ("openTap", Lane::Desk),
    ("readTap", Lane::Desk),
    ("closeTap", Lane::Desk),
    ("readFlows", Lane::Reports),
    ("listLines", Lane::Desk),
    ("blockTrunk", Lane::Acts),
    ("setEventMode", Lane::Acts),
];

impl RecordsRequest {
    /// Returns true if a request of this name is one for the records.
    pub(crate) fn is_name(name: &str) -> bool {
        REQUESTS.iter().any(|(known, _)| *known == name)
    }

    /// Returns the lane of the request. The reply to an act is numbered.
    pub(crate) fn lane(&self) -> Lane {
        let written = serde_json::to_value(self).expect("text and numbers");
        let row = REQUESTS.iter().find(|(name, _)| written["request"] == *name);
        row.map_or(Lane::Reports, |(_, lane)| *lane)
    }

    /// Returns the list that it opens.
    pub(crate) fn opens(&self) -> Option<List> {
        match self {
            RecordsRequest::ListOrders { number, watch: true, .. } => Some(List::Orders(number.clone())),
            RecordsRequest::ListNotices { watch: true, .. } => Some(List::Notices),
            _ => None,
        }
    }

    /// The names of all requests.
    #[cfg(test)]
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        REQUESTS.iter().map(|(name, _)| *name)
    }

    /// The names of the requests that change something.
    #[cfg(test)]
    pub(crate) fn acts() -> Vec<&'static str> {
        REQUESTS.iter().filter(|(_, lane)| *lane == Lane::Acts).map(|(name, _)| *name).collect()
    }
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
        assert_eq!(names, REQUESTS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let act = RecordsRequest::EndNotice { notice: 1 };
        assert_eq!((act.lane(), RecordsRequest::ListForms.lane()), (Lane::Acts, Lane::Desk));
    }
}
