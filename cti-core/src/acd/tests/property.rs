//! Properties on random floors, judged by looking at every pair of contact and agent.
//!
//! The judge knows the rules from the contacts and agents alone; no index of the floor is asked.

use proptest::prelude::*;

use super::*;
use crate::acd::floor::{Waiting, Wanted};
use crate::acd::ids::Reason;
use crate::acd::rule::{Condition, OVERFLOW_MAX, Overflow, Strategy as Order, Target, Widening};
use crate::config::Destination;

#[derive(Debug, Clone)]
enum Event {
    Queue { contact: i32, queue: u16, skill: u16, level: u8, credit: u64, wanted: Option<(u16, u64, bool)> },
    Left(i32),
    Free(u16),
    Away(u16, u8),
    Answer(u8),
    Decline(u8),
    Pass(u64),
    Rules(u16),
}

const AGENTS: u16 = 6;
const QUEUES: u16 = 3;

fn event() -> impl Strategy<Value = Event> {
    let wanted = proptest::option::of((0..AGENTS, 0..40u64, any::<bool>()));
    prop_oneof![
        4 => (0..12i32, 0..QUEUES, 0..2u16, 0..4u8, prop_oneof![Just(0), Just(30), Just(3600)], wanted).prop_map(
            |(contact, queue, skill, level, credit, wanted)| Event::Queue { contact, queue, skill, level, credit, wanted }
        ),
        1 => (0..12i32).prop_map(Event::Left),
        4 => (0..AGENTS).prop_map(Event::Free),
        1 => (0..AGENTS, 0..8u8).prop_map(|(agent, why)| Event::Away(agent, why)),
        3 => any::<u8>().prop_map(Event::Answer),
        1 => any::<u8>().prop_map(Event::Decline),
        2 => (0..40u64).prop_map(Event::Pass),
        1 => (0..QUEUES).prop_map(Event::Rules),
    ]
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![
        Just(Order::LongestIdle),
        Just(Order::RoundRobin),
        Just(Order::FewestCalls),
        Just(Order::LeastTalk),
        Just(Order::RingAll),
        Just(Order::FixedOrder),
        Just(Order::SkillLevel(SkillIx(0))),
        Just(Order::Weighted { seed: 7 }),
    ]
}

fn rules(order: Order, credit: u64) -> QueueRules {
    QueueRules {
        strategy: order,
        credit: secs(credit),
        widening: vec![Widening { after: secs(20), lower: 1 }, Widening { after: secs(60), lower: 3 }],
        overflow: vec![
            Overflow { after: secs(90), every: None, when: Condition::Always, to: Target::Queue(QueueIx(2)) },
            Overflow { after: secs(0), every: None, when: Condition::NoAgents, to: Target::Queue(QueueIx(1)) },
            Overflow {
                after: secs(30),
                every: Some(secs(5)),
                when: Condition::Depth(3),
                to: Target::To(Destination::Flow(Default::default())),
            },
        ],
        ..QueueRules::default()
    }
}

/// Returns true if an agent may be offered a contact.
fn fits(floor: &Floor, agent: u16, waiting: &Waiting, now: Tick) -> bool {
    let of = floor.agent(AgentIx(agent));
    let free = matches!(of.availability, Availability::Free(_)) && of.offer.is_none();
    let missed = waiting.missed.iter().any(|&(each, until)| each == AgentIx(agent) && now < until);
    if !free || missed || waiting.offer.is_some() {
        return false;
    }
    if waiting.is_private {
        return waiting.wanted.is_some_and(|wanted| wanted.agent == AgentIx(agent));
    }
    let waited = now.since(waiting.place.since);
    let rules = floor.rules(waiting.queue);
    let lower = rules.widening.iter().filter(|step| step.after <= waited).map(|step| step.lower).max().unwrap_or(0);
    let skill_fits = (0..2).all(|skill| {
        let skill = SkillIx(skill);
        of.profile.skills.level(skill) >= waiting.needs.level(skill).saturating_sub(lower)
    });
    skill_fits && of.profile.queues.iter().any(|part| part.queue == waiting.queue)
}

/// The contact first in rank for an agent.
fn best(floor: &Floor, agent: u16, now: Tick) -> Option<Contact> {
    let all = floor.contacts.iter().filter(|(_, waiting)| fits(floor, agent, waiting, now));
    let rank = |waiting: &Waiting| {
        let of = floor.agent(AgentIx(agent));
        let part = of.profile.queues.iter().find(|part| part.queue == waiting.queue && !waiting.is_private);
        let credit = floor.rules(waiting.queue).credit.0 + waiting.own_credit.0;
        let reserve = part.map_or(0, |part| part.reserve.0);
        (waiting.place.since.0 as i64 + reserve as i64 - credit as i64, waiting.place.order)
    };
    all.min_by_key(|(_, waiting)| rank(waiting)).map(|(&contact, _)| contact)
}

fn judge(site: &Site, decision: &Decision, why: &Why) {
    let (floor, now) = (&site.floor, site.now);
    let is_member = |agent: AgentIx, queue| floor.agent(agent).profile.queues.iter().any(|part| part.queue == queue);
    match decision {
        Decision::Offer { contact, queue, to, until } => {
            assert!(!to.is_empty() && *until > now, "an offer has an agent and an end");
            let waiting = &floor.contacts[contact];
            for agent in to {
                assert!(fits(floor, agent.0, waiting, now), "an agent offered something is free and fits");
                assert_eq!(best(floor, agent.0, now), Some(*contact), "the contact first in rank is offered");
            }
            if floor.rules(*queue).strategy == Order::LongestIdle && !waiting.is_private {
                let idle = |agent: u16| match floor.agent(AgentIx(agent)).availability {
                    Availability::Free(since) => since,
                    Availability::Away(_) => unreachable!("fits"),
                };
                let earlier = (0..AGENTS).find(|&agent| {
                    fits(floor, agent, waiting, now)
                        && (idle(agent), agent) < (idle(to[0].0), to[0].0)
                        && best(floor, agent, now) == Some(*contact)
                });
                assert_eq!(earlier, None, "the agent idle longest is chosen");
            }
            let members = floor.queue(*queue).members.len();
            let chosen = to.iter().filter(|&&agent| is_member(agent, *queue)).count();
            let passed: u16 = why.not_offered.iter().sum();
            assert_eq!(passed as usize + chosen, members, "each agent of the queue is chosen or passed over: {why:?}");
            assert_eq!(why.head.len(), (members - chosen).min(8), "the first eight passed over are named");
        }
        Decision::Nothing { .. } => {
            for agent in 0..AGENTS {
                assert_eq!(best(floor, agent, now), None, "no free agent is left beside a contact that fits");
            }
        }
        _ => {}
    }
}

/// Each contact and each agent is in at most one offer, and each offer has both and a deadline; all tallies add up.
fn check(floor: &Floor) {
    for (id, offer) in floor.offers.iter() {
        assert!(!offer.agents.is_empty(), "an offer has an agent");
        assert!(floor.leases.contains(&(offer.until, *id)), "an offer has a deadline");
        assert_eq!(floor.contacts[&offer.contact].offer, Some(*id), "an offer has a contact");
        for &agent in &offer.agents {
            assert_eq!(floor.agent(agent).offer, Some(*id), "an agent knows its one offer");
        }
    }
    let offers = || floor.contacts.values().filter_map(|waiting| waiting.offer);
    assert!(offers().all(|id| floor.offers.contains_key(&id)));
    assert_eq!(offers().count(), floor.offers.len(), "one offer, one contact");
    for (ix, agent) in floor.agents.iter().enumerate() {
        let in_offer = agent.offer.is_some_and(|id| floor.offers[&id].agents.contains(&AgentIx(ix as u16)));
        assert_eq!(agent.offer.is_some(), in_offer, "no agent is reserved without an offer");
    }
    for (ix, queue) in floor.queues.iter().enumerate() {
        let away: u16 = queue.tally.iter().sum();
        assert_eq!(
            away as usize + queue.teams.len(),
            queue.members.len(),
            "each member is free or counted by not_offered"
        );
        let here = |waiting: &Waiting| waiting.queue == QueueIx(ix as u16) && waiting.offer.is_none();
        let waiting = floor.contacts.values().filter(|waiting| here(waiting)).count();
        assert_eq!(waiting, floor.waiting(QueueIx(ix as u16)));
    }
    assert!(floor.contacts.values().all(|waiting| waiting.checks.len() <= OVERFLOW_MAX));
}

fn settle(site: &mut Site) {
    site.floor.advance(site.now);
    for _ in 0..1000 {
        let (decision, why) = decide(&site.floor, site.now);
        judge(site, &decision, &why);
        let place = |floor: &Floor, contact| floor.place(contact).map(|(_, place)| place);
        let before: Vec<_> = site.floor.contacts.keys().map(|&c| (c, place(&site.floor, c))).collect();
        site.floor.accept(&decision, &why, site.now);
        check(&site.floor);
        for (contact, earned) in before {
            let after = place(&site.floor, contact);
            assert!(after.is_none() || after == earned, "the place earned is kept");
        }
        if let Decision::Nothing { .. } = decision {
            return;
        }
    }
    panic!("decisions do not end");
}

fn apply(site: &mut Site, event: &Event) {
    let (floor, now) = (&mut site.floor, site.now);
    let nth = |floor: &Floor, n: u8| {
        let rings: Vec<_> =
            floor.offers.iter().flat_map(|(&id, offer)| offer.agents.iter().map(move |&agent| (id, agent))).collect();
        (!rings.is_empty()).then(|| rings[n as usize % rings.len()])
    };
    match *event {
        Event::Queue { contact, queue, skill, level, credit, wanted } => {
            let entry = Entry {
                needs: skills(&[(skill, level)]),
                credit: secs(credit),
                wanted: wanted.map(|(agent, hold, through_breaks)| Wanted {
                    agent: AgentIx(agent),
                    hold: secs(hold),
                    through_breaks,
                }),
                ..Entry::new(call(contact), QueueIx(queue))
            };
            floor.call_queued(entry, now);
        }
        Event::Left(contact) => drop(floor.call_left(call(contact))),
        Event::Free(agent) => floor.set_agent(AgentIx(agent), Availability::Free(now), now),
        Event::Away(agent, why) => {
            let not_offered =
                [NotOffered::LoggedOff, NotOffered::NotReady(Reason(3)), NotOffered::Talking, NotOffered::OutOfOrder];
            floor.set_agent(AgentIx(agent), Availability::Away(not_offered[why as usize % 4]), now);
        }
        Event::Answer(n) => {
            if let Some((id, agent)) = nth(floor, n) {
                let offer = floor.offers[&id].clone();
                let won = floor.answer(id, agent, now).expect("first");
                assert_eq!(won.others.len() + 1, offer.agents.len());
                for &other in &offer.agents {
                    assert!(floor.answer(id, other, now).is_err(), "the first answer alone has the call");
                }
            }
        }
        Event::Decline(n) => {
            if let Some((id, agent)) = nth(floor, n) {
                floor.decline(id, agent, now).expect("rings");
            }
        }
        Event::Pass(seconds) => {
            let end = now + secs(seconds);
            while let Some(next) = site.floor.next_tick().filter(|&next| next <= end) {
                site.now = site.now.max(next);
                settle(site);
            }
            site.now = end;
        }
        Event::Rules(queue) => {
            let changed = QueueRules { credit: secs(10), ..site.floor.rules(QueueIx(queue)).clone() };
            site.floor.set_rules(QueueIx(queue), changed, now);
        }
    }
}

fn site(orders: [Order; 3]) -> Site {
    let part = |queue, reserve| QueueMembership { reserve: secs(reserve), ..QueueMembership::equal(QueueIx(queue)) };
    let parts = [
        vec![part(0, 0), part(1, 0)],
        vec![part(0, 0), part(1, 60), part(2, 0)],
        vec![part(1, 0)],
        vec![part(2, 0), part(0, 600)],
        vec![part(0, 0)],
        vec![part(1, 30), part(2, 0)],
    ];
    let mut site = Site::with(orders.iter().zip([0, 0, 120]).map(|(&o, c)| rules(o, c)).collect(), parts.to_vec());
    for (agent, pairs) in [(0, vec![(0, 3), (1, 3)]), (1, vec![(0, 1)]), (2, vec![(1, 2)]), (3, vec![(0, 2), (1, 1)])] {
        site.skilled(agent, &pairs);
    }
    site
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_decision_holds_the_rules_in_any_order_of_events(
        orders in [order(), order(), order()],
        events in proptest::collection::vec(event(), 1..120),
    ) {
        let mut site = site(orders);
        for event in &events {
            apply(&mut site, event);
            check(&site.floor);
            settle(&mut site);
        }
        // Nothing starves: with the agents of all queues at work, each contact gets an offer, and none stays behind.
        let mut rounds = 0;
        while !site.floor.contacts.is_empty() {
            for agent in 0..AGENTS {
                site.floor.set_agent(AgentIx(agent), Availability::Free(site.now), site.now);
            }
            settle(&mut site);
            apply(&mut site, &Event::Answer(0));
            apply(&mut site, &Event::Pass(1));
            rounds += 1;
            prop_assert!(rounds < 300, "served in the end: {:?}", site.floor.contacts);
        }
    }
}
