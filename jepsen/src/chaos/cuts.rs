//! The cuts in force. Several may be; what is dropped is all of them together. One may drop a part of the packets only, or
//! have them come late.
//!
//! Who drops them is another room's affair.

use crate::chaos::ways::Way;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// What a cut drops that drops everything.
pub const ALL_PERCENT: u8 = 100;

/// One cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where.
    pub ways: BTreeSet<Way>,
    /// What becomes of what goes there.
    pub toll: Toll,
}

/// What becomes of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toll {
    /// So many of a hundred are dropped.
    Lost(u8),
    /// Each comes late, by up to so many milliseconds.
    Late(u32),
}

/// Somebody who drops packets.
pub trait Scissors {
    /// Drops from now on what these cuts say, and nothing else.
    ///
    /// # Errors
    /// If that cannot be done.
    fn enforce(&self, cuts: &[Cut]) -> anyhow::Result<()>;
}

/// The cuts in force.
pub struct Cuts {
    scissors: Box<dyn Scissors>,
    next: Cell<u64>,
    in_force: RefCell<BTreeMap<u64, Cut>>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutId(u64);

impl Cuts {
    /// None yet.
    ///
    /// # Errors
    /// If this machine cannot drop packets.
    pub fn with(scissors: Box<dyn Scissors>) -> anyhow::Result<Self> {
        let cuts = Self { scissors, next: Cell::new(0), in_force: RefCell::default() };
        cuts.enforce()?;
        Ok(cuts)
    }

    /// Takes this toll of what goes these ways, whatever else is cut.
    ///
    /// # Errors
    /// If that cannot be done; then it is not.
    pub fn cut(&self, ways: BTreeSet<Way>, toll: Toll) -> anyhow::Result<CutId> {
        let id = CutId(self.next.replace(self.next.get() + 1));
        self.in_force.borrow_mut().insert(id.0, Cut { ways, toll });
        self.enforce().inspect_err(|_| drop(self.in_force.borrow_mut().remove(&id.0)))?;
        Ok(id)
    }

    /// Ends one.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn mend(&self, id: CutId) -> anyhow::Result<()> {
        self.in_force.borrow_mut().remove(&id.0);
        self.enforce()
    }

    /// Ends all.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn mend_all(&self) -> anyhow::Result<()> {
        self.in_force.borrow_mut().clear();
        self.enforce()
    }

    fn enforce(&self) -> anyhow::Result<()> {
        let cuts: Vec<_> = self.in_force.borrow().values().cloned().collect();
        self.scissors.enforce(&cuts)
    }
}
