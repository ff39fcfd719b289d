//! Configuration of a site, as plain data: lines, telephones, agents, queues, and times.
//!
//! Never: reads a file; the program does. [`Core::new`](crate::Core::new) refuses a site that cannot be.

mod outgoing;

use core::fmt;

use tipring_driver::ids::ChannelId;
use tipring_driver::line::Digit;
use tipring_driver::media::RecordingKind;
use tipring_driver::time::Ticks;

use crate::acd::callers::CallerSet;
use crate::acd::ids::{QueueIx, Skills};
use crate::acd::rule::{OVERFLOW_MAX, QueueRules};
use crate::agent::reason::ReasonRule;
use crate::agent::ring_count::RingCadence;
use crate::csta::rights::Rights;
use crate::csta::{AgentId, AgentPassword, CallId, DeviceId};
use crate::flow::book::FlowBook;
use crate::limits::AGENT_QUEUES_MAX;
use crate::number_plan::NumberPlan;
use crate::recording::rules::RecordingRules;
pub use crate::route::destination::Destination;
use crate::route::feature_code::{FeatureCodes, SecondFlash};
use crate::store::call_back::CallBackRecord;

pub use self::outgoing::{DialRule, HuntOrder, RuleHours, TrunkDirection, TrunkGroupConfig};

/// A site.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Config {
    /// Milliseconds since 1970 at tick 0: recordings are named by it.
    pub epoch_ms: u64,
    /// Lines of the exchange.
    pub trunks: Vec<TrunkConfig>,
    /// Trunk groups; trunks that none names are one more.
    pub trunk_groups: Vec<TrunkGroupConfig>,
    /// Telephones.
    pub stations: Vec<StationConfig>,
    /// People.
    pub agents: Vec<AgentConfig>,
    /// Reasons of *not ready*, with their limits.
    pub reasons: Vec<ReasonRule>,
    /// Callers known by their number.
    pub callers: Vec<CallerConfig>,
    /// Queues.
    pub queues: Vec<QueueConfig>,
    /// Flows with the sounds that they name.
    pub flows: FlowBook,
    /// Users that may open a stream, and the devices each may monitor and control.
    pub users: Vec<UserConfig>,
    /// Country and area, by which callers' numbers are compared.
    pub numbers: NumberPlan,
    /// Numbers a station may dial besides extensions and queues.
    pub dial_plan: DialPlanConfig,
    /// Timers of calls.
    pub times: CallTimers,
    /// Places where calls can be parked, by their names.
    pub parking: Vec<DeviceId>,
    /// Key codes of the services of a telephone.
    pub feature_codes: FeatureCodes,
    /// Meaning of a hook flash beside a held call.
    pub second_flash: SecondFlash,
    /// The sound of a party on hold, a prompt of the flow book by its name; silence without one.
    pub hold_music: Option<String>,
    /// The number of this switch in universal call identifiers, 1 to 99,999; 0 counts as 1.
    pub node: u32,
    /// The highest call identifier ever used: identifiers go on from there.
    pub last_call: CallId,
    /// Requests to be called back that were open when the last run ended, oldest first.
    pub call_backs: Vec<CallBackRecord>,
    /// The highest number of such a request ever used.
    pub last_call_back: u64,
    /// The number of the last entry in the log of events: numbers go on from there.
    pub last_entry: u64,
    /// The cadence of the telephones, by which rings are counted.
    pub ring_cadence: RingCadence,
    /// Purpose of recordings of calls with an agent or over a trunk; without it nothing is recorded.
    pub record: Option<RecordingKind>,
    /// Rules by which they are chosen.
    pub record_rules: RecordingRules,
}

/// Queues, agents and callers of a site, which can be replaced while it runs. Rules lead to queues by their places
/// here.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct AcdConfig {
    /// Queues.
    pub queues: Vec<QueueConfig>,
    /// People.
    pub agents: Vec<AgentConfig>,
    /// Callers known by their number.
    pub callers: Vec<CallerConfig>,
    /// Reasons of *not ready*, with their limits.
    pub reasons: Vec<ReasonRule>,
}

/// A line of the exchange.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrunkConfig {
    /// Channel of its port.
    pub channel: ChannelId,
    /// Its name, such as `T1`.
    pub device: DeviceId,
    /// The number by which it is called: the called device of its calls.
    pub number: DeviceId,
    /// Destination of its callers.
    pub entry: Destination,
    /// Station or queue for callers that are fax machines; none to treat them like any caller.
    pub fax: Option<DeviceId>,
}

/// A telephone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StationConfig {
    /// Channel of its port.
    pub channel: ChannelId,
    /// Its extension.
    pub device: DeviceId,
    /// Handset or headset.
    pub kind: StationKind,
    /// The stations of one number pick up each other's calls; none for a station in no group.
    pub pickup_group: Option<u16>,
}

/// Kind of a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StationKind {
    /// Lifted by hand only.
    Handset,
    /// It is off hook all shift and is answered by request, with a short tone before the caller.
    Headset,
}

/// A person who takes calls.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AgentConfig {
    /// The login.
    pub id: AgentId,
    /// The password for CSTASetAgentState.
    pub password: AgentPassword,
    /// The name.
    pub name: String,
    /// Skills with levels.
    pub skills: Skills,
    /// The queues served.
    pub queues: Vec<MembershipConfig>,
    /// The prompt that opens the agent's conversations, by its name in the flow book.
    pub greeting: Option<String>,
}

/// Callers known by their number.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallerConfig {
    /// The callers.
    pub callers: CallerSet,
    /// Head start over callers without: an hour or so for a VIP lane (绿色通道).
    pub credit: Ticks,
    /// The owner of their account.
    pub owner: Option<AgentId>,
}

/// The agent whom a queue's calls wait for before they are offered to any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct PersonalConfig {
    /// The owner of a private queue, waited for through breaks as well.
    pub owner: Option<AgentId>,
    /// Time for which the owner of the queue, the owner of the caller's account, or the last agent is waited for.
    pub hold: Ticks,
    /// Time for which a caller's last agent is remembered; zero for never.
    pub last_agent: Ticks,
}

/// An agent's membership in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MembershipConfig {
    /// The queue.
    pub queue: DeviceId,
    /// Wait that a call of this queue must be ahead by to be preferred to one of a queue with none.
    pub reserve: Ticks,
    /// Place in the fixed order, the lowest first.
    pub position: u16,
    /// Weight of the lots; 0 counts as 1.
    pub weight: u16,
}

impl MembershipConfig {
    /// A membership with the usual terms.
    pub const fn equal(queue: DeviceId) -> MembershipConfig {
        MembershipConfig { queue, reserve: Ticks::ZERO, position: 0, weight: 1 }
    }
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QueueConfig {
    /// Its number.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// Strategy, skills, gates, overflow, announcements, length of an offer.
    pub rules: QueueRules,
    /// The agent a call waits for first.
    pub personal: PersonalConfig,
    /// The longest wait: after it the caller hears busy tone. That of the [`CallTimers`] if none is given.
    pub longest_wait: Option<Ticks>,
    /// Wrap-up: time in after-call work after a call.
    pub after_call_work: Ticks,
    /// Sound for waiting callers.
    pub sound: QueueSound,
    /// Callers hear the digits of the agent's log-in before they talk.
    pub announces_agent: bool,
}

/// Sound for callers in a queue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum QueueSound {
    /// Ringback tone.
    Ringback,
    /// A prompt of the flow book by its name, in the language of the call, repeated; ringback tone if it cannot be
    /// played.
    Prompt(String),
}

/// A user that may open a stream.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UserConfig {
    /// The login.
    pub login: String,
    /// Services granted, each on some devices.
    pub rights: Rights,
}

/// Outgoing numbers of stations.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DialPlanConfig {
    /// The digit before an outside number; none if there are no calls out, or outside numbers are dialled as they are.
    pub outside_line_prefix: Option<Digit>,
    /// Rules for outside numbers; without any, all go out by all trunk groups.
    pub rules: Vec<DialRule>,
    /// Emergency numbers.
    pub emergency: Vec<String>,
}

/// Timers of calls, their durations and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallTimers {
    /// Time a trunk is left ringing for caller ID before it is answered without, unless the line reports earlier that
    /// none will come. Longer than the detection of an abandoned call (8 to 9 s after the first burst began, with the
    /// cadence of North America): a line that does not ring any more must not be answered.
    pub caller_identity: Ticks,
    /// Duration of dial tone before the first digit (first-digit timer).
    pub first_digit: Ticks,
    /// Inter-digit timer, after which a number counts as complete.
    pub next_digit: Ticks,
    /// Time a called station alerts when no queue offers the call.
    pub no_answer: Ticks,
    /// Time a handset is rung to make a call for a client (prompting).
    pub prompting: Ticks,
    /// Duration of busy tone at a handset before its call is cleared.
    pub busy_tone: Ticks,
    /// Duration of busy tone at a headset before its call is cleared.
    pub headset_busy_tone: Ticks,
    /// Duration of the zip tone.
    pub zip: Ticks,
    /// Time on hold before the holding station is recalled.
    pub hold_recall: Ticks,
    /// Time parked before the call returns to the station that parked it.
    pub park_recall: Ticks,
    /// Camp-on: time a caller waits for a busy station before hearing busy tone again.
    pub camp_on: Ticks,
    /// Time in a queue before the caller hears busy tone.
    #[serde(alias = "queue")]
    pub queue_stay: Ticks,
    /// Time for a seized trunk to send the digits.
    pub seizure: Ticks,
    /// Time for the far end of an outgoing call to answer.
    #[serde(alias = "far_end")]
    pub far_end_answer: Ticks,
    /// Time for a routing client to answer before the call goes to its number's own entry.
    #[serde(alias = "route")]
    pub route_answer: Ticks,
}

impl Default for DialPlanConfig {
    fn default() -> DialPlanConfig {
        DialPlanConfig { outside_line_prefix: Digit::new('9'), rules: Vec::new(), emergency: Vec::new() }
    }
}

impl Default for CallTimers {
    fn default() -> CallTimers {
        CallTimers {
            caller_identity: Ticks::from_ms(10_000),
            first_digit: Ticks::from_secs(10),
            next_digit: Ticks::from_secs(4),
            no_answer: Ticks::from_secs(60),
            prompting: Ticks::from_secs(20),
            busy_tone: Ticks::from_secs(60),
            headset_busy_tone: Ticks::from_secs(3),
            zip: Ticks::from_ms(250),
            hold_recall: Ticks::from_secs(180),
            park_recall: Ticks::from_secs(120),
            camp_on: Ticks::from_secs(180),
            queue_stay: Ticks::from_secs(3600),
            seizure: Ticks::from_secs(120),
            far_end_answer: Ticks::from_secs(7200),
            route_answer: Ticks::from_secs(5),
        }
    }
}

/// Fault for which a site is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// Two devices have one name.
    DeviceTwice(DeviceId),
    /// Two devices sit on one channel.
    ChannelTwice(ChannelId),
    /// A device sits on a channel that no card has.
    NoSuchChannel(DeviceId, ChannelId),
    /// A destination that does not exist, or is of the wrong kind.
    NoSuchDestination(DeviceId),
    /// A destination whose flow does not exist.
    NoSuchFlow(DeviceId),
    /// Two agents have one login.
    AgentTwice(AgentId),
    /// An agent serves a queue that does not exist.
    NoSuchQueue(AgentId, DeviceId),
    /// An agent serves too many queues.
    TooManyQueues(AgentId),
    /// A queue or a caller belongs to an agent who does not exist.
    NoSuchAgent(AgentId),
    /// A rule of a queue leads to a queue that does not exist.
    NoSuchOverflow(DeviceId, QueueIx),
    /// A queue has more overflow rules than are carried out.
    TooManyRules(DeviceId),
    /// A trunk group names a trunk that does not exist, or that is in another group.
    NoSuchTrunk(DeviceId),
    /// A rule of the dial plan names a trunk group or a station that does not exist.
    NoSuchDialling(DeviceId),
    /// Two users have one login.
    UserTwice(String),
    /// A device has no name.
    Unnamed(ChannelId),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::DeviceTwice(device) => write!(f, "There are two devices called {device}"),
            ConfigError::ChannelTwice(channel) => write!(f, "Two devices are on {channel}"),
            ConfigError::NoSuchChannel(device, channel) => {
                write!(f, "{device} is on {channel}, but no card has that port")
            }
            ConfigError::NoSuchDestination(device) => {
                write!(f, "Calls are sent to {device}, which is not a queue or station of this site")
            }
            ConfigError::NoSuchFlow(flow) => write!(f, "Calls are sent to the flow {flow}, which does not exist"),
            ConfigError::AgentTwice(agent) => write!(f, "There are two agents called {agent}"),
            ConfigError::NoSuchQueue(agent, queue) => {
                write!(f, "Agent {agent} serves the queue {queue}, which does not exist")
            }
            ConfigError::TooManyQueues(agent) => {
                write!(f, "Agent {agent} serves more than {} queues", AGENT_QUEUES_MAX)
            }
            ConfigError::NoSuchAgent(agent) => write!(f, "Calls are to wait for the agent {agent}, who does not exist"),
            ConfigError::NoSuchOverflow(queue, to) => {
                write!(f, "A rule of the queue {queue} leads to the queue at place {}, which does not exist", to.0)
            }
            ConfigError::TooManyRules(queue) => {
                write!(f, "The queue {queue} has more than {OVERFLOW_MAX} overflow rules")
            }
            ConfigError::NoSuchTrunk(trunk) => {
                write!(f, "A trunk group names {trunk}, which is not a trunk of this site, or is in two groups")
            }
            ConfigError::NoSuchDialling(name) => {
                write!(f, "A rule of the dial plan names {name}, which is no trunk group or station of this site")
            }
            ConfigError::UserTwice(login) => write!(f, "There are two users called {login}"),
            ConfigError::Unnamed(channel) => write!(f, "The device on {channel} has no name"),
        }
    }
}

impl std::error::Error for ConfigError {}
