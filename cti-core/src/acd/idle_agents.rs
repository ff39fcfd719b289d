//! Agents that become free, and those that no longer are: into and out of the [teams](super::teams) of their queues,
//! with the sort key of the queue's strategy (longest idle, fewest calls, least talk…).
//!
//! An agent not free is in no team and is counted by reason instead.
//!
//! Never: knows who waits.

use tipring_driver::time::Tick;

use super::floor::{Agent, Availability, Floor, Queue, Work};
use super::ids::AgentIx;
use super::rule::Strategy;
use super::teams::Key;
use super::weighted;
use super::why::NotOffered;

impl Floor {
    /// The reason under which an agent who is in no team is counted.
    pub(super) fn away(&self, ix: AgentIx) -> NotOffered {
        match self.availability(ix) {
            Availability::Away(not_offered) => not_offered,
            Availability::Free(_) => NotOffered::Later,
        }
    }

    /// Puts a free agent into the teams of the queues served; counts others by reason.
    pub(super) fn join_teams(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix.0 as usize];
        let free = match agent.availability {
            Availability::Free(since) if agent.offer.is_none() => Some(since),
            _ => None,
        };
        let Some(since) = free else {
            let not_offered = self.away(ix).index();
            for part in &self.agents[ix.0 as usize].profile.queues {
                self.queues[part.queue.0 as usize].tally[not_offered] += 1;
            }
            return;
        };
        for (at, part) in agent.profile.queues.iter().enumerate() {
            let queue = &mut self.queues[part.queue.0 as usize];
            let key = queue.key(ix, agent, at, since);
            agent.keys[at] = Some(key);
            queue.teams.insert(&agent.profile.skills, key, ix);
        }
        self.work.insert(Work::Agent(ix));
    }

    /// Takes an agent out of the teams or the tallies.
    pub(super) fn leave_teams(&mut self, ix: AgentIx) {
        let away = self.away(ix).index();
        let agent = &mut self.agents[ix.0 as usize];
        for (at, part) in agent.profile.queues.iter().enumerate() {
            let queue = &mut self.queues[part.queue.0 as usize];
            match agent.keys[at].take() {
                Some(key) => queue.teams.remove(&agent.profile.skills, key, ix),
                None => queue.tally[away] -= 1,
            }
        }
        self.work.remove(&Work::Agent(ix));
    }
}

impl Queue {
    /// An agent's key in the queue's order.
    fn key(&mut self, ix: AgentIx, agent: &Agent, part: usize, since: Tick) -> Key {
        let membership = &agent.profile.queues[part];
        match self.rules.strategy {
            Strategy::LongestIdle | Strategy::RingAll => (since.0, 0),
            Strategy::RoundRobin => (agent.last_offer[part], since.0),
            Strategy::FewestCalls => (agent.calls, since.0),
            Strategy::LeastTalk => (agent.talk.0, since.0),
            Strategy::FixedOrder => (u64::from(membership.position), since.0),
            Strategy::SkillLevel(skill) => (u64::from(u8::MAX - agent.profile.skills.level(skill)), since.0),
            Strategy::Weighted { seed } => {
                self.draws += 1;
                (self.lots + weighted::draw(seed, self.draws, ix, membership.weight), since.0)
            }
        }
    }
}
