//! A session once it is open: what the rack says, and what it is told.

use crate::grpc::asking::{self, Asked, InSession};
use crate::grpc::fellows::fellows;
use crate::grpc::goodbye::Goodbye;
use crate::grpc::heartbeat;
use crate::grpc::hello;
use crate::grpc::hub::{Registered, Task};
use crate::grpc::lag::Lag;
use crate::grpc::limits::{HEARTBEATS_MISSED_MAX, QUIET_MAX};
use crate::grpc::node::RackNode;
use crate::grpc::nodes::nodes;
use crate::grpc::outbox::{NotTaken, Outbox};
use crate::grpc::probing::Probing;
use crate::grpc::sighting;
use crate::grpc::tell::tell;
use crate::rack_board::Everyone;
use crate::rack_board::link::Link;
use crate::rack_board::status::HEARTBEAT;
use futures::future::BoxFuture;
use regent_core::rack_view::telling::difference;
use regent_proto::lease;
use regent_proto::rack;
use regent_proto::rack::FromRack;
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::to_rack::Message;
use std::future::pending;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until};
use tonic::{Code, Status, Streaming};

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The rack hung up in order.
    Closed,
    /// The connection broke off.
    Broken,
    /// The rack is to be told this.
    Leave(Goodbye),
}

impl From<NotTaken> for End {
    fn from(reason: NotTaken) -> Self {
        match reason {
            NotTaken::Gone => Self::Broken,
            NotTaken::Slow => Self::Leave(Goodbye::slow("it took nothing of what it was sent")),
        }
    }
}

/// A session that goes on.
pub struct Session<'o> {
    node: RackNode,
    rack: InSession,
    /// Of the rack's software.
    version: String,
    /// Where the rack is connected.
    links: Vec<Link>,
    registered: Registered,
    outbox: &'o mut Outbox,
    everyone: watch::Receiver<Arc<Everyone>>,
    /// When the rack said something last.
    heard: Instant,
    /// Changes of its view that it was told.
    lag: Lag,
    /// What it was told last.
    nodes: rack::Nodes,
    fellows: rack::Fellows,
    /// What it has asked and was not answered.
    asking: Option<BoxFuture<'static, Asked>>,
    last_ask: Option<u64>,
    /// Looks for foreign servers that it was asked for.
    probing: Probing,
    /// What it is told once it is answered.
    leaving: Option<Goodbye>,
}

/// What happens next.
enum Turn {
    Heard(Result<Option<FromRack>, Status>),
    Asked(Asked),
    Woken,
    Gathered,
    Silent,
    Stopping,
    HungUp,
}

impl<'o> Session<'o> {
    /// A session whose rack was welcomed.
    pub fn new(
        node: RackNode,
        (rack, version, links, told_revision): (InSession, String, Vec<Link>, u64),
        registered: Registered,
        outbox: &'o mut Outbox,
    ) -> Self {
        let mut everyone = node.shared.board.follow();
        // What is known is told at once.
        everyone.mark_changed();
        Self {
            node,
            rack,
            version,
            links,
            registered,
            outbox,
            everyone,
            heard: Instant::now(),
            lag: Lag::new(told_revision),
            nodes: rack::Nodes::default(),
            fellows: rack::Fellows::default(),
            asking: None,
            last_ask: None,
            probing: Probing::default(),
            leaving: None,
        }
    }

    /// Goes on until either side has enough.
    pub async fn go_on(mut self, mut incoming: Streaming<FromRack>) -> End {
        loop {
            if let Some(goodbye) = self.leaving.take_if(|_| self.asking.is_none()) {
                return End::Leave(goodbye);
            }
            let turn = self.next(&mut incoming).await;
            if let Err(end) = self.act(turn).await {
                return end;
            }
        }
    }

    async fn next(&mut self, incoming: &mut Streaming<FromRack>) -> Turn {
        let listens = self.leaving.is_none();
        let silent_at = self.heard + HEARTBEAT * HEARTBEATS_MISSED_MAX;
        tokio::select! {
            // What the rack said while the session was busy is heard before it counts as silent.
            biased;
            turn = self.event(incoming) => turn,
            () = sleep_until(silent_at.into()), if listens => Turn::Silent,
        }
    }

    async fn event(&mut self, incoming: &mut Streaming<FromRack>) -> Turn {
        let listens = self.leaving.is_none();
        tokio::select! {
            asked = answered(&mut self.asking) => Turn::Asked(asked),
            said = incoming.message(), if listens => Turn::Heard(said),
            () = self.registered.woken(), if listens => Turn::Woken,
            Ok(()) = self.everyone.changed(), if listens => Turn::Gathered,
            () = self.node.shared.stopping.cancelled(), if listens => Turn::Stopping,
            () = self.outbox.hung_up() => Turn::HungUp,
        }
    }

    async fn act(&mut self, turn: Turn) -> Result<(), End> {
        match turn {
            Turn::Heard(said) => self.hear(said).await,
            Turn::Asked(asked) => self.answer(asked).await,
            Turn::Woken => self.work().await,
            Turn::Gathered => self.gathered().await,
            Turn::Silent => Err(End::Leave(Goodbye::slow("it said nothing for too long"))),
            Turn::Stopping => {
                self.leaving = Some(Goodbye::stopping());
                Ok(())
            }
            Turn::HungUp => Err(End::Broken),
        }
    }

    async fn hear(&mut self, said: Result<Option<FromRack>, Status>) -> Result<(), End> {
        let said = match said {
            Ok(Some(said)) => said.message,
            Ok(None) => return Err(End::Closed),
            Err(status) if makes_no_sense(&status) => return Err(malformed(status.message())),
            Err(_broken) => return Err(End::Broken),
        };
        self.heard = Instant::now();
        match said {
            Some(Said::Heartbeat(heartbeat)) => {
                self.beat(heartbeat);
                Ok(())
            }
            Some(Said::Ask(ask)) => self.ask(ask).await,
            Some(Said::Interfaces(rack::Interfaces { interfaces })) => {
                self.links = hello::links(interfaces).map_err(End::Leave)?;
                Ok(())
            }
            Some(Said::Probed(probed)) => self.probed(probed),
            Some(Said::Hello(_)) => Err(malformed("a session has one hello")),
            None => Err(malformed("a message of a kind not known here")),
        }
    }

    fn beat(&mut self, heartbeat: rack::Heartbeat) {
        let of = (self.rack.session, self.version.as_str(), &self.links[..]);
        let behind = self.lag.heard(heartbeat.applied_revision, self.heard);
        let told = (self.lag.told(), behind, &self.registered.told());
        let status = heartbeat::heard(of, told, heartbeat);
        self.node.shared.board.heard(self.rack.rack, status);
    }

    /// What the rack found is told to whoever wished for it, and comes into the log.
    fn probed(&mut self, probed: rack::Probed) -> Result<(), End> {
        let (wish, probed) = self.probing.ended(probed).map_err(malformed)?;
        let told = sighting::tell(self.node.clone(), self.rack, wish, probed);
        self.node.shared.tasks.spawn(told);
        Ok(())
    }

    async fn ask(&mut self, ask: rack::Ask) -> Result<(), End> {
        let (id, steps) = lease::ask::read(ask).map_err(|error| malformed(error.to_string()))?;
        if self.asking.is_some() {
            return Err(malformed("one request of a rack is open at a time"));
        }
        if self.last_ask.is_some_and(|last| id <= last) {
            return Err(malformed("numbers of requests only grow"));
        }
        self.last_ask = Some(id);
        let pause = self.node.shared.paces.ask(self.rack.rack, steps.len(), Instant::now());
        let (region, rack) = (self.node.region.clone(), self.rack);
        self.asking = Some(Box::pin(async move {
            sleep(pause).await;
            asking::ask(region, rack, id, steps).await
        }));
        Ok(())
    }

    async fn answer(&mut self, asked: Asked) -> Result<(), End> {
        let Asked { answers, is_over } = asked;
        match lease::answers::write(&answers) {
            Ok(answers) => self.outbox.send(Message::Answers(answers)).await?,
            Err(error) => {
                tracing::error!(%error, "an answer has no place in a message");
                return Err(End::Broken);
            }
        }
        if is_over {
            return Err(End::Leave(Goodbye::replaced()));
        }
        Ok(())
    }

    /// Does what the hub has for this session.
    async fn work(&mut self) -> Result<(), End> {
        match self.registered.take() {
            Task::Leave(goodbye) => self.leaving = Some(goodbye),
            Task::Move(place) => self.outbox.send(Message::Move(place)).await?,
            Task::Tell(touched, told, seen) => {
                let change = difference(&seen.state, self.rack.rack, &told, &touched);
                if let Some(told) = tell(change, self.outbox).await? {
                    self.lag.tell(told, Instant::now());
                }
            }
            Task::Wait => {}
        }
        Ok(())
    }

    /// Tells what is different of other nodes and racks; if nothing was told for a while, which nodes there are.
    async fn gathered(&mut self) -> Result<(), End> {
        let everyone = self.everyone.borrow_and_update().clone();
        for probe in self.probing.wished(self.rack.rack, &everyone.wishes) {
            self.outbox.send(Message::Probe(probe)).await?;
        }
        let vlans = self.registered.told();
        let published = self.node.region.published();
        let fellows = fellows(&published.state, &everyone, (self.rack.rack, &vlans));
        drop(published);
        if fellows != self.fellows {
            self.fellows = fellows;
            self.outbox.send(Message::Fellows(self.fellows.clone())).await?;
        }
        let nodes = nodes(&self.node.region, &everyone);
        if nodes != self.nodes || self.outbox.last().elapsed() >= QUIET_MAX {
            self.nodes = nodes;
            self.outbox.send(Message::Nodes(self.nodes.clone())).await?;
        }
        Ok(())
    }
}

/// Ready with the answer to what is asked; not at all if nothing is.
async fn answered(asking: &mut Option<BoxFuture<'static, Asked>>) -> Asked {
    let Some(asked) = asking else { return pending().await };
    let asked = asked.await;
    *asking = None;
    asked
}

/// Whether what came in does not decode or is too long; else the stream itself broke off.
fn makes_no_sense(status: &Status) -> bool {
    matches!(status.code(), Code::Internal | Code::OutOfRange | Code::ResourceExhausted)
}

fn malformed(text: impl Into<String>) -> End {
    End::Leave(Goodbye::malformed(text))
}
