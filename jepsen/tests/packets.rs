//! Packets that are held on their way into a machine come late, overtake each other, get lost and come twice, and are counted.
//! Needs root.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_jepsen::lab::lan::Lan;
use regent_jepsen::lab::namespace::Namespace;
use regent_jepsen::lab::packet_queue::{HELD_MAX, Manner, PacketQueue};
use regent_jepsen::lab::tool::{self, run};
use regent_jepsen::tell::tell;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// Packets that are sent.
const SENT: u16 = 200;
/// How long none may come before no more is waited for: longer than any is held.
const SILENCE: Duration = Duration::from_secs(2);
/// Pause between two packets.
const PAUSE: Duration = Duration::from_millis(1);
/// Packets beyond those that are held, and those that are sent without a pause.
const ABOVE: usize = 200;
const BURST: usize = 20;
const QUEUE: u16 = 3;

/// Sends numbered packets from one machine to the other; the numbers in the order in which they came, and how long after the
/// first was sent the first came.
fn cross(from: &Namespace, to: &Namespace) -> (Vec<u16>, Duration) {
    let listening = to.within(|| Ok(UdpSocket::bind("10.99.0.2:7")?)).unwrap();
    let listener = listening.join().unwrap().unwrap();
    listener.set_read_timeout(Some(SILENCE)).unwrap();
    let began = Instant::now();
    let sending = from.within(|| {
        let socket = UdpSocket::bind("10.99.0.1:0")?;
        for number in 0..SENT {
            socket.send_to(&number.to_be_bytes(), "10.99.0.2:7")?;
            std::thread::park_timeout(PAUSE);
        }
        Ok(())
    });
    let (mut came, mut first) = (Vec::new(), None);
    let mut bytes = [0; 2];
    while listener.recv(&mut bytes).is_ok() {
        first.get_or_insert_with(|| began.elapsed());
        came.push(u16::from_be_bytes(bytes));
    }
    sending.unwrap().join().unwrap().unwrap();
    (came, first.unwrap())
}

#[test]
fn held_packets_come_late_in_another_order_some_twice_and_some_not() {
    if let Some(why) = tool::missing(&["ip", "ethtool", "nsenter", "iptables"]) {
        return tell(&format!("SKIPPED packets: {why}"));
    }
    let lan = Lan::new("packets").unwrap();
    let [one, other] = ["one", "other"].map(|name| lan.machine(name).unwrap());
    lan.connect(&one, "eth0", Some("10.99.0.1/24")).unwrap();
    lan.connect(&other, "eth0", Some("10.99.0.2/24")).unwrap();
    let network = other.path();
    let rule = "INPUT ! -i lo -p udp --dport 7 -j NFQUEUE --queue-bypass --queue-num";
    let iptables = |verb: &str| {
        let network = network.display();
        run(&format!("nsenter --net={network} iptables -{verb} {rule} {QUEUE}")).unwrap();
    };
    iptables("A");
    let (came, _) = cross(&one, &other);
    assert_eq!(came, (0..SENT).collect::<Vec<_>>(), "what nobody holds goes through");

    let manner = Manner { late_ms: 40, jitter_ms: 20, lost_percent: 20, repeated_percent: 20 };
    let queue = PacketQueue::open(&network, QUEUE, manner).unwrap();
    let (came, first) = cross(&one, &other);
    let fates = queue.close().unwrap();
    assert!(first >= Duration::from_millis(40), "{first:?}");
    assert!(!came.is_sorted(), "{came:?}");
    assert!(
        fates.held > 0 && fates.lost > 0 && fates.repeated > 0 && fates.overtaken > 0,
        "{fates}"
    );
    assert_eq!(fates.held + fates.lost, u64::from(SENT), "{fates}");
    assert_eq!(came.len() as u64, fates.held + fates.repeated, "{fates}");

    let late = Manner { late_ms: 60_000, ..Manner::default() };
    let queue = PacketQueue::open(&network, QUEUE, late).unwrap();
    let listening = other.within(|| Ok(UdpSocket::bind("10.99.0.2:7")?)).unwrap();
    let listener = listening.join().unwrap().unwrap();
    listener.set_read_timeout(Some(SILENCE)).unwrap();
    let sending = one.within(|| {
        let socket = UdpSocket::bind("10.99.0.1:0")?;
        for number in 0..HELD_MAX + ABOVE {
            socket.send_to(b"late", "10.99.0.2:7")?;
            if number.is_multiple_of(BURST) {
                std::thread::park_timeout(PAUSE);
            }
        }
        Ok(())
    });
    sending.unwrap().join().unwrap().unwrap();
    assert_eq!(listener.recv(&mut [0; 4]).unwrap(), 4, "what is above goes through");
    while listener.recv(&mut [0; 4]).is_ok() {}
    let fates = queue.close().unwrap();
    assert!(fates.held > 0 && fates.held <= HELD_MAX as u64, "{fates}");
    assert_eq!(listener.recv(&mut [0; 4]).unwrap(), 4, "at the end everything is let go");
}
