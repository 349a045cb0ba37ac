//! The first view of a session: what its rack has missed, or everything. Of whole views few are told at a time; whoever waits for
//! his hears that the node is there. None of it keeps a session that is over.

use crate::grpc::goodbye::Goodbye;
use crate::grpc::hub::Registered;
use crate::grpc::limits::{QUIET_MAX, ROOM_TIME, WHOLE_VIEW_TIME};
use crate::grpc::node::RackNode;
use crate::grpc::nodes::nodes;
use crate::grpc::outbox::{NotTaken, Outbox};
use crate::grpc::session::End;
use crate::grpc::tell::tell;
use regent_core::id::NodeId;
use regent_core::rack_view::telling::{missed, whole};
use regent_core::revision::Revision;
use regent_core::state::State;
use regent_proto::rack::to_rack::Message;
use std::pin::pin;
use std::time::Instant;
use tokio::sync::SemaphorePermit;
use tokio::time::{sleep, sleep_until, timeout};

/// Tells a rack that has this epoch and revision of its view, or none, how it is in this state. The revision that was told, if
/// there was anything to tell.
///
/// # Errors
/// How the session ended meanwhile.
pub async fn tell_first(
    (node, registered): (&RackNode, &Registered),
    (rack, has): (NodeId, Option<(u64, u64)>),
    state: &State,
    outbox: &mut Outbox,
) -> Result<Option<u64>, End> {
    let missed = has.and_then(|(epoch, revision)| missed(state, rack, epoch, Revision(revision)));
    let told = match missed {
        Some(change) => while_it_goes_on(node, registered, tell(change, outbox)).await??,
        None => {
            let room = room(node, registered, outbox).await?;
            let telling = timeout(WHOLE_VIEW_TIME, tell(whole(state, rack), outbox));
            let told = while_it_goes_on(node, registered, telling).await?;
            drop(room);
            told.map_err(|_late| End::Leave(Goodbye::slow("it took its view too slowly")))??
        }
    };
    // What was touched meanwhile woke nobody who tells it.
    registered.look_again();
    Ok(told)
}

/// Waits for room for a whole view.
async fn room<'n>(
    node: &'n RackNode,
    registered: &Registered,
    outbox: &mut Outbox,
) -> Result<SemaphorePermit<'n>, End> {
    let mut room = pin!(node.shared.whole_views.acquire());
    let late = Instant::now() + ROOM_TIME;
    loop {
        let waiting = async {
            tokio::select! {
                biased;
                () = outbox.hung_up() => Err(NotTaken::Gone.into()),
                room = room.as_mut() => Ok(Some(room.expect("the semaphore is never closed"))),
                () = sleep_until(late.into()) => {
                    Err(End::Leave(Goodbye::elsewhere("many racks are told everything at once")))
                }
                () = sleep(QUIET_MAX) => Ok(None),
            }
        };
        if let Some(room) = while_it_goes_on(node, registered, waiting).await?? {
            return Ok(room);
        }
        let nodes = nodes(&node.region, &node.shared.board.everyone());
        while_it_goes_on(node, registered, outbox.send(Message::Nodes(nodes))).await??;
    }
}

/// Does the work, unless the session is over before it is done.
async fn while_it_goes_on<T>(
    node: &RackNode,
    registered: &Registered,
    work: impl Future<Output = T>,
) -> Result<T, End> {
    tokio::select! {
        biased;
        goodbye = registered.sent_away() => Err(End::Leave(goodbye)),
        () = node.shared.stopping.cancelled() => Err(End::Leave(Goodbye::stopping())),
        done = work => Ok(done),
    }
}
