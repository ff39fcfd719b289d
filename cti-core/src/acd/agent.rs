//! Agents: who they are, what they are doing, and where they sit.
//!
//! ```text
//! Null ─ log in ─► NotReady ⇄ Ready ─ call ends ─► WorkNotReady ─ time or wish ─► Ready
//!   ▲                  └──────── log out ────────────────┘ (not during a call)
//!   └─────────────────────────────┘
//! ```
//!
//! During a call the state stays what it was: the standard has no word for *busy*. What an agent asks to be meanwhile
//! is remembered and comes after the call.
//!
//! Never: decides who gets a call.

use std::collections::BTreeMap;

use arrayvec::ArrayVec;
use tipring_driver::time::Tick;

use crate::call::device::{Device, Devices, QueueIx, StationIx};
use crate::config::{AgentConfig, ConfigError};
use crate::csta::{AgentId, AgentPassword, AgentState, CallId};
use crate::limits::AGENT_QUEUES_MAX;

/// An agent, by place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentIx(pub u16);

/// A person who takes calls.
#[derive(Debug, Clone)]
pub struct Agent {
    /// The login.
    pub id: AgentId,
    /// The password.
    pub password: AgentPassword,
    /// The name.
    pub name: String,
    /// The queues served.
    pub queues: ArrayVec<QueueIx, AGENT_QUEUES_MAX>,
    /// What the agent does.
    pub state: AgentState,
    /// Where the agent is logged on.
    pub station: Option<StationIx>,
    /// The call from a queue that the agent has, be it only ringing.
    pub call: Option<CallId>,
    /// What the agent has asked to be after the call.
    pub after_call: Option<AgentState>,
    /// Since when the agent has had nothing to do: when the last call's work ended, or the agent became ready.
    pub idle_since: Tick,
    /// Whether the agent is among the free ones of the queues served.
    pub is_free: bool,
}

/// All agents.
#[derive(Debug)]
pub struct Agents {
    all: Vec<Agent>,
    by_id: BTreeMap<AgentId, AgentIx>,
}

impl Agents {
    /// The agents of a site, all logged off.
    pub fn new(agents: &[AgentConfig], devices: &Devices) -> Result<Agents, ConfigError> {
        let mut by_id = BTreeMap::new();
        let mut all = Vec::with_capacity(agents.len());
        for (ix, agent) in agents.iter().enumerate() {
            if by_id.insert(agent.id, AgentIx(ix as u16)).is_some() {
                return Err(ConfigError::AgentTwice(agent.id));
            }
            let mut queues = ArrayVec::new();
            for queue in &agent.queues {
                let Some(Device::Queue(queue_ix)) = devices.find(queue) else {
                    return Err(ConfigError::NoSuchQueue(agent.id, *queue));
                };
                if !queues.contains(&queue_ix) {
                    queues.try_push(queue_ix).map_err(|_| ConfigError::TooManyQueues(agent.id))?;
                }
            }
            all.push(Agent {
                id: agent.id,
                password: agent.password,
                name: agent.name.clone(),
                queues,
                state: AgentState::Null,
                station: None,
                call: None,
                after_call: None,
                idle_since: Tick::ZERO,
                is_free: false,
            });
        }
        Ok(Agents { all, by_id })
    }

    /// The agent of that login.
    pub fn find(&self, id: &AgentId) -> Option<AgentIx> {
        self.by_id.get(id).copied()
    }

    /// An agent.
    pub fn get(&self, agent: AgentIx) -> &Agent {
        &self.all[agent.0 as usize]
    }

    /// An agent, to be changed.
    pub fn get_mut(&mut self, agent: AgentIx) -> &mut Agent {
        &mut self.all[agent.0 as usize]
    }

    /// All agents in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = (AgentIx, &Agent)> {
        self.all.iter().enumerate().map(|(ix, agent)| (AgentIx(ix as u16), agent))
    }
}
