//! Configuration, DHCP snippets, events and the marks of the schema's version.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{
    DhcpSnippetId, EventId, EventTypeId, IpRangeId, NodeId, SubnetId, UserId, VersionedTextFileId,
};
use crate::cli::import::value::Hidden;
use regent_core::time::WallTime;
use serde_json::Value as Json;
use std::net::IpAddr;

record! {
    /// One setting; those that are not there have MAAS's default.
    Config in "maasserver_config" by "name" {
        name: String,
        /// May hold a secret, such as the key of a proxy.
        value: Option<Hidden<Json>>,
    }
}

record! {
    /// A piece of configuration for ISC dhcpd, for everything or for one node, subnet or range.
    DhcpSnippet in "maasserver_dhcpsnippet" by "id" {
        id: DhcpSnippetId,
        created: WallTime,
        updated: WallTime,
        name: String,
        description: String,
        enabled: bool,
        node_id: Option<NodeId>,
        subnet_id: Option<SubnetId>,
        iprange_id: Option<IpRangeId> = None,
        /// Its text as it stands.
        value_id: VersionedTextFileId,
    }
}

record! {
    /// One version of a text.
    VersionedTextFile in "maasserver_versionedtextfile" by "id" {
        id: VersionedTextFileId,
        data: Option<String>,
        previous_version_id: Option<VersionedTextFileId>,
    }
}

record! {
    /// A kind of event.
    EventType in "maasserver_eventtype" by "id" {
        id: EventTypeId,
        name: String,
        /// As in Python's logging: 10 debug, 20 info, 30 warning, 40 error, 50 critical, and 0 audit.
        level: i64,
    }
}

record! {
    /// Something that happened. Its node may long be deleted.
    Event in "maasserver_event" by "id" {
        id: EventId,
        created: WallTime,
        type_id: EventTypeId,
        node_id: Option<NodeId>,
        node_system_id: Option<String>,
        node_hostname: String,
        username: String,
        user_id: Option<UserId>,
        ip_address: Option<IpAddr>,
        user_agent: String,
        endpoint: i64,
        action: String,
        description: String,
    }
}

record! {
    /// The schema's version from 3.7 on.
    AlembicVersion in "alembic_version" by "version_num" {
        version_num: String,
    }
}

record! {
    /// A step of the schema's history until 3.6.
    DjangoMigration in "django_migrations" by "id" {
        app: String,
        name: String,
    }
}
