//! How a session begins: who it is, whether it may, and the entry of the log that ends the one before.

use crate::grpc::asking::InSession;
use crate::grpc::goodbye::Goodbye;
use crate::grpc::hello::{Hello, read};
use crate::grpc::hub::Registered;
use crate::grpc::limits::OPEN_TIME;
use crate::grpc::node::RackNode;
use crate::grpc::standing::over;
use crate::rack_board::link::Link;
use crate::rack_board::status::HEARTBEAT;
use crate::rack_door::{Inside, RackDoor};
use regent_core::command::Command;
use regent_core::command::rack::RackCommand;
use regent_core::id::NodeId;
use regent_core::model::rack_life::RackSession;
use regent_core::outcome::Outcome;
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode;
use regent_raft::region::propose::Write;
use regent_raft::state_machine::published::Published;
use std::sync::Arc;
use std::time::Instant;

/// A session that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Whose it is.
    pub rack: InSession,
    /// The version of the rack's software.
    pub version: String,
    /// Where the rack is connected.
    pub links: Vec<Link>,
    /// Epoch and revision of the view the rack has, if it has one.
    pub has: Option<(u64, u64)>,
    /// The state of the first view it is told.
    pub published: Arc<Published>,
    /// Its place among the sessions.
    pub registered: Registered,
    /// Its place on the connection.
    pub inside: Inside,
    /// What the rack is told.
    pub welcome: rack::Welcome,
}

/// Opens a session for whoever says this.
///
/// # Errors
/// [`Goodbye`] if he may not have one, or not now, or not here.
pub async fn open(node: &RackNode, door: &RackDoor, hello: rack::Hello) -> Result<Opened, Goodbye> {
    let hello = read(hello)?;
    // Strangers take no rack's turn.
    hello.check_cluster(&node.region.identity().cluster_id)?;
    let turn = node.shared.admission.turn().await?;
    let deadline = Instant::now() + OPEN_TIME;
    let rack = recognise(node, &hello, deadline).await?;
    node.shared.paces.open(rack, Instant::now()).map_err(Goodbye::too_often)?;
    let no_room = || Goodbye::elsewhere("as many racks as may are connected to this node");
    let inside = door.enter().ok_or_else(no_room)?;
    let RackSession { life, session } = propose(node, rack, &hello, deadline).await?;
    let published = node.region.published();
    let (registered, published) = node.shared.hub.register(rack, session, published)?;
    drop(turn);
    let state = &published.state;
    // Whoever looks for sessions that are over may have looked before this one was registered.
    if let Some(goodbye) = over(state, rack, session) {
        return Err(goodbye);
    }
    let welcome = rack::Welcome {
        cluster_id: hello.cluster_id,
        epoch: state.meta().epoch,
        session,
        life: life.0,
        rack: rack.0,
        now: state.meta().now.0,
        heartbeat_ms: u32::try_from(HEARTBEAT.as_millis()).unwrap_or(u32::MAX),
        node: node.region.identity().node_id,
    };
    let rack = InSession { rack, system_id: hello.system_id, session };
    let (version, links, has) = (hello.version, hello.links, hello.view);
    Ok(Opened { rack, version, links, has, published, registered, inside, welcome })
}

/// Who that is: by what this node knows, and if that is not enough by what the region knows. A rack may have enrolled at
/// another node a moment ago.
///
/// # Errors
/// [`Goodbye`] for who is not who he says, or if nobody can tell now.
pub async fn recognise(
    node: &RackNode,
    hello: &Hello,
    deadline: Instant,
) -> Result<NodeId, Goodbye> {
    let known = hello.recognise(&node.region.published().state);
    match known {
        Err(goodbye) if goodbye.code == GoodbyeCode::GoodbyeUnknownRack => {}
        known => return known,
    }
    let published = node.region.linearizable(deadline).await;
    let published = published.map_err(|error| Goodbye::no_quorum(error.to_string()))?;
    hello.recognise(&published.state)
}

async fn propose(
    node: &RackNode,
    rack: NodeId,
    hello: &Hello,
    deadline: Instant,
) -> Result<RackSession, Goodbye> {
    let (life, key) = (hello.life, hello.key);
    let write = Write {
        principal: format!("rack:{}", hello.system_id),
        key: None,
        guards: Vec::new(),
        command: Command::Rack(RackCommand::OpenSession { rack, life, key }),
    };
    let reply = node.region.propose(write, deadline).await;
    match reply.map_err(|error| Goodbye::not_proposed(&error))?.result {
        Ok(Outcome::RackSession(session)) => Ok(session),
        Ok(outcome) => {
            tracing::error!(?outcome, "a session of a rack came to something else");
            Err(Goodbye::elsewhere("the region answered something else"))
        }
        Err(rejection) => Err(Goodbye::refused(&rejection)),
    }
}
