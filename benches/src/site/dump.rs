//! A site as the plain SQL dump that MAAS's guide tells people to make: machines with a card and an address each, and
//! leases of cards that belong to nobody.
//!
//! MAAS keeps a lease as a row of its address table, so every lease is an address, too.

use crate::site::address::{LEASES_PER_NET, MACHINES_NET, lease_nets, of_lease, of_machine};
use crate::site::names::{DOMAIN, host};
use regent_core::id::SystemId;
use std::io::{self, Write};

/// Leases of one card.
pub const LEASES_PER_CARD: u32 = 10;

/// When everything happened, in the columns `updated` and `created`. Leases began then and run for a day.
const MOMENT: &str = "2026-05-01 12:00:00+00\t2026-05-01 12:00:00+00";
const LEASE_SECONDS: u32 = 86_400;

const SMALL_TABLES: &str = "\
COPY public.alembic_version (version_num) FROM stdin;
0004
\\.

COPY public.maasserver_zone (id, updated, created, name, description) FROM stdin;
1\t{moment}\tdefault\t
\\.

COPY public.maasserver_resourcepool (id, updated, created, name, description) FROM stdin;
0\t{moment}\tdefault\t
\\.

COPY public.maasserver_domain (id, updated, created, name, authoritative, ttl) FROM stdin;
0\t{moment}\t{domain}\tt\t\\N
\\.

COPY public.maasserver_globaldefault (id, updated, created, domain_id) FROM stdin;
0\t{moment}\t0
\\.

COPY public.maasserver_fabric (id, updated, created, name, class_type, description) FROM stdin;
0\t{moment}\tfabric-0\t\\N\t
\\.

COPY public.maasserver_vlan (id, name, updated, created, vid, mtu, fabric_id, dhcp_on, external_dhcp, description, \
primary_rack_id, secondary_rack_id, relay_vlan_id, space_id) FROM stdin;
1\tuntagged\t{moment}\t0\t1500\t0\tf\t\\N\t\t\\N\t\\N\t\\N\t\\N
\\.

";
/// Tables that every MAAS has and that stay empty here: the import wants to see that they were not left out.
const EMPTY_TABLES: [(&str, &str); 9] = [
    (
        "auth_user",
        "id, password, last_login, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined",
    ),
    (
        "maasserver_bmc",
        "id, updated, created, power_type, ip_address_id, bmc_type, name, power_parameters, cpu_over_commit_ratio, created_by_commissioning",
    ),
    ("maasserver_config", "id, name, value"),
    ("maasserver_dnsdata", "id, updated, created, rrtype, rrdata, dnsresource_id, ttl"),
    ("maasserver_dnsresource", "id, updated, created, name, domain_id, address_ttl"),
    ("maasserver_dnsresource_ip_addresses", "id, dnsresource_id, staticipaddress_id"),
    ("maasserver_interfacerelationship", "id, updated, created, child_id, parent_id"),
    (
        "maasserver_iprange",
        "id, updated, created, type, start_ip, end_ip, comment, subnet_id, user_id",
    ),
    ("maasserver_space", "id, updated, created, name, description"),
];
const SUBNET: &str = "id, updated, created, cidr, name, gateway_ip, dns_servers, vlan_id, rdns_mode, allow_proxy, \
                      description, active_discovery, managed, allow_dns, disabled_boot_architectures";
const NODE: &str = "id, updated, created, hostname, system_id, status, node_type, bios_boot_method, osystem, \
                    distro_series, architecture, min_hwe_kernel, hwe_kernel, agent_name, error_description, \
                    cpu_count, memory, swap_size, power_state, power_state_updated, error, netboot, license_key, \
                    boot_cluster_ip, enable_ssh, skip_networking, skip_storage, boot_interface_id, \
                    gateway_link_ipv4_id, gateway_link_ipv6_id, owner_id, parent_id, zone_id, domain_id, bmc_id, \
                    address_ttl, status_expires, url, last_image_sync, previous_status, default_user, cpu_speed, \
                    locked, pool_id, instance_power_parameters, hardware_uuid, ephemeral_deploy, description, \
                    dynamic, current_config_id, enable_hw_sync, last_sync, sync_interval, is_dpu";
const NODE_CONFIG: &str = "id, updated, created, name, node_id";
const INTERFACE: &str = "id, updated, created, name, type, mac_address, params, tags, enabled, vlan_id, acquired, \
                         firmware_version, product, vendor, interface_speed, link_connected, link_speed, \
                         sriov_max_vf, node_config_id";
const ADDRESS: &str =
    "id, updated, created, alloc_type, ip, subnet_id, user_id, lease_time, temp_expires_on";
const LINK: &str = "id, interface_id, staticipaddress_id";

/// How large a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Machines.
    pub machines: u32,
    /// Leases.
    pub leases: u32,
}

impl Size {
    const fn cards(self) -> u32 {
        self.machines + self.leases.div_ceil(LEASES_PER_CARD)
    }
}

/// Writes the dump.
///
/// # Errors
/// When it cannot be written.
pub fn write(out: &mut impl Write, size: Size) -> io::Result<()> {
    for (name, columns) in EMPTY_TABLES {
        writeln!(out, "COPY public.{name} ({columns}) FROM stdin;\n\\.\n")?;
    }
    let small = SMALL_TABLES.replace("{moment}", MOMENT).replace("{domain}", DOMAIN);
    out.write_all(small.as_bytes())?;
    let nets = std::iter::once(MACHINES_NET.to_owned()).chain(lease_nets(size.leases));
    table(out, "subnet", SUBNET, (1..).zip(nets).map(subnet))?;
    let machines = 1..=size.machines;
    table(out, "node", NODE, machines.clone().map(node))?;
    table(
        out,
        "nodeconfig",
        NODE_CONFIG,
        machines.map(|id| format!("{id}\t{MOMENT}\tdiscovered\t{id}")),
    )?;
    table(out, "interface", INTERFACE, (1..=size.cards()).map(|id| interface(id, size)))?;
    let addresses = 1..=size.machines + size.leases;
    table(out, "staticipaddress", ADDRESS, addresses.clone().map(|id| address(id, size)))?;
    table(out, "interface_ip_addresses", LINK, addresses.map(|id| link(id, size)))
}

fn table(
    out: &mut impl Write,
    name: &str,
    columns: &str,
    rows: impl Iterator<Item = String>,
) -> io::Result<()> {
    writeln!(out, "COPY public.maasserver_{name} ({columns}) FROM stdin;")?;
    for row in rows {
        writeln!(out, "{row}")?;
    }
    writeln!(out, "\\.\n")
}

fn subnet((id, cidr): (u32, String)) -> String {
    format!("{id}\t{MOMENT}\t{cidr}\t{cidr}\t\\N\t{{}}\t1\t2\tt\t\tf\tt\tt\t{{}}")
}

fn node(id: u32) -> String {
    let (host, system_id) = (host(id), SystemId::nth(id.into()));
    let hardware = "\\N\tubuntu\tnoble\tamd64/generic\t\\N\tga-24.04\t\\N\t\t8\t32768\t\\N\ton\t\\N\t\tt\t\\N\t\\N\tt\tf\tf";
    let places = format!(
        "{id}\t\\N\t\\N\t\\N\t\\N\t1\t0\t\\N\t\\N\t\\N\t\t\\N\t4\t\t2400\tf\t0\t{{}}\t\\N\tf"
    );
    format!(
        "{id}\t{MOMENT}\t{host}\t{system_id}\t6\t0\t{hardware}\t{places}\tmachine {id}\tf\t{id}\tf\t\\N\t\\N\tf"
    )
}

fn interface(id: u32, size: Size) -> String {
    let [a, b, c, d] = id.to_be_bytes();
    let (name, kind, owner) = match id <= size.machines {
        true => ("eno1", "physical", id.to_string()),
        false => ("eth0", "unknown", "\\N".to_owned()),
    };
    let mac = format!("52:54:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
    let rest = "\\N\t\\N\t\\N\t25000\tt\t10000\t0";
    format!("{id}\t{MOMENT}\t{name}\t{kind}\t{mac}\t{{}}\t{{}}\tt\t1\tf\t{rest}\t{owner}")
}

/// Sticky addresses of machines first, then leases.
fn address(id: u32, size: Size) -> String {
    let Some(lease) = id.checked_sub(size.machines + 1) else {
        return format!("{id}\t{MOMENT}\t1\t{}\t1\t\\N\t0\t\\N", of_machine(id));
    };
    let (ip, subnet) = (of_lease(lease), lease / LEASES_PER_NET + 2);
    format!("{id}\t{MOMENT}\t6\t{ip}\t{subnet}\t\\N\t{LEASE_SECONDS}\t\\N")
}

fn link(id: u32, size: Size) -> String {
    let card = match id.checked_sub(size.machines + 1) {
        None => id,
        Some(lease) => size.machines + 1 + lease / LEASES_PER_CARD,
    };
    format!("{id}\t{card}\t{id}")
}

#[cfg(test)]
mod tests {
    use super::{Size, write};

    #[test]
    fn every_row_has_as_many_values_as_its_table_has_columns() {
        let mut dump = Vec::new();
        write(&mut dump, Size { machines: 3, leases: 25 }).unwrap();
        let dump = String::from_utf8(dump).unwrap();
        let mut columns = None;
        for line in dump.lines() {
            match (line.strip_prefix("COPY "), columns) {
                (Some(head), _) => columns = Some(head.split(", ").count()),
                (None, Some(count)) if line != "\\." && !line.is_empty() => {
                    assert_eq!(line.split('\t').count(), count, "{line}");
                }
                (None, _) => columns = columns.filter(|_| line != "\\."),
            }
        }
        assert_eq!(dump.matches("\t86400\t").count(), 25);
    }
}
