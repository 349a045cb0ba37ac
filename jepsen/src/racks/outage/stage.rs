//! The servers under test: racks of a region, or two Kea servers to compare with. Each time two of them, on one network.

use crate::lab::client::{Client, Kind};
use crate::lab::kea_pair::KeaPair;
use crate::lab::lan::Lan;
use crate::racks::outage::moment::Fault;
use crate::racks::site::{PATIENCE, Site};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::time::sleep;

/// What everybody gets to notice that a server is back, once it says so itself.
const SETTLED_AFTER: Duration = Duration::from_secs(3);
/// What a client of Kea gets to be served: a minute until a server is given up, and the client's own pauses.
const KEA_PATIENCE: Duration = Duration::from_secs(150);

/// Two servers.
pub enum Stage {
    /// Racks of a region.
    Regent(Box<Site>),
    /// Kea in high availability.
    KeaHa(KeaPair),
}

impl Stage {
    /// In a table.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Regent(_) => "regent",
            Self::KeaHa(_) => "kea-ha",
        }
    }

    /// What a client gets to be served.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        match self {
            Self::Regent(_) => PATIENCE,
            Self::KeaHa(_) => KEA_PATIENCE,
        }
    }

    /// The network of clients.
    #[must_use]
    pub const fn served(&self) -> &Lan {
        match self {
            Self::Regent(site) => &site.served,
            Self::KeaHa(pair) => &pair.served,
        }
    }

    /// A machine on it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn client(&self, name: &str, kind: Kind) -> anyhow::Result<Client> {
        match self {
            Self::Regent(site) => site.client(name, kind),
            Self::KeaHa(pair) => pair.client(name, kind),
        }
    }

    /// The server that has an address.
    ///
    /// # Errors
    /// If none has.
    pub fn server_at(&self, address: Ipv4Addr) -> anyhow::Result<usize> {
        match self {
            Self::Regent(site) => site.rack_at(address),
            Self::KeaHa(pair) => pair.server_at(address),
        }
    }

    /// Does something to a server.
    ///
    /// # Errors
    /// If it cannot be done.
    pub async fn strike(&mut self, fault: Fault, server: usize) -> anyhow::Result<()> {
        match self {
            Self::Regent(site) => fault.strike(&mut site.racks[server]).await,
            Self::KeaHa(pair) => fault.strike(&mut pair.servers[server]).await,
        }
    }

    /// Undoes it, and waits until both serve again.
    ///
    /// # Errors
    /// If it cannot be undone, or they do not serve in time.
    pub async fn heal(&mut self, fault: Fault, server: usize) -> anyhow::Result<()> {
        match self {
            Self::Regent(site) => {
                fault.heal(&mut site.racks[server])?;
                site.await_live().await?;
            }
            Self::KeaHa(pair) => {
                fault.heal(&mut pair.servers[server])?;
                // What it says at once is of before the fault.
                sleep(SETTLED_AFTER).await;
                pair.await_both().await?;
            }
        }
        sleep(SETTLED_AFTER).await;
        Ok(())
    }
}
