//! What bears on whether an address is given: one finding each, for whoever asks why. What they are called in words is said
//! elsewhere.

use crate::id::{InterfaceId, IpRangeId, NodeId, StaticIpAddressId, SubnetId, VlanId};
use crate::lease::binding::{Client, Held};
use crate::net::mac::MacAddr;
use crate::time::ClusterTime;
use std::net::IpAddr;

/// One finding. Times are of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// No subnet of the site has the address.
    NoSubnet,
    /// The subnet whose DHCP it belongs to, and its VLAN.
    OnSubnet {
        /// The subnet.
        subnet: SubnetId,
        /// The VLAN.
        vlan: VlanId,
    },
    /// Nobody serves DHCP on the VLAN.
    NotServed {
        /// The VLAN.
        vlan: VlanId,
    },
    /// These racks serve DHCP on the VLAN, the one that answers first at the front.
    ServedBy {
        /// The VLAN.
        vlan: VlanId,
        /// The racks.
        racks: Vec<NodeId>,
    },
    /// Of the racks that serve the VLAN, this one never had a session.
    NeverSeen {
        /// The rack.
        rack: NodeId,
    },
    /// A DHCP server that is not ours was seen on the VLAN.
    ForeignServer {
        /// The VLAN.
        vlan: VlanId,
        /// The server.
        server: IpAddr,
    },
    /// DHCP gives the addresses of this range to anybody.
    InDynamicRange {
        /// The range.
        range: IpRangeId,
    },
    /// This range is set aside.
    InReservedRange {
        /// The range.
        range: IpRangeId,
    },
    /// It lies in no range: DHCP gives it to nobody it is not kept for.
    InNoRange,
    /// It is kept for this client.
    ReservedFor {
        /// The client's hardware address.
        mac_address: MacAddr,
    },
    /// Somebody has it who need not ask DHCP.
    RecordedFor {
        /// The record.
        address: StaticIpAddressId,
        /// The interfaces that have it.
        interfaces: Vec<InterfaceId>,
    },
    /// After a restore, nothing goes to anybody new.
    Quarantined {
        /// Until then at the latest.
        until: ClusterTime,
    },
    /// A rack may give it to whom it likes, without asking.
    InBlock {
        /// The rack.
        rack: NodeId,
        /// Until then, unless the rack goes on with the block.
        until: ClusterTime,
        /// Until then it is given by nobody else.
        rests_until: ClusterTime,
    },
    /// A client has it.
    HeldBy {
        /// The client.
        client: Client,
        /// The rack that gave it last.
        rack: Option<NodeId>,
        /// Since then.
        since: ClusterTime,
        /// Until then, unless it is renewed.
        until: ClusterTime,
    },
    /// Nobody has it any more by what is recorded; this is what became of it last.
    LastHeldBy {
        /// The client that had it.
        client: Option<Client>,
        /// What became of it.
        held: Held,
        /// When the client has, or had, to have let go.
        until: ClusterTime,
    },
    /// This rack may renew it for that client without asking.
    RenewableBy {
        /// The rack.
        rack: NodeId,
        /// Until then.
        until: ClusterTime,
    },
    /// A server that is not ours may have promised it to somebody.
    PromisedElsewhere {
        /// Until then.
        until: ClusterTime,
    },
    /// As things stand it goes to nobody else before that: every right to it is over then, and the guard.
    RestsUntil {
        /// The moment.
        until: ClusterTime,
    },
}
