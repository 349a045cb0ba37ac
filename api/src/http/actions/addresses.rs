//! Addresses of a subnet: how many are free, and taking the next ones, each only once.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::consistency::{READ_PARAMETERS, parse_duration};
use crate::http::context::Context;
use crate::http::fields::Fields;
use crate::http::noun::Noun;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::ip_addresses::IpAddresses;
use crate::http::nouns::ip_ranges::IpRanges;
use crate::http::nouns::subnets::Subnets;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::{list_of, made, record, record_with};
use crate::http::route::{Route, Verb, named};
use crate::http::view::View;
use crate::http::wire::{Shape, Wire as _, either, large};
use crate::http::write::{Asked, Written};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::allocate_address::{AddressSource, AllocateAddress};
use regent_core::id::{InterfaceId, IpRangeId, SubnetId, UserId};
use regent_core::model::ip_range::IpRange;
use regent_core::model::pool_level::PoolLevel;
use regent_core::model::static_ip_address::AllocType;
use regent_core::object::{Key, TableKey};
use regent_core::outcome::{AllocatedAddress, Outcome};
use regent_core::query::dynamic_usage::{DynamicUsage, of_ranges};
use regent_core::query::subnet_usage::usage;
use regent_core::state::State as Root;
use regent_core::time::Millis;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// Figures of a subnet's usage.
const USAGE: [&str; 5] =
    ["total_addresses", "num_unavailable", "num_available", "largest_available", "usage_permille"];
/// Figures of dynamic addresses.
const DYNAMIC: [&str; 8] =
    ["addresses", "leased", "resting", "declined", "kept", "in_blocks", "free", "taken_permille"];

/// The schema of [`wish`].
#[must_use]
pub fn wish_shape() -> Shape {
    record_with(
        [],
        [
            ("count", u32::shape()),
            ("preferred", IpAddr::shape()),
            ("alloc_type", AllocType::shape()),
            ("user", UserId::shape()),
            ("comment", String::shape()),
            ("interface", InterfaceId::shape()),
            ("ttl", String::shape()),
        ],
    )
}

/// The routes.
pub fn routes() -> Vec<Route> {
    let from_subnet = |context: State<Context>, id: Path<String>, asked: Asked, body: Body| {
        allocate(&Subnets, of_subnet, (context, id, asked), body)
    };
    let from_range = |context: State<Context>, id: Path<String>, asked: Asked, body: Body| {
        allocate(&IpRanges, of_range, (context, id, asked), body)
    };
    let fields = "`count` (1), `preferred`, `alloc_type` (4), `user`, `comment`, `interface`, `ttl` as `10m`";
    let about = |of: &str| format!("Takes the next free addresses of {of}, all or none: {fields}.");
    let subnet =
        Route::new(Verb::Post, "/v1/subnets/{id}/allocations", "allocateFromSubnet", from_subnet)
            .about("subnets", about("a subnet"));
    let range =
        Route::new(Verb::Post, "/v1/ip-ranges/{id}/allocations", "allocateFromRange", from_range)
            .about("ip-ranges", about("a reserved range"));
    let usage =
        Route::new(Verb::Get, "/v1/subnets/{id}/utilization", "showUtilization", utilization)
            .about("subnets", "How full a subnet is, and its dynamic ranges: what of them is leased, rests, was declined, is kept, lies in blocks of racks, is free. `level` is told at 90 and 99 percent.")
            .takes(READ_PARAMETERS)
            .answers(200, usage_shape());
    let takes = |route: Route| {
        let route = route.takes([DRY_RUN_PARAMETER]).conditional();
        route.sends(named("Allocation")).answers(201, made(named("IpAddress")))
    };
    vec![takes(subnet), takes(range), usage]
}

fn usage_shape() -> Shape {
    let count = |name| (name, either(u64::shape(), String::shape()));
    let range = [("id", u32::shape()), ("start_ip", IpAddr::shape()), ("end_ip", IpAddr::shape())];
    let dynamic = record(DYNAMIC.map(count));
    let ranges = list_of(record(range.into_iter().chain(DYNAMIC.map(count))));
    let pools = [("dynamic", dynamic), ("level", Option::<String>::shape()), ("ranges", ranges)];
    record(USAGE.map(count).into_iter().chain(pools))
}

/// Takes addresses of what a path segment means, from the place its key is.
async fn allocate(
    noun: &'static dyn Noun,
    from: fn(&Key) -> Option<AddressSource>,
    (State(context), Path(segment), asked): (State<Context>, Path<String>, Asked),
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.object()?;
    let command = |key: &Key| {
        let from = from(key).expect("subnets and ranges are numbered");
        wish(from, fields).map(Command::AllocateAddress)
    };
    let written = act(noun, &context, &segment, &asked, &body, command).await?;
    Ok(reply(&written))
}

fn of_subnet(key: &Key) -> Option<AddressSource> {
    SubnetId::from_key(key).map(AddressSource::Subnet)
}

fn of_range(key: &Key) -> Option<AddressSource> {
    IpRangeId::from_key(key).map(AddressSource::Range)
}

/// What a client wishes for.
///
/// # Errors
/// [`Problem`] naming a wrong field.
pub fn wish(from: AddressSource, fields: Map<String, Value>) -> Result<AllocateAddress, Problem> {
    let mut fields = Fields(fields);
    let ttl = fields.take::<String>("ttl")?;
    let ttl = parse_duration("/ttl", ttl.as_deref())?;
    let millis = |ttl: std::time::Duration| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
    let wish = AllocateAddress {
        from,
        count: fields.take("count")?.unwrap_or(1),
        preferred: fields.take("preferred")?,
        alloc_type: fields.take("alloc_type")?.unwrap_or(AllocType::UserReserved),
        user: fields.take("user")?,
        comment: fields.take("comment")?.unwrap_or_default(),
        interface: fields.take("interface")?,
        expires_after: ttl.map(millis).map(Millis),
    };
    fields.finish()?;
    Ok(wish)
}

/// The addresses that were taken, as clients see them.
#[must_use]
pub fn taken(state: &Root, addresses: &[AllocatedAddress]) -> Value {
    let show = |taken: &AllocatedAddress| {
        let view = IpAddresses.view(state, &taken.object.key);
        let brief = || json!({ "id": taken.object.key.show(), "ip": taken.address.to_string() });
        view.map_or_else(brief, View::into_value)
    };
    addresses.iter().map(show).collect()
}

fn reply(written: &Written) -> Response {
    let items = match &written.reply.result {
        Ok(Outcome::Allocated(addresses)) => taken(&written.state, addresses),
        Ok(_) | Err(_) => json!([]),
    };
    let status = if written.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let mut body = json!({ "items": items, "revision": written.reply.revision });
    if written.pending_here() {
        body["pending_here"] = true.into();
    }
    answer::stamp(answer::json_of(status, &body), written)
}

async fn utilization(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let read = asked.read_parameters()?;
    let published = read.load(&context).await?;
    let found = Subnets.find(&published.state, &segment);
    let subnet = found.and_then(|key| SubnetId::from_key(&key));
    let found = subnet.and_then(|id| Some((id, usage(&published.state, id)?)));
    let (subnet, usage) = found.ok_or_else(|| Subnets.missing(&segment))?;
    let ranges: Vec<_> = of_ranges(&published.state, subnet).collect();
    let whole = ranges.iter().fold(DynamicUsage::default(), |sum, (_, usage)| sum + *usage);
    let level = published.state.get::<PoolLevel>(&subnet).map(|row| level_word(row.value));
    let ranges = ranges.into_iter().filter_map(|(id, usage)| {
        let range = &published.state.get::<IpRange>(&id)?.value;
        let mut shown = dynamic(&usage);
        shown["id"] = id.show();
        shown["start_ip"] = range.start_ip.show();
        shown["end_ip"] = range.end_ip.show();
        Some(shown)
    });
    let ranges: Vec<Value> = ranges.collect();
    // In thousandths, so that nothing here is a float until people read it.
    let used = usage.num_unavailable.saturating_mul(1000) / usage.total_addresses.max(1);
    let body = json!({
        "total_addresses": large(usage.total_addresses),
        "num_unavailable": large(usage.num_unavailable),
        "num_available": large(usage.num_available),
        "largest_available": large(usage.largest_available),
        "usage_permille": large(used),
        "dynamic": dynamic(&whole),
        "level": level,
        "ranges": ranges,
    });
    Ok(answer::of_read(&read, &published.state, answer::json_of(StatusCode::OK, &body)))
}

/// Dynamic addresses as clients see them.
fn dynamic(usage: &DynamicUsage) -> Value {
    let taken = usage.taken().saturating_mul(1000) / usage.addresses.max(1);
    json!({
        "addresses": large(usage.addresses),
        "leased": large(usage.leased),
        "resting": large(usage.resting),
        "declined": large(usage.declined),
        "kept": large(usage.kept),
        "in_blocks": large(usage.in_blocks),
        "free": large(usage.free),
        "taken_permille": large(taken),
    })
}

const fn level_word(level: PoolLevel) -> &'static str {
    match level {
        PoolLevel::NearlyFull => "nearly_full",
        PoolLevel::Full => "full",
    }
}
