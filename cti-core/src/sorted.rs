//! A set of a few values in ascending order, one beside the other in memory.
//!
//! A transaction touches two or three devices: a search among them is a few comparisons, and no place of its own is
//! taken for each. It is written as a list.
//!
//! Never: holds a value twice.

use serde::{Deserialize, Serialize};

/// A set of a few values, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sorted<T>(Vec<T>);

impl<T> Default for Sorted<T> {
    fn default() -> Sorted<T> {
        Sorted(Vec::new())
    }
}

impl<T: Ord + Copy> Sorted<T> {
    /// Adds a value; false if it is there already.
    pub fn insert(&mut self, value: T) -> bool {
        let place = self.0.binary_search(&value);
        if let Err(at) = place {
            self.0.insert(at, value);
        }
        place.is_err()
    }

    /// Removes a value; false if it is not there.
    pub fn remove(&mut self, value: T) -> bool {
        let place = self.0.binary_search(&value);
        if let Ok(at) = place {
            self.0.remove(at);
        }
        place.is_ok()
    }

    /// Returns true if a value is there.
    pub fn contains(&self, value: T) -> bool {
        self.0.binary_search(&value).is_ok()
    }

    /// The values in ascending order.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// Returns true if there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all values; their room is kept for others.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes the values of another set, which were taken out of this one, back.
    pub fn put_back(&mut self, mut taken: Sorted<T>) {
        taken.extend(self.0.iter().copied());
        *self = taken;
    }
}

impl<T: Ord + Copy> Extend<T> for Sorted<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_in_order_and_none_is_there_twice() {
        let mut set = Sorted::default();
        set.extend([5, 1, 3, 1]);
        assert_eq!((set.insert(3), set.insert(2), set.remove(5), set.remove(5)), (false, true, true, false));
        assert_eq!((set.as_slice(), set.contains(2), set.contains(5)), (&[1, 2, 3][..], true, false));
        let taken = core::mem::take(&mut set);
        set.extend([4, 2]);
        set.put_back(taken);
        assert_eq!(set.as_slice(), [1, 2, 3, 4]);
        set.clear();
        assert!(set.is_empty());
    }
}
