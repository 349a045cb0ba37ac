//! Whatever the region may tell a rack comes out on the other side as it was told.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::prop_assert_eq;
use prost::Message;
use regent_core::id::{SubnetId, VlanId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::terms::Terms;
use regent_core::model::boot::{BootFile, BootSettings};
use regent_core::net::address_range::AddressRange;
use regent_core::net::cidr::Cidr;
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::host::Host;
use regent_core::rack_view::lease::{Lease, Standing};
use regent_core::rack_view::setting::{PROTOCOL_OPTIONS, Settings};
use regent_core::rack_view::subnet::{RapidCommit, Route, Subnet, Told};
use regent_core::rack_view::vlan::{Probing, Share, VlanTold};
use regent_core::time::Millis;
use regent_proto::rack;
use regent_proto::view::parts::{Parts, VIEW_PART_BYTES_MAX, write};
use std::net::{IpAddr, Ipv4Addr};

fn client() -> impl Strategy<Value = Client> {
    prop_oneof![
        any::<[u8; 6]>().prop_map(|octets| Client::Card(MacAddr(octets))),
        vec(any::<u8>(), 0..30).prop_map(Client::Identifier),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    btree_map(any::<u8>(), vec(any::<u8>(), 0..300), 0..3).prop_map(|options| {
        let mut settings = Settings::default();
        for (code, value) in options {
            if !PROTOCOL_OPTIONS.contains(&code) {
                settings.set(code, value).expect("it may be set");
            }
        }
        settings
    })
}

fn boot() -> impl Strategy<Value = Option<BootSettings>> {
    let file = ("[a-z0-9/.]{1,20}", option::of("[a-z/]{1,9}"));
    let file = file.prop_map(|(path, prefix)| BootFile { path, prefix });
    let files = btree_map(any::<u16>(), file, 0..3);
    let http = btree_map(any::<u16>(), "http://[a-z]{1,9}", 0..3);
    let all = (any::<Option<Ipv4Addr>>(), files, option::of("http://[a-z]{1,9}"), http);
    option::of(all.prop_map(|(server, files, ipxe_script, http)| BootSettings {
        server,
        files,
        ipxe_script,
        http,
    }))
}

fn range() -> impl Strategy<Value = AddressRange> {
    any::<(Ipv4Addr, Ipv4Addr)>().prop_map(|(one, other)| {
        let (first, last) = (one.min(other), one.max(other));
        AddressRange::new(first.into(), last.into()).expect("in order")
    })
}

fn ranges() -> impl Strategy<Value = Vec<AddressRange>> {
    vec(range(), 0..4)
}

fn told() -> impl Strategy<Value = Told> {
    let route = (any::<Ipv4Addr>(), 0..=32_u8, any::<Ipv4Addr>());
    let route = route.prop_map(|(network, prefix, gateway)| Route { network, prefix, gateway });
    let name = || "[a-zA-Z0-9-]{1,9}(\\.[a-z]{1,9}){0,3}";
    let name = move || name().prop_map(|text| text.parse().expect("a name"));
    let servers = || vec(any::<Ipv4Addr>(), 0..5);
    let names = (option::of(name()), vec(name(), 0..5), vec(name(), 0..5));
    let plain = any::<(Option<Ipv4Addr>, Option<u16>)>();
    (plain, servers(), servers(), names, vec(route, 0..5), settings()).prop_map(
        |(
            (gateway, mtu),
            dns_servers,
            ntp_servers,
            (domain, search, ntp_names),
            routes,
            settings,
        )| Told {
            gateway,
            dns_servers,
            domain,
            search,
            ntp_servers,
            ntp_names,
            mtu,
            routes,
            settings,
        },
    )
}

fn subnet() -> impl Strategy<Value = Subnet> {
    let cidr = (any::<Ipv4Addr>(), 0..=32_u8).prop_map(|(address, prefix)| {
        Cidr::containing(IpAddr::V4(address), prefix).expect("of IPv4")
    });
    let terms = any::<(u64, u64, u64, u64, u32)>().prop_map(
        |(life, autonomy, block_term, guard, drift_ppm)| Terms {
            life: Millis(life),
            autonomy: Millis(autonomy),
            block_term: Millis(block_term),
            guard: Millis(guard),
            drift_ppm,
        },
    );
    let plain = any::<(u32, u64, bool)>();
    (plain, cidr, [ranges(), ranges(), ranges()], terms, told(), boot()).prop_map(
        |((id, boot_life, rapid), cidr, [ranges, foreign_blocks, closed], terms, told, boot)| {
            Subnet {
                id: SubnetId(id),
                cidr,
                ranges,
                foreign_blocks,
                closed,
                terms,
                boot_life: Millis(boot_life),
                rapid_commit: if rapid { RapidCommit::Allowed } else { RapidCommit::Refused },
                told,
                boot,
            }
        },
    )
}

fn vlan() -> impl Strategy<Value = VlanTold> {
    let probing = prop_oneof![Just(Probing::On), Just(Probing::Off)];
    let plain = any::<(u32, u64, u32, u32)>();
    (plain, probing, vec(subnet(), 0..3), ranges(), boot(), settings()).prop_map(
        |((id, epoch, place, places), probing, subnets, own_blocks, boot, settings)| VlanTold {
            id: VlanId(id),
            epoch,
            share: Share { place, places },
            subnets,
            own_blocks,
            boot,
            settings,
            probing,
        },
    )
}

fn host() -> impl Strategy<Value = Host> {
    (vec(any::<Ipv4Addr>(), 0..4), option::of("[a-z]{1,20}"), settings())
        .prop_map(|(addresses, name, settings)| Host { addresses, name, settings })
}

fn lease() -> impl Strategy<Value = Lease> {
    let standing = prop_oneof![
        Just(Standing::Held),
        Just(Standing::Resting),
        Just(Standing::Declined),
        Just(Standing::Free),
    ];
    let tenure = prop_oneof![Just(Tenure::Leased), Just(Tenure::ForGood)];
    (option::of(client()), standing, tenure).prop_map(|(client, standing, tenure)| Lease {
        client,
        standing,
        tenure,
    })
}

fn change() -> impl Strategy<Value = ViewChange> {
    let id = || any::<u32>().prop_map(VlanId);
    let hosts = vec((id(), client(), option::of(host())), 0..5);
    let leases = vec((id(), any::<Ipv4Addr>(), option::of(lease())), 0..5);
    (any::<(u64, u64, bool)>(), vec(id(), 0..3), vec(vlan(), 0..3), hosts, leases).prop_map(
        |((epoch, revision, whole), removed, vlans, hosts, leases)| ViewChange {
            epoch,
            revision,
            whole,
            removed,
            vlans,
            hosts,
            leases,
        },
    )
}

/// Over the wire, part by part.
fn received(change: &ViewChange) -> (usize, ViewChange) {
    let parts = write(change).expect("it can be told");
    let (count, mut joined) = (parts.len(), Parts::default());
    for (place, part) in parts.into_iter().enumerate() {
        let bytes = part.encode_to_vec();
        assert!(bytes.len() <= VIEW_PART_BYTES_MAX, "{} bytes", bytes.len());
        let part = rack::View::decode(bytes.as_slice()).expect("a message");
        match joined.join(part).expect("it makes sense") {
            Some(change) => {
                assert_eq!(place + 1, count, "the last part ends it");
                return (count, change);
            }
            None => assert!(place + 1 < count, "the last part ends it"),
        }
    }
    panic!("no part was the last")
}

proptest! {
    #[test]
    fn a_change_is_read_as_it_was_written(change in change()) {
        prop_assert_eq!(received(&change).1, change);
    }
}

#[test]
fn a_change_above_a_megabyte_travels_in_parts() {
    let lease = |number| {
        let client = Some(Client::Identifier(vec![7; 200]));
        let lease = Lease { client, standing: Standing::Held, tenure: Tenure::Leased };
        (VlanId(1), Ipv4Addr::from_bits(number), Some(lease))
    };
    let host = |number: u32| {
        let [a, b, c, d] = number.to_be_bytes();
        let addresses = (0..60).map(|last| Ipv4Addr::from_bits(number + last)).collect();
        let client = Client::Card(MacAddr([2, 0, a, b, c, d]));
        (VlanId(1), client, Some(Host { addresses, ..Host::default() }))
    };
    let change = ViewChange {
        epoch: 1,
        revision: 2,
        whole: true,
        removed: vec![VlanId(3)],
        hosts: (0..6_000).map(host).collect(),
        leases: (0..9_000).map(lease).collect(),
        ..ViewChange::default()
    };
    let (parts, read) = received(&change);
    assert_eq!(read, change);
    assert!((4..=6).contains(&parts), "{parts} parts");
}
