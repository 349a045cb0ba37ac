//! Commands about IP ranges.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{IpRangeId, SubnetId, UserId};
use crate::model::ip_range::{IpRange, IpRangeType};
use std::net::IpAddr;

/// A change of the IP ranges.
pub type IpRangeCommand = Edit<IpRange, IpRangePatch, IpRangeId>;

patch! {
    /// Changed fields of an IP range.
    IpRangePatch of IpRange {
        /// The subnet it lies in.
        subnet: SubnetId,
        /// What it is for.
        range_type: IpRangeType,
        /// Its first address.
        start_ip: IpAddr,
        /// Its last address.
        end_ip: IpAddr,
        /// Who made it.
        user: Option<UserId>,
        /// Free text for people.
        comment: String,
    }
}
