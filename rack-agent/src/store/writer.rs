//! The thread that writes: everything that waits goes into one transaction, and is durable together.
//!
//! An error ends it for good: what the disk holds is in doubt then, and finding out is the next start's affair.

use crate::remembered::Write;
use crate::store::records::Records;
use crate::store::state_dir::StateDir;
use crate::store::trouble::StoreError;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};

/// Most sends that wait to be written. Whoever sends keeps to a lower bound of its own.
pub const WAITING_SENDS_MAX: usize = 8192;
/// No more is added to a transaction that has this many writes.
pub const GROUP_WRITES_MAX: usize = 4096;

/// Where writes are sent to. Dropping it waits until all that was sent is written and the database is closed.
#[derive(Debug)]
pub struct Writer {
    queue: Option<mpsc::Sender<Sent>>,
    thread: Option<JoinHandle<()>>,
}

/// Up to where everything is durable.
#[derive(Debug)]
pub struct Progress {
    state: watch::Receiver<State>,
}

/// Why a send was not taken. Nothing of it was or will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// More than [`WAITING_SENDS_MAX`] wait already: the disk is too slow.
    #[error("too much waits to be written")]
    Full,
    /// The writer has ended; [`Progress::further`] says why.
    #[error("the writer has ended")]
    Ended,
}

#[derive(Debug)]
struct Sent {
    id: u64,
    writes: Vec<Write>,
}

#[derive(Clone, Debug, Default)]
struct State {
    durable: Option<u64>,
    failed: Option<Arc<StoreError>>,
}

impl Writer {
    pub(crate) fn start(
        directory: StateDir,
        records: Records,
    ) -> std::io::Result<(Self, Progress)> {
        let (queue, waiting) = mpsc::channel(WAITING_SENDS_MAX);
        let (tell, state) = watch::channel(State::default());
        let thread = std::thread::Builder::new().name("records".into()).spawn(move || {
            write_all(&records, waiting, &tell);
            // In this order: the next process finds a database that is closed.
            drop(records);
            drop(directory);
        })?;
        Ok((Self { queue: Some(queue), thread: Some(thread) }, Progress { state }))
    }

    /// Has these written, all or none, in the order of sends. `id` is told back by [`Progress::further`] when they are
    /// durable; ids only grow.
    ///
    /// # Errors
    /// [`NotTaken`]; never waits.
    pub fn send(&self, id: u64, writes: Vec<Write>) -> Result<(), NotTaken> {
        let queue = self.queue.as_ref().ok_or(NotTaken::Ended)?;
        queue.try_send(Sent { id, writes }).map_err(|error| match error {
            TrySendError::Full(_) => NotTaken::Full,
            TrySendError::Closed(_) => NotTaken::Ended,
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        // If it panicked, `Progress` says so.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Progress {
    /// Waits until more is durable than it said before; the id of the last send that is, and all before it are too. May
    /// be dropped half-way without missing anything.
    ///
    /// # Errors
    /// Why nothing more will ever be durable: the writer failed, or was closed and all has been told.
    pub async fn further(&mut self) -> Result<u64, Arc<StoreError>> {
        let is_over = self.state.changed().await.is_err();
        let State { durable, failed } = self.state.borrow_and_update().clone();
        match (failed, durable) {
            (Some(error), _) => Err(error),
            (None, Some(id)) if !is_over => Ok(id),
            (None, Some(_) | None) => Err(Arc::new(StoreError::Ended)),
        }
    }
}

fn write_all(records: &Records, mut waiting: mpsc::Receiver<Sent>, tell: &watch::Sender<State>) {
    while let Some(first) = waiting.blocking_recv() {
        let Sent { id, writes } = with_all_that_waits(first, &mut waiting);
        match records.write(&writes) {
            Ok(()) => tell.send_modify(|state| state.durable = Some(id)),
            Err(error) => {
                tell.send_modify(|state| state.failed = Some(Arc::new(error)));
                return;
            }
        }
    }
}

fn with_all_that_waits(first: Sent, waiting: &mut mpsc::Receiver<Sent>) -> Sent {
    let mut group = first;
    while group.writes.len() < GROUP_WRITES_MAX
        && let Ok(next) = waiting.try_recv()
    {
        group.id = next.id;
        group.writes.extend(next.writes);
    }
    group
}
