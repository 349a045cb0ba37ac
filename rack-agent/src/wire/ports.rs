//! The interfaces in use just now, as several threads see them.

use crate::duty::event::WireId;
use crate::wire::port::Port;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Interfaces by id. Locked for a look-up only.
#[derive(Debug, Default)]
pub(crate) struct Ports(Mutex<BTreeMap<WireId, Arc<Port>>>);

impl Ports {
    /// The interface of this id.
    pub(crate) fn at(&self, wire: WireId) -> Option<Arc<Port>> {
        self.table().get(&wire).cloned()
    }

    /// Whether an address is this machine's own.
    pub(crate) fn has(&self, address: Ipv4Addr) -> bool {
        self.table().values().any(|port| port.has(address))
    }

    /// The interface with this address.
    pub(crate) fn with(&self, address: Ipv4Addr) -> Option<Arc<Port>> {
        self.table().values().find(|port| port.has(address)).cloned()
    }

    /// These are in use now, and no others.
    pub(crate) fn replace(&self, ports: BTreeMap<WireId, Arc<Port>>) {
        *self.table() = ports;
    }

    /// The table is replaced as a whole, so that it is never half a table.
    fn table(&self) -> MutexGuard<'_, BTreeMap<WireId, Arc<Port>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
