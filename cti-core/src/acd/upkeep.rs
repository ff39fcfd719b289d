//! Upkeep of the floor's indices: each event of a call, an agent or the clock, in logarithmic time.
//!
//! Never: decides. An event only changes indices and puts what has changed on the list of work.

use arrayvec::ArrayVec;
use tipring_driver::time::{Tick, Ticks};

use super::floor::{Agent, AgentProfile, Availability, Entry, Floor, Offer, Waiting, Work};
use super::ids::{AgentIx, Contact, OfferId, QueueIx};
use super::lane::{Lanes, Place};
use super::rule::{Condition, QueueRules, Target};
use super::why::NotOffered;

/// An event about a contact that is not on the floor, or about an offer that has ended: it came too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale;

impl Floor {
    /// Adds an agent, logged off.
    pub fn add_agent(&mut self, profile: AgentProfile) -> AgentIx {
        let ix = AgentIx(self.agents.len() as u16);
        for (part, membership) in profile.queues.iter().enumerate() {
            let queue = &mut self.queues[membership.queue.0 as usize];
            queue.members.push((ix, part as u8));
            queue.tally[NotOffered::LoggedOff.index()] += 1;
        }
        self.agents.push(Agent {
            availability: Availability::Away(NotOffered::LoggedOff),
            offer: None,
            calls: 0,
            talk: Ticks::ZERO,
            keys: profile.queues.iter().map(|_| None).collect(),
            last_offer: profile.queues.iter().map(|_| 0).collect(),
            private: Lanes::default(),
            profile,
        });
        ix
    }

    /// Replaces an agent's skills and queues; takes effect at once, a ringing offer goes on.
    pub fn set_profile(&mut self, ix: AgentIx, profile: AgentProfile, now: Tick) {
        self.leave_teams(ix);
        let agent = &mut self.agents[ix.0 as usize];
        let before = core::mem::replace(&mut agent.profile, profile);
        let last_offer = core::mem::take(&mut agent.last_offer);
        let last_of = |queue| {
            let offers = before.queues.iter().zip(&last_offer);
            { offers }.find(|(part, _)| part.queue == queue).map_or(0, |(_, &last)| last)
        };
        agent.keys = agent.profile.queues.iter().map(|_| None).collect();
        agent.last_offer = agent.profile.queues.iter().map(|part| last_of(part.queue)).collect();
        for part in &before.queues {
            self.queues[part.queue.0 as usize].members.retain(|(agent, _)| *agent != ix);
        }
        for (part, membership) in agent.profile.queues.iter().enumerate() {
            let queue = &mut self.queues[membership.queue.0 as usize];
            let at = queue.members.partition_point(|(agent, _)| *agent < ix);
            queue.members.insert(at, (ix, part as u8));
        }
        self.join_teams(ix);
        for part in before.queues {
            self.agents_went(part.queue, now);
        }
    }

    /// Replaces the rules of a queue while it runs: contacts keep their places, offers that ring keep their lease.
    pub fn set_rules(&mut self, ix: QueueIx, rules: QueueRules, now: Tick) {
        let contacts: Vec<_> =
            self.contacts.iter().filter(|(_, waiting)| waiting.queue == ix).map(|(&c, _)| c).collect();
        let members: Vec<_> = self.queue(ix).members.iter().map(|&(agent, _)| agent).collect();
        contacts.iter().for_each(|&contact| self.leave_lane(contact));
        members.iter().for_each(|&agent| self.leave_teams(agent));
        self.queues[ix.0 as usize].rules = rules;
        members.into_iter().for_each(|agent| self.join_teams(agent));
        for contact in contacts {
            if let Some(mut waiting) = self.contacts.remove(&contact) {
                waiting.needs = self.needs(ix, &waiting);
                waiting.checks = self.first_checks(contact, ix, waiting.entered);
                let offered = waiting.offer.is_some();
                self.contacts.insert(contact, waiting);
                if !offered {
                    self.join_lane(contact, now);
                }
            }
        }
    }

    /// A contact enters a queue, at its end or at a place earned before. A contact already on the floor stays as it is.
    pub fn call_queued(&mut self, entry: Entry, now: Tick) -> Place {
        if let Some(waiting) = self.contacts.get(&entry.contact) {
            return waiting.place;
        }
        let place =
            entry.place.unwrap_or(Place { since: Tick(now.0.saturating_sub(entry.waited.0)), order: self.next_order });
        self.next_order += 1;
        let mut waiting = Box::new(Waiting {
            place,
            queue: entry.queue,
            entered: now,
            own_needs: entry.needs,
            needs: Default::default(),
            own_credit: entry.credit,
            wanted: entry.wanted,
            is_private: false,
            offer: None,
            missed: ArrayVec::new(),
            left: ArrayVec::new(),
            checks: self.first_checks(entry.contact, entry.queue, now),
            wake: None,
            check: None,
            announcement: None,
            announced: None,
        });
        waiting.needs = self.needs(entry.queue, &waiting);
        let announce = self.rules(entry.queue).announce.as_ref().filter(|_| entry.contact.listens());
        waiting.announcement = announce.map(|rule| now + rule.first);
        self.contacts.insert(entry.contact, waiting);
        self.join_lane(entry.contact, now);
        place
    }

    /// A contact has left: the caller hung up, was sent elsewhere, or answered by pickup. Returns its offer, which has
    /// ended: the telephones of its agents are to stop ringing, and the agents are free again.
    pub fn call_left(&mut self, contact: Contact) -> Option<Offer> {
        self.leave_lane(contact);
        let waiting = self.contacts.remove(&contact)?;
        if self.waiting(waiting.queue) == 0 {
            self.queues[waiting.queue.0 as usize].pace.ran_empty();
        }
        waiting.offer.and_then(|offer| self.end_offer(offer))
    }

    /// A contact goes on under another name, with its place, its rules' progress and its offer.
    pub fn call_renamed(&mut self, contact: Contact, name: Contact, now: Tick) {
        self.leave_lane(contact);
        let Some(waiting) = self.contacts.remove(&contact) else { return };
        let offer = waiting.offer;
        self.contacts.insert(name, waiting);
        match offer.and_then(|offer| self.offers.get_mut(&offer)) {
            Some(offer) => offer.contact = name,
            None => self.join_lane(name, now),
        }
    }

    /// Sets an agent's availability. An agent away while ringing drops out of the offer by the next decision.
    pub fn set_agent(&mut self, ix: AgentIx, availability: Availability, now: Tick) {
        let before = self.agent(ix).availability;
        if before == availability {
            return;
        }
        self.leave_teams(ix);
        self.agents[ix.0 as usize].availability = availability;
        self.join_teams(ix);
        if let (Availability::Away(not_offered), Some(offer)) = (availability, self.agent(ix).offer)
            && not_offered != NotOffered::Offered
        {
            self.dropped.insert((offer, ix));
        } else if let (Availability::Free(_), Some(offer)) = (availability, self.agent(ix).offer) {
            self.dropped.remove(&(offer, ix));
        }
        if let Availability::Away(not_offered) = availability {
            let agent = &mut self.agents[ix.0 as usize];
            if not_offered == NotOffered::LoggedOff {
                (agent.calls, agent.talk) = (0, Ticks::ZERO);
            }
            for contact in agent.private.contacts().collect::<Vec<_>>() {
                if !self.holds_for(contact, now) {
                    self.make_public(contact, now);
                }
            }
            for part in 0..self.agent(ix).profile.queues.len() {
                let queue = self.agent(ix).profile.queues[part].queue;
                self.agents_went(queue, now);
            }
        }
    }

    /// Adds talk time to an agent's account (least talk time). One who has logged off has none.
    pub fn agent_talked(&mut self, ix: AgentIx, talk: Ticks) {
        if self.agent(ix).availability == Availability::Away(NotOffered::LoggedOff) {
            return;
        }
        self.leave_teams(ix);
        let agent = &mut self.agents[ix.0 as usize];
        agent.talk = agent.talk + talk;
        self.join_teams(ix);
    }

    /// Time alone: private waits end, needs widen, agents who missed a contact are in question again.
    pub fn advance(&mut self, now: Tick) {
        while let Some(&(_, contact)) = self.wakes.first().filter(|(at, _)| *at <= now) {
            if self.contacts[&contact].is_private && !self.holds_for(contact, now) {
                self.make_public(contact, now);
            } else {
                self.work.insert(Work::Contact(contact));
                self.set_wake(contact, now);
            }
        }
    }

    /// The next moment at which time alone changes something.
    pub fn next_tick(&self) -> Option<Tick> {
        let firsts = [&self.wakes, &self.checks, &self.announcements].map(|of| of.first().map(|&(at, _)| at));
        firsts.into_iter().flatten().chain(self.leases.first().map(|&(at, _)| at)).min()
    }

    /// Returns true if there may be something to decide at `now`.
    pub fn is_due(&self, now: Tick) -> bool {
        let has_work = !self.work.is_empty() || !self.dropped.is_empty();
        has_work || self.next_tick().is_some_and(|at| at <= now)
    }

    pub(super) fn credit(&self, waiting: &Waiting) -> Ticks {
        self.rules(waiting.queue).credit + waiting.own_credit
    }

    fn needs(&self, queue: QueueIx, waiting: &Waiting) -> super::ids::Skills {
        // The configuration refuses a queue whose needs leave no room; a caller's own needs beyond it are left out.
        self.rules(queue).needs.with(&waiting.own_needs).unwrap_or_else(|_| self.rules(queue).needs.clone())
    }

    /// The first look at each overflow rule. A caller to be called back has nowhere else to go.
    fn first_checks(
        &self,
        contact: Contact,
        queue: QueueIx,
        entered: Tick,
    ) -> ArrayVec<Option<Tick>, { super::rule::OVERFLOW_MAX }> {
        let most = if contact.listens() { super::rule::OVERFLOW_MAX } else { 0 };
        let rules = self.rules(queue).overflow.iter().take(most);
        rules.map(|rule| Some(entered + rule.after)).collect()
    }

    /// Returns true if a contact waits for its wanted agent alone.
    fn holds_for(&self, contact: Contact, now: Tick) -> bool {
        let waiting = &self.contacts[&contact];
        waiting.wanted.is_some_and(|wanted| {
            let patient = match self.agent(wanted.agent).availability {
                Availability::Away(NotOffered::LoggedOff | NotOffered::OutOfOrder) => false,
                Availability::Away(NotOffered::NotReady(_) | NotOffered::Forwarded | NotOffered::DoNotDisturb) => {
                    wanted.through_breaks
                }
                _ => true,
            };
            patient && now < waiting.entered + wanted.hold
        })
    }

    fn make_public(&mut self, contact: Contact, now: Tick) {
        self.leave_lane(contact);
        if let Some(waiting) = self.contacts.get_mut(&contact) {
            waiting.wanted = None;
            self.join_lane(contact, now);
        }
    }

    /// Puts a contact into its lane, private or public, and sets its timers.
    pub(super) fn join_lane(&mut self, contact: Contact, now: Tick) {
        let is_private = self.holds_for(contact, now);
        let Some(waiting) = self.contacts.get_mut(&contact) else { return };
        waiting.is_private = is_private;
        let queue = &mut self.queues[waiting.queue.0 as usize];
        let credit = queue.rules.credit + waiting.own_credit;
        let lanes = match waiting.wanted {
            Some(wanted) if is_private => {
                queue.private += 1;
                &mut self.agents[wanted.agent.0 as usize].private
            }
            _ => &mut queue.lanes,
        };
        lanes.insert(&waiting.needs, credit, waiting.place, contact);
        if let Some(at) = waiting.announcement {
            self.announcements.insert((at, contact));
        }
        self.work.insert(Work::Contact(contact));
        self.set_wake(contact, now);
        self.set_check(contact);
    }

    /// Takes a contact out of its lane and its timers.
    pub(super) fn leave_lane(&mut self, contact: Contact) {
        let Some(waiting) = self.contacts.get_mut(&contact) else { return };
        let queue = &mut self.queues[waiting.queue.0 as usize];
        let credit = queue.rules.credit + waiting.own_credit;
        if waiting.offer.is_none() {
            let lanes = match waiting.wanted {
                Some(wanted) if waiting.is_private => {
                    queue.private -= 1;
                    &mut self.agents[wanted.agent.0 as usize].private
                }
                _ => &mut queue.lanes,
            };
            lanes.remove(&waiting.needs, credit, waiting.place);
        }
        self.work.remove(&Work::Contact(contact));
        for (index, at) in [
            (&mut self.wakes, waiting.wake.take()),
            (&mut self.checks, waiting.check.take()),
            (&mut self.announcements, waiting.announcement),
        ] {
            if let Some(at) = at {
                index.remove(&(at, contact));
            }
        }
    }

    /// Sets the tick at which time changes which agents are in question.
    pub(super) fn set_wake(&mut self, contact: Contact, now: Tick) {
        let Some(waiting) = self.contacts.get_mut(&contact) else { return };
        let rules = &self.queues[waiting.queue.0 as usize].rules;
        let private = waiting.wanted.filter(|_| waiting.is_private).map(|wanted| waiting.entered + wanted.hold);
        let widening = rules.next_widening(now.since(waiting.place.since)).map(|after| waiting.place.since + after);
        let missed = waiting.missed.iter().map(|&(_, until)| until).filter(|&until| until > now).min();
        let next = [private, widening, missed].into_iter().flatten().min();
        if let Some(at) = waiting.wake.take() {
            self.wakes.remove(&(at, contact));
        }
        waiting.wake = next;
        if let Some(at) = next {
            self.wakes.insert((at, contact));
        }
    }

    pub(super) fn set_check(&mut self, contact: Contact) {
        let Some(waiting) = self.contacts.get_mut(&contact) else { return };
        if let Some(at) = waiting.check.take() {
            self.checks.remove(&(at, contact));
        }
        waiting.check = waiting.checks.iter().flatten().min().copied();
        if let Some(at) = waiting.check {
            self.checks.insert((at, contact));
        }
    }

    /// An agent of a queue went away. If it was the last, the rules about missing agents are looked at for all who
    /// wait, each no sooner than its own time.
    fn agents_went(&mut self, queue: QueueIx, now: Tick) {
        let (staffed, ready) = (self.staffed(queue), self.ready(queue));
        let rules = &self.queue(queue).rules.overflow;
        let touched: Vec<_> = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| match rule.when {
                Condition::NoAgents | Condition::ExpectedWait(_) | Condition::Ratio(_) => staffed == 0,
                Condition::NoneReady => ready == 0,
                _ => false,
            })
            .map(|(ix, rule)| (ix, rule.after))
            .collect();
        if touched.is_empty() {
            return;
        }
        for contact in self.queue(queue).lanes.contacts().collect::<Vec<_>>() {
            if let Some(waiting) = self.contacts.get_mut(&contact) {
                for &(ix, after) in &touched {
                    if let Some(check) = waiting.checks.get_mut(ix) {
                        *check = Some((waiting.entered + after).max(now));
                    }
                }
                self.set_check(contact);
            }
        }
    }

    /// Returns true if overflow may send a contact there: never back into a queue it has left.
    pub(super) fn may_move(&self, waiting: &Waiting, to: Target) -> bool {
        match to {
            Target::Queue(queue) => queue != waiting.queue && !waiting.left.contains(&queue) && !waiting.left.is_full(),
            _ => true,
        }
    }

    /// Ends an offer; its agents are free again if they still are available.
    pub(super) fn end_offer(&mut self, id: OfferId) -> Option<Offer> {
        let offer = self.take_offer(id)?;
        for &agent in &offer.agents {
            self.release(id, agent);
        }
        Some(offer)
    }

    /// Removes an offer; its agents are still held by it.
    pub(super) fn take_offer(&mut self, id: OfferId) -> Option<Offer> {
        let offer = self.offers.remove(&id)?;
        self.leases.remove(&(offer.until, id));
        Some(offer)
    }

    /// Takes the offer off an agent.
    pub(super) fn release(&mut self, id: OfferId, agent: AgentIx) {
        self.dropped.remove(&(id, agent));
        self.leave_teams(agent);
        self.agents[agent.0 as usize].offer = None;
        self.join_teams(agent);
    }
}
