//! Queues and their rules, as the configuration file has them: names instead of numbers.
//!
//! Never: decides; a rule is carried out by the core.

use core::ops::RangeInclusive;
use std::collections::BTreeMap;

use serde::Deserialize;
use tipring_core::acd::rule::{Announce, CallBackRule, CalledFirst, Condition};
use tipring_core::config::Destination;
use tipring_core::csta::DeviceId;
use tipring_core::report::figures::Limits;
use tipring_driver::time::Ticks;

use super::{Agent, Device, Key, SiteConfig};
use crate::report::computation::Targets;

/// Skills by name, each with a level of 1 (lowest) to 255.
pub type SkillLevels = BTreeMap<String, u8>;

/// A queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueConfig {
    /// Its number.
    pub device: Device,
    /// Its name.
    pub name: String,
    /// Time a telephone alerts before the call returns to the queue, in s.
    #[serde(default = "twenty")]
    pub alert_s: u32,
    /// The longest ringing in rings, in place of seconds.
    #[serde(default)]
    pub alert_rings: Option<u8>,
    /// Wrap-up: time in after-call work after a call, in s.
    #[serde(default = "five")]
    pub after_call_work_s: u32,
    /// Order of the free agents.
    #[serde(default)]
    pub strategy: StrategyName,
    /// The skill that `strategy = "skill-level"` goes by.
    #[serde(default)]
    pub by_skill: Option<String>,
    /// Skills that each call needs, with levels.
    #[serde(default)]
    pub skills: SkillLevels,
    /// Steps by which the needs are relaxed.
    #[serde(default)]
    pub widening: Vec<WideningConfig>,
    /// Head start of this queue's calls over those of other queues, in s.
    #[serde(default)]
    pub importance_s: u32,
    /// Time before a call is offered again to an agent who missed it, in s.
    #[serde(default = "thirty")]
    pub retry_s: u32,
    /// The longest wait, in s; then busy tone.
    #[serde(default)]
    pub longest_wait_s: Option<u32>,
    /// The agent to whom this queue is private, waited for through breaks.
    #[serde(default)]
    pub owner: Option<Agent>,
    /// Time for which the owner, or a caller's own or last agent, is waited for before any other, in s.
    #[serde(default = "twenty")]
    pub preferred_agent_wait_s: u32,
    /// Time for which the agent who served a caller last is remembered, in s; 0 for never.
    #[serde(default)]
    pub last_agent_s: u32,
    /// Mean handling time assumed until the queue has figures of its own, in s.
    #[serde(default = "three_minutes")]
    pub handling_s: u32,
    /// Conditions for entry.
    #[serde(default)]
    pub gate: Vec<ExitConfig>,
    /// Ways out while waiting.
    #[serde(default)]
    pub overflow: Vec<ExitConfig>,
    /// Announcements to those who wait.
    #[serde(default)]
    pub announce: Option<AnnounceConfig>,
    /// Calling back those who ask for it.
    #[serde(default)]
    pub call_back: Option<CallBackConfig>,
    /// Callers hear the digits of the agent's log-in before they talk.
    #[serde(default)]
    pub announce_agent: bool,
    /// The name of the prompt that is repeated for those who wait; ringback tone if left out.
    #[serde(default)]
    pub music: Option<String>,
    /// Wait within which an answer is in time for the service level, in s; that of all queues (20) if left out.
    #[serde(default)]
    pub answer_within_s: Option<u32>,
}

/// Waits within which an answer may be in time, in s.
pub(super) const ANSWER_WITHIN_S: RangeInclusive<u32> = 1..=3600;

impl QueueConfig {
    /// A queue with the usual rules.
    pub fn usual(device: Device, name: &str) -> QueueConfig {
        QueueConfig {
            device,
            name: name.into(),
            alert_s: twenty(),
            alert_rings: None,
            after_call_work_s: five(),
            strategy: StrategyName::default(),
            by_skill: None,
            skills: SkillLevels::new(),
            widening: Vec::new(),
            importance_s: 0,
            retry_s: thirty(),
            longest_wait_s: None,
            owner: None,
            preferred_agent_wait_s: twenty(),
            last_agent_s: 0,
            handling_s: three_minutes(),
            gate: Vec::new(),
            overflow: Vec::new(),
            announce: None,
            call_back: None,
            announce_agent: false,
            music: None,
            answer_within_s: None,
        }
    }
}

impl SiteConfig {
    /// The limits of the service level: those of all queues, and of the queues with their own.
    pub fn targets(&self) -> Targets {
        let mut targets = Targets::default();
        let (usual, formula) = targets.default;
        let own = self.queues.iter().filter_map(|queue| Some((queue.device.0, queue.answer_within_s?)));
        let limits = |within: u32| Limits { in_time: u64::from(within) * 1000, ..usual };
        targets.queues = own.map(|(queue, within)| (queue, (limits(within), formula))).collect();
        targets
    }
}

fn five() -> u32 {
    5
}

fn twenty() -> u32 {
    20
}

fn thirty() -> u32 {
    30
}

fn sixty() -> u32 {
    60
}

fn three_minutes() -> u32 {
    180
}

/// Order of the free agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyName {
    /// Idle longest first.
    #[default]
    LongestIdle,
    /// Last offered longest ago first.
    RoundRobin,
    /// Fewest calls since log-in first.
    FewestCalls,
    /// Least talk time since log-in first.
    LeastTalk,
    /// All at once.
    RingAll,
    /// By the agents' `position`.
    FixedOrder,
    /// By the level of the skill `by_skill`.
    SkillLevel,
    /// By lot, in proportion to the agents' `weight`.
    Weighted,
}

impl StrategyName {
    /// All of them.
    pub const ALL: [StrategyName; 8] = [
        StrategyName::LongestIdle,
        StrategyName::RoundRobin,
        StrategyName::FewestCalls,
        StrategyName::LeastTalk,
        StrategyName::RingAll,
        StrategyName::FixedOrder,
        StrategyName::SkillLevel,
        StrategyName::Weighted,
    ];

    /// Its name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            StrategyName::LongestIdle => "longest-idle",
            StrategyName::RoundRobin => "round-robin",
            StrategyName::FewestCalls => "fewest-calls",
            StrategyName::LeastTalk => "least-talk",
            StrategyName::RingAll => "ring-all",
            StrategyName::FixedOrder => "fixed-order",
            StrategyName::SkillLevel => "skill-level",
            StrategyName::Weighted => "weighted",
        }
    }
}

/// A step of widening.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WideningConfig {
    /// Wait, in s.
    pub after_s: u32,
    /// Levels by which every need is lowered then.
    pub lower: u8,
}

/// Announcements to those who wait.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnounceConfig {
    /// Wait before the first, in s.
    #[serde(default = "twenty")]
    pub first_s: u32,
    /// Interval between two, in s.
    #[serde(default = "sixty")]
    pub every_s: u32,
    /// The place in line is said.
    #[serde(default)]
    pub position: bool,
    /// The expected wait is said, in minutes.
    #[serde(default)]
    pub wait: bool,
    /// The name of a prompt that comes first.
    #[serde(default)]
    pub prompt: Option<String>,
}

impl AnnounceConfig {
    /// The shortest interval, in s: two announcements do not run into one another.
    const EVERY_MIN_S: u32 = 10;

    pub(super) fn check(&self) -> Result<(), String> {
        if self.every_s < Self::EVERY_MIN_S {
            return Err(format!("every_s is at least {}", Self::EVERY_MIN_S));
        }
        match self.speaks_numbers() || self.prompt.is_some() {
            true => Ok(()),
            false => Err("says nothing; add position = true, wait = true or prompt, or leave it out".into()),
        }
    }

    /// Returns true if phrases are needed for it.
    pub const fn speaks_numbers(&self) -> bool {
        self.position || self.wait
    }

    pub(super) fn rule(&self) -> Announce {
        Announce {
            first: seconds(self.first_s),
            every: seconds(self.every_s),
            position: self.position,
            expected: self.wait,
            prompt: self.prompt.clone(),
        }
    }
}

/// The one who is called first to call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstName {
    /// The agent, then the customer.
    #[default]
    Agent,
    /// The customer, with an agent kept for the answer.
    Customer,
}

/// Calling back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallBackConfig {
    /// The one who is called first.
    #[serde(default)]
    pub first: FirstName,
    /// Numbers dialled before a request is given up.
    #[serde(default = "three")]
    pub tries: u8,
    /// Pause between two attempts, in s.
    #[serde(default = "ten_minutes")]
    pub gap_s: u32,
    /// Time the customer's telephone may ring, in s.
    #[serde(default = "sixty")]
    pub ring_s: u32,
    /// The name of the prompt that offers it to those who wait.
    #[serde(default)]
    pub prompt: Option<String>,
    /// The key that accepts it.
    #[serde(default)]
    pub key: Option<Key>,
    /// The name of the prompt that confirms it.
    #[serde(default)]
    pub taken: Option<String>,
    /// The flow to which the key leads instead: it says the number back, takes another one, and leaves the request.
    #[serde(default)]
    pub flow: Option<String>,
    /// The name of the prompt that a customer who is called first hears at the answer.
    #[serde(default)]
    pub answered: Option<String>,
    /// The name of the prompt that tells such a customer that no agent has come yet.
    #[serde(default)]
    pub delayed: Option<String>,
}

impl CallBackConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        let speaks_first = self.answered.is_some() || self.delayed.is_some();
        match (self.tries, self.ring_s) {
            (0, _) => Err("tries is 1 to 255".into()),
            (_, 0..5 | 121..) => Err("ring_s is 5 to 120".into()),
            _ if speaks_first && self.first == FirstName::Agent => {
                Err("answered and delayed are for customers who are called first; add first = \"customer\"".into())
            }
            _ if self.flow.is_some() && self.taken.is_some() => {
                Err("the flow confirms the request; leave taken out".into())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn rule(&self) -> CallBackRule {
        CallBackRule {
            first: match self.first {
                FirstName::Agent => CalledFirst::Agent,
                FirstName::Customer => CalledFirst::Customer,
            },
            flow: self.flow.as_ref().and_then(|flow| DeviceId::new(flow).ok()).map(Destination::Flow),
            answered: self.answered.clone(),
            delayed: self.delayed.clone(),
            tries: self.tries,
            gap: seconds(self.gap_s),
            ring: seconds(self.ring_s),
            prompt: self.prompt.clone(),
            key: self.key.map_or('1', |key| key.0.as_char()),
            taken: self.taken.clone(),
        }
    }
}

fn three() -> u8 {
    3
}

fn ten_minutes() -> u32 {
    600
}

/// A condition with its way out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitConfig {
    /// Wait before an overflow is judged, in s.
    #[serde(default)]
    pub after_s: Option<u32>,
    /// Interval at which it is judged again, in s.
    #[serde(default)]
    pub every_s: Option<u32>,
    /// More calls wait than this.
    #[serde(default)]
    pub depth: Option<u16>,
    /// The expected wait is longer, in s.
    #[serde(default)]
    pub expected_wait_s: Option<u32>,
    /// Calls waiting for each 100 agents logged on are more than this.
    #[serde(default)]
    pub ratio: Option<u16>,
    /// The staff that is missing.
    #[serde(default)]
    pub staff: Option<Staff>,
    /// The destination: the number of a queue or a station, the name of a flow, `"busy"`, or `"call-back"` for the
    /// offer of a call-back.
    pub to: String,
}

/// The lack of staff that a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Staff {
    /// No agent of the queue is logged on.
    NoAgents,
    /// No agent of the queue is ready or at a call.
    NoneReady,
}

pub(super) fn seconds(seconds: u32) -> Ticks {
    Ticks::from_secs(seconds.into())
}

impl ExitConfig {
    /// The condition.
    ///
    /// # Errors
    /// The sentence for the person who wrote two of them.
    pub(super) fn condition(&self) -> Result<Condition, String> {
        let all = [
            self.depth.map(Condition::Depth),
            self.expected_wait_s.map(|wait| Condition::ExpectedWait(seconds(wait))),
            self.ratio.map(Condition::Ratio),
            self.staff.map(|staff| match staff {
                Staff::NoAgents => Condition::NoAgents,
                Staff::NoneReady => Condition::NoneReady,
            }),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (first, None) => Ok(first.unwrap_or(Condition::Always)),
            _ => {
                Err("has more than one condition; write a rule for each of depth, expected_wait_s, ratio, staff".into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;

    #[test]
    fn a_queue_with_a_target_of_its_own_is_counted_against_it_and_the_others_against_the_usual() {
        let site = |seconds: u32| {
            let text = TEMPLATE.replacen("# answer_within_s = 20", &format!("answer_within_s = {seconds}"), 1);
            SiteConfig::parse(&text)
        };
        let queue = DeviceId::new("5000").expect("short");
        let targets = site(45).expect("a site").targets();
        assert_eq!(targets.limits(), [(queue, Limits { in_time: 45_000, ..Limits::default() })].into());
        assert_eq!(targets.default.0, Limits::default());
        assert!(SiteConfig::parse(TEMPLATE).expect("a site").targets().queues.is_empty());
        let why = site(0).expect_err("no wait at all").to_string();
        assert!(why.contains("the queue 5000, answer_within_s: is 1 to 3600"), "{why}");
    }

    #[test]
    fn every_strategy_is_read_by_its_name() {
        for strategy in StrategyName::ALL {
            let read: StrategyName = serde_json::from_value(strategy.name().into()).unwrap();
            assert_eq!(read, strategy);
        }
    }
}
