//! Names in place of numbers: what people may write for a node, and what they are told of objects in a refusal.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::id::{DomainId, SubnetId, VlanId};
use regent_core::model::domain::Domain;
use regent_core::model::hostname::Hostname;
use regent_core::model::node::NodeType;
use regent_core::model::subnet::Subnet;
use regent_core::object::{Key, Kind, ObjectRef};
use regent_core::query::name::called;
use regent_core::query::named::named;
use region::Region;

fn machine(region: &mut Region, hostname: &str, domain: Option<u32>) {
    let fields = NodePatch {
        hostname: Some(Hostname::new(hostname).unwrap()),
        domain: Some(domain.map(DomainId)),
        ..NodePatch::default()
    };
    let new = NewNode { node_type: NodeType::Machine, fields, interfaces: Vec::new() };
    region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
}

#[test]
fn host_name_stands_for_a_node_if_only_one_has_it_in_whichever_domain() {
    let mut region = Region::founded();
    for name in ["lab", "edge"] {
        region.create(Command::Domain(Edit::Create(Domain::new(name.parse().unwrap()))));
    }
    machine(&mut region, "web", Some(1));
    machine(&mut region, "Web2", Some(2));
    machine(&mut region, "alone", None);
    machine(&mut region, "twin", Some(1));
    machine(&mut region, "twin", Some(2));
    let found = |name: &str| named(&region.state, Kind::Node, name);
    assert_eq!(found("WEB"), Some(Key::Number(1)));
    assert_eq!(found("web2"), Some(Key::Number(2)));
    assert_eq!(found("alone"), Some(Key::Number(3)));
    assert_eq!(found("twin"), None);
    assert_eq!(found("twin.edge"), Some(Key::Number(5)));
    assert_eq!(found("we"), None);
}

#[test]
fn refusal_tells_the_names_of_objects_beside_their_numbers() {
    let mut region = Region::founded();
    region.subnet("10.0.0.0/24");
    let inside = Subnet::new(VlanId(5001), "10.0.0.0/25".parse().unwrap());
    let create = Command::Subnet(Edit::Create(inside));
    let refused = region.run(Command::Batch(vec![create])).unwrap_err();
    let gone = region.run(Command::Subnet(Edit::Delete { id: SubnetId(9) })).unwrap_err();
    let name = |object: &ObjectRef| called(&region.state, object);
    let reason = "cidr 10.0.0.0/25 is already used by subnet 1 (10.0.0.0/24)";
    assert_eq!(refused.told(&name), format!("step 0: {reason}"));
    assert_eq!(refused.field(&name), Some(("cidr", reason.to_owned())));
    assert_eq!(refused.to_string(), "step 0: cidr 10.0.0.0/25 is already used by subnet 1");
    assert_eq!(gone.told(&name), "subnet 9 does not exist");
}
