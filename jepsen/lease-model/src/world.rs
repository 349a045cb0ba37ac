//! One moment of the world: the region, its racks, the hosts that want addresses, and what is under way between them.

use crate::message::Message;
use crate::scenario::Left;
use regent_core::id::NodeId;
use regent_core::lease::binding::{Binding, Client};
use regent_core::lease::block::Block;
use regent_core::lease::quarantine::Quarantine;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::net::mac::MacAddr;
use regent_core::time::ClusterTime;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many racks serve the VLAN.
pub const RACKS: usize = 2;
/// How many hosts there may be.
pub const HOSTS_MAX: usize = 3;
/// How many addresses there may be. The last one may be delegated.
pub const ADDRESSES_MAX: usize = 2;

/// All there is at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// Real time. Nobody in the model sees it.
    pub tick: u8,
    /// The region. Its nodes agree, so there is one.
    pub region: Region,
    /// What a restore would bring back.
    pub saved: Option<Arc<Region>>,
    /// The racks.
    pub racks: [Rack; RACKS],
    /// The hosts.
    pub hosts: [Host; HOSTS_MAX],
    /// What is under way, in order.
    pub network: Vec<Message>,
    /// What may still happen.
    pub left: Left,
    /// How many of the hosts and of the racks took part so far. The others are all alike.
    pub met: Met,
    /// Whether the region found that two clients have one address.
    pub contradicted: bool,
}

/// How many took part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Met {
    /// Hosts.
    pub hosts: usize,
    /// Racks.
    pub racks: usize,
}

/// The replicated state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Region {
    /// Cluster time.
    pub now: ClusterTime,
    /// Whether its clock was wrong already.
    pub drifted: bool,
    /// What is recorded of each address.
    pub bindings: [Option<Arc<Binding>>; ADDRESSES_MAX],
    /// The block of the last address.
    pub block: Option<Block>,
    /// After a restore.
    pub quarantine: Option<Arc<Quarantine>>,
    /// Lives of racks that were ever enrolled.
    pub enrolled: BTreeSet<Server>,
    /// Rises with a restore.
    pub epoch: u8,
}

/// A rack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rack {
    /// Its clock.
    pub now: RackTime,
    /// Whether that was wrong already.
    pub drifted: bool,
    /// Its life.
    pub incarnation: u32,
    /// The last number it gave a message. Durable.
    pub number: u64,
    /// What it works with.
    pub memory: Store,
    /// What is left of that after a crash.
    pub disk: Store,
    /// Numbers of messages that tell of rights given up and are not sent yet, by address.
    pub owed: [Option<u64>; ADDRESSES_MAX],
    /// Whether its machine stands still.
    pub is_paused: bool,
    /// The region's epoch it knows.
    pub epoch: u8,
}

/// What a rack remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Store {
    /// By address.
    pub records: [Option<Arc<Record>>; ADDRESSES_MAX],
    /// When its block ends.
    pub block: Option<RackTime>,
}

/// A DHCP client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Host {
    /// Its clock.
    pub now: u8,
    /// Whether that was wrong already.
    pub drifted: bool,
    /// The request that waits for an ACK.
    pub exchange: Option<Exchange>,
    /// Until when it has each address, by its clock.
    pub holds: [Option<u8>; ADDRESSES_MAX],
}

/// A request and its copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exchange {
    /// When the first copy was sent, by the host's clock. An ACK names it.
    pub first: u8,
    /// When the last copy was sent. The lease counts from then.
    pub last: u8,
}

impl World {
    /// Before anything happened.
    #[must_use]
    pub fn new(left: Left) -> Self {
        let racks = [Rack::default(), Rack::default()];
        let region = Region {
            enrolled: (0..RACKS).map(|rack| server(rack, 0)).collect(),
            ..Region::default()
        };
        Self {
            tick: 0,
            region,
            saved: None,
            racks,
            hosts: [Host::default(), Host::default(), Host::default()],
            network: Vec::new(),
            left,
            met: Met::default(),
            contradicted: false,
        }
    }

    /// Whether two hosts have one address.
    #[must_use]
    pub fn is_address_held_twice(&self) -> bool {
        let holders =
            |address: usize| self.hosts.iter().filter(|host| host.holds[address].is_some()).count();
        (0..ADDRESSES_MAX).any(|address| holders(address) > 1)
    }

    /// Whether the region may still be restored, or was, so that it matters what racks remember.
    #[must_use]
    pub const fn is_about_restore(&self) -> bool {
        self.left.restores > 0 || self.region.epoch > 0
    }

    /// Whether a rack has not heard of a restore yet.
    #[must_use]
    pub fn has_rack_to_tell(&self) -> bool {
        self.racks.iter().any(|rack| rack.epoch != self.region.epoch)
    }

    /// A rack as the region knows it.
    #[must_use]
    pub fn server_of(&self, rack: usize) -> Server {
        server(rack, self.racks[rack].incarnation)
    }

    /// Puts a message on its way.
    pub fn send(&mut self, message: Message) {
        if let Err(place) = self.network.binary_search(&message) {
            self.network.insert(place, message);
        }
    }
}

/// A rack in one of its lives.
#[must_use]
pub fn server(rack: usize, incarnation: u32) -> Server {
    let rack = NodeId(u32::try_from(rack).expect("there are few racks"));
    Server { rack, incarnation: Incarnation(incarnation) }
}

/// The rack's place in [`World::racks`].
#[must_use]
pub fn rack_of(server: Server) -> usize {
    usize::try_from(server.rack.0).expect("there are few racks")
}

/// A host as the protocol knows it.
#[must_use]
pub fn client(host: usize) -> Client {
    Client::Card(MacAddr([0, 0, 0, 0, 0, u8::try_from(host).expect("there are few hosts")]))
}

/// The host's place in [`World::hosts`].
#[must_use]
pub fn host_of(client: &Client) -> usize {
    match client {
        Client::Card(address) => usize::from(address.0[5]),
        Client::Identifier(_) => unreachable!("hosts of the model have cards"),
    }
}
