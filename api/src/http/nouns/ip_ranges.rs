//! `/v1/ip-ranges`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::ip_range::IpRangePatch;
use regent_core::id::{IpRangeId, SubnetId, UserId};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::query::network::subnet_of;
use regent_core::state::State;
use std::net::IpAddr;

/// Ip ranges over HTTP.
pub struct IpRanges;

impl Resource for IpRanges {
    type Stored = IpRange;
    type Draft = IpRangePatch;
    const PATH: &'static str = "ip-ranges";
    const SINGULAR: &'static str = "ip-range";
    const ABOUT: &'static str = "A range of addresses of a subnet that is set aside.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required subnet: SubnetId, "The subnet it lies in."),
        field!(required range_type as "type": IpRangeType, "What it is set aside for."),
        field!(required start_ip: IpAddr, "Its first address."),
        field!(required end_ip: IpAddr, "Its last address."),
        field!(user: Option<UserId>, "Who made it."),
        field!(comment: String, "Free text for people."),
    ];

    fn named(state: &State, name: &str) -> Option<IpRangeId> {
        let first: IpAddr = name.parse().ok()?;
        let (subnet, _) = subnet_of(state, first)?;
        let starts = &state.indexes().ranges_by_start;
        let of_type = |range_type| starts.first_under(&(subnet, range_type, first));
        [IpRangeType::Dynamic, IpRangeType::Reserved].into_iter().find_map(of_type).copied()
    }

    edits!(Command::IpRange, |draft| {
        Ok(IpRange {
            subnet: draft.subnet.ok_or_else(|| missing("subnet"))?,
            range_type: draft.range_type.ok_or_else(|| missing("type"))?,
            start_ip: draft.start_ip.ok_or_else(|| missing("start_ip"))?,
            end_ip: draft.end_ip.ok_or_else(|| missing("end_ip"))?,
            user: None,
            comment: String::new(),
        })
    });
}
