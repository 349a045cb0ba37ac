//! Whether a storm kept its promises, by what the clients themselves saw, the writes of one writer beside them, and the log.

use crate::judge::leases::{Recorded, Way};
use crate::lab::hold::{Hold, overlaps};
use crate::load::dhcp_client::RETRY;
use crate::load::dhcp_exchange::Exchange;
use crate::load::pulse::Written;
use regent_core::lease::binding::Client;
use regent_core::net::mac::MacAddr;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The region is not to be without an acknowledged write for longer, also when its leader was killed.
pub const WRITE_GAP_MAX: Duration = Duration::from_secs(5);
/// What the wall clock of the leader may show less, since it shows whole milliseconds.
const WALL_STEP: Duration = Duration::from_millis(1);

/// From one kill to the next, or from the beginning or to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// When it begins.
    pub from: Instant,
    /// When it ends.
    pub to: Instant,
    /// The longest time in it without an acknowledged write.
    pub gap: Duration,
    /// The longest that a client waited whose exchange ended in it.
    pub longest: Duration,
}

impl Spell {
    /// Whether the gap was short, and no client waited longer than one retry beyond it.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.gap <= WRITE_GAP_MAX && self.longest <= self.gap + RETRY
    }
}

/// The spells between these moments, in order.
#[must_use]
pub fn spells(bounds: &[Instant], exchanges: &[Exchange], written: &Written) -> Vec<Spell> {
    let spell = |bounds: &[Instant]| {
        let (from, to) = (bounds[0], bounds[1]);
        let ended = |exchange: &&Exchange| {
            exchange.got.is_some_and(|got| from <= got.acknowledged && got.acknowledged < to)
        };
        let waits = exchanges.iter().filter(ended).filter_map(Exchange::wait);
        let longest = waits.max().unwrap_or_default();
        Spell { from, to, gap: written.longest_gap(from, to), longest }
    };
    bounds.windows(2).map(spell).collect()
}

/// A moment on the clock of this process and on the wall.
#[derive(Clone, Copy, Debug)]
pub struct Clocks(Instant, Duration);

impl Clocks {
    /// Now.
    ///
    /// # Panics
    /// If the wall clock shows a year before 1970.
    #[must_use]
    pub fn now() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(Instant::now(), wall.expect("it is later than 1970"))
    }

    /// What the wall clock showed at this moment.
    #[must_use]
    pub fn wall(&self, at: Instant) -> Duration {
        let Self(instant, wall) = *self;
        if at < instant { wall.saturating_sub(instant - at) } else { wall + (at - instant) }
    }
}

/// What clients had, by what they heard: an address each until its time is over or the client has another.
#[must_use]
pub fn held(exchanges: &[Exchange], clocks: &Clocks) -> Vec<Hold> {
    let mut by_card: BTreeMap<MacAddr, Vec<Hold>> = BTreeMap::new();
    for exchange in exchanges {
        let Some(got) = exchange.got else { continue };
        let (client, from) = (exchange.card.to_string(), clocks.wall(got.acknowledged));
        let until = clocks.wall(got.requested) + Duration::from_millis(got.hold.life.0);
        let holds = by_card.entry(exchange.card).or_default();
        if let Some(last) = holds.last_mut() {
            last.until = last.until.min(from);
        }
        holds.push(Hold { client, address: got.hold.address, from, until });
    }
    by_card.into_values().flatten().collect()
}

/// Pairs of clients that had one address at one time.
#[must_use]
pub fn duplicates(holds: &[Hold]) -> Vec<(Hold, Hold)> {
    overlaps(holds.to_vec())
}

/// The same with one address that was given to another client, too, as a control: how many pairs are found more.
#[must_use]
pub fn planted(holds: &[Hold]) -> usize {
    let mut more = holds.to_vec();
    more.extend(holds.first().map(|hold| Hold { client: "planted".into(), ..hold.clone() }));
    overlaps(more).len().saturating_sub(overlaps(holds.to_vec()).len())
}

/// ACKs that no entry of the log stands for: none that was proposed between the client's first message and the ACK, and none
/// by which its rack told of it afterwards.
#[must_use]
pub fn unrecorded(exchanges: &[Exchange], leases: &[Recorded], clocks: &Clocks) -> Vec<String> {
    let mut ways: BTreeMap<(&Client, IpAddr), Vec<Way>> = BTreeMap::new();
    for lease in leases {
        ways.entry((&lease.client, lease.address)).or_default().push(lease.way);
    }
    let is_unrecorded = |exchange: &&Exchange| {
        let Some(got) = exchange.got else { return false };
        let (first, last) = (clocks.wall(exchange.asked), clocks.wall(got.acknowledged));
        let stands_for_it = |way: &Way| match way {
            Way::Committed(at) => *at + WALL_STEP >= first && *at <= last,
            // It may be told before the client has its ACK, never before the client asked: that is of another lease.
            Way::Adopted(at) => *at + WALL_STEP >= first,
        };
        let client = Client::Card(exchange.card);
        let known = ways.get(&(&client, IpAddr::V4(got.hold.address)));
        !known.is_some_and(|ways| ways.iter().any(stands_for_it))
    };
    let told = |exchange: &Exchange| {
        let address = exchange.got.map_or(Ipv4Addr::UNSPECIFIED, |got| got.hold.address);
        format!("{} of {}", address, exchange.card)
    };
    exchanges.iter().filter(is_unrecorded).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::{Clocks, Spell, WRITE_GAP_MAX, duplicates, held, planted, spells, unrecorded};
    use crate::judge::leases::{Recorded, Way};
    use crate::load::dhcp_client::RETRY;
    use crate::load::dhcp_exchange::{Exchange, Got};
    use crate::load::pulse::{Write, Written};
    use regent_core::lease::binding::Client;
    use regent_core::net::mac::MacAddr;
    use regent_core::time::Millis;
    use regent_rack_agent::simulated_client::Hold;
    use std::net::Ipv4Addr;
    use std::time::{Duration, Instant};

    const MS: Duration = Duration::from_millis(1);

    fn address(last: u8) -> Ipv4Addr {
        [10, 78, 0, last].into()
    }

    /// A client that asked and got an address for a minute, at these milliseconds.
    fn exchange(card: u8, last: u8, start: Instant, asked: u32, over: u32) -> Exchange {
        let life = Millis(60_000);
        let hold = Hold { address: address(last), life, server: address(2) };
        let acknowledged = start + MS * over;
        let got = Some(Got { requested: acknowledged, acknowledged, hold });
        let card = MacAddr([2, 0, 0, 0, 0, card]);
        Exchange { card, asked: start + MS * asked, messages: 2, refusals: 0, got }
    }

    fn recorded(card: u8, last: u8, way: Way) -> Recorded {
        let client = Client::Card(MacAddr([2, 0, 0, 0, 0, card]));
        Recorded { client, address: address(last).into(), way }
    }

    #[test]
    fn two_clients_with_one_address_at_once_are_found_and_one_that_comes_back_is_not() {
        let clocks = Clocks::now();
        let start = Instant::now();
        let again = [exchange(1, 9, start, 0, 5), exchange(1, 9, start, 100, 105)];
        assert_eq!(duplicates(&held(&again, &clocks)), []);
        let other = [exchange(1, 9, start, 0, 5), exchange(2, 9, start, 100, 105)];
        assert_eq!(duplicates(&held(&other, &clocks)).len(), 1);
        let moved_on = [
            exchange(1, 9, start, 0, 5),
            exchange(1, 8, start, 50, 55),
            exchange(2, 9, start, 100, 105),
        ];
        assert_eq!(duplicates(&held(&moved_on, &clocks)), []);
    }

    #[test]
    fn planted_duplicate_is_found() {
        let (clocks, start) = (Clocks::now(), Instant::now());
        assert_eq!(planted(&held(&[exchange(1, 9, start, 0, 5)], &clocks)), 1);
        assert_eq!(planted(&[]), 0, "there is nothing to plant one in");
    }

    #[test]
    fn acknowledgement_without_an_entry_in_its_time_is_found() {
        let (clocks, start) = (Clocks::now(), Instant::now());
        let exchanges = [exchange(1, 9, start, 100, 110)];
        let committed = |ms: u32| Way::Committed(clocks.wall(start + MS * ms));
        let unrecorded_with = |leases: &[Recorded]| unrecorded(&exchanges, leases, &clocks).len();
        assert_eq!(unrecorded_with(&[recorded(1, 9, committed(105))]), 0);
        let adopted = |ms: u32| Way::Adopted(clocks.wall(start + MS * ms));
        assert_eq!(unrecorded_with(&[recorded(1, 9, adopted(120))]), 0);
        assert_eq!(unrecorded_with(&[recorded(1, 9, adopted(50))]), 1, "of an earlier one");
        assert_eq!(unrecorded_with(&[recorded(1, 9, committed(50))]), 1, "for an earlier one");
        assert_eq!(unrecorded_with(&[recorded(1, 8, committed(105))]), 1, "another address");
        assert_eq!(unrecorded_with(&[recorded(2, 9, committed(105))]), 1, "another client");
    }

    #[test]
    fn wait_is_judged_by_the_gap_in_which_it_ended() {
        let start = Instant::now();
        let over = |ms: u32| Write { asked: start, over: start + MS * ms };
        let acknowledged = vec![over(50), over(99), over(600), over(700), over(3000)];
        let written = Written { acknowledged, given_up: 0 };
        let bounds = [start, start + MS * 100, start + MS * 1000];
        let exchanges = [exchange(1, 9, start, 80, 90), exchange(2, 8, start, 95, 900)];
        let [before, after] = spells(&bounds, &exchanges, &written)[..] else {
            panic!("two spells")
        };
        assert_eq!((before.gap, before.longest), (MS * 50, MS * 10));
        assert_eq!((after.gap, after.longest), (MS * 500, MS * 805));
        assert!(after.is_kept());
        let late = Spell { longest: after.gap + RETRY + MS, ..after };
        assert!(!late.is_kept());
        let away = Spell { gap: WRITE_GAP_MAX + MS, ..after };
        assert!(!away.is_kept(), "no client came in it, and writes were away for too long");
    }
}
