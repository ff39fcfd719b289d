//! Fax machines and modems at the far end of a trunk; the test names are the rules.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};
use tipring_driver::media::{MediaCommand, ToneKind};
use tipring_driver::signal::FaxModemTone;

use super::rig::{ALL, Rig};
use super::{device, site};
use crate::config::{Config, ConfigError};
use crate::core::Core;
use crate::csta::event::Machine;
use crate::csta::{AgentMode, Request};
use crate::store::{CallRecord, Outcome, Record};

const CNG: LineEvent = LineEvent::FaxModemTone(FaxModemTone::FaxCalls);
const GONE: LineEvent = LineEvent::Released(DisconnectSignal::Tone);

/// The site whose fax machines go to `fax`.
fn site_with_fax(fax: &str) -> Config {
    let mut site = site();
    site.trunks.iter_mut().for_each(|trunk| trunk.fax = Some(device(fax)));
    site
}

fn call(rig: &Rig) -> &CallRecord {
    let calls = rig.records.iter().filter_map(|record| match record {
        Record::Call(call) => Some(call.as_ref()),
        _ => None,
    });
    let calls: Vec<_> = calls.collect();
    let [call] = calls[..] else { panic!("one call: {calls:?}") };
    call
}

#[test]
fn a_fax_machine_in_the_greeting_goes_to_the_fax_station_and_its_record_says_so() {
    let mut rig = Rig::of(site_with_fax("1002"));
    for name in ["T1", "1002"] {
        rig.monitor(name);
    }
    rig.ring_in(0, "5551234");
    rig.pass(700);
    rig.reported();
    rig.commanded();
    rig.media.clear();
    rig.line(0, CNG);
    assert!(matches!(
        rig.media[..],
        [MediaCommand::Stop { .. }, MediaCommand::Tone { tone: Some(ToneKind::Ringback), .. }]
    ));
    assert_eq!(rig.commanded(), ["3 ring for 5551234"]);
    assert_eq!(
        rig.reported(),
        [
            "DT1: information T1# of 5551234",
            "DT1: diverted 6000 to 1002 3 28",
            "DT1: delivered 1002 from 5551234 to 6000 over 6000 3 28",
            "D1002: delivered 1002 from 5551234 to 6000 over 6000 2 28",
        ]
    );
    assert_eq!(rig.data.as_ref().expect("data").machine, Some(Machine::Fax));
    rig.line(3, LineEvent::OffHook);
    rig.pass(40_000);
    rig.line(0, GONE);
    rig.line(3, LineEvent::OnHook);
    let call = call(&rig);
    assert_eq!((call.machine, call.outcome), (Some(Machine::Fax), Outcome::Answered));
    assert_eq!((call.station, call.queue, call.agent), (Some(device("1002")), None, None));
}

#[test]
fn a_fax_machine_in_a_queue_gives_its_place_up() {
    let mut rig = Rig::of(site_with_fax("1002"));
    rig.ring_into_queue(0, "5551234");
    rig.monitor("5000");
    rig.pass(3000);
    rig.line(0, CNG);
    assert_eq!(rig.reported(), ["D5000: information T1# of 5551234", "D5000: diverted 5000 to 1002 0 28"]);
    let figures = rig.figures("5000");
    assert_eq!((figures.offered, figures.flowed_out, figures.abandoned), (1, 1, 0));
    // An agent who becomes free gets no call: the queue is empty.
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded().last().map(String::as_str), Some("3 ring for 5551234"));
}

#[test]
fn a_telephone_that_rings_for_a_fax_machine_stops_and_its_agent_takes_the_next_call() {
    let mut rig = Rig::of(site_with_fax("1002"));
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.ring_into_queue(1, "5559999");
    for name in ["1001", "1002"] {
        rig.monitor(name);
    }
    rig.commanded();
    rig.line(0, CNG);
    assert_eq!(rig.commanded(), ["2 release", "3 ring for 5551234", "2 ring for 5559999"]);
    assert_eq!(
        rig.reported(),
        [
            "D1001: information T1# of 5551234",
            "D1001: diverted 1001 to 1002 0 28",
            "D1002: delivered 1002 from 5551234 to 6000 over 1001 2 28",
            "D1001: delivered 1001 from 5559999 to 6000 over 5000 2 28",
        ]
    );
    rig.line(0, GONE);
    assert_eq!((call(&rig).agent, call(&rig).outcome), (None, Outcome::AbandonedAlerting));
}

#[test]
fn a_telephone_lifted_in_the_same_moment_keeps_its_fax_machine() {
    let mut rig = Rig::of(site_with_fax("1002"));
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.line_unheard(0, CNG);
    rig.line_unheard(2, LineEvent::OffHook);
    rig.pump();
    assert_eq!(rig.commanded(), [""; 0]);
    rig.line(0, GONE);
    rig.line(2, LineEvent::OnHook);
    assert_eq!((call(&rig).machine, call(&rig).outcome), (Some(Machine::Fax), Outcome::Answered));
}

#[test]
fn an_agent_who_talks_to_a_fax_machine_is_told_and_keeps_it() {
    let mut rig = Rig::of(site_with_fax("1002"));
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.monitor("1001");
    rig.commanded();
    rig.data = None;
    rig.line(0, CNG);
    assert_eq!((rig.reported(), rig.commanded()), (vec!["D1001: information T1# of 5551234".into()], vec![]));
    assert_eq!(rig.data.as_ref().expect("data").machine, Some(Machine::Fax));
}

#[test]
fn without_a_place_for_fax_machines_the_call_goes_on_and_its_record_says_what_it_was() {
    let mut rig = Rig::new();
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.line(0, CNG);
    assert_eq!(rig.commanded(), [""; 0]);
    rig.line(0, GONE);
    assert_eq!((call(&rig).machine, call(&rig).outcome), (Some(Machine::Fax), Outcome::AbandonedQueued));
}

#[test]
fn a_calling_modem_is_told_and_goes_where_everybody_goes() {
    let mut rig = Rig::of(site_with_fax("1002"));
    rig.ring_in(0, "5551234");
    rig.commanded();
    rig.line(0, LineEvent::FaxModemTone(FaxModemTone::ModemCalls));
    assert_eq!(rig.commanded(), [""; 0]);
    rig.line(0, GONE);
    assert_eq!(call(&rig).machine, Some(Machine::Modem));
}

#[test]
fn a_queue_may_take_the_fax_machines_and_one_in_it_stays_there() {
    let mut rig = Rig::of(site_with_fax("5001"));
    rig.monitor("5001");
    rig.ring_in(0, "5551234");
    rig.line(0, CNG);
    assert_eq!(rig.reported(), ["D5001: queued 5001 as 1 over 6000 5 23"]);
    rig.ready("1001", "7001");
    rig.line(0, GONE);
    assert_eq!(call(&rig).queue, Some(device("5001")));

    let mut rig = Rig::of(site_with_fax("5000"));
    rig.ring_into_queue(0, "5551234");
    rig.pass(1000);
    rig.monitor("5000");
    rig.line(0, CNG);
    assert_eq!(rig.reported(), ["D5000: information T1# of 5551234"]);
}

#[test]
fn a_fax_machine_whose_station_is_engaged_is_sent_away_as_busy() {
    let mut rig = Rig::of(site_with_fax("1002"));
    rig.line(3, LineEvent::OffHook);
    rig.ring_in(0, "5551234");
    rig.commanded();
    rig.line(0, CNG);
    assert_eq!(rig.commanded(), [""; 0]);
    let busy = MediaCommand::Tone { channel: tipring_driver::ids::ChannelId(0), tone: Some(ToneKind::Busy) };
    assert_eq!(rig.media.last(), Some(&busy));
    rig.pass(3000);
    assert_eq!(rig.commanded(), ["0 release"]);
    assert_eq!((call(&rig).machine, call(&rig).outcome), (Some(Machine::Fax), Outcome::Busy));
}

#[test]
fn a_call_out_that_a_machine_answers_is_told_and_recorded_as_such() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.agent("1003", "7003", AgentMode::LogIn).expect("logged on");
    let number = device("95551234");
    rig.ask(ALL, Request::MakeCall { calling_device: device("1003"), called_device: number }).expect("a call");
    rig.line(1, LineEvent::Dialled);
    rig.reported();
    rig.line(1, LineEvent::Answered);
    rig.line(1, LineEvent::FaxModemTone(FaxModemTone::Answers));
    assert_eq!(rig.reported(), ["D1003: established T1# over - 3 22", "D1003: information T1# of 5551234"]);
    assert_eq!(rig.data.as_ref().expect("data").machine, Some(Machine::FaxOrModem));
    rig.line(1, GONE);
    assert_eq!((call(&rig).machine, call(&rig).outcome), (Some(Machine::FaxOrModem), Outcome::Answered));
}

/// Failures of an outgoing call by the network's tones: the cause of *Failed*, and the outcome of the record.
#[test]
fn a_failure_by_the_networks_tones_is_reported_with_its_cause() {
    for (failure, cause, outcome) in [
        (LineFailure::Busy, 3, Outcome::Busy),
        (LineFailure::Congestion, 20, Outcome::NotObtainable),
        (LineFailure::Unassigned, 13, Outcome::NotObtainable),
        (LineFailure::Intercepted, 13, Outcome::NotObtainable),
        (LineFailure::Announced, 13, Outcome::NotObtainable),
    ] {
        let mut rig = Rig::new();
        rig.monitor("1003");
        let number = device("95551234");
        rig.ask(ALL, Request::MakeCall { calling_device: device("1003"), called_device: number }).expect("a call");
        rig.line(1, LineEvent::Dialled);
        rig.reported();
        rig.line(1, LineEvent::Failed(failure));
        let reported = rig.reported();
        assert!(
            reported[0].starts_with("D1003: failed ") && reported[0].ends_with(&format!(" {cause}")),
            "{failure:?}: {reported:?}"
        );
        rig.pass(5000);
        assert_eq!(call(&rig).outcome, outcome, "{failure:?}");
    }
}

#[test]
fn fax_machines_cannot_be_sent_to_a_trunk_or_to_nobody() {
    for wrong in ["T2", "1009"] {
        let table = std::sync::Arc::new(crate::channel::ChannelTable::new(6));
        let error = Core::new(site_with_fax(wrong), table).err();
        assert_eq!(error, Some(ConfigError::NoSuchDestination(device(wrong))));
    }
}
