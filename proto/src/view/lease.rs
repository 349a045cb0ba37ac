//! Who has an address.

use crate::lease::client;
use crate::lease::tenure::{is_for_good, read_tenure};
use crate::malformed::{Fault, Malformed};
use crate::rack;
use regent_core::id::VlanId;
use regent_core::lease::binding::Client;
use regent_core::rack_view::lease::{Lease, Standing};
use std::net::Ipv4Addr;

pub(in crate::view) type Told = (VlanId, Ipv4Addr, Option<Lease>);

pub(in crate::view) fn read(change: rack::LeaseChange) -> Result<Told, Malformed> {
    let rack::LeaseChange { vlan, address, lease } = change;
    let lease = lease.map(read_lease).transpose().map_err(|error| error.within("lease"))?;
    Ok((VlanId(vlan), Ipv4Addr::from_bits(address), lease))
}

pub(in crate::view) fn write(told: &Told) -> Result<rack::LeaseChange, Malformed> {
    let (vlan, address, lease) = told;
    let lease = lease.as_ref().map(write_lease).transpose();
    let lease = lease.map_err(|error| error.within("lease"))?;
    Ok(rack::LeaseChange { vlan: vlan.0, address: address.to_bits(), lease })
}

fn read_lease(lease: rack::Lease) -> Result<Lease, Malformed> {
    let unknown = || Malformed::new("standing", Fault::UnknownCode(lease.standing));
    let standing = match rack::Standing::try_from(lease.standing).map_err(|_| unknown())? {
        rack::Standing::Unspecified => return Err(unknown()),
        rack::Standing::Held => Standing::Held,
        rack::Standing::Resting => Standing::Resting,
        rack::Standing::Declined => Standing::Declined,
        rack::Standing::Free => Standing::Free,
    };
    let read = |who| client::read("client", Some(who));
    let client: Option<Client> = lease.client.map(read).transpose()?;
    Ok(Lease { client, standing, tenure: read_tenure(lease.for_good) })
}

fn write_lease(lease: &Lease) -> Result<rack::Lease, Malformed> {
    let standing = match lease.standing {
        Standing::Held => rack::Standing::Held,
        Standing::Resting => rack::Standing::Resting,
        Standing::Declined => rack::Standing::Declined,
        Standing::Free => rack::Standing::Free,
    };
    let client = lease.client.as_ref();
    let client = client.map(|client| client::write("client", client)).transpose()?;
    let for_good = is_for_good(lease.tenure);
    Ok(rack::Lease { client, standing: standing.into(), for_good })
}
