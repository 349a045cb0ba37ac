//! Seeds as one writes them: `1-200, 205`.

use std::fmt;
use std::str::FromStr;

/// Some seeds, in order, as ranges that have a gap between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeds(Vec<(u64, u64)>);

/// What is not seeds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a seed, nor a range of them")]
pub struct NoSeeds(String);

impl Seeds {
    /// All seeds of two lots.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        Self::of(self.0)
    }

    fn of(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last)
                }
                Some(_) | None => joined.push((first, last)),
            }
        }
        Self(joined)
    }
}

impl FromIterator<u64> for Seeds {
    fn from_iter<I: IntoIterator<Item = u64>>(seeds: I) -> Self {
        Self::of(seeds.into_iter().map(|seed| (seed, seed)).collect())
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |(first, last): &(u64, u64)| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        formatter.write_str(&self.0.iter().map(range).collect::<Vec<_>>().join(", "))
    }
}

impl FromStr for Seeds {
    type Err = NoSeeds;

    fn from_str(text: &str) -> Result<Self, NoSeeds> {
        let range = |range: &str| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (first <= last).then_some((first, last))
        };
        let ranges =
            text.split(',').map(|part| range(part).ok_or_else(|| NoSeeds(part.to_owned())));
        Ok(Self::of(ranges.collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::Seeds;

    fn seeds(text: &str) -> Seeds {
        text.parse().unwrap()
    }

    #[test]
    fn neighbours_become_a_range() {
        let some: Seeds = [7, 1, 3, 2, 9, 8, 20].into_iter().collect();
        assert_eq!(some.to_string(), "1-3, 7-9, 20");
        assert_eq!(seeds("1-3, 7-9, 20"), some);
    }

    #[test]
    fn seeds_that_were_tried_twice_are_told_once() {
        assert_eq!(seeds("1-100").and(seeds("50-120, 200")).to_string(), "1-120, 200");
        let last = u64::MAX.to_string();
        assert_eq!(seeds(&last).and(seeds(&last)).to_string(), last);
    }

    #[test]
    fn what_is_no_seed_is_named() {
        for text in ["", "x", "1-", "9-3", "1,,2"] {
            assert!(text.parse::<Seeds>().is_err(), "{text}");
        }
    }
}
