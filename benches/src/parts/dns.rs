//! DNS answers over UDP of a node that holds the large site, beside Knot and BIND with the same names.
//!
//! The server gets one processor and `dnsperf` another one, if there are two.

use crate::arguments::Arguments;
use crate::peers::name_server::{Kind, NameServer};
use crate::process::{Process, installed};
use crate::site::names;
use crate::spread::Spread;
use crate::table::Table;
use crate::turns::order;
use anyhow::Context as _;
use regent_jepsen::cluster::group::Group;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Questions in the file; asked again from the first when all were.
const QUESTIONS: u32 = 200_000;
/// Clients of `dnsperf`, and questions they may have open together.
const CLIENTS: u32 = 16;
const OPEN_QUESTIONS: u32 = 300;
/// What a server may take to load its zones.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks whether it has.
const LOOK_PAUSE: Duration = Duration::from_millis(200);
/// Processors of server and driver.
const SERVER_PROCESSOR: &str = "0";
const DRIVER_PROCESSOR: &str = "1";

/// One server to ask.
struct Asked {
    name: &'static str,
    port: u16,
    process: u32,
    seen: Vec<Answers>,
}

/// What `dnsperf` counted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answers {
    per_second: f64,
    mean_ms: f64,
    lost_percent: f64,
    /// Answers without an error, of all that came.
    good_percent: f64,
}

/// Measures a node of the group and the peers; `None` if there is no `dnsperf`.
///
/// # Errors
/// When a server does not start, or `dnsperf` fails.
pub async fn run(arguments: &Arguments, group: &Group) -> anyhow::Result<Option<Table>> {
    let Some(program) = installed("dnsperf") else { return Ok(None) };
    let folder = arguments.folder()?;
    let scratch = tempfile::Builder::new().prefix("questions-").tempdir_in(&folder)?;
    let questions = scratch.path().join("questions");
    std::fs::write(&questions, names::questions(arguments.machines, QUESTIONS))?;
    let leader = group.leader().await?;
    let node = &group.nodes[(leader + 1) % group.nodes.len()];
    let port = node.place.dns.rsplit(':').next().context("no port")?.parse()?;
    let process = node.process_id().context("the node does not run")?;
    let mut servers = vec![Asked { name: "Regent, a follower", port, process, seen: Vec::new() }];
    let peers = start_peers(arguments, &folder)?;
    for (kind, peer) in &peers {
        let process = peer.process().context("a name server ended")?;
        servers.push(Asked { name: kind.name(), port: peer.port, process, seen: Vec::new() });
    }
    for server in &servers {
        await_answers(&program, server.port, &questions, scratch.path()).await?;
        pin(server.process, SERVER_PROCESSOR, scratch.path()).await?;
    }
    for round in 0..arguments.rounds {
        for turn in order(round, servers.len()) {
            let (port, seconds) = (servers[turn].port, arguments.seconds);
            let answers = ask(&program, port, &questions, seconds, scratch.path()).await?;
            servers[turn].seen.push(answers);
        }
    }
    pin(process, "0-1", scratch.path()).await?;
    for (_, peer) in peers {
        peer.stop().await?;
    }
    Ok(Some(table(arguments, &servers)))
}

fn start_peers(arguments: &Arguments, folder: &Path) -> anyhow::Result<Vec<(Kind, NameServer)>> {
    let mut peers = Vec::new();
    if !arguments.without_peers {
        for kind in Kind::ALL {
            peers.extend(kind.start(arguments.machines, folder)?.map(|peer| (kind, peer)));
        }
    }
    Ok(peers)
}

fn table(arguments: &Arguments, servers: &[Asked]) -> Table {
    const COLUMNS: [&str; 6] =
        ["who", "answers/s", "mean ms", "lost %", "NOERROR %", "of Regent's"];
    let mut table = Table::new("DNS answers over UDP", &COLUMNS);
    let machines = arguments.machines;
    table.note(format!(
        "{machines} names, half of the questions A, half PTR, in no order; all answered from memory"
    ));
    table.note(format!(
        "dnsperf -c {CLIENTS} -q {OPEN_QUESTIONS}, {} rounds by turns of {} s; server on one processor, dnsperf on the other",
        arguments.rounds, arguments.seconds
    ));
    let ours = servers.first().map(|server| server.seen.clone()).unwrap_or_default();
    for server in servers {
        let spread = |figure: fn(&Answers) -> f64| Spread::of(server.seen.iter().map(figure));
        let ratio = ours.iter().zip(&server.seen);
        table.rows.push(vec![
            server.name.into(),
            spread(|seen| seen.per_second).into(),
            spread(|seen| seen.mean_ms).into(),
            spread(|seen| seen.lost_percent).into(),
            spread(|seen| seen.good_percent).into(),
            Spread::of(ratio.map(|(ours, theirs)| theirs.per_second / ours.per_second)).into(),
        ]);
    }
    table
}

/// Waits until a server answers without losing questions.
async fn await_answers(
    program: &Path,
    port: u16,
    questions: &Path,
    scratch: &Path,
) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let answers = ask(program, port, questions, 1, scratch).await;
        if answers.is_ok_and(|answers| answers.lost_percent < 1.0 && answers.per_second > 0.0) {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < until, "no name server on port {port} after {PATIENCE:?}");
        sleep(LOOK_PAUSE).await;
    }
}

async fn ask(
    program: &Path,
    port: u16,
    questions: &Path,
    seconds: u64,
    scratch: &Path,
) -> anyhow::Result<Answers> {
    let (port, seconds) = (port.to_string(), seconds.to_string());
    let (clients, open) = (CLIENTS.to_string(), OPEN_QUESTIONS.to_string());
    let (program, questions) = (program.display().to_string(), questions.display().to_string());
    let mut words = vec!["-c", DRIVER_PROCESSOR, &program, "-s", "127.0.0.1", "-p", &port];
    words.extend(["-d", &questions, "-l", &seconds, "-c", &clients, "-T", "1", "-q", &open]);
    let told = taskset(&words, scratch).await?;
    read(&told).with_context(|| format!("dnsperf says: {told}"))
}

/// Keeps all threads of a process on these processors.
async fn pin(process: u32, processors: &str, scratch: &Path) -> anyhow::Result<()> {
    taskset(&["-a", "-p", "-c", processors, &process.to_string()], scratch).await.map(drop)
}

async fn taskset(words: &[&str], scratch: &Path) -> anyhow::Result<String> {
    let program = installed("taskset").context("taskset is not installed")?;
    let arguments: Vec<String> = words.iter().map(ToString::to_string).collect();
    Process::start(&program, &arguments, scratch.join("taskset.log"))?.finish().await
}

fn read(told: &str) -> Option<Answers> {
    let figure = |name: &str| {
        let line = told.lines().find_map(|line| line.trim().strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    let sent = figure("Queries sent:")?;
    let good = figure("Response codes:       NOERROR").unwrap_or_default();
    Some(Answers {
        per_second: figure("Queries per second:")?,
        mean_ms: figure("Average Latency (s):")? * 1e3,
        lost_percent: figure("Queries lost:")? / sent.max(1.0) * 100.0,
        good_percent: good / figure("Queries completed:")?.max(1.0) * 100.0,
    })
}

#[cfg(test)]
mod tests {
    use super::{Answers, read};

    #[test]
    fn figures_are_found_in_what_dnsperf_writes() {
        let told = "Statistics:\n\n  Queries sent:         1000\n  Queries completed:    990 (99.00%)\n  \
                    Queries lost:         10 (1.00%)\n\n  \
                    Response codes:       NOERROR 990 (100.00%)\n  Run time (s):         10.000030\n  \
                    Queries per second:   147541.257376\n\n  Average Latency (s):  0.000674 (min 0.000018)\n";
        let answers = Answers {
            per_second: 147_541.257_376,
            mean_ms: 0.674,
            lost_percent: 1.0,
            good_percent: 100.0,
        };
        assert_eq!(read(told), Some(answers));
        assert_eq!(read("Error: unable to connect"), None);
    }
}
