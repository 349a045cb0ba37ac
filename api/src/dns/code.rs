//! Response codes, and the OPT record that carries their upper bits.

use crate::dns::limits::UDP_PAYLOAD_BYTES_MAX;

/// Octets of an OPT record without options.
pub const OPT_BYTES: usize = 11;

/// Where a message has the lower bits of its code, the (lower octet of the) number of questions, and, without any
/// question, the upper bits of its code.
const FLAGS_AT: usize = 3;
const QUESTIONS_AT: usize = 5;
const UPPER_BITS_AT: usize = 17;

/// A response code (RFC 1035 4.1.1, RFC 6891).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Code {
    /// It went well.
    NoError = 0,
    /// The request makes no sense.
    FormErr = 1,
    /// Something failed on this side.
    ServFail = 2,
    /// The name does not exist.
    NxDomain = 3,
    /// That kind of request is not known here.
    NotImp = 4,
    /// The client may not have that.
    Refused = 5,
    /// That version of EDNS is not known here.
    BadVers = 16,
}

/// The code of a message of ours. Its upper bits stand in the OPT record; the only answers of ours that have some repeat
/// no question, so that it is the OPT record that follows the header.
#[must_use]
pub fn code_of(message: &[u8]) -> u16 {
    let byte = |at: usize| message.get(at).copied().map_or(0, u16::from);
    let lower = byte(FLAGS_AT) & 0xF;
    let without_question = byte(QUESTIONS_AT) == 0;
    if without_question { byte(UPPER_BITS_AT) << 4 | lower } else { lower }
}

/// An OPT record: what we take over UDP, EDNS version 0, and the upper bits of the code.
#[must_use]
pub fn opt(code: Code) -> [u8; OPT_BYTES] {
    let payload = u16::try_from(UDP_PAYLOAD_BYTES_MAX).unwrap_or(u16::MAX).to_be_bytes();
    let upper = u8::try_from(code as u16 >> 4).unwrap_or(u8::MAX);
    [0, 0, 41, payload[0], payload[1], upper, 0, 0, 0, 0, 0]
}

#[cfg(test)]
mod tests {
    use super::code_of;
    use crate::dns::question::{Reading, Transport, read};

    #[test]
    fn code_of_an_answer_is_known_with_and_without_a_question() {
        let answer = |code| [&[0, 1, 0x80, code, 0, 1, 0, 0, 0, 0, 0, 0][..], &[9; 9][..]].concat();
        assert_eq!([0, 3, 5].map(|code| code_of(&answer(code))), [0, 3, 5]);
        let mut bad_version = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        bad_version.extend_from_slice(b"\x04maas\0\0\x06\0\x01\0\0\x29\x04\xd0\0\x01\0\0\0\0");
        for (request, code) in
            [(bad_version, 16), (vec![0; 12], 1), (vec![0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0], 4)]
        {
            let Reading::Error(message) = read(&request, Transport::Udp) else {
                panic!("this is an error");
            };
            assert_eq!(code_of(&message), code);
        }
    }
}
