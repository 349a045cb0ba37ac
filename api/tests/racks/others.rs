//! What racks are told of each other, and what the region knows of them, whichever node they are connected to.

use crate::site::{Site, VLAN};
use regent_proto::rack::to_rack::Message as Told;
use regent_proto::rack::{Fellow, Fellows};
use serde_json::{Value, json};
use std::net::Ipv4Addr;

const PRIMARY_ID: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 2);

fn fellow(told: Told) -> Option<Fellow> {
    match told {
        Told::Fellows(fellows) => fellows.fellows.first().copied(),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racks_of_a_vlan_hear_of_each_other_across_nodes_and_when_one_is_gone() {
    let site = Site::of(2).await;
    let (first, second) = (site.rack("first").await, site.rack("other").await);
    site.served_by(&[&first, &second]).await;
    let (primary, _) = first.connect(&site.nodes[0]).await;
    let beats_of_primary = primary.beating(VLAN, PRIMARY_ID);
    let (mut secondary, _) = second.connect(&site.nodes[1]).await;
    let _beats = secondary.beating(VLAN, Ipv4Addr::new(10, 7, 0, 3));
    let heard = secondary.next_such(fellow).await;
    assert_eq!((heard.rack, heard.server_id, heard.place), (first.number, PRIMARY_ID.into(), 0));
    drop((primary, beats_of_primary));
    let is_missing = |told| fellow(told).filter(|fellow| fellow.missed_heartbeats >= 3);
    secondary.next_such(is_missing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn third_rack_of_a_vlan_hears_of_both_others_and_of_their_places() {
    let site = Site::start().await;
    let racks = [site.rack("first").await, site.rack("second").await, site.rack("third").await];
    site.served_by(&racks.each_ref()).await;
    let (first, _) = racks[0].connect(site.node()).await;
    let (second, _) = racks[1].connect(site.node()).await;
    let _beats =
        (first.beating(VLAN, PRIMARY_ID), second.beating(VLAN, Ipv4Addr::new(10, 7, 0, 3)));
    let (mut third, _) = racks[2].connect(site.node()).await;
    let places = |told: Told| match told {
        Told::Fellows(Fellows { fellows }) if fellows.len() == 2 => {
            Some(fellows.iter().map(|fellow| (fellow.rack, fellow.place)).collect::<Vec<_>>())
        }
        _ => None,
    };
    let expected = vec![(racks[0].number, 0), (racks[1].number, 1)];
    assert_eq!(third.next_such(places).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_knows_where_a_rack_is_and_how_many_each_has() {
    let site = Site::of(2).await;
    let rack = site.rack("rack").await;
    site.served_by(&[&rack]).await;
    let (line, welcome) = rack.connect(&site.nodes[1]).await;
    let beats = line.beating(VLAN, PRIMARY_ID);
    let number = regent_core::id::NodeId(rack.number);
    let knows = |node: &crate::site::Node| {
        let everyone = node.context.racks.everyone();
        let known = everyone.racks.get(&number);
        known.is_some_and(|(at, status)| {
            *at == 2 && status.session == welcome.session && status.applied_revision == 1
        }) && everyone.connected.get(&2) == Some(&1)
            && everyone.connected.get(&1) == Some(&0)
    };
    site.until("both know", || site.nodes.iter().all(knows)).await;
    let shown = site.admin("GET", "/v1/racks", Value::Null).await;
    let (total, connected) = (&shown["total"], &shown["connected"]);
    assert_eq!((total, connected, &shown["items"][0]["node"]), (&1.into(), &1.into(), &2.into()));
    let path = format!("/v1/racks/{}", rack.hello.system_id);
    let shown = site.admin("GET", &path, Value::Null).await;
    let vlans = json!([{ "vlan": VLAN, "server_id": PRIMARY_ID, "live": true, "trouble": null }]);
    assert_eq!((&shown["hostname"], &shown["vlans"]), (&json!("rack"), &vlans));
    drop((line, beats));
    site.until("it is gone", || {
        let everyone = site.node().context.racks.everyone();
        everyone.racks.get(&number).is_some_and(|(_, status)| !status.connected)
    })
    .await;
}

/// It says what it has in force once a second, so what it was told since is no lag.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_is_up_to_date_until_it_has_been_without_what_it_was_told_for_two_seconds() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (line, _) = agent.connect(site.node()).await;
    let shown = async || site.admin("GET", "/v1/racks/rack", Value::Null).await;
    let stands_still = line.beating(VLAN, PRIMARY_ID);
    site.eventually("it is not late yet", async || {
        let rack = shown().await;
        rack["applied_revision"].as_u64() < rack["told_revision"].as_u64()
            && rack["up_to_date"] == true
    })
    .await;
    site.eventually("it is late", async || shown().await["up_to_date"] == false).await;
    let late = shown().await;
    assert!(late["behind_ms"].as_u64() > Some(2_000), "{late}");
    drop(stands_still);
    let told = late["told_revision"].as_u64().unwrap();
    let _goes_on = line.beating_at(VLAN, PRIMARY_ID, told);
    site.eventually("it has it all", async || shown().await["up_to_date"] == true).await;
}
