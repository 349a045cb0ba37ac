//! The list of tables. A new noun is one line here, one number in `object::Kind`, and one file in `listed`.

use crate::id::{
    ApiTokenId, AvailabilityZoneId, BmcId, DhcpSnippetId, DnsDataId, DnsResourceId, DomainId,
    EventId, FabricId, GlobalDefaultsId, InterfaceId, IpRangeId, MemberId, NodeId, QuarantineId,
    RackLifeId, RackTokenId, ReservedIpId, ResourcePoolId, SessionId, SpaceId, StaticIpAddressId,
    StaticRouteId, SubnetId, TagId, UserId, VlanId,
};
use crate::lease::quarantine::Quarantine;
use crate::model::api_token::ApiToken;
use crate::model::availability_zone::AvailabilityZone;
use crate::model::bmc::Bmc;
use crate::model::cut_over::CutOver;
use crate::model::decline_count::DeclineCount;
use crate::model::dhcp_service::DhcpService;
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::dns_data::DnsData;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::event::Event;
use crate::model::fabric::Fabric;
use crate::model::foreign_dhcp::ForeignDhcp;
use crate::model::global_defaults::GlobalDefaults;
use crate::model::import::{Import, ImportChunk, ImportChunkId, ImportId};
use crate::model::interface::Interface;
use crate::model::ip_range::IpRange;
use crate::model::lease::Lease;
use crate::model::lease_block::LeaseBlock;
use crate::model::member::Member;
use crate::model::node::Node;
use crate::model::owner_data::{OwnerData, OwnerDataKey};
use crate::model::pool_level::PoolLevel;
use crate::model::rack_key::RackKey;
use crate::model::rack_life::RackLife;
use crate::model::rack_token::RackToken;
use crate::model::reserved_ip::ReservedIp;
use crate::model::resource_pool::ResourcePool;
use crate::model::secret::{Secret, SecretKey};
use crate::model::setting::{Setting, SettingName};
use crate::model::space::Space;
use crate::model::static_ip_address::StaticIpAddress;
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet;
use crate::model::tag::Tag;
use crate::model::user::User;
use crate::model::vlan::Vlan;
use crate::model::zone_serial::{ZoneName, ZoneSerial};
use crate::object::{Kind, ObjectRef, TableKey};
use crate::revision::Revision;
use crate::state::idempotency::KeyUse;
use crate::state::index::Indexed;
use crate::state::key_id::KeyId;
use crate::state::ring::RevisionChanges;
use crate::state::session::{KeptReply, Session, SessionWrite};
use crate::state::table::Table;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use std::net::IpAddr;

/// A type with a table of its own. Implemented by the list below.
pub trait Stored:
    Indexed<Self::Id> + Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static
{
    /// What its rows are found by.
    type Id: TableKey;

    /// Which table.
    const KIND: Kind;

    /// Whether its changes are told to watchers. Internal bookkeeping is not.
    const WATCHED: bool;

    /// Its table.
    fn table(tables: &Tables) -> &Table<Self::Id, Self>;

    /// Its table, to change.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self::Id, Self>;

    /// Points at one of its rows.
    fn object(id: &Self::Id) -> ObjectRef {
        ObjectRef { kind: Self::KIND, key: id.to_key() }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident: $row:ty[$id:ty] = $kind:expr, $watched:ident;)*) => {
        /// All tables of the state.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Tables {$(
            $(#[$doc])*
            pub $field: Table<$id, $row>,
        )*}

        $(impl Stored for $row {
            type Id = $id;
            const KIND: Kind = $kind;
            const WATCHED: bool = $watched;

            fn table(tables: &Tables) -> &Table<$id, Self> {
                &tables.$field
            }

            fn table_mut(tables: &mut Tables) -> &mut Table<$id, Self> {
                &mut tables.$field
            }
        })*

        /// Something done to every table in turn: writing a snapshot, checking invariants, counting.
        pub trait TableVisitor {
            /// Why it ended early.
            type Error;

            /// One table.
            ///
            /// # Errors
            /// Whatever ends the walk.
            fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Self::Error>;
        }

        /// Something done with the type of the table of one kind: reading a snapshot's rows.
        pub trait KindVisitor {
            /// What comes of it.
            type Output;

            /// The type that lives in the table.
            fn visit<T: Stored>(self) -> Self::Output;
        }

        impl Tables {
            /// Shows every table to `visitor`, in a fixed order.
            ///
            /// # Errors
            /// The first error of the visitor.
            pub fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
                $(visitor.visit::<$row>(&self.$field)?;)*
                Ok(())
            }
        }

        /// Shows `visitor` the type stored in the table with this number; `None` if there is no such table.
        pub fn visit_kind<V: KindVisitor>(kind: u8, visitor: V) -> Option<V::Output> {
            $(if kind == <$row as Stored>::KIND as u8 {
                return Some(visitor.visit::<$row>());
            })*
            None
        }
    };
}

const WATCHED: bool = true;
const INTERNAL: bool = false;

tables! {
    /// DNS domains.
    domains: Domain[DomainId] = Kind::Domain, WATCHED;
    /// Machines, devices and controllers.
    nodes: Node[NodeId] = Kind::Node, WATCHED;
    /// Network interfaces.
    interfaces: Interface[InterfaceId] = Kind::Interface, WATCHED;
    /// Nodes of the region's Raft group, removed ones included.
    members: Member[MemberId] = Kind::Member, WATCHED;
    /// DNS resources.
    dns_resources: DnsResource[DnsResourceId] = Kind::DnsResource, WATCHED;
    /// DNS records other than addresses.
    dns_data: DnsData[DnsDataId] = Kind::DnsData, WATCHED;
    /// Serials of the DNS zones.
    zone_serials: ZoneSerial[ZoneName] = Kind::ZoneSerial, INTERNAL;
    /// Availability zones.
    availability_zones: AvailabilityZone[AvailabilityZoneId] = Kind::AvailabilityZone, WATCHED;
    /// Resource pools.
    resource_pools: ResourcePool[ResourcePoolId] = Kind::ResourcePool, WATCHED;
    /// Tags.
    tags: Tag[TagId] = Kind::Tag, WATCHED;
    /// Spaces.
    spaces: Space[SpaceId] = Kind::Space, WATCHED;
    /// Fabrics.
    fabrics: Fabric[FabricId] = Kind::Fabric, WATCHED;
    /// VLANs.
    vlans: Vlan[VlanId] = Kind::Vlan, WATCHED;
    /// Subnets.
    subnets: Subnet[SubnetId] = Kind::Subnet, WATCHED;
    /// IP ranges.
    ip_ranges: IpRange[IpRangeId] = Kind::IpRange, WATCHED;
    /// Static routes.
    static_routes: StaticRoute[StaticRouteId] = Kind::StaticRoute, WATCHED;
    /// Reserved IPs.
    reserved_ips: ReservedIp[ReservedIpId] = Kind::ReservedIp, WATCHED;
    /// IP addresses in use.
    static_ip_addresses: StaticIpAddress[StaticIpAddressId] = Kind::StaticIpAddress, WATCHED;
    /// BMCs.
    bmcs: Bmc[BmcId] = Kind::Bmc, WATCHED;
    /// DHCP snippets.
    dhcp_snippets: DhcpSnippet[DhcpSnippetId] = Kind::DhcpSnippet, WATCHED;
    /// Workload annotations.
    owner_data: OwnerData[OwnerDataKey] = Kind::OwnerData, WATCHED;
    /// Users.
    users: User[UserId] = Kind::User, WATCHED;
    /// API tokens.
    api_tokens: ApiToken[ApiTokenId] = Kind::ApiToken, WATCHED;
    /// Settings of the site.
    settings: Setting[SettingName] = Kind::Setting, WATCHED;
    /// DHCP leases.
    leases: Lease[IpAddr] = Kind::Lease, WATCHED;
    /// Which racks serve DHCP on which VLAN.
    dhcp_services: DhcpService[VlanId] = Kind::DhcpService, INTERNAL;
    /// Blocks of addresses that racks give without asking.
    lease_blocks: LeaseBlock[IpAddr] = Kind::LeaseBlock, INTERNAL;
    /// Lives of racks, and those that are over while it matters.
    rack_lives: RackLife[RackLifeId] = Kind::RackLife, INTERNAL;
    /// Keys of the racks that enrolled.
    rack_keys: RackKey[NodeId] = Kind::RackKey, INTERNAL;
    /// Tokens with which racks may enrol.
    rack_tokens: RackToken[RackTokenId] = Kind::RackToken, INTERNAL;
    /// Addresses of subnets that were declined lately.
    decline_counts: DeclineCount[SubnetId] = Kind::DeclineCount, INTERNAL;
    /// DHCP servers not ours, heard on VLANs.
    foreign_dhcp: ForeignDhcp[VlanId] = Kind::ForeignDhcp, INTERNAL;
    /// How near to being exhausted the dynamic addresses of subnets are, where they are.
    pool_levels: PoolLevel[SubnetId] = Kind::PoolLevel, INTERNAL;
    /// Addresses that another DHCP server may have given, while they are closed.
    cut_overs: CutOver[SubnetId] = Kind::CutOver, INTERNAL;
    /// The quarantine of leases, while there is one.
    quarantines: Quarantine[QuarantineId] = Kind::Quarantine, INTERNAL;
    /// The one row of defaults.
    global_defaults: GlobalDefaults[GlobalDefaultsId] = Kind::GlobalDefaults, WATCHED;
    /// Events; a feed of their own, so not told to watchers.
    events: Event[EventId] = Kind::Event, INTERNAL;
    /// Secrets of other objects.
    secrets: Secret[SecretKey] = Kind::Secret, INTERNAL;
    /// Open client sessions.
    sessions: Session[SessionId] = Kind::Session, INTERNAL;
    /// Kept outcomes of session writes.
    session_replies: KeptReply[SessionWrite] = Kind::SessionReply, INTERNAL;
    /// Kept outcomes of idempotency keys.
    keys: KeyUse[KeyId] = Kind::IdempotencyKey, INTERNAL;
    /// The import under way, and the last one that was committed.
    imports: Import[ImportId] = Kind::Import, INTERNAL;
    /// Rows of the import under way, which nobody reads before it is committed.
    import_chunks: ImportChunk[ImportChunkId] = Kind::ImportChunk, INTERNAL;
    /// The change ring: what each of the last revisions touched.
    changes: RevisionChanges[Revision] = Kind::RevisionChanges, INTERNAL;
}
