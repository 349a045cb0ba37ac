//! What must hold for every name, address, prefix and record, found by random trial.
//!
//! The seed is fixed: every run tries the same cases.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};
use regent_core::codec::{from_bare, to_bare};
use regent_core::model::dns_name::DomainName;
use regent_core::model::hostname::{Hostname, interface_fqdn};
use regent_core::model::record_data::{Caa, RecordData, Sshfp, Txt};
use regent_core::model::reverse::{ptr_name, reverse_zones};
use regent_core::model::serial::Serial;
use regent_core::model::soa::Soa;
use regent_core::net::address_range::AddressRange;
use regent_core::net::cidr::Cidr;
use regent_core::net::ip_number::IpNumber;
use regent_core::net::mac::MacAddr;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Names of any octets, mostly letters so that some are equal but for their case.
fn names() -> impl Strategy<Value = DomainName> {
    let octet = prop_oneof![4 => select(b"aAbBzZ".as_slice()), 1 => any::<u8>()];
    vec(vec(octet, 1..=6), 0..=5).prop_map(|labels| {
        DomainName::from_labels(labels.iter().map(Vec::as_slice)).expect("short enough")
    })
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    let v4 = any::<[u8; 4]>().prop_map(IpAddr::from);
    let v6 = any::<[u8; 16]>().prop_map(IpAddr::from);
    prop_oneof![v4, v6]
}

fn prefixes() -> impl Strategy<Value = Cidr> {
    (addresses(), any::<u8>()).prop_map(|(address, prefix)| {
        let bits = IpNumber::of(address).family().bits();
        Cidr::containing(address, prefix % (bits + 1)).expect("short enough")
    })
}

fn soas() -> impl Strategy<Value = Soa> {
    (names(), names(), any::<[u32; 5]>()).prop_map(|(mname, rname, numbers)| {
        let [serial, refresh, retry, expire, minimum] = numbers;
        Soa { mname, rname, serial: Serial(serial), refresh, retry, expire, minimum }
    })
}

fn caas() -> impl Strategy<Value = Caa> {
    (any::<u8>(), "[a-zA-Z0-9]{1,15}", vec(any::<u8>(), 0..300))
        .prop_map(|(flags, tag, value)| Caa::new(flags, &tag, &value).expect("fits"))
}

fn sshfps() -> impl Strategy<Value = Sshfp> {
    let kinds = prop_oneof![Just((1, 20..=20)), Just((2, 32..=32)), Just((3, 1..=70))];
    (any::<u8>(), kinds.prop_flat_map(|(kind, octets)| (Just(kind), vec(any::<u8>(), octets))))
        .prop_map(|(algorithm, (kind, print))| Sshfp::new(algorithm, kind, &print).expect("fits"))
}

fn records() -> impl Strategy<Value = RecordData> {
    let txt = vec(vec(any::<u8>(), 0..=255), 1..5);
    prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| RecordData::A(octets.into())),
        any::<[u8; 16]>().prop_map(|octets| RecordData::Aaaa(octets.into())),
        caas().prop_map(|caa| RecordData::Caa(Box::new(caa))),
        names().prop_map(RecordData::Cname),
        (any::<u16>(), names())
            .prop_map(|(preference, exchange)| RecordData::Mx { preference, exchange }),
        names().prop_map(RecordData::Ns),
        names().prop_map(RecordData::Ptr),
        soas().prop_map(|soa| RecordData::Soa(Box::new(soa))),
        (any::<[u16; 3]>(), names()).prop_map(|([priority, weight, port], target)| {
            RecordData::Srv { priority, weight, port, target }
        }),
        sshfps().prop_map(|sshfp| RecordData::Sshfp(Box::new(sshfp))),
        txt.prop_map(|strings| RecordData::Txt(Txt::new(strings).expect("fits"))),
    ]
}

proptest! {
    #![proptest_config(Config {
        cases: 1000,
        rng_seed: RngSeed::Fixed(1035),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn a_written_name_reads_back_with_its_case(name in names()) {
        let read: DomainName = name.to_string().parse().expect("own text");
        prop_assert!(read.is_spelled_like(&name), "{name}");
        let stored: DomainName = from_bare(&to_bare(&name)).expect("own bytes");
        prop_assert!(stored.is_spelled_like(&name), "{name}");
    }

    #[test]
    fn no_text_makes_the_name_reader_panic(text in any::<String>()) {
        if let Ok(name) = text.parse::<DomainName>() {
            prop_assert!(name.as_wire().len() <= 255);
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn order_and_equality_of_names_agree(a in names(), b in names(), c in names()) {
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn the_order_of_names_is_that_of_their_labels_from_the_root(a in names(), b in names()) {
        let key = |name: &DomainName| {
            let labels = name.labels().map(<[u8]>::to_ascii_lowercase);
            labels.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>()
        };
        prop_assert_eq!(a.cmp(&b), key(&a).cmp(&key(&b)));
    }

    #[test]
    fn all_names_of_a_zone_lie_together(all in vec(names(), 1..40), zone in names()) {
        let sorted: BTreeSet<DomainName> = all.into_iter().collect();
        let inside: Vec<bool> = sorted.iter().map(|name| name.is_subdomain_of(&zone)).collect();
        let edges = inside.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let bounded = edges + usize::from(inside[0]) + usize::from(inside[inside.len() - 1]);
        prop_assert!(bounded <= 2, "{sorted:?} {zone}");
    }

    #[test]
    fn a_joined_name_is_below_its_suffix(a in names(), b in names()) {
        let joined = a.join(&b).expect("short enough");
        prop_assert!(joined.is_subdomain_of(&b));
        prop_assert_eq!(joined.label_count(), a.label_count() + b.label_count());
        let mut above = joined;
        for _ in 0..a.label_count() {
            above = above.parent().expect("labels of a are left");
        }
        prop_assert!(above.is_spelled_like(&b));
    }

    #[test]
    fn written_record_data_reads_back(data in records(), origin in names()) {
        let text = data.to_string();
        let read = RecordData::parse(data.record_type(), &text, &origin).expect(&text);
        prop_assert_eq!(read.to_wire(), data.to_wire());
        prop_assert_eq!(&read, &data);
        let stored: RecordData = from_bare(&to_bare(&data)).expect("own bytes");
        prop_assert_eq!(stored.to_wire(), data.to_wire());
    }

    #[test]
    fn no_text_makes_the_record_reader_panic(text in any::<String>(), data in records()) {
        let origin = DomainName::root();
        if let Ok(read) = RecordData::parse(data.record_type(), &text, &origin) {
            prop_assert_eq!(read.record_type(), data.record_type());
        }
    }

    #[test]
    fn what_is_left_of_an_interface_name_names_a_host(interface in any::<String>()) {
        let host: DomainName = "web-01.maas".parse().expect("a name");
        if let Some(name) = interface_fqdn(&interface, &host) {
            prop_assert!(name.is_host_name(), "{name}");
            prop_assert!(name.is_subdomain_of(&host) && name != host);
        }
    }

    #[test]
    fn a_name_made_from_an_address_is_a_host_name(address in addresses()) {
        let made = Hostname::for_address(address);
        prop_assert!(Hostname::new(made.as_str()).is_ok());
    }

    #[test]
    fn written_addresses_prefixes_and_ranges_read_back(
        mac in any::<[u8; 6]>(), cidr in prefixes(), start in addresses(), end in addresses(),
    ) {
        let mac = MacAddr(mac);
        prop_assert_eq!(mac.to_string().parse(), Ok(mac));
        prop_assert_eq!(mac.to_string().to_uppercase().replace(':', "-").parse(), Ok(mac));
        prop_assert_eq!(cidr.to_string().parse(), Ok(cidr));
        prop_assert_eq!(from_bare::<Cidr>(&to_bare(&cidr)).expect("own bytes"), cidr);
        if let Ok(range) = AddressRange::new(start, end) {
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }
    }

    #[test]
    fn prefixes_and_their_ranges_agree(a in prefixes(), b in prefixes(), host in addresses()) {
        prop_assert_eq!(a.contains(host), a.range().contains(host));
        prop_assert_eq!(a.overlaps(b), a.range().overlaps(b.range()));
        prop_assert_eq!(a.contains_cidr(b), a.range().contains_range(b.range()));
    }

    #[test]
    fn reverse_zones_cover_their_subnet_once(cidr in prefixes(), pick in any::<u128>()) {
        let made = reverse_zones(cidr);
        let host = cidr.range().nth(pick % cidr.range().address_count()).expect("inside");
        prop_assert_eq!(made.zones.iter().filter(|zone| zone.network.contains(host)).count(), 1);
        for zone in &made.zones {
            prop_assert!(cidr.contains_cidr(zone.network));
            if let Some(owner) = zone.owner(host) {
                prop_assert!(owner.is_subdomain_of(&zone.name) && owner != zone.name);
                prop_assert_eq!(owner == ptr_name(host), made.glue.is_none());
            }
        }
        if let Some(glue) = &made.glue {
            let alias = glue.alias(host).expect("inside");
            prop_assert_eq!(Some(alias.target), glue.child.owner(host));
            prop_assert!(alias.owner.is_subdomain_of(&glue.parent.name));
            prop_assert!(glue.parent.network.contains_cidr(cidr));
        }
    }
}
