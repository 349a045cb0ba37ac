//! Who serves a VLAN follows the VLAN, and every change of it makes what racks asked before stale (rule R10).

use crate::site::{EAST, NORTH, WEST, patch, served};
use regent_core::command::Command;
use regent_core::command::node::NodeCommand;
use regent_core::command::vlan::VlanPatch;

#[test]
fn epoch_rises_with_the_racks_and_with_nothing_else() {
    let mut site = served();
    assert_eq!((site.service().epoch, site.service().servers.as_slice()), (1, &[EAST, WEST][..]));
    site.region.run(patch(VlanPatch { mtu: Some(9_000), ..VlanPatch::default() })).unwrap();
    assert_eq!(site.service().epoch, 1);
    site.region.run(patch(VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() })).unwrap();
    assert_eq!((site.service().epoch, site.service().servers.len()), (2, 0));
    site.region.run(patch(VlanPatch { dhcp_on: Some(true), ..VlanPatch::default() })).unwrap();
    site.region.run(Command::Node(Box::new(NodeCommand::Delete { id: EAST }))).unwrap();
    assert_eq!((site.service().epoch, site.service().servers.as_slice()), (4, &[WEST][..]));
}

#[test]
fn service_has_all_racks_in_their_order() {
    let site = served().with_a_third();
    assert_eq!(
        (site.service().epoch, site.service().servers.as_slice()),
        (2, &[EAST, WEST, NORTH][..])
    );
}
