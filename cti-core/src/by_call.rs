//! Values by call: each is found in the same short time whatever stands beside it, and all are listed in the order of
//! the calls' identifiers.
//!
//! A transaction asks for the particulars of its call dozens of times, and seldom for those of all calls: the order is
//! made when it is asked for. Identifiers count up, so one multiplication spreads them evenly over the places, of which
//! at least half are free: nearly every call is at its own.
//!
//! Sources: D. E. Knuth, The Art of Computer Programming, volume 3, 6.4: the multiplier, and how a place is freed
//! (algorithm R).
//!
//! Never: lists values in the order of their places in memory.

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::csta::CallId;

/// 2³² divided by the golden ratio: successive multiples fall far apart.
const SPREAD: u32 = 0x9E37_79B9;
/// Places of the smallest table.
const PLACES_MIN: usize = 16;

/// Values by call.
#[derive(Clone, Deserialize)]
#[serde(from = "BTreeMap<CallId, T>")]
pub struct ByCall<T> {
    /// As many as a power of two, or none; a call is at its own place or behind it, with no free place between.
    places: Vec<Option<(CallId, T)>>,
    len: usize,
}

impl<T> Default for ByCall<T> {
    fn default() -> ByCall<T> {
        ByCall { places: Vec::new(), len: 0 }
    }
}

impl<T> From<BTreeMap<CallId, T>> for ByCall<T> {
    fn from(values: BTreeMap<CallId, T>) -> ByCall<T> {
        let mut all = ByCall::default();
        for (call, value) in values {
            all.insert(call, value);
        }
        all
    }
}

impl<T> ByCall<T> {
    /// The value of a call.
    pub fn get(&self, call: &CallId) -> Option<&T> {
        self.places[self.find(*call)?].as_ref().map(|(_, value)| value)
    }

    /// The value of a call, to be changed.
    pub fn get_mut(&mut self, call: &CallId) -> Option<&mut T> {
        let at = self.find(*call)?;
        self.places[at].as_mut().map(|(_, value)| value)
    }

    /// The value of a call, to be changed; a new one if it had none.
    pub fn or_default(&mut self, call: CallId) -> &mut T
    where
        T: Default,
    {
        let at = self.make_room(call);
        &mut self.places[at].get_or_insert_with(|| (call, T::default())).1
    }

    /// Returns true if the call has a value.
    pub fn contains_key(&self, call: &CallId) -> bool {
        self.find(*call).is_some()
    }

    /// Gives a call a value. Returns the one it had.
    pub fn insert(&mut self, call: CallId, value: T) -> Option<T> {
        let at = self.make_room(call);
        self.places[at].replace((call, value)).map(|(_, before)| before)
    }

    /// Takes the value of a call.
    pub fn remove(&mut self, call: &CallId) -> Option<T> {
        let mut free = self.find(*call)?;
        let (_, value) = self.places[free].take()?;
        self.len -= 1;
        // Those behind move up, unless their own place comes after the free one.
        let mut at = self.after(free);
        while let Some((other, _)) = &self.places[at] {
            if self.distance(self.own(*other), at) >= self.distance(free, at) {
                self.places.swap(free, at);
                free = at;
            }
            at = self.after(at);
        }
        Some(value)
    }

    /// A call's own place. There are places.
    fn own(&self, call: CallId) -> usize {
        let spread = call.0.cast_unsigned().wrapping_mul(SPREAD);
        ((u64::from(spread) * self.places.len() as u64) >> u32::BITS) as usize
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.places.len() - 1)
    }

    fn find(&self, call: CallId) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let at = self.search(call);
        self.places[at].is_some().then_some(at)
    }

    /// The place of a call, or the free one that it would have. There are places.
    fn search(&self, call: CallId) -> usize {
        let mut at = self.own(call);
        while self.places[at].as_ref().is_some_and(|(other, _)| *other != call) {
            at = self.after(at);
        }
        at
    }

    /// The place of a call that is about to have a value, which is counted.
    fn make_room(&mut self, call: CallId) -> usize {
        if 2 * (self.len + 1) > self.places.len() {
            let places = (2 * self.places.len()).max(PLACES_MIN);
            let before = core::mem::replace(&mut self.places, Vec::from_iter((0..places).map(|_| None)));
            for (call, value) in before.into_iter().flatten() {
                let at = self.search(call);
                self.places[at] = Some((call, value));
            }
        }
        let at = self.search(call);
        self.len += usize::from(self.places[at].is_none());
        at
    }

    /// All values, to be changed, in no order.
    #[cfg(test)]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten().map(|(_, value)| value)
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns true if there is no value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All calls with their values, in the order of the identifiers.
    pub fn iter(&self) -> impl Iterator<Item = (CallId, &T)> {
        let mut all: Vec<(CallId, &T)> = self.places.iter().flatten().map(|(call, value)| (*call, value)).collect();
        all.sort_unstable_by_key(|(call, _)| *call);
        all.into_iter()
    }

    /// All calls, in the order of the identifiers.
    pub fn keys(&self) -> impl Iterator<Item = CallId> + use<'_, T> {
        self.iter().map(|(call, _)| call)
    }

    /// All values, in the order of the calls' identifiers.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }
}

impl<T: fmt::Debug> fmt::Debug for ByCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: Serialize> Serialize for ByCall<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_listed_and_written_in_the_order_of_their_calls() {
        let mut values = ByCall::default();
        for call in [300, 7, 65_536, 1, 299] {
            values.insert(CallId(call), call * 2);
        }
        assert_eq!(values.remove(&CallId(7)), Some(14));
        assert_eq!(values.keys().map(|call| call.0).collect::<Vec<_>>(), [1, 299, 300, 65_536]);
        assert_eq!(format!("{values:?}"), "{CallId(1): 2, CallId(299): 598, CallId(300): 600, CallId(65536): 131072}");
        let written = serde_json::to_string(&values).expect("numbers");
        assert_eq!(written, r#"{"1":2,"299":598,"300":600,"65536":131072}"#);
        let read: ByCall<i32> = serde_json::from_str(&written).expect("as it was written");
        assert!(read.iter().eq(values.iter()) && read.len() == 4);
    }
    #[test]
    fn calls_are_found_whatever_came_and_went_beside_them() {
        let mut values = ByCall::default();
        let mut plain = BTreeMap::new();
        // Long calls among many that come and go; and identifiers that begin again.
        for call in (1..20_000).chain(i32::MAX - 500..=i32::MAX).chain(1..2000).map(CallId) {
            assert_eq!(values.insert(call, call.0), plain.insert(call, call.0));
            let gone = if call.0 % 37 == 0 { CallId(call.0 / 2) } else { CallId(call.0 - 90) };
            assert_eq!(values.remove(&gone), plain.remove(&gone), "{gone:?}");
            assert_eq!(values.get(&CallId(call.0 - 45)), plain.get(&CallId(call.0 - 45)));
            assert!(2 * values.len() <= values.places.len() && values.len() == plain.len());
        }
        assert!(values.iter().eq(plain.iter().map(|(call, value)| (*call, value))));
        for call in plain.keys() {
            assert_eq!((values.contains_key(call), values.remove(call)), (true, Some(call.0)));
        }
        assert!(values.is_empty() && values.places.iter().all(Option::is_none));
    }
}
