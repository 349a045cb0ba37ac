//! For trials without root, as in `regent dev`: the agent serves a port of the loopback instead of network interfaces.
//!
//! What comes in at the port counts as relayed; the addresses are those the rack would have on the VLANs it serves.

use crate::interface_limits::ADDRESSES_PER_INTERFACE_MAX;
use serde::Deserialize;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::str::FromStr;

const PREFIX_BITS_MAX: u8 = 32;

/// The section `[test]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestSection {
    /// The port, on the loopback.
    pub listen: SocketAddrV4,
    /// The addresses the rack is to have.
    #[serde(default)]
    pub addresses: Vec<TestAddress>,
}

/// An address the rack is to have, as in `10.0.0.2/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TestAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// Length of its prefix in bits.
    pub prefix: u8,
}

/// Why a trial cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TestSectionError {
    /// Nobody else is to be served by a trial.
    #[error("`listen` is {0}, which is not on the loopback")]
    NotLoopback(SocketAddrV4),
    /// Nobody could find it.
    #[error("`listen` has no port")]
    NoPort,
    /// More than [`ADDRESSES_PER_INTERFACE_MAX`] addresses.
    #[error("{0} `addresses`, at most {ADDRESSES_PER_INTERFACE_MAX} are allowed")]
    TooManyAddresses(usize),
}

impl TestSection {
    /// Checks that the trial can be.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), TestSectionError> {
        if !self.listen.ip().is_loopback() {
            return Err(TestSectionError::NotLoopback(self.listen));
        }
        if self.listen.port() == 0 {
            return Err(TestSectionError::NoPort);
        }
        if self.addresses.len() > ADDRESSES_PER_INTERFACE_MAX {
            return Err(TestSectionError::TooManyAddresses(self.addresses.len()));
        }
        Ok(())
    }
}

impl FromStr for TestAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no address with a prefix, write 10.0.0.2/24");
        let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
        let address = address.parse().map_err(|_| bad())?;
        let prefix: u8 = prefix.parse().map_err(|_| bad())?;
        if prefix > PREFIX_BITS_MAX { Err(bad()) } else { Ok(Self { address, prefix }) }
    }
}

impl TryFrom<String> for TestAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for TestAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::{TestAddress, TestSection, TestSectionError};
    use crate::interface_limits::ADDRESSES_PER_INTERFACE_MAX;

    fn section(listen: &str, addresses: usize) -> TestSection {
        let address: TestAddress = "10.0.0.2/24".parse().unwrap();
        TestSection { listen: listen.parse().unwrap(), addresses: vec![address; addresses] }
    }

    #[test]
    fn trial_stays_on_the_loopback_at_a_port_that_can_be_found() {
        assert_eq!(section("127.0.0.1:7561", ADDRESSES_PER_INTERFACE_MAX).check(), Ok(()));
        let exposed = section("192.0.2.1:7561", 1);
        let refused = Err(TestSectionError::NotLoopback(exposed.listen));
        assert_eq!(exposed.check(), refused);
        assert_eq!(section("127.0.0.1:0", 1).check(), Err(TestSectionError::NoPort));
        let many = section("127.0.0.1:1", ADDRESSES_PER_INTERFACE_MAX + 1).check();
        assert_eq!(many, Err(TestSectionError::TooManyAddresses(65)));
    }

    #[test]
    fn addresses_are_written_with_their_prefix() {
        for text in ["10.0.0.2/24", "0.0.0.0/0", "192.0.2.255/32"] {
            assert_eq!(text.parse::<TestAddress>().unwrap().to_string(), text);
        }
        for bad in ["", "10.0.0.2", "10.0.0.2/33", "10.0.0/24", "::1/128", "10.0.0.2/-1"] {
            assert!(bad.parse::<TestAddress>().is_err(), "{bad}");
        }
    }
}
