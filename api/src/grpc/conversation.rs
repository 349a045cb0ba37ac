//! A stream from its first message to its last: hello, session, goodbye.

use crate::grpc::first_view::tell_first;
use crate::grpc::goodbye::Goodbye;
use crate::grpc::limits::HELLO_TIME;
use crate::grpc::node::RackNode;
use crate::grpc::opening::{Opened, open};
use crate::grpc::outbox::Outbox;
use crate::grpc::session::{End, Session};
use crate::rack_board::own::Ending;
use crate::rack_board::status::RackStatus;
use crate::rack_door::RackDoor;
use regent_proto::rack;
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::to_rack::Message;
use regent_proto::rack::{FromRack, GoodbyeCode};
use tokio::time::timeout;
use tonic::Streaming;

/// Speaks with whoever opened the stream until either side has enough.
pub async fn converse(
    node: RackNode,
    door: RackDoor,
    mut incoming: Streaming<FromRack>,
    mut outbox: Outbox,
) {
    let opening = async {
        let hello = timeout(HELLO_TIME, hello(&mut incoming)).await;
        let late = || Goodbye::malformed("a stream begins with a hello");
        open(&node, &door, hello.map_err(|_| late())??).await
    };
    let opened = tokio::select! {
        opened = opening => opened,
        () = node.shared.stopping.cancelled() => Err(Goodbye::stopping()),
        () = outbox.hung_up() => return,
    };
    let end = match opened {
        Ok(opened) => attend(&node, opened, incoming, &mut outbox).await,
        Err(goodbye) => {
            tracing::debug!(
                code = goodbye.code.as_str_name(),
                why = goodbye.text,
                "refused a rack"
            );
            node.shared.board.refused();
            if goodbye.is_to_a_stranger() {
                door.refuse();
            }
            End::Leave(goodbye)
        }
    };
    if let End::Leave(goodbye) = end
        && let Err(reason) = outbox.send(goodbye.into()).await
    {
        tracing::debug!(?reason, "a rack did not take its goodbye and finds the stream ended");
    }
}

async fn hello(incoming: &mut Streaming<FromRack>) -> Result<rack::Hello, Goodbye> {
    let first = incoming.message().await.map_err(|status| Goodbye::malformed(status.message()))?;
    match first.and_then(|first| first.message) {
        Some(Said::Hello(hello)) => Ok(hello),
        Some(Said::Heartbeat(_) | Said::Ask(_) | Said::Interfaces(_) | Said::Probed(_)) | None => {
            Err(Goodbye::malformed("a stream begins with a hello"))
        }
    }
}

/// Serves an open session to its end, and has the board know.
async fn attend(
    node: &RackNode,
    opened: Opened,
    incoming: Streaming<FromRack>,
    outbox: &mut Outbox,
) -> End {
    let Opened { rack, version, links, has, published, registered, inside, welcome } = opened;
    let revision = has.map_or(0, |(_, revision)| revision);
    let board = &node.shared.board;
    let begun = RackStatus::begun(rack.session, version.clone(), revision, links.clone());
    board.heard(rack.rack, begun);
    tracing::info!(rack = %rack.system_id, session = rack.session, "a rack opened a session");
    let session = async {
        outbox.send(Message::Welcome(welcome)).await?;
        let first = tell_first((node, &registered), (rack.rack, has), &published.state, outbox);
        let told = first.await?;
        drop(published);
        let of = (rack, version, links, told.unwrap_or(revision));
        let session = Session::new(node.clone(), of, registered, outbox);
        Ok::<_, End>(session.go_on(incoming).await)
    };
    let end = session.await.unwrap_or_else(|end| end);
    board.ended(rack.rack, rack.session, ending(&end));
    tracing::info!(rack = %rack.system_id, session = rack.session, ?end, "its session ended");
    drop(inside);
    end
}

fn ending(end: &End) -> Ending {
    match end {
        End::Broken => Ending::Broken,
        End::Leave(goodbye) if goodbye.code == GoodbyeCode::GoodbyeSlow => Ending::Broken,
        End::Closed | End::Leave(_) => Ending::Told,
    }
}
