//! A VLAN without its hosts and leases.

use crate::malformed::Malformed;
use crate::rack;
use crate::view::each::each;
use crate::view::{address, boot, options, subnet};
use regent_core::id::VlanId;
use regent_core::rack_view::network::VLAN_OWN_BLOCKS_MAX;
use regent_core::rack_view::served::VLAN_SUBNETS_MAX;
use regent_core::rack_view::vlan::{Probing, Share, VlanTold};

pub(in crate::view) fn read(vlan: rack::Vlan) -> Result<VlanTold, Malformed> {
    let boot = vlan.boot.map(boot::read).transpose().map_err(|error| error.within("boot"))?;
    Ok(VlanTold {
        id: VlanId(vlan.id),
        epoch: vlan.epoch,
        share: Share { place: vlan.share, places: vlan.shares },
        subnets: each("subnets", vlan.subnets, VLAN_SUBNETS_MAX, subnet::read)?,
        own_blocks: each("own_blocks", vlan.own_blocks, VLAN_OWN_BLOCKS_MAX, address::read_range)?,
        boot,
        settings: options::read("options", vlan.options)?,
        probing: if vlan.probing { Probing::On } else { Probing::Off },
    })
}

pub(in crate::view) fn write(vlan: &VlanTold) -> Result<rack::Vlan, Malformed> {
    let VlanTold { id, epoch, share, subnets, own_blocks, boot, settings, probing } = vlan;
    let boot = boot.as_ref().map(boot::write).transpose().map_err(|error| error.within("boot"))?;
    Ok(rack::Vlan {
        id: id.0,
        epoch: *epoch,
        share: share.place,
        shares: share.places,
        subnets: each("subnets", subnets, VLAN_SUBNETS_MAX, subnet::write)?,
        own_blocks: each("own_blocks", own_blocks, VLAN_OWN_BLOCKS_MAX, address::write_range)?,
        boot,
        options: options::write(settings),
        probing: *probing == Probing::On,
    })
}
