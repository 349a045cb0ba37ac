//! The network: from fabrics down to single addresses.

use crate::cli::nouns::collection::{
    FABRICS, INTERFACES, IP_ADDRESSES, IP_RANGES, LEASES, NODES, RESERVED_IPS, SPACES,
    STATIC_ROUTES, SUBNETS, USERS, VLANS,
};
use crate::cli::nouns::noun::{Action, ActionMethod, Answers, Flag, Means, Noun, Writes};

/// Addresses that were taken.
const TAKEN: Answers = Answers::Items(IP_ADDRESSES);
/// What a wish for addresses may say.
const WISH: &str = "count=N preferred=ADDRESS interface=INTERFACE user=USER comment=TEXT ttl=10m";

const SUBNET: (&str, Means) = ("subnet", Means::One(SUBNETS));
const USER: (&str, Means) = ("user", Means::One(USERS));
const INTERFACE: (&str, Means) = ("interface", Means::One(INTERFACES));

/// What an admin says who does not want to wait.
const CLIENT_IS_GONE: Flag = Flag {
    name: "now",
    about: "I know that its client is gone and does not come back with it: let the address rest for the guard of two \
            minutes only. If that is wrong, two machines hold one address. A lease that its client has for good (BOOTP) ends \
            in no other way: be sure that the machine is off",
    field: "client_is_gone",
    question: "is the client gone for good that had",
};

/// These nouns.
pub const NOUNS: &[Noun] = &[
    Noun {
        name: "fabric",
        collection: FABRICS,
        about: "Fabrics: switches that share VLANs",
        known_by: "name or number",
        columns: &["id", "name", "class_type", "description"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
        examples: &["fabric create name=rack-7"],
    },
    Noun {
        name: "vlan",
        collection: VLANS,
        about: "VLANs of fabrics, and who serves DHCP on them",
        known_by: "FABRIC:VID or number",
        columns: &["id", "label", "name", "space", "mtu", "dhcp_on", "description"],
        fields: &[
            ("fabric", Means::One(FABRICS)),
            ("space", Means::One(SPACES)),
            ("primary_rack", Means::One(NODES)),
            ("secondary_rack", Means::One(NODES)),
            ("more_racks", Means::Many(NODES)),
            ("relay_vlan", Means::One(VLANS)),
        ],
        writes: Writes::All,
        actions: &[],
        examples: &[
            "vlan create fabric=rack-7 vid=7 name=storage",
            "vlan dhcp on rack-7:7 --range 10.7.0.100-10.7.0.199 --rack rack-a --rack rack-b --wait",
            "vlan set rack-7:7 boot.server=10.7.0.2 boot.files.0=lpxelinux.0 boot.files.7=bootx64.efi",
        ],
    },
    Noun {
        name: "space",
        collection: SPACES,
        about: "Spaces: VLANs that may talk to each other",
        known_by: "name or number",
        columns: &["id", "name", "description"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
        examples: &["space create name=dmz"],
    },
    Noun {
        name: "subnet",
        collection: SUBNETS,
        about: "Subnets, and taking addresses from them",
        known_by: "prefix or number",
        columns: &["id", "cidr", "name", "vlan", "gateway_ip", "dns_servers", "managed"],
        fields: &[
            ("vlan", Means::One(VLANS)),
            ("dns_servers", Means::Texts),
            ("disabled_boot_architectures", Means::Texts),
            USER,
            INTERFACE,
        ],
        writes: Writes::All,
        actions: &[
            Action::post(
                "allocate",
                "Take the next free addresses",
                "/v1/subnets/{id}/allocations",
            )
            .taking(WISH)
            .answering(TAKEN),
            Action::post("usage", "Show how full it is", "/v1/subnets/{id}/utilization")
                .by(ActionMethod::Get)
                .answering(Answers::Sheet),
        ],
        examples: &[
            "subnet create cidr=10.7.0.0/24 vlan=rack-7:7 gateway_ip=10.7.0.1",
            "subnet allocate 10.7.0.0/24 count=2 comment='for the load balancer'",
            "subnet usage 10.7.0.0/24",
        ],
    },
    Noun {
        name: "ip-range",
        collection: IP_RANGES,
        about: "Ranges of subnets that are set aside: dynamic for DHCP, reserved for nobody",
        known_by: "first address or number",
        columns: &["id", "subnet", "type", "start_ip", "end_ip", "comment"],
        fields: &[SUBNET, USER, INTERFACE],
        writes: Writes::All,
        actions: &[Action::post(
            "allocate",
            "Take the next free addresses of a reserved range",
            "/v1/ip-ranges/{id}/allocations",
        )
        .taking(WISH)
        .answering(TAKEN)],
        examples: &[
            "ip-range create subnet=10.7.0.0/24 type=dynamic start_ip=10.7.0.100 end_ip=10.7.0.199",
            "ip-range set 10.7.0.100 end_ip=10.7.0.149",
        ],
    },
    Noun {
        name: "static-route",
        collection: STATIC_ROUTES,
        about: "Static routes: how hosts of one subnet reach another one",
        known_by: "number",
        columns: &["id", "source", "destination", "gateway_ip", "metric"],
        fields: &[("source", Means::One(SUBNETS)), ("destination", Means::One(SUBNETS))],
        writes: Writes::All,
        actions: &[],
        examples: &[
            "static-route create source=10.7.0.0/24 destination=10.8.0.0/24 gateway_ip=10.7.0.1",
        ],
    },
    Noun {
        name: "reserved-ip",
        collection: RESERVED_IPS,
        about: "Reserved IPs: the address a MAC address gets by DHCP",
        known_by: "address or number",
        columns: &["id", "ip", "mac_address", "subnet", "pending_ms", "comment"],
        fields: &[SUBNET],
        writes: Writes::All,
        actions: &[],
        examples: &[
            "reserved-ip create subnet=10.7.0.0/24 ip=10.7.0.50 mac_address=52:54:00:00:00:01",
        ],
    },
    Noun {
        name: "ip-address",
        collection: IP_ADDRESSES,
        about: "IP addresses in use",
        known_by: "address or number",
        columns: &["id", "ip", "alloc_type_name", "subnet", "interfaces", "user", "comment"],
        fields: &[SUBNET, USER, ("interfaces", Means::Many(INTERFACES))],
        writes: Writes::All,
        actions: &[
            Action {
                preset: Some(("alloc_type", 4)),
                ..Action::post("reserve", "Reserve a certain one for a user", "/v1/ip-addresses")
            }
            .taking("ip=ADDRESS user=USER comment=TEXT"),
            Action::post("release", "Give one back", "/v1/ip-addresses/{id}")
                .by(ActionMethod::Delete),
        ],
        examples: &[
            "ip-address ls --filter ip__within=10.7.0.0/24",
            "ip-address reserve ip=10.7.0.9 comment='the old printer'",
            "ip-address release 10.7.0.9",
        ],
    },
    Noun {
        name: "lease",
        collection: LEASES,
        about: "DHCP leases as the racks gave them",
        known_by: "address",
        columns: &[
            "ip",
            "state",
            "mac_address",
            "hostname",
            "vlan",
            "subnet",
            "rack",
            "remaining_ms",
            "rests_ms",
        ],
        fields: &[
            SUBNET,
            ("vlan", Means::One(VLANS)),
            ("rack", Means::One(NODES)),
            ("remaining_ms", Means::Countdown),
            ("rests_ms", Means::Countdown),
        ],
        writes: Writes::None,
        actions: &[
            Action::post(
                "release",
                "End one: it is not renewed, and its address rests until nobody can hold it any more",
                "/v1/leases/{id}/actions/release",
            )
            .flagged(CLIENT_IS_GONE),
            Action::post("why", "Explain why an address is given or not", "/v1/leases/{id}/why")
                .by(ActionMethod::Get)
                .of("address, the MAC address of a client, or a host name")
                .answering(Answers::Words),
        ],
        examples: &[
            "lease ls --filter state=bound --filter subnet=10.7.0.0/24",
            "lease ls --filter mac_address=52:54:00:00:00:01",
            "lease ls --filter for_good=true",
            "lease show 10.7.0.117",
            "lease release 10.7.0.117",
            "lease why 10.7.0.117",
            "lease why 52:54:00:00:00:01",
        ],
    },
];
