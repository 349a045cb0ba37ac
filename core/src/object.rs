//! What kinds of things the state holds, and how one of them is pointed at in changes, refusals and outcomes.

use crate::id::Id;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use std::net::IpAddr;

/// One table of the state. The numbers are part of every format: never change or reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Kind {
    /// A DNS domain.
    Domain = 1,
    /// A machine, device or controller.
    Node = 2,
    /// A network interface.
    Interface = 3,
    /// A client session; internal.
    Session = 4,
    /// The kept outcome of one write of a session; internal.
    SessionReply = 5,
    /// The kept outcome of one idempotency key; internal.
    IdempotencyKey = 6,
    /// The changes of one revision; internal.
    RevisionChanges = 7,
    /// A node of the region's Raft group, present or removed.
    Member = 8,
    // 9 to 15 are left for DNS.
    /// A DNS resource: a name people gave.
    DnsResource = 9,
    /// A DNS record other than an address.
    DnsData = 10,
    /// The serial of a DNS zone; internal.
    ZoneSerial = 11,
    // 12 to 15 are left for DNS.
    /// An availability zone (MAAS's physical zone).
    AvailabilityZone = 16,
    /// A resource pool.
    ResourcePool = 17,
    /// A tag.
    Tag = 18,
    /// A space.
    Space = 19,
    /// A fabric.
    Fabric = 20,
    /// A VLAN.
    Vlan = 21,
    /// A subnet.
    Subnet = 22,
    /// An IP range.
    IpRange = 23,
    /// A static route.
    StaticRoute = 24,
    /// A reserved IP.
    ReservedIp = 25,
    /// An IP address in use.
    StaticIpAddress = 26,
    /// A BMC.
    Bmc = 27,
    /// A DHCP snippet.
    DhcpSnippet = 28,
    /// A workload annotation of a node.
    OwnerData = 29,
    /// A user.
    User = 30,
    /// A user's API token.
    ApiToken = 31,
    /// A setting of the site.
    Setting = 32,
    /// An event in a node's life.
    Event = 33,
    /// A DHCP lease.
    Lease = 34,
    /// What new objects get where nothing else is said.
    GlobalDefaults = 35,
    /// A secret of another object; internal, never listed.
    Secret = 36,
    /// An import of another site; internal.
    Import = 37,
    /// Rows of an import under way; internal.
    ImportChunk = 38,
    /// Who serves DHCP on a VLAN; internal.
    DhcpService = 39,
    /// A block of addresses that a rack gives; internal.
    LeaseBlock = 40,
    /// A life of a rack; internal.
    RackLife = 41,
    /// The quarantine of leases; internal.
    Quarantine = 42,
    /// The key of a rack; internal.
    RackKey = 43,
    /// A token with which a rack enrols; internal.
    RackToken = 44,
    /// How many addresses of a subnet were declined; internal.
    DeclineCount = 45,
    /// DHCP servers not ours, heard on a VLAN; internal.
    ForeignDhcp = 46,
    /// Addresses another DHCP server gave before ours did; internal.
    CutOver = 47,
    /// How near to being exhausted the dynamic addresses of a subnet are; internal.
    PoolLevel = 48,
}

impl Kind {
    /// The noun in messages, singular, as MAAS says it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Node => "node",
            Self::Interface => "interface",
            Self::Session => "session",
            Self::SessionReply => "session reply",
            Self::IdempotencyKey => "idempotency key",
            Self::RevisionChanges => "revision",
            Self::Member => "region node",
            Self::DnsResource => "DNS resource",
            Self::DnsData => "DNS record",
            Self::ZoneSerial => "zone serial",
            Self::AvailabilityZone => "availability zone",
            Self::ResourcePool => "resource pool",
            Self::Tag => "tag",
            Self::Space => "space",
            Self::Fabric => "fabric",
            Self::Vlan => "VLAN",
            Self::Subnet => "subnet",
            Self::IpRange => "IP range",
            Self::StaticRoute => "static route",
            Self::ReservedIp => "reserved IP",
            Self::StaticIpAddress => "IP address",
            Self::Bmc => "BMC",
            Self::DhcpSnippet => "DHCP snippet",
            Self::OwnerData => "owner data",
            Self::User => "user",
            Self::ApiToken => "API token",
            Self::Setting => "setting",
            Self::Event => "event",
            Self::Lease => "lease",
            Self::GlobalDefaults => "global defaults",
            Self::Secret => "secret",
            Self::Import => "import",
            Self::ImportChunk => "import chunk",
            Self::DhcpService => "DHCP service",
            Self::LeaseBlock => "lease block",
            Self::RackLife => "life of a rack",
            Self::Quarantine => "quarantine",
            Self::RackKey => "key of a rack",
            Self::RackToken => "rack token",
            Self::DeclineCount => "count of declines",
            Self::ForeignDhcp => "foreign DHCP servers",
            Self::PoolLevel => "level of a pool",
            Self::CutOver => "cut-over",
        }
    }
}

/// What an object of a kind is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// An integer id.
    Number(u64),
    /// An IP address.
    Address(IpAddr),
    /// A name.
    Name(String),
}

/// Points at one object: what watchers, rejections and outcomes speak of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: Kind,
    /// Which one of that kind.
    pub key: Key,
}

/// Points at one object with an integer id, in eight octets: what is referred to, and mostly by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbered {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub number: u32,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.noun(), self.key)
    }
}

impl ObjectRef {
    /// Points at the object of `kind` with this integer id.
    pub fn numbered(kind: Kind, id: impl Id) -> Self {
        Self { kind, key: id.to_key() }
    }
}

impl Numbered {
    /// The object of `kind` with this id.
    pub fn new(kind: Kind, id: impl Id) -> Self {
        Self { kind, number: id.number() }
    }

    /// The object pointed at, if it has an integer id.
    #[must_use]
    pub fn of(object: &ObjectRef) -> Option<Self> {
        match &object.key {
            Key::Number(number) => {
                Some(Self { kind: object.kind, number: u32::try_from(*number).ok()? })
            }
            Key::Address(_) | Key::Name(_) => None,
        }
    }
}

impl From<Numbered> for ObjectRef {
    fn from(object: Numbered) -> Self {
        Self { kind: object.kind, key: Key::Number(u64::from(object.number)) }
    }
}

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.noun(), self.number)
    }
}

/// What rows of a table are found by.
pub trait TableKey: Clone + Ord + fmt::Debug + Serialize + DeserializeOwned {
    /// Its form in references, changes and messages.
    fn to_key(&self) -> Key;

    /// Back from that form; `None` if it is the key of another kind of table.
    fn from_key(key: &Key) -> Option<Self>;
}

impl TableKey for IpAddr {
    fn to_key(&self) -> Key {
        Key::Address(*self)
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Address(address) => Some(*address),
            Key::Number(_) | Key::Name(_) => None,
        }
    }
}

impl<I: Id> TableKey for I {
    fn to_key(&self) -> Key {
        Key::Number(u64::from(self.number()))
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Number(number) => u32::try_from(*number).ok().map(Self::from_number),
            Key::Address(_) | Key::Name(_) => None,
        }
    }
}
