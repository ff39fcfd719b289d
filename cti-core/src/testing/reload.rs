//! Queues and agents replaced while calls are in progress.
//!
//! Never: reads a file of configuration; the program's tests do.

use tipring_driver::line::{DisconnectSignal, LineEvent};

use super::queues::two_ready;
use super::rig::Rig;
use super::{book, device, menu, site};
use crate::acd::rule::{QueueRules, Strategy};
use crate::config::{AcdConfig, Config, ConfigError, MembershipConfig};
use crate::csta::{AgentId, AgentMode, AgentState};

/// Replaces queues and agents by those of a configuration.
fn replace(rig: &mut Rig, config: &Config) -> Result<(), ConfigError> {
    let Config { queues, agents, callers, reasons, .. } = config.clone();
    let result =
        rig.core.handle_acd_config(&AcdConfig { queues, agents, callers, reasons }, book(&[menu().flow("main")]));
    rig.pump();
    result
}

#[test]
fn waiting_callers_keep_their_places_under_other_rules() {
    let mut rig = Rig::of(site());
    rig.ring_into_queue(0, "5551234");
    rig.pass(1000);
    rig.ring_into_queue(1, "5559876");
    let mut config = site();
    config.queues.reverse();
    config.queues[1].rules = QueueRules { strategy: Strategy::FixedOrder, ..QueueRules::default() };
    config.agents[0].queues[0].position = 2;
    replace(&mut rig, &config).expect("rules that can be");
    assert_eq!(rig.waiting("5000"), 2, "the order of the queues in the file does not matter");
    rig.commanded();
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"], "the first caller comes first");
    rig.ready("1002", "7002");
    assert_eq!(rig.commanded(), ["3 ring for 5559876"]);
}

#[test]
fn a_new_queue_and_a_new_agent_are_there_at_once() {
    let mut rig = Rig::of(site());
    let mut config = site();
    let mut queue = config.queues[0].clone();
    queue.device = device("5002");
    config.queues.insert(0, queue);
    let mut agent = config.agents[0].clone();
    (agent.id, agent.queues) = (AgentId::new("7004").expect("short"), vec![MembershipConfig::equal(device("5002"))]);
    config.agents.push(agent);
    assert!(rig.agent("1001", "7004", AgentMode::LogIn).is_err(), "not known yet");
    replace(&mut rig, &config).expect("a queue more");
    rig.ready("1001", "7004");
    rig.monitor("5002");
    rig.line(3, LineEvent::OffHook);
    rig.commanded();
    rig.keys(3, "5002");
    rig.pass(5000);
    assert!(rig.commanded().iter().any(|command| command.starts_with("2 ring")), "the new agent is offered the call");
}

#[test]
fn a_removed_agent_who_talks_keeps_the_call_and_is_logged_off_after_it() {
    let mut rig = two_ready(site());
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    let mut config = site();
    config.agents.remove(0);
    replace(&mut rig, &config).expect("an agent less");
    assert_eq!(rig.core.calls(), 1, "the call goes on");
    assert_eq!(rig.agent_state("1001"), AgentState::Ready);
    rig.ring_into_queue(1, "5559876");
    assert!(rig.commanded().contains(&"3 ring for 5559876".to_owned()), "the next call goes to another agent");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    rig.line(2, LineEvent::OnHook);
    rig.pass(6000);
    assert_eq!(rig.history().last().map(|(_, id, state)| (id.as_str(), *state)), Some(("7001", AgentState::Null)));
    assert!(rig.agent("1001", "7001", AgentMode::LogIn).is_err(), "is not of the site any more");
    replace(&mut rig, &site()).expect("all agents");
    assert!(rig.agent("1001", "7001", AgentMode::LogIn).is_ok(), "and is again");
}

#[test]
fn a_removed_agent_at_rest_is_logged_off_at_once_and_a_removed_queue_is_served_to_its_end() {
    let mut rig = two_ready(site());
    let mut config = site();
    config.agents.remove(0);
    config.queues.remove(0);
    config.agents.iter_mut().for_each(|agent| agent.queues.retain(|part| part.queue == device("5001")));
    replace(&mut rig, &config).expect("less of both");
    assert_eq!(rig.history().last().map(|(_, id, state)| (id.as_str(), *state)), Some(("7001", AgentState::Null)));
    rig.commanded();
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"], "the agent who served the queue serves it still");
}

#[test]
fn a_faulty_configuration_changes_nothing() {
    let mut rig = two_ready(site());
    let wrong = |change: &dyn Fn(&mut Config)| {
        let mut config = site();
        config.queues[0].rules.strategy = Strategy::RingAll;
        change(&mut config);
        config
    };
    let unknown = AgentId::new("7009").expect("short");
    for (config, why) in [
        (wrong(&|it| it.queues[1].device = device("5000")), ConfigError::DeviceTwice(device("5000"))),
        (wrong(&|it| it.queues[1].device = device("1001")), ConfigError::DeviceTwice(device("1001"))),
        (wrong(&|it| it.agents[1].id = it.agents[0].id), ConfigError::AgentTwice(site().agents[0].id)),
        (
            wrong(&|it| it.agents[0].queues[0].queue = device("5009")),
            ConfigError::NoSuchQueue(site().agents[0].id, device("5009")),
        ),
        (wrong(&|it| it.queues[1].personal.owner = Some(unknown)), ConfigError::NoSuchAgent(unknown)),
    ] {
        assert_eq!(replace(&mut rig, &config), Err(why));
    }
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "2 ring for 5551234"], "one telephone rings, as before");
}
