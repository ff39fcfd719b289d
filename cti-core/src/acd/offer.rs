//! An offer as a lease: one contact, the agents whose telephones ring, one end.
//!
//! ```text
//!          accept(Offer)            answer
//!  in line ───────────► ringing ────────────► answered (the others are released)
//!     ▲                    │ decline, unavailable, lease ended
//!     └────────────────────┘ when the last agent has dropped out: back in the place earned
//! ```
//!
//! The first answer has the contact; every later one is [`Stale`]. An offer always has a contact and an agent, and
//! always a deadline.
//!
//! Never: puts a contact or an agent into two offers.

use tipring_driver::time::{Tick, Ticks};

use super::decide::Decision;
use super::floor::{Floor, Offer};
use super::ids::{AgentIx, OfferId, QueueIx, Ringing};
use super::rule::{Strategy, Target};
use super::upkeep::Stale;
use super::why::Why;

/// An answered offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The offer as it was: contact, queue, start of the ringing.
    pub offer: Offer,
    /// Agents whose telephones are to stop ringing.
    pub others: Ringing,
}

impl Floor {
    /// Applies a decision; returns the number of the offer if it is one. To be called for each decision that is carried
    /// out, on the floor it was made for.
    pub fn accept(&mut self, decision: &Decision, why: &Why, now: Tick) -> Option<OfferId> {
        for _ in 0..why.examined.work {
            self.work.pop_first();
        }
        for _ in 0..why.examined.rules {
            self.put_off_check(now);
        }
        match decision {
            Decision::Offer { contact, queue, to, until } => {
                let id = OfferId(self.next_offer);
                self.next_offer += 1;
                self.leave_lane(*contact);
                let waiting = self.contacts.get_mut(contact)?;
                waiting.offer = Some(id);
                let agents = to.clone();
                let offer = Offer { contact: *contact, queue: *queue, agents, since: now, until: *until };
                self.offers.insert(id, offer);
                self.leases.insert((*until, id));
                to.iter().for_each(|&agent| self.ring(id, *queue, agent));
                return Some(id);
            }
            Decision::Withdraw { offer, agents, missed } => {
                for &agent in agents {
                    self.drop_out(*offer, agent, *missed, now);
                }
            }
            Decision::Move { contact, to: Target::Queue(queue), .. } => self.move_to(*contact, *queue, now),
            Decision::Move { contact, to: Target::CallBack, .. } => self.settle_checks(*contact, now),
            Decision::Move { contact, .. } => drop(self.call_left(*contact)),
            Decision::Announce { contact, .. } => self.announced(*contact, now),
            Decision::Nothing { .. } => {}
        }
        None
    }

    /// An agent answers an offer. The first answer wins: the contact leaves the floor, the agent is away
    /// ([`NotOffered::Talking`](super::why::NotOffered::Talking)) until set free again, the others are free.
    ///
    /// # Errors
    /// [`Stale`] if the offer is over, or not the agent's.
    pub fn answer(&mut self, id: OfferId, agent: AgentIx, now: Tick) -> Result<Answered, Stale> {
        if !self.offers.get(&id).is_some_and(|offer| offer.agents.contains(&agent)) {
            return Err(Stale);
        }
        let offer = self.take_offer(id).ok_or(Stale)?;
        self.contacts.remove(&offer.contact);
        let others: Ringing = offer.agents.iter().copied().filter(|&each| each != agent).collect();
        others.iter().for_each(|&other| self.release(id, other));
        self.dropped.remove(&(id, agent));
        self.leave_teams(agent);
        let winner = &mut self.agents[agent.0 as usize];
        winner.calls += 1;
        winner.availability = super::floor::Availability::Away(super::why::NotOffered::Talking);
        winner.offer = None;
        self.join_teams(agent);
        let behind = self.waiting(offer.queue);
        self.queues[offer.queue.0 as usize].pace.served(now, behind);
        Ok(Answered { offer, others })
    }

    /// An agent refuses an offer, or its telephone could not be rung. With the last agent gone the contact is back in
    /// its place and is not offered to the agent again before the queue's retry time; returns whether it is.
    ///
    /// # Errors
    /// [`Stale`] if the offer is over, or not the agent's.
    pub fn decline(&mut self, id: OfferId, agent: AgentIx, now: Tick) -> Result<bool, Stale> {
        if !self.offers.get(&id).is_some_and(|offer| offer.agents.contains(&agent)) {
            return Err(Stale);
        }
        self.drop_out(id, agent, true, now);
        Ok(!self.offers.contains_key(&id))
    }

    /// An agent's telephone cannot be answered any more, through no doing of the agent: the contact may be offered
    /// there again at once. Returns whether it is back in its place.
    ///
    /// # Errors
    /// [`Stale`] if the offer is over, or not the agent's.
    pub fn give_back(&mut self, id: OfferId, agent: AgentIx, now: Tick) -> Result<bool, Stale> {
        if !self.offers.get(&id).is_some_and(|offer| offer.agents.contains(&agent)) {
            return Err(Stale);
        }
        self.drop_out(id, agent, false, now);
        Ok(!self.offers.contains_key(&id))
    }

    fn ring(&mut self, id: OfferId, queue: QueueIx, ix: AgentIx) {
        let order = id.0;
        let part = self.agent(ix).profile.queues.iter().position(|part| part.queue == queue);
        if let (Some(part), Strategy::Weighted { .. }) = (part, self.queue(queue).rules.strategy)
            && let Some((lot, _)) = self.agent(ix).keys[part]
        {
            let queue = &mut self.queues[queue.0 as usize];
            queue.lots = queue.lots.max(lot);
        }
        self.leave_teams(ix);
        let agent = &mut self.agents[ix.0 as usize];
        agent.offer = Some(id);
        if let Some(part) = part {
            agent.last_offer[part] = order;
        }
        self.join_teams(ix);
    }

    /// One agent drops out of an offer; with the last one the contact goes back.
    fn drop_out(&mut self, id: OfferId, agent: AgentIx, missed: bool, now: Tick) {
        let Some(offer) = self.offers.get_mut(&id) else { return };
        let Some(at) = offer.agents.iter().position(|&each| each == agent) else { return };
        offer.agents.remove(at);
        let (contact, queue, last) = (offer.contact, offer.queue, offer.agents.is_empty());
        self.release(id, agent);
        let until = now + self.rules(queue).retry;
        if let Some(waiting) = self.contacts.get_mut(&contact)
            && missed
        {
            waiting.missed.retain(|(each, until)| *each != agent && *until > now);
            if waiting.missed.is_full() {
                waiting.missed.remove(0);
            }
            waiting.missed.push((agent, until));
            waiting.wanted = None;
        }
        if last {
            self.end_offer(id);
            if let Some(waiting) = self.contacts.get_mut(&contact) {
                waiting.offer = None;
                self.join_lane(contact, now);
            }
        }
    }

    /// Overflow into another queue: the place and the caller's own needs and credit are kept.
    fn move_to(&mut self, contact: super::ids::Contact, to: QueueIx, now: Tick) {
        self.leave_lane(contact);
        let Some(mut waiting) = self.contacts.remove(&contact) else { return };
        let _ = waiting.left.try_push(waiting.queue);
        let (left, missed) = (waiting.left.clone(), waiting.missed.clone());
        let entry = super::floor::Entry {
            contact,
            queue: to,
            place: Some(waiting.place),
            waited: Ticks::ZERO,
            needs: waiting.own_needs,
            credit: waiting.own_credit,
            wanted: None,
        };
        self.call_queued(entry, now);
        if let Some(waiting) = self.contacts.get_mut(&contact) {
            (waiting.left, waiting.missed) = (left, missed);
            self.set_wake(contact, now);
        }
    }

    /// The contact first in the index of checks was looked at in vain: its next look.
    fn put_off_check(&mut self, now: Tick) {
        if let Some(&(_, contact)) = self.checks.first() {
            self.settle_checks(contact, now);
        }
    }

    /// Sets the next look at the rules of a contact that were due at `now`.
    fn settle_checks(&mut self, contact: super::ids::Contact, now: Tick) {
        let Some(waiting) = self.contacts.get_mut(&contact) else { return };
        let rules = &self.queues[waiting.queue.0 as usize].rules.overflow;
        for (check, rule) in waiting.checks.iter_mut().zip(rules) {
            if check.is_some_and(|at| at <= now) {
                *check = rule.every.map(|every| now + Ticks(every.0.max(1000)));
            }
        }
        self.set_check(contact);
    }

    fn announced(&mut self, contact: super::ids::Contact, now: Tick) {
        let ahead = self.ahead(contact).map(|ahead| ahead.others);
        let Some(waiting) = self.contacts.get_mut(&contact) else { return };
        waiting.announced = waiting.announced.into_iter().chain(ahead).min();
        let rule = self.queues[waiting.queue.0 as usize].rules.announce.as_ref();
        if let Some(at) = waiting.announcement.take() {
            self.announcements.remove(&(at, contact));
        }
        if let Some(rule) = rule {
            let at = now + Ticks(rule.every.0.max(1000));
            waiting.announcement = Some(at);
            self.announcements.insert((at, contact));
        }
    }
}
