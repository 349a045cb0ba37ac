//! What an agent remembers beyond its process: plain data, read once at start and written piece by piece. Where and how is
//! the store's affair.

use crate::clock::mark::Mark;
use crate::clock::sample::BootId;
use crate::dhcp::holding::OwnBlock;
use crate::lease::record::Record;
use regent_core::lease::server::Incarnation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Who the agent is since it enrolled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The region it belongs to; it speaks to no other.
    pub cluster_id: String,
    /// The name the region gave it.
    pub system_id: String,
    /// What it proves that with. A secret.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cluster_id, system_id, key: _ } = self;
        write!(f, "{system_id} of {cluster_id}")
    }
}

/// Everything an agent remembers of what it gave and may give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Its life; none before its first session, or once its records are lost.
    pub life: Option<Incarnation>,
    /// The epoch of the region in which all of it was given; none before its first session.
    pub epoch: Option<u64>,
    /// The boot in which every [`RackTime`](crate::lease::rack_time::RackTime) below was written.
    pub boot: Option<BootId>,
    /// What the clocks showed when they were last found in order; none if that is not known.
    pub clocks: Option<Mark>,
    /// No message of this life carried this number or a higher one.
    pub numbers_until: u64,
    /// What it acknowledged.
    pub records: BTreeMap<Ipv4Addr, Record>,
    /// Its blocks.
    pub blocks: Vec<OwnBlock>,
    /// The latest view, sealed; none if there is none that can be read.
    pub view: Option<Vec<u8>>,
}

impl Remembered {
    /// Remembers a piece anew.
    pub fn put(&mut self, write: Write) {
        match write {
            Write::Record(address, record) => drop(self.records.insert(address, record)),
            Write::NoRecord(address) => drop(self.records.remove(&address)),
            Write::Blocks(blocks) => self.blocks = blocks,
            Write::NumbersUntil(until) => self.numbers_until = until,
            Write::Life(life) => {
                let view = self.view.take();
                *self = Self { life: Some(life), view, ..Self::default() };
            }
            Write::Epoch(epoch) => self.epoch = Some(epoch),
            Write::Boot(boot) => self.boot = Some(boot),
            Write::Clocks(mark) => self.clocks = Some(mark),
            Write::View(view) => self.view = Some(view),
        }
    }
}

/// A piece of it that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// This was acknowledged.
    Record(Ipv4Addr, Record),
    /// Of this address there is nothing more to remember.
    NoRecord(Ipv4Addr),
    /// These are its blocks, and no others.
    Blocks(Vec<OwnBlock>),
    /// Messages may carry numbers below this.
    NumbersUntil(u64),
    /// Another life begins: all that was remembered of the one before is forgotten, the view excepted.
    Life(Incarnation),
    /// What is remembered is of this epoch of the region. Comes together with every record whose right was given up for it
    /// (rule R20).
    Epoch(u64),
    /// All times from now on are of this boot. Comes together with every record anew.
    Boot(BootId),
    /// The clocks are in order and show this.
    Clocks(Mark),
    /// The view in force, sealed.
    View(Vec<u8>),
}
