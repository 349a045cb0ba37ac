//! Looking for DHCP servers at an interface: who offers something is found, and nobody where nobody does.

use crate::client::{received, socket};
use crate::lab::{CLIENT, Lab, RACK};
use regent_rack_agent::wire::searching::NotSearched;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread::spawn;

const XID: u32 = 0x5267_0042;
/// How a server that is asked calls itself.
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);

/// Offers something in answer to the first question; gives back the question.
fn offer_once(server: &UdpSocket) -> Vec<u8> {
    let (question, _) = received(server);
    let mut offer = question.clone();
    offer[0] = 2;
    offer.truncate(240);
    offer.extend([53, 1, 2, 54, 4]);
    offer.extend(SERVER.octets());
    offer.push(255);
    server.send_to(&offer, (Ipv4Addr::BROADCAST, 68)).unwrap();
    question
}

#[test]
fn server_that_offers_something_is_found_and_nothing_is_taken_from_it() {
    let name = "server_that_offers_something_is_found_and_nothing_is_taken_from_it";
    let Some(lab) = Lab::new(name) else { return };
    let lab = lab.with_client_address();
    let rack = lab.open();
    let server = lab.client.enter(|| socket("client0", 67));
    let heard = server.try_clone().unwrap();
    let serving = spawn(move || offer_once(&server));
    let searcher = rack.wires.searcher();
    let found = lab.rack.enter(|| searcher.search(RACK, XID)).unwrap();
    assert_eq!(found, [SERVER].into());
    let question = serving.join().unwrap();
    assert_eq!(question[4..8], XID.to_be_bytes());
    heard.set_nonblocking(true).unwrap();
    let mut bytes = [0; 2000];
    while let Ok(length) = heard.recv(&mut bytes) {
        let kind = bytes[..length].windows(3).find(|option| option[..2] == [53, 1]);
        assert_eq!(kind, Some(&[53, 1, 1][..]), "it only ever looks");
    }
}

#[test]
fn where_nobody_offers_anything_nobody_is_found() {
    let Some(lab) = Lab::new("where_nobody_offers_anything_nobody_is_found") else { return };
    let rack = lab.open();
    let searcher = rack.wires.searcher();
    let found = lab.rack.enter(|| searcher.search(RACK, XID)).unwrap();
    assert!(found.is_empty(), "{found:?}");
    let elsewhere = lab.rack.enter(|| searcher.search(CLIENT, XID));
    assert!(matches!(elsewhere, Err(NotSearched::NoWire(CLIENT))), "{elsewhere:?}");
}
