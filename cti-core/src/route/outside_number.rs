//! Outside numbers: the rule for a number, barring (class of restriction, COR: which stations may dial it), the digits
//! that go out, and the trunk groups they may go out by.
//!
//! Of the rules in force, that with the longest prefix decides, and of two with one prefix the first. A rule with hours
//! is in force while its calendar has one of its routes. Without any rule every number goes out as it is, by all
//! groups. Emergency numbers stand before all rules: any station may dial them, and no reserve holds them back.
//!
//! Never: reads the prefix for outside, or knows which trunk is idle.

use std::collections::BTreeMap;

use tipring_driver::line::Number;

use super::trunk_group::{GroupIx, SeizureClass, TrunkGroups};
use crate::config::DialRule;
use crate::csta::DeviceId;
use crate::device::{Device, Devices, StationIx};
use crate::flow::calendar::Routes;

/// A rule, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct RuleIx(pub u16);

/// Meaning of the digits of an outside number so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// They are the beginning of a number.
    Incomplete,
    /// They are a number, but more digits could make another.
    Enough,
    /// They are a number, and nothing can follow.
    Complete,
    /// They are nothing, whatever follows.
    Invalid,
}

/// A number that may go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The rule; none for an emergency number, and where there are no rules.
    pub rule: Option<RuleIx>,
    /// The digits that are sent.
    pub digits: Number,
    /// The groups to try, in this order.
    pub groups: Vec<GroupIx>,
    /// It is an emergency number.
    pub is_emergency: bool,
}

impl Outgoing {
    /// The class in which it seizes a trunk; `is_call_back` for a caller who is called back.
    pub const fn class(&self, is_call_back: bool) -> SeizureClass {
        match (self.is_emergency, is_call_back) {
            (true, _) => SeizureClass::Emergency,
            (false, true) => SeizureClass::CallBack,
            (false, false) => SeizureClass::Ordinary,
        }
    }
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Rule {
    of: DialRule,
    groups: Vec<GroupIx>,
    allow: Option<Vec<StationIx>>,
    #[serde(default = "always")]
    is_in_force: bool,
}

const fn always() -> bool {
    true
}

/// The rules for outside numbers.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct OutsidePlan {
    /// The longest prefix first.
    rules: Vec<(RuleIx, Rule)>,
    emergency: Vec<String>,
    all: Vec<GroupIx>,
    /// The moment at which a rule next comes into force or goes out of it, in milliseconds since 1970.
    #[serde(default)]
    next_change: Option<u64>,
}

impl OutsidePlan {
    /// The plan of a site. Rules with hours are not in force before their calendars are known.
    ///
    /// # Errors
    /// A rule names a group or a station that there is not: the name.
    pub fn new(
        rules: &[DialRule],
        emergency: &[String],
        devices: &Devices,
        groups: &TrunkGroups,
    ) -> Result<OutsidePlan, DeviceId> {
        let station = |id: &DeviceId| devices.find(id).and_then(Device::station).ok_or(*id);
        let mut known = Vec::with_capacity(rules.len());
        for (ix, of) in rules.iter().enumerate() {
            let names = of.groups.iter().map(|name| groups.find(name).ok_or(*name));
            let allow = of.allow.as_ref().map(|allow| allow.iter().map(station).collect()).transpose()?;
            let is_in_force = of.hours.is_none();
            let rule = Rule { of: of.clone(), groups: names.collect::<Result<_, _>>()?, allow, is_in_force };
            known.push((RuleIx(ix as u16), rule));
        }
        known.sort_by_key(|(_, rule)| std::cmp::Reverse(rule.of.prefix.len()));
        let (emergency, all) = (emergency.to_vec(), groups.all().collect());
        Ok(OutsidePlan { rules: known, emergency, all, next_change: None })
    }

    /// Returns true if a rule comes into force, or goes out of it, by a moment in milliseconds since 1970.
    pub fn changes_by(&self, unix_ms: u64) -> bool {
        self.next_change.is_some_and(|change| change <= unix_ms)
    }

    /// Puts the rules with hours into force or out of it, as their calendars are at a moment in milliseconds since
    /// 1970. A rule whose calendar is not there is out of force.
    pub fn follow(&mut self, calendars: &BTreeMap<String, Routes>, unix_ms: u64) {
        self.next_change = None;
        for (_, rule) in &mut self.rules {
            let Some(hours) = &rule.of.hours else { continue };
            let routes = calendars.get(&hours.calendar);
            rule.is_in_force =
                routes.is_some_and(|routes| hours.during.iter().any(|route| route == routes.at(unix_ms)));
            let change = routes.and_then(|routes| routes.next_change(unix_ms));
            self.next_change = [self.next_change, change].into_iter().flatten().min();
        }
    }

    /// Returns true if there are rules; without them every number goes out.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Returns true for an emergency number.
    pub fn is_emergency(&self, number: &str) -> bool {
        self.emergency.iter().any(|known| known == number)
    }

    /// Returns true if an emergency number begins with these digits, and goes on.
    pub fn begins_emergency(&self, digits: &str) -> bool {
        self.emergency.iter().any(|known| known.len() > digits.len() && known.starts_with(digits))
    }

    fn in_force(&self) -> impl Iterator<Item = (RuleIx, &Rule)> {
        self.rules.iter().filter(|(_, rule)| rule.is_in_force).map(|(ix, rule)| (*ix, rule))
    }

    /// The rule for a number: that with the longest prefix.
    fn rule(&self, number: &str) -> Option<(RuleIx, &Rule)> {
        self.in_force().find(|(_, rule)| number.starts_with(&rule.of.prefix))
    }

    /// Reads the digits so far; `ended` if no more will come.
    pub fn read(&self, digits: &str, ended: bool) -> Extent {
        if self.is_emergency(digits) {
            return Extent::Complete;
        }
        let by_rule = match self.rule(digits) {
            _ if digits.is_empty() => Extent::Incomplete,
            None if self.has_rules() => Extent::Invalid,
            None => Extent::Enough,
            Some((_, rule)) => {
                let (least, most) = (usize::from(rule.of.least), usize::from(rule.of.most));
                match digits.len() {
                    length if length < least => Extent::Incomplete,
                    length if length < most => Extent::Enough,
                    length if length == most => Extent::Complete,
                    _ => Extent::Invalid,
                }
            }
        };
        let begins_longer = self.begins_emergency(digits)
            || self.in_force().any(|(_, rule)| {
                let prefix = &rule.of.prefix;
                prefix.len() > digits.len() && prefix.starts_with(digits)
            });
        match by_rule {
            Extent::Enough if ended => Extent::Complete,
            Extent::Incomplete if ended => Extent::Invalid,
            Extent::Complete if begins_longer && !ended => Extent::Enough,
            Extent::Invalid if begins_longer && !ended => Extent::Incomplete,
            extent => extent,
        }
    }

    /// The rule that decides about a number, whether it has enough digits or not.
    pub fn rule_of(&self, number: &str) -> Option<RuleIx> {
        self.rule(number).map(|(ix, _)| ix)
    }

    /// Returns true if a station may dial a number.
    pub fn permits(&self, number: &str, station: StationIx) -> bool {
        self.is_emergency(number)
            || self.rule(number).and_then(|(_, rule)| rule.allow.as_ref()).is_none_or(|allow| allow.contains(&station))
    }

    /// The way out of a number; none if no rule has it, or its digits are too few or too many.
    pub fn outgoing(&self, number: &Number) -> Option<Outgoing> {
        if self.is_emergency(number) {
            // The groups of its rule come first, then every other: it is not to fail while a trunk is idle.
            let mut groups = self.rule(number).map(|(_, rule)| rule.groups.clone()).unwrap_or_default();
            let others: Vec<_> = self.all.iter().copied().filter(|group| !groups.contains(group)).collect();
            groups.extend(others);
            return Some(Outgoing { rule: None, digits: *number, groups, is_emergency: true });
        }
        let Some((ix, rule)) = self.rule(number) else {
            let as_it_is = Outgoing { rule: None, digits: *number, groups: self.all.clone(), is_emergency: false };
            return (!self.has_rules()).then_some(as_it_is);
        };
        if !matches!(self.read(number, true), Extent::Complete) {
            return None;
        }
        let mut digits = Number::new();
        digits.try_push_str(&rule.of.add).ok()?;
        digits.try_push_str(number.get(usize::from(rule.of.strip)..).unwrap_or_default()).ok()?;
        let groups = if rule.groups.is_empty() { self.all.clone() } else { rule.groups.clone() };
        Some(Outgoing { rule: Some(ix), digits, groups, is_emergency: false })
    }
}

#[cfg(test)]
#[path = "outside_number/tests.rs"]
mod tests;
