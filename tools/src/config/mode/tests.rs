//! Modes as changes of a site, and their faults.
//!
//! Never: runs a site; modes are configurations.

use tipring_core::flow::check::FlowSource;
use tipring_core::flow::node::Node;

use super::super::notice::play_notice;
use super::*;
use crate::config::TEMPLATE;

const STORM: &str = r#"
[[event_mode]]
name = "storm"
[[event_mode.queue]]
device = "5000"
gate = [{ depth = 50, to = "busy" }]
longest_wait_s = 7200
[[event_mode.agent]]
id = "7002"
queues = [{ queue = "5000", position = 2 }]
"#;

fn with(modes: &str) -> Result<SiteConfig, String> {
    SiteConfig::parse(&format!("{TEMPLATE}\n{modes}")).map_err(|error| error.to_string())
}

#[test]
fn a_mode_replaces_what_it_names_and_leaves_the_rest_and_normal_is_the_site_as_written() {
    let site = with(STORM).expect("a mode that can be");
    let storm = site.in_mode(Some("storm")).expect("there is one");
    assert_eq!((storm.queues[0].gate.len(), storm.queues[0].longest_wait_s), (1, Some(7200)));
    assert_eq!(storm.queues[0].alert_s, site.queues[0].alert_s);
    assert_eq!(storm.agents[1].queues.len(), 1, "a part of a queue that is served anyhow takes its place");
    assert_eq!(storm.agents[1].queues[0].membership().position, 2);
    assert_eq!(log_name(&storm).as_str(), "storm");
    for normal in [None, Some(NORMAL)] {
        let back = storm.in_mode(normal).expect("always there");
        assert!(back.mode.is_none());
    }
    let why = site.in_mode(Some("strom")).expect_err("a slip");
    assert!(why.contains("did you mean storm?"), "{why}");
}

#[test]
fn every_mode_is_checked_with_the_site_and_each_fault_has_its_line() {
    let wrong = |from: &str, to: &str| with(&STORM.replacen(from, to, 1)).expect_err("a fault");
    for (from, to, fault) in [
        ("device = \"5000\"", "device = \"5009\"", "the event mode storm: there is no queue 5009; did you mean 5000?"),
        ("id = \"7002\"", "id = \"7009\"", "the event mode storm: there is no agent 7009"),
        ("queue = \"5000\"", "queue = \"5010\"", "agent 7002: there is no queue 5010"),
        ("to = \"busy\"", "to = \"bussy\"", "the event mode storm: the queue 5000, gate: there is no queue"),
        ("name = \"storm\"", "name = \"normal\"", "normal is the site as it is written"),
    ] {
        let why = wrong(from, to);
        let place =
            why.split("line ").nth(1).and_then(|rest| rest.split(':').next()).and_then(|line| line.parse().ok());
        assert!(why.contains(fault), "{why}");
        assert!(place.is_some_and(|line: usize| line > TEMPLATE.lines().count()), "{why}");
    }
    let twice = with(&format!("{STORM}\n[[event_mode]]\nname = \"storm\"\n")).expect_err("a fault");
    assert!(twice.contains("it stands there twice"), "{twice}");
}

#[test]
fn a_notice_is_played_before_each_queue_and_nowhere_else() {
    let queue = |queue: &str, full: &str| Node::Queue { queue: queue.into(), full: full.into() };
    let nodes = vec![
        ("first".into(), 1, queue("5000", "second")),
        ("second".into(), 2, queue("5001", "sorry")),
        ("sorry".into(), 3, Node::Play { prompt: "sorry".into(), next: "end".into() }),
        ("end".into(), 4, Node::Busy),
    ];
    let mut sources = [FlowSource { name: "main".into(), version: 1, nodes }];
    play_notice(&mut sources, "storm");
    let names: Vec<&str> = sources[0].nodes.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["storm before first", "first", "storm before second", "second", "sorry", "end"]);
    assert_eq!(sources[0].nodes[0].2, Node::Play { prompt: "storm".into(), next: "first".into() });
    assert_eq!(sources[0].nodes[1].2, queue("5000", "storm before second"));
    assert_eq!(sources[0].nodes[3].2, queue("5001", "sorry"));
}

#[test]
fn a_notice_that_is_not_recorded_is_a_fault_of_the_mode_and_not_of_the_site() {
    let site =
        with(&STORM.replacen("name = \"storm\"", "name = \"storm\"\nnotice = \"storm-notice\"", 1)).expect("text");
    assert!(SiteFlows::read(&site).is_ok());
    let storm = site.in_mode(Some("storm")).expect("there is one");
    let faults = SiteFlows::read(&storm).expect_err("no such prompt");
    assert!(faults.iter().any(|fault| fault.text.contains("storm-notice")), "{faults:?}");
}
