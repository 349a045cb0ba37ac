//! What is to be done about a packet. Whoever does it comes back with the result where there is more to do.

use crate::dhcp::arrival::Arrival;
use crate::dhcp::message::reply::Reply;
use crate::dhcp::message::request::{Hardware, Request};
use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use regent_core::id::{SubnetId, VlanId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::refusal::Refusal;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Silent(Silence),
    /// Send this.
    Send(Box<Outgoing>),
    /// Ask the region, then call [`concluded`](crate::dhcp::exchange::grant::concluded).
    Commit(Box<Pending>),
    /// Write the record to disk and sync it, then call [`kept`](crate::dhcp::exchange::grant::kept).
    Keep(Box<Kept>),
    /// Try whether somebody uses the address, then call [`tried`](crate::dhcp::exchange::discover::tried).
    Probe(Box<Trial>),
    /// Write [`released`](crate::dhcp::exchange::give_back::released) to disk, then tell the region that the client gave
    /// its address back.
    Release(Return),
    /// Tell the region that the address is in use by somebody unknown.
    Decline(Conflict),
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Silence {
    /// It came too late, or the answer did (rule R12).
    Late,
    /// The client asks too often.
    TooOften,
    /// Too many clients nobody knows ask at once, and this is one.
    TooManyNewcomers,
    /// It comes from a network that is not served here.
    UnknownNetwork,
    /// It claims to have come through a relay that cannot be one.
    UnknownRelay,
    /// Another server is asked.
    OtherServer,
    /// Another rack is asked or answers first; unless it shows that it did, this one stands in for it later (rule R11).
    Left,
    /// The fields of the message contradict each other, or the way it came.
    Contradiction,
    /// The address is not for this client, or for no client.
    NotServed,
    /// Nothing is known of a client that says it has an address.
    UnknownClient,
    /// No address is free.
    NoAddress,
    /// The region is away and the rack may not do this alone (rules R7 and R8).
    NoRight,
    /// The region refuses, for a reason that may pass.
    Refused(Refusal),
    /// The region does not answer.
    Unreachable,
    /// The client does not have what it gives back or declines.
    NotOwner,
    /// Too many addresses were declined (rule R15).
    TooManyDeclines,
    /// Nobody waits for anything.
    NothingAsked,
}

/// Where a reply goes (RFC 2131 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// To port 67 of the relay.
    Relay(Ipv4Addr),
    /// To port 68 of a client that has an address.
    Client(Ipv4Addr),
    /// To everybody on the network the request came from.
    Broadcast,
    /// In a frame to a client that does not answer at its address yet.
    Frame {
        /// The client's hardware.
        hardware: Hardware,
        /// The address it is getting.
        address: Ipv4Addr,
    },
}

/// A reply and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The reply.
    pub reply: Reply,
    /// Where it goes.
    pub to: Destination,
}

/// What kind of acknowledgement is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// An ordinary one.
    Ack,
    /// One instead of an offer (RFC 4039).
    RapidAck,
    /// One in the place of another rack, which may have answered after all: a refusal only where it cannot have.
    AckForAnother,
    /// A reply to a client from before DHCP, which has the address for good then (rule R17).
    BootReply,
}

impl Wanted {
    /// For how long the client has the address that it hears of so.
    #[must_use]
    pub const fn tenure(self) -> Tenure {
        match self {
            Self::Ack | Self::RapidAck | Self::AckForAnother => Tenure::Leased,
            Self::BootReply => Tenure::ForGood,
        }
    }
}

/// A client's wish that the region has to agree to before it is acknowledged (rule R1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The VLAN.
    pub vlan: VlanId,
    /// The subnet.
    pub subnet: SubnetId,
    /// The address.
    pub address: Ipv4Addr,
    /// For how long.
    pub life: Millis,
    /// Whether the rack gave the client this address itself and the client still has it (rule R20).
    pub attested: bool,
    /// What the client wants back.
    pub wanted: Wanted,
    /// The request; the client and the name it would like are in it.
    pub request: Request,
    /// How it came in.
    pub arrival: Arrival,
}

/// What the region says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is committed.
    Granted {
        /// Number of the message in which the rack asked.
        number: u64,
        /// When it sent that.
        sent: RackTime,
        /// How long beyond the lease the region waits for the rack, as its answer says.
        autonomy: Millis,
    },
    /// It is refused, by a majority.
    Refused(Refusal),
    /// There is no answer, and nobody knows what became of it.
    Unreachable,
}

/// A lease that is to be acknowledged: durable first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What has to be on disk before the client hears of it.
    pub record: Record,
    /// For how long the client gets it.
    pub life: Millis,
    /// The wish.
    pub pending: Pending,
}

/// How an address is tried (rule R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Probe {
    /// By ARP, on the VLAN.
    Arp,
    /// By an ICMP echo, behind a relay.
    Echo,
}

/// An address to try before it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The VLAN.
    pub vlan: VlanId,
    /// The address.
    pub address: Ipv4Addr,
    /// How.
    pub probe: Probe,
    /// The client it would be offered to.
    pub client: Client,
    /// When the client asked.
    pub received: RackTime,
    /// What to send if nobody uses it.
    pub offer: Outgoing,
}

/// What a trial found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// Nobody.
    Nobody,
    /// Somebody answers there.
    Somebody,
    /// Nothing: it could not be tried. The address is offered if it must be, and does not count as tried.
    Untried,
}

/// An address that is given back (rule R5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// The VLAN.
    pub vlan: VlanId,
    /// The address.
    pub address: Ipv4Addr,
    /// Who had it.
    pub client: Client,
}

/// An address in use by somebody unknown (rules R14 and R15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The VLAN.
    pub vlan: VlanId,
    /// The address.
    pub address: Ipv4Addr,
    /// The client that found out; none if the rack did.
    pub client: Option<Client>,
}
