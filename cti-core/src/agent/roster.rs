//! The agents of a site: log-ins, names, queues, and the machine of each.
//!
//! Never: decides who is offered a contact.

use std::collections::BTreeMap;

use arrayvec::ArrayVec;

use super::machine::{Agent, AgentRules};
use crate::acd::floor::AgentProfile;
use crate::acd::ids::{AgentIx, QueueIx};
use crate::acd::rule::QueueMembership;
use crate::config::{AgentConfig, ConfigError, MembershipConfig};
use crate::csta::{AgentId, AgentPassword};
use crate::device::{Device, Devices};
use crate::limits::AGENT_QUEUES_MAX;

/// An agent of the site: log-in, password, name, queues, and the state.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct AgentEntry {
    /// The log-in.
    pub id: AgentId,
    /// The password.
    pub password: AgentPassword,
    /// The name.
    pub name: String,
    /// The queues served.
    pub queues: ArrayVec<QueueIx, AGENT_QUEUES_MAX>,
    /// Presence and activity.
    pub agent: Agent,
    /// No longer of the site: may end a call, not log on.
    pub is_removed: bool,
    /// The prompt that opens the agent's conversations, by its name.
    pub greeting: Option<String>,
}

/// All agents.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Roster {
    all: Vec<AgentEntry>,
    by_id: BTreeMap<AgentId, AgentIx>,
    /// The rules for all of them.
    pub rules: AgentRules,
}

impl Roster {
    /// The agents of a site, all logged off.
    ///
    /// # Errors
    ///
    /// If two agents share a log-in, or one serves a queue that does not exist or too many.
    pub fn new(agents: &[AgentConfig], devices: &Devices, rules: AgentRules) -> Result<Roster, ConfigError> {
        let mut by_id = BTreeMap::new();
        let mut all = Vec::with_capacity(agents.len());
        for (ix, agent) in agents.iter().enumerate() {
            if by_id.insert(agent.id, AgentIx(ix as u16)).is_some() {
                return Err(ConfigError::AgentTwice(agent.id));
            }
            let mut queues = ArrayVec::new();
            for part in Roster::profile(agent, devices)?.queues {
                queues.push(part.queue);
            }
            let (id, password, name, greeting) = (agent.id, agent.password, agent.name.clone(), agent.greeting.clone());
            all.push(AgentEntry { id, password, name, queues, agent: Agent::new(), is_removed: false, greeting });
        }
        Ok(Roster { all, by_id, rules })
    }

    /// An agent's skills and queue memberships; of a queue named twice the first one counts.
    ///
    /// # Errors
    ///
    /// If a queue does not exist, or there are too many.
    pub fn profile(agent: &AgentConfig, devices: &Devices) -> Result<AgentProfile, ConfigError> {
        let mut queues: ArrayVec<QueueMembership, AGENT_QUEUES_MAX> = ArrayVec::new();
        for part in &agent.queues {
            let Some(Device::Queue(queue)) = devices.find(&part.queue) else {
                return Err(ConfigError::NoSuchQueue(agent.id, part.queue));
            };
            let MembershipConfig { reserve, position, weight, .. } = *part;
            if queues.iter().all(|other| other.queue != queue) {
                let membership = QueueMembership { queue, reserve, position, weight };
                queues.try_push(membership).map_err(|_| ConfigError::TooManyQueues(agent.id))?;
            }
        }
        Ok(AgentProfile { skills: agent.skills.clone(), queues })
    }

    /// The agent of that log-in.
    pub fn find(&self, id: &AgentId) -> Option<AgentIx> {
        self.find_any(id).filter(|&ix| !self.get(ix).is_removed)
    }

    /// The agent who has or had that log-in.
    pub fn find_any(&self, id: &AgentId) -> Option<AgentIx> {
        self.by_id.get(id).copied()
    }

    /// An agent as the configuration has it now: a new one, or one known by the log-in.
    pub fn place(&mut self, agent: &AgentConfig, queues: ArrayVec<QueueIx, AGENT_QUEUES_MAX>) {
        let (id, password, name, greeting) = (agent.id, agent.password, agent.name.clone(), agent.greeting.clone());
        match self.find_any(&id) {
            Some(ix) => {
                let person = &mut self.all[usize::from(ix.0)];
                (person.password, person.name, person.queues, person.is_removed) = (password, name, queues, false);
                person.greeting = greeting;
            }
            None => {
                self.by_id.insert(id, AgentIx(self.all.len() as u16));
                self.all.push(AgentEntry {
                    id,
                    password,
                    name,
                    queues,
                    agent: Agent::new(),
                    is_removed: false,
                    greeting,
                });
            }
        }
    }

    /// Takes an agent out of the site. A call goes on.
    pub fn remove(&mut self, agent: AgentIx) {
        self.all[usize::from(agent.0)].is_removed = true;
    }

    /// An agent.
    pub fn get(&self, agent: AgentIx) -> &AgentEntry {
        &self.all[usize::from(agent.0)]
    }

    /// An agent's machine with the rules, to be stepped.
    pub fn machine(&mut self, agent: AgentIx) -> (&mut Agent, &AgentRules) {
        (&mut self.all[usize::from(agent.0)].agent, &self.rules)
    }

    /// All agents in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = (AgentIx, &AgentEntry)> {
        self.all.iter().enumerate().map(|(ix, person)| (AgentIx(ix as u16), person))
    }
}
