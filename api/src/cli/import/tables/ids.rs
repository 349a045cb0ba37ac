//! Primary keys, as MAAS numbered the rows: one type a table, so that none is taken for another.

use crate::cli::import::value::{Value, ValueError};
use std::fmt;

macro_rules! ids {
    ($($id:ident of $table:literal),* $(,)?) => { $(
        #[doc = concat!("Key of a row of `", $table, "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $id(pub i64);

        impl Value for $id {
            fn parse(text: Option<&str>) -> Result<Self, ValueError> {
                i64::parse(text).map(Self)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )* };
}

ids! {
    BmcId of "maasserver_bmc",
    ConsumerId of "piston3_consumer",
    DhcpSnippetId of "maasserver_dhcpsnippet",
    DnsDataId of "maasserver_dnsdata",
    DnsResourceId of "maasserver_dnsresource",
    DnsResourceAddressId of "maasserver_dnsresource_ip_addresses",
    DomainId of "maasserver_domain",
    EventId of "maasserver_event",
    EventTypeId of "maasserver_eventtype",
    FabricId of "maasserver_fabric",
    ForwardDnsServerId of "maasserver_forwarddnsserver",
    InterfaceId of "maasserver_interface",
    InterfaceAddressId of "maasserver_interface_ip_addresses",
    InterfaceRelationshipId of "maasserver_interfacerelationship",
    IpRangeId of "maasserver_iprange",
    NodeId of "maasserver_node",
    NodeConfigId of "maasserver_nodeconfig",
    OwnerDataId of "maasserver_ownerdata",
    ReservedIpId of "maasserver_reservedip",
    ResourcePoolId of "maasserver_resourcepool",
    SpaceId of "maasserver_space",
    StaticIpAddressId of "maasserver_staticipaddress",
    StaticRouteId of "maasserver_staticroute",
    SubnetId of "maasserver_subnet",
    TagId of "maasserver_tag",
    TokenId of "piston3_token",
    UserId of "auth_user",
    VersionedTextFileId of "maasserver_versionedtextfile",
    VlanId of "maasserver_vlan",
    ZoneId of "maasserver_zone",
}
