//! Who may open a session now, who waits for that, and who is sent on.

use crate::grpc::goodbye::Goodbye;
use crate::grpc::limits::{OPENING_MAX, WAITING_MAX};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The queue in front of a node.
#[derive(Debug)]
pub struct Admission {
    /// Places for those who open a session and for those who wait.
    queue: Arc<Semaphore>,
    opening: Arc<Semaphore>,
}

/// Its holder's turn.
#[derive(Debug)]
pub struct Turn {
    _queue: tokio::sync::OwnedSemaphorePermit,
    _opening: tokio::sync::OwnedSemaphorePermit,
}

impl Default for Admission {
    fn default() -> Self {
        let room = |max| Arc::new(Semaphore::new(max));
        Self { queue: room(OPENING_MAX + WAITING_MAX), opening: room(OPENING_MAX) }
    }
}

impl Admission {
    /// Waits for a turn to open a session.
    ///
    /// # Errors
    /// [`Goodbye`] at once if too many wait.
    pub async fn turn(&self) -> Result<Turn, Goodbye> {
        let queue = Arc::clone(&self.queue).try_acquire_owned();
        let queue = queue.map_err(|_| Goodbye::elsewhere("too many racks come at once"))?;
        let opening = Arc::clone(&self.opening).acquire_owned().await;
        Ok(Turn { _queue: queue, _opening: opening.expect("the semaphore is never closed") })
    }
}

#[cfg(test)]
mod tests {
    use super::Admission;
    use crate::grpc::limits::{OPENING_MAX, WAITING_MAX};
    use futures::FutureExt as _;
    use regent_proto::rack::GoodbyeCode;

    #[test]
    fn so_many_open_so_many_wait_and_all_others_go_elsewhere() {
        let admission = Admission::default();
        let turn = || admission.turn();
        let open: Vec<_> = (0..OPENING_MAX).map(|_| turn().now_or_never().unwrap()).collect();
        let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| Box::pin(turn())).collect();
        assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
        let sent_on = turn().now_or_never().unwrap().unwrap_err();
        assert_eq!(sent_on.code, GoodbyeCode::GoodbyeElsewhere);
        drop(open);
        assert!(waiting.swap_remove(0).now_or_never().unwrap().is_ok());
    }
}
