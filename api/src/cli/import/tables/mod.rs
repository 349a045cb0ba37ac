//! The tables of MAAS that are imported, each as typed rows.
//!
//! Columns are those of MAAS 3.5 to 3.8; further ones are passed over. What the rows mean, and whether what they
//! refer to exists, is not judged here.

pub mod addresses;
pub mod dns;
pub mod ids;
pub mod interfaces;
pub mod networks;
pub mod nodes;
pub mod power;
pub mod settings;
pub mod users;

use crate::cli::import::record::{Column, FieldError, Fields, Record};
use crate::cli::import::tables::addresses::{IpRange, ReservedIp, StaticIpAddress};
use crate::cli::import::tables::dns::{
    DnsData, DnsPublication, DnsResource, DnsResourceAddress, Domain, ForwardDnsServer,
    ForwardDnsServerDomain, GlobalDefault,
};
use crate::cli::import::tables::interfaces::{Interface, InterfaceAddress, InterfaceRelationship};
use crate::cli::import::tables::networks::{Fabric, Space, StaticRoute, Subnet, Vlan};
use crate::cli::import::tables::nodes::{
    ControllerInfo, DefaultResource, Node, NodeConfig, NodeTag, OwnerData, ResourcePool, Tag, Zone,
};
use crate::cli::import::tables::power::{Bmc, Secret, VaultSecret};
use crate::cli::import::tables::settings::{
    AlembicVersion, Config, DhcpSnippet, DjangoMigration, Event, EventType, VersionedTextFile,
};
use crate::cli::import::tables::users::{Consumer, Token, User, UserProfile};

/// Declares [`Tables`], which holds rows as they come, and [`TableKind`], which also knows the tables of which only
/// a part or a sum is kept.
macro_rules! tables {
    (
        held { $($field:ident: $record:ident),* $(,)? }
        condensed { $($condensed:ident),* $(,)? }
    ) => {
        /// The rows of one MAAS database, in the order of the dump.
        #[derive(Debug, Default)]
        pub struct Tables {
            $(
                #[doc = concat!("Rows of [`", stringify!($record), "`].")]
                pub $field: Vec<$record>,
            )*
        }

        /// A table that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum TableKind {
            $(
                #[doc = concat!("The table of [`", stringify!($record), "`], held in [`Tables`].")]
                $record,
            )*
            $(
                #[doc = concat!("The table of [`", stringify!($condensed), "`], not held as it is.")]
                $condensed,
            )*
        }

        impl TableKind {
            /// All of them.
            pub const ALL: &'static [Self] =
                &[$(Self::$record,)* $(Self::$condensed,)*];

            /// The table's name in schema `public`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$record => $record::TABLE,)*
                    $(Self::$condensed => $condensed::TABLE,)*
                }
            }

            /// The column that names a row.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$record => $record::KEY,)*
                    $(Self::$condensed => $condensed::KEY,)*
                }
            }

            /// The columns that are read.
            #[must_use]
            pub const fn columns(self) -> &'static [Column] {
                match self {
                    $(Self::$record => $record::COLUMNS,)*
                    $(Self::$condensed => $condensed::COLUMNS,)*
                }
            }
        }

        /// A row of a table that is not held as it is.
        #[derive(Debug)]
        pub enum Condensed {
            $(
                #[doc = concat!("A row of [`", stringify!($condensed), "`].")]
                $condensed($condensed),
            )*
        }

        impl Tables {
            /// Adds a row, or hands it back if its kind is not held.
            ///
            /// # Errors
            /// If a value does not fit its column.
            pub fn add(
                &mut self,
                kind: TableKind,
                fields: Fields<'_>,
            ) -> Result<Option<Condensed>, FieldError> {
                match kind {
                    $(TableKind::$record => {
                        self.$field.push($record::read(fields)?);
                        Ok(None)
                    })*
                    $(TableKind::$condensed => {
                        $condensed::read(fields).map(|row| Some(Condensed::$condensed(row)))
                    })*
                }
            }
        }
    };
}

tables! {
    held {
        nodes: Node,
        node_configs: NodeConfig,
        controller_infos: ControllerInfo,
        tags: Tag,
        node_tags: NodeTag,
        resource_pools: ResourcePool,
        zones: Zone,
        default_resources: DefaultResource,
        owner_data: OwnerData,
        interfaces: Interface,
        interface_relationships: InterfaceRelationship,
        interface_addresses: InterfaceAddress,
        fabrics: Fabric,
        spaces: Space,
        vlans: Vlan,
        subnets: Subnet,
        static_routes: StaticRoute,
        static_ip_addresses: StaticIpAddress,
        ip_ranges: IpRange,
        reserved_ips: ReservedIp,
        domains: Domain,
        global_defaults: GlobalDefault,
        forward_dns_servers: ForwardDnsServer,
        forward_dns_server_domains: ForwardDnsServerDomain,
        dns_resources: DnsResource,
        dns_resource_addresses: DnsResourceAddress,
        dns_data: DnsData,
        bmcs: Bmc,
        secrets: Secret,
        vault_secrets: VaultSecret,
        users: User,
        user_profiles: UserProfile,
        consumers: Consumer,
        tokens: Token,
        configs: Config,
        dhcp_snippets: DhcpSnippet,
        versioned_text_files: VersionedTextFile,
        event_types: EventType,
    }
    condensed { Event, DnsPublication, AlembicVersion, DjangoMigration }
}

impl TableKind {
    /// The kind of the table of this name in schema `public`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
