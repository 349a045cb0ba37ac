//! Lists of networks that may do something, and which addresses are counted as one.

use regent_core::net::cidr::{Cidr, CidrError};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::str::FromStr;

/// Networks, in the form `10.0.0.0/8` or as single addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Networks(Vec<Cidr>);

impl Networks {
    /// Whether an address is in one of them. IPv4 clients on an IPv6 socket count as what they are.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address.to_canonical()))
    }

    /// Networks from words, those that are none left out: for lists that came from elsewhere.
    #[must_use]
    pub fn lenient<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self(words.filter_map(|word| read(word).ok()).collect())
    }
}

/// How long a prefix addresses share that are counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixes {
    /// Bits of IPv4 addresses, up to 32.
    pub v4: u8,
    /// Bits of IPv6 addresses, up to 128.
    pub v6: u8,
}

impl Prefixes {
    /// The network an address is counted with. IPv4 clients on an IPv6 socket count as what they are.
    #[must_use]
    pub fn network_of(self, address: IpAddr) -> Cidr {
        let address = address.to_canonical();
        let bits = if address.is_ipv4() { self.v4 } else { self.v6 };
        Cidr::containing(address, bits).unwrap_or(Cidr::of_address(address))
    }
}

fn read(word: &str) -> Result<Cidr, CidrError> {
    match IpAddr::from_str(word) {
        Ok(address) => Ok(Cidr::of_address(address)),
        Err(_) => word.parse(),
    }
}

impl TryFrom<Vec<String>> for Networks {
    type Error = String;

    fn try_from(words: Vec<String>) -> Result<Self, String> {
        let cidrs = words.iter().map(|word| read(word).map_err(|error| format!("{word}: {error}")));
        cidrs.collect::<Result<_, _>>().map(Self)
    }
}

impl From<Networks> for Vec<String> {
    fn from(networks: Networks) -> Self {
        networks.0.iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Networks;

    #[test]
    fn addresses_and_prefixes_are_networks() {
        let words = ["10.0.0.0/8", "2001:db8::1"].map(str::to_owned).to_vec();
        let networks = Networks::try_from(words).unwrap();
        for (address, inside) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("2001:db8::1", true),
        ] {
            assert_eq!(networks.contain(address.parse().unwrap()), inside, "{address}");
        }
        assert!(Networks::try_from(vec!["10.0.0.1/8".to_owned()]).is_err());
    }
}
