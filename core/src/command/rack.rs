//! What racks ask of the lease protocol (`lease`). One entry carries many steps: each is judged for itself.

use crate::command::node::NewInterface;
use crate::id::{NodeId, SubnetId, VlanId};
use crate::lease::adopt::Remaining;
use crate::lease::binding::{Client, Tenure};
use crate::lease::commit::Claim;
use crate::lease::server::Incarnation;
use crate::model::hostname::Hostname;
use crate::model::secret_digest::SecretDigest;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Steps of one request.
pub const LEASE_STEPS_MAX: usize = 256;

/// What a rack asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RackCommand {
    /// A session, which ends the one before it.
    OpenSession {
        /// The rack.
        rack: NodeId,
        /// Its life, if it has its records; else it begins the next one.
        life: Option<Incarnation>,
        /// Of the key with which it proves that it is this rack.
        key: SecretDigest,
    },
    /// Steps of the lease protocol, in order.
    Leases {
        /// The rack.
        rack: NodeId,
        /// Its session.
        session: u64,
        /// The steps.
        steps: Vec<LeaseStep>,
    },
    /// A machine becomes a rack, or goes on as one, by a token that is used up with it.
    Enrol(Enrol),
    /// The rack heard a DHCP server that is not ours answer. Asked once a minute at most while it goes on.
    SawServer {
        /// The rack.
        rack: NodeId,
        /// Its session.
        session: u64,
        /// What it heard.
        heard: SawServer,
    },
    /// The rack leaves for good. It has given up whatever it might do alone, durably, and told all it gave.
    Leave {
        /// The rack.
        rack: NodeId,
        /// Of the key with which it proves that it is this rack.
        key: SecretDigest,
    },
}

/// A DHCP server that is not ours, heard by a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SawServer {
    /// The VLAN.
    pub vlan: VlanId,
    /// The rack's address on the wire where it heard it, which lies in a subnet of the VLAN.
    pub link: IpAddr,
    /// The server, as it calls itself.
    pub server: IpAddr,
}

/// What a machine that enrols says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrol {
    /// Of the token's secret.
    pub token: SecretDigest,
    /// Of the key with which the rack will prove that it is this one. It is drawn before the proposal.
    pub key: SecretDigest,
    /// What it is called; another name is made of it where a node has it already. A rack that goes on keeps its own.
    pub hostname: Hostname,
    /// The version of its software.
    pub version: String,
    /// Its cards. A rack that goes on keeps those it has; cards that are known as a node's stay with that node.
    pub interfaces: Vec<NewInterface>,
}

/// What is known of a client beside who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFacts {
    /// The identifier it sent; empty if none.
    pub client_id: Vec<u8>,
    /// The host name it sent; empty if none.
    pub hostname: String,
}

/// One step of the lease protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseStep {
    /// The client asked for the address, and is told yes only after this was (rule R1).
    Commit {
        /// The rack's number of this step.
        number: u64,
        /// The epoch of the VLAN's service in which it asks.
        epoch: u64,
        /// The address.
        address: IpAddr,
        /// The client.
        client: Client,
        /// For how long.
        life: Millis,
        /// Whether the client keeps it beyond that, for good (rule R17).
        tenure: Tenure,
        /// Whether the rack gave it the address and it still has it, by the rack's clock.
        attested: bool,
        /// What the client says of itself.
        claim: Claim,
        /// What is known of it besides.
        facts: ClientFacts,
    },
    /// The client gave the address back (rule R5).
    Release {
        /// The rack's number of this step.
        number: u64,
        /// The address.
        address: IpAddr,
        /// The client.
        client: Client,
    },
    /// The client found its address in use (rule R15).
    Decline {
        /// The rack's number of this step.
        number: u64,
        /// The address.
        address: IpAddr,
        /// The client.
        client: Client,
    },
    /// The rack found the address in use before it offered it (rule R14).
    FoundInUse {
        /// The epoch of the VLAN's service in which it asks.
        epoch: u64,
        /// The address.
        address: IpAddr,
    },
    /// The rack gave up its right to renew the address alone (rule R4).
    Relinquish {
        /// The rack's number of this step.
        number: u64,
        /// The address.
        address: IpAddr,
        /// The client it last acknowledged it to.
        client: Client,
        /// How long that still runs, by the rack's clock.
        remaining: Millis,
    },
    /// The rack acknowledged the address while the region was away (rule R19).
    Adopt {
        /// The rack's number of this step.
        number: u64,
        /// The latest cluster time the rack had heard of when it sent this.
        as_of: ClusterTime,
        /// The address.
        address: IpAddr,
        /// The client.
        client: Client,
        /// How long that still runs.
        remaining: Remaining,
        /// Whether the region gave it to the client for good, through this rack.
        tenure: Tenure,
        /// What is known of the client besides; empty if the rack has forgotten it.
        facts: ClientFacts,
    },
    /// The rack has told all it gave while the region was away.
    Adopted,
    /// The rack wants addresses to give without asking (rule R8).
    Delegate {
        /// The rack's number of this step.
        number: u64,
        /// The epoch of the VLAN's service in which it asks.
        epoch: u64,
        /// The subnet.
        subnet: SubnetId,
        /// How many addresses at the most.
        count: u32,
    },
    /// The rack wants to keep its block for another term.
    Extend {
        /// The block's first address.
        first: IpAddr,
    },
    /// The rack has stopped giving from its block, durably, and has told what it gave.
    Return {
        /// The rack's number of this step.
        number: u64,
        /// The block's first address.
        first: IpAddr,
    },
}
