//! Reserved IPs: an address for one MAC address, a MAC address once a subnet, outside dynamic ranges.

use crate::apply::draft::Draft;
use crate::apply::fixed_address::check_not_dynamic;
use crate::apply::noun::{Noun, unique};
use crate::apply::text::check_text;
use crate::id::ReservedIpId;
use crate::model::interface::Interface;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::StaticIpAddress;
use crate::model::subnet::Subnet;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

impl Noun for ReservedIp {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        vec![&mut self.ip]
    }

    fn checked(
        draft: &Draft,
        id: Option<ReservedIpId>,
        mut reserved: Self,
    ) -> Result<Self, Rejection> {
        check_text("comment", &reserved.comment)?;
        // Only the comment of a stored one can change.
        if id.is_some() {
            return Ok(reserved);
        }
        reserved.subnet = draft.existing::<Subnet>("subnet", reserved.subnet)?;
        check_address(draft, &reserved)?;
        let indexes = draft.state().indexes();
        unique::<Self, _>("ip", &indexes.reserved_ips_by_ip, &reserved.ip, id, &reserved.ip)?;
        let mac = (reserved.mac_address, reserved.subnet);
        let by_mac = &indexes.reserved_ips_by_mac;
        unique::<Self, _>("mac_address", by_mac, &mac, id, &reserved.mac_address)?;
        check_holders(draft, &reserved)?;
        Ok(reserved)
    }
}

fn check_address(draft: &Draft, reserved: &ReservedIp) -> Result<(), Rejection> {
    let cidr = draft.row::<Subnet>(&reserved.subnet)?.value.cidr;
    let ip = reserved.ip;
    if !cidr.contains(ip) {
        return Err(Rejection::invalid("ip", format!("{ip} is not within {cidr}")));
    }
    if cidr.host_bits() > 1 && (ip == cidr.network() || ip == cidr.last()) {
        let reason = "network and broadcast address cannot be reserved";
        return Err(Rejection::invalid("ip", reason));
    }
    check_not_dynamic(draft, "ip", ip)
}

/// Refuses an address that an interface with another MAC address has.
fn check_holders(draft: &Draft, reserved: &ReservedIp) -> Result<(), Rejection> {
    for address in draft.state().indexes().addresses_by_ip.under(&reserved.ip) {
        let interfaces = &draft.row::<StaticIpAddress>(address)?.value.interfaces;
        let macs = interfaces.iter().filter_map(|id| draft.row::<Interface>(id).ok());
        let own =
            macs.filter_map(|row| row.value.mac_address).any(|mac| mac == reserved.mac_address);
        if !own {
            return Err(Rejection::NotUnique {
                field: "ip".into(),
                value: reserved.ip.to_string(),
                holder: StaticIpAddress::object(address),
            });
        }
    }
    Ok(())
}
