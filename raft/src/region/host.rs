//! What a node runs on beside its data directory: a machine with its sockets and its disk, or a simulation of one.

use crate::log_store::amnesia::OpenError;
use crate::log_store::figures::FatalHandler;
use crate::log_store::mark::StoreId;
use crate::log_store::memory::MemoryDisk;
use crate::log_store::store::{LOG_FOLDER, LogOptions, LogStore};
use crate::network::wire::{Wire, Wires};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What a running node stands on.
#[derive(Debug)]
pub enum Host {
    /// A machine, with the bound peer port. The log is in the data directory.
    Machine(TcpListener),
    /// A simulation, which also has the log's disk.
    Simulated(SimulatedHost),
}

/// What a simulation gives a node in place of a machine. Clones are the same.
#[derive(Clone, Debug)]
pub struct SimulatedHost {
    /// Its wires to the others.
    pub wires: Arc<dyn Wires>,
    /// The disk of its log. Identity and snapshots are files even so.
    pub disk: MemoryDisk,
}

impl From<TcpListener> for Host {
    fn from(listener: TcpListener) -> Self {
        Self::Machine(listener)
    }
}

impl Host {
    /// The simulated host, if it is one.
    pub(crate) const fn simulated(&self) -> Option<&SimulatedHost> {
        match self {
            Self::Machine(_) => None,
            Self::Simulated(host) => Some(host),
        }
    }
}

/// How a node on this host reaches others.
pub(crate) fn wire(simulated: Option<&SimulatedHost>) -> Wire {
    simulated.map_or(Wire::Sockets, |host| Wire::Simulated(Arc::clone(&host.wires)))
}

/// Opens the log of the data directory `dir`.
pub(crate) fn open_log(
    simulated: Option<&SimulatedHost>,
    (dir, store): (&Path, StoreId),
    options: &LogOptions,
    fatal: FatalHandler,
) -> Result<LogStore, OpenError> {
    match simulated {
        None => LogStore::open(dir, store, options, fatal),
        Some(host) => {
            let (log, pump) = LogStore::open_in_memory(&host.disk, store, options, fatal)?;
            log.run(pump)
        }
    }
}

/// Makes the log of the data directory `dir`, and closes it.
pub(crate) fn create_log(
    simulated: Option<&SimulatedHost>,
    (dir, store): (&Path, StoreId),
    options: &LogOptions,
    fatal: FatalHandler,
) -> Result<(), OpenError> {
    match simulated {
        None => LogStore::create(dir, store, options, fatal).map(drop),
        Some(host) => {
            // An identity without this folder has lost its log.
            std::fs::create_dir(dir.join(LOG_FOLDER))?;
            LogStore::create_in_memory(&host.disk, store, options, fatal).map(drop)
        }
    }
}
