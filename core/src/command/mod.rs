//! What can be asked of the state machine. Plain data, replicated as it is, separate from what HTTP speaks.
//!
//! Variants are appended, never reordered: their order is part of the log's format.

pub mod allocate_address;
pub mod api_token;
pub mod availability_zone;
pub mod bmc;
pub mod dhcp_snippet;
pub mod digest;
pub mod dns_data;
pub mod dns_resource;
pub mod domain;
pub mod edit;
pub mod fabric;
pub mod import;
pub mod interface;
pub mod ip_range;
pub mod lease;
pub mod link;
pub mod member;
mod nesting;
pub mod node;
pub mod owner_data;
pub mod patch;
pub mod rack;
pub mod rack_token;
pub mod reserved_ip;
pub mod resource_pool;
pub mod secret;
pub mod session;
pub mod setting;
pub mod site;
pub mod space;
pub mod static_ip_address;
pub mod static_route;
pub mod subnet;
pub mod tag;
pub mod user;
pub mod vlan;

use crate::command::allocate_address::AllocateAddress;
use crate::command::api_token::{ApiTokenCommand, IssueToken};
use crate::command::availability_zone::AvailabilityZoneCommand;
use crate::command::bmc::BmcCommand;
use crate::command::dhcp_snippet::DhcpSnippetCommand;
use crate::command::digest::DigestCommand;
use crate::command::dns_data::DnsDataCommand;
use crate::command::dns_resource::DnsResourceCommand;
use crate::command::domain::DomainCommand;
use crate::command::fabric::FabricCommand;
use crate::command::import::ImportCommand;
use crate::command::interface::InterfaceCommand;
use crate::command::ip_range::IpRangeCommand;
use crate::command::lease::LeaseCommand;
use crate::command::link::LinkCommand;
use crate::command::member::MemberCommand;
use crate::command::node::NodeCommand;
use crate::command::owner_data::OwnerDataCommand;
use crate::command::rack::RackCommand;
use crate::command::rack_token::RackTokenCommand;
use crate::command::reserved_ip::ReservedIpCommand;
use crate::command::resource_pool::ResourcePoolCommand;
use crate::command::secret::SecretCommand;
use crate::command::session::SessionCommand;
use crate::command::setting::SettingCommand;
use crate::command::site::SiteCommand;
use crate::command::space::SpaceCommand;
use crate::command::static_ip_address::StaticIpAddressCommand;
use crate::command::static_route::StaticRouteCommand;
use crate::command::subnet::SubnetCommand;
use crate::command::tag::TagCommand;
use crate::command::user::UserCommand;
use crate::command::vlan::VlanCommand;
use crate::id::SessionId;
use crate::model::event::Event;
use crate::object::{Kind, ObjectRef};
use crate::revision::Revision;
use crate::time::{ClusterTime, WallTime};
use serde::{Deserialize, Serialize};

/// Steps of one batch.
pub const BATCH_STEPS_MAX: usize = 1024;

// A batch somewhat too long is refused by apply, which says so, not by the decoder.
const _: () = assert!(nesting::STEPS_MAX > BATCH_STEPS_MAX);

/// A request with the time its leader stamped on it: one entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Cluster time at the leader; apply never lets it go back.
    pub at: ClusterTime,
    /// The leader's wall clock.
    pub wall: WallTime,
    /// What was asked, as its origin sent it.
    pub request: Request,
}

/// What was asked, by whom, and how it is told from a repetition of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub principal: String,
    /// The origin's own protection against applying it twice.
    pub origin: Option<Origin>,
    /// The client's own protection against applying it twice.
    pub key: Option<ClientKey>,
    /// What must hold for the command to be carried out.
    pub guards: Vec<Guard>,
    /// What to do.
    pub command: Command,
}

/// Which write of which session this is (DESIGN D5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The session.
    pub session: SessionId,
    /// The write's number in the session, counted from 1.
    pub sequence: u64,
    /// Every lower number is acknowledged at the origin.
    pub floor: u64,
}

/// A client's idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    /// The text the client sent.
    pub key: String,
    /// SHA-256 of method, path and body it came with.
    pub request_hash: [u8; 32],
}

/// A condition on the state the command is applied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    /// The object exists and was last changed at this revision.
    Revision(ObjectRef, Revision),
    /// The object exists.
    Exists(ObjectRef),
    /// There is no such object.
    Absent(ObjectRef),
    /// No object is known by this name, when the command is applied.
    NameAbsent {
        /// The kind of object.
        kind: Kind,
        /// The name.
        name: String,
    },
}

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Nothing but the passing of time: deadlines that are due happen.
    Tick,
    /// Several commands as one: all or none.
    Batch(#[serde(deserialize_with = "nesting::steps")] Vec<Self>),
    /// About sessions.
    Session(SessionCommand),
    /// About domains.
    Domain(DomainCommand),
    /// About machines, devices and controllers.
    Node(Box<NodeCommand>),
    /// About interfaces.
    Interface(InterfaceCommand),
    /// About the region's own nodes.
    Member(MemberCommand),
    /// About availability zones.
    AvailabilityZone(AvailabilityZoneCommand),
    /// About resource pools.
    ResourcePool(ResourcePoolCommand),
    /// About tags.
    Tag(TagCommand),
    /// About spaces.
    Space(SpaceCommand),
    /// About fabrics.
    Fabric(FabricCommand),
    /// About VLANs.
    Vlan(VlanCommand),
    /// About subnets.
    Subnet(SubnetCommand),
    /// About IP ranges.
    IpRange(IpRangeCommand),
    /// About static routes.
    StaticRoute(StaticRouteCommand),
    /// About reserved IPs.
    ReservedIp(ReservedIpCommand),
    /// About IP addresses in use.
    StaticIpAddress(StaticIpAddressCommand),
    /// About links between interfaces and subnets.
    Link(LinkCommand),
    /// About BMCs.
    Bmc(BmcCommand),
    /// About DHCP snippets.
    DhcpSnippet(DhcpSnippetCommand),
    /// About workload annotations.
    OwnerData(OwnerDataCommand),
    /// About users.
    User(UserCommand),
    /// About API tokens.
    ApiToken(ApiTokenCommand),
    /// About secrets.
    Secret(SecretCommand),
    /// About settings of the site.
    Setting(SettingCommand),
    /// About recorded leases.
    Lease(LeaseCommand),
    /// About the site as a whole.
    Site(SiteCommand),
    /// Takes the next free addresses.
    AllocateAddress(AllocateAddress),
    /// Notes what happened.
    RecordEvent(Event),
    /// About whether replicas are equal.
    Digest(DigestCommand),
    /// About DNS resources.
    DnsResource(DnsResourceCommand),
    /// About DNS records other than addresses.
    DnsData(DnsDataCommand),
    /// One of two batches, decided where it is applied: the first if all guards hold, else the second.
    Either {
        /// What decides.
        guards: Vec<Guard>,
        /// Done if all of them hold.
        #[serde(deserialize_with = "nesting::steps")]
        then: Vec<Self>,
        /// Done if one does not.
        #[serde(deserialize_with = "nesting::steps")]
        otherwise: Vec<Self>,
    },
    /// About bringing another site in.
    Import(ImportCommand),
    /// Makes an API token with its secret.
    IssueToken(IssueToken),
    /// From racks, about leases.
    Rack(RackCommand),
    /// About tokens with which racks enrol.
    RackToken(RackTokenCommand),
}
