//! Addresses in use or set aside.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{
    IpRangeId, ReservedIpId, StaticIpAddressId, SubnetId, UserId,
};
use crate::cli::import::value::MacAddr;
use regent_core::time::WallTime;
use std::net::IpAddr;

record! {
    /// An address of any kind, leases included.
    StaticIpAddress in "maasserver_staticipaddress" by "id" {
        id: StaticIpAddressId,
        /// For a lease, when it began.
        created: WallTime,
        updated: WallTime,
        ip: Option<IpAddr>,
        /// 0 auto, 1 sticky, 4 user-reserved, 5 DHCP, 6 discovered.
        alloc_type: i64,
        subnet_id: Option<SubnetId>,
        user_id: Option<UserId>,
        /// In seconds; 0 is no lease.
        lease_time: i64,
        temp_expires_on: Option<WallTime>,
    }
}

record! {
    /// A range that is dynamic (for DHCP) or reserved (not to be touched).
    IpRange in "maasserver_iprange" by "id" {
        id: IpRangeId,
        created: WallTime,
        updated: WallTime,
        subnet_id: SubnetId,
        /// `dynamic` or `reserved`.
        kind: String as "type",
        start_ip: IpAddr,
        end_ip: IpAddr,
        user_id: Option<UserId>,
        comment: Option<String>,
    }
}

record! {
    /// An address kept for one MAC (from 3.6 on).
    ReservedIp in "maasserver_reservedip" by "id" {
        id: ReservedIpId,
        created: WallTime,
        updated: WallTime,
        subnet_id: SubnetId,
        ip: IpAddr,
        mac_address: MacAddr,
        comment: Option<String>,
    }
}
