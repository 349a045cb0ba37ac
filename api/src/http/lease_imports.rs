//! `/v1/lease-imports`: leases of another DHCP server come in, some at a time, for racks of ours to go on with. A request may
//! be repeated: what it brings is recorded as it was, unless a rack has given the address since.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::problem::Problem;
use crate::http::route::{Route, Verb, named};
use crate::http::write::Asked;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use regent_core::command::Command;
use regent_core::command::lease::{
    FOREIGN_LEASES_MAX, ForeignHolder, ForeignLease, ForeignLeases, LeaseCommand,
};
use regent_core::command::rack::ClientFacts;
use regent_core::lease::binding::Client;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::{ForeignAnswer, Outcome};
use regent_core::time::{Millis, WallTime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::ToSchema;

/// Leases of another DHCP server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseImport {
    /// The last moment that server wrote down, by its own clock, in milliseconds since 1970.
    pub as_of_ms: i64,
    /// The longest lease it gives, in seconds.
    pub longest_lease_s: u64,
    /// Its leases, at most 256.
    pub leases: Vec<LeaseToImport>,
}

/// A lease of another DHCP server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseToImport {
    /// The address.
    pub ip: String,
    /// The client's hardware address, if it has one.
    #[serde(default)]
    pub mac_address: Option<String>,
    /// The client's identifier in hex.
    #[serde(default)]
    pub client_id: String,
    /// The host name the client sent.
    #[serde(default)]
    pub hostname: String,
    /// For how many milliseconds the client still has the address; absent if somebody unknown was found to use it.
    #[serde(default)]
    pub remaining_ms: Option<u64>,
}

/// What became of the leases.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LeaseImported {
    /// The revision at which they are recorded.
    pub revision: u64,
    /// What became of each, in order: `recorded`, `no_subnet`, `not_given` (by DHCP, to anybody), `ours_since` (a rack gave
    /// the address since, or may have), `older` (a later copy has come in before).
    pub results: Vec<String>,
}

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Records leases of another DHCP server, for racks to go on with. The dynamic ranges of their subnets are \
                 closed to other clients for a while: `pending_until` of a subnet tells until when.";
    vec![
        Route::new(Verb::Post, "/v1/lease-imports", "importLeases", import)
            .about("imports", about)
            .takes([DRY_RUN_PARAMETER])
            .sends(named("LeaseImport"))
            .answers(200, named("LeaseImported")),
    ]
}

async fn import(
    State(context): State<Context>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let LeaseImport { as_of_ms, longest_lease_s, leases } = body.read()?;
    if leases.len() > FOREIGN_LEASES_MAX {
        let reason = format!("{} leases, {FOREIGN_LEASES_MAX} are possible", leases.len());
        return Err(Problem::invalid("/leases", reason));
    }
    let leases = leases.iter().zip(0_usize..).map(|(lease, place)| read(lease, place));
    let leases = leases.collect::<Result<_, _>>()?;
    let (as_of, longest) = (WallTime(as_of_ms), Millis::from_secs(longest_lease_s));
    let command = Command::Lease(LeaseCommand::Import(ForeignLeases { as_of, longest, leases }));
    let written = asked.propose(&context, &body, Vec::new(), command).await?;
    let answers = match &written.reply.result {
        Ok(Outcome::ForeignLeases(answers)) => answers.as_slice(),
        Ok(_) | Err(_) => &[],
    };
    let results = answers.iter().map(|answer| word(*answer).to_owned()).collect();
    let revision = written.reply.revision.0;
    Ok(answer::stamp(Json(LeaseImported { revision, results }).into_response(), &written))
}

fn read(lease: &LeaseToImport, place: usize) -> Result<ForeignLease, Problem> {
    let at = |field: &str| format!("/leases/{place}/{field}");
    let address: IpAddr =
        lease.ip.parse().map_err(|_| Problem::invalid(&at("ip"), "wants an IP address"))?;
    let Some(remaining) = lease.remaining_ms else {
        return Ok(ForeignLease { address, holder: None });
    };
    let card = lease.mac_address.as_deref().map(str::parse::<MacAddr>).transpose();
    let card = card.map_err(|error| Problem::invalid(&at("mac_address"), error.to_string()))?;
    let client_id = octets(&lease.client_id)
        .ok_or_else(|| Problem::invalid(&at("client_id"), "wants an even number of hex digits"))?;
    let client = match card {
        Some(card) => Client::Card(card),
        None if client_id.is_empty() => {
            let reason = "wants a hardware address, or a client identifier";
            return Err(Problem::invalid(&at("mac_address"), reason));
        }
        None => Client::Identifier(client_id.clone()),
    };
    let facts = ClientFacts { client_id, hostname: lease.hostname.clone() };
    let holder = ForeignHolder { client, facts, remaining: Millis(remaining) };
    Ok(ForeignLease { address, holder: Some(holder) })
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let octet = |pair: &[u8; 2]| {
        let plain = pair.iter().all(u8::is_ascii_hexdigit);
        let digits = std::str::from_utf8(pair).ok().filter(|_| plain)?;
        u8::from_str_radix(digits, 16).ok()
    };
    let octets = pairs.iter().map(octet).collect::<Option<_>>();
    octets.filter(|_| rest.is_empty())
}

const fn word(answer: ForeignAnswer) -> &'static str {
    match answer {
        ForeignAnswer::Recorded => "recorded",
        ForeignAnswer::NoSubnet => "no_subnet",
        ForeignAnswer::NotGiven => "not_given",
        ForeignAnswer::OursSince => "ours_since",
        ForeignAnswer::Older => "older",
    }
}
