//! The decision: a pure function of the floor and the time.
//!
//! Rules, in the order in which they are looked at:
//!
//! 1. A telephone of an offer that can no longer be answered there stops ringing.
//! 2. An offer whose lease has ended is withdrawn; the contact is back in its earned place.
//! 3. A contact and an agent that fit are brought together: of the contacts the agent can serve, the one first in rank;
//!    of the free agents who can serve it, the first by the queue's strategy, unless a contact ahead of it is due to
//!    that agent.
//! 4. An overflow rule that holds moves its contact.
//! 5. An announcement that is due is made.
//!
//! Never: changes anything, reads a clock, draws a random number.

use tipring_driver::time::{Tick, Ticks};

use super::floor::{Availability, Floor, Waiting, Work};
use super::ids::{AgentIx, Contact, OfferId, QueueIx, Ringing};
use super::lane::{Lane, Rank};
use super::rule::{Condition, Strategy, Target};
use super::teams::Key;
use super::why::{NotOffered, Rule, Why};

/// One thing to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Rings the telephones of these agents until the end of the lease; the first answer has the contact.
    Offer {
        /// The contact.
        contact: Contact,
        /// The queue it leaves for the time of the offer.
        queue: QueueIx,
        /// The agents.
        to: Ringing,
        /// End of the lease.
        until: Tick,
    },
    /// Stops the ringing at these agents. If no others ring, the contact is back in its place.
    Withdraw {
        /// The offer.
        offer: OfferId,
        /// The agents.
        agents: Ringing,
        /// The lease ended without an answer (ring no answer).
        missed: bool,
    },
    /// Sends a contact out of its queue; it leaves the floor, unless the destination is a queue or the offer of a
    /// call-back, during which it goes on waiting.
    Move {
        /// The contact.
        contact: Contact,
        /// The queue it leaves.
        from: QueueIx,
        /// The destination.
        to: Target,
    },
    /// Announces the position and the expected wait to a caller.
    Announce {
        /// The contact.
        contact: Contact,
        /// The position, from 1; none where it is not announced.
        position: Option<usize>,
        /// The expected wait; none where it is not announced or cannot be known.
        expected: Option<Ticks>,
    },
    /// Nothing until something changes, or until this tick.
    Nothing {
        /// The next moment at which time alone changes something.
        again: Option<Tick>,
    },
}

/// Decides the one thing to be done next.
///
/// Call [`Floor::advance`] for the same `now` first, apply each decision with [`Floor::accept`], and go on until the
/// answer is [`Decision::Nothing`].
pub fn decide(floor: &Floor, now: Tick) -> (Decision, Why) {
    let mut why = Why::new(Rule::None);
    if let Some(&(offer, agent)) = floor.dropped.first() {
        why.rule = Rule::Unavailable;
        return (withdraw(floor, offer, Ringing::from_iter([agent]), false, &mut why), why);
    }
    if let Some(&(_, offer)) = floor.leases.first().filter(|(until, _)| *until <= now) {
        why.rule = Rule::Lease;
        let agents = floor.offers.get(&offer).map_or_else(Ringing::new, |offer| offer.agents.clone());
        return (withdraw(floor, offer, agents, true, &mut why), why);
    }
    for work in &floor.work {
        let agent = match *work {
            Work::Agent(agent) => Some(agent),
            Work::Contact(contact) => first_agent(floor, contact, now),
        };
        if let Some(decision) = agent.and_then(|agent| offer(floor, agent, now, &mut why)) {
            return (decision, why);
        }
        why.examined.work += 1;
    }
    for &(_, contact) in floor.checks.iter().take_while(|(at, _)| *at <= now) {
        if let Some((rule, from, to)) = overflow(floor, contact, now) {
            (why.rule, why.contact, why.queue) = (Rule::Overflow(rule), Some(contact), Some(from));
            return (Decision::Move { contact, from, to }, why);
        }
        why.examined.rules += 1;
    }
    if let Some(&(_, contact)) = floor.announcements.first().filter(|(at, _)| *at <= now) {
        (why.rule, why.contact) = (Rule::Announce, Some(contact));
        return (announce(floor, contact), why);
    }
    (Decision::Nothing { again: floor.next_tick() }, why)
}

/// The reasons why a waiting contact is not offered at this moment: every agent of its queue by reason.
pub fn explain(floor: &Floor, contact: Contact, now: Tick) -> Option<Why> {
    let mut why = Why::new(Rule::None);
    consider(floor, contact, now, &mut why)?;
    Some(why)
}

fn withdraw(floor: &Floor, offer: OfferId, agents: Ringing, missed: bool, why: &mut Why) -> Decision {
    let of = floor.offers.get(&offer);
    (why.contact, why.queue) = (of.map(|offer| offer.contact), of.map(|offer| offer.queue));
    Decision::Withdraw { offer, agents, missed }
}

/// An offer that serves `agent`, or an agent who comes first for the same contact.
fn offer(floor: &Floor, agent: AgentIx, now: Tick, why: &mut Why) -> Option<Decision> {
    let contact = next_contact(floor, agent, now)?;
    let waiting = &floor.contacts[&contact];
    let rules = &floor.queue(waiting.queue).rules;
    if waiting.is_private {
        why.rule = Rule::Wanted;
        why.chosen.push(agent);
    } else {
        why.rule = Rule::Strategy(rules.strategy);
        let mut fitting = fitting(floor, waiting, now);
        let due = |each: &AgentIx| *each == agent || next_contact(floor, *each, now) == Some(contact);
        match rules.strategy {
            Strategy::RingAll => why.chosen.extend(fitting.filter(due).take(super::ids::RING_MAX)),
            // Those before it have a contact of their own that comes first.
            _ => why.chosen.push(fitting.find(due).unwrap_or(agent)),
        }
    }
    let (queue, until, to) = (waiting.queue, now + rules.lease, why.chosen.clone());
    consider(floor, contact, now, why);
    Some(Decision::Offer { contact, queue, to, until })
}

/// The contact first in rank that a free agent may serve.
pub(super) fn next_contact(floor: &Floor, ix: AgentIx, now: Tick) -> Option<Contact> {
    let agent = floor.agent(ix);
    if agent.offer.is_some() || !matches!(agent.availability, Availability::Free(_)) {
        return None;
    }
    let serves = |contact: Contact| !floor.contacts[&contact].has_missed(ix, now);
    let mut best: Option<(Rank, Contact)> = None;
    let mut better = |lane: &Lane, reserve: Ticks, wait: Ticks| {
        let ripe = lane.iter().take_while(|(place, _)| now.since(place.since) >= wait);
        let first = ripe.map(|(place, contact)| (place.rank(lane.credit, reserve), contact));
        let first = first.take_while(|(rank, _)| best.is_none_or(|(least, _)| *rank < least));
        if let Some(found) = { first }.find(|&(_, contact)| serves(contact)) {
            best = Some(found);
        }
    };
    for lane in agent.private.iter() {
        better(lane, Ticks::ZERO, Ticks::ZERO);
    }
    for part in &agent.profile.queues {
        let queue = floor.queue(part.queue);
        for lane in queue.lanes.iter() {
            let gap = agent.profile.skills.gap(&lane.needs).map_or(0, |(needs, has)| needs - has);
            if let Some(wait) = queue.rules.wait_for_gap(gap) {
                better(lane, part.reserve, wait);
            }
        }
    }
    best.map(|(_, contact)| contact)
}

/// The first free agent for a waiting contact.
fn first_agent(floor: &Floor, contact: Contact, now: Tick) -> Option<AgentIx> {
    let waiting = floor.contacts.get(&contact).filter(|waiting| waiting.offer.is_none())?;
    match waiting.wanted {
        Some(wanted) if waiting.is_private => Some(wanted.agent),
        _ => fitting(floor, waiting, now).next(),
    }
}

/// The free agents who may serve a contact of a public lane, in the queue's order: teams merged by key.
fn fitting<'a>(floor: &'a Floor, waiting: &'a Waiting, now: Tick) -> impl Iterator<Item = AgentIx> + 'a {
    let queue = floor.queue(waiting.queue);
    let waited = now.since(waiting.place.since);
    let mut heads: Vec<_> = queue
        .teams
        .iter()
        .filter(|team| {
            let gap = team.skills.gap(&waiting.needs).map_or(0, |(needs, has)| needs - has);
            queue.rules.wait_for_gap(gap).is_some_and(|wait| wait <= waited)
        })
        .map(|team| team.free.iter().peekable())
        .collect();
    core::iter::from_fn(move || {
        let (_, at) = heads.iter_mut().enumerate().filter_map(|(at, head)| Some((**head.peek()?, at))).min()?;
        heads[at].next().map(|&(_, agent): &(Key, AgentIx)| agent)
    })
    .filter(move |&agent| !waiting.has_missed(agent, now))
}

/// The reason why an agent is not offered a waiting contact, given that the agent is not chosen.
pub(super) fn not_offered(floor: &Floor, ix: AgentIx, waiting: &Waiting, now: Tick) -> NotOffered {
    let agent = floor.agent(ix);
    if let Availability::Away(not_offered) = floor.availability(ix) {
        return not_offered;
    }
    let short = agent.profile.skills.gap(&waiting.needs);
    if let Some((needs, has)) = short {
        let wait = floor.queue(waiting.queue).rules.wait_for_gap(needs - has);
        if wait.is_none_or(|wait| wait > now.since(waiting.place.since)) {
            return NotOffered::NoSkill { needs, has };
        }
    }
    if waiting.has_missed(ix, now) { NotOffered::MissedLast } else { NotOffered::Later }
}

/// Counts the agents passed over: from the queue's tally and team by team, without looking at each.
fn consider(floor: &Floor, contact: Contact, now: Tick, why: &mut Why) -> Option<()> {
    let waiting = floor.contacts.get(&contact)?;
    let queue = floor.queue(waiting.queue);
    (why.contact, why.queue) = (Some(contact), Some(waiting.queue));
    why.not_offered = queue.tally;
    // Those of one team differ only in what they have missed.
    let of_team = |agent| match not_offered(floor, agent, waiting, now) {
        NotOffered::MissedLast => NotOffered::Later,
        kind => kind,
    };
    for team in queue.teams.iter() {
        if let Some(&(_, agent)) = team.free.first() {
            why.not_offered[of_team(agent).index()] += team.free.len() as u16;
        }
    }
    let is_member = |agent: AgentIx| floor.agent(agent).profile.queues.iter().any(|part| part.queue == waiting.queue);
    for &(agent, _) in &waiting.missed {
        if is_member(agent) && not_offered(floor, agent, waiting, now) == NotOffered::MissedLast {
            why.not_offered[NotOffered::Later.index()] -= 1;
            why.not_offered[NotOffered::MissedLast.index()] += 1;
        }
    }
    for &agent in why.chosen.iter().filter(|&&agent| is_member(agent)) {
        why.not_offered[of_team(agent).index()] -= 1;
    }
    let passed = queue.members.iter().map(|&(agent, _)| agent).filter(|agent| !why.chosen.contains(agent));
    why.head = passed.take(why.head.capacity()).map(|agent| (agent, not_offered(floor, agent, waiting, now))).collect();
    Some(())
}

/// The first overflow rule of a contact that is due and holds.
fn overflow(floor: &Floor, contact: Contact, now: Tick) -> Option<(u8, QueueIx, Target)> {
    let waiting = floor.contacts.get(&contact)?;
    let rules = &floor.queue(waiting.queue).rules.overflow;
    let due = waiting.checks.iter().map(|check| check.is_some_and(|at| at <= now));
    let position = || floor.position(contact).unwrap_or(1);
    let found = rules.iter().zip(due).enumerate().find(|(_, (rule, due))| {
        *due && floor.may_move(waiting, rule.to) && holds(floor, waiting.queue, rule.when, position)
    });
    found.map(|(ix, (rule, _))| (ix as u8, waiting.queue, rule.to))
}

/// The destination for a contact about to enter a queue, if a gate turns it away.
pub fn gate(floor: &Floor, queue: QueueIx) -> Option<Target> {
    let position = floor.waiting(queue) + 1;
    let gates = &floor.queue(queue).rules.gate;
    let holds = |when| match when {
        Condition::Depth(most) => position > most as usize,
        _ => holds(floor, queue, when, || position),
    };
    gates.iter().find(|gate| holds(gate.when)).map(|gate| gate.to)
}

fn holds(floor: &Floor, queue: QueueIx, when: Condition, position: impl Fn() -> usize) -> bool {
    match when {
        Condition::Always => true,
        Condition::Depth(most) => floor.waiting(queue) > most as usize,
        Condition::ExpectedWait(most) => floor.expected_wait(queue, position()).is_none_or(|wait| wait > most),
        Condition::NoAgents => floor.staffed(queue) == 0,
        Condition::NoneReady => floor.ready(queue) == 0,
        Condition::Ratio(most) => floor.waiting(queue) * 100 > most as usize * floor.staffed(queue),
    }
}

fn announce(floor: &Floor, contact: Contact) -> Decision {
    let Some((queue, _)) = floor.place(contact) else { return Decision::Nothing { again: None } };
    let rules = floor.queue(queue).rules.announce.as_ref();
    let position = floor.announced_position(contact);
    let expected = position.and_then(|position| floor.expected_wait(queue, position));
    Decision::Announce {
        contact,
        position: position.filter(|_| rules.is_some_and(|rule| rule.position)),
        expected: expected.filter(|_| rules.is_some_and(|rule| rule.expected)),
    }
}
