//! Hosts of a VLAN, found by client and by address.

use regent_core::lease::binding::Client;
use regent_core::rack_view::host::Host;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Hosts, found by client and by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    by_client: BTreeMap<Client, Host>,
    by_address: BTreeMap<Ipv4Addr, Client>,
}

impl Hosts {
    /// Keeps something for a client, instead of what was kept for it before.
    pub fn put(&mut self, client: Client, host: Host) {
        self.remove(&client);
        let kept = host.addresses.iter().map(|address| (*address, client.clone()));
        self.by_address.extend(kept);
        self.by_client.insert(client, host);
    }

    /// Keeps nothing for a client any more.
    pub fn remove(&mut self, client: &Client) {
        let Some(host) = self.by_client.remove(client) else { return };
        for address in host.addresses {
            if self.by_address.get(&address) == Some(client) {
                self.by_address.remove(&address);
            }
        }
    }

    /// What is kept for a client.
    #[must_use]
    pub fn of(&self, client: &Client) -> Option<&Host> {
        self.by_client.get(client)
    }

    /// Everybody something is kept for.
    pub fn iter(&self) -> impl Iterator<Item = (&Client, &Host)> {
        self.by_client.iter()
    }

    /// The client an address is kept for.
    #[must_use]
    pub fn keeper_of(&self, address: Ipv4Addr) -> Option<&Client> {
        self.by_address.get(&address)
    }

    /// The addresses kept for a client.
    pub fn addresses_of(&self, client: &Client) -> impl Iterator<Item = Ipv4Addr> {
        self.of(client).into_iter().flat_map(|host| host.addresses.iter().copied())
    }
}
