//! `/v1/leases`: DHCP leases as recorded; racks write them.

use crate::http::nouns::edits::no_edits;
use crate::http::resource::{Field, Resource};
use crate::http::wire::Wire;
use regent_core::lease::binding::Held;
use regent_core::model::lease::Lease;
use std::net::IpAddr;

/// Leases over HTTP.
pub struct Leases;

impl Resource for Leases {
    type Stored = Lease;
    type Draft = ();
    const PATH: &'static str = "leases";
    const SINGULAR: &'static str = "lease";
    const ABOUT: &'static str = "The binding of an address to a DHCP client.";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::shown::<IpAddr>("ip", "The address.", |_, ip, _| ip.show()),
        Field::<Self>::shown::<String>("state", "Where in its life it is.", |_, _, row| {
            word(row.value.binding.held).into()
        }),
        Field::<Self>::shown::<Option<String>>(
            "mac_address",
            "The client's hardware address, if it has one.",
            |_, _, row| row.value.mac_address().show(),
        ),
        Field::<Self>::shown::<String>(
            "client_id",
            "The client's identifier in hex.",
            |_, _, row| {
                let hex = row.value.client_id.iter().map(|byte| format!("{byte:02x}"));
                hex.collect::<String>().into()
            },
        ),
        Field::<Self>::shown::<String>(
            "hostname",
            "The host name the client sent.",
            |_, _, row| row.value.hostname.show(),
        ),
        Field::<Self>::shown::<Option<u32>>(
            "subnet",
            "The subnet it was given on.",
            |_, _, row| row.value.subnet.show(),
        ),
        Field::<Self>::shown::<Option<u32>>("rack", "The rack that gave it.", |_, _, row| {
            row.value.rack.show()
        }),
        Field::<Self>::shown::<u64>(
            "start",
            "Cluster time in milliseconds of its beginning.",
            |_, _, row| row.value.start.show(),
        ),
        Field::<Self>::shown::<u64>(
            "expires",
            "Cluster time in milliseconds of its end.",
            |_, _, row| row.value.binding.expires.show(),
        ),
        Field::<Self>::shown::<u64>("remaining_ms", "Milliseconds until then.", |state, _, row| {
            state.meta().now.until(row.value.binding.expires).0.into()
        }),
    ];

    no_edits!();
}

const fn word(held: Held) -> &'static str {
    match held {
        Held::Bound => "bound",
        Held::Expired => "expired",
        Held::Released => "released",
        Held::Declined => "declined",
    }
}
