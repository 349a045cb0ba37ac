//! Committed writes through the HTTP API, beside etcd: by turns on the same disk in the same run.

use crate::arguments::Arguments;
use crate::load::crowd::{Numbers, Seen, Target, Way, press};
use crate::load::wanted::Wanted;
use crate::peers::etcd::Etcd;
use crate::spread::Spread;
use crate::table::{Cell, Table};
use crate::turns::order;
use anyhow::Context as _;
use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::node::Settings;

/// Who is asked, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Regent(Door),
    /// The nodes of Regent, for what costs them nothing: bounds driver and HTTP.
    Nothing,
    /// etcd through its JSON gateway.
    EtcdJson(Door),
    EtcdGrpc(Door),
}

/// The nodes that clients ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    All,
    Leader,
}

/// What is told in multiples of what: the same door, and of etcd both its own protocol and the one that is like ours.
const COMPARED: [(Who, Who); 3] = [
    (Who::Regent(Door::All), Who::EtcdGrpc(Door::All)),
    (Who::Regent(Door::All), Who::EtcdJson(Door::All)),
    (Who::Regent(Door::Leader), Who::EtcdGrpc(Door::Leader)),
];

impl Who {
    const REGENT: [Self; 3] = [Self::Regent(Door::All), Self::Regent(Door::Leader), Self::Nothing];
    const ETCD: [Self; 3] =
        [Self::EtcdJson(Door::All), Self::EtcdGrpc(Door::All), Self::EtcdGrpc(Door::Leader)];

    fn name(self) -> String {
        let door = |door| match door {
            Door::All => "all nodes",
            Door::Leader => "leader",
        };
        match self {
            Self::Regent(at) => format!("Regent, {}", door(at)),
            Self::Nothing => "nothing (GET /livez)".to_owned(),
            Self::EtcdJson(at) => format!("etcd, JSON, {}", door(at)),
            Self::EtcdGrpc(at) => format!("etcd, gRPC, {}", door(at)),
        }
    }
}

/// What is measured.
struct Clusters {
    regent: Group,
    etcd: Option<Etcd>,
}

impl Clusters {
    fn all(&self) -> Vec<Who> {
        let etcd = self.etcd.iter().flat_map(|_| Who::ETCD);
        Who::REGENT.into_iter().chain(etcd).collect()
    }

    /// Looked up anew each time: another node may lead by now.
    async fn target(&self, who: Who) -> anyhow::Result<Target> {
        let etcd = || self.etcd.as_ref().context("etcd does not run");
        let (hosts, processes, way) = match who {
            Who::Regent(door) => {
                (self.hosts(door).await?, self.processes(), Way::Http(Wanted::NewMachine))
            }
            Who::Nothing => {
                (self.hosts(Door::All).await?, self.processes(), Way::Http(Wanted::Life))
            }
            Who::EtcdJson(door) => {
                (hosts_of(etcd()?, door).await?, etcd()?.processes(), Way::Http(Wanted::NewKey))
            }
            Who::EtcdGrpc(door) => {
                (hosts_of(etcd()?, door).await?, etcd()?.processes(), Way::EtcdGrpc)
            }
        };
        Ok(Target { hosts, way, processes })
    }

    async fn hosts(&self, door: Door) -> anyhow::Result<Vec<String>> {
        let host = |number: usize| self.regent.nodes[number].place.api.clone();
        Ok(match door {
            Door::All => (0..self.regent.nodes.len()).map(host).collect(),
            Door::Leader => vec![host(self.regent.leader().await?)],
        })
    }

    fn processes(&self) -> Vec<u32> {
        self.regent.nodes.iter().filter_map(|node| node.process_id()).collect()
    }

    async fn term(&self) -> anyhow::Result<u64> {
        Ok(self.regent.status_of(0).await.context("a node does not answer")?.term)
    }
}

async fn hosts_of(etcd: &Etcd, door: Door) -> anyhow::Result<Vec<String>> {
    Ok(match door {
        Door::All => etcd.hosts.clone(),
        Door::Leader => vec![etcd.leader().await?],
    })
}

/// Measures.
///
/// # Errors
/// When something does not start, or ends by itself.
pub async fn run(arguments: &Arguments, numbers: &Numbers) -> anyhow::Result<Vec<Table>> {
    let folder = arguments.folder()?;
    let (mut regent, _nodes_folder) =
        Group::in_folder_of_its_own(&folder, &arguments.executable()?, Settings::SHIPPED)?;
    regent.start().await?;
    let etcd = match arguments.without_peers {
        true => None,
        false => Etcd::start(&folder).await?,
    };
    let mut clusters = Clusters { regent, etcd };
    let rounds = measure(arguments, &clusters, numbers).await?;
    clusters.regent.end().await;
    if let Some(etcd) = clusters.etcd {
        etcd.stop().await?;
    }
    Ok(vec![figures(arguments, &rounds), ratios(arguments, &rounds)])
}

/// What was seen in each round at one number of clients.
struct Measured {
    clients: usize,
    who: Who,
    seen: Vec<Seen>,
    /// Terms of Regent that began meanwhile.
    elections: u64,
}

async fn measure(
    arguments: &Arguments,
    clusters: &Clusters,
    numbers: &Numbers,
) -> anyhow::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for clients in arguments.clients.iter().copied() {
        let row = |who| Measured { clients, who, seen: Vec::new(), elections: 0 };
        let mut rows: Vec<_> = clusters.all().into_iter().map(row).collect();
        for round in 0..arguments.rounds {
            for turn in order(round, rows.len()) {
                let row = &mut rows[turn];
                let target = clusters.target(row.who).await?;
                let term = clusters.term().await?;
                row.seen.push(press(&target, arguments.pressure(clients), numbers).await?);
                row.elections += clusters.term().await? - term;
            }
        }
        all.extend(rows);
    }
    Ok(all)
}

fn spread(seen: &[Seen], figure: impl Fn(&Seen) -> f64) -> Cell {
    Spread::of(seen.iter().map(figure)).into()
}

fn figures(arguments: &Arguments, all: &[Measured]) -> Table {
    const COLUMNS: [&str; 9] = [
        "clients",
        "who",
        "writes/s",
        "p50 ms",
        "p99 ms",
        "worst ms",
        "CPU us/write",
        "failed",
        "elections",
    ];
    let mut table = Table::new("committed writes", &COLUMNS);
    table.note("three nodes each, all on this machine and one disk; both acknowledge what a majority has synced");
    table.note(
        "Regent: POST /v1/machines with a MAC address; etcd: put of a new key of about 200 bytes",
    );
    table.note(
        "each client asks again when it has its answer: a standstill counts once for each client",
    );
    table.note("CPU: of all processes of the cluster, without the driver; GET /livez bounds driver and HTTP");
    table.note(format!(
        "{} rounds by turns, {} s each after {} s",
        arguments.rounds, arguments.seconds, arguments.warm_up_seconds
    ));
    table.rows = all
        .iter()
        .map(|row| {
            vec![
                Cell::from(row.clients),
                row.who.name().as_str().into(),
                spread(&row.seen, |seen| seen.per_second),
                spread(&row.seen, |seen| seen.median_ms),
                spread(&row.seen, |seen| seen.p99_ms),
                spread(&row.seen, |seen| seen.worst_ms),
                spread(&row.seen, |seen| seen.processor_us),
                Cell::from(row.seen.iter().map(|seen| seen.failed).sum::<u64>()),
                Cell::from(row.elections),
            ]
        })
        .collect();
    table
}

/// Regent in multiples of etcd, round by round.
fn ratios(arguments: &Arguments, all: &[Measured]) -> Table {
    const COLUMNS: [&str; 6] =
        ["clients", "who", "in multiples of", "writes/s", "p99", "CPU/write"];
    let mut table = Table::new("Regent in multiples of etcd", &COLUMNS);
    table.note("more writes are better; of p99 and CPU, less is");
    for clients in arguments.clients.iter().copied() {
        let row = |who| all.iter().find(|row| row.clients == clients && row.who == who);
        for (ours, theirs) in COMPARED {
            let (Some(our_row), Some(their_row)) = (row(ours), row(theirs)) else { continue };
            let ratio = |figure: fn(&Seen) -> f64| -> Cell {
                let pairs = our_row.seen.iter().zip(&their_row.seen);
                Spread::of(pairs.map(|(ours, theirs)| figure(ours) / figure(theirs))).into()
            };
            table.rows.push(vec![
                Cell::from(clients),
                ours.name().as_str().into(),
                theirs.name().as_str().into(),
                ratio(|seen| seen.per_second),
                ratio(|seen| seen.p99_ms),
                ratio(|seen| seen.processor_us),
            ]);
        }
    }
    table
}
