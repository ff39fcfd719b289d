//! Trunk groups: which trunks calls out may seize, in which order, and how many stay free.
//!
//! Never: seizes one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tipring_core::config as core;

use super::fault::{Faults, instead};
use super::{Device, SiteConfig};

/// A trunk group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkGroupConfig {
    /// The name: that of figures, of Query Trunk Group, and of the dial plan.
    pub name: Device,
    /// The trunks, by name, in the order of hunting.
    #[serde(default)]
    pub trunks: Vec<Device>,
    /// The calls it is for.
    #[serde(default)]
    pub direction: Direction,
    /// Idle trunks that calls out leave to callers.
    #[serde(default)]
    pub reserve: u16,
    /// Idle trunks, beyond those, that calls out leave to calling back.
    #[serde(default)]
    pub reserve_call_back: u16,
    /// The order of hunting.
    #[serde(default)]
    pub order: Order,
}

/// Calls that a trunk group is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Incoming calls.
    In,
    /// Calls out.
    Out,
    /// Both.
    #[default]
    Both,
}

/// Order of hunting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// From the first trunk.
    Ascending,
    /// From the last trunk.
    #[default]
    Descending,
    /// The trunk that has been idle longest.
    LongestIdle,
    /// The trunk after the one seized last.
    Cyclic,
}

impl TrunkGroupConfig {
    /// The group in the core's terms.
    pub fn group(&self) -> core::TrunkGroupConfig {
        core::TrunkGroupConfig {
            device: self.name.0,
            trunks: self.trunks.iter().map(|trunk| trunk.0).collect(),
            direction: match self.direction {
                Direction::In => core::TrunkDirection::In,
                Direction::Out => core::TrunkDirection::Out,
                Direction::Both => core::TrunkDirection::Both,
            },
            reserve: self.reserve,
            reserve_call_back: self.reserve_call_back,
            order: match self.order {
                Order::Ascending => core::HuntOrder::Ascending,
                Order::Descending => core::HuntOrder::Descending,
                Order::LongestIdle => core::HuntOrder::LongestIdle,
                Order::Cyclic => core::HuntOrder::Cyclic,
            },
        }
    }
}

impl SiteConfig {
    /// The trunks of each group: those of `[[trunk_group]]`, and the others by the number that callers dial.
    pub fn groups_of_trunks(&self) -> BTreeMap<Device, Vec<Device>> {
        let mut groups: BTreeMap<Device, Vec<Device>> =
            self.trunk_groups.iter().map(|group| (group.name, group.trunks.clone())).collect();
        for trunk in &self.trunks {
            if !self.trunk_groups.iter().any(|group| group.trunks.contains(&trunk.name)) {
                groups.entry(trunk.number.unwrap_or(trunk.name)).or_default().push(trunk.name);
            }
        }
        groups
    }

    /// The trunks that a name stands for: a trunk itself, or all of a group.
    ///
    /// # Errors
    /// There is no such trunk or group: a sentence with those there are.
    pub fn trunks_named(&self, name: &str) -> Result<Vec<Device>, String> {
        if let Some(trunk) = self.trunks.iter().find(|trunk| trunk.name.0.as_str() == name) {
            return Ok(vec![trunk.name]);
        }
        let groups = self.groups_of_trunks();
        if let Some((_, trunks)) = groups.iter().find(|(group, _)| group.0.as_str() == name) {
            return Ok(trunks.clone());
        }
        let list = |names: &mut dyn Iterator<Item = &Device>| {
            names.map(|name| name.0.to_string()).collect::<Vec<_>>().join(", ")
        };
        Err(format!(
            "there is no trunk and no trunk group {name}; trunks: {}; groups: {}",
            list(&mut self.trunks.iter().map(|trunk| &trunk.name)),
            list(&mut groups.keys())
        ))
    }
}

/// Names that stand there twice or are of nothing, groups without trunks, reserves that leave no trunk for any call.
pub(super) fn check_trunk_groups(site: &SiteConfig, faults: &mut Faults<'_>) {
    let trunks = || site.trunks.iter().map(|trunk| trunk.name.0.as_str());
    let mut names = BTreeSet::new();
    let mut homes: BTreeMap<Device, Device> = BTreeMap::new();
    for (index, group) in site.trunk_groups.iter().enumerate() {
        let name = group.name.0;
        let mut add = |key, text: String| faults.add(("trunk_group", Some(index), key), text);
        if !names.insert(name) {
            add("name", format!("the trunk group {name} stands there twice; give this one another name"));
        } else if site.has_named(&name) {
            add("name", format!("the trunk group {name} has the name of another device; give it a name of its own"));
        }
        if group.trunks.is_empty() {
            add("trunks", format!("the trunk group {name} has no trunk; write trunks = [\"T1\"]"));
        }
        for trunk in &group.trunks {
            if site.trunks.iter().all(|known| known.name != *trunk) {
                let known = instead(trunk.0.as_str(), trunks());
                add("trunks", format!("the trunk group {name}: there is no trunk {}; {known}", trunk.0));
            } else if let Some(first) = homes.insert(*trunk, group.name) {
                let text =
                    format!("the trunk {} is in the groups {} and {name}; a trunk is in one group", trunk.0, first.0);
                add("trunks", text);
            }
        }
        let (kept, all) = (usize::from(group.reserve) + usize::from(group.reserve_call_back), group.trunks.len());
        if group.direction == Direction::In && kept > 0 {
            add("reserve", format!("the trunk group {name} is for incoming calls alone; leave the reserve out"));
        } else if kept >= all && kept > 0 && all > 0 {
            let text = format!(
                "the trunk group {name} has {all} trunks and keeps {kept} free: no ordinary call would ever go out by \
                 it; keep fewer, or write direction = \"in\""
            );
            add("reserve", text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;

    #[test]
    fn a_name_stands_for_a_trunk_or_for_all_of_a_group() {
        let text = format!("{TEMPLATE}\n[[trunk_group]]\nname = \"city\"\ntrunks = [\"T1\", \"T2\"]\n");
        let site = SiteConfig::parse(&text).unwrap();
        let named = |name: &str| {
            site.trunks_named(name).map(|trunks| trunks.iter().map(|trunk| trunk.0.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(named("T2").unwrap(), ["T2"]);
        assert_eq!(named("city").unwrap(), ["T1", "T2"]);
        let why = named("town").unwrap_err();
        assert_eq!(why, "there is no trunk and no trunk group town; trunks: T1, T2; groups: city");
    }
}
