//! What clients do beside the load of `load` while faults are done, each noting its operations for the history.
//!
//! Floors, lowest first: [`session`] (a sequential client of a history), [`reply`] (one HTTP request), [`packet`] (one of DNS),
//! [`place`] (the objects all this is about), then those who work: [`register`] (reads, writes, compares-and-sets), [`tenant`] (takes
//! addresses and gives them back), [`resolver`] (asks name services), [`watcher`] (follows changes), [`observer`] (who leads, what arrived).

pub mod observer;
pub mod packet;
pub mod place;
pub mod register;
pub mod reply;
pub mod resolver;
pub mod session;
pub mod tenant;
pub mod watcher;

use crate::chaos::dice::Dice;
use crate::chaos::workload::observer::Observer;
use crate::chaos::workload::place::Ground;
use crate::chaos::workload::register::RegisterClient;
use crate::chaos::workload::resolver::Resolver;
use crate::chaos::workload::session::Session;
use crate::chaos::workload::tenant::Tenant;
use crate::chaos::workload::watcher::Watcher;
use crate::load::meter::Meter;
use regent_check::history::line::{Note, Operation, Phase};
use reqwest::Client;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Clients of registers, and tenants.
const REGISTER_CLIENTS: u64 = 8;
const TENANTS: u64 = 3;
/// The first numbers of their sessions, and of those of one a node. The maker of the ground has the first of all.
const FIRST_CLIENT: u64 = 1;
const FIRST_TENANT: u64 = 100;
const FIRST_RESOLVER: u64 = 200;
const FIRST_WATCHER: u64 = 300;
const LAST_READER: u64 = 400;

/// A workload that is on. It has a thread of its own, so that what happens to the nodes does not hold it up.
pub struct Workload {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<Vec<Operation>>>,
    observers: Vec<JoinHandle<Vec<Note>>>,
    runtime: Option<Runtime>,
}

impl Workload {
    /// Starts all of it.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn start(ground: &Arc<Ground>, seed: u64, meter: &Arc<Meter>) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("workload")
            .enable_all()
            .build()?;
        let (stop, stopped) = watch::channel(false);
        let mut dice = Dice::new(seed);
        let session = |number| Session::new(number, Arc::clone(meter), Phase::UnderFaults);
        let ground = || Arc::clone(ground);
        let (mut tasks, mut observers) = (Vec::new(), Vec::new());
        for number in 0..REGISTER_CLIENTS {
            let (own, session) = (Dice::new(dice.number()), session(FIRST_CLIENT + number));
            let client = RegisterClient::new(number, ground(), client()?, own, session);
            tasks.push(runtime.spawn(client.work(stopped.clone())));
        }
        for number in 0..TENANTS {
            let (own, session) = (Dice::new(dice.number()), session(FIRST_TENANT + number));
            let tenant = Tenant::new(number, ground(), client()?, own, session);
            tasks.push(runtime.spawn(tenant.work(stopped.clone())));
        }
        for (number, node) in (0..).zip(0..ground().nodes.len()) {
            let (own, asking) = (Dice::new(dice.number()), session(FIRST_RESOLVER + number));
            let resolver = Resolver { node, ground: ground(), dice: own, session: asking };
            tasks.push(runtime.spawn(resolver.work(stopped.clone())));
            let (http, session) = (client()?, session(FIRST_WATCHER + number));
            let own = Dice::new(dice.number());
            let watcher = Watcher { node, ground: ground(), http, dice: own, session };
            tasks.push(runtime.spawn(watcher.work(stopped.clone())));
            let (place, meter) = (ground().nodes[node].clone(), Arc::clone(meter));
            let observer = Observer { place, http: client()?, meter };
            observers.push(runtime.spawn(observer.work(stopped.clone())));
        }
        Ok(Self { stop, tasks, observers, runtime: Some(runtime) })
    }

    /// Ends it, waits for what is on its way, and tells all operations, and what was seen beside them.
    ///
    /// # Errors
    /// When somebody panicked.
    pub async fn end(mut self) -> anyhow::Result<(Vec<Operation>, Vec<Note>)> {
        self.stop.send_replace(true);
        let (mut done, mut seen) = (Vec::new(), Vec::new());
        for task in std::mem::take(&mut self.tasks) {
            done.extend(task.await?);
        }
        for observer in std::mem::take(&mut self.observers) {
            seen.extend(observer.await?);
        }
        Ok((done, seen))
    }
}

impl Drop for Workload {
    fn drop(&mut self) {
        // Not waited for: the runtime may not block inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Looks at every register and the small subnet at every node, when the last fault is healed.
///
/// # Errors
/// When there is no room for a client.
pub async fn read_finally(
    ground: &Arc<Ground>,
    meter: &Arc<Meter>,
) -> anyhow::Result<Vec<Operation>> {
    let session = |number| Session::new(number, Arc::clone(meter), Phase::Final);
    let ground = Arc::clone(ground);
    let dice = || Dice::new(0);
    let reader = RegisterClient::new(
        REGISTER_CLIENTS,
        Arc::clone(&ground),
        client()?,
        dice(),
        session(LAST_READER),
    );
    let tenant = Tenant::new(TENANTS, ground, client()?, dice(), session(LAST_READER + 1));
    let mut done = reader.read_all().await;
    done.extend(tenant.look_finally().await);
    Ok(done)
}

fn client() -> reqwest::Result<Client> {
    Client::builder().no_proxy().build()
}
