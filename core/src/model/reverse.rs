//! Reverse names of addresses, and the reverse zones a subnet needs.
//!
//! Zones are cut and called as MAAS does it, so that secondaries and delegations set up for MAAS
//! stay right: at octet boundaries for IPv4 and nibble boundaries for IPv6; below the last boundary
//! a classless zone (RFC 2317) called `first-prefix`, such as `64-26.2.0.192.in-addr.arpa`. Which
//! of several overlapping subnets answers for an address, and whether a subnet has reverse zones at
//! all, is decided by the caller.

use crate::model::dns_name::DomainName;
use crate::net::cidr::Cidr;
use crate::net::ip_number::{IpFamily, IpNumber};
use std::net::IpAddr;

/// Most zones one subnet is cut into: an IPv4 prefix one bit longer than a boundary.
pub const ZONES_PER_SUBNET_MAX: usize = 128;

/// The reverse zones of one subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseZones {
    /// The zones that hold its PTR records, in order of address. At least one, at most
    /// [`ZONES_PER_SUBNET_MAX`].
    pub zones: Vec<ReverseZone>,
    /// For a classless zone: how questions find it from its parent, if the subnet wants that.
    pub glue: Option<ClasslessGlue>,
}

/// One reverse zone and the addresses that may have a PTR record in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseZone {
    /// What the zone is called.
    pub name: DomainName,
    /// The addresses it covers.
    pub network: Cidr,
}

/// How a classless zone is reached (RFC 2317): one CNAME for each of its addresses in the parent.
///
/// The aliases belong in the closest enclosing zone that exists: [`Self::parent`], or the zone of a
/// subnet wide enough to contain it. MAAS serves both sides itself and so writes no NS records;
/// where the parent is delegated elsewhere, `child.name` needs them too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClasslessGlue {
    /// The zone up to the boundary above (an IPv4 /24, an IPv6 /124), to be made if no zone
    /// contains it.
    pub parent: ReverseZone,
    /// The classless zone itself.
    pub child: ReverseZone,
}

/// A CNAME record: the name asked for and the name that has the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Where the CNAME stands: the address's ordinary reverse name.
    pub owner: DomainName,
    /// What it points to: the name of the PTR record in the classless zone.
    pub target: DomainName,
}

/// The reverse name of an address under `in-addr.arpa` (RFC 1035 3.5) or `ip6.arpa` (RFC 3596 2.5).
#[must_use]
pub fn ptr_name(address: IpAddr) -> DomainName {
    reverse_name(address, IpFamily::of(address).bits())
}

/// The reverse zones of a subnet.
#[must_use]
pub fn reverse_zones(subnet: Cidr) -> ReverseZones {
    let step = step_bits(subnet.family());
    if is_classless(subnet) {
        let child = classless_zone(subnet);
        let parent = aligned_zone(subnet.network(), subnet.family().bits() - step);
        return ReverseZones {
            zones: vec![child.clone()],
            glue: Some(ClasslessGlue { parent, child }),
        };
    }
    let aligned = aligned_prefix(subnet);
    let first = IpNumber::of(subnet.network());
    let zones = (0..1_u128 << (aligned - subnet.prefix()))
        .map(|position| {
            let below = u32::from(subnet.family().bits() - aligned);
            // Only all of IPv6 shifts everything out: one zone, at the first address.
            let offset = position.checked_shl(below).unwrap_or(0);
            let network = first.checked_add(offset).expect("the part lies inside the subnet");
            aligned_zone(network.address(), aligned)
        })
        .collect();
    ReverseZones { zones, glue: None }
}

/// The one of a subnet's reverse zones that an address is in; None for addresses outside.
#[must_use]
pub fn reverse_zone_around(subnet: Cidr, address: IpAddr) -> Option<ReverseZone> {
    if !subnet.contains(address) {
        return None;
    }
    Some(if is_classless(subnet) {
        classless_zone(subnet)
    } else {
        aligned_zone(address, aligned_prefix(subnet))
    })
}

/// Whether a subnet lies below the last boundary, so that its zone is one of RFC 2317.
#[must_use]
pub fn is_classless(subnet: Cidr) -> bool {
    subnet.host_bits() < step_bits(subnet.family())
}

/// The prefix length of each of the zones of a subnet that is not classless.
#[must_use]
pub fn aligned_prefix(subnet: Cidr) -> u8 {
    let step = step_bits(subnet.family());
    subnet.prefix().div_ceil(step) * step
}

/// The prefix whose reverse name this is: a whole address, or the part of one that is named so far.
#[must_use]
pub fn reverse_prefix(name: &DomainName) -> Option<Cidr> {
    let labels: Vec<&[u8]> = name.labels().collect();
    let (number, family) = labels.split_last_chunk::<2>()?;
    if !family[1].eq_ignore_ascii_case(b"arpa") {
        return None;
    }
    let (address, bits) = if family[0].eq_ignore_ascii_case(b"in-addr") {
        let mut octets = [0; 4];
        for (octet, label) in octets.iter_mut().zip(number.iter().rev()) {
            *octet = std::str::from_utf8(label).ok()?.parse().ok()?;
        }
        (IpAddr::from(octets), number.len() * 8)
    } else if family[0].eq_ignore_ascii_case(b"ip6") {
        let mut address = 0_u128;
        for (label, place) in number.iter().rev().zip((0..32_u32).rev()) {
            let [digit] = label else { return None };
            address |= u128::from(char::from(*digit).to_digit(16)?) << (place * 4);
        }
        (IpAddr::from(address.to_be_bytes()), number.len() * 4)
    } else {
        return None;
    };
    let prefix = Cidr::containing(address, u8::try_from(bits).ok()?).ok()?;
    // Written otherwise than we write it, it is not the name of anything: 010.in-addr.arpa.
    (reverse_name(address, prefix.prefix()) == *name).then_some(prefix)
}

impl ReverseZone {
    /// Where the PTR record of an address stands in this zone; None for addresses outside.
    ///
    /// In a classless zone that is not the address's ordinary reverse name.
    #[must_use]
    pub fn owner(&self, address: IpAddr) -> Option<DomainName> {
        if !self.network.contains(address) {
            return None;
        }
        let full = ptr_name(address);
        if full.is_subdomain_of(&self.name) {
            return Some(full);
        }
        Some(self.name.child(full.labels().next()?).expect("a reverse name is short"))
    }
}

impl ClasslessGlue {
    /// The alias of one address; None for addresses outside the classless zone.
    #[must_use]
    pub fn alias(&self, address: IpAddr) -> Option<Alias> {
        Some(Alias { owner: ptr_name(address), target: self.child.owner(address)? })
    }

    /// The aliases of all addresses, at most 128.
    pub fn aliases(&self) -> impl Iterator<Item = Alias> {
        let range = self.child.network.range();
        (0..range.address_count()).filter_map(move |offset| self.alias(range.nth(offset)?))
    }
}

/// Bits of address in each label of a reverse name.
const fn step_bits(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 8,
        IpFamily::V6 => 4,
    }
}

/// The zone of the addresses that share the first `prefix` bits, a multiple of the step.
fn aligned_zone(address: IpAddr, prefix: u8) -> ReverseZone {
    let network = Cidr::containing(address, prefix).expect("the boundary lies inside the family");
    ReverseZone { name: reverse_name(address, prefix), network }
}

/// The zone of a subnet smaller than the last label: first number and prefix length in one label.
fn classless_zone(subnet: Cidr) -> ReverseZone {
    let parent =
        aligned_zone(subnet.network(), subnet.family().bits() - step_bits(subnet.family()));
    let first = ptr_name(subnet.network());
    let first = first.labels().next().expect("a reverse name has labels");
    let label = [first, format!("-{}", subnet.prefix()).as_bytes()].concat();
    ReverseZone {
        name: parent.name.child(&label).expect("a reverse name is short"),
        network: subnet,
    }
}

/// The reverse name of the first `bits` bits of an address, a multiple of the step.
fn reverse_name(address: IpAddr, bits: u8) -> DomainName {
    let count = usize::from(bits / step_bits(IpFamily::of(address)));
    let name = match address {
        IpAddr::V4(v4) => {
            let octets = v4.octets().map(|octet| octet.to_string());
            let labels = octets.iter().take(count).rev().map(String::as_bytes);
            DomainName::from_labels(labels.chain([b"in-addr".as_slice(), b"arpa"]))
        }
        IpAddr::V6(v6) => {
            let nibbles = v6.octets().map(|octet| [octet >> 4, octet & 0xf].map(hex_digit));
            let labels = nibbles.as_flattened().chunks(1).take(count).rev();
            DomainName::from_labels(labels.chain([b"ip6".as_slice(), b"arpa"]))
        }
    };
    name.expect("a reverse name is short")
}

const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::{Alias, ptr_name, reverse_prefix, reverse_zone_around, reverse_zones};
    use crate::net::cidr::Cidr;
    use std::net::IpAddr;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn cidr(text: &str) -> Cidr {
        text.parse().expect("a prefix")
    }

    fn zone_names(subnet: &str) -> Vec<String> {
        reverse_zones(cidr(subnet)).zones.iter().map(|zone| zone.name.to_string()).collect()
    }

    #[test]
    fn addresses_have_their_reverse_names() {
        assert_eq!(ptr_name(address("192.0.2.7")).to_string(), "7.2.0.192.in-addr.arpa");
        assert_eq!(
            ptr_name(address("2001:db8::10:0:2:f")).to_string(),
            "f.0.0.0.2.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
        );
    }

    #[test]
    fn ipv4_subnets_are_cut_at_octets() {
        assert_eq!(zone_names("10.1.25.0/24"), ["25.1.10.in-addr.arpa"]);
        assert_eq!(zone_names("10.1.0.0/16"), ["1.10.in-addr.arpa"]);
        assert_eq!(zone_names("10.0.0.0/8"), ["10.in-addr.arpa"]);
        assert_eq!(
            zone_names("10.1.16.0/22"),
            [16, 17, 18, 19].map(|octet| format!("{octet}.1.10.in-addr.arpa"))
        );
        assert_eq!(zone_names("10.2.0.0/15"), ["2.10.in-addr.arpa", "3.10.in-addr.arpa"]);
        assert_eq!(zone_names("255.255.254.0/23").len(), 2);
        assert_eq!(zone_names("10.0.0.0/9").len(), super::ZONES_PER_SUBNET_MAX);
    }

    #[test]
    fn ipv6_subnets_are_cut_at_nibbles() {
        assert_eq!(zone_names("2001:db8:0:10::/64"), ["0.1.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"]);
        assert_eq!(zone_names("2001:8000::/19"), ["8.1.0.0.2.ip6.arpa", "9.1.0.0.2.ip6.arpa"]);
        assert_eq!(zone_names("2001:db8::10/124").len(), 1);
        assert_eq!(reverse_zones(cidr("2001:db8::10/124")).glue, None);
    }

    #[test]
    fn reverse_names_are_read_back_whole_or_in_part() {
        for host in ["192.0.2.7", "2001:db8::10:0:2:f"] {
            let read = reverse_prefix(&ptr_name(address(host)));
            assert_eq!(read, Some(Cidr::of_address(address(host))));
        }
        let read = |name: &str| reverse_prefix(&name.parse().expect("a name"));
        assert_eq!(read("2.10.IN-ADDR.arpa"), Some(cidr("10.2.0.0/16")));
        assert_eq!(read("8.b.d.0.1.0.0.2.ip6.arpa"), Some(cidr("2001:db8::/32")));
        assert_eq!(read("ip6.arpa"), Some(cidr("::/0")));
        for no in
            ["02.10.in-addr.arpa", "1.2.3.4.5.in-addr.arpa", "64-26.2.0.192.in-addr.arpa", "maas"]
        {
            assert_eq!(read(no), None, "{no}");
        }
    }

    #[test]
    fn a_zone_is_found_for_each_address_of_a_subnet() {
        for subnet in
            ["10.1.16.0/22", "10.1.0.0/16", "192.0.2.64/26", "192.0.2.7/32", "2001:db8::/47"]
        {
            for zone in reverse_zones(cidr(subnet)).zones {
                let around = reverse_zone_around(cidr(subnet), zone.network.last());
                assert_eq!(around, Some(zone));
            }
        }
    }

    #[test]
    fn a_whole_family_is_one_zone() {
        assert_eq!(zone_names("0.0.0.0/0"), ["in-addr.arpa"]);
        assert_eq!(zone_names("::/0"), ["ip6.arpa"]);
    }

    #[test]
    fn subnets_below_the_last_boundary_get_classless_zones() {
        assert_eq!(zone_names("192.168.0.192/27"), ["192-27.0.168.192.in-addr.arpa"]);
        assert_eq!(zone_names("192.0.2.7/32"), ["7-32.2.0.192.in-addr.arpa"]);
        assert_eq!(
            zone_names("2001:db8::8/125"),
            ["8-125.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"]
        );
    }

    #[test]
    fn classless_zones_are_reached_by_aliases_in_their_parent() {
        let glue = reverse_zones(cidr("10.1.25.64/28")).glue.expect("classless");
        assert_eq!(glue.parent.name.to_string(), "25.1.10.in-addr.arpa");
        assert_eq!(glue.parent.network, cidr("10.1.25.0/24"));
        let aliases: Vec<Alias> = glue.aliases().collect();
        assert_eq!(aliases.len(), 16);
        let first = aliases.first().expect("sixteen");
        assert_eq!(first.owner.to_string(), "64.25.1.10.in-addr.arpa");
        assert_eq!(first.target.to_string(), "64.64-28.25.1.10.in-addr.arpa");
        assert_eq!(glue.alias(address("10.1.25.80")), None);
    }

    #[test]
    fn ptr_records_stand_at_the_reverse_name_or_in_the_classless_zone() {
        let owner = |subnet, host| {
            let zone = reverse_zones(cidr(subnet)).zones.remove(0);
            zone.owner(address(host)).map(|name| name.to_string())
        };
        let owner_of = |subnet, host| owner(subnet, host).expect("inside");
        assert_eq!(owner_of("10.1.0.0/16", "10.1.2.3"), "3.2.1.10.in-addr.arpa");
        assert_eq!(owner_of("10.1.2.0/26", "10.1.2.3"), "3.0-26.2.1.10.in-addr.arpa");
        assert_eq!(owner("10.1.2.0/26", "10.1.2.64"), None);
    }
}
