//! What is kept for one client.

use crate::lease::client;
use crate::malformed::{Malformed, check_count, check_length};
use crate::rack;
use crate::view::{address, options};
use regent_core::id::VlanId;
use regent_core::lease::binding::Client;
use regent_core::rack_view::host::Host;
use regent_core::rack_view::hosts::HOST_ADDRESSES_MAX;

/// Longest name of a host: one label (RFC 1035 section 2.3.4).
const NAME_BYTES_MAX: usize = 63;

pub(in crate::view) type Told = (VlanId, Client, Option<Host>);

pub(in crate::view) fn read(change: rack::HostChange) -> Result<Told, Malformed> {
    let rack::HostChange { vlan, client, host } = change;
    let client = client::read("client", client)?;
    let host = host.map(read_host).transpose().map_err(|error| error.within("host"))?;
    Ok((VlanId(vlan), client, host))
}

pub(in crate::view) fn write(told: &Told) -> Result<rack::HostChange, Malformed> {
    let (vlan, client, host) = told;
    let client = Some(client::write("client", client)?);
    let host = host.as_ref().map(write_host).transpose().map_err(|error| error.within("host"))?;
    Ok(rack::HostChange { vlan: vlan.0, client, host })
}

fn read_host(host: rack::Host) -> Result<Host, Malformed> {
    let rack::Host { addresses, name, options } = host;
    check(addresses.len(), name.as_deref())?;
    let settings = options::read("options", options)?;
    Ok(Host { addresses: address::read_all(addresses), name, settings })
}

fn write_host(host: &Host) -> Result<rack::Host, Malformed> {
    let Host { addresses, name, settings } = host;
    check(addresses.len(), name.as_deref())?;
    let (addresses, options) = (address::write_all(addresses), options::write(settings));
    Ok(rack::Host { addresses, name: name.clone(), options })
}

fn check(addresses: usize, name: Option<&str>) -> Result<(), Malformed> {
    check_count("addresses", addresses, HOST_ADDRESSES_MAX)?;
    check_length("name", name.map_or(0, str::len), NAME_BYTES_MAX)
}
