//! ICMP echo requests and replies (RFC 792).

use crate::wire::checksum;

const ECHO: u8 = 8;
const ECHO_REPLY: u8 = 0;
const WORD_BYTES: usize = 4;

/// An echo request with this identifier and number.
#[must_use]
pub fn request(identifier: u16, number: u16) -> [u8; 8] {
    let mut message = [ECHO, 0, 0, 0, 0, 0, 0, 0];
    message[4..6].copy_from_slice(&identifier.to_be_bytes());
    message[6..8].copy_from_slice(&number.to_be_bytes());
    let sum = checksum::of(&[&message]);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    message
}

/// Whether an IPv4 datagram is an echo reply; to whose question does not matter, since only who has the address
/// answers.
#[must_use]
pub fn is_reply(datagram: &[u8]) -> bool {
    let Some(first) = datagram.first() else { return false };
    let header_bytes = usize::from(first & 0x0f) * WORD_BYTES;
    datagram.get(header_bytes..).is_some_and(|message| matches!(message, [ECHO_REPLY, 0, ..]))
}

#[cfg(test)]
mod tests {
    use super::{is_reply, request};
    use crate::wire::checksum;

    fn inside_ip(message: &[u8]) -> Vec<u8> {
        [&[0x46][..], &[0; 23], message].concat()
    }

    #[test]
    fn a_request_carries_its_number_and_a_right_checksum() {
        let message = request(0x1234, 7);
        assert_eq!(message[4..], [0x12, 0x34, 0, 7]);
        assert_eq!(checksum::of(&[&message]), 0);
    }

    #[test]
    fn only_a_reply_is_one_behind_a_header_of_any_length() {
        assert!(is_reply(&inside_ip(&[0, 0, 1, 2, 0, 0, 0, 0])));
        assert!(!is_reply(&inside_ip(&request(1, 1))));
        assert!(!is_reply(&inside_ip(&[3, 1, 0, 0])), "unreachable is said by routers");
        assert!(!is_reply(&[]));
        assert!(!is_reply(&[0x4f, 0, 0]));
    }
}
