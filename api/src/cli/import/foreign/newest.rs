//! The last word about each address, from all files together.
//!
//! The newer record wins: the one in which the client was heard later. Of two from the same moment the later one of one
//! server's journal wins; of two servers' (a failover pair) the one that ends later, since the client may know of that one.

use crate::cli::import::foreign::error::ForeignError;
use crate::cli::import::foreign::lease::{Ends, ForeignLease, State};
use crate::cli::import::oddity::{Oddities, Oddity};
use regent_core::time::{Millis, WallTime};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Addresses whose leases are held.
pub const ADDRESSES_MAX: usize = 1 << 20;

/// What is known.
#[derive(Debug, Default, PartialEq)]
pub struct Newest {
    leases: BTreeMap<Ipv4Addr, (u32, ForeignLease)>,
    journal: u32,
    /// Records that were read.
    pub records: u64,
    /// Records that make no sense.
    pub oddities: Oddities,
    /// The last moment at which a client was heard.
    pub as_of: Option<WallTime>,
    /// The longest lease that was given to anybody but for good.
    pub longest: Option<Millis>,
}

impl Newest {
    /// What comes now is of another server than what came before.
    pub const fn begin_journal(&mut self) {
        self.journal += 1;
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`ForeignError::TooMany`].
    pub fn add(&mut self, lease: ForeignLease) -> Result<(), ForeignError> {
        self.records += 1;
        self.as_of = self.as_of.max(Some(lease.heard));
        if lease.state == State::Held {
            self.longest = self.longest.max(lease.length());
        }
        if let Some((journal, last)) = self.leases.get(&lease.address) {
            let is_later = *journal == self.journal || last.ends <= lease.ends;
            if lease.heard < last.heard || (lease.heard == last.heard && !is_later) {
                return Ok(());
            }
        } else if self.leases.len() >= ADDRESSES_MAX {
            return Err(ForeignError::TooMany { addresses_max: ADDRESSES_MAX });
        }
        self.leases.insert(lease.address, (self.journal, lease));
        Ok(())
    }

    /// Notes a record that makes no sense.
    pub fn odd(&mut self, oddity: Oddity) {
        self.oddities.push(oddity);
    }

    /// The last word about each address, in order.
    pub fn leases(&self) -> impl Iterator<Item = &ForeignLease> {
        self.leases.values().map(|(_, lease)| lease)
    }
}

impl ForeignLease {
    /// Whether it is still somebody's at a moment.
    #[must_use]
    pub fn is_live(&self, at: WallTime) -> bool {
        match (self.state, self.ends) {
            (State::Held, Ends::At(ends)) => at < ends,
            (State::Held, Ends::Never) => true,
            (State::InUse | State::Free, _) => false,
        }
    }
}
