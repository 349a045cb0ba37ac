//! What was seen, as tables.

use crate::dhcp::arguments::{Arguments, Kind};
use crate::dhcp::contestant::NEWCOMERS;
use crate::dhcp::exchanges::percentile;
use crate::dhcp::turn::{AtRate, Seen};
use crate::spread::Spread;
use crate::table::{Cell, Table};

/// A server and what was seen of it, round by round.
pub struct Rounds {
    /// The server.
    pub kind: Kind,
    /// Its rounds.
    pub seen: Vec<Seen>,
}

/// The highest clean rates.
#[must_use]
pub fn highest(arguments: &Arguments, all: &[Rounds]) -> Table {
    const COLUMNS: [&str; 5] =
        ["who", "clean exchanges/s", "CPU us/exchange", "of Kea HA's", "of Kea's"];
    let mut table =
        Table::new("DHCP: the highest rate of 4-way exchanges that is kept up", &COLUMNS);
    notes(&mut table, arguments);
    table.note(
        "clean: of a thousand exchanges at most one is lost (a second without answer is lost), the rack stays connected \
         and the two of a pair together",
    );
    let of = |kind: Kind| all.iter().find(|rounds| rounds.kind == kind);
    for rounds in all {
        let mut row = vec![
            rounds.kind.name().into(),
            figure(rounds, rate).into(),
            figure(rounds, |seen| seen.highest_cpu_us).into(),
        ];
        row.extend([Kind::KeaPair, Kind::Kea].map(|peer| Cell::from(ratio(rounds, of(peer)))));
        table.rows.push(row);
    }
    table
}

/// What tells how exchanges went at a rate.
const DELAY_COLUMNS: [&str; 8] = [
    "rate",
    "who",
    "lost %",
    "OFFER p50 ms",
    "OFFER p99 ms",
    "ACK p50 ms",
    "ACK p99 ms",
    "CPU us/exchange",
];

/// How long offers and acknowledgements took, at given rates; last for new clients that come from a block.
#[must_use]
pub fn delays(arguments: &Arguments, all: &[Rounds]) -> Table {
    let mut table = Table::new("DHCP: how long clients wait", &DELAY_COLUMNS);
    notes(&mut table, arguments);
    for (number, rate) in arguments.rates.iter().enumerate() {
        for rounds in all {
            let runs = || rounds.seen.iter().filter_map(|seen| seen.at_rates.get(number));
            table.rows.push(delay_row(*rate, rounds.kind.name(), runs));
            let parted = runs().filter(|seen| !seen.has_lasted).count();
            if parted > 0 {
                let who = rounds.kind.name();
                table.note(format!(
                    "{who} at {rate}/s: servers parted or a rack moved in {parted} runs"
                ));
            }
        }
    }
    for rounds in all {
        let runs = || rounds.seen.iter().filter_map(|seen| seen.from_block.as_ref());
        if let Some(run) = runs().next() {
            let who = format!("{}, new clients", rounds.kind.name());
            table.rows.push(delay_row(run.rate, &who, runs));
        }
    }
    table
}

fn delay_row<'s, R: Iterator<Item = &'s AtRate>>(
    rate: u32,
    who: &str,
    runs: impl Fn() -> R,
) -> Vec<Cell> {
    let at = |figure: fn(&AtRate) -> Option<f64>| -> Cell {
        Spread::of(runs().filter_map(figure)).into()
    };
    vec![
        u64::from(rate).into(),
        who.into(),
        at(lost_percent),
        at(|seen| percentile(&seen.exchanges.offers_ms, 50)),
        at(|seen| percentile(&seen.exchanges.offers_ms, 99)),
        at(|seen| percentile(&seen.exchanges.acks_ms, 50)),
        at(|seen| percentile(&seen.exchanges.acks_ms, 99)),
        at(|seen| Some(seen.cpu_us)),
    ]
}

fn notes(table: &mut Table, arguments: &Arguments) {
    let Arguments { rounds, seconds, probe, .. } = arguments;
    let probe = if *probe { "tried" } else { "not tried" };
    table.note(format!(
        "perfdhcp as one relay, new clients throughout (region away: clients that were there before, unless it says new); \
         {rounds} rounds by turns, runs of {seconds} s; racks: addresses {probe} on the wire first"
    ));
    table.note(format!(
        "racks hear {NEWCOMERS} clients nobody knows at once, and as many a second, not 4096 and 200 as shipped: with that all \
         beyond 200 a second go unheard after the first 4096"
    ));
    table.note(
        "a lease of Regent is on the disks of two nodes and of the rack before its ACK; Kea syncs none of its own",
    );
}

fn rate(seen: &Seen) -> Option<f64> {
    seen.highest.map(f64::from)
}

fn lost_percent(seen: &AtRate) -> Option<f64> {
    let count = |number: usize| u32::try_from(number).ok().map(f64::from);
    let (begun, done) = (count(seen.exchanges.begun)?, count(seen.exchanges.done)?);
    Some((begun - done) * 100.0 / begun.max(1.0))
}

fn figure(rounds: &Rounds, of: fn(&Seen) -> Option<f64>) -> Option<Spread> {
    Spread::of(rounds.seen.iter().filter_map(of))
}

/// How many times the peer's rate, round by round.
fn ratio(rounds: &Rounds, peer: Option<&Rounds>) -> Option<Spread> {
    let pairs = rounds.seen.iter().zip(&peer?.seen);
    Spread::of(pairs.filter_map(|(ours, theirs)| Some(rate(ours)? / rate(theirs)?)))
}

#[cfg(test)]
mod tests {
    use super::{Rounds, delays, highest};
    use crate::dhcp::arguments::{Arguments, Kind};
    use crate::dhcp::exchanges::Exchanges;
    use crate::dhcp::turn::{AtRate, Seen};
    use clap::Parser as _;

    fn rounds(has_lasted: bool) -> Rounds {
        let at = AtRate { rate: 200, exchanges: Exchanges::default(), cpu_us: 1.0, has_lasted };
        let seen = Seen { at_rates: vec![at], ..Seen::default() };
        Rounds { kind: Kind::KeaPair, seen: vec![seen] }
    }

    #[test]
    fn tables_say_that_racks_hear_more_newcomers_than_as_shipped() {
        let arguments = Arguments::parse_from(["dhcp"]);
        for table in [highest(&arguments, &[]), delays(&arguments, &[])] {
            assert!(table.to_string().contains("4096"), "{table}");
        }
    }

    #[test]
    fn new_clients_of_a_rack_alone_have_a_row_of_their_own() {
        let arguments = Arguments::parse_from(["dhcp", "--rates", "200"]);
        let mut alone = rounds(true);
        assert_eq!(delays(&arguments, &[rounds(true)]).rows.len(), 1);
        alone.seen[0].from_block = alone.seen[0].at_rates.pop();
        assert!(delays(&arguments, &[alone]).to_string().contains("new clients"));
    }

    #[test]
    fn figures_of_servers_that_parted_are_marked() {
        let arguments = Arguments::parse_from(["dhcp", "--rates", "200"]);
        let told = |has_lasted| delays(&arguments, &[rounds(has_lasted)]).to_string();
        assert!(told(false).contains("parted"));
        assert!(!told(true).contains("parted"));
    }
}
