//! VLANs: numbers are unique in their fabric, DHCP wants a rack and something to give, relays do not chain into loops.

use crate::apply::boot::check_boot;
use crate::apply::draft::Draft;
use crate::apply::interface;
use crate::apply::noun::{Noun, unique};
use crate::apply::text::{NameRule, check_name, check_text};
use crate::id::{NodeId, VlanId};
use crate::model::fabric::Fabric;
use crate::model::interface::{Interface, InterfaceType};
use crate::model::ip_range::IpRangeType;
use crate::model::node::Node;
use crate::model::space::Space;
use crate::model::subnet::Subnet;
use crate::model::vlan::{MORE_RACKS_MAX, MTU_BYTES_MAX, MTU_BYTES_MIN, VID_MAX, Vlan};
use crate::query::network::{default_vlan, ranges};
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::collections::BTreeSet;
use std::net::IpAddr;

impl Noun for Vlan {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        self.external_dhcp.iter_mut().collect()
    }

    fn checked(draft: &Draft, id: Option<VlanId>, mut vlan: Self) -> Result<Self, Rejection> {
        vlan.fabric = draft.existing::<Fabric>("fabric", vlan.fabric)?;
        vlan.space = draft.existing_if_any::<Space>("space", vlan.space)?;
        vlan.relay_vlan = draft.existing_if_any::<Self>("relay_vlan", vlan.relay_vlan)?;
        vlan.primary_rack = rack(draft, "primary_rack", vlan.primary_rack)?;
        vlan.secondary_rack = rack(draft, "secondary_rack", vlan.secondary_rack)?;
        vlan.more_racks = more_racks(draft, &vlan.more_racks)?;
        check_plain(&vlan)?;
        check_place(draft, id, &vlan)?;
        check_racks(&vlan)?;
        check_dhcp(draft, id, &vlan)?;
        check_relay(draft, id, &vlan)?;
        Ok(vlan)
    }

    fn before_delete(draft: &mut Draft, id: VlanId) -> Result<(), Rejection> {
        let fabric = draft.row::<Self>(&id)?.value.fabric;
        let home = default_vlan(draft.state(), fabric);
        let Some(home) = home.filter(|home| *home != id) else {
            let reason = "it goes only with its fabric".to_owned();
            let state = "its fabric's default VLAN".to_owned();
            return Err(Rejection::StateForbids { object: Self::object(&id), state, reason });
        };
        forget_relays(draft, id)?;
        for subnet in draft.referring::<Subnet>(&Self::object(&id))? {
            draft.modify::<Subnet>(&subnet, |subnet| subnet.vlan = home)?;
        }
        for interface in draft.referring::<Interface>(&Self::object(&id))? {
            // One may be gone with another it was built on.
            let Some(row) = draft.state().get::<Interface>(&interface) else { continue };
            if row.value.interface_type == InterfaceType::Vlan {
                interface::remove(draft, interface)?;
            } else {
                draft.modify::<Interface>(&interface, |interface| interface.vlan = Some(home))?;
            }
        }
        Ok(())
    }
}

/// Ends the relays that lead to a VLAN.
pub(in crate::apply) fn forget_relays(draft: &mut Draft, id: VlanId) -> Result<(), Rejection> {
    for relayed in draft.referring::<Vlan>(&Vlan::object(&id))? {
        draft.modify::<Vlan>(&relayed, |vlan| vlan.relay_vlan = None)?;
    }
    Ok(())
}

fn rack(draft: &Draft, field: &str, id: Option<NodeId>) -> Result<Option<NodeId>, Rejection> {
    let Some(id) = draft.existing_if_any::<Node>(field, id)? else { return Ok(None) };
    if draft.row::<Node>(&id)?.value.node_type.is_rack() {
        return Ok(Some(id));
    }
    Err(Rejection::invalid(field, format!("node {id} is no rack controller")))
}

fn more_racks(draft: &Draft, ids: &[NodeId]) -> Result<Vec<NodeId>, Rejection> {
    if ids.len() > MORE_RACKS_MAX {
        let (what, max) = ("racks beside primary and secondary".to_owned(), MORE_RACKS_MAX as u64);
        return Err(Rejection::Limit { what, max });
    }
    let found = ids.iter().map(|id| rack(draft, "more_racks", Some(*id)));
    let found: Vec<Option<NodeId>> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn check_plain(vlan: &Vlan) -> Result<(), Rejection> {
    if let Some(name) = &vlan.name {
        check_name("name", name, NameRule::Model)?;
    }
    check_text("description", &vlan.description)?;
    if vlan.vid > VID_MAX {
        return Err(Rejection::invalid("vid", format!("{} is more than {VID_MAX}", vlan.vid)));
    }
    if !(MTU_BYTES_MIN..=MTU_BYTES_MAX).contains(&vlan.mtu) {
        let reason = format!("{} is not from {MTU_BYTES_MIN} to {MTU_BYTES_MAX}", vlan.mtu);
        return Err(Rejection::invalid("mtu", reason));
    }
    check_boot(vlan.boot.as_ref())
}

fn check_place(draft: &Draft, id: Option<VlanId>, vlan: &Vlan) -> Result<(), Rejection> {
    let holders = &draft.state().indexes().vlans_by_vid;
    unique::<Vlan, _>("vid", holders, &(vlan.fabric, vlan.vid), id, &vlan.vid)?;
    let Some(id) = id else { return Ok(()) };
    let fabric = draft.row::<Vlan>(&id)?.value.fabric;
    if fabric != vlan.fabric && default_vlan(draft.state(), fabric) == Some(id) {
        return Err(Rejection::invalid("fabric", "a fabric's default VLAN stays in it"));
    }
    Ok(())
}

/// Places are filled from the front, and no rack has two.
fn check_racks(vlan: &Vlan) -> Result<(), Rejection> {
    if vlan.secondary_rack.is_some() && vlan.primary_rack.is_none() {
        return Err(Rejection::invalid("secondary_rack", "wants a primary rack first"));
    }
    if vlan.secondary_rack.is_some() && vlan.primary_rack == vlan.secondary_rack {
        return Err(Rejection::invalid("secondary_rack", "is the primary rack already"));
    }
    if !vlan.more_racks.is_empty() && vlan.secondary_rack.is_none() {
        return Err(Rejection::invalid("more_racks", "wants a secondary rack first"));
    }
    let mut seen = BTreeSet::new();
    match vlan.racks().find(|rack| !seen.insert(*rack)) {
        Some(rack) => Err(Rejection::invalid("more_racks", format!("rack {rack} is named twice"))),
        None => Ok(()),
    }
}

fn check_dhcp(draft: &Draft, id: Option<VlanId>, vlan: &Vlan) -> Result<(), Rejection> {
    if !vlan.dhcp_on {
        return Ok(());
    }
    if vlan.primary_rack.is_none() {
        return Err(Rejection::invalid("dhcp_on", "wants a primary rack"));
    }
    if vlan.relay_vlan.is_some() {
        return Err(Rejection::invalid("relay_vlan", "DHCP is either served or relayed"));
    }
    let already = id.is_some_and(|id| draft.row::<Vlan>(&id).is_ok_and(|row| row.value.dhcp_on));
    if already || id.is_some_and(|id| serves_something(draft, id)) {
        return Ok(());
    }
    Err(Rejection::invalid("dhcp_on", "wants a dynamic range on one of the VLAN's subnets"))
}

/// Whether a dynamic range lies on the VLAN.
fn serves_something(draft: &Draft, id: VlanId) -> bool {
    let mut subnets = draft.state().referrers::<Subnet>(&Vlan::object(&id));
    subnets.any(|subnet| ranges(draft.state(), subnet, IpRangeType::Dynamic).next().is_some())
}

/// A relay leads to a VLAN that is not relayed itself, so that there can be no loop.
fn check_relay(draft: &Draft, id: Option<VlanId>, vlan: &Vlan) -> Result<(), Rejection> {
    let Some(relay) = vlan.relay_vlan else { return Ok(()) };
    if Some(relay) == id {
        return Err(Rejection::invalid("relay_vlan", "a VLAN cannot relay to itself"));
    }
    let before = id.and_then(|id| draft.state().get::<Vlan>(&id));
    let unchanged = before.is_some_and(|row| row.value.relay_vlan == Some(relay));
    if !unchanged && draft.row::<Vlan>(&relay)?.value.relay_vlan.is_some() {
        return Err(Rejection::invalid("relay_vlan", "is itself relayed to another VLAN"));
    }
    Ok(())
}
