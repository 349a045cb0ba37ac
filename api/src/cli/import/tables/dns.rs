//! Domains, their records and where to forward the rest.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{
    DnsDataId, DnsResourceAddressId, DnsResourceId, DomainId, ForwardDnsServerId, StaticIpAddressId,
};
use regent_core::time::WallTime;
use std::net::IpAddr;

record! {
    /// A DNS domain.
    Domain in "maasserver_domain" by "id" {
        id: DomainId,
        created: WallTime,
        updated: WallTime,
        name: String,
        authoritative: Option<bool>,
        /// In seconds.
        ttl: Option<i64>,
    }
}

record! {
    /// The domain of nodes that are given none. One row.
    GlobalDefault in "maasserver_globaldefault" by "id" {
        domain_id: DomainId,
    }
}

record! {
    /// A name server to ask for a domain that is not ours.
    ForwardDnsServer in "maasserver_forwarddnsserver" by "id" {
        id: ForwardDnsServerId,
        ip_address: IpAddr,
        port: i64 = 53,
    }
}

record! {
    /// Which domain is asked for where.
    ForwardDnsServerDomain in "maasserver_forwarddnsserver_domains" by "id" {
        forwarddnsserver_id: ForwardDnsServerId,
        domain_id: DomainId,
    }
}

record! {
    /// A name in a domain.
    DnsResource in "maasserver_dnsresource" by "id" {
        id: DnsResourceId,
        created: WallTime,
        updated: WallTime,
        /// `@` is the domain itself.
        name: Option<String>,
        domain_id: DomainId,
        /// In seconds.
        address_ttl: Option<i64>,
    }
}

record! {
    /// An address of a name.
    DnsResourceAddress in "maasserver_dnsresource_ip_addresses" by "id" {
        id: DnsResourceAddressId,
        dnsresource_id: DnsResourceId,
        staticipaddress_id: StaticIpAddressId,
    }
}

record! {
    /// A record that is not an address.
    DnsData in "maasserver_dnsdata" by "id" {
        id: DnsDataId,
        created: WallTime,
        updated: WallTime,
        dnsresource_id: DnsResourceId,
        rrtype: String,
        /// Zone-file text.
        rrdata: String,
        /// In seconds.
        ttl: Option<i64>,
    }
}

record! {
    /// A zone serial that was once in use.
    DnsPublication in "maasserver_dnspublication" by "id" {
        serial: i64,
    }
}
