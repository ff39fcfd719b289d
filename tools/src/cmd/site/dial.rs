//! `tipring site dial`: the decision about a number that a station dials, and the reason of each step.
//!
//! The plan is that of the file. Where the site runs, trunks that are blocked or out of service there are left out, and
//! the answer says which; trunks in use are given by `--busy`.
//!
//! Never: dials.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDateTime;
use clap::Args;
use serde::Serialize;
use tipring_core::csta::{AgentPassword, DeviceId};
use tipring_core::device::{Device, Devices, TrunkIx};
use tipring_core::flow::book::FlowBook;
use tipring_core::route::dial_plan::{DialPlan, Route};
use tipring_core::route::outside_number::OutsidePlan;
use tipring_core::route::trunk_group::{Considered, TrunkGroups};
use tipring_driver::line::Number;

use crate::clock;
use crate::config::SiteConfig;
use crate::config::fault::instead;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::run::observe::Status;
use crate::run::site::core_config;
use crate::run::status;

/// Arguments of `tipring site dial`.
#[derive(Debug, Args)]
pub struct DialArgs {
    /// The number, with or without the trunk prefix
    #[arg(value_name = "NUMBER")]
    number: String,
    /// The station that dials it
    #[arg(long, value_name = "EXTENSION")]
    from: String,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// A trunk that is in use; the others are idle unless they are blocked or out of service at the site that runs
    #[arg(long, value_name = "TRUNK")]
    busy: Vec<String>,
    /// The local time of the call, as "2026-12-24 22:00": routes with a calendar have hours [default: now]
    #[arg(long, value_name = "TIME", value_parser = local_time)]
    at: Option<NaiveDateTime>,
    /// Seize for a caller who is called back, who may have the trunks kept for that
    #[arg(long)]
    call_back: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn local_time(text: &str) -> Result<NaiveDateTime, String> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").map_err(|_| "a time is as 2026-12-24 22:00".to_owned())
}

/// A trunk group in a decision.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct GroupVerdict {
    /// The group.
    group: String,
    /// The trunk it seizes.
    trunk: Option<String>,
    /// The judgement, for people.
    why: String,
}

/// A decision.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Decision {
    /// The digits as a station dials them.
    dialled: String,
    /// The station.
    from: String,
    /// The destination, for people.
    leads_to: String,
    /// The calendars of routes, each with its route at that time.
    calendars: BTreeMap<String, String>,
    /// The rule that decides, counted from 1; none for an inside number, an emergency number, and without rules.
    route: Option<usize>,
    /// The digits that are sent.
    sent: Option<String>,
    /// The groups in the order in which they are tried, up to the one that seizes a trunk.
    groups: Vec<GroupVerdict>,
    /// The call can be made.
    possible: bool,
    /// The state of the trunks, for people; none where no trunk is looked for.
    trunks: Option<String>,
}

/// Trunks of the site that runs to which no call out goes.
#[derive(Debug, Default)]
struct Unusable {
    blocked: Vec<String>,
    out_of_service: Vec<String>,
}

impl Unusable {
    fn of(status: &Status) -> Unusable {
        let blocked = status.trunks.iter().flat_map(|group| group.blocked.iter().cloned()).collect();
        Unusable { blocked, out_of_service: status.out_of_service.clone() }
    }

    fn has(&self, trunk: &str) -> bool {
        self.blocked.iter().chain(&self.out_of_service).any(|unusable| unusable == trunk)
    }

    /// The trunks among those of the site, for people.
    fn said(&self, trunks: &[DeviceId]) -> String {
        let part = |names: &[String], what| {
            let names: Vec<_> =
                names.iter().filter(|name| trunks.iter().any(|trunk| trunk.as_str() == **name)).cloned().collect();
            (!names.is_empty()).then(|| format!("{} {what}", names.join(", ")))
        };
        let parts = [part(&self.blocked, "blocked"), part(&self.out_of_service, "out of service")];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "no trunk blocked or out of service".into() } else { parts.join("; ") }
    }
}

/// Prints the decision. The exit status is 1 if the call cannot be made.
pub fn run(args: &DialArgs) -> Result<ExitCode, Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let running = status::read(&status::socket_of(&site.store.database)).ok();
    let unusable = running.map(|snapshot| Unusable::of(&snapshot.status));
    let decision = decide(&site, args, unusable.as_ref())?;
    if args.json {
        println!("{}", serde_json::to_string(&decision)?);
    } else {
        print!("{decision}");
    }
    Ok(if decision.possible { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn decide(site: &SiteConfig, args: &DialArgs, running: Option<&Unusable>) -> Result<Decision, Failure> {
    let config = core_config(site, 0, AgentPassword::default(), FlowBook::default())?;
    let ports = site.trunks.iter().map(|trunk| trunk.port).chain(site.stations.iter().map(|station| station.port));
    let devices = Devices::new(&config, ports.max().map_or(0, |port| usize::from(port) + 1))?;
    let trunks: Vec<_> = config.trunks.iter().map(|trunk| trunk.device).collect();
    let unknown = |name: DeviceId| format!("there is no {name} at this site; `tipring site check` says more");
    let mut groups = TrunkGroups::new(&config.trunk_groups, &trunks).map_err(unknown)?;
    let rules = &config.dial_plan;
    let mut outside = OutsidePlan::new(&rules.rules, &rules.emergency, &devices, &groups).map_err(unknown)?;
    let unix_ms = args.at.map_or_else(clock::epoch_ms, |time| site.clock().moment(time).timestamp_millis());
    let calendars = site.routes(unix_ms);
    outside.follow(&calendars, unix_ms.max(0) as u64);
    let of_rules = rules.rules.iter().filter_map(|rule| rule.hours.as_ref());
    let routes = of_rules.filter_map(|hours| {
        let routes = calendars.get(&hours.calendar)?;
        Some((hours.calendar.clone(), routes.at(unix_ms.max(0) as u64).to_owned()))
    });
    let plan = DialPlan::new(rules.outside_line_prefix, outside, &devices);
    for (ix, trunk) in trunks.iter().enumerate() {
        let is_busy = args.busy.iter().any(|busy| *busy == trunk.as_str());
        let is_unusable = running.is_some_and(|unusable| unusable.has(trunk.as_str()));
        groups.set_idle(TrunkIx(ix as u16), !is_busy && !is_unusable);
    }
    if let Some(busy) = args.busy.iter().find(|busy| trunks.iter().all(|trunk| trunk.as_str() != **busy)) {
        let known = instead(busy, trunks.iter().map(DeviceId::as_str));
        return Err(format!("There is no trunk {busy}; {known}").into());
    }
    let station = DeviceId::new(&args.from).ok().and_then(|id| devices.find(&id)).and_then(Device::station);
    let station = station.ok_or_else(|| {
        let stations = site.stations.iter().map(|station| station.extension.0.as_str());
        format!("There is no station {}; {}", args.from, instead(&args.from, stations))
    })?;
    // A number that is nothing as it stands is read as an outside number, which a station dials after the prefix.
    let dialled = match (plan.route(&args.number), Number::from(&args.number)) {
        (None, Ok(number)) => plan.outside(&number).map_or(args.number.clone(), |digits| digits.to_string()),
        _ => args.number.clone(),
    };
    let mut decision = Decision {
        dialled: dialled.clone(),
        from: args.from.clone(),
        leads_to: String::new(),
        calendars: routes.collect(),
        route: None,
        sent: None,
        groups: Vec::new(),
        possible: false,
        trunks: None,
    };
    let number = match plan.route(&dialled) {
        Some(Route::Station(_) | Route::Queue(_)) => {
            (decision.leads_to, decision.possible) = ("a device of the site".into(), true);
            return Ok(decision);
        }
        Some(Route::Outside(number)) => number,
        None => {
            decision.leads_to = not_routed(&plan, site, &args.number);
            return Ok(decision);
        }
    };
    decision.route = plan.outside.rule_of(&number).map(|rule| usize::from(rule.0) + 1);
    let Some(outgoing) = plan.outside.outgoing(&number) else { return Ok(decision) };
    if outgoing.is_emergency {
        decision.route = None;
        decision.leads_to =
            format!("the emergency number {number}: any station may dial it, and no reserve holds it back");
    } else {
        decision.leads_to = format!("the outside number {number}");
    }
    if let Err(why) = plan.route_for(&dialled, station) {
        decision.leads_to +=
            &format!(", which {} may not dial: a client is refused with {:?}", args.from, why.failure());
        return Ok(decision);
    }
    decision.sent = Some(outgoing.digits.to_string());
    decision.trunks = Some(match running {
        Some(unusable) => format!("the site runs: {}", unusable.said(&trunks)),
        None => "the site does not run: as after a start".into(),
    });
    for (group, considered) in groups.consider(outgoing.groups.iter().copied(), outgoing.class(args.call_back), &[]) {
        let name = groups.name(group).map_or("trunks in no group".to_owned(), |name| name.to_string());
        let (trunk, why) = match considered {
            Considered::IncomingOnly => (None, "is for incoming calls alone".to_owned()),
            Considered::NoneIdle => (None, "has no idle trunk".to_owned()),
            Considered::Reserved { idle, kept } => (None, format!("has {idle} idle, and {kept} are reserved")),
            Considered::Seizes(trunk) => {
                let trunk = devices.id(Device::Trunk(trunk)).to_string();
                (Some(trunk.clone()), format!("seizes {trunk}"))
            }
        };
        decision.possible |= trunk.is_some();
        decision.groups.push(GroupVerdict { group: name, trunk, why });
    }
    Ok(decision)
}

/// The reason for which a number leads nowhere.
fn not_routed(plan: &DialPlan, site: &SiteConfig, number: &str) -> String {
    let prefix = site.dialling.outside_line_prefix.as_str();
    let outside = number.strip_prefix(prefix).unwrap_or(number);
    match plan.outside.rule_of(outside).and_then(|rule| site.dialling.routes.get(usize::from(rule.0))) {
        Some(route) => format!(
            "nowhere: the route with prefix {:?} has numbers of {} to {} digits, and {outside} has {}",
            route.prefix,
            route.min_digits,
            route.max_digits,
            outside.len()
        ),
        None if site.dialling.routes.iter().any(|route| route.calendar.is_some()) => {
            "nowhere: it is no device of the site, and no route in force has its prefix".into()
        }
        None if plan.outside.has_rules() => "nowhere: it is no device of the site, and no route has its prefix".into(),
        None => "nowhere: it is no device of the site, and no outside number".into(),
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} from {}: {}", self.dialled, self.from, self.leads_to)?;
        for (calendar, route) in &self.calendars {
            writeln!(f, "calendar {calendar}: {route}")?;
        }
        if let Some(route) = self.route {
            writeln!(f, "rule: [[dialling.route]] {route}")?;
        }
        if let Some(sent) = &self.sent {
            writeln!(f, "digits sent: {sent}")?;
        }
        if let Some(trunks) = &self.trunks {
            writeln!(f, "trunks: {trunks}")?;
        }
        for GroupVerdict { group, why, .. } in &self.groups {
            writeln!(f, "trunk group {group}: {why}")?;
        }
        match (self.possible, self.groups.is_empty()) {
            (false, false) => writeln!(f, "no trunk is left: the caller hears congestion tone"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;

    const PLAN: &str = r#"
[[trunk_group]]
name = "city"
trunks = ["T1"]
[[trunk_group]]
name = "long"
trunks = ["T2"]
[dialling]
outside_line_prefix = "9"
[[dialling.route]]
groups = ["city"]
min_digits = 7
max_digits = 8
[[dialling.route]]
prefix = "0"
groups = ["long", "city"]
min_digits = 10
max_digits = 12
allow = ["1001"]
[[dialling.route]]
prefix = "01"
strip = 1
add = "17951"
groups = ["long"]
min_digits = 12
max_digits = 12
"#;

    /// The decision in the words that are printed, lines joined by a bar, for each number and station.
    fn said(number: &str, from: &str, busy: &[&str]) -> String {
        let text = said_beside(None, number, from, busy);
        text.replace(" | trunks: the site does not run: as after a start", "")
    }

    fn site() -> SiteConfig {
        let head = TEMPLATE.split("\n[dialling]").next().unwrap();
        SiteConfig::parse(&format!("{head}{PLAN}")).unwrap()
    }

    fn said_beside(running: Option<&Unusable>, number: &str, from: &str, busy: &[&str]) -> String {
        said_at(None, &site(), running, number, from, busy)
    }

    fn said_at(
        at: Option<NaiveDateTime>,
        site: &SiteConfig,
        running: Option<&Unusable>,
        number: &str,
        from: &str,
        busy: &[&str],
    ) -> String {
        let args = DialArgs {
            number: number.into(),
            from: from.into(),
            site: PathBuf::new(),
            busy: busy.iter().map(|&trunk| trunk.to_owned()).collect(),
            at,
            call_back: false,
            json: false,
        };
        match decide(site, &args, running) {
            Ok(decision) => decision.to_string().trim_end().replace('\n', " | "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_route_with_hours_decides_at_a_time_within_them() {
        let calendar = "[calendar.office]\nclosed = \"closed\"\nhours = [{ days = [\"fri\"], from = \"08:00\", to = \
                        \"18:00\", route = \"open\" }]\n";
        let head = TEMPLATE.split("\n[dialling]").next().unwrap();
        let hours = PLAN.replacen("prefix = \"0\"", "prefix = \"0\"\ncalendar = \"office\"\nduring = [\"open\"]", 1);
        let site = SiteConfig::parse(&format!("{head}{hours}{calendar}")).unwrap();
        let said = |at: &str| said_at(Some(local_time(at).unwrap()), &site, None, "02165551234", "1001", &[]);
        let open = said("2026-12-04 17:59");
        assert!(
            open.contains("| calendar office: open | rule: [[dialling.route]] 2 | digits sent: 02165551234"),
            "{open}"
        );
        assert_eq!(
            said("2026-12-04 18:00"),
            "02165551234 from 1001: nowhere: the route with prefix \"\" has numbers of 7 to 8 digits, and \
             02165551234 has 11 | calendar office: closed"
        );
        assert_eq!(local_time("tomorrow").unwrap_err(), "a time is as 2026-12-24 22:00");
    }

    #[test]
    fn trunks_that_the_running_site_has_blocked_are_left_out_and_named() {
        let running = Unusable { blocked: vec!["T1".into()], out_of_service: vec!["T2".into(), "1002".into()] };
        assert_eq!(
            said_beside(Some(&running), "65551234", "1001", &[]),
            "965551234 from 1001: the outside number 65551234 | rule: [[dialling.route]] 1 | digits sent: 65551234 | \
             trunks: the site runs: T1 blocked; T2 out of service | trunk group city: has no idle trunk | \
             no trunk is left: the caller hears congestion tone"
        );
        let text = said_beside(Some(&Unusable::default()), "65551234", "1001", &[]);
        assert!(text.contains("the site runs: no trunk blocked or out of service | trunk group city: seizes T1"));
    }

    #[test]
    fn each_decision_names_its_rule_its_digits_and_every_group_that_was_tried() {
        for (number, from, busy, decision) in [
            (
                "65551234",
                "1002",
                &[][..],
                "965551234 from 1002: the outside number 65551234 | rule: [[dialling.route]] 1 | \
              digits sent: 65551234 | trunk group city: seizes T1",
            ),
            (
                "013800138000",
                "1002",
                &[],
                "9013800138000 from 1002: the outside number 013800138000 | \
              rule: [[dialling.route]] 3 | digits sent: 1795113800138000 | trunk group long: seizes T2",
            ),
            (
                "902165551234",
                "1001",
                &["T2"],
                "902165551234 from 1001: the outside number 02165551234 | \
              rule: [[dialling.route]] 2 | digits sent: 02165551234 | trunk group long: has no idle trunk | \
              trunk group city: seizes T1",
            ),
            (
                "902165551234",
                "1002",
                &[],
                "902165551234 from 1002: the outside number 02165551234, which 1002 may not \
              dial: a client is refused with PrivilegeViolationOnCalledDevice | rule: [[dialling.route]] 2",
            ),
            (
                "65551234",
                "1001",
                &["T1"],
                "965551234 from 1001: the outside number 65551234 | rule: \
              [[dialling.route]] 1 | digits sent: 65551234 | trunk group city: has no idle trunk | no trunk is left: \
              the caller hears congestion tone",
            ),
            (
                "110",
                "1002",
                &["T1"],
                "110 from 1002: the emergency number 110: any station may dial it, and no reserve \
              holds it back | digits sent: 110 | trunk group city: has no idle trunk | trunk group long: seizes T2",
            ),
            ("5000", "1002", &[], "5000 from 1002: a device of the site"),
            (
                "0216",
                "1001",
                &[],
                "0216 from 1001: nowhere: the route with prefix \"0\" has numbers of 10 to 12 digits, \
              and 0216 has 4",
            ),
            ("65551234", "1009", &[], "There is no station 1009; did you mean 1001?"),
            ("65551234", "1001", &["T7"], "There is no trunk T7; did you mean T1?"),
        ] {
            assert_eq!(said(number, from, busy), decision, "{number} from {from}, busy {busy:?}");
        }
    }
}
