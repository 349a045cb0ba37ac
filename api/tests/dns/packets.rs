//! Packets no client of good will sends: each gets its code or silence, and the next question its answer.

use crate::node::Node;
use regent_api::dns::config::DnsSection;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// `web.maas A`, one question, id 0x1234.
fn question() -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    bytes.extend_from_slice(b"\x03web\x04maas\0\0\x01\0\x01");
    bytes
}

async fn ask(server: SocketAddr, packet: &[u8]) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut answer = vec![0; 4096];
    let over = Instant::now() + PATIENCE;
    // UDP may lose a packet when the machine is busy: clients ask again, and so does this one.
    while Instant::now() < over {
        socket.send_to(packet, server).await.unwrap();
        if let Ok(length) = timeout(ASK_AGAIN, socket.recv(&mut answer)).await {
            answer.truncate(length.unwrap());
            return answer;
        }
    }
    panic!("no answer in {PATIENCE:?}");
}

#[tokio::test]
async fn question_to_a_node_that_is_behind_is_answered_from_what_it_catches_up_with() {
    let (catch_up, caught_up) = oneshot::channel::<()>();
    let is_current = async { drop(caught_up.await) };
    let node = Node::current_after(is_current, "127.0.0.1:0", DnsSection::default()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question(), node.address).await.unwrap();
    // On this thread the server runs, too: it has every chance to answer too early.
    for _ in 0..1_000 {
        yield_now().await;
    }
    node.name("web", &["10.0.0.5"]);
    catch_up.send(()).unwrap();
    let mut answer = [0; 512];
    timeout(PATIENCE, socket.recv(&mut answer)).await.expect("it is answered now").unwrap();
    let (code, records) = (answer[3] & 0xf, answer[7]);
    assert_eq!((code, records), (0, 1), "there was no such name when it was asked");
}

/// The code an odd packet gets: NOERROR 0, FORMERR 1, NOTIMP 4, REFUSED 5.
#[tokio::test(flavor = "multi_thread")]
async fn odd_packets_get_their_code() {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    let with = |at: usize, value: u8| {
        let mut packet = question();
        packet[at] = value;
        packet
    };
    let mut two_questions = with(5, 2);
    two_questions.extend_from_slice(b"\x01x\0\0\x01\0\x01");
    let mut bad_version = with(11, 1);
    bad_version.extend_from_slice(&[0, 0, 41, 4, 208, 0, 1, 0, 0, 0, 0]);
    for (what, packet, code) in [
        ("a plain question", question(), 0),
        ("no question", with(5, 0), 1),
        ("fewer questions than announced", with(5, 9), 1),
        ("two questions", two_questions, 1),
        ("records that are not there", with(7, 3), 1),
        ("a name that points to itself", [&question()[..12], b"\xc0\x0c\0\x01\0\x01"].concat(), 1),
        ("a name that points ahead", [&question()[..12], b"\xc0\xff\0\x01\0\x01"].concat(), 1),
        ("a label of a reserved kind", [&question()[..12], b"\x80x\0\0\x01\0\x01"].concat(), 1),
        ("a question cut short", question()[..20].to_vec(), 1),
        ("a status request", with(2, 0x10), 4),
        ("an update", with(2, 0x28), 4),
        ("a notification", with(2, 0x20), 4),
        ("class ANY", with(25, 255), 5),
        ("EDNS version 1", bad_version.clone(), 0),
    ] {
        let answer = ask(node.address, &packet).await;
        assert_eq!(answer[..2], [0x12, 0x34], "{what}");
        assert_eq!(answer[2] & 0x80, 0x80, "{what}");
        assert_eq!(answer[3] & 0xF, code, "{what}");
    }
    let version = ask(node.address, &bad_version).await;
    assert_eq!(version[17], 1, "BADVERS is 16: its upper bits stand in the OPT record");
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_and_answers_meet_silence_and_harm_nobody() {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut random = 7_u32;
    for length in 0..600_usize {
        let mut packet: Vec<u8> = (0..length % 200)
            .map(|_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                u8::try_from(random >> 24).unwrap()
            })
            .collect();
        // Every other one begins as a question does, so that the noise is deeper inside.
        if length % 2 == 0 && packet.len() > 12 {
            packet[2..12].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
        }
        socket.send_to(&packet, node.address).await.unwrap();
    }
    let mut reply = question();
    reply[2] = 0x80;
    socket.send_to(&reply, node.address).await.unwrap();
    let answer = ask(node.address, &question()).await;
    assert_eq!((answer[3] & 0xF, answer[7]), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn question_cut_and_flipped_anywhere_leaves_the_server_well() {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut whole = question();
    whole[11] = 1;
    whole.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6, 0, 10, 0, 2, 1, 2]);
    for end in 0..whole.len() {
        socket.send_to(&whole[..end], node.address).await.unwrap();
    }
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        socket.send_to(&flipped, node.address).await.unwrap();
    }
    assert_eq!(ask(node.address, &whole).await[7], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_in_the_program_costs_one_packet_its_answer() {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    node.fail_once();
    assert_eq!(ask(node.address, &question()).await[7], 1, "the question asked again is answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_questions_go_over_one_connection_and_half_ones_do_not_block_others() {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    // Never finished, and held open.
    let mut half = TcpStream::connect(node.address).await.unwrap();
    half.write_all(&[0, 200, 1, 2]).await.unwrap();
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let question = question();
    let framed = [&u16::try_from(question.len()).unwrap().to_be_bytes(), &question[..]].concat();
    // Two at once: they are answered one after the other.
    stream.write_all(&[framed.clone(), framed].concat()).await.unwrap();
    for _ in 0..2 {
        let length = timeout(PATIENCE, stream.read_u16()).await.unwrap().unwrap();
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!((answer[3] & 0xF, answer[7]), (0, 1));
    }
}
