//! `/v1/ip-ranges`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::ip_range::IpRangePatch;
use regent_core::id::{SubnetId, UserId};
use regent_core::model::ip_range::{IpRange, IpRangeType};
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
