//! `/v1/reserved-ips`.

use crate::http::nouns::edits::missing;
use crate::http::problem::Problem;
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire as _;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::reserved_ip::ReservedIpPatch;
use regent_core::id::{ReservedIpId, SubnetId};
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::net::mac::MacAddr;
use regent_core::query::reservation::{reservation_pending_until, reservation_waits};
use regent_core::time::ClusterTime;
use std::net::IpAddr;

/// Reserved IPs over HTTP.
pub struct ReservedIps;

/// A reserved IP being asked for.
#[derive(Default)]
pub struct ReservedIpDraft {
    subnet: Option<SubnetId>,
    ip: Option<IpAddr>,
    mac_address: Option<MacAddr>,
    comment: Option<String>,
}

impl Resource for ReservedIps {
    type Stored = ReservedIp;
    type Draft = ReservedIpDraft;
    const PATH: &'static str = "reserved-ips";
    const SINGULAR: &'static str = "reserved-ip";
    const ABOUT: &'static str = "A reserved IP: the address a MAC address gets by DHCP, always.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(needed_once subnet: SubnetId, "The subnet the address lies in."),
        field!(needed_once ip: IpAddr, "The address; reserved once."),
        field!(needed_once mac_address: MacAddr, "Whose it is; once a subnet."),
        field!(comment: String, "Free text for people."),
        Field::<Self>::shown::<bool>(
            "pending",
            "Whether its client has to wait, because somebody else has the address or may still count on it; `lease why` tells who.",
            |state, _, row| reservation_waits(state, &row.value).is_some().show(),
        ),
        Field::<Self>::shown::<Option<ClusterTime>>(
            "pending_until",
            "Cluster time in milliseconds when that ends, unless who has the address renews; null if it does not end by itself.",
            |state, _, row| reservation_pending_until(state, &row.value).show(),
        ),
        Field::<Self>::shown::<Option<u64>>(
            "pending_ms",
            "Milliseconds until then.",
            |state, _, row| {
                let until = reservation_pending_until(state, &row.value);
                until.map(|until| state.meta().now.until(until).0).show()
            },
        ),
    ];

    fn to_create(draft: ReservedIpDraft) -> Result<Command, Problem> {
        Ok(Command::ReservedIp(Edit::Create(ReservedIp {
            subnet: draft.subnet.ok_or_else(|| missing("subnet"))?,
            ip: draft.ip.ok_or_else(|| missing("ip"))?,
            mac_address: draft.mac_address.ok_or_else(|| missing("mac_address"))?,
            comment: draft.comment.unwrap_or_default(),
        })))
    }

    fn to_update(id: ReservedIpId, draft: ReservedIpDraft) -> Result<Command, Problem> {
        let patch = ReservedIpPatch { comment: draft.comment };
        Ok(Command::ReservedIp(Edit::Update { id, patch }))
    }

    fn to_delete(id: ReservedIpId) -> Result<Command, Problem> {
        Ok(Command::ReservedIp(Edit::Delete { id }))
    }
}
