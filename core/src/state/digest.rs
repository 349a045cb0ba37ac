//! The digest of a state: equal on every replica at one revision, or one of them is wrong (DESIGN D21).
//!
//! A multiset hash: the sum modulo 2^256 of the SHA-256 of every row, so that a change costs two hashes however large
//! the state is. It finds damage and bugs; it is no defence against someone who can write rows of their choice.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Sum of the hashes of a set of rows.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest([u64; 4]);

impl Digest {
    /// The hash of one row: its table, its key and its canonical bytes, each told from the next by its length.
    #[must_use]
    pub fn of_row(table: u8, key: &[u8], row: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update([table]);
        hash.update((key.len() as u64).to_le_bytes());
        hash.update(key);
        hash.update(row);
        let bytes = hash.finalize();
        let mut words = [0_u64; 4];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = chunk.try_into().map(u64::from_le_bytes).unwrap_or_default();
        }
        Self(words)
    }

    /// This digest with `row` added.
    #[must_use]
    pub fn with(self, row: Self) -> Self {
        self.sum(row, false)
    }

    /// This digest with `row` taken out.
    #[must_use]
    pub fn without(self, row: Self) -> Self {
        self.sum(Self(row.0.map(|word| !word)), true)
    }

    fn sum(self, other: Self, mut carry: bool) -> Self {
        let mut words = [0_u64; 4];
        for ((word, a), b) in words.iter_mut().zip(self.0).zip(other.0) {
            let (partial, over) = a.overflowing_add(b);
            let (total, over_carry) = partial.overflowing_add(u64::from(carry));
            *word = total;
            carry = over || over_carry;
        }
        Self(words)
    }

    /// The digest with these 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut words = [0_u64; 4];
        for (word, chunk) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*chunk);
        }
        Self(words)
    }

    /// The 32 bytes of this digest.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn order_of_rows_does_not_matter_and_removal_undoes_addition() {
        let [a, b, c] = [1, 2, 3].map(|n| Digest::of_row(n, &[n], b"row"));
        let sum = Digest::default().with(a).with(b).with(c);
        assert_eq!(sum, Digest::default().with(c).with(a).with(b));
        assert_eq!(sum.without(b), Digest::default().with(a).with(c));
        assert_eq!(sum.without(a).without(b).without(c), Digest::default());
    }

    #[test]
    fn key_and_row_are_told_apart() {
        assert_ne!(Digest::of_row(1, b"ab", b"c"), Digest::of_row(1, b"a", b"bc"));
        assert_ne!(Digest::of_row(1, b"a", b"b"), Digest::of_row(2, b"a", b"b"));
    }
}
