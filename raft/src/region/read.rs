//! Reading: how fresh, and the root that is (DESIGN D7). Lease reads are not offered: a restarted voter has no memory
//! of the lease it granted.

use crate::error::ReadError;
use crate::region::handle::{Region, Shared};
use crate::runtime::elapsed;
use crate::state_machine::published::Published;
use openraft::raft::ReadPolicy;
use regent_core::planted::{self, Planted};
use regent_core::revision::Revision;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout_at};

/// Pause before the next leader is asked.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

impl Region {
    /// The state with everything in it that was acknowledged before this call.
    ///
    /// # Errors
    /// [`ReadError::NoLeader`] if nobody confirmed that by `deadline`.
    pub async fn linearizable(&self, deadline: Instant) -> Result<Arc<Published>, ReadError> {
        let index = self.shared.read_index(deadline).await?;
        self.shared.reached(deadline, |progress| progress.index >= index).await
    }

    /// The state at `revision` or later.
    ///
    /// # Errors
    /// [`ReadError::NotReached`] if this node is not there by `deadline`; [`ReadError::Stopping`] if it may not serve.
    pub async fn at_least(
        &self,
        revision: Revision,
        deadline: Instant,
    ) -> Result<Arc<Published>, ReadError> {
        self.shared.refuse_if_excluded()?;
        let published = self.shared.reached(deadline, |progress| progress.revision >= revision);
        published.await
    }

    /// Waits until this node has once held all that was acknowledged before this call, however long that takes. Where no
    /// leader can be asked, or is lost for as long as `patience`, it waits no longer: nobody can tell then what it misses.
    pub async fn caught_up(&self, patience: Duration) {
        let deadline = || elapsed::now() + patience;
        let Ok(index) = self.shared.read_index(deadline()).await else { return };
        while let Err(ReadError::NotReached { .. }) =
            self.shared.reached(deadline(), |progress| progress.index >= index).await
        {
            if self.last_contact().is_none_or(|age| age > patience) {
                return;
            }
        }
    }

    /// The state this node has, if all that was committed `max_age` ago is in it, as far as this node can tell.
    ///
    /// # Errors
    /// [`ReadError::TooStale`]; [`ReadError::AgeUnknown`]; [`ReadError::Stopping`] if this node may not serve.
    pub fn stale(&self, max_age: Option<Duration>) -> Result<Arc<Published>, ReadError> {
        self.shared.refuse_if_excluded()?;
        let Some(max_age) = max_age else { return Ok(self.published()) };
        match self.state_age() {
            Some(age) if age <= max_age => Ok(self.published()),
            Some(age) => Err(ReadError::TooStale { age }),
            None => Err(ReadError::AgeUnknown),
        }
    }
}

impl Shared {
    /// What a node holds that was removed, or that differs from the others, is nobody's truth.
    fn refuse_if_excluded(&self) -> Result<(), ReadError> {
        if self.excluded.get().is_some() { Err(ReadError::Stopping) } else { Ok(()) }
    }

    /// The index a read that begins now must wait for, from whoever leads.
    async fn read_index(&self, deadline: Instant) -> Result<u64, ReadError> {
        loop {
            if self.stopping.is_cancelled() {
                return Err(ReadError::Stopping);
            }
            if let Some(index) = self.ask_read_index(deadline).await {
                return Ok(index);
            }
            if elapsed::now() + RETRY_PAUSE >= deadline {
                return Err(ReadError::NoLeader);
            }
            sleep(RETRY_PAUSE).await;
        }
    }

    async fn ask_read_index(&self, deadline: Instant) -> Option<u64> {
        let leadership = self.leadership();
        if leadership.is_leader {
            return self.own_read_index(deadline).await;
        }
        let leader = leadership.leader?;
        let address = self.peer_address(leader)?;
        let patience = deadline.saturating_duration_since(elapsed::now());
        tokio::select! {
            biased;
            // Whatever went wrong, asking again is always allowed.
            answer = self.calls.read_index(&address, patience) => answer.ok(),
            () = self.another_leads(leader) => None,
        }
    }

    /// The read index of this node as leader, confirmed by a quorum.
    pub(crate) async fn own_read_index(&self, deadline: Instant) -> Option<u64> {
        if planted::is(Planted::ReadWithoutReadIndex) {
            return Some(self.publisher.load().applied_index());
        }
        let confirmed = self.raft.get_read_linearizer(ReadPolicy::ReadIndex);
        let linearizer = timeout_at(deadline.into(), confirmed).await.ok()?.ok()?;
        Some(linearizer.read_log_id().index())
    }

    async fn reached(
        &self,
        deadline: Instant,
        enough: impl Fn(&crate::state_machine::published::Progress) -> bool,
    ) -> Result<Arc<Published>, ReadError> {
        let mut progress = self.publisher.progress();
        match timeout_at(deadline.into(), progress.wait_for(enough)).await {
            Ok(Ok(_)) => Ok(self.publisher.load()),
            Ok(Err(_)) => Err(ReadError::Stopping),
            Err(_) => {
                let revision = self.publisher.load().state.meta().revision.0;
                Err(ReadError::NotReached { revision })
            }
        }
    }
}
