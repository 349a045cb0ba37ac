//! Looks after the rack's blocks: one for each subnet it serves with a dynamic range (rule R8).

use crate::dhcp::holding::OwnBlock;
use crate::duty::disk::After;
use crate::duty::errand::{BlockErrand, Errand};
use crate::duty::machine::Duty;
use regent_core::id::{SubnetId, VlanId};
use regent_core::model::lease_block::BLOCK_ADDRESSES_MAX;
use regent_core::net::address_range::AddressRange;
use regent_core::net::cidr::Cidr;
use std::net::{IpAddr, Ipv4Addr};

impl Duty {
    /// Drops blocks that have ended, then asks for what is due. Only while it serves, so that all that was given from a
    /// block is told before it goes back.
    pub(in crate::duty) fn look_after_blocks(&mut self) {
        let now = self.now;
        let has_ended = |block: &OwnBlock| block.deadline <= now;
        if self.book.holdings.blocks.iter().any(has_ended) {
            self.book.holdings.blocks.retain(|block| !has_ended(block));
            self.write_blocks();
        }
        let is_current = self.epoch == self.site.place().map(|place| place.epoch);
        if !is_current || !self.line.is_serving() {
            return;
        }
        for block in self.book.holdings.blocks.clone() {
            self.look_after_block(&block);
        }
        self.return_unknown_blocks();
        self.ask_for_blocks();
    }

    fn look_after_block(&mut self, block: &OwnBlock) {
        let Some(first) = first_of(&block.range) else { return };
        let served = self.site.subnet_of(first).filter(|subnet| subnet.is_dynamic(first));
        let is_worn = served.is_none_or(|subnet| self.is_worn(subnet.id, &block.range));
        if is_worn && !self.owes_lease_in(&block.range) {
            self.let_go_of_block(first);
        } else {
            self.run(BlockErrand::Extend(first));
        }
    }

    /// Whether so few addresses of the block are free that another one is wanted.
    fn is_worn(&self, subnet: SubnetId, range: &AddressRange) -> bool {
        if !self.upkeep.may_change(subnet, self.now) {
            return false;
        }
        let is_free = |address: &Ipv4Addr| self.book.holdings.at(*address).is_none();
        let free = addresses_of(range).filter(is_free).count();
        let size = usize::try_from(range.address_count()).unwrap_or(usize::MAX);
        free < size.min(self.upkeep.wanted(subnet)) / 2
    }

    fn owes_lease_in(&self, range: &AddressRange) -> bool {
        let ends = (first_of(range), range.nth(range.address_count().saturating_sub(1)));
        match ends {
            (Some(first), Some(IpAddr::V4(last))) => self.debts.owes_lease_between(first, last),
            (_, _) => false,
        }
    }

    /// The block that the region has granted, or granted anew. Its addresses are kept for when the region is away, and so
    /// are those that were tried before for whoever comes next.
    pub(in crate::duty) fn hold_block(&mut self, block: OwnBlock) {
        for address in addresses_of(&block.range) {
            self.book.tried.remove(&address);
        }
        let held = &mut self.book.holdings.blocks;
        match held.iter_mut().find(|held| held.range == block.range) {
            Some(held) => held.deadline = held.deadline.max(block.deadline),
            None => held.push(block),
        }
        self.write_blocks();
    }

    /// Gives nothing more from the block, durably, then gives it back. As long as something that was given from it is not
    /// told, it stays with the region as this rack's.
    pub(in crate::duty) fn let_go_of_block(&mut self, first: Ipv4Addr) {
        let held = &mut self.book.holdings.blocks;
        let place = held.iter().position(|block| first_of(&block.range) == Some(first));
        let Some(block) = place.map(|place| held.remove(place)) else { return };
        self.write_blocks();
        let back = BlockErrand::Return(first);
        if self.upkeep.is_due(back, self.now) && !self.owes_lease_in(&block.range) {
            self.upkeep.begin(back, self.now);
            self.disk.then(After::Send(Errand::Block(back)));
        }
    }

    /// The region may have blocks down for this rack that it does not hold: those it asked for and heard no answer, and
    /// those it gave up in another boot.
    fn return_unknown_blocks(&mut self) {
        if self.upkeep.is_asking() {
            return;
        }
        // By its first address a block is named: what the view says may be old, and mean one that is held again since.
        let is_strange = |range: &&AddressRange| {
            let held = first_of(range).and_then(|first| self.book.holdings.block_of(first));
            held.is_none() && !self.owes_lease_in(range)
        };
        let strange = self.site.own_blocks().filter(is_strange).filter_map(first_of);
        for first in strange.collect::<Vec<_>>() {
            self.run(BlockErrand::Return(first));
        }
    }

    fn ask_for_blocks(&mut self) {
        if self.site.any_wire().is_none() {
            return;
        }
        for (vlan, subnet) in self.subnets_without_block() {
            self.run(BlockErrand::Delegate { vlan, subnet });
        }
    }

    fn subnets_without_block(&self) -> Vec<(VlanId, SubnetId)> {
        let held = &self.book.holdings.blocks;
        let vlans = self.site.view().vlans();
        let subnets = vlans.flat_map(|vlan| vlan.subnets.iter().map(move |subnet| (vlan, subnet)));
        let is_without = |cidr: &Cidr| {
            !held
                .iter()
                .filter_map(|block| first_of(&block.range))
                .any(|first| cidr.contains(first.into()))
        };
        subnets
            .filter(|(_, subnet)| !subnet.ranges.is_empty() && is_without(&subnet.cidr))
            .map(|(vlan, subnet)| (vlan.id, subnet.id))
            .collect()
    }

    fn run(&mut self, errand: BlockErrand) {
        if self.upkeep.is_due(errand, self.now) && self.outbox.push(Errand::Block(errand)).is_ok() {
            self.upkeep.begin(errand, self.now);
        }
    }
}

/// The addresses of a block, of which there are few.
fn addresses_of(range: &AddressRange) -> impl Iterator<Item = Ipv4Addr> + '_ {
    let addresses = (0..range.address_count()).filter_map(|place| range.nth(place));
    addresses.take(BLOCK_ADDRESSES_MAX).filter_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    })
}

fn first_of(range: &AddressRange) -> Option<Ipv4Addr> {
    match range.nth(0)? {
        IpAddr::V4(first) => Some(first),
        IpAddr::V6(_) => None,
    }
}
