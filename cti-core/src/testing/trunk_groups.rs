//! Trunk groups and the dial plan in whole calls: groups by rule, overflow, reserves, barred numbers, blocked trunks.
//!
//! Never: chooses a trunk.

use std::collections::BTreeMap;

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineFailure, LineKind};

use super::rig::{ALL, Rig};
use super::{device, site};
use crate::config::{Config, DialRule, HuntOrder, RuleHours, TrunkConfig, TrunkDirection, TrunkGroupConfig};
use crate::csta::cause::UniversalFailure;
use crate::csta::private::RequestData;
use crate::csta::vendor::{VendorReply, VendorRequest};
use crate::flow::calendar::Routes;
use crate::report::event::Event;

/// Channels of the trunks T3 to T5, beside T1 and T2 of the ordinary site.
const MORE: [u16; 3] = [5, 6, 7];

fn group(name: &str, trunks: &[&str]) -> TrunkGroupConfig {
    TrunkGroupConfig {
        device: device(name),
        trunks: trunks.iter().map(|name| device(name)).collect(),
        direction: TrunkDirection::Both,
        reserve: 0,
        reserve_call_back: 0,
        order: HuntOrder::Ascending,
    }
}

/// The hotline's T1 and T2, the first of which is kept for callers; T3 for long distance, T4 for the city; T5 in no
/// group. Long distance overflows to the city group; 1001 alone may dial it.
fn config() -> Config {
    let mut config = site();
    let trunk = |(n, channel): (usize, u16)| TrunkConfig {
        channel: ChannelId(channel),
        device: device(&format!("T{n}")),
        ..config.trunks[0].clone()
    };
    let more: Vec<_> = (3..).zip(MORE).map(trunk).collect();
    config.trunks.extend(more);
    config.trunk_groups = vec![
        TrunkGroupConfig { reserve: 1, ..group("hotline", &["T1", "T2"]) },
        group("long", &["T3"]),
        group("city", &["T4"]),
    ];
    let rule = |prefix: &str, groups: &[&str]| DialRule {
        prefix: prefix.into(),
        strip: 0,
        add: String::new(),
        least: 3,
        most: 12,
        groups: groups.iter().map(|name| device(name)).collect(),
        allow: None,
        hours: None,
    };
    config.dial_plan.rules = vec![
        rule("", &["city", "hotline"]),
        DialRule {
            strip: 1,
            add: "17951".into(),
            allow: Some(vec![device("1001"), device("1003")]),
            ..rule("0", &["long", "city"])
        },
    ];
    config.dial_plan.emergency = vec!["110".into()];
    config
}

fn rig() -> Rig {
    let mut rig = Rig::of(config());
    for channel in MORE {
        rig.line(channel, LineEvent::InService(LineKind::Trunk));
    }
    rig
}

/// Dials at the headset 1003, and gives the commands to lines.
fn dial(rig: &mut Rig, number: &str) -> Vec<String> {
    rig.make_call("1003", number).expect("made");
    rig.commanded()
}

fn use_of(rig: &mut Rig, name: &str) -> Result<(i16, i16), UniversalFailure> {
    let vendor = Some(VendorRequest::QueryTrunkGroup { device: device(name) });
    rig.escape(ALL, RequestData { vendor, ..RequestData::default() })?;
    match rig.reply_data.take().and_then(|data| data.vendor) {
        Some(VendorReply::QueryTrunkGroup { idle_trunks, used_trunks }) => Ok((idle_trunks, used_trunks)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_goes_out_by_the_groups_of_its_rule_and_overflows_when_the_first_is_full() {
    let mut rig = rig();
    assert_eq!(dial(&mut rig, "902165551234"), ["5 dial 179512165551234"]);
    rig.line(5, LineEvent::Failed(LineFailure::Glare));
    assert_eq!(rig.commanded(), ["5 release", "6 dial 179512165551234"], "after glare the next group of the rule");
    assert_eq!(use_of(&mut rig, "long"), Ok((1, 0)));
    assert_eq!(use_of(&mut rig, "city"), Ok((0, 1)));
    let seized = rig.log.iter().filter_map(|entry| match entry.event {
        Event::Seized { trunk, group, .. } => Some(format!("{trunk} of {group}")),
        _ => None,
    });
    assert_eq!(seized.collect::<Vec<_>>(), ["T3 of long", "T4 of city"]);
}

#[test]
fn a_trunk_that_is_reserved_for_callers_is_left_idle_and_seized_in_an_emergency() {
    let mut rig = rig();
    rig.ring_in(6, "5551234");
    rig.commanded();
    assert_eq!(dial(&mut rig, "95559876"), ["0 dial 5559876"], "the city group is full: overflow");
    assert_eq!(use_of(&mut rig, "hotline"), Ok((1, 1)));
    rig.monitor("1001");
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "95551111#");
    assert_eq!(rig.reported().last().map(String::as_str), Some("D1001: failed 1001 at 5551111 6 33"));
    rig.line(2, LineEvent::OnHook);
    rig.commanded();
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "110");
    assert_eq!(rig.commanded(), ["1 dial 110"], "without the prefix, past the reserve");
    let blocked: Vec<_> = rig.log.iter().filter(|entry| matches!(entry.event, Event::Blocked { .. })).collect();
    assert!(matches!(blocked[..], [entry] if entry.event == Event::Blocked { group: device("city") }), "{blocked:?}");
}

#[test]
fn a_number_that_a_station_may_not_dial_is_refused_to_clients_and_has_reorder_tone_at_the_handset() {
    let mut rig = rig();
    let refused = rig.make_call("1002", "902165551234");
    assert_eq!(refused, Err(UniversalFailure::PrivilegeViolationOnCalledDevice));
    assert_eq!(rig.make_call("1002", "902"), Err(UniversalFailure::InvalidCalledDevice));
    rig.monitor("1002");
    rig.line(3, LineEvent::OffHook);
    rig.keys(3, "902165551234#");
    assert_eq!(rig.reported().last().map(String::as_str), Some("D1002: failed 1002 at 02165551234 6 29"));
    assert!(rig.commanded().iter().all(|command| !command.contains("dial")), "no trunk is seized");
}

/// Long distance by day alone: the hours pass while the site runs, and are those of the configuration last read.
#[test]
fn a_rule_with_hours_comes_into_force_and_goes_out_of_it_at_the_moments_of_its_calendar() {
    let mut config = config();
    let hours = RuleHours { calendar: "office".into(), during: vec!["open".into()] };
    config.dial_plan.rules[1].hours = Some(hours);
    config.dial_plan.rules[0].least = 12;
    let mut rig = Rig::of(config.clone());
    let far = |rig: &mut Rig| rig.make_call("1001", "90216555123");
    assert_eq!(far(&mut rig), Err(UniversalFailure::InvalidCalledDevice), "no calendar is known");
    let at = |s: u64| config.epoch_ms + 1000 * s;
    let changes = vec![(at(60), "open".into()), (at(120), "closed".into())];
    let office = Routes { first: "closed".into(), changes };
    rig.core.handle_calendars(BTreeMap::from([("office".to_owned(), office)]));
    assert_eq!(far(&mut rig), Err(UniversalFailure::InvalidCalledDevice), "it is closed");
    rig.skip(60_000);
    assert!(far(&mut rig).is_ok());
    rig.core.handle_settings(&config).expect("a site that can be");
    assert!(rig.make_call("1003", "90216555123").is_ok(), "the plan is new, the hour is not");
    rig.skip(60_000);
    let refused = rig.make_call("1001", "90216555123");
    assert_eq!(refused, Err(UniversalFailure::InvalidCalledDevice), "it is closed again");
    // The wall clock is put back by a minute.
    rig.core.handle_wall_clock(at(60) + rig.now.0 % 1000);
    assert_ne!(rig.make_call("1001", "90216555123"), refused);
}

#[test]
fn a_blocked_trunk_drains_and_is_seized_again_once_it_is_unblocked() {
    let mut rig = rig();
    assert_eq!(dial(&mut rig, "95559876"), ["6 dial 5559876"]);
    assert_eq!(rig.core.handle_trunk_blocked(&device("T4"), true), Some(true), "its call goes on");
    assert_eq!(rig.core.calls(), 1);
    rig.line(6, LineEvent::Dialled);
    rig.line(4, LineEvent::OnHook);
    rig.pass(3000);
    assert_eq!(rig.core.calls(), 0);
    let used = rig.core.trunk_use(&device("city")).expect("a group");
    assert_eq!((used.idle, used.used, used.blocked, used.out_of_service), (0, 0, 1, 0));
    rig.line(4, LineEvent::OffHook);
    rig.commanded();
    assert_eq!(dial(&mut rig, "95559876"), ["0 dial 5559876"], "it is passed over");
    assert_eq!(rig.core.handle_trunk_blocked(&device("T4"), false), Some(false));
    assert_eq!(use_of(&mut rig, "city"), Ok((1, 0)));
    assert_eq!(rig.core.handle_trunk_blocked(&device("1001"), true), None, "a station is no trunk");
}

#[test]
fn a_trunk_group_is_asked_for_by_its_name_or_by_the_number_of_trunks_in_none() {
    let mut rig = rig();
    assert_eq!(use_of(&mut rig, "hotline"), Ok((2, 0)));
    assert_eq!(use_of(&mut rig, "6000"), Ok((1, 0)), "T5 is in no group");
    rig.line(7, LineEvent::OutOfService);
    assert_eq!(use_of(&mut rig, "6000"), Ok((0, 0)));
    rig.line(7, LineEvent::InService(LineKind::Trunk));
    assert_eq!(use_of(&mut rig, "5000"), Err(UniversalFailure::InvalidObjectType));
    assert_eq!(use_of(&mut rig, "nowhere"), Err(UniversalFailure::InvalidCstaDeviceIdentifier));
}
