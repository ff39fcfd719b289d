//! Rules of queues as the configuration has them, seen in calls: who rings, where an overflow goes, what a gate does.
//!
//! Never: judges a decision alone; `acd/tests` does that.

use tipring_driver::ids::PromptId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent, ToneKind};
use tipring_driver::time::Ticks;

use super::rig::Rig;
use super::{device, site};
use crate::acd::callers::CallerSet;
use crate::acd::ids::{QueueIx, SkillIx, Skills};
use crate::acd::rule::{Condition, Gate, Overflow, QueueRules, Strategy, Target, Widening};
use crate::config::{CallerConfig, Config, Destination, PersonalConfig};
use crate::store::Outcome;

pub(super) fn secs(seconds: u64) -> Ticks {
    Ticks::from_secs(seconds)
}

/// The site of the tests with other rules for the queue 5000.
pub(super) fn with(rules: QueueRules) -> Config {
    let mut config = site();
    config.queues[0].rules = rules;
    config
}

fn skills(pairs: &[(u16, u8)]) -> Skills {
    let pairs: Vec<_> = pairs.iter().map(|&(skill, level)| (SkillIx(skill), level)).collect();
    Skills::new(&pairs).expect("few skills")
}

/// Two agents ready at 1001 and 1002, the first of them idle longest.
pub(super) fn two_ready(config: Config) -> Rig {
    let mut rig = Rig::of(config);
    rig.ready("1001", "7001");
    rig.pass(10);
    rig.ready("1002", "7002");
    rig.pass(10);
    rig.commanded();
    rig
}

pub(super) fn overflow(after: u64, to: Target) -> QueueRules {
    let rule = Overflow { after: secs(after), every: Some(secs(5)), when: Condition::Always, to };
    QueueRules { overflow: vec![rule], ..QueueRules::default() }
}

pub(super) fn gate(when: Condition, to: Target) -> QueueRules {
    QueueRules { gate: vec![Gate { when, to }], ..QueueRules::default() }
}

/// The prompts that have been started on a channel, and the last tone there.
pub(super) fn heard(rig: &Rig, channel: u16) -> (Vec<u32>, Option<ToneKind>) {
    let mut prompts = Vec::new();
    let mut last = None;
    for command in &rig.media {
        match *command {
            MediaCommand::Play { channel: at, prompt, .. } if at.0 == channel => prompts.push(prompt.0),
            MediaCommand::Tone { channel: at, tone } if at.0 == channel => last = tone,
            _ => {}
        }
    }
    (prompts, last)
}

/// The prompt that was started last on a channel ends.
pub(super) fn prompt_ends(rig: &mut Rig, channel: u16) {
    let task = rig.media.iter().rev().find_map(|command| match *command {
        MediaCommand::Play { task, channel: at, .. } if at.0 == channel => Some(task),
        _ => None,
    });
    rig.media_ends(MediaEvent::PlayEnded { task: task.expect("a prompt"), end: MediaEnd::Complete });
}

#[test]
fn in_the_fixed_order_the_agent_who_stands_first_rings_although_another_is_idle_longer() {
    let mut config = with(QueueRules { strategy: Strategy::FixedOrder, ..QueueRules::default() });
    config.agents[0].queues[0].position = 2;
    config.agents[1].queues[0].position = 1;
    let mut rig = two_ready(config);
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"]);
}

#[test]
fn the_agent_with_the_least_talk_has_the_next_call_although_another_is_idle_longer() {
    let mut rig = two_ready(with(QueueRules { strategy: Strategy::LeastTalk, ..QueueRules::default() }));
    let mut serve = |station: u16, talk: u64| {
        rig.ring_into_queue(0, "5551234");
        assert_eq!(rig.commanded(), ["0 answer".to_owned(), format!("{station} ring for 5551234")]);
        rig.line(station, LineEvent::OffHook);
        rig.pass(talk);
        rig.line(0, LineEvent::Released(tipring_driver::line::DisconnectSignal::Tone));
        rig.line(station, LineEvent::OnHook);
        rig.pass(60_000);
        rig.commanded();
    };
    serve(2, 60_000);
    serve(3, 10_000);
    serve(3, 30_000);
    serve(3, 30_000);
    serve(2, 1_000);
}

#[test]
fn all_telephones_ring_and_the_first_to_answer_has_the_call() {
    let mut rig = two_ready(with(QueueRules { strategy: Strategy::RingAll, ..QueueRules::default() }));
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "2 ring for 5551234", "3 ring for 5551234"]);
    rig.line(3, LineEvent::OffHook);
    assert_eq!(rig.commanded(), ["2 release"]);
}

#[test]
fn a_call_waits_for_the_skill_and_after_the_widening_for_none() {
    let widening = vec![Widening { after: secs(30), lower: 5 }];
    let mut config = with(QueueRules { needs: skills(&[(0, 5)]), widening, ..QueueRules::default() });
    config.agents[2].skills = skills(&[(0, 7)]);
    let mut rig = two_ready(config);
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer"], "neither of the two has the skill");
    rig.pass(29_000);
    assert_eq!(rig.commanded(), [""; 0]);
    rig.pass(1_100);
    assert_eq!(rig.commanded(), ["2 ring for 5551234"], "the need has been lowered");
}

#[test]
fn a_reserve_agent_takes_the_call_of_the_own_queue_first_until_the_other_has_waited_long_enough() {
    let run = |first_waits: u64| {
        let mut config = site();
        config.agents[0].queues[1].reserve = secs(60);
        config.agents.truncate(1);
        let mut rig = Rig::of(config);
        rig.ring_in(1, "5552222");
        rig.line(1, LineEvent::Digit(super::key('2')));
        rig.pass(first_waits);
        rig.ring_into_queue(0, "5551111");
        rig.commanded();
        rig.ready("1001", "7001");
        rig.commanded()
    };
    assert_eq!(run(30_000), ["2 ring for 5551111"]);
    assert_eq!(run(61_000), ["2 ring for 5552222"]);
}

#[test]
fn overflow_by_wait_leads_to_the_other_queue_and_the_events_say_so() {
    let mut rig = Rig::of(with(overflow(20, Target::Queue(QueueIx(1)))));
    rig.monitor("5000");
    rig.monitor("5001");
    rig.ring_into_queue(0, "5551234");
    rig.reported();
    rig.pass(20_001);
    assert_eq!(
        rig.reported(),
        ["D5000: diverted 5000 to 5001 0 26", "D5001: queued 5001 as 1 over 5000 5 23"],
        "overflow, and no agent is there"
    );
    let figures = |rig: &Rig, queue| rig.figures(queue);
    assert_eq!((figures(&rig, "5000").flowed_out, figures(&rig, "5001").offered), (1, 1));
}

#[test]
fn overflow_to_a_menu_says_it_and_the_key_leads_on() {
    let mut rig = Rig::of(with(overflow(20, Target::To(Destination::Flow(device("main"))))));
    rig.ring_into_queue(0, "5551234");
    rig.media.clear();
    rig.pass(20_001);
    assert_eq!(heard(&rig, 0), (vec![1], None), "ringback has ended and the menu speaks");
    rig.line(0, LineEvent::Digit(super::key('2')));
    assert_eq!(rig.core.queue_waiting(&device("5001")), Some(1));
    assert_eq!(rig.core.queue_waiting(&device("5000")), Some(0));
}

#[test]
fn overflow_to_a_station_rings_it() {
    let mut rig = Rig::of(with(overflow(20, Target::To(Destination::Station(device("1002"))))));
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.pass(20_001);
    assert_eq!(rig.commanded(), ["3 ring for 5551234"]);
    rig.line(3, LineEvent::OffHook);
    rig.pass(1000);
    rig.line(0, LineEvent::Released(tipring_driver::line::DisconnectSignal::Tone));
    rig.line(3, LineEvent::OnHook);
    assert_eq!(rig.calls().last().expect("a record").outcome, Outcome::Answered);
}

#[test]
fn a_gate_turns_the_second_caller_away_with_an_announcement_and_then_busy_tone() {
    let to = Target::Busy(Some(PromptId(9)));
    let mut rig = Rig::of(with(gate(Condition::Depth(1), to)));
    rig.monitor_via("5000");
    rig.ring_into_queue(0, "5551111");
    rig.reported();
    rig.ring_into_queue(1, "5552222");
    assert_eq!(
        rig.reported(),
        [
            "C5000: queued 5000 as 1 over 6000 -1 23",
            "C5000: diverted 5000 to - -1 26",
            "C5000: failed T2# at 6000 -1 3"
        ],
        "no agent is there, overflow, busy"
    );
    assert_eq!(heard(&rig, 1).0, [1, 9], "the menu, then the announcement");
    prompt_ends(&mut rig, 1);
    assert_eq!(heard(&rig, 1).1, Some(ToneKind::Busy));
    rig.commanded();
    rig.pass(3_100);
    assert_eq!(rig.commanded(), ["1 release"]);
    assert_eq!(rig.calls().last().expect("a record").outcome, Outcome::Busy);
    let figures = rig.figures("5000");
    assert_eq!((figures.offered, figures.flowed_out), (2, 1));
    assert_eq!(rig.core.queue_waiting(&device("5000")), Some(1));
}

#[test]
fn gates_that_point_at_each_other_do_not_turn_a_caller_round_for_ever() {
    let mut config = with(gate(Condition::NoAgents, Target::Queue(QueueIx(1))));
    config.queues[1].rules = gate(Condition::NoAgents, Target::Queue(QueueIx(0)));
    let mut rig = Rig::of(config);
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.core.queue_waiting(&device("5001")), Some(1), "the second queue keeps the call");
}

#[test]
fn the_longest_wait_of_a_queue_ends_with_busy_tone() {
    let mut config = site();
    config.queues[0].longest_wait = Some(secs(90));
    let mut rig = Rig::of(config);
    rig.ring_into_queue(0, "5551234");
    rig.media.clear();
    rig.pass(89_000);
    assert_eq!(heard(&rig, 0).1, None);
    rig.pass(1_100);
    assert!(heard(&rig, 0).1.is_some(), "{:?}", rig.media);
    assert_eq!(rig.core.queue_waiting(&device("5000")), Some(0));
}

#[test]
fn a_rule_that_leads_to_a_queue_that_is_not_there_is_refused() {
    let table = std::sync::Arc::new(crate::channel::ChannelTable::new(6));
    let config = with(overflow(20, Target::Queue(QueueIx(7))));
    let refused = crate::Core::new(config, table).expect_err("no such queue");
    assert!(refused.to_string().contains("the queue at place 7, which does not exist"), "{refused}");
}

#[test]
fn a_caller_with_a_head_start_is_offered_before_one_who_has_waited_less_than_it() {
    let run = |first_waits: u64| {
        let mut config = site();
        let callers = CallerSet::Number("13800*".into());
        config.callers = vec![CallerConfig { callers, credit: secs(600), owner: None }];
        let mut rig = Rig::of(config);
        rig.ring_into_queue(0, "5551111");
        rig.skip(first_waits * 1000);
        rig.ring_into_queue(1, "13800138000");
        rig.commanded();
        rig.ready("1001", "7001");
        rig.commanded()
    };
    assert_eq!(run(599), ["2 ring for 13800138000"]);
    assert_eq!(run(601), ["2 ring for 5551111"], "ageing: a head start is worth its seconds and no more");
}

/// Agent 7002 at 1002 has served 5551234; 7001 is idle longer.
fn served_by_the_second(mut config: Config) -> Rig {
    config.queues[0].personal = PersonalConfig { owner: None, hold: secs(15), last_agent: secs(3600) };
    let mut rig = Rig::of(config);
    rig.ready("1002", "7002");
    rig.ring_into_queue(0, "5551234");
    rig.line(3, LineEvent::OffHook);
    rig.ready("1001", "7001");
    rig.pass(5000);
    rig.line(0, LineEvent::Released(tipring_driver::line::DisconnectSignal::Tone));
    rig.line(3, LineEvent::OnHook);
    rig.pass(6000);
    rig.commanded();
    rig
}

#[test]
fn a_caller_who_calls_again_rings_at_the_agent_who_knows_the_case() {
    let mut rig = served_by_the_second(site());
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"]);
    rig.ring_into_queue(1, "5559999");
    assert_eq!(rig.commanded(), ["1 answer", "2 ring for 5559999"], "any other caller rings at the one idle longest");
}

#[test]
fn the_last_agent_is_known_by_every_spelling_of_the_number() {
    let numbers = crate::number_plan::NumberPlan::new("CN", "571").expect("a plan");
    let mut rig = served_by_the_second(Config { numbers, ..site() });
    rig.ring_into_queue(0, "05715551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 05715551234"]);
}

#[test]
fn a_caller_waits_for_the_last_agent_at_a_call_for_so_long_and_no_longer() {
    let mut rig = served_by_the_second(site());
    rig.line(3, LineEvent::OffHook);
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer"], "the last agent is at the telephone");
    rig.pass(9_900);
    assert_eq!(rig.commanded(), [""; 0]);
    rig.pass(5_200);
    assert_eq!(rig.commanded().pop().as_deref(), Some("2 ring for 5551234"));
}

#[test]
fn the_owner_of_an_account_comes_before_the_last_agent() {
    let mut config = site();
    let owner = config.agents[0].id;
    config.callers =
        vec![CallerConfig { callers: CallerSet::Number("5551234".into()), credit: Ticks::ZERO, owner: Some(owner) }];
    let mut rig = served_by_the_second(config);
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "2 ring for 5551234"]);
}

#[test]
fn a_private_queue_waits_through_the_owners_break_and_then_falls_back_to_the_others() {
    let mut config = site();
    let owner = Some(config.agents[0].id);
    config.queues[0].personal = PersonalConfig { owner, hold: secs(40), last_agent: Ticks::ZERO };
    let mut rig = two_ready(config);
    rig.agent("1001", "7001", crate::csta::AgentMode::NotReady).expect("on a break");
    rig.ring_into_queue(0, "5551234");
    rig.pass(39_000);
    assert_eq!(rig.commanded(), ["0 answer"]);
    rig.pass(1_100);
    assert_eq!(rig.commanded(), ["3 ring for 5551234"]);
}

#[test]
fn a_caller_who_leaves_for_a_menu_and_comes_back_keeps_the_wait_that_was_earned() {
    let rule = overflow(30, Target::To(Destination::Flow(device("main"))));
    let mut rig = Rig::of(with(rule));
    rig.ring_into_queue(0, "5551111");
    rig.pass(20_000);
    rig.ring_into_queue(1, "5552222");
    rig.pass(11_000);
    rig.line(0, LineEvent::Digit(super::key('1')));
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551111"], "30 s of waiting before 11 s");
}
