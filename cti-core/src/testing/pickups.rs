//! Callers picked up from a queue: the sound at both ends, the figures of the queue, the agent's work after.
//!
//! Never: judges the events of the service alone; `services/park.txt` and `services/divert.txt` have those.

use tipring_driver::line::{DisconnectSignal, LineEvent};

use super::listen::{Ears, channel};
use super::rig::{ALL, Rig};
use super::{device, site};
use crate::core::{Checkpoint, Core};
use crate::csta::cause::UniversalFailure;
use crate::csta::{AgentMode, AgentState, ConnectionId, Reply, Request};
use crate::report::event::Event;

/// A caller waits in 5000; the agent at the headset 1003 and the one at the handset 1001 are not ready.
fn with_a_waiting_caller() -> Rig {
    let mut rig = Rig::new();
    for (station, agent) in [("1001", "7001"), ("1003", "7003")] {
        rig.ready(station, agent);
        rig.agent(station, agent, AgentMode::NotReady).expect("logged on");
    }
    rig.ring_into_queue(0, "5551234");
    rig.pass(3_000);
    rig
}

/// Gives the caller who waits to a station.
fn give(rig: &mut Rig, station: &str) -> Result<Reply, UniversalFailure> {
    let deflect_call = rig.connection(1, "5000");
    rig.ask(ALL, Request::PickupCall { deflect_call, called_device: device(station) })
}

/// The sound of the caller and of a station.
fn sound(rig: &Rig, station: &str) -> (String, String) {
    let mut ears = Ears::default();
    rig.media.iter().for_each(|command| ears.follow(command));
    (ears.of(channel("T1")), ears.of(channel(station)))
}

fn both(caller: &str, station: &str) -> (String, String) {
    (caller.to_owned(), station.to_owned())
}

/// The agent in whose name each caller of a queue was answered.
fn answered_by(rig: &Rig) -> Vec<&str> {
    let answers = rig.log.iter().filter_map(|entry| match &entry.event {
        Event::Answered { agent, .. } => Some(agent.as_str()),
        _ => None,
    });
    answers.collect()
}

#[test]
fn a_headset_hears_a_zip_tone_and_then_the_caller_it_is_given() {
    let mut rig = with_a_waiting_caller();
    give(&mut rig, "1003").expect("a free headset");
    assert_eq!(sound(&rig, "1003"), both("1003", "zip"));
    rig.pass(249);
    assert_eq!(sound(&rig, "1003"), both("1003", "zip"));
    rig.pass(1);
    assert_eq!(sound(&rig, "1003"), both("1003", "T1"));
}

#[test]
fn a_zip_tone_does_not_outlive_the_conversation() {
    let mut rig = with_a_waiting_caller();
    give(&mut rig, "1003").expect("a free headset");
    rig.pass(100);
    let own = rig.connection(1, "1003");
    assert_eq!(rig.ask(ALL, Request::HoldCall { active_call: own, reservation: false }), Ok(Reply::HoldCall));
    assert_eq!(sound(&rig, "1003").1, "nothing");
    rig.pass(1_000);
    assert_eq!(rig.ask(ALL, Request::RetrieveCall { held_call: own }), Ok(Reply::RetrieveCall));
    assert_eq!(sound(&rig, "1003"), both("1003", "T1"));

    let after = |heard_for| {
        let mut rig = with_a_waiting_caller();
        give(&mut rig, "1003").expect("a free headset");
        rig.pass(heard_for);
        rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
        sound(&rig, "1003").1
    };
    assert_eq!(after(100), after(1_000), "the end of a call sounds the same in the tone and after it");
}

#[test]
fn a_headset_in_the_zip_tone_of_a_caller_it_was_given_takes_no_other_call() {
    let mut rig = with_a_waiting_caller();
    give(&mut rig, "1003").expect("a free headset");
    rig.ring_into_queue(1, "5550000");
    let deflect_call = rig.connection(2, "5000");
    let second = Request::PickupCall { deflect_call, called_device: device("1003") };
    assert_eq!(rig.ask(ALL, second.clone()), Err(UniversalFailure::GenericStateIncompatibility));
    rig.pass(250);
    assert_eq!(rig.ask(ALL, second), Err(UniversalFailure::GenericStateIncompatibility), "a conversation by now");
}

#[test]
fn a_caller_who_is_given_to_an_agent_was_answered_there_and_the_agents_work_follows() {
    for (station, agent) in [("1003", "7003"), ("1001", "7001")] {
        let mut rig = with_a_waiting_caller();
        give(&mut rig, station).expect("a free telephone");
        if station == "1001" {
            assert_eq!(rig.figures("5000").answered, 0, "a handset rings first");
            rig.pass(2_000);
            rig.line(2, LineEvent::OffHook);
        }
        rig.pass(20_000);
        rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
        rig.pass(100);
        let figures = rig.figures("5000");
        assert_eq!((figures.offered, figures.answered, figures.handled), (1, 1, 1), "{station}: {figures:?}");
        assert_eq!((figures.flowed_out, figures.abandoned, figures.cleared), (0, 0, 0), "{station}: {figures:?}");
        assert_eq!(answered_by(&rig), [agent]);
        if station == "1001" {
            rig.line(2, LineEvent::OnHook);
        }
        assert!(rig.history().iter().any(|(_, of, state)| of == agent && *state == AgentState::WorkNotReady));
    }
}

#[test]
fn a_queues_call_that_rings_at_a_colleague_and_is_picked_up_counts_for_the_one_who_took_it() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.ready("1003", "7003");
    let deflect_call = rig.connection(1, "1001");
    let pickup = Request::PickupCall { deflect_call, called_device: device("1003") };
    assert_eq!(rig.ask(ALL, pickup), Ok(Reply::PickupCall));
    let figures = rig.figures("5000");
    assert_eq!((figures.answered, figures.flowed_out, figures.missed), (1, 0, 0), "{figures:?}");
    assert_eq!(answered_by(&rig), ["7003"]);
    assert!(rig.commanded().iter().any(|line| line == "2 release"), "the colleague's telephone stops");
}

#[test]
fn at_every_moment_of_a_wait_a_caller_who_is_given_is_heard_and_counted() {
    for waited in (0..2_000).step_by(37) {
        let mut rig = Rig::new();
        rig.agent("1003", "7003", AgentMode::LogIn).expect("a free headset");
        rig.agent("1003", "7003", AgentMode::NotReady).expect("logged on");
        rig.ring_into_queue(0, "5551234");
        rig.pass(waited);
        give(&mut rig, "1003").unwrap_or_else(|failure| panic!("after {waited} ms: {failure:?}"));
        rig.pass(250);
        assert_eq!(sound(&rig, "1003"), both("1003", "T1"), "after {waited} ms");
        assert_eq!(rig.figures("5000").answered, 1, "after {waited} ms");
    }
}

#[test]
fn a_pickup_group_is_read_from_a_checkpoint_of_an_earlier_format() {
    let rig = Rig::new();
    let groups = |core: &Core| core.devices.stations().iter().map(|it| it.pickup_group).collect::<Vec<_>>();
    let before = groups(&rig.core);
    assert!(before.iter().any(Option::is_some), "{before:?}");
    let mut state = serde_json::to_value(&rig.core).expect("written");
    assert!(state["model"].get("features").is_none());
    for station in state["devices"]["stations"].as_array_mut().expect("stations") {
        station.as_object_mut().expect("a station").remove("pickup_group");
    }
    let feature = |group| serde_json::json!({ "do_not_disturb": false, "forward_busy": null, "pickup_group": group });
    state["model"]["features"] = before.iter().map(feature).collect();
    let read: Checkpoint = serde_json::from_value(state).expect("read");
    let core = read.with(rig.table).expect("the same channels");
    assert_eq!(groups(&core), before);
}

#[test]
fn a_station_of_no_group_picks_up_for_none() {
    let mut config = site();
    config.stations.iter_mut().filter(|it| it.device == device("1002")).for_each(|it| it.pickup_group = None);
    let mut rig = Rig::of(config);
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    let group = |by| Request::GroupPickupCall { deflect_call: ConnectionId::NONE, pickup_device: device(by) };
    assert_eq!(rig.ask(ALL, group("1002")), Err(UniversalFailure::InvalidFeature));
    assert_eq!(rig.ask(ALL, group("1003")), Ok(Reply::GroupPickupCall));
}
