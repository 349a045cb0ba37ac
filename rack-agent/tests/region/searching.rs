//! Looks for DHCP servers: asked for by the region, answered in the same session, and what the rack says of its interfaces.

use crate::region_node::RegionNode;
use crate::site::Site;
use regent_proto::rack;
use regent_proto::rack::from_rack::Message as FromRack;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::region::interface::Interface;
use regent_rack_agent::region::traffic::{Command, Event};
use regent_rack_agent::session::{NotLooked, Probe, Probed};
use std::net::Ipv4Addr;

const LINK: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);

#[tokio::test]
async fn what_was_found_goes_back_to_the_node_that_asked_for_it() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    visit.say(Message::Probe(rack::Probe { id: 7, link: LINK.into() })).await;
    let Event::Probe(session, probe) = site.told().await else { panic!("no look is asked for") };
    assert_eq!(probe, Probe { id: 7, link: LINK });
    let found = Probed { id: 7, result: Ok([SERVER].into()) };
    site.wants(Command::Probed(session, found)).await;
    let told = rack::Probed { id: 7, servers: vec![SERVER.into()], ..rack::Probed::default() };
    assert_eq!(visit.hears().await, FromRack::Probed(told));
    let text = || "no wire".to_owned();
    for (id, why) in [(8, NotLooked::Failed(text())), (9, NotLooked::Unable(text()))] {
        let unable = why == NotLooked::Unable(text());
        site.wants(Command::Probed(session, Probed { id, result: Err(why) })).await;
        let told = rack::Probed { id, servers: Vec::new(), trouble: Some(text()), unable };
        assert_eq!(visit.hears().await, FromRack::Probed(told));
    }
}

#[tokio::test]
async fn interfaces_that_change_are_told_at_once() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    let addresses = vec![(LINK, 24)];
    let new = Interface { name: "eth1".into(), mac_address: None, addresses };
    site.wants(Command::Interfaces(vec![new])).await;
    let FromRack::Interfaces(told) = visit.hears().await else { panic!("it says something else") };
    assert_eq!(told.interfaces[0].addresses[0].address, u32::from(LINK));
}
