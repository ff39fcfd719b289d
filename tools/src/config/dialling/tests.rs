//! Tests of the dial plan and the trunk groups as the configuration has them.
//!
//! Never: makes a call.

use super::super::{SiteConfig, TEMPLATE};

/// The printed configuration with groups and rules in place of its `[dialling]`.
fn site(groups: &str, dialling: &str) -> Result<SiteConfig, String> {
    let text = TEMPLATE.replacen("\n[dialling]\n", &format!("\n{groups}\n[dialling]\n"), 1);
    SiteConfig::parse(&format!("{text}\n{dialling}\n")).map_err(|error| error.to_string())
}

const GROUPS: &str = "[[trunk_group]]\nname = \"city\"\ntrunks = [\"T1\", \"T2\"]\norder = \"longest-idle\"\nreserve = 1\n\
                      [[group]]\nname = \"desks\"\ndevices = [\"1001\", \"5000\"]\n";
const ROUTE: &str = "[[dialling.route]]\nprefix = \"0\"\nstrip = 1\nadd = \"17951\"\ngroups = [\"city\"]\nmin_digits = 10\n\
                     max_digits = 12\nallow = [\"desks\", \"1002\"]";

#[test]
fn groups_and_rules_come_to_the_core_with_the_stations_of_their_groups() {
    let site = site(GROUPS, ROUTE).unwrap();
    let plan = site.dial_plan().unwrap();
    let rule = &plan.rules[0];
    assert_eq!((rule.prefix.as_str(), rule.strip, rule.add.as_str(), rule.least, rule.most), ("0", 1, "17951", 10, 12));
    let allowed: Vec<_> = rule.allow.iter().flatten().map(|device| device.as_str()).collect();
    assert_eq!(allowed, ["1001", "1002"], "a queue of a group dials nothing");
    assert_eq!(plan.emergency, ["110", "119", "120", "122", "112"], "those of the country");
    let groups = site.groups_of_trunks();
    assert_eq!(groups.len(), 1);
    assert!(site.has_device(&groups.keys().next().unwrap().0), "a client can name it");
}

#[test]
fn trunks_in_no_group_are_grouped_by_the_number_that_callers_dial() {
    let groups = SiteConfig::parse(TEMPLATE).unwrap().groups_of_trunks();
    let names: Vec<_> = groups.keys().map(|name| name.0.as_str()).collect();
    assert_eq!(names, ["95598", "T2"]);
}

#[test]
fn every_fault_of_a_trunk_group_has_its_line_and_a_remedy() {
    let two = |rest: &str| format!("[[trunk_group]]\nname = \"a\"\ntrunks = [\"T1\"]\n[[trunk_group]]\n{rest}\n");
    for (groups, why) in [
        ("[[trunk_group]]\nname = \"a\"\n".to_owned(), "the trunk group a has no trunk; write trunks"),
        (two("name = \"a\"\ntrunks = [\"T2\"]"), "the trunk group a stands there twice"),
        (two("name = \"5000\"\ntrunks = [\"T2\"]"), "has the name of another device"),
        (two("name = \"b\"\ntrunks = [\"T9\"]"), "there is no trunk T9; did you mean T1?"),
        (two("name = \"b\"\ntrunks = [\"T1\"]"), "the trunk T1 is in the groups a and b"),
        (two("name = \"b\"\ntrunks = [\"T2\"]\nreserve = 1"), "no ordinary call would ever go out"),
        (two("name = \"b\"\ntrunks = [\"T2\"]\nreserve = 1\ndirection = \"in\""), "leave the reserve out"),
        (two("name = \"b\"\ntrunks = [\"T2\"]\norder = \"random\""), "random"),
    ] {
        let refused = site(&groups, "").unwrap_err();
        assert!(refused.contains(why) && refused.contains("line "), "{groups}: {refused}");
    }
}

#[test]
fn every_fault_of_a_rule_has_its_line_and_a_remedy() {
    for (from, to, why) in [
        ("groups = [\"city\"]\n", "", "names no trunk group; write groups = [\"city\"]"),
        ("[\"city\"]", "[\"citi\"]", "there is no trunk group citi; did you mean city?"),
        ("[\"desks\", \"1002\"]", "[\"desk\"]", "there is no group or station desk; did you mean desks?"),
        ("prefix = \"0\"", "prefix = \"0x\"", "prefix is \"0x\"; digits are wanted"),
        ("min_digits = 10", "min_digits = 13", "min_digits is 1 to max_digits (12), not 13"),
        ("max_digits = 12", "max_digits = 40", "max_digits is 32 at most"),
        ("strip = 1", "strip = 10", "can leave no digit"),
        ("max_digits = 12", "max_digits = 32", "36 would be sent"),
    ] {
        let route = ROUTE.replacen(from, to, 1);
        let refused = site(GROUPS, &route).unwrap_err();
        assert!(refused.contains(why) && refused.contains("line "), "{route}: {refused}");
    }
    let twice = site(GROUPS, &format!("{ROUTE}\n{ROUTE}")).unwrap_err();
    assert!(twice.contains("route 2 (prefix \"0\") has the prefix of route 1"), "{twice}");
    let incoming = GROUPS.replacen("reserve = 1", "direction = \"in\"", 1);
    assert!(site(&incoming, ROUTE).unwrap_err().contains("incoming calls alone"));
    let empty = GROUPS.replacen("\"1001\", \"5000\"", "\"5000\"", 1);
    assert!(site(&empty, ROUTE).unwrap_err().contains("the group desks has no station in it"));
    assert!(site("", "emergency = [\"11o\"]").unwrap_err().contains("the emergency number \"11o\""));
}

/// A calendar with the routes `open`, `closed` and `holiday`.
const OFFICE: &str = "[calendar.office]\nclosed = \"closed\"\nhours = [{ days = [\"mon\"], from = \"08:00\", to = \"18:00\", \
                      route = \"open\" }]\nholidays = [{ from = \"2026-10-01\", route = \"holiday\" }]\n";

#[test]
fn a_rule_has_the_hours_of_a_calendar_and_another_of_its_prefix_those_outside_them() {
    let hours = |calendar: &str, during: &str| format!("{ROUTE}\ncalendar = \"{calendar}\"\nduring = [{during}]\n");
    let groups = format!("{GROUPS}{OFFICE}");
    let site = |dialling: &str| site(&groups, dialling);
    let day = hours("office", "\"open\", \"holiday\"");
    let plan = site(&format!("{day}{ROUTE}")).unwrap().dial_plan().unwrap();
    let during = plan.rules[0].hours.as_ref().map(|hours| (hours.calendar.as_str(), hours.during.len()));
    assert_eq!((during, &plan.rules[1].hours), (Some(("office", 2)), &None));
    for (dialling, why) in [
        (format!("{ROUTE}\n{day}"), "route 2 (prefix \"0\") has the prefix of route 1: no number would ever reach it"),
        (hours("ofice", "\"open\""), "there is no calendar ofice; did you mean office?"),
        (hours("office", "\"opn\""), "the calendar office has no route opn; did you mean open?"),
        (
            hours("office", ""),
            "it is never in force; write during, with some of the routes \"closed\", \"holiday\", \"open\"",
        ),
        (format!("{ROUTE}\nduring = [\"open\"]"), "during has no effect without a calendar"),
    ] {
        let refused = site(&dialling).unwrap_err();
        assert!(refused.contains(why) && refused.contains("line "), "{dialling}: {refused}");
    }
}

#[test]
fn each_fault_of_a_rule_is_at_the_line_of_its_own_route() {
    let second = ROUTE.replacen("prefix = \"0\"", "prefix = \"1\"", 1).replacen("max_digits = 12", "max_digits = 9", 1);
    let refused = site(GROUPS, &format!("{ROUTE}\n{second}")).unwrap_err();
    let text = TEMPLATE.replacen("\n[dialling]\n", &format!("\n{GROUPS}\n[dialling]\n"), 1);
    let line = text.lines().count() + 1 + ROUTE.lines().count() + 6;
    assert!(refused.contains(&format!("line {line}: route 2")), "{line}: {refused}");
}
