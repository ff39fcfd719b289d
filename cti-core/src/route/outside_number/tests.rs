//! Tests of the rules for outside numbers: a table of decisions, and what holds for any rules and any digits.
//!
//! Never: seizes a trunk.

use proptest::prelude::*;
use tipring_driver::line::Digit;

use super::*;
use crate::config::{HuntOrder, RuleHours, TrunkDirection, TrunkGroupConfig};
use crate::device::Devices;
use crate::route::dial_plan::{DialPlan, NotRouted, Reading, Route};
use crate::testing::{device, site};

fn rule(prefix: &str, least: u8, most: u8) -> DialRule {
    let (groups, add) = (Vec::new(), String::new());
    DialRule { prefix: prefix.into(), strip: 0, add, least, most, groups, allow: None, hours: None }
}

/// The plan of a site with stations 1001 to 1003, two groups `city` and `long`, and China's emergency numbers.
fn plan(prefix: Option<char>, rules: &[DialRule]) -> DialPlan {
    let site = site();
    let devices = Devices::new(&site, 8).expect("a site that can be");
    let group = |name, trunk| TrunkGroupConfig {
        device: device(name),
        trunks: vec![device(trunk)],
        direction: TrunkDirection::Both,
        reserve: 0,
        reserve_call_back: 0,
        order: HuntOrder::Descending,
    };
    let names = [device("T1"), device("T2")];
    let groups = TrunkGroups::new(&[group("city", "T1"), group("long", "T2")], &names).expect("groups that can be");
    let emergency: Vec<String> = ["110", "119", "120", "112"].map(str::to_owned).into();
    let outside = OutsidePlan::new(rules, &emergency, &devices, &groups).expect("rules that can be");
    DialPlan::new(prefix.and_then(Digit::new), outside, &devices)
}

/// City calls, long distance by two groups, mobile numbers without the operator's 17951 prefix, and service numbers
/// that only 1001 may dial.
fn rules() -> Vec<DialRule> {
    vec![
        rule("", 7, 8),
        DialRule { groups: vec![device("long"), device("city")], ..rule("0", 10, 12) },
        DialRule { strip: 1, add: "17951".into(), groups: vec![device("long")], ..rule("01", 12, 12) },
        DialRule { allow: Some(vec![device("1001")]), ..rule("16", 5, 8) },
    ]
}

#[test]
fn the_rule_with_the_longest_prefix_says_which_digits_go_out_and_by_which_groups() {
    let plan = plan(Some('9'), &rules());
    for (number, rule, digits, groups) in [
        ("65551234", Some(0), "65551234", vec![0, 1, 2]),
        ("02165551234", Some(1), "02165551234", vec![1, 0]),
        ("013800138000", Some(2), "1795113800138000", vec![1]),
        ("16888", Some(3), "16888", vec![0, 1, 2]),
        ("110", None, "110", vec![0, 1, 2]),
        ("120", None, "120", vec![0, 1, 2]),
    ] {
        let outgoing = plan.outside.outgoing(&Number::from(number).expect("short")).expect(number);
        assert_eq!(outgoing.rule, rule.map(RuleIx), "{number}");
        assert_eq!(outgoing.digits.as_str(), digits, "{number}");
        assert_eq!(outgoing.groups, groups.into_iter().map(GroupIx).collect::<Vec<_>>(), "{number}");
        assert_eq!(outgoing.is_emergency, rule.is_none(), "{number}");
    }
    for number in ["", "1", "6555123", "655512345", "021655", "0138001380001"] {
        let is_known = plan.outside.outgoing(&Number::from(number).expect("short")).is_some();
        assert_eq!(is_known, number.len() == 7, "{number}: too few or too many digits lead nowhere");
    }
}

#[test]
fn a_number_from_keys_is_complete_at_its_last_digit_after_a_hash_or_when_no_longer_one_can_follow() {
    let plan = plan(Some('9'), &rules());
    let outside = |number: &str| Route::Outside(Number::from(number).expect("short"));
    for (digits, reading) in [
        ("9", Reading::Incomplete),
        ("9655512", Reading::Incomplete),
        ("96555123", Reading::Enough(outside("6555123"))),
        ("96555123#", Reading::Complete(outside("6555123"))),
        ("965551234", Reading::Complete(outside("65551234"))),
        ("9655512345", Reading::Invalid),
        ("9655#", Reading::Invalid),
        ("90216555123", Reading::Enough(outside("0216555123"))),
        ("9013800138000", Reading::Complete(outside("013800138000"))),
        ("91", Reading::Incomplete),
        ("911", Reading::Incomplete),
        ("9110", Reading::Complete(outside("110"))),
        ("110", Reading::Complete(outside("110"))),
        ("11", Reading::Incomplete),
        ("119", Reading::Complete(outside("119"))),
        ("1001", Reading::Complete(Route::Station(StationIx(0)))),
        ("111", Reading::Invalid),
    ] {
        assert_eq!(plan.read(digits), reading, "{digits}");
    }
}

#[test]
fn a_station_dials_only_what_its_rule_allows_and_any_station_an_emergency_number() {
    let mut rules = rules();
    rules[0].allow = Some(Vec::new());
    let plan = plan(Some('9'), &rules);
    let [first, second] = [0, 1].map(StationIx);
    assert!(matches!(plan.route_for("916888", first), Ok(Route::Outside(_))));
    assert_eq!(plan.route_for("916888", second), Err(NotRouted::Barred));
    assert_eq!(plan.route_for("965551234", first), Err(NotRouted::Barred));
    assert_eq!(plan.route_for("97", first), Err(NotRouted::Nowhere));
    for number in ["110", "9110", "119", "9120"] {
        assert!(matches!(plan.route_for(number, second), Ok(Route::Outside(_))), "{number}");
    }
}

#[test]
fn outside_numbers_are_dialled_as_they_are_where_there_are_rules_and_no_prefix() {
    let plan = plan(None, &rules());
    let number = Number::from("65551234").expect("short");
    assert_eq!(plan.read("65551234"), Reading::Complete(Route::Outside(number)));
    assert_eq!(plan.outside(&number), Some(number));
    // An extension is never hidden: 1001 is read to its end although 1 could begin an outside number.
    assert_eq!(plan.read("100"), Reading::Incomplete);
    assert_eq!(plan.route("1001"), Some(Route::Station(StationIx(0))));
}

#[test]
fn a_rule_names_groups_and_stations_that_there_are() {
    let site = site();
    let devices = Devices::new(&site, 8).expect("a site that can be");
    let groups = TrunkGroups::new(&[], &[]).expect("no groups");
    let failure = |rule: DialRule| OutsidePlan::new(&[rule], &[], &devices, &groups).err();
    assert_eq!(failure(DialRule { groups: vec![device("far")], ..rule("0", 1, 9) }), Some(device("far")));
    assert_eq!(failure(DialRule { allow: Some(vec![device("1009")]), ..rule("0", 1, 9) }), Some(device("1009")));
}

/// Long distance by day for all and by night for 1001 alone; abroad by day, and not at all by night.
#[test]
fn a_rule_with_hours_decides_while_its_calendar_has_one_of_its_routes() {
    let hours = || Some(RuleHours { calendar: "office".into(), during: vec!["open".into(), "late".into()] });
    let rules = [
        rule("", 3, 8),
        DialRule { hours: hours(), ..rule("0", 10, 12) },
        DialRule { allow: Some(vec![device("1001")]), ..rule("0", 10, 12) },
        DialRule { hours: hours(), ..rule("00", 8, 16) },
    ];
    let mut plan = plan(Some('9'), &rules);
    let [first, second] = [0, 1].map(StationIx);
    let (far, abroad) = ("902165551234", "900442079460000");
    let night = |plan: &DialPlan, what: &str| {
        assert!(matches!(plan.route_for(far, first), Ok(Route::Outside(_))), "{what}");
        assert_eq!(plan.route_for(far, second), Err(NotRouted::Barred), "{what}");
        assert_eq!(plan.route_for(abroad, first), Err(NotRouted::Nowhere), "{what}");
        assert!(plan.route_for("96555", second).is_ok() && plan.route_for("110", second).is_ok(), "{what}");
    };
    night(&plan, "no calendar is known");
    assert!(!plan.outside.changes_by(u64::MAX));
    let changes = [(100, "open"), (200, "late"), (300, "closed"), (400, "holiday")];
    let changes = changes.map(|(at, route)| (at, route.to_owned())).to_vec();
    let calendars = BTreeMap::from([("office".to_owned(), Routes { first: "closed".into(), changes })]);
    for (moment, is_day, next) in [
        (0, false, Some(100)),
        (100, true, Some(200)),
        (250, true, Some(300)),
        (300, false, Some(400)),
        (400, false, None),
    ] {
        plan.outside.follow(&calendars, moment);
        if is_day {
            for number in [far, abroad] {
                assert!(matches!(plan.route_for(number, second), Ok(Route::Outside(_))), "{number} at {moment}");
            }
        } else {
            night(&plan, &format!("at {moment}"));
        }
        assert!(!plan.outside.changes_by(moment), "{moment}");
        if let Some(next) = next {
            assert!(!plan.outside.changes_by(next - 1) && plan.outside.changes_by(next), "{moment}");
        } else {
            assert!(!plan.outside.changes_by(u64::MAX), "{moment}");
        }
    }
}

fn some_rules() -> impl Strategy<Value = Vec<DialRule>> {
    let one = ("[0-3]{0,3}", 0..4u8, "[0-9]{0,3}", 1..9u8, 0..6u8);
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let each = all.into_iter().map(|(prefix, strip, add, least, more)| DialRule {
            strip: strip.min(least - 1),
            add,
            ..rule(&prefix, least, least + more)
        });
        each.collect()
    })
}

proptest! {
    /// Read digit by digit, a number comes to the same end as the whole number does for a client, and nothing is ever
    /// *invalid* that more digits would make a number.
    #[test]
    fn digits_one_by_one_and_a_whole_number_have_one_meaning(
        rules in some_rules(),
        prefix in prop::sample::select(vec![None, Some('9')]),
        digits in "9?[0-9]{1,12}",
    ) {
        let plan = plan(prefix, &rules);
        for length in 1..=digits.len() {
            let so_far = &digits[..length];
            let reading = plan.read(so_far);
            match reading {
                Reading::Enough(route) | Reading::Complete(route) => {
                    prop_assert_eq!(plan.route(so_far), Some(route));
                    prop_assert_eq!(plan.read(&format!("{so_far}#")), Reading::Complete(route));
                    if let Route::Outside(number) = route {
                        prop_assert!(plan.outside.outgoing(&number).is_some(), "{}", number);
                    }
                }
                Reading::Incomplete | Reading::Invalid => prop_assert_eq!(plan.route(so_far), None),
            }
            if reading == Reading::Invalid {
                prop_assert_eq!(plan.route(&digits), None, "{} is invalid, {} is not", so_far, &digits);
            }
        }
    }
}
