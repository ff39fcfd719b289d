//! Free agents in a queue's order: a team holds those with equal skills, sorted by the strategy's key.
//!
//! Never: knows who waits.

use std::collections::BTreeSet;

use super::ids::{AgentIx, Skills};

/// Free agents with equal skills, by the order of the queue's strategy.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Team {
    pub skills: Skills,
    pub free: BTreeSet<(Key, AgentIx)>,
}

/// An agent's place in a strategy's order, the lowest first.
pub(super) type Key = (u64, u64);

/// The free agents of a queue, apart by skills.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Teams(Vec<Team>);

impl Teams {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Team> {
        self.0.iter()
    }

    pub(super) fn insert(&mut self, skills: &Skills, key: Key, agent: AgentIx) {
        let at = self.0.iter().position(|team| team.skills == *skills).unwrap_or_else(|| {
            self.0.push(Team { skills: skills.clone(), free: Default::default() });
            self.0.len() - 1
        });
        self.0[at].free.insert((key, agent));
    }

    pub(super) fn remove(&mut self, skills: &Skills, key: Key, agent: AgentIx) {
        if let Some(team) = self.0.iter_mut().find(|team| team.skills == *skills) {
            team.free.remove(&(key, agent));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|team| team.free.len()).sum()
    }
}
