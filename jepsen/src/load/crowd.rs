//! All clients together.

use crate::load::client::{Client, Door};
use crate::load::intent::Weight;
use crate::load::meter::Meter;
use crate::load::record::WriteRecord;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Clients that write at the same time.
pub const CLIENTS: usize = 32;

/// A load that is on. It has a thread of its own, so that what happens to the nodes does not hold it up.
pub struct Crowd {
    /// What is known of it while it runs.
    pub meter: Arc<Meter>,
    stop: watch::Sender<bool>,
    clients: Vec<JoinHandle<Vec<WriteRecord>>>,
    runtime: Option<Runtime>,
}

impl Crowd {
    /// Starts all clients, the heavy ones among them as heavy as `heaviest`. Those of the `generation`th crowd of a
    /// cluster bear other numbers than those before, and so do all their writes.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn start(doors: &[Door], generation: usize, heaviest: Weight) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("clients")
            .enable_all()
            .build()?;
        let (stop, stopped) = watch::channel(false);
        let meter = Arc::new(Meter::start(doors.len()));
        let mut clients = Vec::with_capacity(CLIENTS);
        for number in generation * CLIENTS..(generation + 1) * CLIENTS {
            let client = Client::new(number, CLIENTS, heaviest, doors, &meter)?;
            clients.push(runtime.spawn(client.write(stopped.clone())));
        }
        Ok(Self { meter, stop, clients, runtime: Some(runtime) })
    }

    /// Ends the load, waits for the writes on their way, and tells all of them.
    ///
    /// # Errors
    /// When a client panicked.
    pub async fn end(mut self) -> anyhow::Result<Vec<WriteRecord>> {
        self.stop.send_replace(true);
        let mut records = Vec::new();
        for client in std::mem::take(&mut self.clients) {
            records.extend(client.await?);
        }
        Ok(records)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // Not waited for: the runtime may not block inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
