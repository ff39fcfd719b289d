//! The legs of a call, as their records say it.
//!
//! Never: looks into the model.

use std::collections::BTreeMap;

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};
use tipring_driver::time::Ticks;

use super::device;
use super::rig::{ALL, Rig};
use crate::csta::cause::EventCause;
use crate::csta::{Request, Ucid};
use crate::store::{CallRecord, LegReached, LegRecord, Record};

/// The legs kept so far.
pub(super) fn legs(records: &[Record]) -> Vec<&LegRecord> {
    records
        .iter()
        .filter_map(|record| match record {
            Record::Leg(leg) => Some(&**leg),
            _ => None,
        })
        .collect()
}

/// Holds the legs of a day that is over against its calls: each belongs to one call and lies within its own length,
/// and each call leads to the one that took it in.
pub(super) fn judge(records: &[Record]) {
    let calls: BTreeMap<_, &CallRecord> = records
        .iter()
        .filter_map(|record| match record {
            Record::Call(call) => Some((call.ucid, &**call)),
            _ => None,
        })
        .collect();
    let mut of_call: BTreeMap<Ucid, Vec<&LegRecord>> = BTreeMap::new();
    for leg in legs(records) {
        let call = calls.get(&leg.ucid).unwrap_or_else(|| panic!("a leg without a call: {leg:?}"));
        assert!(call.offered <= leg.began && leg.began <= leg.ended, "{leg:?} of {call:?}");
        assert!(leg.rung + leg.hold <= leg.ended.since(leg.began), "longer than itself: {leg:?}");
        assert!(leg.longest_hold <= leg.hold && (leg.holds > 0 || leg.hold == Ticks::ZERO), "{leg:?}");
        assert!(leg.connected.is_some() == (leg.reached == LegReached::Connected), "{leg:?}");
        of_call.entry(leg.ucid).or_default().push(leg);
    }
    for (ucid, call) in &calls {
        let legs = of_call.get(ucid).map_or(&[][..], Vec::as_slice);
        assert!(!legs.is_empty(), "no leg of {call:?}");
        let spoken = legs.iter().filter(|leg| leg.reached == LegReached::Connected).count();
        assert!(call.established.is_none() || spoken > 0, "a person answered, and no device took part: {call:?}");
        assert!(
            call.main_call.is_none_or(|into| into != *ucid && calls.contains_key(&into)),
            "merged into no call: {call:?}"
        );
    }
}

/// A line a leg: device, agent, how far it got, time to the part in the conversation, ringing, hold, whole length in
/// ms, cause and origin of its end.
fn course(rig: &Rig, call: &CallRecord) -> Vec<String> {
    let mut of_call: Vec<&LegRecord> = legs(&rig.records).into_iter().filter(|leg| leg.ucid == call.ucid).collect();
    of_call.sort_by_key(|leg| leg.began);
    of_call
        .into_iter()
        .map(|leg| {
            format!(
                "{} {}{} {} at {} rung {} held {}x {} of {}, {:?} by {}",
                leg.kind.name(),
                leg.device,
                leg.agent.map_or(String::new(), |agent| format!(" ({agent})")),
                leg.reached.name(),
                leg.connected.map_or("-".into(), |at| at.since(leg.began).as_ms().to_string()),
                leg.rung.as_ms(),
                leg.holds,
                leg.hold.as_ms(),
                leg.ended.since(leg.began).as_ms(),
                leg.cause,
                leg.ended_by.name(),
            )
        })
        .collect()
}

/// An agent at 1001 talks to the first caller of the queue 5000, who has waited for 4 s of ringing.
fn talking() -> Rig {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.pass(4_000);
    rig.line(2, LineEvent::OffHook);
    rig
}

#[test]
fn a_call_that_stands_is_kept_with_its_legs_so_far() {
    let rig = talking();
    let open = rig.records.iter().rev().find_map(|record| match record {
        Record::Open(call, legs) => Some((call, legs)),
        _ => None,
    });
    let (call, legs) = open.expect("kept at the answer");
    assert!(call.established.is_some(), "{call:?}");
    let kept: Vec<_> =
        legs.iter().map(|leg| (leg.device.as_str(), leg.reached.name(), leg.ended_by.name(), leg.ucid)).collect();
    let line = ("T1", "connected", "interrupted", call.ucid);
    assert_eq!(kept, [line, ("1001", "connected", "interrupted", call.ucid)]);
}

#[test]
fn a_plain_call_has_a_leg_for_its_line_its_queue_and_its_telephone() {
    let mut rig = talking();
    rig.pass(10_000);
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::HoldCall { active_call, reservation: false }).expect("held");
    rig.pass(3_000);
    rig.ask(ALL, Request::RetrieveCall { held_call: active_call }).expect("retrieved");
    rig.pass(2_000);
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    rig.line(2, LineEvent::OnHook);
    rig.pass(1);
    assert_eq!(
        course(&rig, rig.calls()[0]),
        [
            "queue 5000 queued at - rung 0 held 0x 0 of 0, Redirected by switch",
            "trunk T1 connected at 0 rung 0 held 0x 0 of 19000, None by device",
            "station 1001 (7001) connected at 4000 rung 4000 held 1x 3000 of 19000, None by device",
        ]
    );
}

#[test]
fn a_transfer_gives_the_consultation_legs_of_its_own_and_leads_from_it_to_the_customer() {
    let mut rig = talking();
    rig.pass(10_000);
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device("1002") }).expect("consults");
    rig.pass(2_000);
    rig.line(3, LineEvent::OffHook);
    rig.pass(5_000);
    let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
    rig.ask(ALL, Request::TransferCall { held_call, active_call }).expect("transferred");
    rig.line(2, LineEvent::OnHook);
    rig.pass(20_000);
    rig.line(3, LineEvent::OnHook);
    rig.pass(1);
    let calls = rig.calls();
    let [consultation, customer] = calls[..] else { panic!("{calls:?}") };
    assert_eq!((consultation.main_call, customer.main_call), (Some(customer.ucid), None));
    assert_eq!(
        [course(&rig, consultation), course(&rig, customer)],
        [
            vec![
                "station 1001 (7001) connected at 0 rung 0 held 0x 0 of 7000, Transfer by client",
                "station 1002 connected at 2000 rung 2000 held 0x 0 of 7000, Transfer by client",
            ],
            vec![
                "queue 5000 queued at - rung 0 held 0x 0 of 0, Redirected by switch",
                "station 1001 (7001) connected at 4000 rung 4000 held 1x 7000 of 21000, Transfer by client",
                "trunk T1 connected at 0 rung 0 held 0x 0 of 41000, None by switch",
                "station 1002 connected at 0 rung 0 held 0x 0 of 20000, None by device",
            ],
        ]
    );
}

#[test]
fn a_conference_begins_the_third_partys_leg_in_the_customers_call() {
    let mut rig = talking();
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device("1002") }).expect("consults");
    rig.line(3, LineEvent::OffHook);
    rig.pass(1_000);
    let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
    rig.ask(ALL, Request::ConferenceCall { held_call, active_call }).expect("conferenced");
    rig.pass(7_000);
    rig.line(3, LineEvent::OnHook);
    rig.pass(1_000);
    rig.line(2, LineEvent::OnHook);
    rig.pass(1);
    let calls = rig.calls();
    let [consultation, customer] = calls[..] else { panic!("{calls:?}") };
    assert_eq!(
        [course(&rig, consultation), course(&rig, customer)],
        [
            vec![
                "station 1001 (7001) connected at 0 rung 0 held 0x 0 of 1000, KeyConference by client",
                "station 1002 connected at 0 rung 0 held 0x 0 of 1000, KeyConference by client",
            ],
            vec![
                "queue 5000 queued at - rung 0 held 0x 0 of 0, Redirected by switch",
                "station 1001 (7001) connected at 4000 rung 4000 held 1x 1000 of 13000, None by device",
                "trunk T1 connected at 0 rung 0 held 0x 0 of 13000, None by switch",
                "station 1002 connected at 0 rung 0 held 0x 0 of 7000, None by device",
            ],
        ]
    );
}

#[test]
fn a_caller_who_gives_up_in_the_queue_has_a_leg_that_rang_in_vain() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.pass(6_000);
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    rig.pass(1);
    assert_eq!(
        course(&rig, rig.calls()[0]),
        [
            "queue 5000 queued at - rung 0 held 0x 0 of 0, Redirected by switch",
            "trunk T1 connected at 0 rung 0 held 0x 0 of 6000, None by device",
            "station 1001 (7001) alerting at - rung 6000 held 0x 0 of 6000, CallCancelled by switch",
        ]
    );
}

#[test]
fn a_transfer_outside_that_comes_back_leaves_the_cause_in_the_leg_of_the_trunk() {
    let mut rig = talking();
    let active_call = rig.connection(1, "1001");
    let consult = Request::ConsultationCall { active_call, called_device: device("95551234") };
    rig.ask(ALL, consult).expect("a trunk");
    rig.line(1, LineEvent::Dialled);
    let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
    rig.ask(ALL, Request::TransferCall { held_call, active_call }).expect("transferred");
    rig.line(2, LineEvent::OnHook);
    rig.line(1, LineEvent::Failed(LineFailure::Busy));
    let last = legs(&rig.records).into_iter().rfind(|leg| leg.device == device("T2"));
    assert_eq!(last.map(|leg| leg.cause), Some(EventCause::Busy));
}
