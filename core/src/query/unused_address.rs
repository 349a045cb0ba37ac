//! Addresses of a dynamic range that nobody has, and that lie in no rack's block.

use crate::model::ip_range::IpRange;
use crate::state::State;
use crate::state::used_addresses::next;
use std::net::IpAddr;

/// The addresses of a range that nobody has. Used ones are skipped a run at a time.
pub fn unused(state: &State, range: &IpRange) -> impl Iterator<Item = IpAddr> {
    let last = range.end_ip;
    let from = move |address: IpAddr| {
        let run = state.indexes().used_addresses.run_around(address);
        run.map_or(Some(address), |(_, end)| next(end))
    };
    std::iter::successors(from(range.start_ip), move |address| next(*address).and_then(from))
        .take_while(move |address| *address <= last)
}
