//! What is found of addresses and clients, in words. Lengths of time count from the state that was asked.

use crate::duration;
use crate::http::nouns::vlans::label;
use regent_core::id::{InterfaceId, NodeId, VlanId};
use regent_core::lease::binding::{Client, Held};
use regent_core::lease::refusal::Refusal;
use regent_core::model::interface::Interface;
use regent_core::model::ip_range::IpRange;
use regent_core::model::lease::Lease;
use regent_core::model::node::Node;
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use regent_core::query::lease_why::address::AddressAnswer;
use regent_core::query::lease_why::client::{Claim, ClientAnswer};
use regent_core::query::lease_why::fact::Fact;
use regent_core::state::State;
use regent_core::time::ClusterTime;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::time::Duration;

/// One reason: a stable code, words, and when it passes.
struct Reason(&'static str, String, Option<ClusterTime>);

/// What is found of an address.
pub(in crate::http::lease_why) fn of_address(state: &State, answer: &AddressAnswer) -> Value {
    let address = answer.address;
    let summary = match answer.to_anybody {
        Ok(server) => {
            format!("{address} would go to a new client now, through {}", rack(state, server.rack))
        }
        Err(refusal) => format!("{address} goes to no new client: {}", because(state, refusal).1),
    };
    let reasons = answer.facts.iter().map(|fact| reason(state, address, fact));
    told(state, address.to_string(), summary, reasons.collect())
}

/// What is found of a client on a VLAN.
pub(in crate::http::lease_why) fn of_client(state: &State, answer: &ClientAnswer) -> Value {
    let about = format!("{} on VLAN {}", answer.mac_address, vlan(state, answer.vlan));
    let summary = match answer.gets {
        Some((address, claim, server)) => {
            let which = match claim {
                Claim::Kept => format!("{address}, which is kept for it"),
                Claim::Had => format!("{address}, which it had last"),
                Claim::New => format!("a new address, {address} or another one"),
            };
            format!("{about} gets {which}, through {}", rack(state, server.rack))
        }
        None => format!("{about} gets nothing: {}", nothing_because(answer)),
    };
    let nowhere = IpAddr::from([0, 0, 0, 0]);
    let facts = answer.facts.iter().map(|fact| reason(state, nowhere, fact));
    let misses = answer.misses.iter().map(|(address, claim, refusal)| {
        let Reason(code, why, until) = because(state, *refusal);
        let what = match claim {
            Claim::Kept => "is kept for it, and it does not get it",
            Claim::Had | Claim::New => "was its own, and it does not get it",
        };
        Reason(code, format!("{address} {what}: {why}"), until)
    });
    let reasons = facts.chain(misses).collect();
    told(state, about, summary, reasons)
}

/// That nobody knows where a client is.
pub(in crate::http::lease_why) fn of_unknown(mac_address: MacAddr) -> Value {
    let summary = format!(
        "nobody knows on which VLAN {mac_address} is: no interface, reservation or lease has it. Where a VLAN is served and has \
         a free address, it gets one"
    );
    json!({ "about": mac_address.to_string(), "summary": summary, "reasons": [] })
}

fn told(state: &State, about: String, summary: String, reasons: Vec<Reason>) -> Value {
    let now = state.meta().now;
    let reasons = reasons.into_iter().map(|Reason(code, text, until)| {
        let until = until.filter(|until| *until != ClusterTime::NEVER);
        let remaining = until.map(|until| now.until(until).0);
        json!({ "code": code, "text": text, "until": until, "remaining_ms": remaining })
    });
    let reasons: Vec<Value> = reasons.collect();
    json!({ "about": about, "summary": summary, "reasons": reasons })
}

/// Why a client gets nothing at all.
fn nothing_because(answer: &ClientAnswer) -> &'static str {
    let is_served = answer.facts.iter().any(|fact| matches!(fact, Fact::ServedBy { .. }));
    match (is_served, answer.has_pool) {
        (false, _) => "nobody serves DHCP on the VLAN",
        (true, false) => "no subnet of the VLAN has a dynamic range",
        (true, true) => {
            "no dynamic address of the VLAN can be given now: each is taken, rests, or lies in a block of a rack"
        }
    }
}

/// Why the region says no.
fn because(state: &State, refusal: Refusal) -> Reason {
    let left = |until| left(state, until);
    match refusal {
        Refusal::Owned { until: ClusterTime::NEVER } => {
            Reason("owned", "another client has it for good, until an admin ends that".into(), None)
        }
        Refusal::Owned { until } => Reason(
            "owned",
            format!("another client has it for {}, unless it is renewed", left(until)),
            Some(until),
        ),
        Refusal::Resting { until } => Reason(
            "resting",
            format!("it rests for {}: whoever had it may not have heard yet that it is over", left(until)),
            Some(until),
        ),
        Refusal::Ended { until } => Reason(
            "ended",
            format!("an admin ended the client's lease; it rests for {}", left(until)),
            Some(until),
        ),
        Refusal::Declined { until: ClusterTime::NEVER } => Reason(
            "declined",
            "its client has it for good, and somebody else was found to use it: an admin has to look".into(),
            None,
        ),
        Refusal::Declined { until } => Reason(
            "declined",
            format!("somebody unknown was found to use it; it is tried again in {}", left(until)),
            Some(until),
        ),
        Refusal::InBlock { server, until } => Reason(
            "in_block",
            format!("{} may give it without asking, for {}", rack(state, server.rack), left(until)),
            Some(until),
        ),
        Refusal::Reserved => Reason("reserved", "it is kept for somebody else".into(), None),
        Refusal::Closed { until } => Reason(
            "closed",
            format!(
                "another DHCP server may have given it: only who has it from there gets it, for {} unless that \
                 server is heard again",
                left(until)
            ),
            Some(until),
        ),
        Refusal::Quarantined { until } => Reason(
            "quarantined",
            format!("after the restore nothing goes to anybody new, for {} at most", left(until)),
            Some(until),
        ),
        Refusal::NotGiven => Reason(
            "not_given",
            "it lies in no dynamic range, and is not kept for the client".into(),
            None,
        ),
        Refusal::NotServing => Reason(
            "not_serving",
            "no rack that was ever connected serves it: DHCP is off on its VLAN, or no subnet has it".into(),
            None,
        ),
        Refusal::Outdated { .. }
        | Refusal::Late { .. }
        | Refusal::NotOwner
        | Refusal::RenewedSince { .. }
        | Refusal::NotDelegated
        | Refusal::NoBlock
        | Refusal::NotAllTold
        | Refusal::TooManyDeclines { .. }
        | Refusal::Life => Reason("refused", refusal.to_string(), None),
    }
}

/// One finding.
fn reason(state: &State, address: IpAddr, fact: &Fact) -> Reason {
    let left = |until: &ClusterTime| left(state, *until);
    match fact {
        Fact::NoSubnet => Reason("no_subnet", "no subnet of the site has it".into(), None),
        Fact::OnSubnet { subnet, vlan: on } => {
            let cidr = state.get::<Subnet>(subnet).map(|row| row.value.cidr.to_string());
            let cidr = cidr.unwrap_or_default();
            Reason(
                "on_subnet",
                format!("it is of subnet {cidr} on VLAN {}", vlan(state, *on)),
                None,
            )
        }
        Fact::NotServed { vlan: on } => {
            Reason("not_served", format!("nobody serves DHCP on VLAN {}", vlan(state, *on)), None)
        }
        Fact::ServedBy { vlan: on, racks } => {
            let racks: Vec<_> = racks.iter().map(|id| rack(state, *id)).collect();
            let text = format!("VLAN {} is served by {}", vlan(state, *on), racks.join(" and "));
            Reason("served_by", text, None)
        }
        Fact::NeverSeen { rack: id } => {
            Reason("never_seen", format!("{} has never had a session", rack(state, *id)), None)
        }
        Fact::ForeignServer { vlan: on, server } => {
            let text = format!("{server}, which is not ours, answers on VLAN {}", vlan(state, *on));
            Reason("foreign_server", text, None)
        }
        Fact::InDynamicRange { range } => {
            let range = state.get::<IpRange>(range).map(|row| range_text(&row.value));
            let text = format!(
                "DHCP gives it: it lies in the dynamic range {}",
                range.unwrap_or_default()
            );
            Reason("in_dynamic_range", text, None)
        }
        Fact::InReservedRange { range } => {
            let range = state.get::<IpRange>(range).map(|row| range_text(&row.value));
            let text = format!("the reserved range {} sets it aside", range.unwrap_or_default());
            Reason("in_reserved_range", text, None)
        }
        Fact::InNoRange => Reason(
            "in_no_range",
            "it lies in no dynamic range: DHCP gives it only to whom it is kept for".into(),
            None,
        ),
        Fact::ReservedFor { mac_address } => {
            Reason("reserved_for", format!("it is reserved for {mac_address}"), None)
        }
        Fact::RecordedFor { interfaces, .. } => {
            Reason("recorded_for", recorded_text(state, interfaces), None)
        }
        Fact::Quarantined { until } => because(state, Refusal::Quarantined { until: *until }),
        Fact::InBlock { rack: id, until, rests_until } => {
            let (rack, still) = (rack(state, *id), left(until));
            let text = format!(
                "{rack} may give it to whom it likes without asking, for {still} unless it goes on; others may {} from now",
                left(rests_until)
            );
            Reason("in_block", text, Some(*rests_until))
        }
        Fact::HeldBy { client, rack: by, until, .. } => {
            let through = by.map(|id| format!(" through {}", rack(state, id))).unwrap_or_default();
            let who = client_text(state, address, client);
            let how_long = match *until {
                ClusterTime::NEVER => {
                    "for good: it is from before DHCP, and never asks for more time. Only an admin who knows that it is off \
                     ends that, whether the address is kept for it still or not"
                        .to_owned()
                }
                _ => format!("for {} unless it is renewed", left(until)),
            };
            Reason("held_by", format!("{who} has it{through}, {how_long}"), Some(*until))
        }
        Fact::LastHeldBy { client, held, until } => {
            let who = client.as_ref().map(|client| client_text(state, address, client));
            Reason("last_held_by", last_text(who, *held), Some(*until))
        }
        Fact::RenewableBy { rack: id, until } => {
            let text = format!(
                "should {} be cut off, it may renew it for that client for {}",
                rack(state, *id),
                left(until)
            );
            Reason("renewable_by", text, Some(*until))
        }
        Fact::PromisedElsewhere { until } => Reason(
            "promised_elsewhere",
            format!("a server that is not ours may have promised it, for {}", left(until)),
            Some(*until),
        ),
        Fact::RestsUntil { until: ClusterTime::NEVER } => {
            Reason("rests_until", "as things stand nobody else ever gets it".into(), None)
        }
        Fact::RestsUntil { until } => Reason(
            "rests_until",
            format!("as things stand nobody else gets it for {}, guard included", left(until)),
            Some(*until),
        ),
    }
}

fn last_text(who: Option<String>, held: Held) -> String {
    let who = who.unwrap_or_else(|| "nobody known".into());
    match held {
        Held::Bound | Held::Expired => format!("{who} had it last, until its lease ran out"),
        Held::Released => format!("{who} had it last, and gave it back"),
        Held::Ended => format!("{who} had it last, until an admin ended the lease"),
        Held::Declined => format!("it was found in use by somebody unknown; {who} had it before"),
    }
}

/// Who has an address that is recorded: by the names of nodes, as far as interfaces have one.
fn recorded_text(state: &State, interfaces: &[InterfaceId]) -> String {
    let named = interfaces.iter().filter_map(|id| {
        let card = &state.get::<Interface>(id)?.value;
        let node = card.node.and_then(|node| state.get::<Node>(&node));
        let node = node.map(|row| row.value.hostname.to_string());
        Some(format!("{} of {}", card.name, node.unwrap_or_else(|| "nobody known".into())))
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        return "it is recorded as in use, by no interface".into();
    }
    format!("it is recorded as that of {}", named.join(" and "))
}

/// A client, with what it calls itself if it is the one of this address.
fn client_text(state: &State, address: IpAddr, client: &Client) -> String {
    let lease = state.get::<Lease>(&address).map(|row| &row.value);
    let called = lease.filter(|lease| lease.binding.owner.as_ref() == Some(client));
    match called.map(|lease| lease.hostname.as_str()).filter(|name| !name.is_empty()) {
        Some(name) => format!("{client} ({name:?})"),
        None => client.to_string(),
    }
}

fn range_text(range: &IpRange) -> String {
    format!("{} to {}", range.start_ip, range.end_ip)
}

fn vlan(state: &State, id: VlanId) -> String {
    state.get::<Vlan>(&id).map_or_else(|| id.to_string(), |row| label(state, &row.value))
}

fn rack(state: &State, id: NodeId) -> String {
    let name = state.get::<Node>(&id).map(|row| row.value.hostname.to_string());
    name.map_or_else(|| format!("rack {id}, which is gone,"), |name| format!("rack {name}"))
}

/// How long it is until then.
fn left(state: &State, until: ClusterTime) -> String {
    let millis = state.meta().now.until(until).0;
    if millis == 0 { "no time".into() } else { duration::tell(Duration::from_millis(millis)) }
}
