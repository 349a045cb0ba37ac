//! How a running agent is, as a document: what `rack-agent status` and `rack-agent leases` show.

use crate::clock::sample;
use crate::dhcp::holding::Contact;
use crate::duty::machine::Duty;
use crate::wire::counts::Counts;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Leases a report tells of at most.
pub const LEASES_MAX: usize = 65_536;

/// What somebody wants to know of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How it is: everything but its leases.
    Status,
    /// Its leases, too.
    Leases,
}

impl Question {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Status, Self::Leases];

    /// How it is asked.
    #[must_use]
    pub const fn word(self) -> &'static [u8] {
        match self {
            Self::Status => b"status",
            Self::Leases => b"leases",
        }
    }

    const fn leases_max(self) -> usize {
        match self {
            Self::Status => 0,
            Self::Leases => LEASES_MAX,
        }
    }
}

/// How an agent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The rack.
    pub system_id: String,
    /// Its cluster.
    pub cluster_id: String,
    /// The agent's version.
    pub version: String,
    /// How it stands with the region: `connected`, `cut off` (it does what it may alone) or `silent` (it may do nothing
    /// alone).
    pub contact: String,
    /// Why it will not find the region again without somebody's help.
    pub trouble: Option<String>,
    /// The region's revision it has followed.
    pub revision: Option<u64>,
    /// The VLANs it is to serve.
    pub vlans: Vec<VlanReport>,
    /// Addresses it may give without the region.
    pub blocks: Vec<BlockReport>,
    /// What it acknowledged, at most [`LEASES_MAX`] of it, and only if somebody asked for it.
    pub leases: Vec<LeaseReport>,
    /// How many leases there are in all.
    pub lease_count: usize,
    /// What became of packets.
    pub packets: PacketReport,
    /// How often an address could not be tried on the wire before it was offered, since the agent started.
    pub untried: u64,
}

/// How a VLAN is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VlanReport {
    /// Its id.
    pub vlan: u32,
    /// The rack's address there.
    pub address: Option<Ipv4Addr>,
    /// Why clients are not answered; none if they are.
    pub trouble: Option<String>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockReport {
    /// Its addresses.
    pub range: String,
    /// Seconds for which it may give them still.
    pub seconds_left: u64,
}

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseReport {
    /// The address.
    pub address: Ipv4Addr,
    /// The client.
    pub client: String,
    /// Seconds the client may have it still; 0 once it ran out.
    pub seconds_left: u64,
    /// Seconds for which the rack may renew it without the region.
    pub alone_seconds_left: u64,
}

/// Packets, counted since the agent started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketReport {
    /// That came in and were looked at.
    pub heard: u64,
    /// That came in and were dropped unread, for want of room.
    pub dropped: u64,
    /// Replies that were sent.
    pub sent: u64,
    /// Replies that could not be sent.
    pub unsent: u64,
}

impl Report {
    /// How an agent is now.
    #[must_use]
    pub fn of(
        (system_id, cluster_id): (String, String),
        duty: &Duty,
        counts: Counts,
        trouble: Option<String>,
        question: Question,
    ) -> Self {
        let now = sample::now();
        let holdings = duty.holdings();
        let asked_for = holdings.iter().take(question.leases_max());
        let leases = asked_for.map(|(address, record)| LeaseReport {
            address,
            client: record.client.to_string(),
            seconds_left: now.until(record.acked_until).0 / 1000,
            alone_seconds_left: record.alone_until.map_or(0, |until| now.until(until).0 / 1000),
        });
        let blocks = holdings.blocks.iter().map(|block| BlockReport {
            range: block.range.to_string(),
            seconds_left: now.until(block.deadline).0 / 1000,
        });
        let vlans = duty.services().into_iter().map(|service| VlanReport {
            vlan: service.vlan.0,
            address: service.server_id,
            trouble: service.trouble,
        });
        Self {
            system_id,
            cluster_id,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contact: contact(duty.contact()).to_owned(),
            trouble,
            revision: duty.place().map(|place| place.revision),
            vlans: vlans.collect(),
            blocks: blocks.collect(),
            leases: leases.collect(),
            lease_count: holdings.iter().count(),
            packets: PacketReport {
                heard: counts.heard,
                dropped: counts.dropped_unread + counts.dropped_behind + counts.dropped_too_long,
                sent: counts.sent,
                unsent: counts.unsent,
            },
            untried: duty.untried(),
        }
    }
}

const fn contact(contact: Contact) -> &'static str {
    match contact {
        Contact::Quorum => "connected",
        Contact::CutOff => "cut off",
        Contact::Distrusted => "silent",
    }
}
