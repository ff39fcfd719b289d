//! Announcements to callers in a queue: what is said, when, and what ends it.
//!
//! Never: judges a position or a wait alone; `acd/tests` does that.

use tipring_driver::line::LineEvent;
use tipring_driver::media::{MediaCommand, ToneKind};

use super::queues::{heard, overflow, prompt_ends, secs, two_ready, with};
use super::rig::Rig;
use super::{book, device, menu};
use crate::acd::rule::{Announce, QueueRules, Target};
use crate::config::{Config, Destination};
use crate::flow::say::{Language, Phrase};

/// The site of the tests, whose queue 5000 announces after 10 s and every 30 s, with `number` before.
fn announcing() -> Config {
    let prompt = Some("number".to_owned());
    let announce = Some(Announce { first: secs(10), every: secs(30), position: true, expected: true, prompt });
    with(QueueRules { announce, ..QueueRules::default() })
}

/// The prompts that a channel is made to hear from here on, each played to its end; `tone` where a tone comes back.
fn listened(rig: &mut Rig, channel: u16) -> Vec<u32> {
    let mut words = Vec::new();
    while let (prompts, None) = heard(rig, channel)
        && let Some(&prompt) = prompts.last()
    {
        words.push(prompt);
        prompt_ends(rig, channel);
        let ended =
            rig.media.iter().rposition(|it| matches!(it, MediaCommand::Play { prompt: it, .. } if it.0 == prompt));
        rig.media.drain(..=ended.expect("it was played"));
    }
    words
}

/// The numbers of phrases.
fn phrases(language: Language, words: &[&'static str]) -> Vec<u32> {
    let book = book(&[menu().flow("main")]);
    words.iter().map(|&word| book.phrases[&(language, Phrase(word))].0).collect()
}

#[test]
fn a_waiting_caller_hears_the_prompt_the_place_and_the_wait_and_then_the_sound_of_waiting_again() {
    let mut rig = two_ready(announcing());
    rig.line(2, LineEvent::OffHook);
    rig.line(3, LineEvent::OffHook);
    rig.ring_into_queue(0, "5551111");
    rig.ring_into_queue(1, "5552222");
    rig.media.clear();
    rig.pass(9_990);
    assert_eq!(heard(&rig, 1), (vec![], None));
    rig.pass(20);
    // Three minutes of handling by two agents: the second caller waits for twice 90 s.
    let said = ["place-before", "2", "place-after", "wait-before", "3", "minutes"];
    let wanted: Vec<_> = [2].into_iter().chain(phrases(Language::Mandarin, &said)).collect();
    assert_eq!(listened(&mut rig, 1), wanted);
    assert_eq!(heard(&rig, 1).1, Some(ToneKind::Ringback));
    rig.media.clear();
    rig.pass(29_000);
    assert_eq!(heard(&rig, 1).0, [0; 0]);
    rig.pass(1_000);
    assert_eq!(listened(&mut rig, 1), wanted);
}

#[test]
fn the_wait_is_rounded_up_to_minutes_and_what_is_not_known_is_not_said() {
    let mut rig = two_ready(announcing());
    rig.line(2, LineEvent::OffHook);
    rig.line(3, LineEvent::OffHook);
    rig.ring_into_queue(0, "5551111");
    rig.media.clear();
    rig.pass(10_010);
    let said = ["place-before", "1", "place-after", "wait-before", "liang", "minutes"];
    let wanted: Vec<_> = [2].into_iter().chain(phrases(Language::Mandarin, &said)).collect();
    assert_eq!(listened(&mut rig, 0), wanted, "a minute and a half is two");
    let mut rig = Rig::of(announcing());
    rig.ring_into_queue(0, "5551111");
    rig.media.clear();
    rig.pass(10_010);
    let wanted: Vec<_> = [2].into_iter().chain(phrases(Language::Mandarin, &said[..3])).collect();
    assert_eq!(listened(&mut rig, 0), wanted, "without an agent there is no expectation");
}

#[test]
fn an_announcement_goes_on_while_the_call_is_offered_and_ends_with_the_answer() {
    let mut rig = Rig::of(announcing());
    rig.ring_into_queue(0, "5551111");
    rig.pass(10_010);
    rig.commanded();
    rig.media.clear();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551111"], "no offer waits for its end");
    assert_eq!(rig.media, [], "the prompt goes on");
    rig.line(2, LineEvent::OffHook);
    let stopped = rig.media.iter().position(|it| matches!(it, MediaCommand::Stop { .. }));
    let joined = rig.media.iter().position(|it| matches!(it, MediaCommand::Connect { .. }));
    assert!(stopped < joined && stopped.is_some(), "{:?}", rig.media);
    rig.media.clear();
    rig.pass(60_000);
    assert_eq!(heard(&rig, 0).0, [0; 0], "nothing is announced to one who talks");
}

#[test]
fn an_announcement_ends_when_the_call_leaves_the_queue() {
    let rule = overflow(12, Target::To(Destination::Flow(device("main"))));
    let announce = announcing().queues[0].rules.announce.clone();
    let mut rig = Rig::of(with(QueueRules { announce, ..rule }));
    rig.ring_into_queue(0, "5551111");
    rig.media.clear();
    rig.pass(12_010);
    assert_eq!(heard(&rig, 0).0, [2, 1], "the announcement, then the menu");
    prompt_ends(&mut rig, 0);
    assert_eq!(heard(&rig, 0).0, [2, 1], "the rest is not said in the menu");
}
