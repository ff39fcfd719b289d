//! Agents, their queue memberships, and callers known by their numbers.
//!
//! Never: knows which queues there are.

use serde::Deserialize;
use tipring_core::acd::callers::CallerSet;
use tipring_core::config as core;

use super::queue::{SkillLevels, seconds};
use super::{Agent, Device};

/// An agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// The login.
    pub id: Agent,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The queues the agent serves.
    pub queues: Vec<MembershipConfig>,
    /// Skills with levels.
    #[serde(default)]
    pub skills: SkillLevels,
    /// The prompt that opens the agent's conversations, by its name in the folder of prompts.
    #[serde(default)]
    pub greeting: Option<String>,
}

/// Callers known by their numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerConfig {
    /// Their numbers; with `*` at the end, all that begin so.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Callers that the file of customers has as VIP.
    #[serde(default)]
    pub vip: bool,
    /// Head start over other callers, in s.
    #[serde(default)]
    pub ahead_s: u32,
    /// The agent who owns their accounts.
    #[serde(default)]
    pub owner: Option<Agent>,
}

impl CallerConfig {
    /// The core's rules, one for each number, and one for VIP customers.
    pub fn rules(&self) -> impl Iterator<Item = core::CallerConfig> + '_ {
        let sets = self.numbers.iter().cloned().map(CallerSet::Number).chain(self.vip.then_some(CallerSet::Vip));
        sets.map(|callers| core::CallerConfig {
            callers,
            credit: seconds(self.ahead_s),
            owner: self.owner.map(|owner| owner.0),
        })
    }
}

/// An agent's membership in a queue: its number, or a table.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "the number of a queue, or { queue, reserve_s, position, weight }")]
pub enum MembershipConfig {
    /// A membership with the usual terms.
    Equal(Device),
    /// A membership with its own terms.
    Own(OwnMembership),
}

/// A membership with its own terms.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnMembership {
    /// The queue.
    pub queue: Device,
    /// Wait that a call of this queue must be ahead by to be preferred, in s.
    #[serde(default)]
    pub reserve_s: u32,
    /// Place in the fixed order, the lowest first.
    #[serde(default)]
    pub position: u16,
    /// Weight of the lots.
    #[serde(default = "one")]
    pub weight: u16,
}

fn one() -> u16 {
    1
}

impl MembershipConfig {
    /// The queue.
    pub const fn queue(&self) -> Device {
        match self {
            MembershipConfig::Equal(queue) => *queue,
            MembershipConfig::Own(part) => part.queue,
        }
    }

    /// The membership in the core's terms.
    pub fn membership(&self) -> core::MembershipConfig {
        match *self {
            MembershipConfig::Equal(queue) => core::MembershipConfig::equal(queue.0),
            MembershipConfig::Own(OwnMembership { queue, reserve_s, position, weight }) => {
                core::MembershipConfig { queue: queue.0, reserve: seconds(reserve_s), position, weight }
            }
        }
    }
}
