//! Network interfaces and the packets on them: what comes in at port 67, replies, and trials of addresses.
//!
//! Talks to the rest of the agent in events of [`duty`](crate::duty) and does what its effects ask for. Knows nothing
//! of what is in a packet beyond what it takes to address the reply.
//!
//! Requests come through ordinary UDP sockets, one bound to each interface. Replies to a client that has no address
//! yet go out as whole frames through an AF_PACKET socket, since the kernel would first ask the network for the owner
//! of the address; replies to relays and to clients that have one go as whole IP datagrams, for which the kernel
//! looks up the route. All of that needs CAP_NET_RAW, and port 67 CAP_NET_BIND_SERVICE.
//!
//! Files, lowest first: [`checksum`], [`frame`], [`arp`], [`echo`], [`counts`], [`interface`]; [`port`], [`ports`],
//! [`routed`], [`listener`], [`trial`], [`delivery`]; [`probing`], [`searching`], [`watching`]; [`kernel`], [`test_wire`]; [`wires`].

pub mod arp;
pub mod checksum;
pub mod counts;
pub mod delivery;
pub mod echo;
pub mod frame;
pub mod interface;
pub mod kernel;
pub mod listener;
pub mod port;
pub mod ports;
pub mod probing;
pub mod routed;
pub mod searching;
pub mod test_wire;
pub mod trial;
pub mod watching;
pub mod wires;
