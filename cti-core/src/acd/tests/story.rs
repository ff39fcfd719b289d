//! Right behaviour by sentence; many answer a complaint from the field.

use super::*;
use crate::acd::decide::explain;
use crate::acd::floor::Wanted;
use crate::acd::ids::Reason;
use crate::acd::rule::{Announce, Strategy, Widening};

fn rules(strategy: Strategy) -> QueueRules {
    QueueRules { strategy, ..QueueRules::default() }
}

/// The agents who get the next calls, each at work only for the time of one call.
fn round(site: &mut Site, calls: i32) -> Vec<u16> {
    let mut got = Vec::new();
    for number in 1..=calls {
        site.queue(call(number));
        let (contact, agents) = site.offers().pop().expect("an agent is free");
        site.answer(contact, agents[0]);
        site.now += secs(10);
        site.floor.agent_talked(AgentIx(agents[0]), secs(10));
        site.free(agents[0]);
        got.push(agents[0]);
    }
    got
}

#[test]
fn the_agent_idle_longest_is_offered_the_call() {
    let mut site = Site::new(rules(Strategy::LongestIdle), 3);
    for agent in [2, 0, 1] {
        site.free(agent);
        site.now += secs(1);
    }
    assert_eq!(round(&mut site, 4), [2, 0, 1, 2]);
}

#[test]
fn round_robin_goes_on_where_it_was_even_when_an_agent_is_busy_in_its_turn() {
    let mut site = Site::new(rules(Strategy::RoundRobin), 3);
    (0..3).for_each(|agent| site.free(agent));
    assert_eq!(round(&mut site, 4), [0, 1, 2, 0]);
    site.away(1, TALK);
    assert_eq!(round(&mut site, 2), [2, 0]);
    site.free(1);
    assert_eq!(round(&mut site, 2), [1, 2]);
}

#[test]
fn fewest_calls_and_least_talk_count_from_log_in() {
    let mut site = Site::new(rules(Strategy::FewestCalls), 2);
    site.free(0);
    round(&mut site, 3);
    site.free(1);
    assert_eq!(round(&mut site, 3), [1, 1, 1]);
    site.away(1, NotOffered::LoggedOff);
    site.free(1);
    assert_eq!(round(&mut site, 1), [1]);

    let mut site = Site::new(rules(Strategy::LeastTalk), 2);
    (0..2).for_each(|agent| site.free(agent));
    site.floor.agent_talked(AgentIx(0), secs(15));
    assert_eq!(round(&mut site, 3), [1, 1, 0]);
}

#[test]
fn the_fixed_order_and_the_level_of_a_skill_come_before_idle_time() {
    let part = |position| vec![QueueMembership { position, ..QueueMembership::equal(QueueIx(0)) }];
    let mut site = Site::with(vec![rules(Strategy::FixedOrder)], vec![part(3), part(1), part(2)]);
    (0..3).for_each(|agent| site.free(agent));
    assert_eq!(round(&mut site, 2), [1, 1]);
    site.away(1, TALK);
    assert_eq!(round(&mut site, 1), [2]);

    let mut site = Site::new(rules(Strategy::SkillLevel(SkillIx(4))), 3);
    site.skilled(2, &[(4, 9)]);
    site.skilled(1, &[(4, 3)]);
    (0..3).for_each(|agent| site.free(agent));
    assert_eq!(round(&mut site, 2), [2, 2]);
}

#[test]
fn weighted_lots_fall_in_proportion_and_the_same_seed_gives_the_same_lots() {
    let part = |weight| vec![QueueMembership { weight, ..QueueMembership::equal(QueueIx(0)) }];
    let run = |seed| {
        let mut site = Site::with(vec![rules(Strategy::Weighted { seed })], vec![part(1), part(3), part(6)]);
        (0..3).for_each(|agent| site.free(agent));
        round(&mut site, 3000)
    };
    let got = run(1);
    assert_eq!(got, run(1));
    assert_ne!(got, run(2));
    let share = |agent| got.iter().filter(|&&each| each == agent).count() as f64 / 3000.0;
    for (agent, expected) in [(0, 0.1), (1, 0.3), (2, 0.6)] {
        // Three standard deviations of a share of 3,000 lots are below 0.027.
        assert!((share(agent) - expected).abs() < 0.027, "agent {agent}: {}", share(agent));
    }
}

#[test]
fn with_ring_all_the_first_answer_has_the_call_and_every_other_telephone_stops() {
    let mut site = Site::new(rules(Strategy::RingAll), 3);
    (0..3).for_each(|agent| site.free(agent));
    site.queue(call(1));
    assert_eq!(site.offers(), [(call(1), vec![0, 1, 2])]);
    let offer = site.offer_of(call(1));
    assert_eq!(site.answer(call(1), 1).as_slice(), [AgentIx(0), AgentIx(2)]);
    assert!(site.floor.answer(offer, AgentIx(0), site.now).is_err(), "a second answer comes too late");
    assert_eq!(site.floor.free(QueueIx(0)), 2);
    site.queue(call(2));
    assert_eq!(site.offers(), [(call(2), vec![0, 2])], "the others are free again at once");
}

#[test]
fn with_ring_all_a_telephone_that_drops_out_leaves_the_others_ringing() {
    let mut site = Site::new(rules(Strategy::RingAll), 2);
    (0..2).for_each(|agent| site.free(agent));
    site.queue(call(1));
    site.offers();
    site.away(0, NotOffered::NotReady(Reason(2)));
    let decisions = site.settle();
    assert!(matches!(&decisions[..], [Decision::Withdraw { agents, missed: false, .. }] if agents[0] == AgentIx(0)));
    assert_eq!(site.floor.offer(site.offer_of(call(1))).expect("rings").agents.as_slice(), [AgentIx(1)]);
    site.answer(call(1), 1);
}

#[test]
fn a_caller_who_hangs_up_stops_the_ringing_and_frees_the_agent() {
    let mut site = Site::new(QueueRules::default(), 1);
    site.free(0);
    site.queue(call(1));
    site.offers();
    let offer = site.floor.call_left(call(1)).expect("was offered");
    assert_eq!(offer.agents.as_slice(), [AgentIx(0)]);
    site.queue(call(2));
    assert_eq!(site.offers(), [(call(2), vec![0])]);
}

#[test]
fn a_missed_call_keeps_its_place_and_does_not_ring_the_same_agent_at_once() {
    let mut site = Site::new(QueueRules::default(), 2);
    site.free(0);
    site.queue(call(1));
    site.now += secs(1);
    site.queue(call(2));
    assert_eq!(site.offers(), [(call(1), vec![0])]);
    let decisions = site.pass(secs(20));
    assert!(matches!(decisions[0], Decision::Withdraw { missed: true, .. }));
    assert_eq!(offered(&decisions[1]), Some((call(2), vec![0])), "the next caller is offered to the agent meanwhile");
    assert_eq!(site.floor.position(call(1)), Some(1));
    site.free(1);
    assert_eq!(site.offers(), [(call(1), vec![1])], "another agent gets the missed call first");
}

#[test]
fn a_missed_call_rings_the_only_agent_again_after_the_retry_time() {
    let mut site = Site::new(QueueRules::default(), 1);
    site.free(0);
    site.queue(call(1));
    site.offers();
    let decisions = site.pass(secs(49));
    assert_eq!(decisions.iter().filter_map(offered).count(), 0);
    assert_eq!(explain(&site.floor, call(1), site.now).expect("waits").count(NotOffered::MissedLast), 1);
    assert_eq!(site.pass(secs(1)).iter().filter_map(offered).collect::<Vec<_>>(), [(call(1), vec![0])]);
}

#[test]
fn not_ready_while_ringing_sends_the_call_back_to_its_place_at_once() {
    let mut site = Site::new(QueueRules::default(), 2);
    (0..2).for_each(|agent| site.free(agent));
    site.queue(call(1));
    assert_eq!(site.offers(), [(call(1), vec![0])]);
    site.away(0, NotOffered::NotReady(Reason(1)));
    assert_eq!(site.offers(), [(call(1), vec![1])]);
}

#[test]
fn needs_widen_with_waiting_and_a_better_agent_is_preferred_while_there_is_one() {
    let widening = vec![Widening { after: secs(30), lower: 2 }];
    let mut site = Site::new(QueueRules { widening, ..rules(Strategy::SkillLevel(SkillIx(1))) }, 3);
    site.skilled(0, &[(1, 1)]);
    site.skilled(1, &[(1, 5)]);
    site.free(0);
    site.enter(Entry { needs: skills(&[(1, 3)]), ..Entry::new(call(1), QueueIx(0)) });
    assert_eq!(site.offers(), []);
    let why = explain(&site.floor, call(1), site.now).expect("waits");
    assert_eq!(why.head[0], (AgentIx(0), NotOffered::NoSkill { needs: 3, has: 1 }));
    assert_eq!(why.head[1], (AgentIx(1), NotOffered::LoggedOff));
    let decisions = site.pass(secs(30));
    assert_eq!(decisions.iter().filter_map(offered).collect::<Vec<_>>(), [(call(1), vec![0])]);
    assert_eq!(site.now, Tick(30_000));
}

#[test]
fn priority_is_worth_waiting_time_and_none_starves() {
    let mut site = Site::new(QueueRules::default(), 1);
    site.queue(call(1));
    site.now += secs(599);
    let vip = |number| Entry { credit: secs(600), ..Entry::new(call(number), QueueIx(0)) };
    site.enter(vip(2));
    site.now += secs(2);
    site.enter(vip(3));
    let mut order = Vec::new();
    for _ in 0..3 {
        site.free(0);
        let (contact, _) = site.offers().pop().expect("waits");
        site.answer(contact, 0);
        order.push(contact);
    }
    assert_eq!(order, [call(2), call(1), call(3)], "ahead of those who have waited less than ten minutes");
}

#[test]
fn an_agent_of_several_queues_serves_first_come_first_served_unless_held_in_reserve() {
    let part = |queue, reserve| QueueMembership { reserve: secs(reserve), ..QueueMembership::equal(QueueIx(queue)) };
    let mut site = Site::with(vec![QueueRules::default(); 2], vec![vec![part(0, 0), part(1, 0)]]);
    let two = |site: &mut Site| {
        site.enter(Entry::new(call(1), QueueIx(1)));
        site.now += secs(20);
        site.enter(Entry::new(call(2), QueueIx(0)));
        site.free(0);
    };
    two(&mut site);
    assert_eq!(site.offers(), [(call(1), vec![0])]);
    let mut site = Site::with(vec![QueueRules::default(); 2], vec![vec![part(0, 0), part(1, 60)]]);
    two(&mut site);
    assert_eq!(site.offers(), [(call(2), vec![0])]);
}

#[test]
fn an_escalation_queue_outranks_the_others() {
    let rules = vec![QueueRules::default(), QueueRules { credit: secs(3600), ..QueueRules::default() }];
    let both = vec![QueueMembership::equal(QueueIx(0)), QueueMembership::equal(QueueIx(1))];
    let mut site = Site::with(rules, vec![both]);
    site.queue(call(1));
    site.now += secs(300);
    site.enter(Entry::new(call(2), QueueIx(1)));
    site.free(0);
    assert_eq!(site.offers(), [(call(2), vec![0])]);
}

#[test]
fn the_last_agent_is_waited_for_and_then_the_public_queue_serves_from_the_place_earned() {
    let mut site = Site::new(QueueRules::default(), 3);
    site.away(0, TALK);
    let wanted = Some(Wanted { agent: AgentIx(0), hold: secs(30), through_breaks: false });
    site.enter(Entry { wanted, ..Entry::new(call(1), QueueIx(0)) });
    site.now += secs(1);
    site.free(1);
    assert_eq!(site.offers(), []);
    site.queue(call(2));
    assert_eq!(site.offers(), [(call(2), vec![1])], "others are served meanwhile");
    site.answer(call(2), 1);
    site.free(2);
    let decisions = site.pass(secs(29));
    assert_eq!(decisions.iter().filter_map(offered).next_back(), Some((call(1), vec![2])));

    site.enter(Entry { wanted, ..Entry::new(call(3), QueueIx(0)) });
    site.free(0);
    assert_eq!(site.offers(), [(call(3), vec![0])], "the wanted agent is offered it as soon as free");
}

#[test]
fn a_private_queue_falls_to_the_public_one_when_its_agent_logs_off() {
    let mut site = Site::new(QueueRules::default(), 2);
    site.away(0, NotOffered::NotReady(Reason(1)));
    site.free(1);
    let wanted = Some(Wanted { agent: AgentIx(0), hold: secs(600), through_breaks: true });
    site.enter(Entry { wanted, ..Entry::new(call(1), QueueIx(0)) });
    assert_eq!(site.offers(), []);
    assert_eq!(site.floor.waiting(QueueIx(0)), 1);
    site.away(0, NotOffered::LoggedOff);
    assert_eq!(site.offers(), [(call(1), vec![1])]);
}

#[test]
fn position_and_expected_wait_are_announced_at_their_times() {
    let announce = Some(Announce { first: secs(5), every: secs(30), position: true, expected: true, prompt: None });
    let mut site = Site::new(QueueRules { announce, ..QueueRules::default() }, 2);
    (0..2).for_each(|agent| site.away(agent, TALK));
    site.queue(call(1));
    site.now += secs(1);
    site.queue(call(2));
    let said = |position, wait| Some((position, secs(wait)));
    let heard: Vec<_> = site
        .pass(secs(40))
        .into_iter()
        .map(|decision| match decision {
            Decision::Announce { contact, position, expected } => (contact, position.zip(expected)),
            other => panic!("{other:?}"),
        })
        .collect();
    // Three minutes of handling by two agents: one call in 90 s.
    let expected = [(1, 1, 90), (2, 2, 180), (1, 1, 90), (2, 2, 180)];
    assert_eq!(heard, expected.map(|(number, position, wait)| (call(number), said(position, wait))));
}

#[test]
fn an_announced_position_grows_for_a_caller_with_priority_and_for_no_other() {
    let announce = Some(Announce { first: secs(5), every: secs(30), position: true, expected: true, prompt: None });
    let mut site = Site::new(QueueRules { announce, ..QueueRules::default() }, 1);
    site.queue(call(1));
    site.now += secs(1);
    site.queue(call(2));
    site.free(0);
    let second = |site: &mut Site, wait| {
        let mut said = site.pass(wait).into_iter().filter_map(|decision| match decision {
            Decision::Announce { contact, position, .. } if contact == call(2) => position,
            _ => None,
        });
        said.next_back()
    };
    assert_eq!(second(&mut site, secs(6)), Some(1), "the call before is being offered");
    site.away(0, TALK);
    assert_eq!(second(&mut site, secs(30)), Some(1), "it was withdrawn and is back in its place");
    assert_eq!(site.floor.position(call(2)), Some(2));
    site.enter(Entry { credit: secs(600), ..Entry::new(call(3), QueueIx(0)) });
    assert_eq!(second(&mut site, secs(30)), Some(2), "one with a head start has come");
}

#[test]
fn a_caller_with_priority_is_counted_ahead_of_those_it_outranks() {
    let mut site = Site::new(QueueRules::default(), 0);
    (1..=3).for_each(|number| site.queue(call(number)));
    site.enter(Entry { credit: secs(60), ..Entry::new(call(4), QueueIx(0)) });
    assert_eq!([4, 1, 2, 3].map(|number| site.floor.position(call(number))), [1, 2, 3, 4].map(Some));
}

#[test]
fn a_failed_transfer_and_a_re_entry_keep_the_place() {
    let mut site = Site::new(QueueRules::default(), 1);
    site.queue(call(1));
    let (_, place) = site.floor.place(call(1)).expect("waits");
    site.floor.call_left(call(1));
    site.now += secs(100);
    site.queue(call(2));
    site.now += secs(100);
    site.enter(Entry { place: Some(place), ..Entry::new(call(1), QueueIx(0)) });
    site.free(0);
    assert_eq!(site.offers(), [(call(1), vec![0])]);
}

#[test]
fn a_decision_names_the_agents_passed_over() {
    let mut site = Site::new(QueueRules::default(), 12);
    site.away(0, NotOffered::NotReady(Reason(4)));
    site.away(1, TALK);
    site.away(2, NotOffered::AfterCallWork);
    site.away(3, NotOffered::OffHook);
    site.now += secs(1);
    site.free(4);
    site.now += secs(1);
    site.free(5);
    site.queue(call(1));
    assert_eq!(site.offers(), [(call(1), vec![4])]);
    let why = site.whys.last().expect("decided");
    assert_eq!(why.chosen.as_slice(), [AgentIx(4)]);
    assert_eq!(why.head.len(), 8);
    assert_eq!(why.head[0], (AgentIx(0), NotOffered::NotReady(Reason(4))));
    assert_eq!(why.head[4], (AgentIx(5), NotOffered::Later));
    assert_eq!((why.count(NotOffered::LoggedOff), why.count(NotOffered::Later)), (6, 1));
    assert_eq!(why.head[0].1.to_string(), "not ready, reason 4");
}
