//! Addresses that are being tried on the wire (rule R14). No safety rests on it: what takes too long is forgotten.

use crate::dhcp::action::Trial;
use crate::dhcp::recent::memory::Memory;
use crate::duty::event::{ProbeId, WireId};
use crate::lease::rack_time::RackTime;
use regent_core::id::VlanId;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// Trials under way at most; the oldest is forgotten first.
pub const TRIALS_MAX: usize = 1_024;
/// A trial that has no result after this is forgotten.
pub const TRIAL_MILLIS_MAX: Millis = Millis::from_secs(10);

/// Why an address is tried.
#[derive(Clone, Debug)]
pub enum Trying {
    /// To offer it.
    ToOffer {
        /// The offer.
        trial: Box<Trial>,
        /// Where it goes.
        wire: WireId,
    },
    /// To have it ready.
    Ahead {
        /// The VLAN.
        vlan: VlanId,
        /// The address.
        address: Ipv4Addr,
    },
}

/// Trials under way.
#[derive(Clone, Debug)]
pub struct Trials {
    under_way: Memory<ProbeId, Trying>,
    addresses: Memory<Ipv4Addr, ()>,
    last: ProbeId,
    untried: u64,
}

impl Default for Trials {
    fn default() -> Self {
        let under_way = Memory::new(TRIALS_MAX, TRIAL_MILLIS_MAX);
        let addresses = Memory::new(TRIALS_MAX, TRIAL_MILLIS_MAX);
        Self { under_way, addresses, last: ProbeId(0), untried: 0 }
    }
}

impl Trials {
    /// Nobody waits for the trials under way any more. Their ids stay used: what they find may still come.
    pub fn forget(&mut self) {
        *self = Self { last: self.last, untried: self.untried, ..Self::default() };
    }

    /// An address that should have been tried could not be.
    pub fn count_untried(&mut self) {
        self.untried += 1;
    }

    /// How many there were of these since the process began.
    #[must_use]
    pub const fn untried(&self) -> u64 {
        self.untried
    }

    /// Begins a trial of an address.
    pub fn begin(&mut self, address: Ipv4Addr, trying: Trying, now: RackTime) -> ProbeId {
        self.last = ProbeId(self.last.0 + 1);
        self.under_way.put(self.last, trying, now);
        self.addresses.put(address, (), now);
        self.last
    }

    /// A trial is over. None if nobody waits for it.
    pub fn end(&mut self, id: ProbeId, now: RackTime) -> Option<Trying> {
        self.under_way.get(&id, now)?;
        let trying = self.under_way.remove(&id)?;
        let address = match &trying {
            Trying::ToOffer { trial, .. } => trial.address,
            Trying::Ahead { address, .. } => *address,
        };
        self.addresses.remove(&address);
        Some(trying)
    }

    /// Whether an address is being tried.
    #[must_use]
    pub fn is_tried(&self, address: Ipv4Addr, now: RackTime) -> bool {
        self.addresses.get(&address, now).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Trials, Trying};
    use crate::lease::rack_time::RackTime;
    use regent_core::id::VlanId;
    use std::net::Ipv4Addr;

    #[test]
    fn finding_of_a_trial_that_was_forgotten_is_not_taken_for_that_of_a_later_one() {
        let (mut trials, now) = (Trials::default(), RackTime(1_000));
        let trying =
            |last| Trying::Ahead { vlan: VlanId(1), address: Ipv4Addr::new(10, 0, 0, last) };
        let first = trials.begin(Ipv4Addr::new(10, 0, 0, 1), trying(1), now);
        trials.forget();
        let second = trials.begin(Ipv4Addr::new(10, 0, 0, 2), trying(2), now);
        assert!(trials.end(first, now).is_none());
        assert!(trials.end(second, now).is_some());
    }
}
