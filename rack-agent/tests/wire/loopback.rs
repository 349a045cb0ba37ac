//! The wire that needs no root: a port of the loopback.

use crate::client::{offer, received};
use regent_rack_agent::dhcp::action::{Destination, Found, Probe};
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::duty::event::{Event, ProbeId, WireAddress};
use regent_rack_agent::wire::delivery::Unsent;
use regent_rack_agent::wire::test_wire::WIRE;
use regent_rack_agent::wire::wires::{WireConfig, Wires};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

const ADDRESS: WireAddress = WireAddress { address: Ipv4Addr::new(10, 1, 0, 1), prefix: 16 };

fn open() -> (Wires, Receiver<Event>, SocketAddr) {
    let config =
        WireConfig::Test { listen: "127.0.0.1:0".parse().unwrap(), addresses: vec![ADDRESS] };
    let (wires, mut events) = Wires::open(config).unwrap();
    let Some(Event::Wires(told)) = events.blocking_recv() else { panic!("wires come first") };
    assert_eq!((told.len(), told[0].id, &told[0].addresses), (1, WIRE, &vec![ADDRESS]));
    let Wires::Test(test) = &wires else { panic!("it was asked for") };
    let address = test.address().unwrap();
    (wires, events, address)
}

#[test]
fn it_listens_where_it_is_told_to() {
    let listen = SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), 0);
    let (wires, _events) =
        Wires::open(WireConfig::Test { listen, addresses: vec![ADDRESS] }).unwrap();
    let Wires::Test(test) = &wires else { panic!("it was asked for") };
    assert_eq!(test.address().unwrap().ip(), *listen.ip());
}

fn client() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

/// The fields a reply is held against: number of the exchange and hardware.
fn request(xid: u32) -> Vec<u8> {
    let mut bytes = vec![0; 240];
    bytes[4..8].copy_from_slice(&xid.to_be_bytes());
    bytes[28..44].copy_from_slice(&crate::client::hardware().chaddr);
    bytes
}

#[test]
fn each_reply_goes_back_to_where_its_request_came_from_whatever_it_says() {
    let (wires, mut events, server) = open();
    let clients: Vec<UdpSocket> = (0..3).map(|_| client()).collect();
    for (xid, client) in (1..).zip(&clients) {
        client.send_to(&request(xid), server).unwrap();
        let Some(Event::Heard(heard)) = events.blocking_recv() else { panic!("a packet") };
        assert_eq!((heard.wire, heard.cast), (WIRE, Cast::Unicast));
        assert_eq!(heard.bytes, request(xid));
    }
    let relay = Destination::Relay(Ipv4Addr::new(10, 1, 0, 1));
    for (xid, to) in [(3, relay), (1, Destination::Broadcast), (2, relay)] {
        let mut outgoing = offer(to);
        outgoing.reply.xid = xid;
        wires.transmit(WIRE, &outgoing).unwrap();
    }
    for (xid, client) in (1..).zip(&clients) {
        let (bytes, from) = received(client);
        assert_eq!(
            (bytes[4..8].to_vec(), from),
            (u32::to_be_bytes(xid).to_vec(), server.to_string())
        );
    }
}

#[test]
fn a_reply_that_nobody_asked_for_has_no_way() {
    let (wires, _events, _) = open();
    let unsent = wires.transmit(WIRE, &offer(Destination::Broadcast));
    assert!(matches!(unsent, Err(Unsent::NoWay)), "{unsent:?}");
    assert_eq!(wires.counts().unsent, 1);
}

#[test]
fn whatever_bytes_come_in_are_handed_on_and_what_is_too_long_is_not() {
    let (wires, mut events, server) = open();
    let client = client();
    for bytes in [&[][..], &[1; 5000], &[1; 33]] {
        client.send_to(bytes, server).unwrap();
    }
    for length in [0, 33] {
        let Some(Event::Heard(heard)) = events.blocking_recv() else { panic!("a packet") };
        assert_eq!(heard.bytes.len(), length);
    }
    assert_eq!((wires.counts().heard, wires.counts().dropped_too_long), (2, 1));
}

#[test]
fn an_address_is_never_in_use_here() {
    let (wires, mut events, _) = open();
    wires.probe(ProbeId(5), WIRE, ADDRESS.address, Probe::Arp).unwrap();
    let found = Event::Tried { id: ProbeId(5), found: Found::Nobody };
    assert_eq!(events.blocking_recv(), Some(found));
}

#[test]
fn events_end_with_the_wires() {
    let (wires, mut events, _) = open();
    drop(wires);
    assert_eq!(events.blocking_recv(), None);
}
