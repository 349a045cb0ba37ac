//! A search for servers, as a client begins it: DISCOVER out, offers in. Nothing that is offered is ever taken.

use crate::dhcp::message::code;
use crate::dhcp::message::options::{OPTIONS_AT, Options};
use regent_core::net::mac::MacAddr;
use std::net::Ipv4Addr;

const BOOTREQUEST: u8 = 1;
const BOOTREPLY: u8 = 2;
const ETHERNET: u8 = 1;
const MAC_OCTETS: u8 = 6;
const BROADCAST_FLAG: u8 = 1 << 7;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
/// Who searches, beside its card: no client that the card's machine may have is taken for it (RFC 2132 section 9.14).
const CLIENT_ID: &[u8] = b"\0regent rack, looking for servers";
/// What a client asks for.
const PARAMETERS: [u8; 2] = [code::SUBNET_MASK, code::ROUTERS];

/// A search: its number, and the card at which it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Number of the exchange.
    pub xid: u32,
    /// The card.
    pub card: MacAddr,
}

impl Search {
    /// DISCOVER, so many seconds after the first. Offers are to be broadcast.
    #[must_use]
    pub fn discover(&self, secs: u16) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS_AT];
        bytes[..3].copy_from_slice(&[BOOTREQUEST, ETHERNET, MAC_OCTETS]);
        bytes[4..8].copy_from_slice(&self.xid.to_be_bytes());
        bytes[8..10].copy_from_slice(&secs.to_be_bytes());
        bytes[10] = BROADCAST_FLAG;
        bytes[28..34].copy_from_slice(&self.card.0);
        bytes[OPTIONS_AT - COOKIE.len()..].copy_from_slice(&COOKIE);
        bytes.extend([code::MESSAGE_TYPE, 1, DISCOVER]);
        for (code, value) in [(code::CLIENT_ID, CLIENT_ID), (code::PARAMETERS, &PARAMETERS)] {
            let length = u8::try_from(value.len()).expect("both are short");
            bytes.extend([code, length]);
            bytes.extend(value);
        }
        bytes.push(code::END);
        bytes
    }

    /// The server that offers something in reply, as it calls itself; as it was heard where it does not. None if that is no
    /// offer, or to somebody else.
    #[must_use]
    pub fn offering(&self, bytes: &[u8], source: Ipv4Addr) -> Option<Ipv4Addr> {
        let is_reply = bytes.first() == Some(&BOOTREPLY);
        let is_ours =
            bytes.get(4..8)? == self.xid.to_be_bytes() && bytes.get(28..34)? == self.card.0;
        let has_cookie = bytes.get(OPTIONS_AT - COOKIE.len()..OPTIONS_AT)? == COOKIE;
        if !(is_reply && is_ours && has_cookie) {
            return None;
        }
        let options = Options::read(bytes).ok()?;
        if options.byte(code::MESSAGE_TYPE).ok()? != Some(OFFER) {
            return None;
        }
        let named = options.address(code::SERVER_ID).ok()?;
        Some(named.filter(|server| !server.is_unspecified()).unwrap_or(source))
    }
}

#[cfg(test)]
mod tests {
    use super::{OFFER, Search};
    use crate::dhcp::message::code;
    use crate::dhcp::message::request::{Kind, Request};
    use regent_core::net::mac::MacAddr;
    use std::net::Ipv4Addr;

    const SEARCH: Search = Search { xid: 0x5267_0001, card: MacAddr([2, 0, 0, 0, 0, 1]) };
    const SOURCE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);

    /// The search as a server throws it back, with these options.
    fn reply(search: &Search, options: &[u8]) -> Vec<u8> {
        let mut bytes = search.discover(0);
        bytes[0] = 2;
        bytes.truncate(240);
        bytes.extend(options);
        bytes
    }

    #[test]
    fn what_goes_out_is_a_discover_to_be_answered_by_broadcast() {
        let request = Request::parse(&SEARCH.discover(2)).unwrap();
        assert_eq!((request.kind, request.xid, request.secs), (Kind::Discover, SEARCH.xid, 2));
        assert!(request.broadcast && request.giaddr.is_none() && request.ciaddr.is_none());
    }

    #[test]
    fn server_is_known_by_what_it_calls_itself_and_else_by_where_it_was_heard() {
        let named = [code::MESSAGE_TYPE, 1, OFFER, code::SERVER_ID, 4, 192, 0, 2, 8];
        let offered = SEARCH.offering(&reply(&SEARCH, &named), SOURCE);
        assert_eq!(offered, Some(Ipv4Addr::new(192, 0, 2, 8)));
        assert_eq!(SEARCH.offering(&reply(&SEARCH, &named[..3]), SOURCE), Some(SOURCE));
    }

    #[test]
    fn what_is_no_offer_or_for_somebody_else_names_no_server() {
        let offer = [code::MESSAGE_TYPE, 1, OFFER];
        let other = Search { xid: 1, ..SEARCH };
        assert_eq!(SEARCH.offering(&reply(&other, &offer), SOURCE), None);
        let ack = [code::MESSAGE_TYPE, 1, 5];
        assert_eq!(SEARCH.offering(&reply(&SEARCH, &ack), SOURCE), None);
        assert_eq!(SEARCH.offering(&SEARCH.discover(0), SOURCE), None);
        let whole = reply(&SEARCH, &offer);
        assert!((0..240).all(|length| SEARCH.offering(&whole[..length], SOURCE).is_none()));
    }
}
