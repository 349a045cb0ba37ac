//! What people may write in place of a node's number.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::id::DomainId;
use regent_core::model::domain::Domain;
use regent_core::model::hostname::Hostname;
use regent_core::model::node::NodeType;
use regent_core::object::{Key, Kind};
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
