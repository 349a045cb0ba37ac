//! The part of a pool in which a rack looks for a free address first. Racks do not hear of each other's offers: if all looked
//! at the same place, two clients would be offered one address, and one of them be refused it.
//!
//! A preference only. An address is the client's when the region says so, and a rack whose part is full looks elsewhere.

use crate::dhcp::view::server::Shares;
use regent_core::net::address_range::AddressRange;
use std::ops::Range;

/// A pool, parted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parted {
    /// What the rack looks at first.
    pub own: Vec<AddressRange>,
    /// The parts of the other racks.
    pub others: Vec<AddressRange>,
}

/// Parts the addresses of some ranges by a rack's share. All are its own where it has none.
#[must_use]
pub fn parted(ranges: &[AddressRange], shares: &Shares) -> Parted {
    let count = count(ranges);
    let Range { start, end } = shares.part_of(count);
    let behind = cut(ranges, end..count);
    let others = cut(ranges, 0..start).chain(behind).collect();
    Parted { own: cut(ranges, start..end).collect(), others }
}

/// How many addresses some ranges have.
#[must_use]
pub fn count(ranges: &[AddressRange]) -> u128 {
    ranges.iter().map(|range| range.address_count()).fold(0, u128::saturating_add)
}

/// The addresses at some places of ranges that stand one behind the other.
fn cut(ranges: &[AddressRange], places: Range<u128>) -> impl Iterator<Item = AddressRange> {
    let Range { start, end } = places;
    let starts = ranges.iter().scan(0_u128, |next, range| {
        let start = *next;
        *next = next.saturating_add(range.address_count());
        Some((start, range))
    });
    starts.filter_map(move |(at, range)| {
        let first = start.saturating_sub(at);
        let behind = end.saturating_sub(at).min(range.address_count());
        let last = behind.checked_sub(1).filter(|last| first <= *last)?;
        AddressRange::new(range.nth(first)?, range.nth(last)?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::{Parted, count, parted};
    use crate::dhcp::view::server::Shares;
    use regent_core::net::address_range::AddressRange;

    fn ranges(texts: &[&str]) -> Vec<AddressRange> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn parts_are_cut_across_ranges_and_make_up_the_whole() {
        let pool = ranges(&["10.0.0.1-10.0.0.2", "10.0.0.5-10.0.0.5", "10.0.0.8-10.0.0.9"]);
        let own = |place| parted(&pool, &Shares::every(3, place)).own;
        assert_eq!(own(0), ranges(&["10.0.0.1-10.0.0.1"]));
        assert_eq!(own(1), ranges(&["10.0.0.2-10.0.0.2", "10.0.0.5-10.0.0.5"]));
        assert_eq!(own(2), ranges(&["10.0.0.8-10.0.0.9"]));
        let Parted { own: _, others } = parted(&pool, &Shares::every(3, 1));
        assert_eq!(others, ranges(&["10.0.0.1-10.0.0.1", "10.0.0.8-10.0.0.9"]));
    }

    #[test]
    fn a_rack_without_a_share_has_all_and_one_with_a_share_that_makes_no_sense_nothing() {
        let pool = ranges(&["10.0.0.1-10.0.0.9"]);
        let all = Parted { own: pool.clone(), others: Vec::new() };
        assert_eq!(parted(&pool, &Shares::NONE), all);
        let none = Parted { own: Vec::new(), others: pool.clone() };
        assert_eq!(parted(&pool, &Shares::every(2, 9)), none);
    }

    #[test]
    fn where_there_are_more_racks_than_addresses_some_have_no_part() {
        let pool = ranges(&["10.0.0.1-10.0.0.2"]);
        let counts = [0, 1, 2].map(|place| count(&parted(&pool, &Shares::every(3, place)).own));
        assert_eq!(counts.iter().sum::<u128>(), 2);
    }
}
