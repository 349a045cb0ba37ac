//! The lab itself, shown with somebody else's DHCP server: real clients get addresses, keep them, give them back, and are
//! without service when the server is.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_jepsen::lab::client::{Client, Kind};
use regent_jepsen::lab::client_event::Happening;
use regent_jepsen::lab::hold::{holds, overlaps};
use regent_jepsen::lab::lan::Lan;
use regent_jepsen::lab::namespace::{Namespace, remove_leftovers};
use regent_jepsen::lab::{kea, tool};
use regent_jepsen::tell::tell;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const PROGRAMS: [&str; 6] = ["ip", "ethtool", "udhcpc", "dhclient", "dhcpcd", kea::PROGRAM];

#[tokio::test]
async fn real_clients_live_and_are_cut_off_in_the_lab() {
    if let Some(reason) = tool::missing(&PROGRAMS) {
        tell(&format!("SKIPPED real_clients_live_and_are_cut_off_in_the_lab: {reason}"));
        return;
    }
    remove_leftovers().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let lan = Lan::new("lan").unwrap();
    let server = Namespace::new("kea").unwrap();
    let cable = lan.connect(&server, "eth0", Some("10.0.0.2/24")).unwrap();
    let _kea = kea::start(&server, "eth0", "10.0.0", 600, folder.path()).unwrap();
    let mut clients: Vec<Client> = Kind::ALL
        .into_iter()
        .map(|kind| Client::new(kind.program(), kind, &lan, folder.path()).unwrap())
        .collect();
    clients.iter_mut().for_each(|client| client.start(&[]).unwrap());
    for client in &clients {
        let bound = client.awaits(Happening::Bound, 0, PATIENCE).await.unwrap();
        assert_eq!(bound.server, Some([10, 0, 0, 2].into()), "{bound:?}");
        assert_eq!(bound.life, Some(Duration::from_secs(600)), "{bound:?}");
    }
    cable.cut().unwrap();
    let udhcpc = &clients[0];
    let seen = udhcpc.events().unwrap().len();
    udhcpc.renew().unwrap();
    assert!(server.run("ping -c 1 -W 1 10.0.0.100").is_err(), "the cable is cut");
    assert_eq!(udhcpc.events().unwrap().len(), seen, "nobody answers");
    cable.mend().unwrap();
    // Asked again, it gives its address up and looks for servers anew.
    udhcpc.renew().unwrap();
    udhcpc.awaits(Happening::Bound, seen, PATIENCE).await.unwrap();
    for client in &mut clients {
        client.release().await.unwrap();
    }
    let all = clients.iter().flat_map(|client| holds(&client.name, &client.events().unwrap()));
    let all: Vec<_> = all.collect();
    assert!(all.len() >= clients.len(), "{all:?}");
    assert_eq!(overlaps(all), []);
}
