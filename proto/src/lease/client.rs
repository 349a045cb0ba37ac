//! Who a client is, what else is known of it, and the addresses it gets.

use crate::malformed::{Fault, Malformed, check_length, required};
use crate::rack;
use crate::rack::client::Client as Kind;
use regent_core::command::rack::ClientFacts;
use regent_core::lease::binding::Client;
use regent_core::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX};
use regent_core::net::mac::MacAddr;
use std::net::{IpAddr, Ipv4Addr};

/// A client from the part of this name.
///
/// # Errors
/// None, no card's address of six octets, or an identifier above [`CLIENT_ID_BYTES_MAX`].
pub fn read(part: &str, client: Option<rack::Client>) -> Result<Client, Malformed> {
    match required(part, required(part, client)?.client)? {
        Kind::Card(octets) => {
            let six = <[u8; 6]>::try_from(octets.as_ref()).map_err(|_| {
                Malformed::new("card", Fault::Length { bytes: octets.len(), wanted: 6 })
            });
            Ok(Client::Card(MacAddr(six.map_err(|error| error.within(part))?)))
        }
        Kind::Identifier(identifier) => {
            check_length("identifier", identifier.len(), CLIENT_ID_BYTES_MAX)
                .map_err(|error| error.within(part))?;
            Ok(Client::Identifier(identifier.into()))
        }
    }
}

/// A client for the part of this name.
///
/// # Errors
/// An identifier above [`CLIENT_ID_BYTES_MAX`].
pub fn write(part: &str, client: &Client) -> Result<rack::Client, Malformed> {
    let kind = match client {
        Client::Card(card) => Kind::Card(card.0.to_vec().into()),
        Client::Identifier(identifier) => {
            check_length("identifier", identifier.len(), CLIENT_ID_BYTES_MAX)
                .map_err(|error| error.within(part))?;
            Kind::Identifier(identifier.clone().into())
        }
    };
    Ok(rack::Client { client: Some(kind) })
}

/// What is known of a client besides; nothing if that is absent.
///
/// # Errors
/// An identifier above [`CLIENT_ID_BYTES_MAX`] or a host name above [`CLIENT_HOSTNAME_BYTES_MAX`].
pub fn read_facts(part: &str, facts: Option<rack::Facts>) -> Result<ClientFacts, Malformed> {
    let rack::Facts { client_id, hostname } = facts.unwrap_or_default();
    check_facts(part, &client_id, &hostname)?;
    Ok(ClientFacts { client_id: client_id.into(), hostname })
}

/// What is known of a client besides.
///
/// # Errors
/// As [`read_facts`].
pub fn write_facts(part: &str, facts: &ClientFacts) -> Result<rack::Facts, Malformed> {
    let ClientFacts { client_id, hostname } = facts;
    check_facts(part, client_id, hostname)?;
    Ok(rack::Facts { client_id: client_id.clone().into(), hostname: hostname.clone() })
}

/// An address as it stands in messages: a number, the first octet the highest.
///
/// # Errors
/// [`Fault::NotIpv4`].
pub fn write_address(part: &str, address: IpAddr) -> Result<u32, Malformed> {
    match address {
        IpAddr::V4(address) => Ok(address.to_bits()),
        IpAddr::V6(_) => Err(Malformed::new(part, Fault::NotIpv4(address))),
    }
}

/// The address that a number stands for.
#[must_use]
pub const fn read_address(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(number))
}

fn check_facts(part: &str, client_id: &[u8], hostname: &str) -> Result<(), Malformed> {
    check_length("client_id", client_id.len(), CLIENT_ID_BYTES_MAX)
        .and_then(|()| check_length("hostname", hostname.len(), CLIENT_HOSTNAME_BYTES_MAX))
        .map_err(|error| error.within(part))
}
