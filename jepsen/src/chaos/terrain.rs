//! Where a cluster lives: on machines of its own, or all on this one. What differs between the two is in here alone.

use crate::chaos::arguments::Tier;
use crate::chaos::cables::Cables;
use crate::chaos::cuts::Cuts;
use crate::chaos::links::{Face, Link, Links};
use crate::chaos::machines::{self, Machines};
use crate::chaos::plan::Kind;
use crate::chaos::queues::{Queues, Stop};
use crate::chaos::rules::Rules;
use crate::cluster::place::{self, Place};
use crate::lab::lan::Lan;
use anyhow::Context as _;
use clap::ValueEnum as _;
use regent_power::disk::Disk;
use regent_report::about;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Size of a disk. A node wants more than 512 MiB to be free.
const DISK_BYTES: u64 = 2 << 30;
/// Ports of a node on this machine: API, peers, name service.
const PORTS_PER_NODE: usize = 3;

/// Where a cluster lives.
pub enum Terrain {
    /// Each node on a machine, with a disk.
    Machines(Ground),
    /// All nodes here, with links between them.
    Here(Here),
}

/// Machines, and what can be done to them.
pub struct Ground {
    /// The machines.
    pub machines: Machines,
    /// Whether packets can be dropped.
    pub can_cut: bool,
    /// Whether cables can be narrowed.
    pub can_narrow: bool,
    /// Whether packets can be held.
    pub can_hold: bool,
}

/// This machine.
pub struct Here {
    places: Vec<Place>,
    faces: Vec<Place>,
    links: Links,
}

impl Here {
    /// Places for so many nodes below a folder, and the links that lead to them.
    ///
    /// # Errors
    /// When there are not enough ports.
    pub fn make(nodes: usize, folder: &Path) -> anyhow::Result<Self> {
        let ports = place::free_ports(PORTS_PER_NODE * nodes).context("there are no free ports")?;
        let addresses: Vec<_> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let directory = |node: usize| folder.join(machines::name(node + 1));
        let directories: Arc<[PathBuf]> = (0..nodes).map(directory).collect();
        let links = Links::new()?;
        let (mut places, mut faces) = (Vec::new(), Vec::new());
        for (node, own) in addresses.chunks(PORTS_PER_NODE).enumerate() {
            let [api, peer, dns] = own else { anyhow::bail!("there are no free ports") };
            let link = |target: &String, face| {
                links.carry(Link { node, target: target.clone(), face }, Arc::clone(&directories))
            };
            let name = machines::name(node + 1);
            let place = Place {
                api: api.clone(),
                peer: peer.clone(),
                reached_at: link(peer, Face::Peers)?,
                dns: dns.clone(),
                directory: directory(node),
                log: folder.join(format!("{name}.log")),
                name,
            };
            faces.push(Place { api: link(api, Face::Api)?, ..place.clone() });
            places.push(place);
        }
        Ok(Self { places, faces, links })
    }
}

impl Terrain {
    /// Kinds of fault that a tier has.
    #[must_use]
    pub fn kinds(tier: Tier) -> Vec<Kind> {
        let all = Kind::value_variants().iter().copied();
        match tier {
            // There it is one with what is lost and repeated.
            Tier::Netns => all.filter(|kind| *kind != Kind::Delay).collect(),
            Tier::Local => all.filter(|kind| can_be_local(*kind)).collect(),
        }
    }

    /// The tier of runs on it.
    #[must_use]
    pub const fn tier(&self) -> about::Tier {
        match self {
            Self::Machines(_) => about::Tier::Netns,
            Self::Here(_) => about::Tier::Local,
        }
    }

    /// Disks of their own, if nodes have such.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn disks(&self, folder: &Path, nodes: usize) -> anyhow::Result<Vec<Disk>> {
        match self {
            Self::Machines(_) => {
                let make = |number| Ok(Disk::make(folder, &machines::name(number), DISK_BYTES)?);
                (1..=nodes).map(make).collect()
            }
            Self::Here(_) => Ok(Vec::new()),
        }
    }

    /// Where nodes live.
    #[must_use]
    pub fn places(&self, folder: &Path, disks: &[Disk]) -> Vec<Place> {
        match self {
            Self::Machines(ground) => {
                let disks = disks.iter().map(|disk| disk.path().to_owned());
                ground.machines.places(folder, disks).collect()
            }
            Self::Here(here) => here.places.clone(),
        }
    }

    /// The same as clients reach them.
    #[must_use]
    pub fn faces(&self, places: &[Place]) -> Vec<Place> {
        match self {
            Self::Machines(_) => places.to_vec(),
            Self::Here(here) => here.faces.clone(),
        }
    }

    /// The network namespace of a node; none if it has ours.
    #[must_use]
    pub fn network(&self, node: usize) -> Option<PathBuf> {
        match self {
            Self::Machines(ground) => Some(ground.machines.network(node)),
            Self::Here(_) => None,
        }
    }

    /// The network, for racks; none if there can be none.
    #[must_use]
    pub const fn lan(&self) -> Option<&Lan> {
        match self {
            Self::Machines(ground) => Some(ground.machines.lan()),
            Self::Here(_) => None,
        }
    }

    /// The cuts of the network, where the cables of racks end at these ports; none where nothing can be cut.
    ///
    /// # Errors
    /// If it cannot be cut although it should.
    pub fn cuts(&self, racks: Vec<String>, folder: &Path) -> anyhow::Result<Option<Cuts>> {
        let cuts = match self {
            Self::Machines(Ground { machines, can_cut: true, .. }) => {
                Cuts::with(Box::new(Rules::of(machines, racks, folder)))
            }
            Self::Machines(_) => return Ok(None),
            Self::Here(here) => Cuts::with(here.links.scissors()),
        };
        cuts.map(Some)
    }

    /// The queues that packets can be held in, those on the racks' machines among them; none where there can be none.
    #[must_use]
    pub fn queues(&self, racks: Vec<Stop>, folder: &Path) -> Option<Queues> {
        match self {
            Self::Machines(ground) => {
                ground.can_hold.then(|| Queues::of(&ground.machines, racks, folder))
            }
            Self::Here(_) => None,
        }
    }

    /// The cables of nodes; none where they cannot be narrowed.
    #[must_use]
    pub fn cables(&self) -> Option<Cables> {
        match self {
            Self::Machines(ground) => ground.can_narrow.then(|| Cables::of(&ground.machines)),
            Self::Here(_) => None,
        }
    }
}

/// Whether it needs no machines of their own.
const fn can_be_local(kind: Kind) -> bool {
    match kind {
        Kind::Kill | Kind::Pause | Kind::Cut | Kind::Loss | Kind::Delay => true,
        Kind::DiskSlow | Kind::DiskFails | Kind::Damage | Kind::ClockJump => true,
        Kind::Replace | Kind::HalfChange | Kind::Rolling | Kind::Import => true,
        Kind::Flaky | Kind::SlowLink | Kind::PowerOff | Kind::DiskFull => false,
        Kind::Rack | Kind::RackReboot => false,
    }
}
