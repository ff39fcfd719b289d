//! Event modes (应急模式): other rules of queues, more agents, and a notice, prepared for storms and outages and put
//! in force by one command.
//!
//! A mode is a change of the configuration: the site in a mode is a site like any other, checked as a whole and taken
//! over as after a HUP, so that calls go on and those who wait keep their places.
//!
//! Never: puts a mode in force; `cmd::serve` does.

use std::collections::BTreeSet;

use serde::Deserialize;
use tipring_core::csta::DeviceId;

use super::fault::{Fault, Faults, Source, instead};
use super::flows::SiteFlows;
use super::queue::{AnnounceConfig, CallBackConfig, ExitConfig, SkillLevels};
use super::rules::Names;
use super::{Agent, Device, MembershipConfig, SiteConfig};

/// The name under which the site as it is written is in force.
pub const NORMAL: &str = "normal";

/// An event mode.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventModeConfig {
    /// The name.
    pub name: Device,
    /// The name of a prompt that callers hear before they enter a queue.
    #[serde(default)]
    pub notice: Option<String>,
    /// Changes of queues.
    #[serde(rename = "queue", default)]
    pub queues: Vec<QueueChange>,
    /// Changes of agents.
    #[serde(rename = "agent", default)]
    pub agents: Vec<AgentChange>,
}

/// Rules of a queue in a mode; those left out stay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueChange {
    /// The number of the queue.
    pub device: Device,
    /// Conditions for entry, in place of its own.
    #[serde(default)]
    pub gate: Option<Vec<ExitConfig>>,
    /// Ways out while waiting, in place of its own.
    #[serde(default)]
    pub overflow: Option<Vec<ExitConfig>>,
    /// Announcements to those who wait.
    #[serde(default)]
    pub announce: Option<AnnounceConfig>,
    /// Calling back.
    #[serde(default)]
    pub call_back: Option<CallBackConfig>,
    /// The longest wait, in s.
    #[serde(default)]
    pub longest_wait_s: Option<u32>,
    /// Wrap-up, in s.
    #[serde(default)]
    pub after_call_work_s: Option<u32>,
    /// Head start over the calls of other queues, in s.
    #[serde(default)]
    pub importance_s: Option<u32>,
    /// Skills that each call needs; an empty table for none.
    #[serde(default)]
    pub skills: Option<SkillLevels>,
}

/// Queues that an agent serves in a mode besides the usual ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentChange {
    /// The log-in of an `[[agent]]`; one who serves in modes alone has `queues = []` there.
    pub id: Agent,
    /// Queue memberships; one of a queue that is served anyhow takes the place of the usual one.
    pub queues: Vec<MembershipConfig>,
}

impl SiteConfig {
    /// Returns the event mode of a name.
    pub fn event_mode(&self, name: &str) -> Option<&EventModeConfig> {
        self.event_modes.iter().find(|mode| mode.name.0.as_str() == name)
    }

    /// Returns the site in a mode; that of no name is the site as it is written.
    ///
    /// # Errors
    /// There is no such mode: a sentence with those there are.
    pub fn in_mode(&self, name: Option<&str>) -> Result<SiteConfig, String> {
        let Some(name) = name.filter(|name| *name != NORMAL) else {
            return Ok(SiteConfig { mode: None, ..self.clone() });
        };
        let mode = self.event_mode(name).ok_or_else(|| {
            let names = self.event_modes.iter().map(|mode| mode.name.0.as_str());
            format!("there is no event mode {name}; {}", instead(name, names.chain([NORMAL])))
        })?;
        let mut site = SiteConfig { mode: Some(mode.clone()), ..self.clone() };
        for change in &mode.queues {
            let Some(queue) = site.queues.iter_mut().find(|queue| queue.device == change.device) else { continue };
            let QueueChange { gate, overflow, announce, call_back, skills, .. } = change.clone();
            replace(&mut queue.gate, gate);
            replace(&mut queue.overflow, overflow);
            replace(&mut queue.skills, skills);
            replace(&mut queue.after_call_work_s, change.after_call_work_s);
            replace(&mut queue.importance_s, change.importance_s);
            queue.announce = announce.or(queue.announce.take());
            queue.call_back = call_back.or(queue.call_back.take());
            queue.longest_wait_s = change.longest_wait_s.or(queue.longest_wait_s);
        }
        for change in &mode.agents {
            let Some(agent) = site.agents.iter_mut().find(|agent| agent.id == change.id) else { continue };
            agent.queues.retain(|part| change.queues.iter().all(|other| other.queue() != part.queue()));
            agent.queues.extend(&change.queues);
        }
        Ok(site)
    }
}

fn replace<T>(value: &mut T, other: Option<T>) {
    if let Some(other) = other {
        *value = other;
    }
}

/// Names that are not there or stand there twice, and faults in each mode that the site as it is written has not.
pub(super) fn check_modes(site: &SiteConfig, faults: &mut Faults<'_>) {
    let mut names = BTreeSet::new();
    for (index, mode) in site.event_modes.iter().enumerate() {
        let name = mode.name.0.as_str();
        let mut add =
            |key, text: String| faults.add(("event_mode", Some(index), key), format!("the event mode {name}: {text}"));
        if name == NORMAL {
            add("name", format!("{NORMAL} is the site as it is written; give the mode another name"));
        } else if !names.insert(name) {
            add("name", "it stands there twice; give this one another name".into());
        }
        for change in &mode.queues {
            if site.queues.iter().all(|queue| queue.device != change.device) {
                let known = instead(change.device.0.as_str(), site.queues.iter().map(|queue| queue.device.0.as_str()));
                add("queue", format!("there is no queue {}; {known}", change.device.0));
            }
        }
        for change in &mode.agents {
            if site.agents.iter().all(|agent| agent.id != change.id) {
                let known = instead(change.id.0.as_str(), site.agents.iter().map(|agent| agent.id.0.as_str()));
                add("agent", format!("there is no agent {}; {known}", change.id.0));
            }
            for queue in change.queues.iter().map(MembershipConfig::queue) {
                if site.queues.iter().all(|known| known.device != queue) {
                    let known = instead(queue.0.as_str(), site.queues.iter().map(|queue| queue.device.0.as_str()));
                    add("agent", format!("agent {}: there is no queue {}; {known}", change.id.0, queue.0));
                }
            }
        }
        let Ok(in_mode) = site.in_mode(Some(name)) else { continue };
        let (normal, changed) = (Names::new(site), Names::new(&in_mode));
        for (before, queue) in site.queues.iter().zip(&in_mode.queues) {
            let known = normal.faults(before);
            for (key, why) in changed.faults(queue).into_iter().filter(|fault| !known.contains(fault)) {
                add("queue", format!("the queue {}, {key}: {why}", queue.device.0));
            }
        }
        for (before, agent) in site.agents.iter().zip(&in_mode.agents) {
            let known = normal.agent_faults(before);
            for (key, why) in changed.agent_faults(agent).into_iter().filter(|fault| !known.contains(fault)) {
                add("agent", format!("the agent {}, {key}: {why}", agent.id.0));
            }
        }
    }
}

/// Faults of flows, prompts and phrases in each mode that the site as it is written has not.
pub(super) fn flow_faults(site: &SiteConfig, source: &Source<'_>) -> Vec<Fault> {
    let known: Vec<String> =
        SiteFlows::read(site).err().unwrap_or_default().into_iter().map(|fault| fault.text).collect();
    let mut faults = Faults::new(source);
    for (index, mode) in site.event_modes.iter().enumerate() {
        let Ok(in_mode) = site.in_mode(Some(mode.name.0.as_str())) else { continue };
        for fault in SiteFlows::read(&in_mode).err().unwrap_or_default() {
            if !known.contains(&fault.text) {
                let text = format!("the event mode {}: {}", mode.name.0, fault.text);
                faults.add(("event_mode", Some(index), "notice"), text);
            }
        }
    }
    faults.sorted()
}

/// Returns true if an agent has queues in a mode.
pub(super) fn serves_in_a_mode(site: &SiteConfig, agent: Agent) -> bool {
    let changes = site.event_modes.iter().flat_map(|mode| &mode.agents);
    changes.filter(|change| change.id == agent).any(|change| !change.queues.is_empty())
}

/// The name of a mode as the core's log has it.
pub fn log_name(site: &SiteConfig) -> DeviceId {
    site.mode.as_ref().map_or_else(DeviceId::default, |mode| mode.name.0)
}

#[cfg(test)]
mod tests;
