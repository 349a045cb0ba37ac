//! Random commands over a small world, so that they meet: few ids, few names, small subnets.
#![allow(clippy::unwrap_used, dead_code, reason = "tests may fail loudly; not each uses all")]

pub(crate) mod choices;
pub(crate) mod leases;
pub(crate) mod racks;

use choices::Choices;
use leases::lease;
use regent_core::command::allocate_address::{AddressSource, AllocateAddress};
use regent_core::command::api_token::IssueToken;
use regent_core::command::edit::Edit;
use regent_core::command::interface::InterfacePatch;
use regent_core::command::ip_range::IpRangePatch;
use regent_core::command::link::LinkCommand;
use regent_core::command::node::{NewInterface, NewNode, NodeAction, NodeCommand, NodePatch};
use regent_core::command::owner_data::OwnerDataCommand;
use regent_core::command::secret::{SecretCommand, SecretOwner};
use regent_core::command::setting::SettingCommand;
use regent_core::command::site::SiteCommand;
use regent_core::command::static_ip_address::StaticIpAddressPatch;
use regent_core::command::subnet::SubnetPatch;
use regent_core::command::vlan::VlanPatch;
use regent_core::command::{Command, Guard};
use regent_core::id::{
    ApiTokenId, AvailabilityZoneId, BmcId, DhcpSnippetId, DomainId, FabricId, Id, InterfaceId,
    IpRangeId, NodeId, ReservedIpId, ResourcePoolId, SpaceId, StaticIpAddressId, StaticRouteId,
    SubnetId, TagId, UserId, VlanId,
};
use regent_core::model::api_token::ApiToken;
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::bmc::Bmc;
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::model::domain::Domain;
use regent_core::model::fabric::Fabric;
use regent_core::model::hostname::Hostname;
use regent_core::model::interface::{Interface, InterfaceType};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::node::NodeType;
use regent_core::model::node_status::NodeStatus;
use regent_core::model::parameter::{ParameterValue, Parameters};
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::resource_pool::ResourcePool;
use regent_core::model::secret::Secret;
use regent_core::model::setting::SettingName;
use regent_core::model::space::Space;
use regent_core::model::static_ip_address::{AllocType, LinkMode, StaticIpAddress};
use regent_core::model::static_route::StaticRoute;
use regent_core::model::subnet::Subnet;
use regent_core::model::tag::Tag;
use regent_core::model::user::User;
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use regent_core::object::{Kind, ObjectRef};
use regent_core::revision::Revision;
use regent_core::time::{ClusterTime, Millis};
use std::net::IpAddr;

/// The subnet that lies within the first one, if there is such a one.
pub(crate) const INNER: SubnetId = SubnetId(3);

/// The first commands of every sequence: a little network to start from.
pub(crate) fn groundwork() -> Vec<Command> {
    [network(), nodes()].concat()
}

/// A site with two subnets.
pub(crate) fn network() -> Vec<Command> {
    let subnet = |cidr: &str| Subnet::new(VlanId(5001), cidr.parse().unwrap());
    vec![
        Command::Site(SiteCommand::Bootstrap { domain: "maas".parse().unwrap() }),
        Command::Subnet(Edit::Create(subnet("10.0.0.0/28"))),
        Command::Subnet(Edit::Create(subnet("10.0.1.0/28"))),
    ]
}

/// Nodes in it, and a user.
pub(crate) fn nodes() -> Vec<Command> {
    let nic = |last| NewInterface {
        name: format!("eth{last}"),
        mac_address: MacAddr([0x52, 0x54, 0, 0, 0, last]),
        vlan: Some(VlanId(5001)),
    };
    let node =
        |node_type, interfaces| NewNode { node_type, fields: NodePatch::default(), interfaces };
    let create = |new| Command::Node(Box::new(NodeCommand::Create(new)));
    vec![
        create(node(NodeType::Machine, vec![nic(0), nic(1)])),
        create(node(NodeType::RackController, vec![nic(2)])),
        Command::User(Edit::Create(user("ann"))),
    ]
}

/// One command, or a batch.
pub(crate) fn command(c: &mut Choices) -> Command {
    if c.once_in(8) {
        let steps = 1 + c.below(4);
        return Command::Batch((0..steps).map(|_| single(c)).collect());
    }
    if c.once_in(16) {
        return Command::Batch(exchange(c));
    }
    single(c)
}

/// Two subnets or ranges that exchange what they are known by, one of them by way of a spare place.
fn exchange(c: &mut Choices) -> Vec<Command> {
    if c.once_in(2) {
        let moved = |id: u32, cidr: &str| {
            let cidr = Some(cidr.parse().unwrap());
            let patch = SubnetPatch { cidr, ..SubnetPatch::default() };
            Command::Subnet(Edit::Update { id: SubnetId(id), patch })
        };
        let mut cidrs = ["10.0.0.0/28", "10.0.1.0/28"];
        if c.once_in(2) {
            cidrs.reverse();
        }
        return vec![moved(1, "10.0.2.0/28"), moved(2, cidrs[0]), moved(1, cidrs[1])];
    }
    let moved = |id: IpRangeId, start: u8, end: u8| {
        let (start_ip, end_ip) = (IpAddr::from([10, 0, 0, start]), IpAddr::from([10, 0, 0, end]));
        let patch = IpRangePatch {
            start_ip: Some(start_ip),
            end_ip: Some(end_ip),
            ..IpRangePatch::default()
        };
        Command::IpRange(Edit::Update { id, patch })
    };
    let (one, two) = (IpRangeId(1 + c.small(3)), IpRangeId(1 + c.small(3)));
    let (middle, end) = if c.once_in(2) { (6, 9) } else { (5, 10) };
    vec![moved(one, 13, 14), moved(two, 2, middle), moved(one, middle + 1, end)]
}

/// A guard that may or may not hold.
pub(crate) fn guard(c: &mut Choices) -> Guard {
    let kind = c.of(&[Kind::Node, Kind::Subnet, Kind::Domain, Kind::Interface]);
    let object = ObjectRef::numbered(kind, NodeId(c.small(5)));
    match c.below(3) {
        0 => Guard::Exists(object),
        1 => Guard::Absent(object),
        _ => Guard::Revision(object, Revision(c.below(12))),
    }
}

fn single(c: &mut Choices) -> Command {
    match c.below(29) {
        0 => Command::AvailabilityZone(edit::<_, _, AvailabilityZoneId>(c, |c| AvailabilityZone {
            name: c.name(),
            description: String::new(),
        })),
        1 => Command::ResourcePool(edit::<_, _, ResourcePoolId>(c, |c| ResourcePool {
            name: c.name(),
            description: String::new(),
        })),
        2 => Command::Tag(edit::<_, _, TagId>(c, |c| Tag {
            name: c.name(),
            definition: String::new(),
            comment: String::new(),
            kernel_opts: String::new(),
        })),
        3 => Command::Space(edit::<_, _, SpaceId>(c, |c| Space {
            name: c.name(),
            description: String::new(),
        })),
        4 => Command::Fabric(edit::<_, _, FabricId>(c, |c| Fabric {
            name: c.name(),
            class_type: None,
            description: String::new(),
        })),
        5 => vlan(c),
        6 => subnet(c),
        7 | 8 => ip_range(c),
        9 => Command::StaticRoute(edit::<_, _, StaticRouteId>(c, |c| StaticRoute {
            source: SubnetId(1),
            destination: c.id(),
            gateway_ip: c.address(),
            metric: 0,
        })),
        10 => Command::ReservedIp(edit::<_, _, ReservedIpId>(c, |c| ReservedIp {
            subnet: c.id(),
            ip: c.address(),
            mac_address: c.mac(),
            comment: String::new(),
        })),
        11 | 12 => static_ip_address(c),
        13 => interface(c),
        14 | 15 => node(c),
        16 | 17 => link(c),
        18 | 19 => allocate(c),
        20 => lease(c),
        21 => bmc_or_snippet(c),
        22 => user_or_token(c),
        23 => Command::OwnerData(OwnerDataCommand::Set {
            node: c.id(),
            key: "app".into(),
            value: c.name(),
        }),
        24 => Command::Setting(setting(c)),
        25 | 26 => Command::Rack(racks::rack(c)),
        27 => racks::enrolment(c),
        _ => Command::Site(SiteCommand::SetDefaults {
            domain: c.maybe(Choices::id::<DomainId>),
            zone: c.maybe(Choices::id),
        }),
    }
}

fn setting(c: &mut Choices) -> SettingCommand {
    let name = SettingName(c.of(&["theme", "lease_life_s", "autonomy_s", "block_term_s"]).into());
    let value = match name.0.as_str() {
        "theme" => ParameterValue::Text(c.name()),
        _ => ParameterValue::Integer(i64::from(c.small(20_000))),
    };
    if c.once_in(6) { SettingCommand::Unset { name } } else { SettingCommand::Set { name, value } }
}

/// Creates what `make` makes, or changes nothing about, or deletes, something with a small id.
fn edit<T, P: Default, I: Id>(
    c: &mut Choices,
    make: impl FnOnce(&mut Choices) -> T,
) -> Edit<T, P, I> {
    match c.below(6) {
        0 => Edit::Delete { id: c.id() },
        1 => Edit::Update { id: c.id(), patch: P::default() },
        _ => Edit::Create(make(c)),
    }
}

fn vlan(c: &mut Choices) -> Command {
    Command::Vlan(match c.below(4) {
        0 => Edit::Delete { id: c.vlan() },
        1 | 2 => Edit::Update {
            id: c.vlan(),
            patch: VlanPatch {
                fabric: c.maybe(Choices::id),
                dhcp_on: c.maybe(|c| c.once_in(2)),
                primary_rack: c.maybe(|c| c.maybe(Choices::id)),
                secondary_rack: c.maybe(|c| c.maybe(Choices::id)),
                more_racks: c.maybe(|c| c.maybe(Choices::id).into_iter().collect()),
                relay_vlan: c.maybe(|c| c.maybe(Choices::vlan)),
                space: c.maybe(|c| c.maybe(Choices::id)),
                ..VlanPatch::default()
            },
        },
        _ => Edit::Create(Vlan::new(c.id(), u16::try_from(c.below(4)).unwrap())),
    })
}

fn subnet(c: &mut Choices) -> Command {
    let cidrs = ["10.0.0.0/28", "10.0.0.16/28", "10.0.0.0/27", "10.0.1.0/28", "2001:db8::/64"];
    let cidr = c.of(&cidrs).parse().unwrap();
    Command::Subnet(match c.below(4) {
        0 => Edit::Delete { id: c.id() },
        1 | 2 => Edit::Update {
            id: c.id(),
            patch: SubnetPatch {
                cidr: c.once_in(3).then_some(cidr),
                vlan: c.once_in(3).then(|| c.vlan()),
                gateway_ip: c.maybe(|c| c.maybe(Choices::address)),
                dns_servers: c.maybe(|c| vec![c.address(), c.address()]),
                managed: c.maybe(|c| c.once_in(2)),
                ..SubnetPatch::default()
            },
        },
        _ => Edit::Create(Subnet::new(c.vlan(), cidr)),
    })
}

fn ip_range(c: &mut Choices) -> Command {
    let range_type = c.of(&[IpRangeType::Dynamic, IpRangeType::Reserved]);
    let subnet = c.of(&[SubnetId(1), SubnetId(1), INNER]);
    let mut bound = || if subnet == INNER { c.inner_address() } else { c.address() };
    let (start_ip, end_ip) = (bound(), bound());
    Command::IpRange(match c.below(6) {
        0 => Edit::Delete { id: c.id() },
        1 => Edit::Update {
            id: c.id(),
            patch: IpRangePatch {
                start_ip: Some(start_ip),
                end_ip: c.maybe(|_| end_ip),
                range_type: c.maybe(|_| range_type),
                ..IpRangePatch::default()
            },
        },
        _ => Edit::Create(IpRange {
            subnet,
            range_type,
            start_ip: start_ip.min(end_ip),
            end_ip: start_ip.max(end_ip),
            user: None,
            comment: String::new(),
        }),
    })
}

fn static_ip_address(c: &mut Choices) -> Command {
    Command::StaticIpAddress(match c.below(6) {
        0 | 1 => Edit::Delete { id: c.id() },
        2 => Edit::Update {
            id: c.id(),
            patch: StaticIpAddressPatch {
                ip: c.maybe(|c| c.maybe(Choices::address)),
                alloc_type: c.maybe(Choices::alloc_type),
                ..StaticIpAddressPatch::default()
            },
        },
        _ => {
            let ip = c.maybe(Choices::address);
            let mut address = StaticIpAddress::new(c.alloc_type(), c.maybe(Choices::id), ip);
            address.interfaces.extend(c.maybe(Choices::id::<InterfaceId>));
            address.temp_expires_on = c.maybe(|c| ClusterTime(c.below(2000)));
            Edit::Create(address)
        }
    })
}

fn interface(c: &mut Choices) -> Command {
    let types = [InterfaceType::Bond, InterfaceType::Bridge, InterfaceType::Vlan];
    Command::Interface(match c.below(6) {
        0 => Edit::Delete { id: c.id() },
        1 => Edit::Update {
            id: c.id(),
            patch: InterfacePatch {
                mac_address: c.maybe(|c| Some(c.mac())),
                parents: c.maybe(|c| [c.id(), c.id()].into()),
                vlan: c.maybe(|c| c.maybe(Choices::vlan)),
                ..InterfacePatch::default()
            },
        },
        2 => {
            let unknown = Interface::new(InterfaceType::Unknown, "unknown");
            Edit::Create(Interface { mac_address: Some(c.mac()), ..unknown })
        }
        3 => Edit::Create(Interface::physical(c.id(), &c.name(), c.mac())),
        _ => {
            let mut interface = Interface::new(c.of(&types), &c.name());
            interface.node = Some(c.id());
            interface.parents.insert(c.id());
            interface.vlan = c.maybe(Choices::vlan);
            Edit::Create(interface)
        }
    })
}

fn node(c: &mut Choices) -> Command {
    let fields = NodePatch {
        hostname: c.maybe(|c| Hostname::new(c.of(&["one", "two", "ONE"])).unwrap()),
        domain: c.maybe(|c| c.maybe(Choices::id)),
        zone: c.once_in(4).then(|| c.id()),
        pool: c.once_in(4).then(|| c.maybe(Choices::id)),
        tags: c.once_in(4).then(|| [c.id()].into()),
        owner: c.once_in(4).then(|| c.maybe(Choices::id)),
        parent: c.once_in(3).then(|| c.maybe(Choices::id)),
        bmc: c.once_in(4).then(|| c.maybe(Choices::id)),
        boot_interface: c.once_in(3).then(|| c.maybe(Choices::id)),
        gateway_link_ipv4: c.once_in(4).then(|| c.maybe(Choices::id)),
        ..NodePatch::default()
    };
    let types = [NodeType::Machine, NodeType::Device, NodeType::RackController];
    let actions = [
        NodeAction::Commission,
        NodeAction::Allocate,
        NodeAction::Deploy,
        NodeAction::Release,
        NodeAction::Lock,
        NodeAction::Unlock,
        NodeAction::Abort,
        NodeAction::MarkBroken { comment: "no".into() },
        NodeAction::MarkFixed,
        NodeAction::Become { status: NodeStatus::Ready },
    ];
    Command::Node(Box::new(match c.below(7) {
        0 => NodeCommand::Delete { id: c.id() },
        1 | 2 => NodeCommand::Update { id: c.id(), patch: fields },
        3 | 4 => NodeCommand::Act { id: c.id(), action: c.of(&actions) },
        _ => {
            let nic = |c: &mut Choices| NewInterface {
                name: c.name(),
                mac_address: c.mac(),
                vlan: c.maybe(Choices::vlan),
            };
            let interfaces = c.maybe(nic).into_iter().collect();
            NodeCommand::Create(NewNode { node_type: c.of(&types), fields, interfaces })
        }
    }))
}

fn link(c: &mut Choices) -> Command {
    let interface = c.id();
    if c.once_in(4) {
        return Command::Link(LinkCommand::Unlink { interface, address: c.id() });
    }
    let modes = [LinkMode::Auto, LinkMode::Static, LinkMode::Dhcp, LinkMode::LinkUp];
    Command::Link(LinkCommand::Link {
        interface,
        mode: c.of(&modes),
        subnet: c.maybe(|_| SubnetId(1)),
        ip_address: c.maybe(Choices::address),
    })
}

fn allocate(c: &mut Choices) -> Command {
    let from = if c.once_in(3) {
        AddressSource::Range(c.id::<IpRangeId>())
    } else {
        AddressSource::Subnet(SubnetId(1))
    };
    let types = [AllocType::Auto, AllocType::Sticky, AllocType::UserReserved];
    Command::AllocateAddress(AllocateAddress {
        from,
        count: u16::try_from(c.below(5)).unwrap(),
        preferred: c.maybe(Choices::address),
        alloc_type: c.of(&types),
        user: None,
        comment: String::new(),
        interface: c.maybe(Choices::id),
        expires_after: c.maybe(|c| Millis(c.below(1000))),
    })
}

fn bmc_or_snippet(c: &mut Choices) -> Command {
    if c.once_in(2) {
        return Command::DhcpSnippet(edit::<_, _, DhcpSnippetId>(c, |c| DhcpSnippet {
            name: "snippet".into(),
            description: String::new(),
            enabled: true,
            node: c.maybe(Choices::id),
            subnet: c.maybe(Choices::id),
            iprange: c.maybe(Choices::id),
            value: c.name(),
            history: Vec::new(),
        }));
    }
    Command::Bmc(edit::<_, _, BmcId>(c, |c| {
        let mut power_parameters = Parameters::new();
        power_parameters.insert("power_pass".into(), ParameterValue::Text("hunter2".into()));
        let ip_address = c.maybe(Choices::id::<StaticIpAddressId>);
        let power_type = "ipmi".into();
        Bmc { power_type, power_parameters, ip_address, created_by_commissioning: false }
    }))
}

fn user_or_token(c: &mut Choices) -> Command {
    match c.below(5) {
        0 => Command::Domain(edit::<_, _, DomainId>(c, |c| {
            Domain::new(c.of(&["maas", "lab", "LAB", "x.lab"]).parse().unwrap())
        })),
        1 => Command::ApiToken(edit::<_, _, ApiTokenId>(c, token)),
        3 => {
            Command::IssueToken(IssueToken { token: token(c), secret: Secret::new("signs".into()) })
        }
        2 => Command::Secret(SecretCommand::Set {
            owner: SecretOwner::User(c.id()),
            name: "password".into(),
            secret: Secret::new("hash".into()),
        }),
        _ => Command::User(edit::<_, _, UserId>(c, |c| user(&c.name()))),
    }
}

fn token(c: &mut Choices) -> ApiToken {
    let token_key = c.of(&["k", "l", "m", ""]).to_owned();
    ApiToken { user: c.id(), name: "cli".into(), consumer_key: "a".into(), token_key }
}

fn user(username: &str) -> User {
    User {
        username: username.into(),
        last_name: String::new(),
        email: String::new(),
        is_superuser: false,
        is_active: true,
        is_local: true,
    }
}
