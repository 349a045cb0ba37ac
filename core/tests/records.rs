//! What commands leave behind in the rows, where the trace of a scenario does not show it.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::api_token::IssueToken;
use regent_core::command::bmc::BmcPatch;
use regent_core::command::dhcp_snippet::DhcpSnippetPatch;
use regent_core::command::edit::Edit;
use regent_core::command::link::LinkCommand;
use regent_core::command::node::{NewInterface, NewNode, NodeAction, NodeCommand, NodePatch};
use regent_core::command::owner_data::OwnerDataCommand;
use regent_core::command::static_ip_address::StaticIpAddressPatch;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{
    ApiTokenId, AvailabilityZoneId, BmcId, DhcpSnippetId, EventId, InterfaceId, NodeId,
    StaticIpAddressId, SubnetId, UserId, VlanId,
};
use regent_core::model::api_token::ApiToken;
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::bmc::Bmc;
use regent_core::model::dhcp_snippet::{DhcpSnippet, SNIPPET_VERSIONS_MAX};
use regent_core::model::event::{EVENTS_MAX, Event};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::node::{Node, NodeType};
use regent_core::model::node_status::NodeStatus;
use regent_core::model::parameter::{ParameterValue, Parameters};
use regent_core::model::secret::{Secret, SecretKey};
use regent_core::model::static_ip_address::{LinkMode, StaticIpAddress};
use regent_core::model::subnet::Subnet;
use regent_core::model::user::User;
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use regent_core::object::{Kind, ObjectRef};
use regent_core::outcome::Outcome;
use regent_core::time::WallTime;
use region::{Region, request};

fn node(node_type: NodeType, last: u8) -> Command {
    let interface = NewInterface {
        name: "eth0".into(),
        mac_address: MacAddr([0x52, 0x54, 0, 0, 0, last]),
        vlan: Some(VlanId(5001)),
    };
    let fields = NodePatch::default();
    let new = NewNode { node_type, fields, interfaces: vec![interface] };
    Command::Node(Box::new(NodeCommand::Create(new)))
}

fn act(action: NodeAction) -> Command {
    Command::Node(Box::new(NodeCommand::Act { id: NodeId(1), action }))
}

fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    let text = |text: &str| ParameterValue::Text(text.into());
    pairs.iter().map(|(name, value)| ((*name).into(), text(value))).collect()
}

fn subnet() -> Command {
    Command::Subnet(Edit::Create(Subnet::new(VlanId(5001), "10.0.0.0/24".parse().unwrap())))
}

#[test]
fn secrets_of_a_bmc_stand_apart_and_go_with_it() {
    let mut region = Region::founded();
    let bmc = Bmc {
        power_type: "ipmi".into(),
        power_parameters: parameters(&[("power_address", "10.0.0.9"), ("power_pass", "hunter2")]),
        ip_address: None,
        created_by_commissioning: false,
    };
    region.create(Command::Bmc(Edit::Create(bmc)));
    let owner = ObjectRef::numbered(Kind::Bmc, BmcId(1));
    let key = SecretKey { owner, name: "power_pass".into() };
    let secret = |region: &Region| region.state.get::<Secret>(&key).map(|row| row.value.clone());
    assert_eq!(secret(&region).unwrap().reveal(), "hunter2");
    assert!(!format!("{:?}", region.state).contains("hunter2"));

    let patch = BmcPatch {
        power_parameters: Some(parameters(&[("power_address", "10.0.0.8")])),
        ..BmcPatch::default()
    };
    region.run(Command::Bmc(Edit::Update { id: BmcId(1), patch })).unwrap();
    assert_eq!(secret(&region).unwrap().reveal(), "hunter2");

    let deleted = region.apply(request(Command::Bmc(Edit::Delete { id: BmcId(1) })));
    assert_eq!(deleted.changes.len(), 1);
    assert!(region.state.tables().secrets.is_empty());
    region.assert_sound(&"deleting a BMC");
}

#[test]
fn released_machine_keeps_nothing_of_its_owner() {
    let mut region = Region::founded();
    region.run(subnet()).unwrap();
    region.run(node(NodeType::Machine, 1)).unwrap();
    for action in [
        NodeAction::Commission,
        NodeAction::Become { status: NodeStatus::Ready },
        NodeAction::Allocate,
    ] {
        region.run(act(action)).unwrap();
    }
    let link = LinkCommand::Link {
        interface: InterfaceId(1),
        mode: LinkMode::Auto,
        subnet: Some(SubnetId(1)),
        ip_address: None,
    };
    region.run(Command::Link(link)).unwrap();
    let patch = StaticIpAddressPatch { ip: Some("10.0.0.7".parse().ok()), ..Default::default() };
    let id = StaticIpAddressId(1);
    region.run(Command::StaticIpAddress(Edit::Update { id, patch })).unwrap();
    let note = OwnerDataCommand::Set { node: NodeId(1), key: "app".into(), value: "db".into() };
    region.run(Command::OwnerData(note)).unwrap();

    region.run(act(NodeAction::Release)).unwrap();
    assert_eq!(region.state.tables().owner_data.len(), 1);
    region.run(act(NodeAction::Become { status: NodeStatus::Ready })).unwrap();
    assert!(region.state.tables().owner_data.is_empty());
    let link = &region.state.get::<StaticIpAddress>(&id).unwrap().value;
    assert_eq!((link.ip, link.link_mode()), (None, LinkMode::Auto));
    region.assert_sound(&"releasing");
}

#[test]
fn vlan_is_left_to_the_other_rack_and_goes_quiet_after_the_last() {
    let mut region = Region::founded();
    region.run(subnet()).unwrap();
    region.run(node(NodeType::RackController, 1)).unwrap();
    region.run(node(NodeType::RackController, 2)).unwrap();
    let range = IpRange {
        subnet: SubnetId(1),
        range_type: IpRangeType::Dynamic,
        start_ip: [10, 0, 0, 100].into(),
        end_ip: [10, 0, 0, 200].into(),
        user: None,
        comment: String::new(),
    };
    region.run(Command::IpRange(Edit::Create(range))).unwrap();
    let patch = VlanPatch {
        dhcp_on: Some(true),
        primary_rack: Some(Some(NodeId(1))),
        secondary_rack: Some(Some(NodeId(2))),
        ..VlanPatch::default()
    };
    region.run(Command::Vlan(Edit::Update { id: VlanId(5001), patch })).unwrap();
    let served = |region: &Region| {
        let vlan = &region.state.get::<Vlan>(&VlanId(5001)).unwrap().value;
        (vlan.dhcp_on, vlan.primary_rack, vlan.secondary_rack)
    };
    let delete = |id| Command::Node(Box::new(NodeCommand::Delete { id: NodeId(id) }));
    region.run(delete(1)).unwrap();
    assert_eq!(served(&region), (true, Some(NodeId(2)), None));
    region.run(delete(2)).unwrap();
    assert_eq!(served(&region), (false, None, None));
}

#[test]
fn nodes_of_a_deleted_zone_stand_in_the_default_one() {
    let mut region = Region::founded();
    let zone = AvailabilityZone { name: "row-a".into(), description: String::new() };
    let zone = AvailabilityZoneId(region.create(Command::AvailabilityZone(Edit::Create(zone))));
    region.run(node(NodeType::Machine, 1)).unwrap();
    let patch = NodePatch { zone: Some(zone), ..NodePatch::default() };
    let update = NodeCommand::Update { id: NodeId(1), patch };
    region.run(Command::Node(Box::new(update))).unwrap();
    region.run(Command::AvailabilityZone(Edit::Delete { id: zone })).unwrap();
    let node = &region.state.get::<Node>(&NodeId(1)).unwrap().value;
    assert_eq!(node.zone, AvailabilityZoneId(1));
}

#[test]
fn snippet_keeps_its_last_texts() {
    let mut region = Region::founded();
    let snippet = DhcpSnippet {
        name: "options".into(),
        description: String::new(),
        enabled: true,
        node: None,
        subnet: None,
        iprange: None,
        value: "0".into(),
        history: vec!["forged".into()],
    };
    region.create(Command::DhcpSnippet(Edit::Create(snippet)));
    let id = DhcpSnippetId(1);
    for version in 1..=SNIPPET_VERSIONS_MAX + 3 {
        let patch =
            DhcpSnippetPatch { value: Some(version.to_string()), ..DhcpSnippetPatch::default() };
        region.run(Command::DhcpSnippet(Edit::Update { id, patch })).unwrap();
    }
    let snippet = &region.state.get::<DhcpSnippet>(&id).unwrap().value;
    assert_eq!(snippet.history.len(), SNIPPET_VERSIONS_MAX);
    assert_eq!(snippet.history.first(), Some(&(SNIPPET_VERSIONS_MAX + 2).to_string()));
}

#[test]
fn oldest_events_make_room() {
    let mut region = Region::empty();
    let event = Event {
        event_type: "NODE_POWERED_ON".into(),
        level: 20,
        node: None,
        node_system_id: String::new(),
        node_hostname: String::new(),
        user: None,
        username: String::new(),
        ip_address: None,
        user_agent: String::new(),
        endpoint: 0,
        action: String::new(),
        description: String::new(),
        happened: WallTime(0),
    };
    let batch = Command::Batch(vec![Command::RecordEvent(event); 1000]);
    for _ in 0..=EVENTS_MAX / 1000 {
        region.run(batch.clone()).unwrap();
    }
    let events = &region.state.tables().events;
    assert_eq!(events.len(), EVENTS_MAX);
    assert_eq!(events.iter().next().map(|(id, _)| *id), Some(EventId(1001)));
}

#[test]
fn token_is_made_with_its_secret_and_goes_with_it_and_with_its_user() {
    let user = User {
        username: "ada".into(),
        last_name: String::new(),
        email: String::new(),
        is_superuser: false,
        is_active: true,
        is_local: true,
    };
    let issue = |key: &str| {
        let token = ApiToken {
            user: UserId(1),
            name: String::new(),
            consumer_key: "c".into(),
            token_key: key.into(),
        };
        Command::IssueToken(IssueToken { token, secret: Secret::new("signs".into()) })
    };
    let mut region = Region::founded();
    region.run(Command::User(Edit::Create(user))).unwrap();
    let made = region.run(issue("k")).unwrap();
    assert_eq!(made, Outcome::Created(ObjectRef::numbered(Kind::ApiToken, ApiTokenId(1))));
    region.run(issue("k")).unwrap_err();
    let secrets = |region: &Region| region.state.tables().secrets.len();
    assert_eq!(secrets(&region), 1, "a refused one leaves none behind");
    region.run(Command::User(Edit::Delete { id: UserId(1) })).unwrap();
    assert_eq!(secrets(&region), 0);
}
