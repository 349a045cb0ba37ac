//! Requests byte by byte, so that nothing a client could send is out of reach.

use std::net::Ipv4Addr;

pub(crate) const DISCOVER: u8 = 1;
pub(crate) const REQUEST: u8 = 3;
pub(crate) const DECLINE: u8 = 4;
pub(crate) const RELEASE: u8 = 7;
pub(crate) const INFORM: u8 = 8;
pub(crate) const COOKIE: [u8; 4] = [99, 130, 83, 99];

/// A packet under construction: fixed fields, then options in the order given.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) fixed: Vec<u8>,
    pub(crate) options: Vec<u8>,
    pub(crate) end: bool,
}

pub(crate) fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

/// The hardware address of the test client with this number.
pub(crate) fn mac(client: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, client]
}

impl Packet {
    /// A packet of this message type from the client with this number.
    pub(crate) fn of(kind: u8, client: u8) -> Self {
        Self::bootp(client).with(53, &[kind])
    }

    /// A packet without a message type.
    pub(crate) fn bootp(client: u8) -> Self {
        let mut fixed = vec![0; 236];
        fixed[..4].copy_from_slice(&[1, 1, 6, 0]);
        fixed[4..8].copy_from_slice(&[0xAA, 0xBB, 0xCC, client]);
        fixed[28..34].copy_from_slice(&mac(client));
        fixed.extend(COOKIE);
        Self { fixed, options: Vec::new(), end: true }
    }

    pub(crate) fn discover(client: u8) -> Self {
        Self::of(DISCOVER, client)
    }

    /// The client takes the offer of a server.
    pub(crate) fn selecting(client: u8, server: &str, address: &str) -> Self {
        Self::of(REQUEST, client).address(54, server).address(50, address)
    }

    /// The client asks whether it may go on with an address from before.
    pub(crate) fn rebooting(client: u8, address: &str) -> Self {
        Self::of(REQUEST, client).address(50, address)
    }

    /// The client wants more time; whether it asks one server or all is a matter of how it arrives.
    pub(crate) fn renewing(client: u8, address: &str) -> Self {
        Self::of(REQUEST, client).ciaddr(address)
    }

    pub(crate) fn with(mut self, code: u8, value: &[u8]) -> Self {
        self.options.extend([code, u8::try_from(value.len()).unwrap()]);
        self.options.extend(value);
        self
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.options.extend(bytes);
        self
    }

    pub(crate) fn address(self, code: u8, address: &str) -> Self {
        self.with(code, &ip(address).octets())
    }

    pub(crate) fn field(mut self, at: usize, bytes: &[u8]) -> Self {
        self.fixed[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(crate) fn xid(self, xid: u32) -> Self {
        self.field(4, &xid.to_be_bytes())
    }

    pub(crate) fn secs(self, secs: u16) -> Self {
        self.field(8, &secs.to_be_bytes())
    }

    pub(crate) fn broadcast(self) -> Self {
        self.field(10, &[0x80, 0])
    }

    pub(crate) fn ciaddr(self, address: &str) -> Self {
        self.field(12, &ip(address).octets())
    }

    /// The address it has, by its own word.
    pub(crate) fn source(&self) -> Ipv4Addr {
        Ipv4Addr::new(self.fixed[12], self.fixed[13], self.fixed[14], self.fixed[15])
    }

    pub(crate) fn giaddr(self, address: &str) -> Self {
        self.field(24, &ip(address).octets())
    }

    /// Without the mark behind the last option.
    pub(crate) fn without_end(mut self) -> Self {
        self.end = false;
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.fixed.clone();
        bytes.extend(&self.options);
        if self.end {
            bytes.push(255);
        }
        bytes
    }
}
