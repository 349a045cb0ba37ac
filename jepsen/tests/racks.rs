//! Racks of a region in the lab: real clients get addresses that the region has committed, and names with them.
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
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const PROGRAMS: [&str; 6] = ["ip", "ethtool", "dig", "udhcpc", "dhclient", "dhcpcd"];

/// A rack that has joined and runs, the so manieth.
fn rack(region: &Region, name: &str, number: u8, lans: (&Lan, &Lan), folder: &Path) -> Rack {
    let (management, served) = lans;
    let own = (format!("{MANAGEMENT}.2{number}/24"), format!("10.0.0.{}/24", number + 1));
    let ways = ((management, own.0.as_str()), (served, own.1.as_str()));
    let mut rack = Rack::new(name, &executable::rack_agent(), ways.0, ways.1, folder).unwrap();
    let token = region.command("token create rack").unwrap();
    rack.join(token["token"].as_str().unwrap()).unwrap();
    rack.start().unwrap();
    rack
}

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
    for line in [
        "subnet create cidr=10.0.0.0/24 vlan=5001 gateway_ip=10.0.0.1",
        "ip-range create subnet=1 type=dynamic start_ip=10.0.0.100 end_ip=10.0.0.199",
    ] {
        region.command(line).unwrap();
    }
    let racks: Vec<Rack> = [("east", 1), ("west", 2)]
        .map(|(name, number)| rack(&region, name, number, (&management, &served), folder.path()))
        .into();
    region.command("vlan set 5001 primary_rack=east secondary_rack=west dhcp_on=true").unwrap();
    let mut clients: Vec<Client> = Kind::ALL
        .into_iter()
        .map(|kind| Client::new(kind.program(), kind, &served, folder.path()).unwrap())
        .collect();
    for client in &mut clients {
        let named: &[&str] =
            if client.kind == Kind::Udhcpc { &["-x", "hostname:kiosk"] } else { &[] };
        client.start(named).unwrap();
    }
    for client in &clients {
        let bound = client.awaits(Happening::Bound, 0, PATIENCE).await;
        let bound = bound.unwrap_or_else(|error| {
            let status: Vec<_> = racks.iter().map(Rack::status).collect();
            panic!("{error}\n{}\n{}\n{status:?}", racks[0].said(), racks[1].said())
        });
        let address = bound.address.unwrap();
        let lease = region.command(&format!("lease show {address}")).unwrap();
        assert_eq!(lease["state"], "bound", "{lease}");
        if client.kind == Kind::Udhcpc {
            assert_eq!(region.dig(0, "kiosk.maas").unwrap(), address.to_string());
            assert!(region.dig(0, &format!("-x {address}")).unwrap().contains("kiosk.maas."));
        }
    }
    for client in &mut clients {
        client.release().await.unwrap();
    }
    let all = clients.iter().flat_map(|client| holds(&client.name, &client.events().unwrap()));
    assert_eq!(overlaps(all.collect()), []);
}
