//! A client from before DHCP (RFC 951), byte by byte: no program of our days is one any more. It asks once and takes the first
//! answer, whichever way that comes.
//!
//! Does not configure its machine: that never has an address, so that it hears frames to one it has not got yet as firmware does.

use crate::lab::lan::Lan;
use crate::lab::namespace::Namespace;
use regent_core::net::mac::MacAddr;
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, eth, recv, socket_with};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// Who has no address sends from here.
const FROM: (Ipv4Addr, u16) = (Ipv4Addr::UNSPECIFIED, 68);
const TO: (Ipv4Addr, u16) = (Ipv4Addr::BROADCAST, 67);
const BOOTREQUEST: u8 = 1;
const BOOTREPLY: u8 = 2;
const ETHERNET: u8 = 1;
/// The fields before the area for vendors.
const FIELDS_BYTES: usize = 236;
/// A request of RFC 951 with its area for vendors.
const REQUEST_BYTES: usize = 300;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const PAD: u8 = 0;
const HOST_NAME: u8 = 12;
const MESSAGE_TYPE: u8 = 53;
const END: u8 = 255;
/// How long one look for a packet takes.
const LOOK: Duration = Duration::from_millis(100);
const FRAME_BYTES_MAX: usize = 1500;
const UDP: u8 = 17;
const UDP_BYTES: usize = 8;

/// How old its software is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// RFC 951: nothing but the fields.
    Bare,
    /// RFC 1497: with options behind a magic cookie, but no message type.
    WithOptions,
}

/// A machine with one interface and firmware that asks for its address.
#[derive(Debug)]
pub struct BootpClient {
    /// What it is called, which is its interface's name, too: at most 15 octets.
    pub name: String,
    /// How old it is.
    pub age: Age,
    machine: Namespace,
}

/// What it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootReply {
    /// Its address.
    pub address: Ipv4Addr,
    /// Whether the answer speaks of DHCP, which it does not know.
    pub is_dhcp: bool,
    /// How long after its question the answer was there.
    pub after: Duration,
}

impl BootpClient {
    /// A machine on a network.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(name: &str, age: Age, lan: &Lan) -> anyhow::Result<Self> {
        let machine = Namespace::new(name)?;
        lan.connect(&machine, name, None)?;
        // Without an address the kernel knows no way to everybody.
        machine.run(&format!("ip route add {} dev {name}", TO.0))?;
        Ok(Self { name: name.to_owned(), age, machine })
    }

    /// Its hardware address, as `02:00:00:00:00:01`.
    ///
    /// # Errors
    /// If it has none.
    pub fn mac(&self) -> anyhow::Result<String> {
        self.machine.mac(&self.name)
    }

    /// Asks once for its address; none if nobody answers within that time.
    ///
    /// # Errors
    /// If it cannot ask.
    pub fn ask(&self, patience: Duration) -> anyhow::Result<Option<BootReply>> {
        let request = self.request(self.mac()?.parse()?);
        let asking = self.machine.within(move || {
            let ear = listen()?;
            let mouth = UdpSocket::bind(FROM)?;
            mouth.set_broadcast(true)?;
            let asked = Instant::now();
            mouth.send_to(&request, TO)?;
            while asked.elapsed() < patience {
                let packet = hear(&ear)?;
                if let Some(reply) = packet.and_then(|packet| read(&packet, &request)) {
                    let (address, is_dhcp) = reply;
                    return Ok(Some(BootReply { address, is_dhcp, after: asked.elapsed() }));
                }
            }
            Ok(None)
        })?;
        asking.join().expect("it does not panic")
    }

    fn request(&self, card: MacAddr) -> Vec<u8> {
        let mut bytes = vec![0; FIELDS_BYTES];
        bytes[..3].copy_from_slice(&[BOOTREQUEST, ETHERNET, 6]);
        bytes[4..8].copy_from_slice(&rand::random::<[u8; 4]>());
        bytes[28..34].copy_from_slice(&card.0);
        match self.age {
            Age::Bare => {}
            Age::WithOptions => {
                let length = u8::try_from(self.name.len()).expect("interfaces have short names");
                bytes.extend(COOKIE);
                bytes.extend([HOST_NAME, length]);
                bytes.extend(self.name.bytes());
                bytes.push(END);
            }
        }
        bytes.resize(REQUEST_BYTES, 0);
        bytes
    }
}

/// Hears every IP packet on the machine, whoever it is to.
fn listen() -> anyhow::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::PACKET, SocketType::DGRAM, flags, Some(eth::IP))?;
    set_socket_timeout(&socket, Timeout::Recv, Some(LOOK))?;
    Ok(socket)
}

fn hear(ear: &OwnedFd) -> anyhow::Result<Option<Vec<u8>>> {
    let mut packet = vec![0; FRAME_BYTES_MAX];
    match recv(ear, packet.as_mut_slice(), RecvFlags::empty()) {
        Ok((length, _)) => {
            packet.truncate(length);
            Ok(Some(packet))
        }
        Err(Errno::AGAIN | Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The address and whether DHCP is spoken of, if an IP packet answers a request.
fn read(packet: &[u8], request: &[u8]) -> Option<(Ipv4Addr, bool)> {
    let header_bytes = usize::from(packet.first()? & 0x0f) * 4;
    let (udp, port) = (packet.get(header_bytes..)?, FROM.1.to_be_bytes());
    let reply = udp.get(UDP_BYTES..)?;
    let is_answer = packet.get(9) == Some(&UDP)
        && udp.get(2..4)? == port
        && reply.first() == Some(&BOOTREPLY)
        && reply.get(4..8)? == &request[4..8]
        && reply.get(28..34)? == &request[28..34];
    let address = <[u8; 4]>::try_from(reply.get(16..20)?).ok()?;
    is_answer.then(|| (address.into(), speaks_of_dhcp(&reply[FIELDS_BYTES.min(reply.len())..])))
}

fn speaks_of_dhcp(vendor_area: &[u8]) -> bool {
    let mut rest = vendor_area.strip_prefix(&COOKIE).unwrap_or_default();
    while let [code, after @ ..] = rest {
        match (*code, after) {
            (MESSAGE_TYPE, _) => return true,
            (PAD, _) => rest = after,
            (END, _) | (_, []) => return false,
            (_, [length, value @ ..]) => {
                rest = value.get(usize::from(*length)..).unwrap_or_default();
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{COOKIE, END, FIELDS_BYTES, MESSAGE_TYPE, read};
    use std::net::Ipv4Addr;

    const OPTIONS_AT: usize = FIELDS_BYTES + COOKIE.len();

    fn reply(options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIELDS_BYTES];
        (bytes[0], bytes[16], bytes[19]) = (2, 10, 9);
        bytes.extend(COOKIE);
        bytes.extend(options);
        bytes
    }

    fn packet(reply: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 28];
        (bytes[0], bytes[9], bytes[23]) = (0x45, 17, 68);
        bytes.extend(reply);
        bytes
    }

    #[test]
    fn answer_is_told_from_what_is_none_and_from_one_of_dhcp() {
        let address = Ipv4Addr::new(10, 0, 0, 9);
        let asked = [0; OPTIONS_AT];
        let boot = reply(&[0, 1, 4, 255, 255, 255, 0, END, MESSAGE_TYPE]);
        assert_eq!(read(&packet(&boot), &asked), Some((address, false)));
        let dhcp = reply(&[MESSAGE_TYPE, 1, 5, END]);
        assert_eq!(read(&packet(&dhcp), &asked), Some((address, true)));
        assert_eq!(read(&packet(&boot), &[1; OPTIONS_AT]), None);
        assert_eq!(read(&packet(&boot[..20]), &asked), None);
    }
}
