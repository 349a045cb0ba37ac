//! The address of a region node, checked when it is read.
//!
//! Does not resolve names and opens no connection.

use serde::Deserialize;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Longest host name in bytes (RFC 1035 section 2.3.4, without the root label).
const NAME_BYTES_MAX: usize = 253;
/// Longest label of a host name in bytes (RFC 1035 section 2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// Where the API port of a region node is reached: `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Endpoint {
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    /// Lower case, since names are compared without regard to case (RFC 4343).
    Name(String),
}

/// Why a text is not the address of a region node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Nothing after the last colon, or no colon.
    #[error("it has no port, write host:port")]
    NoPort,
    /// Not a number, or zero, or above 65535.
    #[error("its port is not a number from 1 to 65535")]
    BadPort,
    /// Colons are only allowed inside of brackets.
    #[error("an IPv6 address stands in brackets, as in [2001:db8::1]:7440")]
    BadIpv6,
    /// Neither an address nor a name that could ever resolve.
    #[error("its host is neither an IP address nor a host name")]
    BadHost,
}

impl Endpoint {
    /// Whether it is on this host. `localhost` is, and any name below it (RFC 6761 section 6.3); other names are not looked up.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::V4(address) => address.is_loopback(),
            Host::V6(address) => address.is_loopback(),
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (host, port) = text.rsplit_once(':').ok_or(EndpointError::NoPort)?;
        if port.is_empty() || port.ends_with(']') {
            return Err(EndpointError::NoPort);
        }
        let host = host.parse()?;
        match port.parse() {
            Ok(port) if port != 0 => Ok(Self { host, port }),
            Ok(_) | Err(_) => Err(EndpointError::BadPort),
        }
    }
}

impl TryFrom<String> for Endpoint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error| format!("`{text}` is no address of a region node: {error}"))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::V4(address) => write!(f, "{address}:{}", self.port),
            Host::V6(address) => write!(f, "[{address}]:{}", self.port),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

impl FromStr for Host {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if let Some(inside) = text.strip_prefix('[') {
            let address = inside.strip_suffix(']').and_then(|inside| inside.parse().ok());
            return address.map(Self::V6).ok_or(EndpointError::BadIpv6);
        }
        if text.contains(':') {
            return Err(EndpointError::BadIpv6);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::V4(address));
        }
        if is_host_name(text) {
            Ok(Self::Name(text.to_ascii_lowercase()))
        } else {
            Err(EndpointError::BadHost)
        }
    }
}

/// RFC 1123 section 2.1; a last label of digits only would be a mistyped IPv4 address.
fn is_host_name(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or(text);
    text.len() <= NAME_BYTES_MAX
        && text.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, EndpointError};

    #[test]
    fn names_and_addresses_of_both_families_are_read_and_written() {
        for text in ["region-1.example:7440", "192.0.2.1:1", "[2001:db8::1]:65535", "r1:7440"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        assert_eq!("R1.Example:7440".parse::<Endpoint>(), "r1.example:7440".parse());
    }

    #[test]
    fn addresses_of_this_host_are_told_from_others() {
        for text in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "LOCALHOST:1", "r1.localhost:1"] {
            assert!(text.parse::<Endpoint>().unwrap().is_loopback(), "{text}");
        }
        for text in ["192.0.2.1:1", "[::ffff:127.0.0.1]:1", "localhost.example:1", "0.0.0.0:1"] {
            assert!(!text.parse::<Endpoint>().unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_reached_is_refused_with_its_reason() {
        let long_label = format!("{}:7440", "a".repeat(64));
        for (text, reason) in [
            ("", EndpointError::NoPort),
            ("region", EndpointError::NoPort),
            ("region:", EndpointError::NoPort),
            ("[2001:db8::1]", EndpointError::NoPort),
            ("region:0", EndpointError::BadPort),
            ("region:65536", EndpointError::BadPort),
            ("region:http", EndpointError::BadPort),
            ("2001:db8::1:7440", EndpointError::BadIpv6),
            ("[192.0.2.1]:7440", EndpointError::BadIpv6),
            (":7440", EndpointError::BadHost),
            ("192.0.2.300:7440", EndpointError::BadHost),
            ("http://region:7440", EndpointError::BadIpv6),
            ("re gion:7440", EndpointError::BadHost),
            ("-region:7440", EndpointError::BadHost),
            ("region..example:7440", EndpointError::BadHost),
            (&long_label, EndpointError::BadHost),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(reason), "{text}");
        }
    }
}
