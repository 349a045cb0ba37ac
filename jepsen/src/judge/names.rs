//! The name service of a node says what its API shows: asked over UDP, as anybody would.

use crate::judge::violation::Violation;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Names that are asked for.
const SAMPLE: usize = 40;
/// How long an answer is waited for, and how often it is asked for: UDP may lose a packet when the machine is busy.
const ANSWER_MAX: Duration = Duration::from_secs(2);
const TRIES: usize = 5;
/// Longest answer.
const ANSWER_BYTES_MAX: usize = 4096;
/// RFC 1035 sections 3.2.2 and 3.2.4.
const TYPE_TXT: u16 = 16;
const CLASS_IN: u16 = 1;

/// The texts that stand at each name.
pub type Texts = BTreeMap<String, BTreeSet<String>>;

/// Asks the name service at `server`, which is `node`'s, for some of these names, spread over all.
///
/// # Errors
/// When there is no socket to ask from.
pub async fn judge(texts: &Texts, server: &str, node: &str) -> std::io::Result<Vec<Violation>> {
    let socket = UdpSocket::bind("0.0.0.0:0").await?;
    socket.connect(server).await?;
    let mut violations = Vec::new();
    let step = texts.len().div_ceil(SAMPLE).max(1);
    for (number, (name, wanted)) in (1..).zip(texts.iter().step_by(step)) {
        let answer = ask(&socket, &question(number, name)).await;
        if !answer.as_ref().is_some_and(|answer| holds(answer, wanted)) {
            let (node, name) = (node.to_owned(), name.clone());
            let wanted = wanted.iter().cloned().collect::<Vec<_>>().join(", ");
            violations.push(Violation::Misnamed { node, name, wanted });
        }
    }
    Ok(violations)
}

async fn ask(socket: &UdpSocket, question: &[u8]) -> Option<Vec<u8>> {
    let mut answer = vec![0; ANSWER_BYTES_MAX];
    for _ in 0..TRIES {
        let asked = async {
            socket.send(question).await?;
            loop {
                let length = socket.recv(&mut answer).await?;
                // An answer to an earlier question may come late.
                if answer[..length].starts_with(&question[..2]) {
                    return std::io::Result::Ok(length);
                }
            }
        };
        if let Ok(Ok(length)) = timeout(ANSWER_MAX, asked).await {
            answer.truncate(length);
            return Some(answer);
        }
    }
    None
}

/// `name TXT` as one packet.
fn question(id: u16, name: &str) -> Vec<u8> {
    let mut packet = id.to_be_bytes().to_vec();
    packet.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        packet.extend(counted(label));
    }
    packet.push(0);
    packet.extend([TYPE_TXT, CLASS_IN].into_iter().flat_map(u16::to_be_bytes));
    packet
}

/// Whether it is an answer without error that has as many records as are wanted, and each text. Texts of clients are no
/// names of clients, so that the question cannot pass for an answer.
fn holds(answer: &[u8], wanted: &BTreeSet<String>) -> bool {
    let Some(&[_, flags, _, _, high, low]) = answer.get(2..8) else { return false };
    let records = usize::from(u16::from_be_bytes([high, low]));
    let has = |text: &String| {
        let text = counted(text);
        answer.windows(text.len()).any(|part| part == text)
    };
    flags & 0xF == 0 && records == wanted.len() && wanted.iter().all(has)
}

/// A character string or label with its length before it (RFC 1035 section 3.3).
fn counted(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("marks and names are short");
    [&[length], text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::{Texts, judge, question};
    use crate::judge::violation::Violation;
    use std::collections::BTreeSet;
    use tokio::net::UdpSocket;

    /// Asks a server that answers any question with `text`.
    async fn judged(text: &str) -> Vec<Violation> {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let serve = async {
            let mut packet = [0; 512];
            let (length, client) = server.recv_from(&mut packet).await.unwrap();
            packet[2] |= 0x80;
            packet[7] = 1;
            let data = u8::try_from(text.len()).unwrap();
            let record = [0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 30, 0, data + 1, data];
            let answer = [&packet[..length], &record, text.as_bytes()].concat();
            server.send_to(&answer, client).await.unwrap();
        };
        let texts = Texts::from([("c-1-2.maas".into(), BTreeSet::from(["c-1-3".into()]))]);
        let (judged, ()) = tokio::join!(judge(&texts, &address, "r1"), serve);
        judged.unwrap()
    }

    #[tokio::test]
    async fn name_service_must_say_what_the_api_shows() {
        assert_eq!(judged("c-1-3").await, []);
        let other = judged("c-1-4").await;
        assert!(matches!(other[..], [Violation::Misnamed { .. }]), "{other:?}");
    }

    #[test]
    fn question_is_a_packet_of_the_standard() {
        let packet = b"\x01\x02\0\0\0\x01\0\0\0\0\0\0\x01a\x04maas\0\0\x10\0\x01";
        assert_eq!(question(0x0102, "a.maas"), packet);
    }
}
