//! The snapshot of a site: everything that it shows of itself, read at one moment from what its threads publish.
//! Status, metrics and health are three forms of it.
//!
//! Never: reads a source; that is [`sources`](super::sources).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alarms::alarm::Alarm;
use super::gauges::{MessagesStatus, PostgresStatus, RecordingsStatus, StoreStatus};
use super::observe::Status;

/// Counters by their names.
pub type Named = BTreeMap<String, u64>;

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Calls, queues, agents and devices.
    #[serde(flatten)]
    pub status: Status,
    /// Ticks since the start, in ms.
    pub ticks: u64,
    /// Ticks that were served late.
    pub late_ticks: u64,
    /// Time since the start, s.
    pub up_s: f64,
    /// The engine, if it is in a process of its own.
    #[serde(default)]
    pub engine: Option<EngineStatus>,
    /// Calls that are left until the site stops; none while it takes new ones.
    pub calls_left: Option<u64>,
    /// The reasons for which the site does not serve, as sentences; none while it does.
    pub not_serving: Vec<String>,
    /// The active alarms, the oldest first.
    pub alarms: Vec<Alarm>,
    /// The last alarms, cleared ones included, the oldest first.
    pub last_alarms: Vec<Alarm>,
    /// The cards.
    pub cards: Vec<CardStatus>,
    /// Lines by group and state.
    pub lines: Vec<LinesStatus>,
    /// Counters of the engine.
    pub media: Named,
    /// The store.
    pub store: StoreStatus,
    /// The replica on PostgreSQL, if there is one.
    #[serde(default)]
    pub postgres: Option<PostgresStatus>,
    /// The recordings.
    pub recordings: RecordingsStatus,
    /// The messages of callers that are not done.
    #[serde(default)]
    pub messages: MessagesStatus,
    /// The clients.
    pub clients: ClientsStatus,
    /// Rings and queues between threads.
    pub queues_between: Vec<FillStatus>,
    /// Times for which the core's and the media thread have stood still, s.
    pub still_s: (f64, f64),
    /// Lines of the log that were lost.
    pub log_lost: u64,
}

/// An engine in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EngineStatus {
    /// Its process.
    pub process: u32,
    /// Time since it was started, s, by its ticks.
    pub up_s: f64,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardStatus {
    /// Its address.
    pub card: String,
    /// True while sound moves on it.
    pub running: bool,
    /// A sentence on its counters.
    pub text: String,
    /// Its counters.
    pub counters: Named,
}

/// The lines of a group in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesStatus {
    /// The trunk group; none for the stations.
    pub group: Option<String>,
    /// The state of the channel.
    pub state: String,
    /// Count of lines.
    pub count: usize,
}

/// The clients of all sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientsStatus {
    /// TSAPI connections now.
    pub tsapi: u64,
    /// TSAPI connections since the start.
    pub tsapi_accepted: u64,
    /// TSAPI connections turned away at a bound, gone without a close, or ended because they did not read.
    pub tsapi_lost: u64,
    /// Requests of TSAPI clients.
    pub tsapi_requests: u64,
    /// Events to TSAPI clients.
    pub tsapi_events: u64,
    /// TSAPI messages that could not be read or have no place.
    pub tsapi_bad: u64,
    /// JSON sockets now.
    pub json: u64,
    /// JSON sessions now, those without a socket included.
    pub json_sessions: u64,
    /// JSON sockets since the start.
    pub json_accepted: u64,
    /// JSON sockets turned away at a bound or dead.
    pub json_lost: u64,
    /// Gaps shown to JSON clients.
    pub json_gaps: u64,
    /// Requests of JSON clients for records.
    pub json_records: u64,
    /// Requests among them that were refused because too many waited.
    pub json_records_refused: u64,
    /// Log-ins refused on all sockets.
    pub bad_logins: u64,
}

/// The fill of a ring or queue between two threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillStatus {
    /// Its name, by the entries it carries: one of a fixed few.
    pub name: String,
    /// Entries waiting.
    pub used: usize,
    /// Entries that find room.
    pub capacity: usize,
    /// Entries refused.
    pub refused: u64,
}
