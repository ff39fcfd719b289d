//! The site of a simulated day: lines, agents and queues in number, and the people's habits.
//!
//! Never: draws a number.

use tipring_core::acd::rule::{CallBackRule, Condition, Overflow, QueueRules, Target};
use tipring_core::config::{
    AgentConfig, Config, Destination, MembershipConfig, QueueConfig, QueueSound, StationConfig, StationKind,
    TrunkConfig, UserConfig,
};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentId, AgentPassword, DeviceId, InvalidId};
use tipring_core::shift::Shift;
use tipring_core::time::Ticks;
use tipring_driver::ids::ChannelId;

/// 2026-01-05 00:00 UTC, a Monday: tick 0 of a simulated day.
pub const EPOCH_MS: u64 = 1_767_571_200_000;
/// The business days: one that ends an hour after the begin, so that the callers of a short day are late, too, and one
/// of the usual hours a day for what comes after it.
pub fn business_days() -> Vec<(u64, u64)> {
    const HOUR_MS: u64 = 3_600_000;
    let usual = (1..=45)
        .map(|day| EPOCH_MS + day * 24 * HOUR_MS)
        .map(|midnight| (midnight + 8 * HOUR_MS, midnight + 18 * HOUR_MS));
    std::iter::once((EPOCH_MS, EPOCH_MS + HOUR_MS)).chain(usual).collect()
}

/// A shift of an hour of the day, counted from 0.
pub fn shift(hour: u64) -> Shift {
    const HOUR_MS: i64 = 3_600_000;
    let begin_ms = EPOCH_MS as i64 + hour as i64 * HOUR_MS;
    Shift { begin_ms, end_ms: begin_ms + HOUR_MS, name: format!("hour-{hour}") }
}

/// The log-in of the one client of the day.
pub const LOGIN: &str = "day";
/// The password of its agents.
pub const PASSWORD: &str = "day";

/// The habits of callers and agents. Means are of exponential distributions unless said otherwise, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habits {
    /// Callers an hour (Poisson).
    pub callers: f64,
    /// Mean talk.
    pub talk: f64,
    /// Mean patience of a caller; infinite for callers who never hang up.
    pub patience: f64,
    /// After-call work, a constant, set by the queue.
    pub work: u64,
    /// Mean time to lift a telephone that rings, beyond half a second; 0 for at once.
    pub lift: f64,
    /// Share of offers that an agent misses.
    pub misses: f64,
    /// Share of calls held once.
    pub holds: f64,
    /// Mean hold.
    pub hold: f64,
    /// Share of talks in which a colleague is consulted: a half are transferred, a half become conferences.
    pub consults: f64,
    /// Share of ringing telephones whose call a colleague picks up.
    pub pickups: f64,
    /// Mean time between breaks; infinite for agents without breaks.
    pub between_breaks: f64,
    /// Mean break.
    pub pause: f64,
    /// Share of calls that the caller ends.
    pub caller_ends: f64,
    /// Share of callers whose patience is over who leave a request to be called back, where they can.
    pub call_backs: f64,
    /// Share of customers who answer when they are called back; the others are busy or not there, by halves.
    pub reachable: f64,
    /// Share of callers who gave up who are put on the list to be called back.
    pub returns: f64,
}

impl Habits {
    /// A usual day: calls of 3 min, 20 s of work, callers who wait 2 min; a load of 85 % for that number of agents.
    pub fn usual(agents: u16) -> Habits {
        let (talk, work) = (180.0, 20.0);
        Habits {
            callers: 0.85 * f64::from(agents) * 3600.0 / (talk + work),
            talk,
            patience: 120.0,
            work: work as u64,
            lift: 4.0,
            misses: 0.02,
            holds: 0.1,
            hold: 25.0,
            consults: 0.12,
            pickups: 0.05,
            between_breaks: 5400.0,
            pause: 600.0,
            caller_ends: 0.7,
            call_backs: 0.5,
            reachable: 0.6,
            returns: 0.7,
        }
    }

    /// The assumptions of Erlang's formulas: agents answer at once and never rest, there is no work after calls.
    pub fn of_erlang(callers: f64, talk: f64, patience: f64) -> Habits {
        let never = f64::INFINITY;
        Habits {
            callers,
            talk,
            patience,
            work: 0,
            lift: 0.0,
            misses: 0.0,
            holds: 0.0,
            hold: 0.0,
            consults: 0.0,
            pickups: 0.0,
            between_breaks: never,
            pause: 0.0,
            caller_ends: 1.0,
            call_backs: 0.0,
            reachable: 0.0,
            returns: 0.0,
        }
    }
}

/// The queues of a day: hotline, billing, complaints.
pub const QUEUES: [(&str, &str); 3] = [("5000", "hotline"), ("5001", "billing"), ("5002", "complaints")];

/// The core's configuration. Each trunk belongs to one of the queues: of four, two to the first and one to each other,
/// by the number that is dialled. Every agent serves the first queue, and each second one the others too; with one
/// queue alone all trunks and agents are its.
///
/// # Errors
/// A name is too long.
pub fn config(lines: u16, agents: u16, queues: usize, habits: &Habits) -> Result<Config, InvalidId> {
    let queue_ids = QUEUES[..queues].iter().map(|(number, _)| DeviceId::new(number)).collect::<Result<Vec<_>, _>>()?;
    let of_line = |n: u16| if queues == 1 { 0 } else { [0, 1, 0, 2][usize::from(n % 4)] };
    let trunk = |n: u16| {
        Ok(TrunkConfig {
            channel: ChannelId(n),
            device: DeviceId::new(&format!("T{}", n + 1))?,
            number: DeviceId::new(["95598", "95599", "12345"][of_line(n)])?,
            entry: Destination::Queue(queue_ids[of_line(n)]),
            fax: None,
        })
    };
    let station = |n: u16| {
        Ok(StationConfig {
            channel: ChannelId(lines + n),
            device: DeviceId::new(&extension(n))?,
            kind: StationKind::Handset,
            pickup_group: Some(1),
        })
    };
    let parts: Vec<MembershipConfig> = queue_ids.iter().copied().map(MembershipConfig::equal).collect();
    let agent = |n: u16| {
        Ok(AgentConfig {
            id: AgentId::new(&agent_id(n))?,
            password: AgentPassword::new(PASSWORD)?,
            name: format!("Agent {n}"),
            queues: if n.is_multiple_of(2) { vec![parts[0]] } else { parts.clone() },
            skills: Default::default(),
            greeting: None,
        })
    };
    let queue = |(number, name): &(&str, &str)| {
        Ok(QueueConfig {
            device: DeviceId::new(number)?,
            name: (*name).to_owned(),
            rules: rules(),
            personal: Default::default(),
            longest_wait: None,
            after_call_work: Ticks::from_secs(habits.work),
            sound: QueueSound::Ringback,
            announces_agent: false,
        })
    };
    Ok(Config {
        epoch_ms: EPOCH_MS,
        trunks: (0..lines).map(trunk).collect::<Result<_, _>>()?,
        stations: (0..agents).map(station).collect::<Result<_, _>>()?,
        agents: (0..agents).map(agent).collect::<Result<_, _>>()?,
        queues: QUEUES[..queues].iter().map(queue).collect::<Result<_, _>>()?,
        users: vec![UserConfig { login: LOGIN.into(), rights: Rights::everything() }],
        ..Config::default()
    })
}

/// A telephone rings for 15 s; after 20 s of waiting a call-back is offered.
fn rules() -> QueueRules {
    let offer = Overflow { after: Ticks::from_secs(20), every: None, when: Condition::Always, to: Target::CallBack };
    QueueRules {
        lease: Ticks::from_secs(15),
        overflow: vec![offer],
        call_back: Some(CallBackRule::default()),
        ..QueueRules::default()
    }
}

/// The extension of an agent's telephone.
pub fn extension(n: u16) -> String {
    format!("{}", 1000 + n)
}

/// An agent's log-in.
pub fn agent_id(n: u16) -> String {
    format!("{}", 7000 + n)
}
