//! Leaders killed in the middle of DHCP storms: a hundred full exchanges a second from simulated clients with real packets, two
//! racks on one VLAN, three nodes, and every ten seconds the leader is killed.
//!
//! Judged: the region acknowledges a write every few seconds, and no client waits longer than one retry beyond the time in which
//! it acknowledged none; no address has two holders; for every ACK there is an entry in the committed log, which is the same on all nodes. Floors, lowest first:
//! [`clients`], [`kills`], [`judge`].

pub mod clients;
pub mod judge;
pub mod kills;

use crate::cluster::status::Agreement;
use crate::judge::committed;
use crate::judge::committed::Replayed;
use crate::judge::expected::Expected;
use crate::judge::leases::Way;
use crate::load::dhcp_client::RETRY;
use crate::load::dhcp_exchange::Exchange;
use crate::load::pulse::Written;
use crate::racks::arguments::Extent;
use crate::racks::findings::{Findings, spread};
use crate::racks::loopback::{Rack, Region};
use crate::racks::site::Executables;
use crate::racks::storm::clients::{Seen, Storm};
use crate::racks::storm::judge::{Clocks, WRITE_GAP_MAX};
use crate::racks::storm::kills::Kill;
use anyhow::Context as _;
use regent_raft::offline_log::OfflineLog;
use serde_json::json;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// The racks of the VLAN, the first of which is the primary one.
const RACKS: [&str; 2] = ["east", "west"];
/// The network of clients, with room for all that ever come.
const NETWORK: &str = "10.78.0.0/18";
const FIRST: &str = "10.78.1.0";
const LAST: &str = "10.78.60.255";
/// Where their relay is.
const RELAY: Ipv4Addr = Ipv4Addr::new(10, 78, 0, 1);
/// How long it lasts.
const LENGTH_FULL: Duration = Duration::from_secs(120);
/// The same with time for one kill only.
const LENGTH_SHORT: Duration = Duration::from_secs(15);
/// So many of what is wrong are told by name.
const TOLD_MAX: usize = 5;

/// What happened.
struct Storms {
    begun: Instant,
    over: Instant,
    kills: Vec<Kill>,
    seen: Seen,
    written: Written,
}

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, extent: Extent) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let mut region = Region::start(executables).await?;
    let vlan = network(&region).await?;
    let mut racks = region.serve(vlan, &RACKS, &executables.rack_agent).await?;
    let clocks = Clocks::now();
    let length = match extent {
        Extent::Short => LENGTH_SHORT,
        Extent::Full => LENGTH_FULL,
    };
    let storm = rage(&mut region, &racks, length).await?;
    for rack in &mut racks {
        rack.stop().await?;
    }
    let (replayed, agreed) = committed_log(&mut region, &mut findings).await?;
    tell_clients(&storm, &mut findings);
    judge_waits(&storm, extent, &mut findings);
    judge_holds(&storm.seen.exchanges, &clocks, &mut findings);
    judge_log(&storm.seen.exchanges, &replayed, &agreed, &clocks, &mut findings);
    Ok(findings)
}

/// Makes the network of clients; its VLAN.
async fn network(region: &Region) -> anyhow::Result<u64> {
    let api = &region.api;
    let fabric = api.post("/v1/fabrics", &json!({ "name": "storm" })).await?;
    let vlan = json!({ "fabric": fabric["id"], "vid": 78, "name": "storm" });
    let vlan = api.post("/v1/vlans", &vlan).await?["id"].clone();
    let subnet = json!({ "cidr": NETWORK, "vlan": vlan, "gateway_ip": RELAY });
    let subnet = api.post("/v1/subnets", &subnet).await?;
    let range =
        json!({ "subnet": subnet["id"], "type": "dynamic", "start_ip": FIRST, "end_ip": LAST });
    api.post("/v1/ip-ranges", &range).await?;
    vlan.as_u64().context("a new VLAN has no id")
}

async fn rage(region: &mut Region, racks: &[Rack], length: Duration) -> anyhow::Result<Storms> {
    let pulse = region.pulse().await?;
    let addresses: Vec<_> = racks.iter().map(|rack| rack.dhcp).collect();
    let begun = Instant::now();
    let storm = Storm::start(length, RELAY, &addresses).await?;
    let kills = kills::strike(&mut region.group, begun, length).await?;
    let seen = storm.end().await?;
    let (over, written) = (Instant::now(), pulse.end().await?);
    Ok(Storms { begun, over, kills, seen, written })
}

/// Waits until all nodes are in one state, stops them, and applies what they committed again.
async fn committed_log(
    region: &mut Region,
    findings: &mut Findings,
) -> anyhow::Result<(Replayed, Agreement)> {
    let agreed = region.group.agreement().await?;
    region.group.stop().await?;
    let logs = region.group.nodes.iter().map(|node| OfflineLog::read(&node.place.directory));
    let logs = logs.collect::<Result<Vec<_>, _>>()?;
    let (first, others) = logs.split_first().context("a group has nodes")?;
    // Writes of others than racks are not judged here: the state they lead to is, by its digest.
    let (replayed, violations) = committed::judge(first, others, &agreed, &Expected::new(&[]));
    for violation in violations {
        findings.check(false, || violation.to_string());
    }
    Ok((replayed, agreed))
}

fn tell_clients(storm: &Storms, findings: &mut Findings) {
    let exchanges = &storm.seen.exchanges;
    let count = |is_so: fn(&Exchange) -> bool| exchanges.iter().filter(|one| is_so(one)).count();
    let refusals: u32 = exchanges.iter().map(|exchange| exchange.refusals).sum();
    findings.tell(format!(
        "{} exchanges of {} clients in {:.0} s; {} of them with a message said again, {refusals} refusals; {} could not begin",
        exchanges.len(),
        exchanges.iter().map(|one| one.card).collect::<std::collections::BTreeSet<_>>().len(),
        (storm.over - storm.begun).as_secs_f64(),
        count(|one| one.messages > 2),
        storm.seen.skipped,
    ));
    let waits = exchanges.iter().filter_map(Exchange::wait).collect();
    findings.tell(format!("from DISCOVER to ACK: {}", spread(waits)));
    let without = count(|one| one.got.is_none());
    findings.check(without == 0, || format!("{without} clients gave up without an address"));
    let lengths = storm.written.lengths(storm.begun, storm.over);
    findings.tell(format!("writes beside them: {}", spread(lengths)));
    let given_up = storm.written.given_up;
    findings.check(given_up == 0, || format!("{given_up} writes were given up"));
}

/// In short, waits are told and not judged: a machine that is busy with other tests keeps clients waiting, too.
fn judge_waits(storm: &Storms, extent: Extent, findings: &mut Findings) {
    let mut bounds = vec![storm.begun];
    bounds.extend(storm.kills.iter().map(|kill| kill.at));
    bounds.push(storm.over);
    let spells = judge::spells(&bounds, &storm.seen.exchanges, &storm.written);
    findings.check(!storm.kills.is_empty(), || "no leader was killed".into());
    for (number, spell) in spells.iter().enumerate() {
        let killed = number.checked_sub(1).and_then(|kill| storm.kills.get(kill));
        let what = killed.map_or_else(
            || "before any kill".into(),
            |kill| {
                format!(
                    "{} killed, back after {:.1} s",
                    kill.node,
                    (kill.back - kill.at).as_secs_f64()
                )
            },
        );
        let told = format!(
            "{what}: no write for {} ms, no address for {} ms",
            spell.gap.as_millis(),
            spell.longest.as_millis()
        );
        let is_kept = extent == Extent::Short || spell.is_kept();
        findings.check(is_kept, || {
            format!("no write for over {WRITE_GAP_MAX:?}, or no address for {RETRY:?} more: {told}")
        });
        findings.tell(told);
    }
}

fn judge_holds(exchanges: &[Exchange], clocks: &Clocks, findings: &mut Findings) {
    let holds = judge::held(exchanges, clocks);
    let found = judge::duplicates(&holds);
    findings.tell(format!("{} holds, {} overlap", holds.len(), found.len()));
    let told = &found[..found.len().min(TOLD_MAX)];
    findings.check(found.is_empty(), || format!("two had one address: {told:?}"));
    let control = judge::planted(&holds);
    findings.check(control > 0, || "a duplicate that was planted was not found".into());
}

fn judge_log(
    exchanges: &[Exchange],
    replayed: &Replayed,
    agreed: &Agreement,
    clocks: &Clocks,
    findings: &mut Findings,
) {
    let adopted =
        replayed.leases.iter().filter(|lease| matches!(lease.way, Way::Adopted(_))).count();
    findings.tell(format!(
        "all nodes at index {} with digest {:.12}…; {} entries, in them {} leases granted, {adopted} told afterwards",
        agreed.index,
        agreed.digest,
        replayed.entries,
        replayed.leases.len() - adopted,
    ));
    let missing = judge::unrecorded(exchanges, &replayed.leases, clocks);
    let told = &missing[..missing.len().min(TOLD_MAX)];
    findings.check(missing.is_empty(), || {
        format!("{} ACKs for which the log has no entry: {told:?}", missing.len())
    });
}
