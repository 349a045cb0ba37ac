//! `/v1/ip-addresses`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire as _;
use regent_core::command::Command;
use regent_core::command::static_ip_address::StaticIpAddressPatch;
use regent_core::id::{InterfaceId, SubnetId, UserId};
use regent_core::model::static_ip_address::{AllocType, StaticIpAddress};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Ip addresses over HTTP.
pub struct IpAddresses;

impl Resource for IpAddresses {
    type Stored = StaticIpAddress;
    type Draft = StaticIpAddressPatch;
    const PATH: &'static str = "ip-addresses";
    const SINGULAR: &'static str = "ip-address";
    const ABOUT: &'static str = "An IP address somebody has, or will have.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(ip: Option<IpAddr>, "The address; none while it is only a wish."),
        field!(required alloc_type: AllocType, "How it came to be, in MAAS's numbers: 0 auto, 1 sticky, 4 reserved by a user, 5 DHCP, 6 discovered."),
        Field::<Self>::shown::<String>("alloc_type_name", "The same in words.", |_, _, row| {
            alloc_type_name(row.value.alloc_type).into()
        }),
        field!(subnet: Option<SubnetId>, "The subnet it is on."),
        field!(interfaces: BTreeSet<InterfaceId>, "The interfaces that have it."),
        field!(user: Option<UserId>, "Whose it is, if a user reserved it."),
        field!(lease_time: u32, "Seconds a lease runs; 0 if it is none."),
        field!(comment: String, "Free text for people."),
        Field::<Self>::shown::<Option<u64>>(
            "temp_expires_on",
            "Cluster time in milliseconds at which it is given up unless confirmed.",
            |_, _, row| row.value.temp_expires_on.show(),
        ),
    ];

    edits!(Command::StaticIpAddress, |draft| {
        let alloc_type = draft.alloc_type.ok_or_else(|| missing("alloc_type"))?;
        Ok(StaticIpAddress::new(alloc_type, None, None))
    });
}

/// How an address came to be, in MAAS's words.
const fn alloc_type_name(alloc_type: AllocType) -> &'static str {
    match alloc_type {
        AllocType::Auto => "Automatic",
        AllocType::Sticky => "Sticky",
        AllocType::UserReserved => "User reserved",
        AllocType::Dhcp => "DHCP",
        AllocType::Discovered => "Observed",
    }
}
