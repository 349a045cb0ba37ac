//! The running agent: carries what happens to [`Duty`], and out what it wants done.
//!
//! One task does it all, one thing after the other; disk, wires and the line to the region have threads and tasks of their
//! own, and bounds.

use crate::agent::askers::Askers;
use crate::agent::keeping::NodeKeeper;
use crate::agent::naming::Namer;
use crate::agent::report::{Question, Report};
use crate::agent::searches::{Searched, Searches};
use crate::agent::setting::{self, possessions};
use crate::agent::telling;
use crate::agent::trouble::AgentError;
use crate::clock::mark::Mark;
use crate::clock::sample::{BootId, Sample, boot_id, now};
use crate::clock::watch::{SAMPLE_INTERVAL, Watch};
use crate::config::Config;
use crate::dhcp::action::Found;
use crate::duty::effect::Effect;
use crate::duty::event::{Event, WriteId};
use crate::duty::machine::Duty;
use crate::endpoint::Endpoint;
use crate::machine;
use crate::region::link::Link;
use crate::region::situation::Possessions;
use crate::region::traffic::{self, Command, SessionTag};
use crate::remembered::{Identity, Remembered};
use crate::session::{Answered, Ask, FromRegion, NoAnswer};
use crate::store::open::Store;
use crate::store::writer::{NotTaken, Writer};
use crate::wire::wires::Wires;
use regent_core::time::Millis;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// What the system may refuse at any time.
const INTERFACES: &str = "the network interfaces cannot be listed";
/// What somebody has to do about it.
const RIVAL: &str = "another process has this rack's identity, and the two push each other out: stop one of them, and \
                     never copy a state directory. Nothing is given without the region until it answers";
/// How often the machine hears that time has passed.
const TICK: Duration = Duration::from_millis(100);

/// Runs the agent until `stop` is ready.
///
/// # Errors
/// [`AgentError`]: it cannot start, or cannot go on.
pub async fn run(config: &Config, stop: impl Future<Output = ()>) -> Result<(), AgentError> {
    let (store, remembered) = Store::open(&config.state_dir)?;
    store.losses().iter().for_each(|loss| tracing::error!("ALARM: {loss}"));
    let identity = store.identity().cloned().ok_or(AgentError::NoRack)?;
    let boot = boot_id().map_err(AgentError::system("the id of this boot"))?;
    let first = Sample::now();
    warn_of_parted_clocks(&remembered, &boot, &first.into());
    let mut duty = Duty::start(remembered, boot, first.into());
    duty.limit_newcomers(config.newcomers);
    let own = machine::told_interfaces(config).map_err(AgentError::system(INTERFACES))?;
    let listener = telling::listen(&config.state_dir).map_err(AgentError::system("socket"))?;
    let mut askers = Askers::at(listener);
    let (writer, mut durable) = store.writer().map_err(AgentError::system("writer's thread"))?;
    let opened = Wires::open(setting::wires(config));
    let (wires, mut heard) = opened.map_err(AgentError::system(
        "the DHCP sockets cannot be opened (they need CAP_NET_RAW and CAP_NET_BIND_SERVICE)",
    ))?;
    let (link, mut told) = Link::start(setting::link(config, own, &identity, &duty))?;
    tracing::info!(
        system_id = identity.system_id,
        cluster_id = identity.cluster_id,
        "rack agent started"
    );
    let (searches, mut searched) = Searches::new(wires.searcher());
    let mut agent = Agent::new(config, identity, duty, (writer, wires, searches), link);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sampling = sampling();
    let mut watch = Watch::new(first);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            // Doubt comes before whatever would rest on the clock; that is, before what waits for the disk goes out, too.
            _ = sampling.tick() => {
                let sample = Sample::now();
                if let Some(doubt) = watch.feed(sample) {
                    tracing::warn!("{doubt}: nothing is given without the region until it answers");
                    agent.handle(Event::ClockInDoubt)?;
                }
                agent.handle(Event::Clocks(sample.into()))?;
            }
            further = durable.further() => {
                let id = further.map_err(AgentError::Disk)?;
                agent.handle(Event::Durable(WriteId(id)))?;
            }
            said = told.recv(), if agent.has_line => {
                agent.hear(said.ok_or(AgentError::Ended("the line to the region"))?)?;
            }
            // Rare, and a few at a time.
            asker = askers.next() => {
                let report = agent.report(asker.question);
                askers.tell(asker, report);
            }
            names = agent.namer.found() => agent.handle(Event::Names(names))?,
            found = searched.recv() => {
                agent.found(found.ok_or(AgentError::Ended("looks for servers"))?);
            }
            event = heard.recv() => agent.sense(event.ok_or(AgentError::Ended("the wires"))?)?,
            _ = tick.tick() => agent.handle(Event::Tick)?,
        }
    }
    agent.link.stop().await;
    agent.nodes.stop().await;
    tracing::info!("rack agent stopped");
    Ok(())
}

fn sampling() -> Interval {
    let mut sampling = interval(Duration::from_millis(SAMPLE_INTERVAL.0));
    sampling.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sampling
}

/// What [`Duty::start`] finds out, too, for people.
fn warn_of_parted_clocks(remembered: &Remembered, boot: &BootId, mark: &Mark) {
    let is_same_boot = remembered.boot.as_ref() == Some(boot);
    let before = remembered.clocks.filter(|_| is_same_boot);
    if let Some(Millis(by)) = before.and_then(|before| before.parted(mark)) {
        tracing::warn!(
            "while no agent ran, the wall clock parted from the others by {by} ms or the machine was set back: \
             nothing is given without the region until it answers"
        );
    }
}

/// What the loop works with.
struct Agent {
    config: Config,
    identity: Identity,
    duty: Duty,
    writer: Writer,
    wires: Wires,
    searches: Searches,
    link: Link,
    /// Whether the link still looks for the region. Without it the agent does alone what it may.
    has_line: bool,
    nodes: NodeKeeper,
    namer: Namer,
    /// The session the region's last word came in.
    session: SessionTag,
    possessions: Possessions,
    /// Why the region will not be found again.
    trouble: Option<String>,
}

impl Agent {
    fn new(
        config: &Config,
        identity: Identity,
        duty: Duty,
        (writer, wires, searches): (Writer, Wires, Searches),
        link: Link,
    ) -> Self {
        let namer = Namer::start();
        namer.want(duty.names());
        let (config, possessions) = (config.clone(), possessions(&duty));
        let nodes = NodeKeeper::start(&config.state_dir);
        Self {
            config,
            identity,
            duty,
            writer,
            wires,
            searches,
            link,
            has_line: true,
            nodes,
            namer,
            session: SessionTag::default(),
            possessions,
            trouble: None,
        }
    }

    /// What the line to the region brings.
    fn hear(&mut self, event: traffic::Event) -> Result<(), AgentError> {
        match event {
            traffic::Event::Said(session, said) => {
                if matches!(said, FromRegion::Opened(_)) {
                    self.session = session;
                    self.trouble = None;
                }
                let is_of_site = is_of_site(&said);
                self.handle(Event::Region(said))?;
                if is_of_site {
                    self.namer.want(self.duty.names());
                }
                Ok(())
            }
            traffic::Event::Probe(session, probe) => {
                self.searches.begin(session, probe);
                Ok(())
            }
            traffic::Event::Nodes(nodes) => {
                let nodes: Vec<Endpoint> = nodes.into_iter().map(|node| node.api).collect();
                self.nodes.keep(nodes);
                Ok(())
            }
            traffic::Event::Rival => {
                tracing::error!("ALARM: {RIVAL}");
                self.trouble = Some(RIVAL.to_owned());
                self.handle(Event::Rival)
            }
            traffic::Event::Stopped(text) => {
                tracing::error!("ALARM: {text}");
                self.trouble = Some(text);
                self.has_line = false;
                self.handle(Event::Region(FromRegion::Closed))
            }
        }
    }

    /// What a look for servers brings. Where the region does not hear of it, it asks again.
    fn found(&self, (session, probed): Searched) {
        match self.tell_region(Command::Probed(session, probed)) {
            Told::Taken | Told::Not => {}
        }
    }

    /// What the wires bring.
    fn sense(&mut self, event: Event) -> Result<(), AgentError> {
        if matches!(event, Event::Wires(_)) {
            match machine::told_interfaces(&self.config) {
                Ok(interfaces) => drop(self.tell_region(Command::Interfaces(interfaces))),
                Err(error) => tracing::warn!(%error, "the region is not told: {INTERFACES}"),
            }
        }
        self.handle(event)
    }

    fn handle(&mut self, event: Event) -> Result<(), AgentError> {
        let effects = self.duty.handle(now(), event);
        // First: a session that an effect ends is followed by one that begins with what the rack has now.
        let possessions = possessions(&self.duty);
        if possessions != self.possessions {
            self.possessions = possessions;
            self.tell_region(Command::Have(possessions));
        }
        effects.into_iter().try_for_each(|effect| self.do_one(effect))
    }

    fn do_one(&mut self, effect: Effect) -> Result<(), AgentError> {
        match effect {
            Effect::Transmit { wire, outgoing } => {
                if let Err(error) = self.wires.transmit(wire, &outgoing) {
                    tracing::debug!(%error, "a reply could not be sent");
                }
            }
            Effect::Probe { id, wire, address, probe } => {
                if self.wires.probe(id, wire, address, probe).is_err() {
                    return self.handle(Event::Tried { id, found: Found::Untried });
                }
            }
            Effect::Write { id, writes } => match self.writer.send(id.0, writes) {
                Ok(()) => {}
                // Nothing that was not written may ever count as written: better no agent than one that forgets.
                Err(NotTaken::Full) => return Err(AgentError::Ended("the disk's patience")),
                // Why it has ended is told where its progress is waited for.
                Err(NotTaken::Ended) => {}
            },
            Effect::Ask(ask) => return self.ask(ask),
            Effect::Beat(beat) => drop(self.tell_region(Command::Beat(beat))),
            Effect::HangUp => drop(self.tell_region(Command::HangUp)),
            Effect::Alarm(alarm) => tracing::error!(?alarm, "ALARM"),
        }
        Ok(())
    }

    /// A question that the link does not take was not asked, which is said at once.
    fn ask(&mut self, ask: Ask) -> Result<(), AgentError> {
        let id = ask.id;
        match self.tell_region(Command::Ask(self.session, ask)) {
            Told::Taken => Ok(()),
            Told::Not => {
                let answered = Answered { id, at: now(), result: Err(NoAnswer::NotDone) };
                self.handle(Event::Region(FromRegion::Answered(answered)))
            }
        }
    }

    /// Commands are taken at once, as long as there is a line.
    fn tell_region(&self, command: Command) -> Told {
        match self.link.commands().try_send(command) {
            Ok(()) => Told::Taken,
            Err(error) => {
                if self.has_line {
                    tracing::warn!(%error, "the line to the region takes nothing");
                }
                Told::Not
            }
        }
    }

    fn report(&self, question: Question) -> Report {
        let Identity { system_id, cluster_id, key: _ } = self.identity.clone();
        let (counts, trouble) = (self.wires.counts(), self.trouble.clone());
        Report::of((system_id, cluster_id), &self.duty, counts, trouble, question)
    }
}

/// Whether other subnets are told, or the same ones otherwise.
fn is_of_site(said: &FromRegion) -> bool {
    match said {
        FromRegion::Told(change) => change.whole || !change.vlans.is_empty(),
        FromRegion::Opened(_)
        | FromRegion::Fellows(_)
        | FromRegion::Answered(_)
        | FromRegion::Closed => false,
    }
}

/// Whether the link took a command.
enum Told {
    Taken,
    Not,
}
