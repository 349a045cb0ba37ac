//! Racks of a region in the lab: real clients get addresses that the region has committed.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use regent_jepsen::lab::client::{Client, Kind};
use regent_jepsen::lab::client_event::Happening;
use regent_jepsen::lab::hold::{holds, overlaps};
use regent_jepsen::lab::lan::Lan;
use regent_jepsen::lab::namespace::remove_leftovers;
use regent_jepsen::lab::rack::Rack;
use regent_jepsen::lab::region::{MANAGEMENT, Region};
use regent_jepsen::lab::tool;
use regent_jepsen::tell::tell;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const PROGRAMS: [&str; 6] = ["ip", "ethtool", "dig", "udhcpc", "dhclient", "dhcpcd"];

#[tokio::test]
async fn real_clients_get_addresses_and_names_from_two_racks() {
    if let Some(reason) = tool::missing(&PROGRAMS) {
        tell(&format!("SKIPPED real_clients_get_addresses_and_names_from_two_racks: {reason}"));
        return;
    }
    remove_leftovers().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (management, served) = (Lan::new("mgmt").unwrap(), Lan::new("served").unwrap());
    let region = Region::start(&executable::regent(), &management, folder.path()).await.unwrap();
    region.command("subnet create cidr=10.0.0.0/24 vlan=5001 gateway_ip=10.0.0.1").unwrap();
    region
        .command("ip-range create subnet=1 type=dynamic start_ip=10.0.0.100 end_ip=10.0.0.199")
        .unwrap();
    let mut racks = Vec::new();
    for (number, name) in ["east", "west"].into_iter().enumerate() {
        let own = (format!("{MANAGEMENT}.{}/24", 21 + number), format!("10.0.0.{}/24", 2 + number));
        let rack = Rack::new(
            name,
            &executable::rack_agent(),
            (&management, &own.0),
            (&served, &own.1),
            folder.path(),
        );
        let mut rack = rack.unwrap();
        let token = region.command("token create rack").unwrap();
        rack.join(token["token"].as_str().unwrap()).unwrap();
        rack.start().unwrap();
        racks.push(rack);
    }
    let made = region.command("controller ls").unwrap();
    println!("{made}");
    region.command("vlan set 5001 primary_rack=east secondary_rack=west dhcp_on=true").unwrap();
    let mut clients: Vec<Client> = Kind::ALL
        .into_iter()
        .map(|kind| Client::new(kind.program(), kind, &served, folder.path()).unwrap())
        .collect();
    clients.iter_mut().for_each(|client| client.start(&[]).unwrap());
    for client in &clients {
        let bound = client.awaits(Happening::Bound, 0, PATIENCE).await;
        let bound = bound.unwrap_or_else(|error| {
            panic!("{error}\n{}\n{:?}", racks[0].said(), racks[0].status())
        });
        println!("{}: {bound:?}", client.name);
    }
    println!("{}", region.command("lease ls").unwrap());
    for client in &mut clients {
        client.release().await.unwrap();
    }
    let all = clients.iter().flat_map(|client| holds(&client.name, &client.events().unwrap()));
    assert_eq!(overlaps(all.collect()), []);
}
