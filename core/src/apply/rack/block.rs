//! Blocks of a subnet: finding addresses for one, extending it, taking it back (rule R8).

use crate::apply::draft::Draft;
use crate::id::SubnetId;
use crate::lease::block::{delegate, extend};
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::lease_block::{BLOCK_ADDRESSES_MAX, LeaseBlock};
use crate::net::address_range::AddressRange;
use crate::outcome::LeaseAnswer;
use crate::query::around::{Around, check_concerned, service_of};
use crate::query::cut_over::closed_ranges;
use crate::query::network::ranges;
use crate::query::unused_address::unused;
use crate::state::State;
use crate::state::used_addresses::next;
use std::net::IpAddr;

/// Addresses, and runs of used ones, looked at for one block: more would make other entries wait.
const LOOKED_AT_MAX: usize = 2048;
/// Blocks of all racks together take one address in so many of a subnet's dynamic ranges. Those of one rack take no more
/// than its share of that: what one rack hoards would be missing where the other is cut off.
const BLOCKS_ONE_IN: u128 = 5;

/// Gives the rack a run of free addresses: the first that is as long as it wants, or the longest there is.
pub(in crate::apply::rack) fn delegate_run(
    draft: &mut Draft,
    (server, number): (Server, u64),
    subnet: SubnetId,
    count: u32,
    terms: &Terms,
) -> Result<LeaseAnswer, Refusal> {
    let wanted = usize::try_from(count).unwrap_or(usize::MAX).min(BLOCK_ADDRESSES_MAX);
    let wanted = wanted.min(room_for_blocks(draft.state(), server, subnet));
    let (first, last) = longest_run(draft, subnet, wanted, terms).ok_or(Refusal::NoBlock)?;
    let block = delegate(server, number, draft.now(), terms);
    let rests_until = block.until.after(terms.guard);
    draft.put(first, LeaseBlock { subnet, last, block, rests_until });
    Ok(LeaseAnswer::Delegated { first, last, until: block.until })
}

/// Another term for the rack's block, while the rack serves its addresses and none of them is closed.
pub(in crate::apply::rack) fn extend_term(
    draft: &mut Draft,
    server: Server,
    first: IpAddr,
    terms: &Terms,
) -> Result<LeaseAnswer, Refusal> {
    let row = draft.state().get::<LeaseBlock>(&first).cloned().ok_or(Refusal::NotDelegated)?;
    let last = row.value.last;
    // Another server was here since the rack got it, and may have given its addresses to others.
    let mut closed = closed_ranges(draft.state(), row.value.subnet).iter();
    if closed.any(|closed| closed.start() <= last && first <= closed.end()) {
        return Err(Refusal::NotDelegated);
    }
    for end in [first, last] {
        let around = Around::of(draft.state(), end);
        around.check_given()?;
        check_concerned(draft.state(), server, &around)?;
    }
    let block = extend(&row.value.block, server, draft.now(), terms)?;
    let rests_until = block.until.after(terms.guard);
    draft.put(first, LeaseBlock { block, rests_until, ..row.value.clone() });
    Ok(LeaseAnswer::Delegated { first, last, until: block.until })
}

/// The rack gives its block back. What it gave from it was adopted before.
pub(in crate::apply::rack) fn take_back(
    draft: &mut Draft,
    (server, number): (Server, u64),
    first: IpAddr,
) -> Result<LeaseAnswer, Refusal> {
    let row = draft.state().get::<LeaseBlock>(&first).ok_or(Refusal::NotDelegated)?;
    let block = row.value.block;
    if block.server != server {
        return Err(Refusal::NotDelegated);
    }
    if number <= block.number {
        return Err(Refusal::Outdated { number, heard: block.number });
    }
    draft.state_mut().take::<LeaseBlock>(&first);
    Ok(LeaseAnswer::Done)
}

/// How many more addresses of a subnet blocks of a rack may take.
fn room_for_blocks(state: &State, server: Server, subnet: SubnetId) -> usize {
    let dynamic = ranges(state, subnet, IpRangeType::Dynamic);
    let dynamic: u128 = dynamic.map(|range| range.value.address_count()).sum();
    let (mut taken, mut own) = (0, 0);
    for (first, block) in blocks(state, subnet) {
        let range = AddressRange::new(first, block.last);
        let count = range.map_or(0, AddressRange::address_count);
        taken += count;
        own += if block.block.server.rack == server.rack { count } else { 0 };
    }
    let servers = service_of(state, subnet).map_or(1, |service| service.servers.len().max(1));
    let all = dynamic / BLOCKS_ONE_IN;
    let room = all.saturating_sub(taken).min(all.div_ceil(servers as u128).saturating_sub(own));
    usize::try_from(room).unwrap_or(usize::MAX)
}

/// The blocks of a subnet's dynamic ranges, by their first address.
fn blocks(state: &State, subnet: SubnetId) -> impl Iterator<Item = (IpAddr, &LeaseBlock)> {
    let dynamic = ranges(state, subnet, IpRangeType::Dynamic);
    let rows = dynamic.flat_map(|range| {
        let within = range.value.start_ip..=range.value.end_ip;
        state.tables().lease_blocks.range(within)
    });
    rows.map(|(first, row)| (*first, &row.value))
}

/// The first run of `wanted` addresses that may be delegated, or the longest there is.
fn longest_run(
    draft: &Draft,
    subnet: SubnetId,
    wanted: usize,
    terms: &Terms,
) -> Option<(IpAddr, IpAddr)> {
    let closed = closed_ranges(draft.state(), subnet);
    let is_open = |range: &IpRange| {
        let within = |closed: &AddressRange| {
            closed.contains(range.start_ip) && closed.contains(range.end_ip)
        };
        !closed.iter().any(within)
    };
    let dynamic = ranges(draft.state(), subnet, IpRangeType::Dynamic);
    let dynamic = dynamic.filter(|range| is_open(&range.value));
    let unused = dynamic.flat_map(|range| unused(draft.state(), &range.value)).take(LOOKED_AT_MAX);
    let (mut run, mut longest): (Option<Run>, Option<Run>) = (None, None);
    for address in unused {
        if longest.is_some_and(|longest| longest.count >= wanted) {
            break;
        }
        let around = Around::of(draft.state(), address);
        let is_delegable = around.standing().check_delegable(draft.now(), terms).is_ok();
        run = is_delegable.then(|| Run::up_to(address, run));
        let is_longer = |run: &Run| longest.is_none_or(|longest| longest.count < run.count);
        longest = run.filter(is_longer).or(longest);
    }
    longest.filter(|_| wanted > 0).map(|run| (run.first, run.last))
}

/// Addresses in a row.
#[derive(Clone, Copy)]
struct Run {
    first: IpAddr,
    last: IpAddr,
    count: usize,
}

impl Run {
    /// The run that ends with an address: the one before it, if that ends next to it, and longer by one.
    fn up_to(address: IpAddr, before: Option<Self>) -> Self {
        let before = before.filter(|run| next(run.last) == Some(address));
        before.map_or(Self { first: address, last: address, count: 1 }, |run| Self {
            last: address,
            count: run.count + 1,
            ..run
        })
    }
}
