//! A rack asks its region to let it go. It may be asked again whatever came of it: a rack leaves once.

use crate::endpoint::Endpoint;
use crate::region::connection::connect;
use crate::region::pace::Pace;
use crate::remembered::Identity;
use regent_proto::rack;
use tokio::time::timeout;
use tonic::{Code, Status};

/// It is no rack of that region any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// From now on.
    Now,
    /// The region does not know it, or not with this key: it left before, or another machine is that rack now.
    Before,
}

/// It is not let go, or nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaveError {
    /// No node answers, or none can do anything now.
    #[error("no region node lets it go now; the last one tried, {endpoint}: {reason}")]
    Unavailable {
        /// The node tried last.
        endpoint: Endpoint,
        /// What became of that.
        reason: String,
    },
    /// The region does not let it go.
    #[error("its region refuses: {0}")]
    Refused(String),
}

/// Asks these nodes until one lets it go.
///
/// # Errors
/// [`LeaveError`]. With no node at all, [`LeaveError::Refused`].
pub async fn leave(
    nodes: &[Endpoint],
    identity: &Identity,
    pace: &Pace,
) -> Result<Released, LeaveError> {
    let mut failed = LeaveError::Refused("no node of it is known".to_owned());
    for endpoint in nodes {
        match leave_through(endpoint, identity, pace).await {
            Ok(released) => return Ok(released),
            // Some other region's node may be among them: what it says is the last word only if nobody is away.
            Err(error) if !matches!(failed, LeaveError::Unavailable { .. }) => failed = error,
            Err(_) => {}
        }
    }
    Err(failed)
}

async fn leave_through(
    endpoint: &Endpoint,
    identity: &Identity,
    pace: &Pace,
) -> Result<Released, LeaveError> {
    let unavailable = |reason| LeaveError::Unavailable { endpoint: endpoint.clone(), reason };
    let client = connect(endpoint, pace).await;
    let mut client = client.map_err(|end| unavailable(end.to_string()))?;
    let Identity { cluster_id, system_id, key } = identity.clone();
    let request = rack::LeaveRequest { cluster_id, system_id, key: key.into() };
    match timeout(pace.enrol, client.leave(request)).await {
        Ok(Ok(_)) => Ok(Released::Now),
        Ok(Err(status)) if status.code() == Code::NotFound => Ok(Released::Before),
        Ok(Err(status)) if is_refusal(&status) => {
            Err(LeaveError::Refused(status.message().to_owned()))
        }
        Ok(Err(status)) => Err(unavailable(status.message().to_owned())),
        Err(elapsed) => Err(unavailable(elapsed.to_string())),
    }
}

fn is_refusal(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::FailedPrecondition | Code::InvalidArgument | Code::PermissionDenied
    )
}
