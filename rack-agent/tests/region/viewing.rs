//! What concerns the rack comes in parts and is passed on at once; so are the other racks of its VLANs.

use crate::region_node::RegionNode;
use crate::site::Site;
use regent_core::id::{NodeId, VlanId};
use regent_core::lease::binding::Client;
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::change::ViewChange;
use regent_proto::rack;
use regent_proto::rack::to_rack::Message;
use regent_proto::view::parts;
use regent_rack_agent::session::{Fellow, FromRegion};
use std::net::Ipv4Addr;

/// So much that it takes several messages.
fn change() -> ViewChange {
    let nobody = |number: u32| {
        let octets = number.to_be_bytes();
        let client = Client::Card(MacAddr([2, 0, octets[0], octets[1], octets[2], octets[3]]));
        (VlanId(5), client, None)
    };
    let address = |number: u32| (VlanId(5), Ipv4Addr::from_bits(0x0a00_0000 + number), None);
    ViewChange {
        epoch: 1,
        revision: 41,
        whole: true,
        hosts: (0..50_000).map(nobody).collect(),
        leases: (0..50_000).map(address).collect(),
        ..ViewChange::default()
    }
}

#[tokio::test]
async fn parts_of_a_view_are_passed_on_as_one_change() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let visit = node.welcomes().await;
    site.is_open().await;
    let parts = parts::write(&change()).unwrap();
    assert!(parts.len() > 1, "one part is no trial");
    for part in parts {
        visit.say(Message::View(part)).await;
    }
    assert_eq!(site.hears().await, FromRegion::Told(Box::new(change())));
}

#[tokio::test]
async fn parts_that_do_not_belong_together_end_the_session_and_are_forgotten() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let first = node.welcomes().await;
    site.is_open().await;
    let part = |revision, more| {
        let view = rack::View { epoch: 1, revision, more, ..rack::View::default() };
        Message::View(view)
    };
    first.say(part(41, true)).await;
    first.say(part(42, false)).await;
    site.is_closed().await;
    let second = node.welcomes().await;
    site.is_open().await;
    second.say(part(42, false)).await;
    let told = ViewChange { epoch: 1, revision: 42, ..ViewChange::default() };
    assert_eq!(site.hears().await, FromRegion::Told(Box::new(told)));
}

#[tokio::test]
async fn other_racks_are_passed_on_as_they_are() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let visit = node.welcomes().await;
    site.is_open().await;
    let fellow = |rack, place, missed_heartbeats| rack::Fellow {
        vlan: 5,
        rack,
        server_id: 0x0a00_0003,
        place,
        missed_heartbeats,
    };
    let fellows = vec![fellow(6, 0, 0), fellow(7, 2, 4)];
    visit.say(Message::Fellows(rack::Fellows { fellows })).await;
    let told = |rack, place, missed_heartbeats| Fellow {
        vlan: VlanId(5),
        rack: NodeId(rack),
        server_id: Ipv4Addr::new(10, 0, 0, 3),
        place,
        missed_heartbeats,
    };
    let expected = vec![told(6, 0, 0), told(7, 2, 4)];
    assert_eq!(site.hears().await, FromRegion::Fellows(expected));
}
