//! Names of the addresses in dynamic ranges: `10-0-0-7` in the default domain, without a row for each.
//!
//! As in MAAS, only IPv4 ranges of at most 65,536 addresses within one /16 have them.

use crate::dns::view::DnsView;
use crate::dns::zone::{Zone, ZoneKind};
use crate::model::dns_name::DomainName;
use crate::model::hostname::Hostname;
use crate::net::cidr::Cidr;
use std::net::{IpAddr, Ipv4Addr};

impl DnsView {
    /// Says that a dynamic range comes or goes.
    pub fn set_range(&mut self, start: IpAddr, end: IpAddr, present: bool) {
        let (IpAddr::V4(start), IpAddr::V4(end)) = (start, end) else { return };
        if start.to_bits() >> 16 != end.to_bits() >> 16 {
            return;
        }
        if present {
            self.generated.insert(start, end);
        } else {
            self.generated.remove(&start);
        }
    }

    /// Whether the name of an address is generated.
    pub(in crate::dns) fn is_generated(&self, address: Ipv4Addr) -> bool {
        self.generated.get_prev(&address).is_some_and(|(_, end)| address <= *end)
    }

    /// The generated name of an address.
    pub(in crate::dns) fn generated_name(&self, address: Ipv4Addr) -> Option<DomainName> {
        let domain = self.site.default_domain.as_ref()?;
        let name = || Hostname::for_address(address.into()).in_domain(domain).ok();
        if self.is_generated(address) { name() } else { None }
    }

    /// The address a name of this zone is generated for.
    pub(in crate::dns) fn generated_address(
        &self,
        zone: &Zone,
        name: &DomainName,
    ) -> Option<Ipv4Addr> {
        if self.generated.is_empty() || !self.generates(zone) {
            return None;
        }
        let address = read_label(name.labels().next()?)?;
        let in_zone = name.label_count() == zone.apex.label_count() + 1;
        (in_zone && self.is_generated(address)).then_some(address)
    }

    /// Whether generated names are in this zone.
    pub(in crate::dns) fn generates(&self, zone: &Zone) -> bool {
        zone.kind == ZoneKind::Forward && self.site.default_domain.as_ref() == Some(&zone.apex)
    }

    /// All addresses with generated names, in order.
    pub(in crate::dns) fn generated_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.generated.iter().flat_map(|(start, end)| addresses(*start, *end))
    }

    /// The addresses with generated names in a network, in order.
    pub(in crate::dns) fn generated_in(&self, network: Cidr) -> impl Iterator<Item = Ipv4Addr> {
        let bounds = match (network.network(), network.last()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => Some((first, last)),
            (IpAddr::V4(_) | IpAddr::V6(_), _) => None,
        };
        bounds.into_iter().flat_map(|(first, last)| {
            let before = self.generated.get_prev(&first).map_or(first, |(start, _)| *start);
            self.generated
                .range(before..=last)
                .flat_map(move |(start, end)| addresses((*start).max(first), (*end).min(last)))
        })
    }
}

fn addresses(start: Ipv4Addr, end: Ipv4Addr) -> impl Iterator<Item = Ipv4Addr> {
    (start.to_bits()..=end.to_bits()).map(Ipv4Addr::from_bits)
}

/// The address a label is made of, if it is written as MAAS writes it: four plain numbers.
fn read_label(label: &[u8]) -> Option<Ipv4Addr> {
    let text = std::str::from_utf8(label).ok()?;
    let address: Ipv4Addr = text.replace('-', ".").parse().ok()?;
    (!text.contains('.')).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::read_label;
    use std::net::Ipv4Addr;

    #[test]
    fn only_plain_numbers_make_a_generated_label() {
        assert_eq!(read_label(b"10-0-0-7"), Some(Ipv4Addr::new(10, 0, 0, 7)));
        for label in ["010-0-0-7", "10-0-0", "10-0-0-256", "10.0.0.7", "10-0-0-7-", "a-b-c-d", ""] {
            assert_eq!(read_label(label.as_bytes()), None, "{label}");
        }
    }
}
