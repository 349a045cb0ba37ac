//! The task behind a link: goes where the route says, holds what was opened there, and passes on what is said.
//!
//! Commands are taken at every moment, also while a node is being reached. Of what the region says, the next message is
//! read only when the last one was passed on: a slow agent slows its region down, and nothing piles up.

use crate::endpoint::Endpoint;
use crate::lease::rack_time::RackTime;
use crate::region::connection::{Connection, connect};
use crate::region::conversation::{Conversation, Heard, write_probed};
use crate::region::end::End;
use crate::region::goodbye::Consequence;
use crate::region::interface;
use crate::region::moving::{Client, Moving};
use crate::region::node::Node;
use crate::region::outbox::{Gone, Outbox};
use crate::region::pace::Pace;
use crate::region::route::Route;
use crate::region::situation::Situation;
use crate::region::traffic::{Command, Event, SessionTag};
use crate::session::{Answered, Ask, Beat, FromRegion, NoAnswer};
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode;
use regent_proto::rack::from_rack::Message;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

/// So many nodes in a row have to say that they do not know the rack before it believes them: a node that has just joined,
/// or lags behind, may not have heard of it.
const VERDICTS_MIN: u32 = 5;

/// A link at work.
#[derive(Debug)]
pub struct Driver {
    /// How long to wait.
    pub pace: Pace,
    /// The rack's clock.
    pub clock: fn() -> RackTime,
    /// What the rack says of itself.
    pub situation: Situation,
    /// Where to go.
    pub route: Route,
    /// Whether an address may be gone to.
    pub permits: fn(&Endpoint) -> bool,
    /// What the agent wants.
    pub commands: mpsc::Receiver<Command>,
    /// What the agent is told.
    pub outbox: Outbox,
    /// What is to be carried over from one session to the next.
    pub notes: Notes,
}

/// What a link keeps in mind.
#[derive(Debug, Default)]
pub struct Notes {
    /// How the rack is, and since when that is known.
    beat: Option<(Instant, Beat)>,
    /// The last session.
    tag: SessionTag,
    /// Nodes in a row that did not know the rack.
    verdicts: u32,
    /// Nodes in a row that were of another cluster, while none was out of reach: that one may be of the rack's own.
    strangers: u32,
    /// The region's nodes that the agent was told of.
    nodes: Vec<Endpoint>,
    /// When another process pushed the rack out last.
    replaced: Option<Instant>,
    /// What was logged of each node since the last session: the same is not logged twice.
    logged: BTreeMap<Endpoint, End>,
}

/// Why the task ends.
enum Stop {
    /// Nobody wants it any more.
    Unwanted,
    /// Somebody has to do something.
    Advice(String),
}

/// An open session.
struct Session {
    connection: Connection,
    conversation: Conversation,
    since: Instant,
    moving: Moving,
}

/// What happened first.
enum Step {
    Wanted(Option<Command>),
    Told(Result<(), Gone>),
    Came(Result<rack::ToRack, End>),
    Reached(Result<Client, End>),
    Time,
}

/// Whether the session goes on.
enum Flow {
    On,
    Over(End),
    MovedTo(Box<Connection>),
}

impl From<Gone> for Stop {
    fn from(Gone: Gone) -> Self {
        Self::Unwanted
    }
}

impl Driver {
    /// Works until nobody wants anything any more, or somebody has to do something.
    pub async fn run(mut self) {
        loop {
            let Err(stop) = self.follow().await else { continue };
            if let Stop::Advice(advice) = stop {
                tracing::error!(advice, "the link to the region has given up");
                self.outbox.push(Event::Stopped(advice));
                while !self.outbox.is_empty() && self.outbox.tell_one().await.is_ok() {}
            }
            return;
        }
    }

    /// One session, from the search for a node to its end.
    async fn follow(&mut self) -> Result<(), Stop> {
        let mut session = self.reach().await?;
        let end = loop {
            match self.turn(&mut session).await? {
                Flow::On => {}
                Flow::Over(end) => break end,
                Flow::MovedTo(connection) => session = self.begin(*connection),
            }
        };
        // First: what the agent must not do alone any more it hears before it is alone.
        let judged = self.judge(&session.connection.endpoint, &end, session.since.elapsed());
        self.say(FromRegion::Closed);
        judged
    }

    async fn reach(&mut self) -> Result<Session, Stop> {
        loop {
            let attempt = self.route.next(Instant::now());
            self.meanwhile(sleep_until(attempt.at.into())).await?;
            let pace = self.pace;
            let opened = match self.meanwhile(connect(&attempt.endpoint, &pace)).await? {
                Ok(client) => self.open(client, attempt.endpoint.clone()).await?,
                Err(end) => Err(end),
            };
            match opened {
                Ok(connection) => return Ok(self.begin(connection)),
                Err(end) => self.judge(&attempt.endpoint, &end, Duration::ZERO)?,
            }
        }
    }

    async fn open(
        &mut self,
        client: Client,
        endpoint: Endpoint,
    ) -> Result<Result<Connection, End>, Stop> {
        let (hello, pace) = (self.situation.hello(), self.pace);
        self.meanwhile(Connection::open(client, endpoint, hello, &pace)).await
    }

    fn begin(&mut self, connection: Connection) -> Session {
        let welcome = &connection.welcome;
        let (node, session) = (welcome.node, welcome.session);
        tracing::info!(endpoint = %connection.endpoint, node, session, "rack session opened");
        (self.notes.verdicts, self.notes.strangers) = (0, 0);
        self.notes.logged.clear();
        self.notes.tag.0 += 1;
        self.say(FromRegion::Opened(welcome.opened));
        let since = Instant::now();
        let conversation = Conversation::new(self.pace, welcome.heartbeat, since);
        Session { connection, conversation, since, moving: Moving::No }
    }

    /// Waits for whatever comes first and does what follows from it.
    async fn turn(&mut self, session: &mut Session) -> Result<Flow, Stop> {
        if !session.conversation.is_asking()
            && let Some((endpoint, client)) = session.moving.arrive()
        {
            return self.go_on_at(endpoint, client).await;
        }
        let is_told = self.outbox.is_empty();
        let step = tokio::select! {
            command = self.commands.recv() => Step::Wanted(command),
            told = self.outbox.tell_one(), if !is_told => Step::Told(told),
            came = session.connection.receive(), if is_told => Step::Came(came),
            reached = session.moving.progress() => Step::Reached(reached),
            () = sleep_until(session.conversation.wakes().into()) => Step::Time,
        };
        let done = match step {
            Step::Wanted(command) => self.obey(session, command.ok_or(Stop::Unwanted)?),
            Step::Told(told) => Ok(told?),
            Step::Came(came) => came.and_then(|message| self.hear(session, message)),
            Step::Reached(client) => {
                session.moving.reached(client);
                Ok(())
            }
            Step::Time => self.look_at_clock(session),
        };
        Ok(done.map_or_else(Flow::Over, |()| Flow::On))
    }

    /// Opens a session there. From the `Hello` on nothing more is heard of the session here: it may be over, and what the
    /// other node tells begins where this one was then.
    async fn go_on_at(&mut self, endpoint: Endpoint, client: Client) -> Result<Flow, Stop> {
        match self.open(client, endpoint.clone()).await? {
            Ok(connection) => Ok(Flow::MovedTo(Box::new(connection))),
            Err(end) => {
                self.judge(&endpoint, &end, Duration::ZERO)?;
                Ok(Flow::Over(End::HungUp))
            }
        }
    }

    fn obey(&mut self, session: &mut Session, command: Command) -> Result<(), End> {
        match command {
            Command::Ask(tag, ask) if tag == self.notes.tag => self.ask(session, &ask),
            Command::HangUp => Err(End::HungUp),
            Command::Probed(tag, probed) if tag == self.notes.tag => {
                session.connection.send(write_probed(&probed))
            }
            Command::Interfaces(interfaces) => {
                let told = rack::Interfaces { interfaces: interface::write(&interfaces) };
                self.note(Command::Interfaces(interfaces));
                session.connection.send(rack::FromRack { message: Some(Message::Interfaces(told)) })
            }
            Command::Ask(..) | Command::Probed(..) | Command::Beat(_) | Command::Have(_) => {
                self.note(command);
                Ok(())
            }
        }
    }

    fn ask(&mut self, session: &mut Session, ask: &Ask) -> Result<(), End> {
        match session.conversation.ask(Instant::now(), ask) {
            Some(message) => session.connection.send(message),
            None => {
                let (id, at) = (ask.id, (self.clock)());
                let result = Err(NoAnswer::NotDone);
                self.say(FromRegion::Answered(Answered { id, at, result }));
                Ok(())
            }
        }
    }

    fn hear(&mut self, session: &mut Session, message: rack::ToRack) -> Result<(), End> {
        match session.conversation.hear(Instant::now(), (self.clock)(), message)? {
            Heard::Nothing => {}
            Heard::Said(said) => self.say(said),
            Heard::Nodes(nodes) => self.learn(nodes),
            Heard::Probe(probe) => self.outbox.push(Event::Probe(self.notes.tag, probe)),
            Heard::Move(endpoint) if (self.permits)(&endpoint) => {
                session.moving = Moving::to(endpoint, self.pace);
            }
            Heard::Move(endpoint) => {
                tracing::warn!(%endpoint, "asked to go on where the configuration forbids it");
            }
        }
        Ok(())
    }

    fn look_at_clock(&mut self, session: &mut Session) -> Result<(), End> {
        let now = Instant::now();
        if !self.outbox.is_empty() {
            session.conversation.excuse_silence(now);
        }
        if let Some((answered, end)) = session.conversation.overdue(now, (self.clock)()) {
            answered.into_iter().for_each(|answered| self.say(FromRegion::Answered(answered)));
            return Err(end);
        }
        let news = self.notes.beat.as_ref().map(|(since, beat)| (*since, beat));
        session.conversation.beat(now, news).map_or(Ok(()), |beat| session.connection.send(beat))
    }

    /// Remembers what is told again in every session.
    fn note(&mut self, command: Command) {
        match command {
            Command::Beat(beat) => self.notes.beat = Some((Instant::now(), beat)),
            Command::Have(possessions) => self.situation.possessions = possessions,
            Command::Interfaces(interfaces) => self.situation.interfaces = interfaces,
            Command::Ask(_, ask) => {
                tracing::debug!(id = ask.id, "question of a session that is over")
            }
            Command::Probed(..) | Command::HangUp => {}
        }
    }

    fn learn(&mut self, mut nodes: Vec<Node>) {
        nodes.retain(|node| (self.permits)(&node.api));
        self.route.learn(&nodes);
        let endpoints: Vec<Endpoint> = nodes.iter().map(|node| node.api.clone()).collect();
        if !endpoints.is_empty() && endpoints != self.notes.nodes {
            self.notes.nodes = endpoints;
            self.outbox.push(Event::Nodes(nodes));
        }
    }

    /// Draws the consequences of a session, or the want of one, that lasted so long.
    fn judge(&mut self, endpoint: &Endpoint, end: &End, lasted: Duration) -> Result<(), Stop> {
        if self.notes.logged.insert(endpoint.clone(), end.clone()).as_ref() != Some(end) {
            tracing::warn!(%endpoint, reason = %end, "no session with this region node");
        }
        let now = Instant::now();
        let hold_off = self.hold_off(now, end)?;
        if lasted >= self.pace.steady {
            self.route.lost(now, endpoint, hold_off);
        } else {
            self.route.failed(now, endpoint, hold_off);
        }
        Ok(())
    }

    /// For how long to leave that node alone.
    fn hold_off(&mut self, now: Instant, end: &End) -> Result<Duration, Stop> {
        let End::Goodbye(goodbye) = end else {
            if matches!(end, End::Unreachable(_)) {
                self.notes.strangers = 0;
            }
            return Ok(Duration::ZERO);
        };
        let (consequence, retry_after) = (goodbye.consequence(), goodbye.retry_after);
        let Consequence::Stop(advice) = consequence else {
            (self.notes.verdicts, self.notes.strangers) = (0, 0);
            match consequence {
                Consequence::Elsewhere | Consequence::Stop(_) => {}
                Consequence::AnotherLife => self.situation.end_life(),
                Consequence::Yield => self.give_way(now),
                Consequence::Later => self.rest(now, self.pace.backoff_max),
            }
            return Ok(retry_after);
        };
        let verdicts = if goodbye.code == GoodbyeCode::GoodbyeOtherCluster {
            &mut self.notes.strangers
        } else {
            &mut self.notes.verdicts
        };
        *verdicts += 1;
        if *verdicts >= VERDICTS_MIN {
            return Err(Stop::Advice(format!("{goodbye}; {advice}")));
        }
        Ok(retry_after.max(self.pace.verdict))
    }

    fn give_way(&mut self, now: Instant) {
        let Pace { replaced, replaced_again, .. } = self.pace;
        let last = self.notes.replaced.replace(now);
        let is_again = last.is_some_and(|last| now.duration_since(last) < replaced_again * 2);
        if is_again {
            self.outbox.push(Event::Rival);
        }
        self.rest(now, if is_again { replaced_again } else { replaced });
    }

    fn rest(&mut self, now: Instant, pause: Duration) {
        let pause = self.route.jittered(pause);
        self.route.rest(now, pause);
    }

    fn say(&mut self, said: FromRegion) {
        self.outbox.push(Event::Said(self.notes.tag, said));
    }

    /// Waits for something outside of a session, and takes commands all the while.
    async fn meanwhile<T>(&mut self, awaited: impl Future<Output = T>) -> Result<T, Stop> {
        let mut awaited = pin!(awaited);
        loop {
            let is_told = self.outbox.is_empty();
            tokio::select! {
                done = &mut awaited => return Ok(done),
                command = self.commands.recv() => self.note(command.ok_or(Stop::Unwanted)?),
                told = self.outbox.tell_one(), if !is_told => told?,
            }
        }
    }
}
