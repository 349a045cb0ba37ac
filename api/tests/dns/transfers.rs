//! Zone transfers as bytes: what `dig` does not tell.

use crate::node::Node;
use regent_api::dns::config::DnsSection;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// `maas IXFR` over TCP from a secondary that has `serial`.
fn difference_since(serial: u32) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
    bytes.extend_from_slice(b"\x04maas\0\0\xfb\0\x01");
    // SOA with root names: owner by pointer, two octets of names, five numbers.
    bytes.extend_from_slice(b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x16\0\0");
    bytes.extend_from_slice(&serial.to_be_bytes());
    bytes.extend_from_slice(&[0; 16]);
    let length = u16::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes(), &bytes[..]].concat()
}

/// How many records the first message of the answer has.
async fn records_after(server: SocketAddr, request: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request).await.unwrap();
    let length = timeout(PATIENCE, stream.read_u16()).await.unwrap().unwrap();
    let mut answer = vec![0; usize::from(length)];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer[3] & 0xF, 0, "NOERROR");
    u16::from_be_bytes([answer[6], answer[7]])
}

#[tokio::test(flavor = "multi_thread")]
async fn secondary_that_is_up_to_date_gets_the_soa_alone_and_one_that_is_not_the_zone() {
    let allow_transfer = vec!["127.0.0.1".to_owned()].try_into().unwrap();
    let node = Node::start(DnsSection { allow_transfer, ..DnsSection::default() }).await;
    node.name("web", &["10.0.0.5"]);
    let serial = node.serial("maas");
    // SOA, NS, A, SOA.
    for (since, records) in [(serial, 1), (serial + 1, 1), (serial - 1, 4)] {
        assert_eq!(records_after(node.address, &difference_since(since)).await, records, "{since}");
    }
}
