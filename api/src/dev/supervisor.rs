//! The process of `regent dev`: starts the nodes, waits until they are a region, starts the racks, carries out orders,
//! and at the end leaves nothing behind. A process that ends stays ended until somebody starts it.

use crate::cli::client::{Call, Client};
use crate::cli::dev_arguments::{Demo, DevStart};
use crate::cli::dev_record::{DevFolder, DevRecord};
use crate::cli::exit::Exit;
use crate::cli::output::{OutputFormat, tell};
use crate::dev::control::{self, Order, Reply};
use crate::dev::data_folder;
use crate::dev::demo;
use crate::dev::layout::Layout;
use crate::dev::node::Node;
use crate::dev::process::Process;
use crate::dev::rack::Rack;
use crate::dev::racks::Racks;
use crate::dev::samples::Samples;
use crate::dev::site;
use crate::dev::stop_signals::StopSignals;
use crate::dev::welcome::{Given, Welcome};
use anyhow::Context as _;
use futures::future::select_all;
use rustix::process::Signal;
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

/// What starting may take.
const START_MAX: Duration = Duration::from_secs(60);
/// What bringing a site in may take.
const IMPORT_MAX: Duration = Duration::from_secs(30 * 60);
/// What one question to the starting nodes may take.
const QUESTION_MAX: Duration = Duration::from_secs(2);
/// Pause between two questions.
const QUESTION_PAUSE: Duration = Duration::from_millis(20);
/// What a process gets to stop in order when its data is kept.
const STOP_MAX: Duration = Duration::from_secs(12);

/// Runs a dev cluster until it is asked to stop.
///
/// # Errors
/// When it cannot be started; then, too, nothing is left.
pub async fn run(start: &DevStart, format: OutputFormat) -> anyhow::Result<Exit> {
    let mut stop = StopSignals::catch()?;
    let folder = DevFolder::locate();
    folder.create()?;
    data_folder::remove_leftovers(&folder).await;
    let mut cluster = Cluster::prepare(start, folder)?;
    let ended = cluster.live(start, format, &mut stop).await;
    cluster.end().await?;
    match ended? {
        Ended::BeforeItRan => Ok(Exit::Cancelled),
        Ended::BySignal => Ok(Exit::Ok),
        Ended::ByOrder(mut client) => {
            control::answer(&mut client, &Ok(cluster.record())).await;
            Ok(Exit::Ok)
        }
    }
}

/// How a cluster came to its end.
enum Ended {
    BeforeItRan,
    BySignal,
    /// Whoever asked still waits for the answer.
    ByOrder(UnixStream),
}

/// A dev cluster.
struct Cluster {
    folder: DevFolder,
    listener: UnixListener,
    layout: Layout,
    data_dir: PathBuf,
    data_is_temporary: bool,
    is_new: bool,
    nodes: Vec<Node>,
    racks: Racks,
    started: Instant,
}

impl Cluster {
    fn prepare(start: &DevStart, folder: DevFolder) -> anyhow::Result<Self> {
        let started = Instant::now();
        let known = match &start.data {
            Some(data) => Layout::read(data).context("the data folder's layout")?,
            None => None,
        };
        let layout = match known {
            Some(known) => known.must_suit(start)?,
            None => Layout::choose(start)?,
        };
        // Until everything is prepared, a failure takes the temporary folder away again.
        let (data_dir, scratch) = match &start.data {
            Some(data) => {
                std::fs::create_dir_all(data)?;
                (data.canonicalize()?, None)
            }
            None => {
                let scratch = data_folder::temporary()?;
                (scratch.path().to_owned(), Some(scratch))
            }
        };
        layout.write(&data_dir)?;
        let listener = listen(&folder.socket(layout.base_port))?;
        let nodes = layout.places(&data_dir).into_iter().map(Node::new).collect();
        let data_is_temporary = start.data.is_none() && !start.keep;
        let is_new = known.is_none();
        let racks = Racks::new(layout.rack_places(&data_dir));
        let cluster = Self {
            folder,
            listener,
            layout,
            data_dir,
            data_is_temporary,
            is_new,
            nodes,
            racks,
            started,
        };
        cluster.keep_record()?;
        drop(scratch.map(tempfile::TempDir::keep));
        Ok(cluster)
    }

    fn record(&self) -> DevRecord {
        DevRecord {
            base_port: self.layout.base_port,
            supervisor: std::process::id(),
            data_dir: self.data_dir.clone(),
            data_is_temporary: self.data_is_temporary,
            nodes: self.nodes.iter().map(Node::record).collect(),
            racks: self.racks.record(),
            clients: self.racks.figures(),
        }
    }

    fn keep_record(&self) -> io::Result<()> {
        self.folder.write(&self.record())
    }

    async fn live(
        &mut self,
        start: &DevStart,
        format: OutputFormat,
        stop: &mut StopSignals,
    ) -> anyhow::Result<Ended> {
        let (given, samples) = tokio::select! {
            is_up = self.bring_up(start) => is_up?,
            () = stop.received() => return Ok(Ended::BeforeItRan),
        };
        let record = self.record();
        let program = std::env::args().next().unwrap_or_else(|| "regent".into());
        let took = self.started.elapsed();
        let welcome =
            Welcome { record: &record, program: &program, given: &given, samples: &samples, took };
        format.show(&serde_json::to_value(&record)?, |_| welcome.text());
        loop {
            tokio::select! {
                () = stop.received() => return Ok(Ended::BySignal),
                (process, status) = first_ended(&mut self.nodes, &mut self.racks.agents) => {
                    tell_end(process, status?);
                    self.keep_record()?;
                }
                client = self.listener.accept() => {
                    let (mut client, _) = client?;
                    match control::receive(&mut client).await {
                        Ok(None) => {}
                        Ok(Some(Order::Stop)) => return Ok(Ended::ByOrder(client)),
                        Ok(Some(order)) => {
                            let reply = self.carry_out(order).await;
                            control::answer(&mut client, &reply).await;
                        }
                        Err(error) => tell(&format!("an order could not be read: {error}")),
                    }
                }
            }
        }
    }

    /// Starts all nodes, waits until they vote, gives the region what it is to begin with, and starts the racks.
    async fn bring_up(&mut self, start: &DevStart) -> anyhow::Result<(Given, Samples)> {
        let addresses: Vec<_> = self.nodes.iter().map(|node| node.place.api.clone()).collect();
        let client = Client::new(&addresses, QUESTION_MAX)?;
        let voters = self.layout.nodes;
        let founder = self.nodes[0].place.peer.clone();
        for number in 0..self.nodes.len() {
            self.nodes[number].start((number > 0).then_some(&founder), voters)?;
            if self.is_new {
                // Nobody can join a region that is not there yet, and one joins at a time.
                let joined = until_cluster(&client, |cluster| has_members(cluster, number + 1));
                wait(&mut self.nodes, START_MAX, joined).await?;
            }
        }
        self.keep_record()?;
        let all_vote = |cluster: &Value| {
            ["voters", "healthy_voters"].iter().all(|field| cluster[*field] == voters)
                && !cluster["leader"].is_null()
        };
        wait(&mut self.nodes, START_MAX, until_cluster(&client, all_vote)).await?;
        let given = match (&start.import, start.demo) {
            (Some(dump), _) => {
                let data_dir = self.data_dir.clone();
                let import = site::import(dump, &addresses, &data_dir);
                Given::Site(wait(&mut self.nodes, IMPORT_MAX, import).await??)
            }
            (None, Demo::Small) if self.is_new => Given::Demo(
                wait(&mut self.nodes, START_MAX, demo::send(&client, demo::SMALL)).await??,
            ),
            (None, Demo::Small | Demo::None) => Given::Nothing,
        };
        let racks = self.racks.bring_up(&client, &addresses);
        wait(&mut self.nodes, START_MAX, racks)
            .await?
            .context("the rack agents cannot be started")?;
        self.keep_record()?;
        let samples = wait(&mut self.nodes, START_MAX, Samples::find(&client)).await?;
        Ok((given, samples))
    }

    async fn carry_out(&mut self, order: Order) -> Reply {
        match order {
            Order::Status | Order::Stop => Ok(()),
            Order::Pause(name) => self.signal(&name, Signal::STOP),
            Order::Resume(name) => self.signal(&name, Signal::CONT),
            Order::Kill(name) => self.kill(&name).await,
            Order::Start(name) => self.start(&name).map_err(io::Error::other),
            Order::CountAnew => {
                self.racks.count_anew();
                Ok(())
            }
        }
        .and_then(|()| self.keep_record())
        .map(|()| self.record())
        .map_err(|error| error.to_string())
    }

    fn signal(&mut self, name: &str, signal: Signal) -> io::Result<()> {
        self.process(name)?.signal(signal)
    }

    async fn kill(&mut self, name: &str) -> io::Result<()> {
        let process = self.process(name)?;
        process.signal(Signal::KILL)?;
        process.ended().await.map(drop)
    }

    fn start(&mut self, name: &str) -> anyhow::Result<()> {
        if let Some(rack) = self.racks.agents.iter_mut().find(|rack| rack.place.name == name) {
            return rack.start();
        }
        let running = self.nodes.iter().find(|node| node.process.runs());
        let founder = running.map(|node| node.place.peer.clone());
        let voters = self.layout.nodes;
        match self.nodes.iter_mut().find(|node| node.place.name == name) {
            Some(node) => node.start(founder.as_ref(), voters),
            None => self.process(name).map(drop).map_err(Into::into),
        }
    }

    /// The process of this name.
    fn process(&mut self, name: &str) -> io::Result<&mut Process> {
        let nodes = self.nodes.iter().map(|node| &*node.place.name);
        let racks = self.racks.agents.iter().map(|rack| &*rack.place.name);
        let names = nodes.chain(racks).collect::<Vec<_>>().join(", ");
        let mut all = processes(&mut self.nodes, &mut self.racks.agents);
        let process = all.find(|process| process.name == name);
        process.ok_or_else(|| io::Error::other(format!("there is no {name}, only {names}")))
    }

    /// Ends all processes and removes what was made.
    async fn end(&mut self) -> anyhow::Result<()> {
        // Nodes and racks are built to lose nothing when they are killed, so only data that stays is worth waiting for.
        let signals = if self.data_is_temporary {
            &[Signal::KILL][..]
        } else {
            &[Signal::CONT, Signal::TERM][..]
        };
        for process in processes(&mut self.nodes, &mut self.racks.agents) {
            for signal in signals {
                // It may have ended in this moment, or long ago.
                drop(process.signal(*signal));
            }
        }
        let running = processes(&mut self.nodes, &mut self.racks.agents);
        for process in running.filter(|process| process.runs()) {
            if timeout(STOP_MAX, process.ended()).await.is_err() {
                tell(&format!("{} does not stop in order and is killed", process.name));
                process.signal(Signal::KILL)?;
                process.ended().await?;
            }
        }
        self.folder.remove(self.layout.base_port);
        if self.data_is_temporary {
            data_folder::remove(&self.data_dir)?;
        }
        Ok(())
    }
}

/// Listens for orders. A socket nobody answers at is what a killed supervisor left.
fn listen(socket: &Path) -> anyhow::Result<UnixListener> {
    if std::os::unix::net::UnixStream::connect(socket).is_err() {
        drop(std::fs::remove_file(socket));
    }
    UnixListener::bind(socket).with_context(|| format!("the control socket {}", socket.display()))
}

/// All processes, running or not.
fn processes<'a>(
    nodes: &'a mut [Node],
    racks: &'a mut [Rack],
) -> impl Iterator<Item = &'a mut Process> {
    let nodes = nodes.iter_mut().map(|node| &mut node.process);
    nodes.chain(racks.iter_mut().map(|rack| &mut rack.process))
}

/// Waits until one of those that run ends.
async fn first_ended<'a>(
    nodes: &'a mut [Node],
    racks: &'a mut [Rack],
) -> (&'a Process, io::Result<ExitStatus>) {
    let ends = processes(nodes, racks).map(|process| {
        Box::pin(async move {
            let status = process.ended().await;
            (&*process, status)
        })
    });
    select_all(ends).await.0
}

/// Waits for `work`, but not longer than it may take, nor when a node ends.
async fn wait<T>(
    nodes: &mut [Node],
    time_max: Duration,
    work: impl Future<Output = T>,
) -> anyhow::Result<T> {
    tokio::select! {
        done = timeout(time_max, work) => done.context("the nodes took too long"),
        (process, status) = first_ended(nodes, &mut []) => {
            anyhow::bail!("{} ended with {}\n{}", process.name, status?, process.log_tail())
        }
    }
}

fn tell_end(process: &Process, status: ExitStatus) {
    let Process { name, log_file, .. } = process;
    tell(&format!(
        "{name} ended ({status}); its log: {}; start it again: regent dev start {name}",
        log_file.display()
    ));
}

fn has_members(cluster: &Value, members: usize) -> bool {
    let nodes = cluster["nodes"].as_array().map_or(0, Vec::len);
    nodes == members && !cluster["leader"].is_null()
}

/// Asks about the cluster until it is as wanted.
async fn until_cluster(client: &Client, wanted: impl Fn(&Value) -> bool) {
    loop {
        match client.call(&Call::get("/v1/cluster")).await {
            Ok(answer) if wanted(&answer.body) => return,
            Ok(_) | Err(_) => sleep(QUESTION_PAUSE).await,
        }
    }
}
