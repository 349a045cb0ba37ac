//! What has a host name, and what belongs to it: machines, devices, controllers, their interfaces and BMCs.

use crate::cli::nouns::collection::{
    BMCS, CONTROLLERS, DEVICES, DOMAINS, INTERFACES, IP_ADDRESSES, MACHINES, NODES, POOLS, SUBNETS,
    TAGS, USERS, VLANS, ZONES,
};
use crate::cli::nouns::noun::{Action, ActionMethod, Means, Noun, Takes, Writes};

/// What people write for the fields every sort of node has.
const NODE_FIELDS: &[(&str, Means)] = &[
    ("domain", Means::One(DOMAINS)),
    ("zone", Means::One(ZONES)),
    ("pool", Means::One(POOLS)),
    ("tags", Means::Many(TAGS)),
    ("owner", Means::One(USERS)),
    ("parent", Means::One(NODES)),
    ("bmc", Means::One(BMCS)),
    ("boot_interface", Means::One(INTERFACES)),
    ("gateway_link_ipv4", Means::One(IP_ADDRESSES)),
    ("gateway_link_ipv6", Means::One(IP_ADDRESSES)),
    ("mac_addresses", Means::Texts),
];

/// How a node is named.
const KNOWN_BY: &str = "full name, host name, system id or number";

/// Notes of whoever has the node; every sort of node has them.
const ANNOTATE: Action = Action {
    takes: Takes::Notes,
    method: ActionMethod::Patch,
    ..Action::post("annotate", "Note something on it", "/v1/nodes/{id}/owner-data")
};

/// These nouns.
pub const NOUNS: &[Noun] = &[
    Noun {
        name: "machine",
        collection: MACHINES,
        about: "Machines and the steps of their life",
        known_by: KNOWN_BY,
        columns: &["id", "system_id", "fqdn", "status_name", "power_state", "pool", "ip_addresses"],
        fields: NODE_FIELDS,
        writes: Writes::All,
        actions: &[
            Action::post(
                "commission",
                "Look at its hardware",
                "/v1/machines/{id}/actions/commission",
            ),
            Action::post("abort", "End what it is doing", "/v1/machines/{id}/actions/abort"),
            Action::post("allocate", "Take it for yourself", "/v1/machines/{id}/actions/allocate"),
            Action::post(
                "deploy",
                "Put an operating system on it",
                "/v1/machines/{id}/actions/deploy",
            ),
            Action::post("release", "Give it back", "/v1/machines/{id}/actions/release"),
            Action::post(
                "mark-broken",
                "Say it is broken",
                "/v1/machines/{id}/actions/mark_broken",
            )
            .taking("comment=TEXT"),
            Action::post(
                "mark-fixed",
                "Say it works again",
                "/v1/machines/{id}/actions/mark_fixed",
            ),
            Action::post("lock", "Keep its status as it is", "/v1/machines/{id}/actions/lock"),
            Action::post("unlock", "Let its status change", "/v1/machines/{id}/actions/unlock"),
            ANNOTATE,
        ],
        examples: &[
            "machine ls --filter status_name=Ready --sort -memory",
            "machine create hostname=node-01 domain=lab.test mac_addresses=52:54:00:00:00:01",
            "machine set node-01.lab.test pool=default tags=gpu,ssd",
            "machine commission node-01.lab.test",
        ],
    },
    Noun {
        name: "device",
        collection: DEVICES,
        about: "Things with addresses and names that are not managed further",
        known_by: KNOWN_BY,
        columns: &["id", "system_id", "fqdn", "parent", "ip_addresses"],
        fields: NODE_FIELDS,
        writes: Writes::All,
        actions: &[ANNOTATE],
        examples: &["device create hostname=printer mac_addresses=52:54:00:00:00:09"],
    },
    Noun {
        name: "controller",
        collection: CONTROLLERS,
        about: "Rack and region controllers as MAAS had them",
        known_by: KNOWN_BY,
        columns: &["id", "system_id", "fqdn", "node_type_name", "version", "ip_addresses"],
        fields: NODE_FIELDS,
        writes: Writes::NoCreate,
        actions: &[ANNOTATE],
        examples: &["controller ls --columns fqdn,version"],
    },
    Noun {
        name: "interface",
        collection: INTERFACES,
        about: "Network interfaces, and their links to subnets",
        known_by: "MAC address, NODE:NAME or number",
        columns: &["id", "node", "name", "type", "mac_address", "vlan", "enabled"],
        fields: &[
            ("node", Means::One(NODES)),
            ("vlan", Means::One(VLANS)),
            ("parents", Means::Many(INTERFACES)),
            ("tags", Means::Texts),
            ("subnet", Means::One(SUBNETS)),
        ],
        writes: Writes::All,
        actions: &[
            Action::post("link", "Give it an address of a subnet", "/v1/interfaces/{id}/links")
                .taking("mode=auto|static|dhcp|link_up subnet=SUBNET ip_address=ADDRESS"),
            Action::post("unlink", "Take a link away", "/v1/interfaces/{id}/links/{link}")
                .by(ActionMethod::Delete),
        ],
        examples: &[
            "interface create node=node-01.lab.test name=eth1 mac_address=52:54:00:00:00:02",
            "interface link 52:54:00:00:00:01 mode=auto subnet=10.0.0.0/24",
            "interface unlink node-01.lab.test:eth0 17",
        ],
    },
    Noun {
        name: "bmc",
        collection: BMCS,
        about: "What switches machines on and off; its secrets can be set, never read",
        known_by: "number",
        columns: &["id", "power_type", "ip_address", "power_parameters"],
        fields: &[("ip_address", Means::One(IP_ADDRESSES))],
        writes: Writes::All,
        actions: &[],
        examples: &["bmc create power_type=ipmi power_parameters.power_address=10.0.0.5"],
    },
];
