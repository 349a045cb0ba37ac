//! `/v1/leases`: DHCP leases as recorded; racks write them.

use crate::http::nouns::edits::no_edits;
use crate::http::resource::{Field, Resource};
use crate::http::wire::Wire;
use regent_core::lease::binding::{Held, Tenure};
use regent_core::model::lease::Lease;
use regent_core::model::subnet::Subnet;
use regent_core::state::State;
use regent_core::time::ClusterTime;
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
        Field::<Self>::shown::<String>(
            "state",
            "`bound`: its client has it. `expired`, `released`: its client had it, and may get it again; nobody else may \
             yet. `ended`: an admin took it from its client. `declined`: somebody unknown uses it. `past`: anybody may get it, it is only remembered who had it.",
            |_, _, row| word(&row.value).into(),
        ),
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
        Field::<Self>::shown::<Option<u32>>("vlan", "The VLAN of that subnet.", |state, _, row| {
            let subnet = row.value.subnet.and_then(|id| state.get::<Subnet>(&id));
            subnet.map(|row| row.value.vlan).show()
        }),
        Field::<Self>::shown::<Option<u32>>("rack", "The rack that gave it last.", |_, _, row| {
            row.value.rack.show()
        }),
        Field::<Self>::shown::<u64>(
            "start",
            "Cluster time in milliseconds of its beginning.",
            |_, _, row| row.value.start.show(),
        ),
        Field::<Self>::shown::<bool>(
            "for_good",
            "Whether its client, which is one from before DHCP (BOOTP), has it for good: nothing ends it but `release` of an \
             admin who knows that the client is gone.",
            |_, _, row| (row.value.binding.tenure() == Tenure::ForGood).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "expires",
            "Cluster time in milliseconds of its end; none if it is for good.",
            |_, _, row| moment(row.value.binding.expires).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "remaining_ms",
            "Milliseconds until then.",
            |state, _, row| until(state, row.value.binding.expires).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "rests_until",
            "Cluster time in milliseconds at which, as things stand, every right to it is over: no sooner may anybody else \
             get it. A rack that is cut off may renew it until shortly before then.",
            |_, _, row| moment(row.value.rests_until).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "rests_ms",
            "Milliseconds until then.",
            |state, _, row| until(state, row.value.rests_until).show(),
        ),
    ];

    no_edits!();
}

/// A moment that comes.
fn moment(time: ClusterTime) -> Option<ClusterTime> {
    Some(time).filter(|time| *time != ClusterTime::NEVER)
}

fn until(state: &State, time: ClusterTime) -> Option<u64> {
    moment(time).map(|time| state.meta().now.until(time).0)
}

/// The word for where in its life a lease is.
const fn word(lease: &Lease) -> &'static str {
    match lease.binding.held {
        _ if lease.is_past => "past",
        Held::Bound => "bound",
        Held::Expired => "expired",
        Held::Released => "released",
        Held::Declined => "declined",
        Held::Ended => "ended",
    }
}
