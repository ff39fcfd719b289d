//! Values by key: each is found in the same short time whatever stands beside it, and all are listed in the order of
//! the keys.
//!
//! A transaction asks for the particulars of its call, its timers and its place in a queue dozens of times, and seldom
//! for those of all calls: the order is made when it is asked for. A key is one number. Identifiers count up, so one
//! multiplication spreads them evenly over the places, of which at least half are free: nearly every key is at its own.
//!
//! Sources: D. E. Knuth, The Art of Computer Programming, volume 3, 6.4: the multiplier, and how a place is freed
//! (algorithm R).
//!
//! Never: lists values in the order of their places in memory.

use core::fmt;
use core::ops::Index;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::csta::CallId;

/// 2⁶⁴ divided by the golden ratio: successive multiples fall far apart.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// Places of the smallest table.
const PLACES_MIN: usize = 16;

/// A key.
pub trait Key: Copy + Ord {
    /// The number by which it is placed; that of few other keys, if of any.
    fn number(self) -> u64;
}

impl Key for CallId {
    fn number(self) -> u64 {
        self.0.unsigned_abs().into()
    }
}

/// Values by call.
pub type ByCall<T> = ByKey<CallId, T>;

/// Values by key.
#[derive(Clone, Deserialize)]
#[serde(from = "BTreeMap<K, T>", bound(deserialize = "K: Key + Deserialize<'de>, T: Deserialize<'de>"))]
pub struct ByKey<K, T> {
    /// As many as a power of two, or none; a key is at its own place or behind it, with no free place between.
    places: Vec<Option<(K, T)>>,
    len: usize,
}

impl<K, T> Default for ByKey<K, T> {
    fn default() -> ByKey<K, T> {
        ByKey { places: Vec::new(), len: 0 }
    }
}

impl<K: Key, T> FromIterator<(K, T)> for ByKey<K, T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(values: I) -> ByKey<K, T> {
        let mut all = ByKey::default();
        for (key, value) in values {
            all.insert(key, value);
        }
        all
    }
}

impl<K: Key, T> From<BTreeMap<K, T>> for ByKey<K, T> {
    fn from(values: BTreeMap<K, T>) -> ByKey<K, T> {
        values.into_iter().collect()
    }
}

impl<K: Key, T> ByKey<K, T> {
    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&T> {
        let mut at = self.own(*key);
        while let Some((other, value)) = self.places.get(at)? {
            if other == key {
                return Some(value);
            }
            at = self.after(at);
        }
        None
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut T> {
        let at = self.find(*key)?;
        self.places[at].as_mut().map(|(_, value)| value)
    }

    /// The value of a key, to be changed; a new one if it had none.
    pub fn or_default(&mut self, key: K) -> &mut T
    where
        T: Default,
    {
        let at = self.make_room(key);
        &mut self.places[at].get_or_insert_with(|| (key, T::default())).1
    }

    /// Returns true if the key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(*key).is_some()
    }

    /// Gives a key a value. Returns the one it had.
    pub fn insert(&mut self, key: K, value: T) -> Option<T> {
        let at = self.make_room(key);
        self.places[at].replace((key, value)).map(|(_, before)| before)
    }

    /// Takes the value of a key.
    pub fn remove(&mut self, key: &K) -> Option<T> {
        let mut free = self.find(*key)?;
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

    /// A key's own place; the first if there are none.
    fn own(&self, key: K) -> usize {
        let spread = key.number().wrapping_mul(SPREAD) >> u32::BITS;
        ((spread * self.places.len() as u64) >> u32::BITS) as usize
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.places.len() - 1)
    }

    fn find(&self, key: K) -> Option<usize> {
        let mut at = self.own(key);
        while let Some((other, _)) = self.places.get(at)? {
            if *other == key {
                return Some(at);
            }
            at = self.after(at);
        }
        None
    }

    /// The place of a key, or the free one that it would have. There are places.
    fn search(&self, key: K) -> usize {
        let mut at = self.own(key);
        while self.places[at].as_ref().is_some_and(|(other, _)| *other != key) {
            at = self.after(at);
        }
        at
    }

    /// The place of a key that is about to have a value, which is counted.
    fn make_room(&mut self, key: K) -> usize {
        if 2 * (self.len + 1) > self.places.len() {
            let places = (2 * self.places.len()).max(PLACES_MIN);
            let before = core::mem::replace(&mut self.places, Vec::from_iter((0..places).map(|_| None)));
            for (key, value) in before.into_iter().flatten() {
                let at = self.search(key);
                self.places[at] = Some((key, value));
            }
        }
        let at = self.search(key);
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

    /// All keys with their values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        let mut all: Vec<(&K, &T)> = self.places.iter().flatten().map(|(key, value)| (key, value)).collect();
        all.sort_unstable_by_key(|(key, _)| **key);
        all.into_iter()
    }

    /// All keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values, in the order of the keys.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Key, T> Index<&K> for ByKey<K, T> {
    type Output = T;

    fn index(&self, key: &K) -> &T {
        self.get(key).expect("the key has a value")
    }
}

impl<K: Key + fmt::Debug, T: fmt::Debug> fmt::Debug for ByKey<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Key + Serialize, T: Serialize> Serialize for ByKey<K, T> {
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
        assert!(values.iter().eq(plain.iter()));
        for call in plain.keys() {
            assert_eq!((values.contains_key(call), values.remove(call)), (true, Some(call.0)));
        }
        assert!(values.is_empty() && values.places.iter().all(Option::is_none));
    }
}
