//! The dial plan: the prefix for outside, rules for outside numbers, emergency numbers.
//!
//! Never: decides a call; the core's [`OutsidePlan`](tipring_core::route::outside_number::OutsidePlan) does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tipring_core::config as core;
use tipring_core::csta::DeviceId;
use tipring_core::number_plan::NumberPlan;
use tipring_driver::line::Digit;
use tipring_driver::signal::NUMBER_MAX;

use super::fault::{Faults, instead};
use super::trunk_group::Direction;
use super::{Device, SiteConfig};

/// Most digits of a number.
const DIGITS_MAX: u8 = NUMBER_MAX as u8;

/// Emergency numbers by country: police, fire, ambulance, traffic police, coast guard, and those of mobile networks.
const EMERGENCY: &[(&str, &[&str])] = &[
    ("CN", &["110", "119", "120", "122", "112"]),
    ("US", &["911"]),
    ("GB", &["999", "112"]),
    ("DE", &["110", "112"]),
    ("JP", &["110", "118", "119"]),
    ("HK", &["999", "112"]),
];

/// Calls out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiallingConfig {
    /// The digit before an outside number.
    #[serde(default = "nine")]
    pub outside_line_prefix: String,
    /// The site's area code, without the national prefix: by it and the country, spellings of one number are one.
    #[serde(default)]
    pub area_code: String,
    /// Emergency numbers; those of the country if left out.
    #[serde(default)]
    pub emergency: Option<Vec<String>>,
    /// Rules for outside numbers; of those in force that with the longest prefix decides, of two the first.
    #[serde(rename = "route", default)]
    pub routes: Vec<DialRouteConfig>,
}

/// A rule for outside numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialRouteConfig {
    /// The digits with which its numbers begin, after `outside_line_prefix`; all other numbers if left out.
    #[serde(default)]
    pub prefix: String,
    /// Digits that are taken away from the front.
    #[serde(default)]
    pub strip: u8,
    /// Digits that are put before the rest.
    #[serde(default)]
    pub add: String,
    /// Trunk groups in the order of overflow.
    #[serde(default)]
    pub groups: Vec<Device>,
    /// The fewest digits of a number, prefix included.
    #[serde(default = "one")]
    pub min_digits: u8,
    /// The most digits.
    #[serde(default = "all_digits")]
    pub max_digits: u8,
    /// Stations and groups of stations that may dial its numbers; all stations if left out.
    #[serde(default)]
    pub allow: Option<Vec<Device>>,
    /// Calendar by which it is in force; always if left out.
    #[serde(default)]
    pub calendar: Option<String>,
    /// The calendar's routes during which it is in force.
    #[serde(default)]
    pub during: Vec<String>,
}

impl Default for DiallingConfig {
    fn default() -> DiallingConfig {
        DiallingConfig { outside_line_prefix: nine(), area_code: String::new(), emergency: None, routes: Vec::new() }
    }
}

fn nine() -> String {
    "9".into()
}

const fn one() -> u8 {
    1
}

const fn all_digits() -> u8 {
    DIGITS_MAX
}

impl SiteConfig {
    /// The emergency numbers: those of `[dialling]`, or those of the country.
    pub fn emergency_numbers(&self) -> Vec<String> {
        let country = self.country.0.code;
        let usual = || EMERGENCY.iter().find(|(code, _)| *code == country).map_or(&[][..], |(_, numbers)| numbers);
        match &self.dialling.emergency {
            Some(numbers) => numbers.clone(),
            None => usual().iter().map(|number| (*number).to_owned()).collect(),
        }
    }

    /// The numbering plan by which numbers are compared.
    ///
    /// # Errors
    /// The area code is none: a sentence.
    pub fn number_plan(&self) -> Result<NumberPlan, String> {
        NumberPlan::new(self.country.0.code, &self.dialling.area_code).map_err(|wrong| wrong.to_string())
    }

    /// Returns true if calls can go out.
    pub fn has_calls_out(&self) -> bool {
        !self.dialling.outside_line_prefix.is_empty() || !self.dialling.routes.is_empty()
    }

    /// The dial plan in the core's terms.
    ///
    /// # Errors
    /// The prefix is not one key of a telephone: a sentence.
    pub fn dial_plan(&self) -> Result<core::DialPlanConfig, String> {
        let outside_line_prefix = match self.dialling.outside_line_prefix.as_str() {
            "" => None,
            text => {
                let mut characters = text.chars();
                let digit = characters.next().and_then(Digit::new).filter(|_| characters.next().is_none());
                Some(digit.ok_or(format!("The trunk prefix is one key of the telephone, not {text:?}"))?)
            }
        };
        let rule = |route: &DialRouteConfig| core::DialRule {
            prefix: route.prefix.clone(),
            strip: route.strip,
            add: route.add.clone(),
            least: route.min_digits,
            most: route.max_digits,
            groups: route.groups.iter().map(|group| group.0).collect(),
            allow: route.allow.as_ref().map(|names| self.stations_of(names)),
            hours: route
                .calendar
                .as_ref()
                .map(|calendar| core::RuleHours { calendar: calendar.clone(), during: route.during.clone() }),
        };
        Ok(core::DialPlanConfig {
            outside_line_prefix,
            rules: self.dialling.routes.iter().map(rule).collect(),
            emergency: self.emergency_numbers(),
        })
    }

    /// The stations of names, each that of a station or of a `[[group]]`.
    fn stations_of(&self, names: &[Device]) -> Vec<DeviceId> {
        let in_groups = names.iter().flat_map(|name| {
            let group = self.groups.iter().find(|group| group.name == name.0.as_str());
            group.map_or(vec![*name], |group| group.devices.clone())
        });
        let is_station = |name: &Device| self.stations.iter().any(|station| station.extension == *name);
        in_groups.filter(is_station).map(|name| name.0).collect()
    }
}

/// Rules of the dial plan that cannot be, and emergency numbers that are none.
pub(super) fn check_dialling(site: &SiteConfig, faults: &mut Faults<'_>) {
    let prefix = site.dialling.outside_line_prefix.as_str();
    let mut keys = prefix.chars();
    if keys.next().is_some_and(|key| Digit::new(key).is_none()) || keys.next().is_some() {
        let text = format!("outside_line_prefix is one key of the telephone, or \"\" for none, not {prefix:?}");
        faults.add(("dialling", None, "outside_line_prefix"), text);
    }
    if let Err(wrong) = site.number_plan() {
        faults.add(("dialling", None, "area_code"), format!("area_code: {wrong}"));
    }
    for number in site.dialling.emergency.iter().flatten().filter(|number| !are_digits(number, 1)) {
        let text = format!("the emergency number {number:?} is no number; write its digits, without the trunk prefix");
        faults.add(("dialling", None, "emergency"), text);
    }
    let mut prefixes: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, route) in site.dialling.routes.iter().enumerate() {
        let mut add = |key: &str, text: String| {
            let key = if key.is_empty() { format!("route.{index}") } else { format!("route.{index}.{key}") };
            faults.add(("dialling", None, &key), text);
        };
        let name = format!("route {} (prefix {:?})", index + 1, route.prefix);
        if let Some(first) = prefixes.get(route.prefix.as_str()) {
            let text = format!(
                "{name} has the prefix of route {}: no number would ever reach it; put the two into one, with both \
                 groups, or give the first hours of a calendar",
                first + 1
            );
            add("prefix", text);
        } else if route.calendar.is_none() {
            prefixes.insert(&route.prefix, index);
        }
        for (key, text) in faults_of_hours(site, route) {
            add(key, format!("{name}: {text}"));
        }
        for (key, digits) in [("prefix", &route.prefix), ("add", &route.add)] {
            if !are_digits(digits, 0) {
                add(key, format!("{name}: {key} is {digits:?}; digits are wanted"));
            }
        }
        for (key, text) in faults_of_digits(route) {
            add(key, format!("{name}: {text}"));
        }
        for group in &route.groups {
            if site.trunk_groups.iter().all(|known| known.name != *group) {
                let known = instead(group.0.as_str(), site.trunk_groups.iter().map(|group| group.name.0.as_str()));
                add("groups", format!("{name}: there is no trunk group {}; {known}", group.0));
            }
        }
        if route.groups.is_empty() && !site.trunk_groups.is_empty() {
            let names = site.trunk_groups.iter().map(|group| format!("\"{}\"", group.name.0)).collect::<Vec<_>>();
            add("", format!("{name} names no trunk group; write groups = [{}]", names.join(", ")));
        }
        let of_route = || site.trunk_groups.iter().filter(|group| route.groups.contains(&group.name));
        if of_route().next().is_some() && of_route().all(|group| group.direction == Direction::In) {
            let text = format!("{name} leads to groups for incoming calls alone; name one for calls out");
            add("groups", text);
        }
        for allowed in route.allow.iter().flatten() {
            let is_station = site.stations.iter().any(|station| station.extension == *allowed);
            let group = site.groups.iter().find(|group| group.name == allowed.0.as_str());
            let has_station = group.is_some_and(|_| !site.stations_of(&[*allowed]).is_empty());
            if is_station || has_station {
                continue;
            }
            let text = match group {
                Some(_) => format!("{name}: the group {} has no station in it; add the extensions", allowed.0),
                None => {
                    let stations = site.stations.iter().map(|station| station.extension.0.as_str());
                    let known = stations.chain(site.groups.iter().map(|group| group.name.as_str()));
                    let known = instead(allowed.0.as_str(), known);
                    format!("{name}: there is no group or station {}; {known}", allowed.0)
                }
            };
            add("allow", text);
        }
    }
}

/// Faults of the hours of a route, each with its key.
fn faults_of_hours(site: &SiteConfig, route: &DialRouteConfig) -> Vec<(&'static str, String)> {
    let Some(name) = &route.calendar else {
        let text = "during has no effect without a calendar; write calendar = \"office\"".to_owned();
        return if route.during.is_empty() { Vec::new() } else { vec![("during", text)] };
    };
    let Some(calendar) = site.calendars.get(name) else {
        let known = instead(name, site.calendars.keys().map(String::as_str));
        return vec![("calendar", format!("there is no calendar {name}; {known}"))];
    };
    let routes: BTreeSet<_> = calendar.route_names().collect();
    let unknown = route.during.iter().filter(|during| !routes.contains(during.as_str()));
    let mut faults: Vec<_> = unknown
        .map(|during| {
            let known = instead(during, routes.iter().copied());
            ("during", format!("the calendar {name} has no route {during}; {known}"))
        })
        .collect();
    if route.during.is_empty() {
        let routes = routes.iter().map(|route| format!("\"{route}\"")).collect::<Vec<_>>().join(", ");
        let text = format!("it is never in force; write during, with some of the routes {routes} of {name}");
        faults.push(("calendar", text));
    }
    faults
}

/// Faults of the counts of digits of a route, each with its key.
fn faults_of_digits(route: &DialRouteConfig) -> Vec<(&'static str, String)> {
    let DialRouteConfig { strip, min_digits, max_digits, .. } = *route;
    let prefix = route.prefix.len();
    let mut faults = Vec::new();
    if min_digits == 0 || min_digits > max_digits {
        faults.push(("min_digits", format!("min_digits is 1 to max_digits ({max_digits}), not {min_digits}")));
    }
    if max_digits > DIGITS_MAX {
        faults.push(("max_digits", format!("max_digits is {DIGITS_MAX} at most, not {max_digits}")));
    }
    if prefix > usize::from(max_digits) {
        faults.push(("max_digits", format!("the prefix alone has {prefix} digits, and max_digits is {max_digits}")));
    }
    if strip > 0 && usize::from(strip) >= usize::from(min_digits).max(prefix + 1) {
        let text = format!("strip = {strip} can leave no digit of a number; strip fewer, or raise min_digits");
        faults.push(("strip", text));
    }
    let sent = route.add.len() + usize::from(max_digits.saturating_sub(strip));
    if sent > usize::from(DIGITS_MAX) && max_digits <= DIGITS_MAX && !route.add.is_empty() {
        let text =
            format!("with add and {max_digits} digits {sent} would be sent, more than {DIGITS_MAX}; write max_digits");
        faults.push(("add", text));
    }
    faults
}

/// Returns true for a text of at least that number of digits that fits into a number.
fn are_digits(text: &str, least: usize) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && (least..=usize::from(DIGITS_MAX)).contains(&text.len())
}

#[cfg(test)]
#[path = "dialling/tests.rs"]
mod tests;
