//! `/v1/vlans`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire as _;
use regent_core::command::Command;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{FabricId, NodeId, SpaceId, VlanId};
use regent_core::model::boot::BootSettings;
use regent_core::model::fabric::Fabric;
use regent_core::model::vlan::Vlan;
use regent_core::query::cut_over::{Pending, pending_of_vlan};
use regent_core::query::foreign_dhcp::foreign_dhcp_seen;
use regent_core::state::State;
use regent_core::time::ClusterTime;
use std::net::IpAddr;

/// Vlans over HTTP.
pub struct Vlans;

impl Resource for Vlans {
    type Stored = Vlan;
    type Draft = VlanPatch;
    const PATH: &'static str = "vlans";
    const SINGULAR: &'static str = "vlan";
    const ABOUT: &'static str = "A VLAN of a fabric, and who serves DHCP on it.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required vid: u16, "Its number; unique in its fabric, 0 for untagged."),
        field!(required fabric: FabricId, "The fabric it belongs to."),
        Field::<Self>::shown::<String>(
            "label",
            "What people know it by: `FABRIC:VID`.",
            |state, _, row| label(state, &row.value).show(),
        ),
        field!(name: Option<String>, "Its name."),
        field!(description: String, "Free text for people."),
        field!(mtu: u32, "Largest frame payload in bytes."),
        field!(dhcp_on: bool, "Whether the racks serve DHCP on it."),
        field!(primary_rack: Option<NodeId>, "The rack that serves it, and answers first."),
        field!(secondary_rack: Option<NodeId>, "The rack that answers next."),
        field!(more_racks: Vec<NodeId>, "Racks that answer after these two, in their order; six at the most."),
        field!(external_dhcp: Option<IpAddr>, "A DHCP server not ours, seen on it: the last one that appeared."),
        Field::<Self>::shown::<Option<ClusterTime>>(
            "external_dhcp_seen",
            "Cluster time in milliseconds when a rack heard a DHCP server not ours on it last; null if none ever did.",
            |state, vlan, _| foreign_dhcp_seen(state, *vlan).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "external_dhcp_seen_ms_ago",
            "Milliseconds since then.",
            |state, vlan, _| {
                let seen = foreign_dhcp_seen(state, *vlan);
                seen.map(|seen| seen.until(state.meta().now).0).show()
            },
        ),
        Field::<Self>::shown::<bool>(
            "pending",
            "Whether dynamic addresses of its subnets are closed, because another DHCP server may have given them.",
            |state, vlan, _| pending_of_vlan(state, *vlan).is_some().show(),
        ),
        Field::<Self>::shown::<Option<ClusterTime>>(
            "pending_until",
            "Cluster time in milliseconds when the last of them open; null while no rack serves it.",
            |state, vlan, _| pending_of_vlan(state, *vlan).and_then(Pending::until).show(),
        ),
        field!(relay_vlan: Option<VlanId>, "The VLAN to which a relay sends its DHCP."),
        field!(space: Option<SpaceId>, "The space it belongs to."),
        field!(boot: Option<BootSettings>, "How its clients boot: server, files and URLs by architecture, iPXE's script. Not from the network if absent."),
    ];

    edits!(Command::Vlan, |draft| {
        let fabric = draft.fabric.ok_or_else(|| missing("fabric"))?;
        Ok(Vlan::new(fabric, 0))
    });
}

/// What people know a VLAN by: its fabric's name and its number in it.
#[must_use]
pub fn label(state: &State, vlan: &Vlan) -> String {
    let fabric = state.get::<Fabric>(&vlan.fabric).map(|row| row.value.name.clone());
    format!("{}:{}", fabric.unwrap_or_default(), vlan.vid)
}
