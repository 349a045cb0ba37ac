//! How many addresses may be said to be unusable (rule R15): nobody may talk a pool empty.

use crate::dhcp::client_at::ClientAt;
use crate::dhcp::recent::memory::Memory;
use crate::lease::rack_time::RackTime;
use regent_core::id::SubnetId;
use regent_core::time::Millis;
use std::collections::BTreeMap;

/// Declines of one client in [`CLIENT_SPAN`].
pub const DECLINES_OF_CLIENT_MAX: usize = 3;
/// See [`DECLINES_OF_CLIENT_MAX`].
pub const CLIENT_SPAN: Millis = Millis::from_secs(60);
/// One in so many addresses of a pool may be declined in [`POOL_SPAN`]; at least one.
pub const POOL_PART: u128 = 20;
/// See [`POOL_PART`].
pub const POOL_SPAN: Millis = Millis::from_secs(3600);
const CLIENTS_MAX: usize = 1024;

/// Declines counted.
#[derive(Clone, Debug)]
pub struct Declines {
    of_clients: Memory<ClientAt, Vec<RackTime>>,
    of_pools: BTreeMap<SubnetId, Counted>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    since: RackTime,
    declines: u128,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TooMany {
    /// That of the client.
    OfClient,
    /// That of the pool.
    OfPool,
}

impl Default for Declines {
    fn default() -> Self {
        Self { of_clients: Memory::new(CLIENTS_MAX, CLIENT_SPAN), of_pools: BTreeMap::new() }
    }
}

impl Declines {
    /// Counts a client's decline in a pool of so many addresses.
    ///
    /// # Errors
    /// The limit that is reached; nothing is counted then.
    pub fn of_client(
        &mut self,
        client: &ClientAt,
        subnet: SubnetId,
        pool_addresses: u128,
        now: RackTime,
    ) -> Result<(), TooMany> {
        let earlier = self.of_clients.get(client, now).into_iter().flatten();
        let mut times: Vec<RackTime> =
            earlier.copied().filter(|at| now < at.after(CLIENT_SPAN)).collect();
        if times.len() >= DECLINES_OF_CLIENT_MAX {
            return Err(TooMany::OfClient);
        }
        self.of_pool(subnet, pool_addresses, now)?;
        times.push(now);
        self.of_clients.put(client.clone(), times, now);
        Ok(())
    }

    /// Counts an address of a pool of so many that was found in use.
    ///
    /// # Errors
    /// [`TooMany::OfPool`]; nothing is counted then.
    pub fn of_pool(
        &mut self,
        subnet: SubnetId,
        pool_addresses: u128,
        now: RackTime,
    ) -> Result<(), TooMany> {
        let counted = self.of_pools.entry(subnet).or_insert(Counted { since: now, declines: 0 });
        if counted.since.after(POOL_SPAN) <= now {
            *counted = Counted { since: now, declines: 0 };
        }
        if counted.declines >= (pool_addresses / POOL_PART).max(1) {
            return Err(TooMany::OfPool);
        }
        counted.declines += 1;
        Ok(())
    }
}
