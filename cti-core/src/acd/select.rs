//! Who gets whom: of the free agents the one idle longest, of the calls the one that waits longest.
//!
//! Ties between agents idle since the same tick go to the one first in the configuration. Pure.

use std::collections::BTreeSet;

use tipring_driver::time::Tick;

use super::agent::{Agent, AgentIx};
use super::queue::Queue;
use crate::call::model::Place;
use crate::csta::CallId;

/// The free agents of a queue, by how long they have been idle.
#[derive(Debug, Default)]
pub struct Pool(BTreeSet<(Tick, AgentIx)>);

impl Pool {
    /// An agent is free, having been idle since `idle_since`.
    pub fn insert(&mut self, idle_since: Tick, agent: AgentIx) {
        self.0.insert((idle_since, agent));
    }

    /// An agent is not free any more.
    pub fn remove(&mut self, idle_since: Tick, agent: AgentIx) {
        self.0.remove(&(idle_since, agent));
    }

    /// The agent idle longest.
    pub fn longest_idle(&self) -> Option<AgentIx> {
        self.0.first().map(|&(_, agent)| agent)
    }

    /// How many are free.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is free.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of the calls in the queues that an agent serves, the one that was queued first.
pub fn longest_waiting(agent: &Agent, queues: &[Queue]) -> Option<(Place, CallId)> {
    agent
        .queues
        .iter()
        .filter_map(|&queue| {
            let (order, call) = queues.get(queue.0 as usize)?.head()?;
            Some((Place { order, queue }, call))
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_idle_longest_comes_first_and_ties_go_by_order() {
        let mut pool = Pool::default();
        pool.insert(Tick(20), AgentIx(0));
        pool.insert(Tick(10), AgentIx(2));
        pool.insert(Tick(10), AgentIx(1));
        assert_eq!(pool.longest_idle(), Some(AgentIx(1)));
        pool.remove(Tick(10), AgentIx(1));
        pool.remove(Tick(10), AgentIx(2));
        assert_eq!(pool.longest_idle(), Some(AgentIx(0)));
    }
}
