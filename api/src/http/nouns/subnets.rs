//! `/v1/subnets`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire as _;
use regent_core::command::Command;
use regent_core::command::subnet::SubnetPatch;
use regent_core::id::VlanId;
use regent_core::model::boot::BootSettings;
use regent_core::model::subnet::{RdnsMode, Subnet};
use regent_core::net::cidr::Cidr;
use regent_core::query::cut_over::{Pending, pending};
use regent_core::time::ClusterTime;
use std::net::IpAddr;

/// Subnets over HTTP.
pub struct Subnets;

impl Resource for Subnets {
    type Stored = Subnet;
    type Draft = SubnetPatch;
    const PATH: &'static str = "subnets";
    const SINGULAR: &'static str = "subnet";
    const ABOUT: &'static str =
        "A subnet: a network prefix on a VLAN, and what its hosts are told.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required cidr: Cidr, "Its prefix; overlaps no other subnet's."),
        field!(required vlan: VlanId, "The VLAN it is on."),
        field!(name: String, "Its name; its prefix if none is given."),
        field!(description: String, "Free text for people."),
        field!(gateway_ip: Option<IpAddr>, "The router its hosts use."),
        field!(dns_servers: Vec<IpAddr>, "Name servers its hosts use, before ours."),
        field!(rdns_mode: RdnsMode, "Reverse DNS: 0 none, 1 at octet or nibble boundaries, 2 also RFC 2317 for small prefixes."),
        field!(allow_dns: bool, "Whether its hosts may ask our name servers."),
        field!(allow_proxy: bool, "Whether its hosts may use our proxy."),
        field!(active_discovery: bool, "Whether it is scanned for hosts."),
        field!(managed: bool, "Whether addresses come from all of it; if not, only from its reserved ranges."),
        field!(disabled_boot_architectures: Vec<String>, "Boot methods not offered on it."),
        field!(boot: Option<BootSettings>, "How its clients boot, where that differs from the VLAN."),
        Field::<Self>::shown::<bool>(
            "pending",
            "Whether dynamic addresses are closed, because another DHCP server may have given them: only who says that it has one gets it.",
            |state, id, _| pending(state, *id).is_some().show(),
        ),
        Field::<Self>::shown::<Option<ClusterTime>>(
            "pending_until",
            "Cluster time in milliseconds when they open, unless that server is heard again; null while no rack serves the subnet, which has to come first.",
            |state, id, _| pending(state, *id).and_then(Pending::until).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "pending_ms",
            "Milliseconds until then.",
            |state, id, _| {
                let until = pending(state, *id).and_then(Pending::until);
                until.map(|until| state.meta().now.until(until).0).show()
            },
        ),
    ];

    edits!(Command::Subnet, |draft| {
        let vlan = draft.vlan.ok_or_else(|| missing("vlan"))?;
        Ok(Subnet::new(vlan, draft.cidr.ok_or_else(|| missing("cidr"))?))
    });
}
