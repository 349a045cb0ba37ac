//! When the rack asks for blocks, extends them and gives them back (rule R8): what it remembers for that. Which blocks it
//! has stands in its holdings.

use crate::duty::errand::BlockErrand;
use crate::lease::rack_time::RackTime;
use regent_core::id::SubnetId;
use regent_core::model::lease_block::BLOCK_ADDRESSES_MAX;
use regent_core::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// A block is extended this often, and asked for again when there was none.
pub const UPKEEP_MILLIS: Millis = Millis::from_secs(60);
/// A block that has too few free addresses left is changed for another one no sooner than this.
pub const CHANGE_MILLIS_MIN: Millis = Millis::from_secs(600);
/// No smaller block is asked for.
pub const BLOCK_ADDRESSES_MIN: usize = 32;

/// The upkeep of blocks.
#[derive(Clone, Debug, Default)]
pub struct Upkeep {
    tried: BTreeMap<BlockErrand, RackTime>,
    in_hand: BTreeSet<BlockErrand>,
    got: BTreeMap<SubnetId, RackTime>,
    newcomers: BTreeMap<SubnetId, Newcomers>,
}

/// New clients of a subnet, in this term and the one before.
#[derive(Clone, Copy, Debug)]
struct Newcomers {
    since: RackTime,
    clients: usize,
    clients_before: usize,
}

impl Upkeep {
    /// Whether the errand may be run: it is not under way, and its turn.
    #[must_use]
    pub fn is_due(&self, errand: BlockErrand, now: RackTime) -> bool {
        let rests = self.tried.get(&errand).is_some_and(|at| now < at.after(UPKEEP_MILLIS));
        !rests && !self.in_hand.contains(&errand)
    }

    /// The errand is under way.
    pub fn begin(&mut self, errand: BlockErrand, now: RackTime) {
        self.tried.retain(|_, at| now < at.after(UPKEEP_MILLIS));
        self.tried.insert(errand, now);
        self.in_hand.insert(errand);
    }

    /// The errand is done, well or not.
    pub fn end(&mut self, errand: BlockErrand) {
        self.in_hand.remove(&errand);
    }

    /// The errand came to nothing, through no fault of its own: it may be tried again at once.
    pub fn drop(&mut self, errand: BlockErrand) {
        self.in_hand.remove(&errand);
        self.tried.remove(&errand);
    }

    /// Whether a block has been asked for and there is no answer yet.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.in_hand.iter().any(|errand| matches!(errand, BlockErrand::Delegate { .. }))
    }

    /// A subnet has got a block.
    pub fn got(&mut self, subnet: SubnetId, now: RackTime) {
        self.got.insert(subnet, now);
    }

    /// Whether a subnet's block may be changed for another one.
    #[must_use]
    pub fn may_change(&self, subnet: SubnetId, now: RackTime) -> bool {
        self.got.get(&subnet).is_none_or(|at| at.after(CHANGE_MILLIS_MIN) <= now)
    }

    /// Counts a new client of a subnet; `term` is how long a block lasts.
    pub fn count(&mut self, subnet: SubnetId, term: Millis, now: RackTime) {
        let fresh = Newcomers { since: now, clients: 0, clients_before: 0 };
        let newcomers = self.newcomers.entry(subnet).or_insert(fresh);
        if newcomers.since.after(term) <= now {
            *newcomers = Newcomers { since: now, clients: 0, clients_before: newcomers.clients };
        }
        newcomers.clients += 1;
    }

    /// How many addresses a subnet's block should have: as many as new clients came in a term.
    #[must_use]
    pub fn wanted(&self, subnet: SubnetId) -> usize {
        let newcomers = self.newcomers.get(&subnet);
        let expected = newcomers.map_or(0, |count| count.clients.max(count.clients_before));
        expected.clamp(BLOCK_ADDRESSES_MIN, BLOCK_ADDRESSES_MAX)
    }

    /// Only these subnets are served.
    pub fn keep_only(&mut self, is_served: impl Fn(SubnetId) -> bool) {
        self.got.retain(|subnet, _| is_served(*subnet));
        self.newcomers.retain(|subnet, _| is_served(*subnet));
    }
}
