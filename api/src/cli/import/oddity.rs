//! Rows that do not come in, and why. They are told; they never stop an import.

/// So many are kept one by one; beyond, they are only counted.
pub const ODDITIES_MAX: usize = 10_000;

/// One row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The table.
    pub table: &'static str,
    /// The value of the column that names the row; empty if even that cannot be read.
    pub key: String,
    /// What is wrong, without repeating any value.
    pub reason: String,
}

/// All that were found, bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    kept: Vec<Oddity>,
    further: u64,
}

impl Oddities {
    /// Adds one.
    pub fn push(&mut self, oddity: Oddity) {
        if self.kept.len() < ODDITIES_MAX {
            self.kept.push(oddity);
        } else {
            self.further += 1;
        }
    }

    /// Those that are kept, in the order of the dump.
    #[must_use]
    pub fn as_slice(&self) -> &[Oddity] {
        &self.kept
    }

    /// How many more there were.
    #[must_use]
    pub const fn further(&self) -> u64 {
        self.further
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_oddities_are_counted_only() {
        let mut oddities = Oddities::default();
        for _ in 0..ODDITIES_MAX + 3 {
            let (key, reason) = (String::new(), String::new());
            oddities.push(Oddity { table: "t", key, reason });
        }
        assert_eq!((oddities.as_slice().len(), oddities.further()), (ODDITIES_MAX, 3));
    }
}
