//! What racks are told of what they serve: all of it, then what is different; and where they left off, at any node.

use crate::asking::{ADDRESS, commit};
use crate::site::{Site, VLAN};
use regent_api::grpc::limits::WHOLE_VIEWS_MAX;
use regent_core::command::rack::LeaseStep;
use regent_proto::rack::GoodbyeCode;
use regent_proto::rack::to_rack::Message as Told;
use serde_json::json;

const RESERVED: &str = "10.7.0.50";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_is_told_everything_once_and_then_what_is_different() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    let (mut line, _) = agent.connect(site.node()).await;
    let empty = line.view().await;
    assert!(empty.whole && empty.vlans.is_empty());
    site.served_by(&[&agent]).await;
    let mut last = empty.revision;
    // The subnet, its range and the service come one after the other, or together.
    loop {
        let view = line.view().await;
        assert!(!view.whole && view.revision > last);
        last = view.revision;
        let serves = |vlan: &regent_proto::rack::Vlan| {
            vlan.id == VLAN && vlan.subnets.iter().any(|subnet| !subnet.ranges.is_empty())
        };
        if view.vlans.iter().any(serves) {
            break;
        }
    }
    let reserved = json!({ "subnet": 1, "ip": RESERVED, "mac_address": "02:00:00:00:00:07" });
    site.admin("POST", "/v1/reserved-ips", reserved).await;
    let view = line.view().await;
    assert!(!view.whole && view.revision > last && view.vlans.is_empty());
    let [host] = &view.hosts[..] else { panic!("{view:?}") };
    let address = RESERVED.parse::<std::net::Ipv4Addr>().unwrap();
    assert_eq!(host.host.as_ref().unwrap().addresses, [u32::from(address)]);
    line.done(&[LeaseStep::Adopted]).await;
    line.done(&[commit(&site, 1)]).await;
    let view = line.view().await;
    assert_eq!(view.leases[0].address, u32::from(ADDRESS));
    let off = json!({ "dhcp_on": false });
    site.admin("PATCH", &format!("/v1/vlans/{VLAN}"), off).await;
    let view = line.view().await;
    assert_eq!((view.whole, &view.removed_vlans[..]), (false, &[VLAN][..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_comes_back_to_another_node_is_told_what_it_missed() {
    let site = Site::of(2).await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, welcome) = agent.connect(&site.nodes[0]).await;
    let whole = line.view().await;
    line.done(&[LeaseStep::Adopted]).await;
    line.done(&[commit(&site, 1)]).await;
    let came_back = agent.with_life(welcome.life).with_view(whole.epoch, whole.revision);
    let (mut line, _) = came_back.connect(&site.nodes[1]).await;
    let missed = line.view().await;
    assert!(!missed.whole && missed.revision > whole.revision);
    assert_eq!(missed.leases[0].address, u32::from(ADDRESS));
    let restored = agent.with_life(welcome.life).with_view(whole.epoch + 1, whole.revision);
    let (mut line, _) = restored.connect(&site.nodes[1]).await;
    assert!(line.view().await.whole, "a view of another epoch is worth nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_reads_nothing_for_a_while_is_told_the_sum_of_what_changed() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, _) = agent.connect(site.node()).await;
    let mut last = line.view().await.revision;
    let path = format!("/v1/vlans/{VLAN}");
    let mut written = 0;
    for mtu in 1400..1430 {
        let vlan = site.admin("PATCH", &path, json!({ "mtu": mtu })).await;
        written = vlan["revision"].as_u64().unwrap();
    }
    while last < written {
        let view = line.view().await;
        assert!(view.revision > last, "each is of a higher revision");
        last = view.revision;
        if last >= written {
            assert!(view.vlans[0].subnets.iter().all(|subnet| subnet.mtu == Some(1429)));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_waits_for_its_whole_view_hears_of_the_node_and_hinders_no_other() {
    let site = Site::start().await;
    let (agent, other) = (site.rack("rack").await, site.rack("other").await);
    let (mut known, welcome) = other.connect(site.node()).await;
    let has = known.view().await;
    let all_room = u32::try_from(WHOLE_VIEWS_MAX).unwrap();
    let all_room = site.node().racks.shared().whole_views.acquire_many(all_room).await.unwrap();
    let (mut waiting, _) = agent.connect(site.node()).await;
    assert!(matches!(waiting.next().await, Told::Nodes(_)), "the node is there");
    let (mut next, welcome_of_next) = agent.connect(site.node()).await;
    waiting.ends_with(GoodbyeCode::GoodbyeReplaced).await;
    let came_back = other.with_life(welcome.life).with_view(has.epoch, has.revision);
    let (mut known, _) = came_back.connect(site.node()).await;
    site.served_by(&[&other]).await;
    assert!(!known.view().await.whole, "what was missed needs no room");
    drop(all_room);
    let view = next.view().await;
    assert!(view.whole && view.revision >= welcome_of_next.session);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_stops_keeps_no_rack_waiting_for_its_view() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    let all_room = u32::try_from(WHOLE_VIEWS_MAX).unwrap();
    let _all_room = site.node().racks.shared().whole_views.acquire_many(all_room).await.unwrap();
    let (mut waiting, _) = agent.connect(site.node()).await;
    let (goodbye, ()) = tokio::join!(waiting.goodbye(), site.node().racks.stop());
    assert_eq!(goodbye.code(), GoodbyeCode::GoodbyeElsewhere);
}
