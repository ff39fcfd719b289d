//! Tests of distribution: stories by sentence, and every property on random floors.

mod overflow;
mod property;
mod story;

use tipring_driver::time::{Tick, Ticks};

use super::decide::{Decision, decide};
use super::floor::{AgentProfile, Availability, Entry, Floor};
use super::ids::{AgentIx, Contact, OfferId, QueueIx, Ringing, SkillIx, Skills};
use super::rule::{QueueMembership, QueueRules};
use super::why::{NotOffered, Why};
use crate::csta::CallId;

const TALK: NotOffered = NotOffered::Talking;

fn call(number: i32) -> Contact {
    Contact::Call(CallId(number))
}

fn secs(seconds: u64) -> Ticks {
    Ticks::from_secs(seconds)
}

fn skills(pairs: &[(u16, u8)]) -> Skills {
    let pairs: Vec<_> = pairs.iter().map(|&(skill, level)| (SkillIx(skill), level)).collect();
    Skills::new(&pairs).expect("few skills")
}

/// A floor on its own clock, with all that has been decided.
struct Site {
    floor: Floor,
    now: Tick,
    whys: Vec<Why>,
}

impl Site {
    /// One queue, agents with equal parts in it, all logged off.
    fn new(rules: QueueRules, agents: usize) -> Site {
        Site::with(vec![rules], vec![vec![QueueMembership::equal(QueueIx(0))]; agents])
    }

    fn with(rules: Vec<QueueRules>, agents: Vec<Vec<QueueMembership>>) -> Site {
        let profile =
            agents.into_iter().map(|parts| AgentProfile { skills: Skills::NONE, queues: parts.into_iter().collect() });
        Site { floor: Floor::new(rules, profile.collect()), now: Tick::ZERO, whys: Vec::new() }
    }

    fn skilled(&mut self, agent: u16, pairs: &[(u16, u8)]) {
        let queues = self.floor.agent(AgentIx(agent)).profile.queues.clone();
        self.floor.set_profile(AgentIx(agent), AgentProfile { skills: skills(pairs), queues }, self.now);
    }

    fn free(&mut self, agent: u16) {
        self.floor.set_agent(AgentIx(agent), Availability::Free(self.now), self.now);
    }

    fn away(&mut self, agent: u16, not_offered: NotOffered) {
        self.floor.set_agent(AgentIx(agent), Availability::Away(not_offered), self.now);
    }

    fn queue(&mut self, contact: Contact) {
        self.floor.call_queued(Entry::new(contact, QueueIx(0)), self.now);
    }

    fn enter(&mut self, entry: Entry) {
        self.floor.call_queued(entry, self.now);
    }

    /// All that is decided at this moment, carried out.
    fn settle(&mut self) -> Vec<Decision> {
        let mut all = Vec::new();
        self.floor.advance(self.now);
        loop {
            let (decision, why) = decide(&self.floor, self.now);
            assert_eq!(decide(&self.floor, self.now), (decision.clone(), why.clone()), "a function of the floor");
            self.floor.accept(&decision, &why, self.now);
            if let Decision::Nothing { .. } = decision {
                return all;
            }
            self.whys.push(why);
            all.push(decision);
            assert!(all.len() < 10_000, "decisions end");
        }
    }

    /// Time passes, with all that falls due in between decided at its own moment.
    fn pass(&mut self, length: Ticks) -> Vec<Decision> {
        let end = self.now + length;
        let mut all = self.settle();
        while let Some(next) = self.floor.next_tick().filter(|&next| next <= end) {
            self.now = next;
            all.extend(self.settle());
        }
        self.now = end;
        all
    }

    /// The offers made now, as call and agents.
    fn offers(&mut self) -> Vec<(Contact, Vec<u16>)> {
        self.settle().iter().filter_map(offered).collect()
    }

    fn offer_of(&self, contact: Contact) -> OfferId {
        self.floor.offer_of(contact).expect("offered")
    }

    fn answer(&mut self, contact: Contact, agent: u16) -> Ringing {
        let offer = self.offer_of(contact);
        self.floor.answer(offer, AgentIx(agent), self.now).expect("answered").others
    }
}

fn offered(decision: &Decision) -> Option<(Contact, Vec<u16>)> {
    match decision {
        Decision::Offer { contact, to, .. } => Some((*contact, to.iter().map(|agent| agent.0).collect())),
        _ => None,
    }
}
