//! What of another server's leases is still somebody's, at the moment from which they run on.

use crate::cli::import::foreign::lease::{Ends, ForeignLease, State};
use crate::cli::import::foreign::newest::Newest;
use regent_core::time::{Millis, WallTime};

/// A lease without an end: the longest time the protocol can say (RFC 2131 section 3.3).
pub const FOREVER_MILLIS: Millis = Millis::from_secs(0xffff_ffff);

/// What comes of a server's last word about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chosen {
    /// It is the client's for so long.
    Held {
        /// How long.
        remaining: Millis,
        /// How long ago the client was heard.
        age: Millis,
    },
    /// Somebody unknown uses it.
    InUse,
    /// It ran out before that moment.
    RunOut,
    /// It is nobody's.
    Free,
    /// Nobody knows whose it is.
    NoClient,
}

/// Judges a lease as of a moment.
#[must_use]
pub fn choose(lease: &ForeignLease, as_of: WallTime) -> Chosen {
    match lease.state {
        State::Free => Chosen::Free,
        State::InUse => Chosen::InUse,
        State::Held if !lease.is_live(as_of) => Chosen::RunOut,
        State::Held if lease.client().is_none() => Chosen::NoClient,
        State::Held => {
            let remaining = match lease.ends {
                Ends::At(ends) => between(as_of, ends).min(FOREVER_MILLIS),
                Ends::Never => FOREVER_MILLIS,
            };
            Chosen::Held { remaining, age: between(lease.heard, as_of) }
        }
    }
}

/// Leases without an end: whoever has one is better served with an address that is kept for it.
#[must_use]
pub fn without_end(newest: &Newest) -> usize {
    let held = newest.leases().filter(|lease| lease.state == State::Held);
    held.filter(|lease| lease.ends == Ends::Never).count()
}

/// The longest lease that server gives: that of the leases which still run, or, if none does, of all there ever were. Those
/// from before it was told to give shorter ones have run out one after the other.
#[must_use]
pub fn longest_lease(newest: &Newest, as_of: WallTime) -> Millis {
    let live = newest.leases().filter(|lease| lease.is_live(as_of));
    let longest = live.filter_map(ForeignLease::length).max();
    longest.or(newest.longest).unwrap_or_default()
}

fn between(from: WallTime, to: WallTime) -> Millis {
    Millis(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}
