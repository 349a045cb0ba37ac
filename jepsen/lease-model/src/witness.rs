//! What happened at least once while the model was explored: a model in which nothing happens proves nothing.

use std::sync::atomic::{AtomicU32, Ordering};

/// Something that has to be possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Witness {
    /// A host got an address the region committed.
    GotByCommit,
    /// A host got an address out of a rack's block.
    GotFromBlock,
    /// A rack renewed a lease without the region.
    RenewedAlone,
    /// A host's lease was renewed by another rack.
    MovedToOtherRack,
    /// An address went from one host to another.
    PassedOn,
    /// The region learnt of a lease a rack gave alone.
    Adopted,
    /// A right given up was told.
    Relinquished,
    /// A host gave its address back.
    Released,
    /// A block got another term.
    Extended,
    /// After a restore an address was given to somebody new again.
    QuarantineEnded,
}

impl Witness {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::GotByCommit,
        Self::GotFromBlock,
        Self::RenewedAlone,
        Self::MovedToOtherRack,
        Self::PassedOn,
        Self::Adopted,
        Self::Relinquished,
        Self::Released,
        Self::Extended,
        Self::QuarantineEnded,
    ];

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What was seen so far, by all threads.
#[derive(Debug, Default)]
pub struct Witnessed(AtomicU32);

impl Witnessed {
    /// It happened.
    pub fn note(&self, witness: Witness) {
        // A plain load first: the bit is almost always set, and threads share the line.
        if !self.has(witness) {
            self.0.fetch_or(witness.bit(), Ordering::Relaxed);
        }
    }

    /// Whether it happened.
    #[must_use]
    pub fn has(&self, witness: Witness) -> bool {
        self.0.load(Ordering::Relaxed) & witness.bit() != 0
    }
}
