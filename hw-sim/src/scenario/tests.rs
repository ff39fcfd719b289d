//! Scenarios as they are written, and what becomes of them.

use super::*;
use crate::network::impairment::Impairments;
use crate::network::signal::caller_id::Identity;

const CARD: [Socket; 4] = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];

fn read(text: &str) -> Result<Scenario, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn the_example_can_be_read_and_played() {
    let scenario = read(include_str!("../../examples/day.toml")).expect("a scenario");
    let plan = scenario.plan(1, &CARD).expect("a plan");
    assert_eq!(plan.calls.len(), 2);
    assert_eq!(plan.calls[0].identity, Identity::Number("01062345678".into()));
    assert_eq!(plan.calls[1].ring_patience_ms, 2200);
    assert_eq!(plan.agents.len(), 2);
    assert_eq!(plan.agents[0].reaction_ms, Span(1000, 1500));
    assert_eq!(plan.agents[1].reaction_ms, Span(700, 2200));
}

#[test]
fn what_the_example_shows_is_what_is_taken_when_left_out() {
    let text = include_str!("../../examples/day.toml");
    let mut scenario = read(text).expect("a scenario");
    scenario.calls.clear();
    scenario.each_agent.clear();
    scenario.outgoing.clear();
    scenario.callees.engaged.clear();
    scenario.lines.impairments = Impairments::default();
    scenario.stations.impairments = Impairments::default();
    scenario.lines.flash_ms = None;
    scenario.cuts.clear();
    assert_eq!(scenario.faults.len(), 2);
    scenario.faults.clear();
    assert_eq!(scenario, Scenario::default());
    assert_eq!(read(""), Ok(Scenario::default()));
}

#[test]
fn a_misspelt_setting_is_refused() {
    let error = read("[callers]\ncuont = 3").unwrap_err();
    assert!(error.contains("cuont"), "{error}");
    assert!(read("[[agent]]\nstation = 2").unwrap_err().contains("phone"));
    let faulty = |more: &str| read(&format!("[[fault]]\nfault = 'cut_line'\n{more}")).unwrap_err();
    assert!(faulty("").contains("port"));
    assert!(faulty("port = 1\nform_ms = 3").contains("form_ms"));
    assert!(read("[[fault]]\nfault = 'gremlin'").unwrap_err().contains("gremlin"));
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence() {
    let refused = |text: &str| read(text).expect(text).plan(1, &CARD).unwrap_err().to_string();
    for (text, word) in [
        ("[[agent]]\nstation = 1\nphone = 'handset'", "socket 1"),
        ("[[call]]\nline = 3", "socket 3"),
        ("[callers]\ntalk_ms = [9, 3]", "callers.talk_ms goes from 9 to 3"),
        ("[callers]\nhang_up_first_percent = 101", "101"),
        ("[callers]\nkeys = '12x'", "'x'"),
        ("[[call]]\nnumber = '12 34'", "12 34"),
        ("[callers.alone]\nkey = 'x'", "callers.alone.key"),
        ("[callers.alone]\nline = 3", "socket 3"),
        ("[opening]\ndate = 'today'", "today"),
        ("[lines]\ncountry = 'XX'", "CN, US, GB"),
        ("[[cut]]\nsocket = 4\nfrom_ms = 0\nto_ms = 1", "socket 4"),
        ("[[fault]]\nfault = 'dead_module'\nport = 4", "port 4"),
        ("[[fault]]\nfault = 'lost_interrupt'\nchance = 1.5", "1.5"),
        ("[[outgoing]]\nstation = 2\nafter_ms = 0\ndigits = ''", "no digits"),
        ("[[agent]]\nstation = 2\nphone = 'headset'\n[[outgoing]]\nstation = 2\nafter_ms = 0\ndigits = '1'", "handset"),
    ] {
        let sentence = refused(text);
        assert!(sentence.contains(word), "{text}: {sentence}");
    }
    let nothing = Scenario::of_calls(3).plan(1, &[Socket::Station]).unwrap_err();
    assert!(nothing.to_string().contains("no socket of the card holds a trunk"));
}

#[test]
fn ten_calls_or_more_have_some_who_give_up_and_never_too_many() {
    for seed in 0..50 {
        for count in [10, 20, 40, 100] {
            let plan = Scenario::of_calls(count).plan(seed, &CARD).expect("a plan");
            let ringing = plan.calls.iter().filter(|c| c.ring_patience_ms < 5000).count();
            let queued = plan.calls.iter().filter(|c| c.queue_patience_ms < 10_000).count();
            assert!(ringing >= 1 && queued >= 1, "seed {seed}, {count} calls");
            assert!((ringing + queued) * 4 <= count as usize, "seed {seed}: {ringing} + {queued} of {count}");
            let mut numbers: Vec<&str> = plan.calls.iter().map(CallPlan::number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), count as usize, "seed {seed}: every caller has a number of their own");
        }
    }
}

#[test]
fn one_change_leaves_the_other_calls_as_they_were() {
    let mut scenario = Scenario { calls: vec![Call::default(); 5], ..Scenario::default() };
    let before = scenario.plan(3, &CARD).expect("a plan");
    scenario.calls[1].talk_ms = Some(1);
    scenario.calls[1].number = Some(String::new());
    let after = scenario.plan(3, &CARD).expect("a plan");
    for i in [0, 2, 3, 4] {
        assert_eq!(before.calls[i], after.calls[i]);
    }
    assert_eq!(after.calls[1].identity, Identity::Private);
    assert_eq!(after.calls[1].name, before.calls[1].name);
}

#[test]
fn a_share_of_callers_are_fax_machines_and_the_others_are_who_they_were() {
    let sockets = [Socket::Trunk, Socket::Station];
    let mut scenario = Scenario::of_calls(200);
    scenario.callers.some_abandon = false;
    let without = scenario.plan(9, &sockets).unwrap().calls;
    scenario.callers.fax_percent = 20;
    let with = scenario.plan(9, &sockets).unwrap().calls;
    let faxes = with.iter().filter(|call| call.fax).count();
    assert!((25..=55).contains(&faxes), "{faxes} of 200");
    for (before, now) in without.into_iter().zip(with) {
        let key = if now.fax { None } else { before.key };
        assert_eq!(CallPlan { fax: now.fax, key, ..before }, now);
    }
    scenario.callers.fax_percent = 101;
    assert!(scenario.plan(9, &sockets).unwrap_err().to_string().contains("callers.fax_percent is 101"));
}
