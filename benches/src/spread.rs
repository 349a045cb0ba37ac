//! One figure taken in several rounds: its median, and how far the rounds lie apart.

use serde::Serialize;
use std::fmt;

/// A figure of several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle one; of an even number of rounds, the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// How many rounds.
    pub rounds: usize,
}

impl Spread {
    /// The figure of these rounds; `None` if there are none.
    #[must_use]
    pub fn of(rounds: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = rounds.into_iter().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = |back: usize| sorted[sorted.len() / 2 - back];
        let median = match sorted.len() % 2 {
            0 => f64::midpoint(middle(1), middle(0)),
            _ => middle(0),
        };
        Some(Self { median, min, max, rounds: sorted.len() })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", short(self.median))?;
        match self.rounds {
            1 => Ok(()),
            _ => write!(f, " ({}..{})", short(self.min), short(self.max)),
        }
    }
}

/// About three digits: more would be noise.
fn short(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        middling if middling >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn order_of_rounds_does_not_matter() {
        let spread = Spread::of([9.0, 1.0, 4.0]).unwrap();
        assert_eq!((spread.median, spread.min, spread.max), (4.0, 1.0, 9.0));
    }

    #[test]
    fn median_of_two_lies_between_them() {
        assert_eq!(Spread::of([1.0, 4.0]).unwrap().median, 2.5);
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn one_round_is_written_without_a_spread() {
        assert_eq!(Spread::of([1234.5]).unwrap().to_string(), "1234");
        assert_eq!(Spread::of([1.0, 1.5, 12.0]).unwrap().to_string(), "1.50 (1.00..12.0)");
    }
}
