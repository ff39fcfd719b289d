//! The floor: waiting contacts and agents, indexed so that a decision asks for heads alone.
//!
//! ```text
//! events of calls and agents ──► upkeep (call_queued, call_left, set_agent, …) ──► Floor
//!                                                     decide(&Floor, now) ──► (Decision, Why)
//! the transaction carries the decision out ◄── accept / answer / decline ──► Floor
//! ```
//!
//! | index | answers |
//! |---|---|
//! | lanes of each queue ([`Place`] order) | the next contact for an agent |
//! | lanes of each agent | private queues, last agent, account owner |
//! | teams of each queue (strategy's order) | the next agent for a contact |
//! | tally of each queue | agents passed over, counted by reason |
//! | wakes, rules, announcements, leases (by tick) | the next moment at which time alone changes something |
//! | work | agents and contacts that have changed since the last decision |
//!
//! After `decide` has answered *nothing*, no waiting contact and free agent fit each other; only what has changed since
//! is looked at.
//!
//! Never: decides, reads a clock, or knows what a line is.

use std::collections::BTreeSet;

use arrayvec::ArrayVec;
use tipring_driver::time::{Tick, Ticks};

use super::ids::{AgentIx, Contact, MISSED_MAX, OfferId, QueueIx, Ringing, Skills};
use super::lane::{Lanes, Place};
use super::rule::{OVERFLOW_MAX, QueueMembership, QueueRules};
use super::service_rate::ServiceRate;
use super::teams::{Key, Teams};
use super::why::NotOffered;
use crate::by_key::ByKey;
use crate::limits::AGENT_QUEUES_MAX;

/// Queues that one contact passes through at most by overflow; no queue twice, so no circle.
pub const MOVES_MAX: usize = 4;

/// Skills and queue memberships of an agent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AgentProfile {
    /// Skills with levels.
    pub skills: Skills,
    /// Memberships in queues.
    pub queues: ArrayVec<QueueMembership, AGENT_QUEUES_MAX>,
}

/// An agent's availability for a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Availability {
    /// Free, idle since this tick.
    Free(Tick),
    /// Not free, for this reason.
    Away(NotOffered),
}

/// The agent a caller is meant for: the last one talked to, the owner of the account, or the owner of a private queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wanted {
    /// The agent.
    pub agent: AgentIx,
    /// Wait, from entry into the queue on, during which only this agent is offered the contact. Ends at once when the
    /// agent is logged off.
    pub hold: Ticks,
    /// The contact also waits for an agent who is not ready.
    pub through_breaks: bool,
}

/// A contact that enters a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The contact.
    pub contact: Contact,
    /// The queue.
    pub queue: QueueIx,
    /// A place earned before (failed transfer, re-entry, call-back); none for a new one.
    pub place: Option<Place>,
    /// Wait that a new place counts as served already: re-entry of a caller who has waited before.
    pub waited: Ticks,
    /// Skills needed besides those of the queue.
    pub needs: Skills,
    /// Head start over contacts without (caller priority; an hour or so for the VIP lane, 绿色通道).
    pub credit: Ticks,
    /// The agent it is meant for.
    pub wanted: Option<Wanted>,
}

impl Entry {
    /// A plain entry at the end of the queue.
    pub const fn new(contact: Contact, queue: QueueIx) -> Entry {
        Entry {
            contact,
            queue,
            place: None,
            waited: Ticks::ZERO,
            needs: Skills::NONE,
            credit: Ticks::ZERO,
            wanted: None,
        }
    }
}

/// A contact on the floor.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Waiting {
    pub place: Place,
    pub queue: QueueIx,
    /// Entry into this queue.
    pub entered: Tick,
    /// Needs of the contact alone, and with those of the queue.
    pub own_needs: Skills,
    pub needs: Skills,
    pub own_credit: Ticks,
    pub wanted: Option<Wanted>,
    /// Waits in the private lane of the wanted agent.
    pub is_private: bool,
    pub offer: Option<OfferId>,
    /// Agents who missed it, until when they are passed over.
    pub missed: ArrayVec<(AgentIx, Tick), MISSED_MAX>,
    /// Queues left by overflow.
    pub left: ArrayVec<QueueIx, MOVES_MAX>,
    /// The next look at each overflow rule; none when it has been looked at for good.
    pub checks: ArrayVec<Option<Tick>, OVERFLOW_MAX>,
    /// Entries in the floor's indices by tick, to take them out again.
    pub wake: Option<Tick>,
    pub check: Option<Tick>,
    pub announcement: Option<Tick>,
    /// Contacts ahead without a greater head start, as announced last.
    pub announced: Option<usize>,
}

/// An offer: a lease on a contact held by the agents whose telephones ring. The first answer ends it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Offer {
    /// The contact.
    pub contact: Contact,
    /// The queue it came from.
    pub queue: QueueIx,
    /// The agents still ringing.
    pub agents: Ringing,
    /// Start of the ringing.
    pub since: Tick,
    /// End of the lease.
    pub until: Tick,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Agent {
    #[serde(rename = "staff")]
    pub profile: AgentProfile,
    pub availability: Availability,
    pub offer: Option<OfferId>,
    pub calls: u64,
    pub talk: Ticks,
    /// Key in each queue's order while in its team; by place of the membership.
    pub keys: ArrayVec<Option<Key>, AGENT_QUEUES_MAX>,
    /// Last offer from each queue, for the round; by place of the membership.
    pub last_offer: ArrayVec<u64, AGENT_QUEUES_MAX>,
    pub private: Lanes,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Queue {
    pub rules: QueueRules,
    pub lanes: Lanes,
    pub teams: Teams,
    /// Members in the order of the configuration, with the place of the membership.
    pub members: Vec<(AgentIx, u8)>,
    /// Members not in a team, by reason.
    #[serde(deserialize_with = "super::why::counts")]
    pub tally: [u16; NotOffered::COUNT],
    /// Contacts that wait privately for an agent.
    pub private: u32,
    pub pace: ServiceRate,
    /// Progress of the lots: the key drawn last.
    pub lots: u64,
    pub draws: u64,
}

/// Work for the next decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) enum Work {
    Agent(AgentIx),
    Contact(Contact),
}

/// Waiting contacts, agents, offers.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Floor {
    pub(super) queues: Vec<Queue>,
    pub(super) agents: Vec<Agent>,
    #[serde(with = "crate::pairs")]
    pub(super) contacts: ByKey<Contact, Box<Waiting>>,
    pub(super) offers: ByKey<OfferId, Offer>,
    pub(super) work: BTreeSet<Work>,
    /// Agents of an offer who became unavailable while ringing.
    pub(super) dropped: BTreeSet<(OfferId, AgentIx)>,
    pub(super) leases: BTreeSet<(Tick, OfferId)>,
    pub(super) wakes: BTreeSet<(Tick, Contact)>,
    pub(super) checks: BTreeSet<(Tick, Contact)>,
    pub(super) announcements: BTreeSet<(Tick, Contact)>,
    pub(super) next_order: u64,
    pub(super) next_offer: u64,
}

impl Floor {
    /// An empty floor: no contact waits, each agent is logged off.
    pub fn new(queues: Vec<QueueRules>, agents: Vec<AgentProfile>) -> Floor {
        let mut floor = Floor {
            queues: queues.into_iter().map(Queue::new).collect(),
            agents: Vec::with_capacity(agents.len()),
            contacts: ByKey::default(),
            offers: ByKey::default(),
            work: BTreeSet::new(),
            dropped: BTreeSet::new(),
            leases: BTreeSet::new(),
            wakes: BTreeSet::new(),
            checks: BTreeSet::new(),
            announcements: BTreeSet::new(),
            next_order: 1,
            next_offer: 1,
        };
        for profile in agents {
            floor.add_agent(profile);
        }
        floor
    }

    pub(super) fn queue(&self, queue: QueueIx) -> &Queue {
        &self.queues[queue.0 as usize]
    }

    pub(super) fn agent(&self, agent: AgentIx) -> &Agent {
        &self.agents[agent.0 as usize]
    }

    /// An agent's skills and queue memberships.
    pub fn profile(&self, agent: AgentIx) -> &AgentProfile {
        &self.agent(agent).profile
    }

    /// Adds a queue without agents.
    pub fn add_queue(&mut self, rules: QueueRules) -> QueueIx {
        self.queues.push(Queue::new(rules));
        QueueIx((self.queues.len() - 1) as u16)
    }

    /// The rules of a queue.
    pub fn rules(&self, queue: QueueIx) -> &QueueRules {
        &self.queue(queue).rules
    }

    /// Contacts that wait in a queue, those waiting for one agent included and those being offered not.
    pub fn waiting(&self, queue: QueueIx) -> usize {
        let queue = self.queue(queue);
        queue.lanes.len() + queue.private as usize
    }

    /// The longest wait in a queue's public lanes at `now`.
    pub fn longest_wait(&self, queue: QueueIx, now: Tick) -> Option<Ticks> {
        self.queue(queue).lanes.oldest().map(|since| now.since(since))
    }

    /// Agents of a queue who are logged on.
    pub fn staffed(&self, queue: QueueIx) -> usize {
        let queue = self.queue(queue);
        queue.members.len() - queue.tally[NotOffered::LoggedOff.index()] as usize
    }

    /// Agents of a queue who are logged on, not on a break, and with a line in order that takes calls.
    pub fn ready(&self, queue: QueueIx) -> usize {
        let tally = &self.queue(queue).tally;
        let away = [
            NotOffered::NotReady(Default::default()),
            NotOffered::OutOfOrder,
            NotOffered::Forwarded,
            NotOffered::DoNotDisturb,
        ]
        .map(|kind| tally[kind.index()] as usize);
        self.staffed(queue) - away.iter().sum::<usize>()
    }

    /// Free agents of a queue.
    pub fn free(&self, queue: QueueIx) -> usize {
        self.queue(queue).teams.len()
    }

    /// The place of a contact and the queue it waits in; while offered, those it goes back to.
    pub fn place(&self, contact: Contact) -> Option<(QueueIx, Place)> {
        self.contacts.get(&contact).map(|waiting| (waiting.queue, waiting.place))
    }

    /// An offer that rings.
    pub fn offer(&self, offer: OfferId) -> Option<&Offer> {
        self.offers.get(&offer)
    }

    /// The offer that rings at an agent.
    pub fn offer_at(&self, agent: AgentIx) -> Option<OfferId> {
        self.agent(agent).offer
    }

    /// The offer of a contact.
    pub fn offer_of(&self, contact: Contact) -> Option<OfferId> {
        self.contacts.get(&contact)?.offer
    }

    /// An agent's availability as last set; an agent being offered something is away with [`NotOffered::Offered`].
    pub fn availability(&self, agent: AgentIx) -> Availability {
        let agent = self.agent(agent);
        match agent.availability {
            Availability::Free(_) if agent.offer.is_some() => Availability::Away(NotOffered::Offered),
            availability => availability,
        }
    }
}

impl Queue {
    fn new(rules: QueueRules) -> Queue {
        Queue {
            pace: ServiceRate::new(rules.handling),
            rules,
            lanes: Lanes::default(),
            teams: Teams::default(),
            members: Vec::new(),
            tally: [0; NotOffered::COUNT],
            private: 0,
            lots: 0,
            draws: 0,
        }
    }
}

impl Waiting {
    pub(super) fn has_missed(&self, agent: AgentIx, now: Tick) -> bool {
        self.missed.iter().any(|&(each, until)| each == agent && now < until)
    }
}
