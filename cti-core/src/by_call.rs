//! Values by call: each is found in the same short time whatever stands beside it, and all are listed in the order of
//! the calls' identifiers.
//!
//! A transaction asks for the particulars of its call dozens of times, and seldom for those of all calls: the order is
//! made when it is asked for.
//!
//! Never: lists values in the order of their places in memory.

use core::fmt;
use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize, Serializer};

use crate::csta::CallId;

/// Values by call.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct ByCall<T>(HashMap<CallId, T, FixedState>);

impl<T> Default for ByCall<T> {
    fn default() -> ByCall<T> {
        ByCall(HashMap::default())
    }
}

impl<T> ByCall<T> {
    /// The value of a call.
    pub fn get(&self, call: &CallId) -> Option<&T> {
        self.0.get(call)
    }

    /// The value of a call, to be changed.
    pub fn get_mut(&mut self, call: &CallId) -> Option<&mut T> {
        self.0.get_mut(call)
    }

    /// The value of a call, to be changed; a new one if it had none.
    pub fn or_default(&mut self, call: CallId) -> &mut T
    where
        T: Default,
    {
        self.0.entry(call).or_default()
    }

    /// Returns true if the call has a value.
    pub fn contains_key(&self, call: &CallId) -> bool {
        self.0.contains_key(call)
    }

    /// Gives a call a value. Returns the one it had.
    pub fn insert(&mut self, call: CallId, value: T) -> Option<T> {
        self.0.insert(call, value)
    }

    /// Takes the value of a call.
    pub fn remove(&mut self, call: &CallId) -> Option<T> {
        self.0.remove(call)
    }

    /// All values, to be changed, in no order.
    #[cfg(test)]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.values_mut()
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All calls with their values, in the order of the identifiers.
    pub fn iter(&self) -> impl Iterator<Item = (CallId, &T)> {
        let mut all: Vec<(CallId, &T)> = self.0.iter().map(|(&call, value)| (call, value)).collect();
        all.sort_unstable_by_key(|&(call, _)| call);
        all.into_iter()
    }

    /// All calls, in order.
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
}
