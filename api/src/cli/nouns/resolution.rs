//! Names: domains, what stands in them, and what racks tell DHCP clients in words of their own.

use crate::cli::nouns::collection::{
    DHCP_SNIPPETS, DNS_RECORDS, DNS_RESOURCES, DOMAINS, IP_ADDRESSES, IP_RANGES, NODES, SUBNETS,
};
use crate::cli::nouns::noun::{Action, Means, Noun, Writes};

/// These nouns.
pub const NOUNS: &[Noun] = &[
    Noun {
        name: "domain",
        collection: DOMAINS,
        about: "DNS domains",
        known_by: "name or number",
        columns: &["id", "name", "authoritative", "ttl", "is_default", "forward_servers"],
        fields: &[("forward_servers", Means::Texts)],
        writes: Writes::All,
        actions: &[Action::post(
            "set-default",
            "Put new machines that name no domain in it",
            "/v1/domains/{id}/actions/set_default",
        )],
        examples: &[
            "domain create name=lab.test ttl=300",
            "domain create name=corp.example authoritative=false forward_servers=10.0.0.2,10.0.0.3",
        ],
    },
    Noun {
        name: "dns-resource",
        collection: DNS_RESOURCES,
        about: "Names that people gave, with their addresses",
        known_by: "full name or number",
        columns: &["id", "fqdn", "ip_addresses", "address_ttl"],
        fields: &[("domain", Means::One(DOMAINS)), ("addresses", Means::Many(IP_ADDRESSES))],
        writes: Writes::All,
        actions: &[],
        examples: &["dns-resource create name=www domain=lab.test addresses=10.7.0.9"],
    },
    Noun {
        name: "dns-record",
        collection: DNS_RECORDS,
        about: "Records of names, other than addresses",
        known_by: "number",
        columns: &["id", "fqdn", "ttl", "rrtype", "rrdata"],
        fields: &[("dnsresource", Means::One(DNS_RESOURCES))],
        writes: Writes::All,
        actions: &[],
        examples: &[
            "dns-record create dnsresource=www.lab.test rrtype=MX rrdata='10 mail.lab.test'",
            "dns-record ls --filter rrtype=CNAME",
        ],
    },
    Noun {
        name: "dhcp-snippet",
        collection: DHCP_SNIPPETS,
        about: "DHCP snippets: recorded, not read",
        known_by: "number",
        columns: &["id", "name", "enabled", "node", "subnet", "iprange", "description"],
        fields: &[
            ("node", Means::One(NODES)),
            ("subnet", Means::One(SUBNETS)),
            ("iprange", Means::One(IP_RANGES)),
        ],
        writes: Writes::All,
        actions: &[],
        examples: &["dhcp-snippet set 1 enabled=false"],
    },
];
