//! How a machine becomes a rack: by a token, once. The key is drawn here and told in one answer; the region keeps its digest
//! alone.

use crate::grpc::hello::{KEY_BYTES, check_interfaces};
use crate::grpc::limits::{NAME_BYTES_MAX, OPEN_TIME};
use crate::grpc::node::RackNode;
use crate::grpc::nodes::nodes;
use crate::rack_door::RackDoor;
use bytes::Bytes;
use rand::Rng as _;
use regent_core::command::Command;
use regent_core::command::node::NewInterface;
use regent_core::command::rack::{Enrol, RackCommand};
use regent_core::model::hostname::Hostname;
use regent_core::model::rack_token::RackToken;
use regent_core::model::rack_token_text::RackTokenText;
use regent_core::model::secret_digest::SecretDigest;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::Outcome;
use regent_core::state::State;
use regent_proto::rack;
use regent_proto::rack::{CheckTokenReply, CheckTokenRequest, EnrolReply, EnrolRequest};
use regent_raft::error::ProposeError;
use regent_raft::region::propose::Write;
use std::time::Instant;
use tonic::{Code, Status};

/// Enrols a machine. Who brings no good token is counted at the door, as those are who ask for a session.
///
/// # Errors
/// [`Status`], with a word for people: `INVALID_ARGUMENT` for what makes no sense, `FAILED_PRECONDITION` for a token that
/// is not good here, `UNAVAILABLE` if another attempt may fare better, `ABORTED` if nobody knows whether it was enrolled.
pub async fn enrol(
    node: &RackNode,
    door: &RackDoor,
    request: EnrolRequest,
) -> Result<EnrolReply, Status> {
    become_rack(node, request).await.inspect_err(|status| count(node, door, status))
}

/// Tells whether a token is good at this moment. It is so still afterwards. Who brings none is counted as one who enrols with it.
///
/// # Errors
/// [`Status`], as those of [`enrol`].
pub async fn check_token(
    node: &RackNode,
    door: &RackDoor,
    request: CheckTokenRequest,
) -> Result<CheckTokenReply, Status> {
    let is_good = is_good(node, &request.token).await;
    is_good.map(|()| CheckTokenReply {}).inspect_err(|status| count(node, door, status))
}

/// Counts who brings no good token.
fn count(node: &RackNode, door: &RackDoor, refusal: &Status) {
    if let Code::InvalidArgument | Code::FailedPrecondition = refusal.code() {
        node.shared.board.refused();
        door.refuse();
    }
}

async fn is_good(node: &RackNode, text: &str) -> Result<(), Status> {
    let token = token(text, &node.region.identity().cluster_id)?;
    let turn = node.shared.admission.turn().await;
    let _turn = turn.map_err(|goodbye| Status::unavailable(goodbye.text))?;
    check_known(node, token, Instant::now() + OPEN_TIME).await
}

async fn become_rack(node: &RackNode, request: EnrolRequest) -> Result<EnrolReply, Status> {
    let identity = node.region.identity();
    let token = token(&request.token, &identity.cluster_id)?;
    let turn = node.shared.admission.turn().await;
    let turn = turn.map_err(|goodbye| Status::unavailable(goodbye.text))?;
    let deadline = Instant::now() + OPEN_TIME;
    check_known(node, token, deadline).await?;
    let mut key = [0; KEY_BYTES];
    rand::rng().fill_bytes(&mut key);
    let wish = wish(request, token, SecretDigest::of(&key))?;
    let write = Write {
        principal: "rack-token".to_owned(),
        key: None,
        guards: Vec::new(),
        command: Command::Rack(RackCommand::Enrol(wish)),
    };
    let reply = node.region.propose(write, deadline).await;
    drop(turn);
    match reply.map_err(|error| not_proposed(&error))?.result {
        Ok(Outcome::Enrolled { system_id, .. }) => Ok(EnrolReply {
            cluster_id: identity.cluster_id.clone(),
            system_id: system_id.to_string(),
            key: Bytes::copy_from_slice(&key),
            nodes: nodes(&node.region, &node.shared.board.everyone()).nodes,
        }),
        Ok(outcome) => {
            tracing::error!(?outcome, "an enrolment came to something else");
            Err(Status::internal("the region answered something else"))
        }
        Err(rejection) => Err(Status::failed_precondition(rejection.to_string())),
    }
}

/// The digest of a token of this cluster.
fn token(text: &str, cluster_id: &str) -> Result<SecretDigest, Status> {
    let token = RackTokenText::parse(text);
    let token = token.map_err(|error| Status::invalid_argument(error.to_string()))?;
    if token.cluster_id != cluster_id {
        return Err(Status::failed_precondition("the token is of another cluster"));
    }
    Ok(token.digest())
}

/// Whoever has no good token brings no entry into the log. One that was made elsewhere a moment ago is looked for.
async fn check_known(
    node: &RackNode,
    token: SecretDigest,
    deadline: Instant,
) -> Result<(), Status> {
    let knows = |state: &State| {
        let listed = state.indexes().rack_tokens_by_digest.first_under(&token);
        let row = listed.and_then(|id| state.get::<RackToken>(id));
        // What is due with many others is taken out a little later.
        row.is_some_and(|row| row.value.expires > state.meta().now)
    };
    if knows(&node.region.published().state) {
        return Ok(());
    }
    let published = node.region.linearizable(deadline).await;
    let published = published.map_err(|error| Status::unavailable(error.to_string()))?;
    let unknown = || Status::failed_precondition("token is unknown, used, revoked or out of date");
    knows(&published.state).then_some(()).ok_or_else(unknown)
}

fn wish(request: EnrolRequest, token: SecretDigest, key: SecretDigest) -> Result<Enrol, Status> {
    let EnrolRequest { hostname, interfaces, version, .. } = request;
    check_interfaces(&interfaces).map_err(|goodbye| Status::invalid_argument(goodbye.text))?;
    if version.len() > NAME_BYTES_MAX {
        return Err(Status::invalid_argument("the version is too long"));
    }
    let hostname = Hostname::new(&hostname);
    let hostname = hostname.map_err(|error| Status::invalid_argument(error.to_string()))?;
    let interfaces = interfaces.into_iter().filter_map(card).collect();
    Ok(Enrol { token, key, hostname, version, interfaces })
}

/// A card. What has no hardware address is none.
fn card(interface: rack::Interface) -> Option<NewInterface> {
    let mac: [u8; 6] = interface.mac_address.as_ref().try_into().ok()?;
    Some(NewInterface { name: interface.name, mac_address: MacAddr(mac), vlan: None })
}

fn not_proposed(error: &ProposeError) -> Status {
    match error {
        ProposeError::OutcomeUnknown => Status::aborted(
            "nobody knows whether the machine was enrolled: if the token is used up, make one for the rack that appeared",
        ),
        ProposeError::NoLeader
        | ProposeError::Overloaded { .. }
        | ProposeError::TooLarge { .. }
        | ProposeError::Stopping
        | ProposeError::NotUnderstood
        | ProposeError::DiskFull
        | ProposeError::Contested => Status::unavailable(error.to_string()),
    }
}
