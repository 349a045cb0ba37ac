//! The running agent: carries what happens to [`Duty`], and out what it wants done.
//!
//! One task does it all, one thing after the other; disk, wires and the line to the region have threads and tasks of their
//! own, and bounds.

use crate::agent::report::Report;
use crate::agent::telling;
use crate::agent::trouble::AgentError;
use crate::clock::sample::{Sample, boot_id, now};
use crate::clock::watch::{SAMPLE_INTERVAL, Watch};
use crate::config::Config;
use crate::duty::effect::Effect;
use crate::duty::event::{Event, WireAddress, WriteId};
use crate::duty::machine::Duty;
use crate::endpoint::Endpoint;
use crate::machine;
use crate::region::interface::Interface;
use crate::region::link::{Link, Setting};
use crate::region::pace::Pace;
use crate::region::situation::{Possessions, Situation, ViewPlace};
use crate::region::traffic::{self, Command, SessionTag};
use crate::remembered::Identity;
use crate::session::FromRegion;
use crate::store::nodes;
use crate::store::open::Store;
use crate::store::writer::{NotTaken, Writer};
use crate::test_section::TestAddress;
use crate::wire::wires::{WireConfig, Wires};
use std::io;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// What the system may refuse at any time.
const INTERFACES: &str = "the network interfaces cannot be listed";
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
    let duty = Duty::start(remembered, boot, now());
    let own = interfaces(config).map_err(AgentError::system(INTERFACES))?;
    let telling = telling::listen(&config.state_dir).map_err(AgentError::system("socket"))?;
    let (writer, mut durable) = store.writer().map_err(AgentError::system("writer's thread"))?;
    let opened = Wires::open(wire_config(config));
    let (wires, mut heard) = opened.map_err(AgentError::system(
        "the DHCP sockets cannot be opened (they need CAP_NET_RAW and CAP_NET_BIND_SERVICE)",
    ))?;
    let (link, mut told) = Link::start(setting(config, own, &identity, &duty))?;
    tracing::info!(
        system_id = identity.system_id,
        cluster_id = identity.cluster_id,
        "rack agent started"
    );
    let mut agent = Agent::new(config, identity, duty, writer, wires, link);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sampling = sampling();
    let mut watch = Watch::new(Sample::now());
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            further = durable.further() => {
                let id = further.map_err(AgentError::Disk)?;
                agent.handle(Event::Durable(WriteId(id)))?;
            }
            // Doubt comes before whatever would rest on the clock.
            _ = sampling.tick() => {
                if let Some(doubt) = watch.feed(Sample::now()) {
                    tracing::warn!("{doubt}: nothing is given without the region until it answers");
                    agent.handle(Event::ClockInDoubt)?;
                }
            }
            said = told.recv() => agent.hear(said.ok_or(AgentError::Ended("the line to the region"))?)?,
            event = heard.recv() => agent.sense(event.ok_or(AgentError::Ended("the wires"))?)?,
            _ = tick.tick() => agent.handle(Event::Tick)?,
            asker = accept(&telling) => {
                tokio::spawn(telling::tell(asker, agent.report()));
            }
        }
    }
    agent.link.stop().await;
    tracing::info!("rack agent stopped");
    Ok(())
}

fn wire_config(config: &Config) -> WireConfig {
    match &config.test {
        None => WireConfig::Interfaces(config.interfaces.clone()),
        Some(test) => {
            let address =
                |own: &TestAddress| WireAddress { address: own.address, prefix: own.prefix };
            let addresses = test.addresses.iter().map(address).collect();
            WireConfig::Test { port: test.listen.port(), addresses }
        }
    }
}

fn setting(
    config: &Config,
    interfaces: Vec<Interface>,
    identity: &Identity,
    duty: &Duty,
) -> Setting {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let situation = Situation::new(identity.clone(), version, possessions(duty), interfaces);
    Setting {
        situation,
        configured: config.regions.clone(),
        remembered: nodes::read(&config.state_dir),
        permits: config.permits(),
        pace: Pace::default(),
        clock: now,
        seed: rand::random(),
    }
}

fn sampling() -> Interval {
    let mut sampling = interval(Duration::from_millis(SAMPLE_INTERVAL.0));
    sampling.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sampling
}

fn possessions(duty: &Duty) -> Possessions {
    let place = duty.place();
    let view = place.map(|place| ViewPlace { epoch: place.epoch, revision: place.revision });
    Possessions { life: duty.life(), view }
}

/// What the region is told of the machine; a trial has no interfaces.
fn interfaces(config: &Config) -> io::Result<Vec<Interface>> {
    if config.test.is_some() { Ok(Vec::new()) } else { machine::interfaces(&config.interfaces) }
}

async fn accept(listener: &UnixListener) -> tokio::net::UnixStream {
    loop {
        match listener.accept().await {
            Ok((asker, _)) => return asker,
            Err(error) => {
                tracing::warn!(%error, "nobody can ask how the agent is");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// What the loop works with.
struct Agent {
    config: Config,
    identity: Identity,
    duty: Duty,
    writer: Writer,
    wires: Wires,
    link: Link,
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
        writer: Writer,
        wires: Wires,
        link: Link,
    ) -> Self {
        let (config, possessions) = (config.clone(), possessions(&duty));
        let (session, trouble) = (SessionTag::default(), None);
        Self { config, identity, duty, writer, wires, link, session, possessions, trouble }
    }

    /// What the line to the region brings.
    fn hear(&mut self, event: traffic::Event) -> Result<(), AgentError> {
        match event {
            traffic::Event::Said(session, said) => {
                if matches!(said, FromRegion::Opened(_)) {
                    self.session = session;
                }
                self.handle(Event::Region(said))
            }
            traffic::Event::Nodes(nodes) => {
                let nodes: Vec<Endpoint> = nodes.into_iter().map(|node| node.api).collect();
                if let Err(error) = nodes::write(&self.config.state_dir, &nodes) {
                    tracing::warn!(%error, "the region's nodes could not be kept");
                }
                Ok(())
            }
            traffic::Event::Stopped(text) => {
                tracing::error!("ALARM: {text}");
                self.trouble = Some(text);
                Ok(())
            }
        }
    }

    /// What the wires bring.
    fn sense(&mut self, event: Event) -> Result<(), AgentError> {
        if matches!(event, Event::Wires(_)) {
            let interfaces = interfaces(&self.config).map_err(AgentError::system(INTERFACES))?;
            self.tell_region(Command::Interfaces(interfaces));
        }
        self.handle(event)
    }

    fn handle(&mut self, event: Event) -> Result<(), AgentError> {
        let effects = self.duty.handle(now(), event);
        for effect in effects {
            self.do_one(effect)?;
        }
        let possessions = possessions(&self.duty);
        if possessions != self.possessions {
            self.possessions = possessions;
            self.tell_region(Command::Have(possessions));
        }
        Ok(())
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
                    let found = crate::dhcp::action::Found::Nobody;
                    return self.handle(Event::Tried { id, found });
                }
            }
            Effect::Write { id, writes } => match self.writer.send(id.0, writes) {
                Ok(()) => {}
                // Nothing that was not written may ever count as written: better no agent than one that forgets.
                Err(NotTaken::Full) => return Err(AgentError::Ended("the disk's patience")),
                // Why it has ended is told where its progress is waited for.
                Err(NotTaken::Ended) => {}
            },
            Effect::Ask(ask) => self.tell_region(Command::Ask(self.session, ask)),
            Effect::Beat(beat) => self.tell_region(Command::Beat(beat)),
            Effect::HangUp => self.tell_region(Command::HangUp),
            Effect::Alarm(alarm) => tracing::error!(?alarm, "ALARM"),
        }
        Ok(())
    }

    /// Commands are taken at once. One that is not goes to a line that has ended, which is told where its events are
    /// waited for.
    fn tell_region(&self, command: Command) {
        if let Err(error) = self.link.commands().try_send(command) {
            tracing::warn!(%error, "the line to the region takes nothing");
        }
    }

    fn report(&self) -> Report {
        let Identity { system_id, cluster_id, key: _ } = self.identity.clone();
        let counts = self.wires.counts();
        Report::of((system_id, cluster_id), &self.duty, counts, self.trouble.clone())
    }
}
