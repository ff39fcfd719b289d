//! Trunk groups: the trunk that a call out seizes.
//!
//! | rule | meaning |
//! |---|---|
//! | direction | calls out seize no trunk of a group that is for incoming calls alone |
//! | reserve | idle trunks that ordinary calls out leave to callers, and idle trunks that they leave to calling back |
//! | order of hunting | the idle trunk that is seized |
//! | overflow | groups are tried in the order of the rule that names them |
//!
//! Glare is least when the two ends hunt towards each other. Exchanges hunt for an idle line from the first, so the
//! usual order is descending.
//!
//! Never: seizes anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{HuntOrder, TrunkDirection, TrunkGroupConfig};
use crate::csta::DeviceId;
use crate::device::TrunkIx;

/// Class of a call that seizes a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeizureClass {
    /// A call of a station, a flow or a client.
    Ordinary,
    /// A caller is called back.
    CallBack,
    /// An emergency number is called: no reserve holds it back.
    Emergency,
}

/// A trunk group, by its place in the configuration; the last is that of all trunks that no group names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct GroupIx(pub u16);

/// Judgement of a trunk group for a call out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Considered {
    /// It is for incoming calls alone.
    IncomingOnly,
    /// No trunk of it is idle.
    NoneIdle,
    /// The idle ones are reserved.
    Reserved {
        /// Idle trunks.
        idle: usize,
        /// Idle trunks that a call of this class leaves.
        kept: usize,
    },
    /// It seizes this trunk.
    Seizes(TrunkIx),
}

/// Trunks of a group as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupUse {
    /// Trunks that a call out could seize.
    pub idle: usize,
    /// Trunks in use.
    pub used: usize,
    /// Trunks that are blocked.
    pub blocked: usize,
    /// Trunks out of service.
    pub out_of_service: usize,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Group {
    direction: TrunkDirection,
    reserve: usize,
    reserve_call_back: usize,
    order: HuntOrder,
    /// The trunks in the order of the configuration.
    trunks: Vec<TrunkIx>,
    /// Places of idle trunks, each with the count of idle trunks before it.
    idle: BTreeMap<usize, u64>,
    /// The place seized last.
    last: Option<usize>,
}

impl Group {
    /// Idle trunks that a call of a class leaves.
    fn kept(&self, class: SeizureClass) -> usize {
        match class {
            SeizureClass::Ordinary => self.reserve + self.reserve_call_back,
            SeizureClass::CallBack => self.reserve,
            SeizureClass::Emergency => 0,
        }
    }

    fn consider(&self, class: SeizureClass, tried: &[TrunkIx]) -> Considered {
        if self.direction == TrunkDirection::In && class != SeizureClass::Emergency {
            return Considered::IncomingOnly;
        }
        let is_fresh = |place: &usize| !tried.contains(&self.trunks[*place]);
        let mut fresh = self.idle.keys().copied().filter(&is_fresh);
        let place = match self.order {
            HuntOrder::Ascending => fresh.next(),
            HuntOrder::Descending => self.idle.keys().rev().copied().find(&is_fresh),
            HuntOrder::LongestIdle => fresh.min_by_key(|place| self.idle[place]),
            HuntOrder::Cyclic => {
                let from = self.last.map_or(0, |last| last + 1);
                let behind = self.idle.range(from..).map(|(place, _)| *place).find(&is_fresh);
                behind.or_else(|| fresh.next())
            }
        };
        let Some(place) = place else { return Considered::NoneIdle };
        let kept = self.kept(class);
        if kept > 0 {
            let idle = self.idle.keys().filter(|place| is_fresh(place)).count();
            if idle <= kept {
                return Considered::Reserved { idle, kept };
            }
        }
        Considered::Seizes(self.trunks[place])
    }
}

/// All trunk groups of a site.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TrunkGroups {
    names: Vec<DeviceId>,
    groups: Vec<Group>,
    /// Of each trunk: its group, and its place there.
    places: Vec<(GroupIx, usize)>,
    /// Trunks that calls out seize no more.
    blocked: BTreeSet<TrunkIx>,
    /// Trunks that have become idle.
    turns: u64,
}

impl TrunkGroups {
    /// The groups of a site with these trunks. Trunks that none names are one more, for both directions.
    ///
    /// # Errors
    /// A group names a trunk that there is not, or that is in another group already: the name.
    pub fn new(configs: &[TrunkGroupConfig], trunks: &[DeviceId]) -> Result<TrunkGroups, DeviceId> {
        let rest = GroupIx(configs.len() as u16);
        let mut groups = TrunkGroups {
            names: configs.iter().map(|group| group.device).collect(),
            groups: Vec::with_capacity(configs.len() + 1),
            places: vec![(rest, usize::MAX); trunks.len()],
            blocked: BTreeSet::new(),
            turns: 0,
        };
        for (ix, config) in configs.iter().enumerate() {
            let mut of = Vec::with_capacity(config.trunks.len());
            for name in &config.trunks {
                let trunk = trunks.iter().position(|trunk| trunk == name).ok_or(*name)?;
                if groups.places[trunk].1 != usize::MAX {
                    return Err(*name);
                }
                groups.places[trunk] = (GroupIx(ix as u16), of.len());
                of.push(TrunkIx(trunk as u16));
            }
            groups.groups.push(Group {
                direction: config.direction,
                reserve: usize::from(config.reserve),
                reserve_call_back: usize::from(config.reserve_call_back),
                order: config.order,
                trunks: of,
                idle: BTreeMap::new(),
                last: None,
            });
        }
        let mut of = Vec::new();
        for (ix, place) in groups.places.iter_mut().enumerate().filter(|(_, place)| place.1 == usize::MAX) {
            place.1 = of.len();
            of.push(TrunkIx(ix as u16));
        }
        groups.groups.push(Group {
            direction: TrunkDirection::Both,
            reserve: 0,
            reserve_call_back: 0,
            order: HuntOrder::Descending,
            trunks: of,
            idle: BTreeMap::new(),
            last: None,
        });
        Ok(groups)
    }

    /// All groups in the order of the configuration: those that a call out tries where no rule names others.
    pub fn all(&self) -> impl Iterator<Item = GroupIx> + use<> {
        (0..self.groups.len() as u16).map(GroupIx)
    }

    /// The group of a name.
    pub fn find(&self, name: &DeviceId) -> Option<GroupIx> {
        self.names.iter().position(|known| known == name).map(|ix| GroupIx(ix as u16))
    }

    /// The group of a trunk.
    pub fn of(&self, trunk: TrunkIx) -> GroupIx {
        self.places[usize::from(trunk.0)].0
    }

    /// The name of a group; none for that of the trunks that no group names.
    pub fn name(&self, group: GroupIx) -> Option<DeviceId> {
        self.names.get(usize::from(group.0)).copied()
    }

    /// The trunks of a group in the order of the configuration.
    pub fn trunks(&self, group: GroupIx) -> &[TrunkIx] {
        &self.groups[usize::from(group.0)].trunks
    }

    /// Updates whether a trunk's line is idle.
    pub fn set_idle(&mut self, trunk: TrunkIx, idle: bool) {
        let (group, place) = self.places[usize::from(trunk.0)];
        let idle = idle && !self.blocked.contains(&trunk);
        let group = &mut self.groups[usize::from(group.0)];
        if !idle {
            group.idle.remove(&place);
        } else if let std::collections::btree_map::Entry::Vacant(entry) = group.idle.entry(place) {
            self.turns += 1;
            entry.insert(self.turns);
        }
    }

    /// Has the trunks be idle and blocked as in other groups of the same trunks, the longest idle first.
    pub fn take_over(&mut self, before: &TrunkGroups) {
        self.blocked.clone_from(&before.blocked);
        let of =
            |group: &Group| group.idle.iter().map(|(place, turn)| (*turn, group.trunks[*place])).collect::<Vec<_>>();
        let mut idle: Vec<(u64, TrunkIx)> = before.groups.iter().flat_map(of).collect();
        idle.sort_unstable();
        idle.into_iter().for_each(|(_, trunk)| self.set_idle(trunk, true));
    }

    /// A call out has seized a trunk: cyclic hunting goes on behind it.
    pub fn update_seized(&mut self, trunk: TrunkIx) {
        let (group, place) = self.places[usize::from(trunk.0)];
        self.groups[usize::from(group.0)].last = Some(place);
    }

    /// Blocks a trunk for calls out, or ends that; `is_idle` is the state of its line. A call in progress goes on.
    pub fn set_blocked(&mut self, trunk: TrunkIx, blocked: bool, is_idle: bool) {
        if blocked {
            self.blocked.insert(trunk);
        } else {
            self.blocked.remove(&trunk);
        }
        self.set_idle(trunk, is_idle);
    }

    /// Returns true if a trunk is blocked.
    pub fn is_blocked(&self, trunk: TrunkIx) -> bool {
        self.blocked.contains(&trunk)
    }

    /// Judges groups in their order for a call of a class that has tried some trunks, up to the first that seizes one.
    pub fn consider(
        &self,
        groups: impl IntoIterator<Item = GroupIx>,
        class: SeizureClass,
        tried: &[TrunkIx],
    ) -> Vec<(GroupIx, Considered)> {
        let mut judged = Vec::new();
        for group in groups {
            let considered = self.groups[usize::from(group.0)].consider(class, tried);
            judged.push((group, considered));
            if matches!(considered, Considered::Seizes(_)) {
                break;
            }
        }
        judged
    }

    /// The trunk that a call seizes: that of the last group of [`consider`](TrunkGroups::consider).
    pub fn choose(
        &self,
        groups: impl IntoIterator<Item = GroupIx>,
        class: SeizureClass,
        tried: &[TrunkIx],
    ) -> Option<TrunkIx> {
        groups.into_iter().find_map(|group| match self.groups[usize::from(group.0)].consider(class, tried) {
            Considered::Seizes(trunk) => Some(trunk),
            _ => None,
        })
    }
}

#[cfg(test)]
#[path = "trunk_group/tests.rs"]
mod tests;
