//! A map in little machine code.
//!
//! `BTreeMap` is compiled anew for each pair of key and value: 3 to 10 KB on a 64-bit phone, which has two dozen pairs.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A map in the order of its keys. A key that is inserted or removed moves all behind it: for a map whose entries are
/// bounded, or that is built whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Sorted<K, V> {
    /// Ascending, each key once.
    entries: Vec<(K, V)>,
}

impl<K, V> Sorted<K, V> {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Removes every entry.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Removes the entries that are not to stay.
    pub fn retain(&mut self, mut stays: impl FnMut(&K, &V) -> bool) {
        self.entries.retain(|(key, value)| stays(key, value));
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// The value of `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Whether `key` is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Gives `key` a value; the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => self.entries.get_mut(at).map(|(_, held)| std::mem::replace(held, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Removes `key`; the value it had.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key).ok()?;
        Some(self.entries.remove(at).1)
    }

    /// Where `key` is, or where it would be.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|(held, _)| held.borrow().cmp(key))
    }

    /// Of equal keys the last counts.
    fn of(mut entries: Vec<(K, V)>) -> Self {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self { entries }
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Sorted<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Sorts once. Of equal keys the last counts.
impl<K: Ord, V> FromIterator<(K, V)> for Sorted<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::of(entries.into_iter().collect())
    }
}

/// Sorts once, however many come.
impl<K: Ord, V> Extend<(K, V)> for Sorted<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, more: I) {
        self.entries.extend(more);
        *self = Self::of(std::mem::take(&mut self.entries));
    }
}

impl<K, V> IntoIterator for Sorted<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// A map, as `BTreeMap` is written.
impl<K: Serialize, V: Serialize> Serialize for Sorted<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Sorted<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
    type Value = Sorted<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Sorted::of(entries))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::chance::{Chance, Seed};

    /// Anything below `end`.
    fn draw(chance: &mut Chance, end: u64) -> u64 {
        u64::try_from(chance.jitter(Duration::from_millis(end - 1)).as_millis()).unwrap()
    }

    fn pairs(chance: &mut Chance, most: u64) -> Vec<(String, u64)> {
        (0..draw(chance, most)).map(|nth| (draw(chance, 40).to_string(), nth)).collect()
    }

    /// Read in every way.
    fn assert_same(ours: &Sorted<String, u64>, std: &BTreeMap<String, u64>) {
        assert!(ours.iter().eq(std) && ours.keys().eq(std.keys()) && ours.values().eq(std.values()));
        assert_eq!((ours.len(), ours.is_empty()), (std.len(), std.is_empty()));
        assert!(ours.clone().into_iter().eq(std.clone()));
        assert_eq!(format!("{ours:?}"), format!("{std:?}"));
        assert_eq!(ours, &Sorted::from_iter(std.clone()));
        let written = serde_json::to_string(ours).unwrap();
        assert_eq!(written, serde_json::to_string(std).unwrap());
        assert_eq!(&serde_json::from_str::<Sorted<String, u64>>(&written).unwrap(), ours);
    }

    #[test]
    fn a_map_does_what_the_librarys_map_does() {
        let mut chance = Chance::new(Seed([3; 32]));
        let start = pairs(&mut chance, 60);
        let mut ours: Sorted<String, u64> = start.iter().cloned().collect();
        let mut std: BTreeMap<String, u64> = start.into_iter().collect();
        for round in 0..3_000 {
            let key = draw(&mut chance, 40).to_string();
            match draw(&mut chance, 24) {
                0 => {
                    let more = pairs(&mut chance, 30);
                    ours.extend(more.iter().cloned());
                    std.extend(more);
                }
                1 => {
                    ours.retain(|key, value| key.len() > 1 || value % 2 == 0);
                    std.retain(|key, value| key.len() > 1 || *value % 2 == 0);
                }
                2 if round % 100 == 0 => {
                    ours.clear();
                    std.clear();
                }
                3..=9 => assert_eq!(ours.remove(key.as_str()), std.remove(key.as_str())),
                10..=12 => {
                    let (ours, std) = (ours.get_mut(key.as_str()), std.get_mut(key.as_str()));
                    assert_eq!(ours, std);
                    ours.into_iter().chain(std).for_each(|value| *value += 1);
                }
                _ => assert_eq!(ours.insert(key.clone(), round), std.insert(key.clone(), round)),
            }
            assert_eq!(ours.get(key.as_str()), std.get(key.as_str()));
            assert_eq!(ours.contains_key(key.as_str()), std.contains_key(key.as_str()));
            assert_same(&ours, &std);
        }
    }

    #[test]
    fn what_is_written_in_any_order_is_read_as_the_librarys_map_reads_it() {
        let text = r#"{"b":1,"a":2,"b":3,"":4}"#;
        let std: BTreeMap<String, u64> = serde_json::from_str(text).unwrap();
        assert_same(&serde_json::from_str(text).unwrap(), &std);
        for not in ["[]", "7", r#"{"a":-1}"#, r#"{"a":1"#] {
            assert!(serde_json::from_str::<Sorted<String, u64>>(not).is_err(), "{not}");
        }
    }
}
