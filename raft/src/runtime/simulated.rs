//! Whether a thread simulates, and the chance it has if so.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::cell::RefCell;
use std::marker::PhantomData;

thread_local! {
    static SEEDED: RefCell<Option<StdRng>> = const { RefCell::new(None) };
}

/// As long as this lives, all that this crate does on this thread is simulated.
#[derive(Debug)]
pub struct Simulated {
    /// It is this thread that simulates, and no other.
    stays_here: PhantomData<*const ()>,
}

impl Simulated {
    /// Begins a simulation in which all chance comes from `seed`.
    ///
    /// # Panics
    /// When this thread simulates already.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let before = SEEDED.replace(Some(StdRng::seed_from_u64(seed)));
        assert!(before.is_none(), "one simulation at a time on one thread");
        Self { stays_here: PhantomData }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        SEEDED.set(None);
    }
}

/// Whether this thread simulates.
#[must_use]
pub fn is_simulated() -> bool {
    SEEDED.with_borrow(Option::is_some)
}

/// What `draw` takes from the simulation's chance; nothing outside of one.
pub(crate) fn draw<T>(draw: impl FnOnce(&mut StdRng) -> T) -> Option<T> {
    SEEDED.with_borrow_mut(|seeded| seeded.as_mut().map(draw))
}
