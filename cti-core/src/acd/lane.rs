//! Contacts in line: a lane holds those of one queue with equal needs and equal credit, by earned place.
//!
//! With equal credit the head of a lane has waited longest: it is the next in turn, and no other contact of the lane
//! has its needs widened further. So distribution looks at the heads alone.
//!
//! Never: knows an agent's state.

use std::collections::VecDeque;

use tipring_driver::time::{Tick, Ticks};

use super::ids::{Contact, Skills};

/// A place in line, earned by waiting: kept through missed offers, moves to other queues, failed transfers and
/// call-backs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Start of the wait.
    pub since: Tick,
    /// Order of arrival, for those of one tick.
    pub order: u64,
}

impl Place {
    /// Rank with so much credit and reserve, in milliseconds; the lowest is served first, ties by order of arrival.
    pub(super) const fn rank(self, credit: Ticks, reserve: Ticks) -> Rank {
        Rank(self.since.0 as i64 - credit.0 as i64 + reserve.0 as i64, self.order)
    }
}

/// Rank among all contacts an agent can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) struct Rank(pub i64, pub u64);

/// Contacts with equal needs and credit.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Lane {
    pub needs: Skills,
    pub credit: Ticks,
    line: VecDeque<(Place, Contact)>,
}

impl Lane {
    fn at(&self, place: Place) -> usize {
        self.line.partition_point(|&(each, _)| each < place)
    }

    /// The contacts by earned place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, Contact)> + '_ {
        self.line.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.line.len()
    }

    /// Contacts of this lane that come before a contact of `credit` at `place`.
    fn ahead_of(&self, place: Place, credit: Ticks) -> usize {
        let rank = place.rank(credit, Ticks::ZERO);
        self.line.partition_point(|&(each, _)| each.rank(self.credit, Ticks::ZERO) < rank)
    }
}

/// The lanes of a queue, or of an agent's private queue.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Lanes(Vec<Lane>);

impl Lanes {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Lane> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Lane::len).sum()
    }

    pub(super) fn insert(&mut self, needs: &Skills, credit: Ticks, place: Place, contact: Contact) {
        let at = self.0.iter().position(|lane| lane.credit == credit && lane.needs == *needs).unwrap_or_else(|| {
            self.0.push(Lane { needs: needs.clone(), credit, line: VecDeque::new() });
            self.0.len() - 1
        });
        let lane = &mut self.0[at];
        let at = lane.at(place);
        lane.line.insert(at, (place, contact));
    }

    /// Removes a contact; the lane goes with its last one.
    pub(super) fn remove(&mut self, needs: &Skills, credit: Ticks, place: Place) {
        let Some(ix) = self.0.iter().position(|lane| lane.credit == credit && lane.needs == *needs) else { return };
        let lane = &mut self.0[ix];
        let at = lane.at(place);
        if lane.line.get(at).is_some_and(|&(each, _)| each == place) {
            lane.line.remove(at);
        }
        if lane.line.is_empty() {
            self.0.swap_remove(ix);
        }
    }

    /// Contacts before a contact of `credit` at `place`, in some of the lanes.
    pub(super) fn ahead_of(&self, place: Place, credit: Ticks, of: impl Fn(&Lane) -> bool) -> usize {
        self.0.iter().filter(|lane| of(lane)).map(|lane| lane.ahead_of(place, credit)).sum()
    }

    /// All contacts, lane by lane.
    pub(super) fn contacts(&self) -> impl Iterator<Item = Contact> + '_ {
        self.0.iter().flat_map(|lane| lane.line.iter().map(|&(_, contact)| contact))
    }

    /// The start of the longest wait.
    pub(super) fn oldest(&self) -> Option<Tick> {
        self.0.iter().filter_map(|lane| lane.line.front()).map(|&(place, _)| place.since).min()
    }
}
