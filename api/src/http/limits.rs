//! How much the face takes on at once. What is over a bound is refused at once, not queued.

use crate::http::problem::{Problem, ProblemKind};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests being answered at the same time.
pub const IN_FLIGHT_MAX: usize = 2048;
/// Open change feeds.
pub const WATCHERS_MAX: usize = 1024;
/// Lists being filtered, sorted or counted at the same time; each may look at every object of its noun.
pub const SCANS_MAX: usize = 4;

/// The room there is.
#[derive(Debug)]
pub struct Limits {
    in_flight: Arc<Semaphore>,
    watchers: Arc<Semaphore>,
    watchers_max: usize,
    scans: Arc<Semaphore>,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(IN_FLIGHT_MAX, WATCHERS_MAX)
    }
}

impl Limits {
    /// Limits other than the shipped ones.
    #[must_use]
    pub fn new(in_flight_max: usize, watchers_max: usize) -> Self {
        let room = |max| Arc::new(Semaphore::new(max));
        Self {
            in_flight: room(in_flight_max),
            watchers: room(watchers_max),
            watchers_max,
            scans: room(SCANS_MAX),
        }
    }

    /// Room for one request.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub fn request(&self) -> Result<OwnedSemaphorePermit, Problem> {
        take(&self.in_flight, "requests are being answered by this node")
    }

    /// Room for one change feed.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub fn watcher(&self) -> Result<OwnedSemaphorePermit, Problem> {
        take(&self.watchers, "change feeds are open on this node")
    }

    /// Room for one look at every object of a noun; waits for it.
    pub async fn scan(&self) -> OwnedSemaphorePermit {
        let permit = Arc::clone(&self.scans).acquire_owned().await;
        permit.expect("the semaphore is never closed")
    }

    /// Open change feeds.
    #[must_use]
    pub fn watchers_open(&self) -> usize {
        self.watchers_max.saturating_sub(self.watchers.available_permits())
    }
}

fn take(room: &Arc<Semaphore>, what: &str) -> Result<OwnedSemaphorePermit, Problem> {
    let full = |_| Problem::new(ProblemKind::Overloaded, format!("as many as may: {what}"));
    Arc::clone(room).try_acquire_owned().map_err(full)
}
