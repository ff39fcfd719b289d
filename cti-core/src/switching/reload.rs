//! Queues, agents and callers, replaced while the site runs.
//!
//! | change | effect |
//! |---|---|
//! | rules and settings of a queue | in force at once; callers keep their places, offers that ring their lease |
//! | a queue more | there at once |
//! | a queue less | it stays, with the agents who served it, until the next start |
//! | name, skills, memberships of an agent | in force at once; a call and an offer go on |
//! | name and limit of a reason | in force at once; a break counts from its begin |
//! | an agent more | may log on |
//! | an agent less | offered no call any more, logged off when call and work have ended |
//!
//! Never: changes anything if there is a fault.

use crate::acd;
use crate::acd::callers::CallerRule;
use crate::acd::floor::AgentProfile;
use crate::acd::ids::{AgentIx, Reason, Skills};
use crate::acd::rule::{OVERFLOW_MAX, QueueMembership, QueueRules};
use crate::agent::{AgentRequest, Doer, Presence, Reasons};
use crate::config::{AcdConfig, AgentConfig, ConfigError, MembershipConfig, QueueConfig};
use crate::core::{Core, QueueSettings};
use crate::csta::DeviceId;
use crate::device::{Device, QueueIx};
use crate::flow::book::FlowBook;
use crate::input::Input;
use crate::route::target::Target;

/// Queues and agents that have been found to be without fault.
struct Plan {
    /// Of each queue: its place in this core, and its rules with the places of this core.
    queues: Vec<(QueueIx, QueueRules)>,
    /// Of each agent: skills and memberships.
    profiles: Vec<AgentProfile>,
}

impl Core {
    /// Replaces queues, agents, callers and flows. Calls go on.
    ///
    /// # Errors
    ///
    /// If the configuration contradicts itself or the devices of the site; nothing has changed then.
    pub fn handle_acd_config(&mut self, acd: &AcdConfig, flows: FlowBook) -> Result<(), ConfigError> {
        self.begin_entry(|| Input::AcdConfig(Box::new((acd.clone(), flows.clone()))));
        let plan = self.plan(acd, &flows)?;
        self.set_flows(flows);
        for (queue, (ix, rules)) in acd.queues.iter().zip(plan.queues) {
            let settings = QueueSettings::new(queue, None, self.times.queue_stay);
            match self.queues.get_mut(usize::from(ix.0)) {
                Some(known) => {
                    *known = settings;
                    self.floor.set_rules(ix, rules, self.now);
                }
                None => {
                    self.devices.add_queue(queue.device);
                    self.dial_plan.add_queue(&queue.device, ix);
                    self.queues.push(settings);
                    self.floor.add_queue(rules);
                }
            }
        }
        for (agent, profile) in acd.agents.iter().zip(plan.profiles) {
            self.place_agent(agent, profile, acd);
        }
        for queue in &acd.queues {
            let owner = queue.personal.owner.and_then(|owner| self.roster.find(&owner));
            if let Some(Device::Queue(ix)) = self.devices.find(&queue.device) {
                self.queues[usize::from(ix.0)].owner = owner;
            }
        }
        let rules = acd.callers.iter().map(|caller| CallerRule {
            callers: caller.callers.clone(),
            credit: caller.credit,
            owner: caller.owner.and_then(|owner| self.roster.find(&owner)),
        });
        self.callers.set_rules(rules.collect());
        self.set_reasons(Reasons::new(acd.reasons.clone()));
        let stays = |id| acd.agents.iter().any(|agent| agent.id == id);
        let gone = self.roster.iter().filter(|(_, person)| !person.is_removed && !stays(person.id));
        for ix in gone.map(|(ix, _)| ix).collect::<Vec<_>>() {
            self.remove_agent(ix);
        }
        self.commit();
        Ok(())
    }

    /// An agent as the configuration has it now. Memberships in queues that are there no more stay.
    fn place_agent(&mut self, agent: &AgentConfig, mut profile: AgentProfile, acd: &AcdConfig) {
        let known = self.roster.find_any(&agent.id);
        let parts = known.map(|ix| self.floor.profile(ix).queues.clone()).unwrap_or_default();
        for part in parts {
            let id = self.devices.id(Device::Queue(part.queue));
            if acd.queues.iter().all(|queue| queue.device != id) {
                let _ = profile.queues.try_push(part);
            }
        }
        self.roster.place(agent, profile.queues.iter().map(|part| part.queue).collect());
        match known {
            Some(ix) => self.floor.set_profile(ix, profile, self.now),
            None => drop(self.floor.add_agent(profile)),
        }
    }

    fn remove_agent(&mut self, ix: AgentIx) {
        self.roster.remove(ix);
        let nothing = AgentProfile { skills: Skills::NONE, queues: Default::default() };
        self.floor.set_profile(ix, nothing, self.now);
        if self.roster.get(ix).agent.presence() != Presence::LoggedOff {
            // An agent who is not logged off can be logged off, at once or after the call.
            let _ = self.ask_agent(ix, AgentRequest::LogOff(Reason(0)), Doer::System, DeviceId::EMPTY);
        }
    }

    fn plan(&self, acd: &AcdConfig, flows: &FlowBook) -> Result<Plan, ConfigError> {
        let mut places: Vec<QueueIx> = Vec::with_capacity(acd.queues.len());
        let mut next = self.queues.len();
        for (at, queue) in acd.queues.iter().enumerate() {
            let is_twice = acd.queues[..at].iter().any(|other| other.device == queue.device);
            places.push(match self.devices.find(&queue.device) {
                Some(Device::Queue(ix)) if !is_twice => ix,
                None if !is_twice => {
                    next += 1;
                    QueueIx((next - 1) as u16)
                }
                _ => return Err(ConfigError::DeviceTwice(queue.device)),
            });
        }
        let names: Vec<String> =
            self.flow_names.iter().cloned().chain(flows.flows.names().map(str::to_owned)).collect();
        let rules = acd.queues.iter().map(|queue| self.placed_rules(queue, &places, &names));
        let mut profiles = Vec::with_capacity(acd.agents.len());
        for (at, agent) in acd.agents.iter().enumerate() {
            if acd.agents[..at].iter().any(|other| other.id == agent.id) {
                return Err(ConfigError::AgentTwice(agent.id));
            }
            profiles.push(memberships(agent, &acd.queues, &places)?);
        }
        let owners = acd.queues.iter().map(|queue| queue.personal.owner);
        for owner in owners.chain(acd.callers.iter().map(|caller| caller.owner)).flatten() {
            if acd.agents.iter().all(|agent| agent.id != owner) {
                return Err(ConfigError::NoSuchAgent(owner));
            }
        }
        let queues = places.iter().copied().zip(rules.collect::<Result<Vec<_>, _>>()?).collect();
        Ok(Plan { queues, profiles })
    }

    /// The rules of a queue with the places of this core.
    fn placed_rules(
        &self,
        queue: &QueueConfig,
        places: &[QueueIx],
        flows: &[String],
    ) -> Result<QueueRules, ConfigError> {
        let mut rules = queue.rules.clone();
        if let Some(flow) = rules.call_back.as_ref().and_then(|rule| rule.flow) {
            Target::resolve(flow, &self.devices, flows)?;
        }
        let exits = rules.gate.iter_mut().map(|gate| &mut gate.to);
        for exit in exits.chain(rules.overflow.iter_mut().map(|rule| &mut rule.to)) {
            match exit {
                acd::rule::Target::Queue(to) => {
                    *to = *places.get(usize::from(to.0)).ok_or(ConfigError::NoSuchOverflow(queue.device, *to))?;
                }
                acd::rule::Target::To(destination) => drop(Target::resolve(*destination, &self.devices, flows)?),
                _ => {}
            }
        }
        if rules.overflow.len() > OVERFLOW_MAX {
            return Err(ConfigError::TooManyRules(queue.device));
        }
        Ok(rules)
    }
}

/// An agent's skills and queue memberships; of a queue named twice the first one counts.
fn memberships(agent: &AgentConfig, queues: &[QueueConfig], places: &[QueueIx]) -> Result<AgentProfile, ConfigError> {
    let mut profile = AgentProfile { skills: agent.skills.clone(), queues: Default::default() };
    for &MembershipConfig { queue, reserve, position, weight } in &agent.queues {
        let at = queues.iter().position(|known| known.device == queue);
        let place = *at.and_then(|at| places.get(at)).ok_or(ConfigError::NoSuchQueue(agent.id, queue))?;
        if profile.queues.iter().all(|part| part.queue != place) {
            let part = QueueMembership { queue: place, reserve, position, weight };
            profile.queues.try_push(part).map_err(|_| ConfigError::TooManyQueues(agent.id))?;
        }
    }
    Ok(profile)
}
