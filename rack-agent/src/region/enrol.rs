//! A machine becomes a rack: it shows a token to a region node and is told who it is from now on.
//!
//! Nothing is remembered here, and nothing tried twice: a token is good once, and if nobody knows whether it was used,
//! people have to look.

use crate::endpoint::Endpoint;
use crate::region::connection::connect;
use crate::region::interface;
use crate::region::interface::Interface;
use crate::region::node::Node;
use crate::region::pace::Pace;
use crate::region::said::read_nodes;
use crate::remembered::Identity;
use regent_proto::malformed::{Fault, Malformed};
use regent_proto::rack;
use std::error::Error as _;
use std::fmt;
use std::ops::RangeInclusive;
use tokio::time::timeout;
use tonic::{Code, Status};

/// Bytes of a cluster's or a rack's name.
const NAME_BYTES: RangeInclusive<usize> = 1..=64;
/// Bytes of a key.
const KEY_BYTES: RangeInclusive<usize> = 16..=64;

/// What a machine says of itself. Has a secret in it: cannot be printed.
#[derive(Clone)]
pub struct Candidate {
    /// What an admin gave it.
    pub token: String,
    /// What people are to call it; empty if that is the region's choice.
    pub hostname: String,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
    /// The agent's version, for people.
    pub version: String,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "candidate {:?}", self.hostname)
    }
}

/// It is a rack now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Who it is.
    pub identity: Identity,
    /// The region's nodes.
    pub nodes: Vec<Node>,
}

/// It is no rack, or nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// No node that was named answers, or none can do anything now. The token is good still.
    #[error(
        "no region node takes the token now; it is still good. The last one tried, {endpoint}: {reason}"
    )]
    Unavailable {
        /// The node tried last.
        endpoint: Endpoint,
        /// What became of that.
        reason: String,
    },
    /// The region does not take the token.
    #[error("the region refuses: {0}")]
    Refused(String),
    /// The token was sent, and no answer came.
    #[error(
        "nobody knows whether the token was used ({0}): look with `regent token ls`, and if it is \
         gone, delete the rack it made and make another token"
    )]
    Unknown(String),
    /// There was an answer that makes no sense.
    #[error("the region accepted the token, and said what makes no sense: {0}")]
    Malformed(#[from] Malformed),
}

/// Enrols through the first of these nodes that can do it.
///
/// # Errors
/// [`EnrolError`]. With no node at all, [`EnrolError::Refused`].
pub async fn enrol(
    nodes: &[Endpoint],
    candidate: &Candidate,
    pace: &Pace,
) -> Result<Enrolled, EnrolError> {
    through_first(nodes, |endpoint| enrol_through(endpoint, candidate, pace)).await
}

/// Whether the region takes this token, which is not used up with that, by the first of these nodes that can tell.
///
/// # Errors
/// [`EnrolError::Unavailable`] or [`EnrolError::Refused`], the latter with no node at all.
pub async fn check_token(nodes: &[Endpoint], token: &str, pace: &Pace) -> Result<(), EnrolError> {
    through_first(nodes, |endpoint| check_token_through(endpoint, token, pace)).await
}

/// What comes of the first node that can do it; of the last one tried, if none can.
async fn through_first<'n, T, A>(
    nodes: &'n [Endpoint],
    attempt: impl Fn(&'n Endpoint) -> A,
) -> Result<T, EnrolError>
where
    A: Future<Output = Result<T, EnrolError>>,
{
    let mut outcome = Err(EnrolError::Refused("no region node was named".to_owned()));
    for endpoint in nodes {
        outcome = attempt(endpoint).await;
        if !matches!(outcome, Err(EnrolError::Unavailable { .. })) {
            break;
        }
    }
    outcome
}

async fn check_token_through(
    endpoint: &Endpoint,
    token: &str,
    pace: &Pace,
) -> Result<(), EnrolError> {
    let unavailable = |reason| EnrolError::Unavailable { endpoint: endpoint.clone(), reason };
    let client = connect(endpoint, pace).await;
    let mut client = client.map_err(|end| unavailable(end.to_string()))?;
    let request = rack::CheckTokenRequest { token: token.to_owned() };
    match timeout(pace.enrol, client.check_token(request)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(status)) => Err(match failure(&status) {
            refused @ EnrolError::Refused(_) => refused,
            // Nothing was used up.
            EnrolError::Unavailable { .. } | EnrolError::Unknown(_) | EnrolError::Malformed(_) => {
                unavailable(status.message().to_owned())
            }
        }),
        Err(elapsed) => Err(unavailable(elapsed.to_string())),
    }
}

async fn enrol_through(
    endpoint: &Endpoint,
    candidate: &Candidate,
    pace: &Pace,
) -> Result<Enrolled, EnrolError> {
    let unavailable = |reason| EnrolError::Unavailable { endpoint: endpoint.clone(), reason };
    let client = connect(endpoint, pace).await;
    let mut client = client.map_err(|end| unavailable(end.to_string()))?;
    let Candidate { token, hostname, interfaces, version } = candidate.clone();
    let interfaces = interface::write(&interfaces);
    let request = rack::EnrolRequest { token, hostname, interfaces, version };
    match timeout(pace.enrol, client.enrol(request)).await {
        Ok(Ok(reply)) => Ok(read_reply(reply.into_inner())?),
        Ok(Err(status)) if is_unavailable(&status) => Err(unavailable(status.message().to_owned())),
        Ok(Err(status)) => Err(failure(&status)),
        Err(elapsed) => Err(EnrolError::Unknown(elapsed.to_string())),
    }
}

/// The node itself says that it can do nothing now.
fn is_unavailable(status: &Status) -> bool {
    status.code() == Code::Unavailable && status.source().is_none()
}

fn failure(status: &Status) -> EnrolError {
    let text = status.message().to_owned();
    match status.code() {
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Unauthenticated => EnrolError::Refused(text),
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => EnrolError::Unknown(text),
    }
}

fn read_reply(reply: rack::EnrolReply) -> Result<Enrolled, Malformed> {
    let rack::EnrolReply { cluster_id, system_id, key, nodes } = reply;
    check("cluster_id", cluster_id.len(), NAME_BYTES)?;
    check("system_id", system_id.len(), NAME_BYTES)?;
    check("key", key.len(), KEY_BYTES)?;
    let identity = Identity { cluster_id, system_id, key: key.into() };
    Ok(Enrolled { identity, nodes: read_nodes(nodes) })
}

fn check(part: &str, bytes: usize, range: RangeInclusive<usize>) -> Result<(), Malformed> {
    if range.contains(&bytes) {
        return Ok(());
    }
    let (value, min, max) = (bytes as u64, *range.start() as u64, *range.end() as u64);
    Err(Malformed::new(part, Fault::OutOfRange { value, min, max }))
}
