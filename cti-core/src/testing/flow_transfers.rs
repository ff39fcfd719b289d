//! Callers who are transferred to a number where a flow runs: it goes on for them.
//!
//! Never: judges a walk alone; `flow/tests` does that.

use tipring_driver::ids::{ChannelId, PromptId};
use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::media::{MediaCommand, Track};
use tipring_driver::time::Ticks;

use super::queues::overflow;
use super::rig::{ALL, Rig};
use super::walks::flow;
use super::{book, device, key, menu, site};
use crate::acd::rule::Target;
use crate::config::{Config, Destination};
use crate::csta::cause::UniversalFailure;
use crate::csta::{Reply, Request};
use crate::flow::book::Mailbox;
use crate::store::{MessageState, Record};

/// The site of the tests whose first queue leads to the flow `mail` after 20 s.
fn with_mail() -> Config {
    let mail = flow("mail", &[("mail", r#"{"do":"voice_mail","mailbox":"complaints"}"#)]);
    let mut flows = book(&[menu().flow("main"), mail]);
    let (longest, silence) = (Ticks::from_secs(180), Ticks::from_secs(5));
    flows.mailboxes.insert("complaints".into(), Mailbox { greeting: None, owner: None, longest, silence });
    let mut config = Config { flows, ..site() };
    config.queues[0].rules = overflow(20, Target::To(Destination::Flow(device("mail"))));
    config
}

/// A customer on the first trunk talks to 1003, who has consulted the first queue; that has led to its flow.
fn consulted(config: Config) -> Rig {
    let mut rig = Rig::of(config);
    rig.ready("1003", "7003");
    rig.ring_in(0, "5551234");
    rig.line(0, LineEvent::Digit(key('1')));
    let alerting_call = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answered");
    rig.pass(250);
    let active_call = rig.connection(1, "1003");
    let consult = Request::ConsultationCall { active_call, called_device: device("5000") };
    assert!(matches!(rig.ask(ALL, consult), Ok(Reply::ConsultationCall { .. })));
    rig.pass(20_001);
    rig
}

fn transfer(rig: &mut Rig) {
    rig.media.clear();
    let (held_call, active_call) = (rig.connection(1, "1003"), rig.connection(2, "1003"));
    rig.ask(ALL, Request::TransferCall { held_call, active_call }).expect("transferred");
}

#[test]
fn a_caller_who_is_transferred_to_a_menu_hears_it_and_chooses() {
    let mut config = site();
    config.queues[0].rules = overflow(20, Target::To(Destination::Flow(device("main"))));
    let mut rig = consulted(config);
    transfer(&mut rig);
    let played = rig.media.iter().find_map(|command| match command {
        MediaCommand::Play { channel, prompt, .. } => Some((*channel, *prompt)),
        _ => None,
    });
    assert_eq!(played, Some((ChannelId(0), PromptId(1))));
    rig.line(0, LineEvent::Digit(key('2')));
    assert_eq!(rig.waiting("5001"), 1);
}

#[test]
fn a_message_is_left_by_the_caller_who_was_transferred_there_and_not_by_the_one_who_did() {
    let mut rig = consulted(with_mail());
    rig.pass(600 + 3000);
    transfer(&mut rig);
    rig.pass(600);
    let recorded: Vec<ChannelId> = rig
        .media
        .iter()
        .filter_map(|command| match command {
            MediaCommand::Record { left: Track::Received(channel), right, .. }
                if *right == Track::Received(*channel) =>
            {
                Some(*channel)
            }
            _ => None,
        })
        .collect();
    assert_eq!(recorded, [ChannelId(0)]);
    rig.pass(4000);
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    let states: Vec<(u64, &str)> = rig
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Message(message) if message.state == MessageState::New => {
                Some((message.samples / 8000, message.caller.as_str()))
            }
            _ => None,
        })
        .collect();
    // The consultation has the data of the customer's call from its beginning.
    assert_eq!(states, [(3, "5551234"), (4, "5551234")]);
    assert_eq!(rig.core.calls(), 0);
}

#[test]
fn a_caller_waits_at_one_queue_or_number_at_a_time() {
    let mut rig = consulted(with_mail());
    let active_call = rig.connection(2, "1003");
    let consult = Request::ConsultationCall { active_call, called_device: device("5000") };
    rig.ask(ALL, consult).expect("consulted");
    let (held_call, active_call) = (rig.connection(2, "1003"), rig.connection(3, "1003"));
    let merge = Request::ConferenceCall { held_call, active_call };
    assert_eq!(rig.ask(ALL, merge.clone()), Err(UniversalFailure::InvalidObjectState), "at a number, and in a queue");
    rig.pass(20_001);
    assert_eq!(rig.ask(ALL, merge), Err(UniversalFailure::InvalidObjectState), "at a number twice");
}
