//! Bounds of the DNS server.

use std::time::Duration;

/// Largest answer over UDP, and what is announced: fits any path without fragments (DNS flag day 2020).
pub const UDP_PAYLOAD_BYTES_MAX: usize = 1232;
/// What every client takes over UDP (RFC 1035 2.3.4).
pub const UDP_PAYLOAD_BYTES_MIN: usize = 512;
/// Largest message over TCP: its length has two octets.
pub const MESSAGE_BYTES_MAX: usize = 65_535;
/// Largest request read from UDP; what is cut off there does not decode.
pub const REQUEST_BYTES_MAX: usize = 4096;
/// TCP connections open at the same time. For a further one, the one that has been idle longest is closed.
pub const CONNECTIONS_MAX: usize = 256;
/// Those of one client (an IPv4 address, an IPv6 /64) among them.
pub const CONNECTIONS_OF_ONE_CLIENT_MAX: usize = 16;
/// How long a TCP connection may be silent (RFC 7766 6.2.3 asks for seconds).
pub const IDLE_MAX: Duration = Duration::from_secs(10);
/// How long a client may take to receive one message over TCP.
pub const SEND_MAX: Duration = Duration::from_secs(10);
/// Questions forwarded at the same time; further ones are answered with SERVFAIL.
pub const FORWARDED_MAX: usize = 1024;
/// Those of one client (an IPv4 address, an IPv6 /64) among them.
pub const FORWARDED_OF_ONE_CLIENT_MAX: usize = 64;
/// Those of all clients of this machine, where a resolver may stand that asks for many hosts.
pub const FORWARDED_OF_LOOPBACK_MAX: usize = 768;
/// How long forwarding one question may take over all servers and tries.
pub const FORWARD_MAX: Duration = Duration::from_secs(4);
/// How long one server may take.
pub const UPSTREAM_MAX: Duration = Duration::from_millis(1500);
/// Forwarded answers kept.
pub const CACHED_ANSWERS_MAX: u64 = 8192;
/// Server lists with a cache of their own, kept at the same time.
pub const RESOLVERS_MAX: usize = 64;
/// Bytes of one message of a zone transfer, about: small enough to compress names well, large enough to be few.
pub const TRANSFER_MESSAGE_BYTES: usize = 16 << 10;
/// Zone transfers at the same time; further ones are refused.
pub const TRANSFERS_MAX: usize = 8;
/// Messages of a transfer made before they are sent.
pub const TRANSFER_AHEAD_MAX: usize = 2;
/// How long a transfer may take in all.
pub const TRANSFER_MAX: Duration = Duration::from_secs(600);
/// How often a secondary is told of a change before it is left to its refresh time.
pub const NOTIFY_TRIES_MAX: u32 = 5;
/// How long a secondary may take to confirm that it was told.
pub const NOTIFY_WAIT: Duration = Duration::from_secs(2);
/// Zones a secondary is told of at the same time.
pub const NOTIFY_ZONES_MAX: usize = 16;
/// Answers over UDP that the clients of one network (an IPv4 /24, an IPv6 /56) get in a second, unless configured.
pub const ANSWERS_PER_SECOND: u32 = 2000;
/// Counters of such networks; those that fall on the same one share it.
pub const RATE_COUNTERS: usize = 1 << 16;
