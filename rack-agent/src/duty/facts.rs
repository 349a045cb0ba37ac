//! What a request tells of its client besides who it is, as the region takes it.

use crate::dhcp::message::request::Request;
use regent_core::command::rack::ClientFacts;
use regent_core::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX};

/// The identifier and name in a request. What is longer than the region takes is left out: it would refuse the steps of
/// all other clients with it.
#[must_use]
pub fn facts_of(request: &Request) -> ClientFacts {
    let client_id = request.client_id.clone().unwrap_or_default();
    let fqdn = request.fqdn.as_ref().map(|fqdn| fqdn.text.as_slice());
    let name = fqdn.filter(|name| !name.is_empty()).or(request.host_name.as_deref());
    let name = name.map(|name| String::from_utf8_lossy(name).into_owned());
    let name = name.map(|name| name.trim_end_matches(['.', '\0']).to_owned());
    ClientFacts {
        client_id: Some(client_id).filter(|id| id.len() <= CLIENT_ID_BYTES_MAX).unwrap_or_default(),
        hostname: name.filter(|name| name.len() <= CLIENT_HOSTNAME_BYTES_MAX).unwrap_or_default(),
    }
}
