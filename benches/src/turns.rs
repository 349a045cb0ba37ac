//! Who comes when: by turns, every other round the other way round, so that none always comes after the same one.

/// The places `0..count` in the order of this round.
#[must_use]
pub fn order(round: u32, count: usize) -> Vec<usize> {
    match round % 2 {
        0 => (0..count).collect(),
        _ => (0..count).rev().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn every_other_round_goes_backwards() {
        assert_eq!(
            (order(0, 3), order(1, 3), order(2, 3)),
            (vec![0, 1, 2], vec![2, 1, 0], vec![0, 1, 2])
        );
    }
}
