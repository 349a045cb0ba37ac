//! `regent dev failover`: kills the leader under load, measures what clients notice, reads everything back, and brings
//! the node back.

use crate::cli::client::{Call, Client};
use crate::cli::dev_arguments::Which;
use crate::cli::dev_record::{DevNode, DevRecord};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::OutputFormat;
use crate::dev::control::{self, Order};
use crate::dev::dns_load::{Answers, Questions};
use crate::dev::failover_report::{Report, counts};
use crate::dev::load::{Load, Log};
use crate::dev::orders;
use anyhow::Context as _;
use futures::StreamExt as _;
use futures::stream;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// What any one question may take.
const QUESTION_MAX: Duration = Duration::from_secs(5);
/// What the whole of a phase may take before the measurement is given up.
const PHASE_MAX: Duration = Duration::from_secs(30);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(4);
/// Acknowledged writes before the leader is killed, and after.
const WRITES_EACH_SIDE: usize = 200;
/// The load goes on no longer than this on either side.
const SIDE_MAX: Duration = Duration::from_secs(1);
/// Items of a page when everything is read back.
const PAGE_ITEMS: &str = "1000";
/// Deletions on their way at once while cleaning up.
const DELETIONS_AT_ONCE: usize = 16;

/// Measures one fail-over and prints what happened.
///
/// # Errors
/// When no cluster runs, or it does not recover.
pub async fn run(which: Which, format: OutputFormat) -> anyhow::Result<Exit> {
    let (_, socket) = orders::find(which)?;
    let subject = Subject::of(control::give(&socket, &Order::Status).await?).await?;
    let mark = format!("failover {:08x}", rand::random::<u32>());
    let report = match measure(&subject, &socket, &mark).await {
        Ok(report) => report,
        Err(error) => {
            // Whatever went wrong, the node was not meant to stay away; it may not even have been killed.
            drop(control::give(&socket, &Order::Start(subject.leader.name.clone())).await);
            return Err(error);
        }
    };
    format.show(&report.to_json(), |_| report.text());
    Ok(if report.is_good() { Exit::Ok } else { Exit::Failure })
}

async fn measure(subject: &Subject, socket: &Path, mark: &str) -> anyhow::Result<Report> {
    let questions = subject.ask_dns().await?;
    let load = Load::start(&subject.followers_first(), subject.survivors.len(), mark)?;
    acknowledgements(&load, WRITES_EACH_SIDE).await;
    control::give(socket, &Order::CountAnew).await?;
    let killed_at = Instant::now();
    let killed = control::give(socket, &Order::Kill(subject.leader.name.clone())).await;
    let elected = subject.new_leader().await;
    let leader_after = killed_at.elapsed();
    acknowledgements(&load, load.acknowledged() + WRITES_EACH_SIDE).await;
    let log = load.end().await?;
    let dns = ended(questions).await?;
    killed?;
    let new_leader = elected?;
    let client = Client::new(&subject.survivors_api(), QUESTION_MAX)?;
    let new_term = number_of(&cluster(&client).await?, "term");
    let counts = counts(&log, &read_back(&client, mark).await?, killed_at);
    let back = subject.bring_back(socket, &log, killed_at).await?;
    let dhcp = control::give(socket, &Order::Status).await?.clients;
    clean_up(&client, mark).await?;
    Ok(Report {
        killed: subject.leader.name.clone(),
        killed_term: subject.term,
        new_leader,
        new_term,
        leader_after,
        counts,
        dns,
        dhcp,
        caught_up_entries: back.entries,
        caught_up_after: back.took,
        failures_tolerated: number_of(&cluster(&client).await?, "failures_tolerated"),
    })
}

/// The cluster before the kill.
struct Subject {
    leader: DevNode,
    term: u64,
    survivors: Vec<DevNode>,
}

/// How the killed node came back.
struct Back {
    entries: u64,
    took: Duration,
}

impl Subject {
    async fn of(record: DevRecord) -> anyhow::Result<Self> {
        let not_now = |why: String| {
            let next = "`regent dev status` shows what runs; `regent dev start NODE` starts a node";
            Failure::refused(Exit::Conflict, "there is nothing to fail over to", why, next)
        };
        let apis: Vec<_> = record.nodes.iter().map(|node| node.api.clone()).collect();
        let client = Client::new(&apis, QUESTION_MAX)?;
        let view = cluster(&client).await?;
        if number_of(&view, "failures_tolerated") == 0 {
            return Err(not_now("the region tolerates no failure now".into()).into());
        }
        let leader = client.call(&Call::get("/readyz")).await?.leader;
        let name = leader.ok_or_else(|| not_now("there is no leader to kill".into()))?;
        let (leader, survivors): (Vec<_>, Vec<_>) =
            record.nodes.into_iter().partition(|node| node.name == name);
        let leader = leader.into_iter().next().context("the leader is not one of ours")?;
        Ok(Self { leader, term: number_of(&view, "term"), survivors })
    }

    fn survivors_api(&self) -> Vec<String> {
        self.survivors.iter().map(|node| node.api.clone()).collect()
    }

    fn followers_first(&self) -> Vec<String> {
        let mut nodes = self.survivors_api();
        nodes.push(self.leader.api.clone());
        nodes
    }

    /// Asks the survivors' DNS from now on; nothing if the region has no zone to ask for.
    async fn ask_dns(&self) -> anyhow::Result<Option<Questions>> {
        let client = Client::new(&self.survivors_api(), QUESTION_MAX)?;
        let call = Call::get("/v1/domains?authoritative=true&limit=1");
        let page = client.call(&call).await?.body;
        let zone = page["items"][0]["name"].as_str();
        let nodes: Vec<String> = self.survivors.iter().map(|node| node.dns.clone()).collect();
        zone.map(|zone| Questions::start(&nodes, zone)).transpose()
    }

    /// Waits until a survivor knows a new leader; its name.
    async fn new_leader(&self) -> anyhow::Result<String> {
        let clients: Result<Vec<_>, Failure> =
            self.survivors_api().into_iter().map(|api| Client::new(&[api], QUESTION_MAX)).collect();
        let clients = clients?;
        let look = async {
            loop {
                for client in &clients {
                    let leader = client
                        .call(&Call::get("/livez"))
                        .await
                        .ok()
                        .and_then(|answer| answer.leader);
                    if let Some(leader) = leader.filter(|name| *name != self.leader.name) {
                        return leader;
                    }
                }
                sleep(LOOK_PAUSE).await;
            }
        };
        timeout(PHASE_MAX, look).await.context("nobody became leader")
    }

    /// Starts the killed node and waits until it can answer with everything acknowledged.
    async fn bring_back(
        &self,
        socket: &Path,
        log: &Log,
        killed_at: Instant,
    ) -> anyhow::Result<Back> {
        let started = Instant::now();
        control::give(socket, &Order::Start(self.leader.name.clone())).await?;
        let client = Client::new(std::slice::from_ref(&self.leader.api), QUESTION_MAX)?;
        let look = async {
            loop {
                match client.call(&Call::get("/readyz")).await {
                    Ok(answer) => return answer.revision.unwrap_or_default(),
                    Err(_) => sleep(LOOK_PAUSE).await,
                }
            }
        };
        let revision =
            timeout(PHASE_MAX, look).await.context("the killed node did not come back")?;
        let before = log.acknowledged.iter().filter(|write| write.at <= killed_at);
        let at_kill = before.map(|write| write.revision).max().unwrap_or_default();
        Ok(Back { entries: revision.saturating_sub(at_kill), took: started.elapsed() })
    }
}

/// Waits until so many writes were acknowledged, but not for ever.
async fn acknowledgements(load: &Load, wanted: usize) {
    let until = Instant::now() + SIDE_MAX;
    while load.acknowledged() < wanted && Instant::now() < until {
        sleep(LOOK_PAUSE).await;
    }
}

async fn ended(questions: Option<Questions>) -> anyhow::Result<Option<Answers>> {
    match questions {
        Some(questions) => questions.end().await.map(Some),
        None => Ok(None),
    }
}

async fn cluster(client: &Client) -> Result<Value, Failure> {
    Ok(client.call(&Call::get("/v1/cluster")).await?.body)
}

fn number_of(view: &Value, field: &str) -> u64 {
    view.get(field).and_then(Value::as_u64).unwrap_or_default()
}

/// How often each mark is in the region.
async fn read_back(client: &Client, mark: &str) -> Result<BTreeMap<String, usize>, Failure> {
    let mut found = BTreeMap::new();
    for (_, description) in marked(client, mark).await? {
        *found.entry(description).or_default() += 1;
    }
    Ok(found)
}

/// All machines whose description begins with the mark: id and description.
async fn marked(client: &Client, mark: &str) -> Result<Vec<(u64, String)>, Failure> {
    let mut machines = Vec::new();
    let mut call = Call::get("/v1/machines");
    call.query.push(("limit".into(), PAGE_ITEMS.into()));
    loop {
        let page = client.call(&call).await?.body;
        for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            let text = item.get("description").and_then(Value::as_str).unwrap_or_default();
            let id = item.get("id").and_then(Value::as_u64).unwrap_or_default();
            if text.starts_with(mark) {
                machines.push((id, text.to_owned()));
            }
        }
        let Some(next) = page.get("next").and_then(Value::as_str) else { return Ok(machines) };
        call.query.truncate(1);
        call.query.push(("cursor".into(), next.to_owned()));
    }
}

/// Deletes what the load wrote.
async fn clean_up(client: &Client, mark: &str) -> Result<(), Failure> {
    let written = marked(client, mark).await?;
    let deletions = written.into_iter().map(|(id, _)| async move {
        let path = format!("/v1/machines/{id}");
        client.call(&Call::write(Method::DELETE, path, None)).await.map(drop)
    });
    let deletions = stream::iter(deletions).buffer_unordered(DELETIONS_AT_ONCE);
    let results: Vec<_> = deletions.collect().await;
    results.into_iter().collect()
}
