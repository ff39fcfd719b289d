//! Maps by keys that are more than a name or a number, written as lists of pairs: `#[serde(with = "crate::pairs")]`.
//!
//! Never: changes the order of the map.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::by_key::{ByKey, Key};

/// A map, as its pairs in the order of the keys.
pub(crate) trait Map: FromIterator<(Self::Key, Self::Value)> {
    type Key;
    type Value;

    fn pairs(&self) -> impl Iterator<Item = (&Self::Key, &Self::Value)>;
}

impl<K: Ord, V> Map for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    fn pairs(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }
}

impl<K: Key, V> Map for ByKey<K, V> {
    type Key = K;
    type Value = V;

    fn pairs(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }
}

pub(crate) fn serialize<M: Map<Key: Serialize, Value: Serialize>, S: Serializer>(
    map: &M,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.pairs())
}

pub(crate) fn deserialize<'de, M: Map<Key: Deserialize<'de>, Value: Deserialize<'de>>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<M, D::Error> {
    Ok(Vec::<(M::Key, M::Value)>::deserialize(deserializer)?.into_iter().collect())
}
