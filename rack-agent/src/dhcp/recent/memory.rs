//! A bounded memory of the recent past: what is too old is forgotten, and so is the oldest when there is no room.

use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Things remembered for a while by their keys.
#[derive(Clone, Debug)]
pub struct Memory<K, V> {
    entries_max: usize,
    span: Millis,
    entries: BTreeMap<K, Entry<V>>,
    order: BTreeMap<u64, K>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    number: u64,
    since: RackTime,
    value: V,
}

impl<K: Clone + Ord, V> Memory<K, V> {
    /// An empty memory of at most so many entries, each for so long.
    #[must_use]
    pub const fn new(entries_max: usize, span: Millis) -> Self {
        Self { entries_max, span, entries: BTreeMap::new(), order: BTreeMap::new(), next: 0 }
    }

    /// What is remembered under a key.
    #[must_use]
    pub fn get(&self, key: &K, now: RackTime) -> Option<&V> {
        self.entry(key, now).map(|entry| &entry.value)
    }

    /// When a key was last put.
    #[must_use]
    pub fn since(&self, key: &K, now: RackTime) -> Option<RackTime> {
        self.entry(key, now).map(|entry| entry.since)
    }

    /// Remembers something from now on. Returns what had to be forgotten for it.
    pub fn put(&mut self, key: K, value: V, now: RackTime) -> Vec<(K, V)> {
        self.remove(&key);
        let mut forgotten = Vec::new();
        while let Some((_, oldest)) = self.order.first_key_value() {
            let oldest = oldest.clone();
            if self.entries.len() < self.entries_max && self.get(&oldest, now).is_some() {
                break;
            }
            forgotten.extend(self.remove(&oldest).map(|value| (oldest, value)));
        }
        self.order.insert(self.next, key.clone());
        self.entries.insert(key, Entry { number: self.next, since: now, value });
        self.next += 1;
        forgotten
    }

    /// Forgets a key.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.number);
        Some(entry.value)
    }

    /// Every key, the one put longest ago first.
    pub fn keys(&self, now: RackTime) -> impl Iterator<Item = &K> {
        self.order.values().filter(move |key| self.entry(key, now).is_some())
    }

    /// The keys in a range, in their order. What lies outside costs nothing.
    pub fn keys_within(&self, range: RangeInclusive<K>, now: RackTime) -> impl Iterator<Item = &K> {
        let entries = self.entries.range(range);
        entries.filter(move |(_, entry)| self.is_fresh(entry, now)).map(|(key, _)| key)
    }

    /// How many are remembered, those included that are too old but not yet forgotten.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn entry(&self, key: &K, now: RackTime) -> Option<&Entry<V>> {
        self.entries.get(key).filter(|entry| self.is_fresh(entry, now))
    }

    fn is_fresh(&self, entry: &Entry<V>, now: RackTime) -> bool {
        now < entry.since.after(self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::lease::rack_time::RackTime;
    use regent_core::time::Millis;

    #[test]
    fn what_is_too_old_is_forgotten() {
        let mut memory = Memory::new(8, Millis(10));
        memory.put("a", 1, RackTime(0));
        assert_eq!(memory.get(&"a", RackTime(9)), Some(&1));
        assert_eq!(memory.get(&"a", RackTime(10)), None);
        assert_eq!(memory.put("b", 2, RackTime(10)), [("a", 1)]);
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn where_there_is_no_room_the_oldest_goes_and_what_was_put_again_stays() {
        let mut memory = Memory::new(2, Millis(100));
        memory.put("a", 1, RackTime(0));
        memory.put("b", 2, RackTime(1));
        memory.put("a", 3, RackTime(2));
        assert_eq!(memory.put("c", 4, RackTime(3)), [("b", 2)]);
        assert_eq!(memory.get(&"a", RackTime(3)), Some(&3));
        assert_eq!(memory.len(), 2);
    }

    #[test]
    fn keys_of_a_range_are_found_unless_they_are_too_old() {
        let mut memory = Memory::new(8, Millis(10));
        for (key, since) in [(1, 0), (2, 1), (3, 2), (4, 3)] {
            memory.put(key, (), RackTime(since));
        }
        let found: Vec<i32> = memory.keys_within(2..=3, RackTime(11)).copied().collect();
        assert_eq!(found, [3]);
    }
}
