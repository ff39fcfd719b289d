//! Greetings of conversations by the agent: a greeting for both, or the agent's number for the caller.

use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaCommand;

use super::queues::{heard, prompt_ends};
use super::rig::Rig;
use super::{book, menu, site};
use crate::flow::say::{Language, Phrase};

/// The site of the tests, whose queue 5000 announces its agents; 7002 has the greeting `number`, prompt 2.
fn answered(agent: &str) -> Rig {
    let mut config = site();
    config.queues[0].announces_agent = true;
    config.agents[1].greeting = Some("number".into());
    let mut rig = Rig::of(config);
    rig.ready("1001", agent);
    rig.ring_into_queue(0, "5551234");
    rig.media.clear();
    rig.line(2, LineEvent::OffHook);
    rig
}

fn connects(rig: &Rig) -> bool {
    let to = |listener: u16| {
        rig.media.iter().any(|command| match *command {
            MediaCommand::Connect { a, b } => a.0 == listener || b.0 == listener,
            MediaCommand::Listen { listener: it, .. } => it.0 == listener,
            _ => false,
        })
    };
    to(0) && to(2)
}

#[test]
fn the_caller_hears_the_digits_of_the_agents_number_and_then_the_agent_who_has_heard_the_caller_all_along() {
    let mut rig = answered("7001");
    let book = book(&[menu().flow("main")]);
    for digit in ["7", "0", "0", "yao"] {
        let wanted = book.phrases[&(Language::Mandarin, Phrase(digit))].0;
        assert_eq!(heard(&rig, 0).0.last(), Some(&wanted), "{:?}", rig.media);
        assert_eq!(heard(&rig, 2).0, [0; 0], "the agent's own number is not for the agent");
        assert!(!connects(&rig));
        prompt_ends(&mut rig, 0);
    }
    assert!(connects(&rig), "{:?}", rig.media);
    assert!(rig.media.iter().any(|it| matches!(it, MediaCommand::Record { .. })), "recorded from the answer on");
}

#[test]
fn both_hear_the_greeting_of_an_agent_who_has_one_and_talk_when_it_has_ended() {
    let mut rig = answered("7002");
    assert_eq!((heard(&rig, 0).0, heard(&rig, 2).0), (vec![2], vec![2]));
    prompt_ends(&mut rig, 2);
    assert!(!connects(&rig), "that of the caller leads");
    prompt_ends(&mut rig, 0);
    assert!(connects(&rig), "{:?}", rig.media);
}

#[test]
fn a_hold_or_a_hang_up_ends_an_opening_and_nothing_of_it_comes_back() {
    let mut rig = answered("7002");
    rig.line(2, LineEvent::Flash);
    rig.media.clear();
    rig.line(2, LineEvent::Flash);
    assert!(connects(&rig), "{:?}", rig.media);
    assert_eq!(heard(&rig, 0).0, [0; 0], "the two talk at once");
    let mut rig = answered("7002");
    rig.line(2, LineEvent::OnHook);
    assert!(rig.core.details.values().all(|detail| detail.agent_greeting.is_none()));
}
