//! Topics: what watchers call the kinds of things that change.
//!
//! A topic depends on the kind alone, so that the same revision reads the same on every node and at any later time.
//! Machines, devices and controllers are one kind: `nodes`.

use crate::http::problem::Problem;
use regent_core::object::Kind;
use std::collections::BTreeSet;

/// Every watched kind and its topic, which is its collection's path where it has one.
pub const TOPICS: &[(Kind, &str)] = &[
    (Kind::Domain, "domains"),
    (Kind::DnsResource, "dns-resources"),
    (Kind::DnsData, "dns-records"),
    (Kind::Node, "nodes"),
    (Kind::Interface, "interfaces"),
    (Kind::Member, "members"),
    (Kind::AvailabilityZone, "zones"),
    (Kind::ResourcePool, "pools"),
    (Kind::Tag, "tags"),
    (Kind::Space, "spaces"),
    (Kind::Fabric, "fabrics"),
    (Kind::Vlan, "vlans"),
    (Kind::Subnet, "subnets"),
    (Kind::IpRange, "ip-ranges"),
    (Kind::StaticRoute, "static-routes"),
    (Kind::ReservedIp, "reserved-ips"),
    (Kind::StaticIpAddress, "ip-addresses"),
    (Kind::Bmc, "bmcs"),
    (Kind::DhcpSnippet, "dhcp-snippets"),
    (Kind::OwnerData, "owner-data"),
    (Kind::User, "users"),
    (Kind::ApiToken, "api-tokens"),
    (Kind::Setting, "config"),
    (Kind::Lease, "leases"),
    (Kind::GlobalDefaults, "global-defaults"),
];

/// Other names for topics.
const ALIASES: &[(&str, Kind)] =
    &[("machines", Kind::Node), ("devices", Kind::Node), ("controllers", Kind::Node)];

/// The topic of a kind; kinds that came later than this list are `other`.
#[must_use]
pub fn of_kind(kind: Kind) -> &'static str {
    TOPICS.iter().find(|(known, _)| *known == kind).map_or("other", |(_, topic)| topic)
}

/// Which kinds a watcher wants; all if it does not say.
#[derive(Clone, Debug, Default)]
pub struct Topics(Option<BTreeSet<Kind>>);

impl Topics {
    /// Reads a list of topics, separated by commas.
    ///
    /// # Errors
    /// [`Problem`] naming what is no topic.
    pub fn parse(list: Option<&str>) -> Result<Self, Problem> {
        let Some(list) = list else { return Ok(Self(None)) };
        let kind = |topic: &str| {
            let plain = TOPICS.iter().find(|(_, known)| *known == topic).map(|(kind, _)| *kind);
            let alias = || ALIASES.iter().find(|(known, _)| *known == topic).map(|(_, kind)| *kind);
            plain.or_else(alias).ok_or_else(|| {
                let known: Vec<&str> = TOPICS.iter().map(|(_, topic)| *topic).collect();
                let message = format!("{topic:?} is none of {}", known.join(", "));
                Problem::invalid("topics", message)
            })
        };
        list.split(',').map(kind).collect::<Result<_, _>>().map(|kinds| Self(Some(kinds)))
    }

    /// Whether a kind is wanted.
    #[must_use]
    pub fn wants(&self, kind: Kind) -> bool {
        self.0.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}
