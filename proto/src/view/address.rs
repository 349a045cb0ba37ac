//! Addresses, prefixes and ranges. IPv4 alone.

use crate::lease::client::write_address;
use crate::malformed::{Fault, Malformed, required};
use crate::rack;
use regent_core::net::address_range::AddressRange;
use regent_core::net::cidr::Cidr;
use std::net::{IpAddr, Ipv4Addr};

pub(in crate::view) fn read_all(numbers: Vec<u32>) -> Vec<Ipv4Addr> {
    numbers.into_iter().map(Ipv4Addr::from_bits).collect()
}

pub(in crate::view) fn write_all(addresses: &[Ipv4Addr]) -> Vec<u32> {
    addresses.iter().map(|address| address.to_bits()).collect()
}

pub(in crate::view) fn read_range(range: rack::Range) -> Result<AddressRange, Malformed> {
    let end = |number| IpAddr::V4(Ipv4Addr::from_bits(number));
    AddressRange::new(end(range.first), end(range.last))
        .map_err(|_| Malformed::new("last", Fault::Nonsense))
}

pub(in crate::view) fn write_range(range: &AddressRange) -> Result<rack::Range, Malformed> {
    Ok(rack::Range {
        first: write_address("first", range.start())?,
        last: write_address("last", range.end())?,
    })
}

/// A network and the length of its prefix, which is checked.
pub(in crate::view) fn read_prefix(
    part: &str,
    prefix: Option<rack::Prefix>,
) -> Result<(Ipv4Addr, u8), Malformed> {
    let rack::Prefix { address, length } = required(part, prefix)?;
    let short = u8::try_from(length).ok().filter(|length| *length <= 32);
    let fault = Fault::OutOfRange { value: length.into(), min: 0, max: 32 };
    let length = short.ok_or_else(|| Malformed::new("length", fault).within(part))?;
    Ok((Ipv4Addr::from_bits(address), length))
}

pub(in crate::view) fn read_cidr(
    part: &str,
    prefix: Option<rack::Prefix>,
) -> Result<Cidr, Malformed> {
    let (network, length) = read_prefix(part, prefix)?;
    Cidr::new(network.into(), length).map_err(|_| Malformed::new(part, Fault::Nonsense))
}

pub(in crate::view) fn write_cidr(part: &str, cidr: Cidr) -> Result<rack::Prefix, Malformed> {
    let address = write_address("address", cidr.network()).map_err(|error| error.within(part))?;
    Ok(rack::Prefix { address, length: cidr.prefix().into() })
}
