//! Callers in the file of customers: their card with the pop, their language, their head start; and the notices of
//! their region.
//!
//! Never: judges the rules of the file or of notices alone; those have their own tests.

use tipring_driver::ids::PromptId;
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent};
use tipring_driver::time::Ticks;

use super::rig::Rig;
use super::walks::flow;
use super::{book, device, site};
use crate::acd::callers::CallerSet;
use crate::config::{CallerConfig, Config, Destination};
use crate::customer::{Customer, CustomerId};
use crate::flow::say::Language;
use crate::notice::Notice;
use crate::number_plan::NumberPlan;
use crate::store::StoreReply;

fn vip(number: &str) -> Customer {
    Customer {
        id: CustomerId(17),
        numbers: vec![number.into()],
        account: "12".into(),
        language: "english".into(),
        region: "north".into(),
        vip: true,
        ..Customer::default()
    }
}

fn played(rig: &Rig) -> Vec<PromptId> {
    let each = |command: &MediaCommand| match command {
        MediaCommand::Play { prompt, .. } => Some(*prompt),
        _ => None,
    };
    rig.media.iter().filter_map(each).collect()
}

fn prompt_ends(rig: &mut Rig) {
    let task = rig.media.iter().rev().find_map(|command| match command {
        MediaCommand::Play { task, .. } => Some(*task),
        _ => None,
    });
    let task = task.expect("a prompt plays");
    rig.media_ends(MediaEvent::PlayEnded { task, end: MediaEnd::Complete });
}

#[test]
fn a_customer_pops_by_each_spelling_and_telephones_show_the_number_as_it_was_sent() {
    for spelling in ["13800138000", "013800138000", "008613800138000", "8613800138000"] {
        let numbers = NumberPlan::new("CN", "571").expect("a plan");
        let mut rig = Rig::of(Config { numbers, ..site() });
        rig.customers.insert("13800138000".into(), vip("13800138000"));
        rig.ready("1001", "7001");
        rig.monitor("1001");
        rig.ring_into_queue(0, spelling);
        assert_eq!(rig.commanded(), ["0 answer".to_owned(), format!("2 ring for {spelling}")]);
        let events = rig.reported().join("\n");
        assert!(events.contains("13800138000"), "{events}");
        let data = rig.core.details.values().next().expect("the call").data.clone();
        assert_eq!((data.caller.as_deref(), data.account.as_deref()), (Some("13800138000"), Some("12")), "{spelling}");
    }
}

#[test]
fn the_event_that_pops_a_call_has_its_customer_where_no_prompt_gives_the_store_time() {
    let mut config = site();
    config.trunks[0].entry = Destination::Queue(device("5000"));
    let mut rig = Rig::of(config);
    rig.customers.insert("13800138000".into(), vip("13800138000"));
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.store_answers = false;
    rig.ring_in(0, "13800138000");
    assert!(rig.commanded().is_empty() && rig.reported().is_empty(), "the store is asked first");
    rig.pass(5);
    rig.catch_up();
    assert_eq!(rig.commanded(), ["0 answer", "2 ring for 13800138000"]);
    assert!(!rig.reported().iter().any(|event| event.contains("information")), "nothing is left to be reported later");
    assert_eq!(rig.data.expect("data").account.as_deref(), Some("12"));
}

#[test]
fn a_vip_of_the_file_is_offered_before_a_caller_who_has_waited_less_than_the_head_start() {
    let mut config = site();
    config.callers = vec![CallerConfig { callers: CallerSet::Vip, credit: Ticks::from_secs(600), owner: None }];
    let mut rig = Rig::of(config);
    rig.customers.insert("13800138000".into(), vip("13800138000"));
    rig.monitor("1001");
    rig.ring_into_queue(0, "5551111");
    rig.skip(599_000);
    rig.ring_into_queue(1, "13800138000");
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 13800138000"]);
    let card = rig.data.clone().and_then(|data| data.card.clone()).expect("a card with Delivered");
    assert_eq!((card.customer.as_str(), card.vip, card.region.as_str()), ("C17", true, "north"));
}

#[test]
fn a_customer_hears_the_own_language_where_flows_speak_it_and_a_choice_of_another_holds() {
    let nodes = |set: &str| {
        let set = format!(r#"{{"do":"set","into":"language","value":"{set}","next":"say"}}"#);
        let nodes = [
            ("welcome", r#"{"do":"play","prompt":"welcome","next":"vip"}"#),
            ("vip", r#"{"do":"branch","value":"vip","cases":{"yes":"say"},"default":"set"}"#),
            ("set", set.as_str()),
            ("say", r#"{"do":"say","kind":"digits","value":"account","next":"end","failed":"end"}"#),
            ("end", r#"{"do":"end"}"#),
        ];
        book(&[flow("main", &nodes)])
    };
    for (set, spoken) in [("english", Language::English), ("cantonese", Language::Mandarin)] {
        let flows = nodes(set);
        let phrases = flows.phrases.clone();
        let mut rig = Rig::of(Config { flows, ..site() });
        rig.customers.insert("5551234".into(), vip("5551234"));
        rig.ring_in(0, "5551234");
        prompt_ends(&mut rig);
        let [(_, ref parts)] = rig.composed[..] else { panic!("both digits in one play: {:?}", rig.composed) };
        let language = phrases.iter().find(|(_, id)| **id == parts[0]).map(|((language, _), _)| *language);
        assert_eq!(language, Some(spoken), "flows that set {set}");
    }
}

#[test]
fn a_flow_plays_the_notices_of_the_callers_region_from_the_moment_at_which_they_come_in() {
    let nodes = [
        ("notices", r#"{"do":"notices","next":"end","none":"welcome"}"#),
        ("welcome", r#"{"do":"play","prompt":"welcome","next":"end"}"#),
        ("end", r#"{"do":"end"}"#),
    ];
    let notice = |id, prompt: &str, region: &str| Notice {
        id,
        text: "outage".into(),
        prompt: prompt.into(),
        region: region.into(),
        from_ms: 0,
        to_ms: i64::MAX,
        is_planned: false,
        person: "zhao".into(),
        loaded_ms: 0,
        ended_ms: None,
    };
    let heard = |notices: Vec<Notice>| {
        let mut rig = Rig::of(Config { flows: book(&[flow("main", &nodes)]), ..site() });
        rig.core.handle_stored(StoreReply::Notices(notices));
        rig.ring_in(0, "05718765");
        (played(&rig), rig.composed.clone())
    };
    assert_eq!(heard(vec![]).0, [PromptId(1)], "none holds");
    assert_eq!(heard(vec![notice(1, "number", "0571")]).0, [PromptId(2)]);
    assert_eq!(heard(vec![notice(1, "number", "021")]).0, [PromptId(1)], "another region");
    assert_eq!(heard(vec![notice(1, "gone", "0571")]).0, [PromptId(1)], "a prompt that the site has not read");
    let (_, composed) = heard(vec![notice(1, "number", "0571"), notice(2, "welcome", "")]);
    assert_eq!(composed[0].1, [PromptId(2), PromptId(1)], "one after the other");
}
