//! Committed writes through the HTTP API, beside etcd: by turns on the same disk in the same run.

use crate::arguments::Arguments;
use crate::load::crowd::{Numbers, Seen, Target, Way, press};
use crate::load::wanted::Wanted;
use crate::peers::etcd::Etcd;
use crate::spread::Spread;
use crate::table::{Cell, Table};
use anyhow::Context as _;
use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::node::Settings;

/// What the others are told in multiples of, where it runs: etcd by the protocol it is used with.
const MEASURE: &str = "etcd, gRPC, all members";

/// Measures.
///
/// # Errors
/// When something does not start, or ends by itself.
pub async fn run(arguments: &Arguments, numbers: &Numbers) -> anyhow::Result<Vec<Table>> {
    let folder = arguments.folder()?;
    let (mut group, _nodes_folder) =
        Group::in_folder_of_its_own(&folder, &arguments.executable()?, Settings::SHIPPED)?;
    group.start().await?;
    let etcd = match arguments.without_peers {
        true => None,
        false => Etcd::start(&folder).await?,
    };
    let mut targets = regents(&group).await?;
    targets.extend(etcd.iter().flat_map(etcds));
    let term = term_of(&group).await?;
    let rounds = measure(arguments, &targets, numbers).await?;
    let elections = term_of(&group).await? - term;
    group.end().await;
    if let Some(etcd) = etcd {
        etcd.stop().await?;
    }
    Ok(vec![figures(arguments, &targets, &rounds, elections), ratios(arguments, &targets, &rounds)])
}

async fn term_of(group: &Group) -> anyhow::Result<u64> {
    Ok(group.status_of(0).await.context("a node does not answer")?.term)
}

async fn regents(group: &Group) -> anyhow::Result<Vec<Target>> {
    let leader = group.leader().await?;
    let hosts: Vec<_> = group.nodes.iter().map(|node| node.place.api.clone()).collect();
    let processes: Vec<_> = group.nodes.iter().filter_map(|node| node.process_id()).collect();
    let target = |name: &str, hosts: &[String], wanted| Target {
        name: name.to_owned(),
        hosts: hosts.to_vec(),
        way: Way::Http(wanted),
        processes: processes.clone(),
    };
    Ok(vec![
        target("Regent, all nodes", &hosts, Wanted::NewMachine),
        target("Regent, leader", &hosts[leader..=leader], Wanted::NewMachine),
        target("nothing (GET /livez)", &hosts, Wanted::Life),
    ])
}

fn etcds(etcd: &Etcd) -> [Target; 2] {
    let target = |name: &str, way| Target {
        name: name.to_owned(),
        hosts: etcd.hosts.clone(),
        way,
        processes: etcd.processes(),
    };
    [target("etcd, JSON, all members", Way::Http(Wanted::NewKey)), target(MEASURE, Way::EtcdGrpc)]
}

/// What each target showed in each round at one number of clients.
struct Measured {
    clients: usize,
    target: usize,
    seen: Vec<Seen>,
}

async fn measure(
    arguments: &Arguments,
    targets: &[Target],
    numbers: &Numbers,
) -> anyhow::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for clients in &arguments.clients {
        let mut rows: Vec<_> = (0..targets.len())
            .map(|target| Measured { clients: *clients, target, seen: Vec::new() })
            .collect();
        for round in 0..arguments.rounds {
            // Every other round the other way round, so that none always comes after the same one.
            let order: Vec<usize> = match round % 2 {
                0 => (0..targets.len()).collect(),
                _ => (0..targets.len()).rev().collect(),
            };
            for target in order {
                let pressure = arguments.pressure(*clients);
                rows[target].seen.push(press(&targets[target], pressure, numbers).await?);
            }
        }
        all.extend(rows);
    }
    Ok(all)
}

fn spread(seen: &[Seen], figure: impl Fn(&Seen) -> f64) -> Cell {
    Spread::of(seen.iter().map(figure)).into()
}

fn figures(arguments: &Arguments, targets: &[Target], all: &[Measured], elections: u64) -> Table {
    const COLUMNS: [&str; 8] =
        ["clients", "who", "writes/s", "p50 ms", "p99 ms", "worst ms", "CPU us/write", "failed"];
    let mut table = Table::new("committed writes", &COLUMNS);
    table.note("three nodes each, all on this machine and one disk; both acknowledge what a majority has synced");
    table.note(
        "Regent: POST /v1/machines with a MAC address; etcd: put of a new key of about 200 bytes",
    );
    table.note("CPU: of all processes of the cluster, without the driver; GET /livez bounds driver and HTTP");
    table.note(format!(
        "{} rounds by turns, {} s each after {} s; leader changes of Regent meanwhile: {elections}",
        arguments.rounds, arguments.seconds, arguments.warm_up_seconds
    ));
    table.rows = all
        .iter()
        .map(|Measured { clients, target, seen }| {
            vec![
                clients.to_string().as_str().into(),
                targets[*target].name.as_str().into(),
                spread(seen, |seen| seen.per_second),
                spread(seen, |seen| seen.median_ms),
                spread(seen, |seen| seen.p99_ms),
                spread(seen, |seen| seen.worst_ms),
                spread(seen, |seen| seen.processor_us),
                seen.iter().map(|seen| seen.failed).sum::<u64>().to_string().as_str().into(),
            ]
        })
        .collect();
    table
}

/// Regent in multiples of etcd, round by round.
fn ratios(arguments: &Arguments, targets: &[Target], all: &[Measured]) -> Table {
    const COLUMNS: [&str; 5] = ["clients", "who", "writes/s", "p99", "CPU/write"];
    let mut table = Table::new("Regent in multiples of etcd over gRPC", &COLUMNS);
    table.note("more writes are better; of p99 and CPU, less is");
    for clients in &arguments.clients {
        let of = |row: &&Measured| row.clients == *clients;
        let measure = all.iter().filter(of).find(|row| targets[row.target].name == MEASURE);
        let Some(measure) = measure else { continue };
        for row in
            all.iter().filter(of).filter(|row| targets[row.target].name.starts_with("Regent"))
        {
            let ratio = |figure: fn(&Seen) -> f64| -> Cell {
                let pairs = row.seen.iter().zip(&measure.seen);
                Spread::of(pairs.map(|(ours, theirs)| figure(ours) / figure(theirs))).into()
            };
            table.rows.push(vec![
                clients.to_string().as_str().into(),
                targets[row.target].name.as_str().into(),
                ratio(|seen| seen.per_second),
                ratio(|seen| seen.p99_ms),
                ratio(|seen| seen.processor_us),
            ]);
        }
    }
    table
}
