//! Blocks of a subnet: finding addresses for one, extending it, taking it back (rule R8).

use crate::apply::draft::Draft;
use crate::apply::rack::served::Around;
use crate::id::SubnetId;
use crate::lease::block::{delegate, extend};
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::lease_block::{BLOCK_ADDRESSES_MAX, LeaseBlock};
use crate::net::address_range::AddressRange;
use crate::outcome::LeaseAnswer;
use crate::query::network::ranges;
use crate::state::State;
use crate::state::used_addresses::next;
use std::net::IpAddr;

/// Addresses looked at for one block: more would make other entries wait.
const LOOKED_AT_MAX: usize = 2048;
/// Blocks of all racks together take one address in so many of a subnet's dynamic ranges.
const BLOCKS_ONE_IN: u128 = 5;

/// Gives the rack the longest run of free addresses there is, up to the number it wants.
pub(in crate::apply::rack) fn delegate_run(
    draft: &mut Draft,
    (server, number): (Server, u64),
    subnet: SubnetId,
    count: u32,
    terms: &Terms,
) -> Result<LeaseAnswer, Refusal> {
    forget_ended(draft, subnet, terms);
    let wanted = count.min(BLOCK_ADDRESSES_MAX).min(room_for_blocks(draft.state(), subnet));
    let (first, last) = longest_run(draft, subnet, wanted, terms).ok_or(Refusal::NoBlock)?;
    let block = delegate(server, number, draft.now(), terms);
    draft.put(first, LeaseBlock { subnet, last, block });
    Ok(LeaseAnswer::Delegated { first, last, until: block.until })
}

/// Another term for the rack's block.
pub(in crate::apply::rack) fn extend_term(
    draft: &mut Draft,
    server: Server,
    first: IpAddr,
    terms: &Terms,
) -> Result<LeaseAnswer, Refusal> {
    let row = draft.state().get::<LeaseBlock>(&first).cloned().ok_or(Refusal::NotDelegated)?;
    let block = extend(&row.value.block, server, draft.now(), terms)?;
    let last = row.value.last;
    draft.put(first, LeaseBlock { block, ..row.value.clone() });
    Ok(LeaseAnswer::Delegated { first, last, until: block.until })
}

/// The rack gives its block back. What it gave from it was adopted before.
pub(in crate::apply::rack) fn take_back(
    draft: &mut Draft,
    server: Server,
    first: IpAddr,
) -> Result<LeaseAnswer, Refusal> {
    let row = draft.state().get::<LeaseBlock>(&first);
    if row.is_none_or(|row| row.value.block.server != server) {
        return Err(Refusal::NotDelegated);
    }
    draft.state_mut().take::<LeaseBlock>(&first);
    Ok(LeaseAnswer::Done)
}

/// Blocks of a subnet whose racks have surely stopped hinder nobody any more.
fn forget_ended(draft: &mut Draft, subnet: SubnetId, terms: &Terms) {
    let now = draft.now();
    let ended = blocks(draft.state(), subnet)
        .filter(|(_, block)| block.block.until.after(terms.guard) <= now)
        .map(|(first, _)| first);
    for first in ended.collect::<Vec<_>>() {
        draft.state_mut().take::<LeaseBlock>(&first);
    }
}

fn blocks(state: &State, subnet: SubnetId) -> impl Iterator<Item = (IpAddr, &LeaseBlock)> {
    ranges(state, subnet, IpRangeType::Dynamic).flat_map(move |range| {
        let within = range.value.start_ip..=range.value.end_ip;
        let blocks = state.tables().lease_blocks.range(within);
        blocks.map(|(first, row)| (*first, &row.value))
    })
}

/// How many more addresses of a subnet blocks may take.
fn room_for_blocks(state: &State, subnet: SubnetId) -> u32 {
    let dynamic = ranges(state, subnet, IpRangeType::Dynamic);
    let dynamic: u128 = dynamic.map(|range| range.value.address_count()).sum();
    let taken = blocks(state, subnet)
        .filter_map(|(first, block)| AddressRange::new(first, block.last).ok())
        .map(AddressRange::address_count);
    let room = (dynamic / BLOCKS_ONE_IN).saturating_sub(taken.sum());
    u32::try_from(room).unwrap_or(u32::MAX)
}

/// The first run of `wanted` addresses that may be delegated, or the longest there is.
fn longest_run(
    draft: &Draft,
    subnet: SubnetId,
    wanted: u32,
    terms: &Terms,
) -> Option<(IpAddr, IpAddr)> {
    let dynamic = ranges(draft.state(), subnet, IpRangeType::Dynamic);
    let addresses = dynamic.flat_map(|range| addresses(&range.value)).take(LOOKED_AT_MAX);
    let (mut run, mut longest): (Option<Run>, Option<Run>) = (None, None);
    for address in addresses {
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

fn addresses(range: &IpRange) -> impl Iterator<Item = IpAddr> + use<> {
    let last = range.end_ip;
    std::iter::successors(Some(range.start_ip), |address| next(*address))
        .take_while(move |address| *address <= last)
}

/// Addresses in a row.
#[derive(Clone, Copy)]
struct Run {
    first: IpAddr,
    last: IpAddr,
    count: u32,
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
