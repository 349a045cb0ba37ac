//! The replies: which options they carry and where they go.

use crate::dhcp::action::{Destination, Outgoing};
use crate::dhcp::exchange::boot_step::next;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::message::code;
use crate::dhcp::message::reply::{FILE_BYTES_MAX, Reply, ReplyKind};
use crate::dhcp::message::request::Kind;
use crate::dhcp::message::value::{addresses, names, routes, seconds};
use regent_core::model::dns_name::DomainName;
use regent_core::rack_view::subnet::{Route, Subnet};
use regent_core::time::Millis;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

const NONE: Ipv4Addr = Ipv4Addr::UNSPECIFIED;
/// What is said to clients of DHCP only, also where an admin set it.
const OF_LEASES: [u8; 5] = [
    code::MESSAGE_TYPE,
    code::SERVER_ID,
    code::LEASE_TIME,
    code::RENEWAL_TIME,
    code::REBINDING_TIME,
];

/// An offer or acknowledgement of an address.
#[must_use]
pub fn granting(
    scene: &Scene<'_>,
    kind: ReplyKind,
    subnet: &Subnet,
    address: Ipv4Addr,
    life: Millis,
) -> Outgoing {
    let mut reply = informing(scene, kind, subnet);
    reply.yiaddr = address;
    reply.options.extend([
        (code::LEASE_TIME, seconds(life)),
        (code::RENEWAL_TIME, seconds(Millis(life.0 / 2))),
        (code::REBINDING_TIME, seconds(Millis(life.0 / 8 * 7))),
    ]);
    Outgoing { to: destination(scene, address), reply }
}

/// The answer to a client from before DHCP: its address and the rest, and nothing of leases (RFC 1534 section 2).
#[must_use]
pub fn giving_for_good(scene: &Scene<'_>, subnet: &Subnet, address: Ipv4Addr) -> Outgoing {
    let mut reply = informing(scene, ReplyKind::Boot, subnet);
    reply.yiaddr = address;
    reply.options.retain(|code, _| !OF_LEASES.contains(code));
    Outgoing { to: destination(scene, address), reply }
}

/// A reply with what stands in options, and no address.
#[must_use]
pub fn informing(scene: &Scene<'_>, kind: ReplyKind, subnet: &Subnet) -> Reply {
    let mut reply = plain(scene, kind);
    reply.options.extend(told(scene, subnet));
    add_boot(scene, subnet, &mut reply);
    add_settings(scene, subnet, &mut reply);
    let request = scene.request;
    let fqdn = request.fqdn.as_ref().map(|fqdn| (code::FQDN, fqdn.answer()));
    // Firmware may take a reply without its machine for another's (RFC 4578 section 2.3).
    let machine = request.machine_id.map(|id| (code::MACHINE_ID, id.to_vec()));
    reply.options.extend(fqdn.into_iter().chain(machine));
    reply
}

/// A refusal. It is broadcast, for the client has no address any more; but where no broadcast gets to, it goes to the
/// address that the client still uses.
#[must_use]
pub fn refusing(scene: &Scene<'_>) -> Outgoing {
    let mut reply = plain(scene, ReplyKind::Nak);
    reply.ciaddr = NONE;
    reply.broadcast = true;
    let to = match scene.request.giaddr {
        Some(giaddr) => Destination::Relay(giaddr),
        None if scene.is_routed() => Destination::Client(scene.arrival.source),
        None => Destination::Broadcast,
    };
    Outgoing { reply, to }
}

fn plain(scene: &Scene<'_>, kind: ReplyKind) -> Reply {
    let request = scene.request;
    let mut options = BTreeMap::from([(code::SERVER_ID, scene.server_id().octets().to_vec())]);
    options.extend(request.client_id.clone().map(|id| (code::CLIENT_ID, id)));
    Reply {
        kind,
        xid: request.xid,
        broadcast: request.broadcast,
        ciaddr: if kind == ReplyKind::Offer { NONE } else { request.ciaddr.unwrap_or(NONE) },
        yiaddr: NONE,
        siaddr: NONE,
        giaddr: request.giaddr.unwrap_or(NONE),
        hardware: request.hardware,
        file: Vec::new(),
        options,
        relay: request.relay.as_ref().map(|relay| relay.raw.clone()),
        size_max: request.size_max,
    }
}

/// Where a reply with an address goes (RFC 2131 section 4.1).
fn destination(scene: &Scene<'_>, address: Ipv4Addr) -> Destination {
    let request = scene.request;
    if let Some(giaddr) = request.giaddr {
        return Destination::Relay(giaddr);
    }
    // Whoever looks for an address has none, whatever it writes; and nothing is sent to where no client of ours is.
    let has_address = request.kind != Kind::Discover;
    let ciaddr = request.ciaddr.filter(|ciaddr| scene.vlan.subnet_of(*ciaddr).is_some());
    if let Some(ciaddr) = ciaddr.filter(|_| has_address) {
        return Destination::Client(ciaddr);
    }
    if request.broadcast || request.hardware.hlen == 0 {
        return Destination::Broadcast;
    }
    Destination::Frame { hardware: request.hardware, address }
}

/// Options of the subnet that the client asks for; all of them if it does not say. The mask always.
fn told(scene: &Scene<'_>, subnet: &Subnet) -> BTreeMap<u8, Vec<u8>> {
    let told = &subnet.told;
    let host = scene.vlan.hosts.of(scene.client());
    let domain = told.domain.as_ref().map(DomainName::to_string);
    let text = |text: Option<&str>| text.map(|text| text.trim_end_matches('.').as_bytes().to_vec());
    let mut options: BTreeMap<u8, Vec<u8>> = [
        (code::ROUTERS, addresses(told.gateway.as_slice())),
        (code::DNS_SERVERS, addresses(&told.dns_servers)),
        (code::HOST_NAME, text(host.and_then(|host| host.name.as_deref())).unwrap_or_default()),
        (code::DOMAIN_NAME, text(domain.as_deref()).unwrap_or_default()),
        (code::MTU, told.mtu.map(|mtu| mtu.to_be_bytes().to_vec()).unwrap_or_default()),
        (code::BROADCAST, subnet.cidr.broadcast().map(octets).unwrap_or_default()),
        (code::NTP_SERVERS, addresses(&told.ntp_servers)),
        (code::DOMAIN_SEARCH, names(&told.search)),
        (code::STATIC_ROUTES, all_routes(subnet)),
    ]
    .into_iter()
    .filter(|(code, value)| !value.is_empty() && is_wanted(scene, *code))
    .collect();
    if scene.request.asks_for(code::STATIC_ROUTES_WINDOWS) && !told.routes.is_empty() {
        options.insert(code::STATIC_ROUTES_WINDOWS, all_routes(subnet));
    }
    options.insert(code::SUBNET_MASK, octets(subnet.cidr.netmask()));
    options
}

fn is_wanted(scene: &Scene<'_>, code: u8) -> bool {
    scene.request.parameters.is_empty() || scene.request.asks_for(code)
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(_) => Vec::new(),
    }
}

/// A client that gets routes ignores the gateway (RFC 3442), so that is the first of them.
fn all_routes(subnet: &Subnet) -> Vec<u8> {
    if subnet.told.routes.is_empty() {
        return Vec::new();
    }
    let default = subnet.told.gateway.map(|gateway| Route { network: NONE, prefix: 0, gateway });
    let all: Vec<Route> = default.into_iter().chain(subnet.told.routes.iter().copied()).collect();
    routes(&all)
}

/// What admins set, where the client asks for it: for the host before the subnet, for the subnet before the VLAN, and
/// before everything else. A boot file set like that is in its field too, and so is a boot server that is an address.
fn add_settings(scene: &Scene<'_>, subnet: &Subnet, reply: &mut Reply) {
    let host = scene.vlan.hosts.of(scene.client()).map(|host| &host.settings);
    let all = [Some(&scene.vlan.settings), Some(&subnet.told.settings), host];
    let set = all.into_iter().flatten().flat_map(|settings| settings.iter());
    for (code, value) in set.filter(|(code, _)| is_wanted(scene, *code)) {
        reply.options.insert(code, value.to_vec());
        if code == code::BOOT_FILE && value.len() <= FILE_BYTES_MAX {
            reply.file = value.to_vec();
        }
        if code == code::BOOT_SERVER
            && let Some(server) = address_in(value)
        {
            reply.siaddr = server;
        }
    }
}

fn address_in(text: &[u8]) -> Option<Ipv4Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn add_boot(scene: &Scene<'_>, subnet: &Subnet, reply: &mut Reply) {
    let Some(boot) = subnet.boot.as_ref().or(scene.vlan.boot.as_ref()) else { return };
    let Some(step) = next(scene, boot) else { return };
    let request = scene.request;
    reply.siaddr = step.server;
    let is_long = step.file.len() > FILE_BYTES_MAX;
    if !is_long {
        reply.file = step.file.as_bytes().to_vec();
    }
    if is_long || step.vendor_class.is_some() || request.asks_for(code::BOOT_FILE) {
        reply.options.insert(code::BOOT_FILE, step.file.as_bytes().to_vec());
    }
    if request.asks_for(code::BOOT_SERVER) {
        reply.options.insert(code::BOOT_SERVER, step.server.to_string().into_bytes());
    }
    if let Some(prefix) = step.prefix {
        reply.options.insert(code::PATH_PREFIX, prefix.as_bytes().to_vec());
    }
    if let Some(class) = step.vendor_class {
        reply.options.insert(code::VENDOR_CLASS, class.as_bytes().to_vec());
    }
}
