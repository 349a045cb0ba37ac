//! A node's side of a rack's session: opens it in the log, tells what the rack is to know and what changes of it, and has
//! the rack's steps applied. By the same rules as the service that racks really speak to (`api/src/grpc`): what the state
//! says of a session is `core`'s.

use crate::rack::way::{Entrance, Exit, Gone};
use futures::future::BoxFuture;
use regent_core::command::Command;
use regent_core::command::rack::RackCommand;
use regent_core::id::NodeId;
use regent_core::lease::server::Incarnation;
use regent_core::model::rack_life::RackSession;
use regent_core::model::secret_digest::SecretDigest;
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::query::rack_session::{Answered, answered, over};
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::follow::followed;
use regent_core::rack_view::served::vlans_of;
use regent_core::rack_view::telling::{difference, missed, whole};
use regent_core::rejection::Rejection;
use regent_core::revision::Revision;
use regent_core::time::ClusterTime;
use regent_rack_agent::session::{Ask, NoAnswer, Opened};
use regent_raft::error::ProposeError;
use regent_raft::region::handle::Region;
use regent_raft::region::propose::Write;
use regent_raft::state_machine::published::Published;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What the region gets to open a session.
const OPEN_TIME: Duration = Duration::from_secs(5);
/// What it gets to answer what a rack asks.
const ASK_TIME: Duration = Duration::from_secs(4);
/// How often a node says that it is there.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// A rack that says nothing for so long is given up.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// Who wants a session.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The rack.
    pub rack: NodeId,
    /// Of its key.
    pub key: SecretDigest,
    /// The life it has records of.
    pub life: Option<Incarnation>,
    /// Epoch and revision of the view it has.
    pub has: Option<(u64, Revision)>,
}

/// What a rack says.
#[derive(Clone, Debug)]
pub enum FromRack {
    /// It is there.
    Sign,
    /// It asks for steps.
    Ask(Ask),
}

/// What a node says.
#[derive(Clone, Debug)]
pub enum FromNode {
    /// The node is there.
    Sign,
    /// The session is open.
    Opened(Opened),
    /// What concerns the rack has changed.
    Told(ViewChange),
    /// What came of an [`Ask`] with this number.
    Answered(u64, Result<(ClusterTime, Vec<LeaseAnswer>), NoAnswer>),
}

/// A session that goes on.
struct Session {
    region: Region,
    rack: NodeId,
    session: u64,
    /// The state that the rack was told of.
    told: Arc<Published>,
    to_rack: Entrance<FromNode>,
    asking: Option<BoxFuture<'static, (FromNode, Standing)>>,
}

/// Whether a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    GoesOn,
    Over,
}

/// Serves a rack until either side has enough. To be called in the life of the node's process.
pub async fn serve(
    region: Region,
    hello: Hello,
    mut from_rack: Exit<FromRack>,
    to_rack: Entrance<FromNode>,
) {
    let Some(session) = open(&region, &hello).await else { return };
    let told = region.published();
    let rack = hello.rack;
    if over(&told.state, rack, session.session).is_some() {
        return;
    }
    let number = session.session;
    let mut serving = Session { region, rack, session: number, told, to_rack, asking: None };
    let (mut heard, mut signed) = (Instant::now(), Instant::now());
    let mut progress = serving.region.progress();
    progress.mark_changed();
    if serving.begin(session, hello.has).is_err() {
        return;
    }
    loop {
        let done = tokio::select! {
            biased;
            (answer, standing) = concluded(&mut serving.asking) => {
                serving.to_rack.send(answer).and(standing.goes_on())
            }
            said = from_rack.next() => {
                heard = Instant::now();
                said.ok_or(Gone).and_then(|said| serving.hear(said))
            }
            Ok(()) = progress.changed() => serving.follow(),
            () = sleep_until(signed + SIGN_EVERY) => {
                signed = Instant::now();
                serving.to_rack.send(FromNode::Sign)
            }
            () = sleep_until(heard + SILENCE_MAX) => Err(Gone),
        };
        if done.is_err() {
            return;
        }
    }
}

impl Standing {
    const fn goes_on(self) -> Result<(), Gone> {
        match self {
            Self::GoesOn => Ok(()),
            Self::Over => Err(Gone),
        }
    }
}

impl Session {
    fn begin(&mut self, session: RackSession, has: Option<(u64, Revision)>) -> Result<(), Gone> {
        let (state, rack) = (&self.told.state, self.rack);
        let (epoch, now) = (state.meta().epoch, state.meta().now);
        let missed = has.and_then(|(epoch, revision)| missed(state, rack, epoch, revision));
        let view = missed.unwrap_or_else(|| whole(state, rack));
        self.to_rack.send(FromNode::Opened(Opened { epoch, rack, life: session.life, now }))?;
        self.to_rack.send(FromNode::Told(view))
    }

    fn hear(&mut self, said: FromRack) -> Result<(), Gone> {
        match said {
            FromRack::Sign => Ok(()),
            FromRack::Ask(_) if self.asking.is_some() => Err(Gone),
            FromRack::Ask(ask) => {
                self.asking =
                    Some(Box::pin(asked(self.region.clone(), self.rack, self.session, ask)));
                Ok(())
            }
        }
    }

    /// Tells what has changed, and ends the session where it is over.
    fn follow(&mut self) -> Result<(), Gone> {
        let published = self.region.published();
        let (before, after) = (&self.told.state, &published.state);
        let touched = followed(before, after);
        let change = difference(after, self.rack, &vlans_of(before, self.rack), &touched);
        let standing = match over(after, self.rack, self.session) {
            Some(_) => Standing::Over,
            None => Standing::GoesOn,
        };
        self.told = published;
        if !change.says_nothing() {
            self.to_rack.send(FromNode::Told(change))?;
        }
        standing.goes_on()
    }
}

async fn open(region: &Region, hello: &Hello) -> Option<RackSession> {
    let Hello { rack, key, life, has: _ } = hello.clone();
    let command = Command::Rack(RackCommand::OpenSession { rack, life, key });
    let reply = region.propose(write(rack, command), deadline(OPEN_TIME)).await.ok()?;
    match reply.result {
        Ok(Outcome::RackSession(session)) => Some(session),
        Ok(_) | Err(_) => None,
    }
}

/// Has steps applied.
async fn asked(region: Region, rack: NodeId, session: u64, ask: Ask) -> (FromNode, Standing) {
    let Ask { id, steps } = ask;
    let command = Command::Rack(RackCommand::Leases { rack, session, steps });
    let (result, standing) = match region.propose(write(rack, command), deadline(ASK_TIME)).await {
        Ok(reply) => {
            let state = &region.published().state;
            told(answered(state, reply.revision, reply.result))
        }
        Err(ProposeError::OutcomeUnknown) => (Err(NoAnswer::Unknown), Standing::GoesOn),
        Err(
            ProposeError::NoLeader
            | ProposeError::Overloaded { .. }
            | ProposeError::TooLarge { .. }
            | ProposeError::Stopping
            | ProposeError::NotUnderstood
            | ProposeError::DiskFull
            | ProposeError::Contested,
        ) => (Err(NoAnswer::NotDone), Standing::GoesOn),
    };
    (FromNode::Answered(id, result), standing)
}

type Told = (Result<(ClusterTime, Vec<LeaseAnswer>), NoAnswer>, Standing);

fn told(answered: Answered) -> Told {
    match answered {
        Answered::Applied(now, answers) => (Ok((now, answers)), Standing::GoesOn),
        Answered::Refused(Rejection::RackSessionOver { .. }) => {
            (Err(NoAnswer::NotDone), Standing::Over)
        }
        Answered::Refused(_) => (Err(NoAnswer::NotDone), Standing::GoesOn),
        Answered::NotApplied | Answered::Foreign(_) => (Err(NoAnswer::Unknown), Standing::GoesOn),
    }
}

/// Ready with what came of what is asked; not at all if nothing is.
async fn concluded(
    asking: &mut Option<BoxFuture<'static, (FromNode, Standing)>>,
) -> (FromNode, Standing) {
    let Some(asked) = asking else { return pending().await };
    let answer = asked.await;
    *asking = None;
    answer
}

fn write(rack: NodeId, command: Command) -> Write {
    Write { principal: format!("rack:{}", rack.0), key: None, guards: Vec::new(), command }
}

fn deadline(patience: Duration) -> std::time::Instant {
    (Instant::now() + patience).into_std()
}
