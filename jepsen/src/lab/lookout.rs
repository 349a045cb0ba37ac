//! When a name is first answered by a node, seen from nearby: a question each millisecond, without a program to start.
//! Reads no more of an answer than whether there is one.

use crate::lab::namespace::Namespace;
use std::net::UdpSocket;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long an answer may take before the question is asked again.
const ANSWER_WAIT_MAX: Duration = Duration::from_millis(100);
/// Pause between two questions.
const QUESTION_PAUSE: Duration = Duration::from_millis(1);
/// How long a name is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
const QUESTION_ID: [u8; 2] = [0x5a, 0xa5];
/// A, IN (RFC 1035 section 3.2).
const A_IN: [u8; 4] = [0, 1, 0, 1];
const HEADER_BYTES: usize = 12;
const ANSWER_BYTES_MAX: usize = 1232;

/// Somebody who looks out for a name. What it gives is the time since 1970 when the name was there, if it was in time.
pub type Lookout = JoinHandle<anyhow::Result<Option<Duration>>>;

/// Looks out for an address of a name at a server (`10.0.0.1:53`), from a machine.
///
/// # Errors
/// If the machine is no more.
pub fn look_out(machine: &Namespace, server: &str, name: &str) -> anyhow::Result<Lookout> {
    let (server, question) = (server.to_owned(), question(name));
    machine.within(move || {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect(&server)?;
        socket.set_read_timeout(Some(ANSWER_WAIT_MAX))?;
        let until = now() + PATIENCE;
        while now() < until {
            if is_answered(&socket, &question) {
                return Ok(Some(now()));
            }
            std::thread::park_timeout(QUESTION_PAUSE);
        }
        Ok(None)
    })
}

/// The time since 1970.
#[must_use]
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970")
}

fn is_answered(socket: &UdpSocket, question: &[u8]) -> bool {
    let mut answer = [0; ANSWER_BYTES_MAX];
    let received = socket.send(question).and_then(|_| socket.recv(&mut answer));
    let is_whole = received.is_ok_and(|length| length >= HEADER_BYTES);
    let no_error = answer[3] & 0x0f == 0;
    is_whole && answer[..2] == QUESTION_ID && no_error && answer[6..8] != [0, 0]
}

fn question(name: &str) -> Vec<u8> {
    let mut bytes = QUESTION_ID.to_vec();
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).expect("labels are short"));
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes.extend(A_IN);
    bytes
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn question_is_as_rfc_1035_has_it() {
        let asked = question("a.maas");
        let header = [0x5a, 0xa5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        assert_eq!(asked[..12], header);
        assert_eq!(asked[12..], *b"\x01a\x04maas\x00\x00\x01\x00\x01");
    }
}
