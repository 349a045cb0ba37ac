//! A table: rows of one kind, ordered by key, cheap to clone, never changed in place for those who hold a clone.

use crate::codec;
use crate::revision::Revision;
use crate::time::WallTime;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

/// An object with what the state machine knows about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<T> {
    /// Revision that created it.
    pub created_revision: Revision,
    /// Revision that changed it last.
    pub revision: Revision,
    /// Wall time of its creation, for people.
    pub created: WallTime,
    /// Wall time of its last change, for people.
    pub updated: WallTime,
    /// The object itself.
    pub value: T,
}

impl<T> Row<T> {
    /// The canonical bytes of the row, made of those of its value, which is its last field.
    pub(in crate::state) fn bytes(&self, value: &[u8]) -> Vec<u8> {
        let about = (self.created_revision, self.revision, self.created, self.updated);
        let mut bytes = codec::to_bare(&about);
        bytes.extend_from_slice(value);
        bytes
    }
}

/// A key, and what stands there in one table and in another.
pub type Differing<'a, K, V> = (&'a K, Option<&'a V>, Option<&'a V>);

/// Rows of one kind.
pub struct Table<K, V>(OrdMap<K, Arc<Row<V>>>);

impl<K: Ord + Clone + fmt::Debug, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter()).finish()
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<K: Ord + Clone, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// The row at `key`.
    pub fn get(&self, key: &K) -> Option<&Arc<Row<V>>> {
        self.0.get(key)
    }

    /// All rows in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &Arc<Row<V>>)> {
        self.0.iter()
    }

    /// The rows whose keys lie in `range`, in order.
    pub fn range<R: RangeBounds<K>>(
        &self,
        range: R,
    ) -> impl DoubleEndedIterator<Item = (&K, &Arc<Row<V>>)> {
        self.0.range(range)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are one table that nothing was changed in since. Found out at once; of two that only hold the same rows
    /// it says no.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }

    /// Rows that are in one of two tables, or in both and not alike: the key, and what stands there in each. What both
    /// tables share is not looked at.
    pub fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Differing<'a, K, V>>
    where
        V: PartialEq,
    {
        self.0.diff(&other.0).map(|item| match item {
            DiffItem::Add(key, row) => (key, None, Some(&row.value)),
            DiffItem::Remove(key, row) => (key, Some(&row.value), None),
            DiffItem::Update { old: (key, old), new: (_, new) } => {
                (key, Some(&old.value), Some(&new.value))
            }
        })
    }

    /// Puts a row; only `state` does, so that indexes and digest stay true.
    pub(in crate::state) fn put(&mut self, key: K, row: Arc<Row<V>>) -> Option<Arc<Row<V>>> {
        self.0.insert(key, row)
    }

    /// Takes a row out; only `state` does.
    pub(in crate::state) fn take(&mut self, key: &K) -> Option<Arc<Row<V>>> {
        self.0.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::codec::to_bare;
    use crate::revision::Revision;
    use crate::time::WallTime;

    #[test]
    fn bytes_of_a_row_end_with_those_of_its_value() {
        let (created, updated) = (WallTime(1), WallTime(500));
        let value = (String::from("value"), Some(7_u32));
        let bytes = to_bare(&value);
        let row = Row {
            created_revision: Revision(3),
            revision: Revision(70_000),
            created,
            updated,
            value,
        };
        assert_eq!(row.bytes(&bytes), to_bare(&row));
    }
}
