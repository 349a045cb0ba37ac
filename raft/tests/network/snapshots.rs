//! Snapshots on their way: whole, interrupted, damaged.

use crate::group::{Group, PATIENCE};
use crate::proxy::Cable;
use crate::tally::NO_PART;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use openraft::alias::SnapshotMetaOf;
use regent_core::codec;
use regent_proto::peer::peer_client::PeerClient;
use regent_proto::peer::{SnapshotChunk, SnapshotOffer, SnapshotOfferRequest};
use regent_raft::network::header::Identity;
use regent_raft::network::refusal::Refusal;
use regent_raft::type_config::{LogId, TypeConfig, Vote};
use tokio::time::timeout;
use tonic::Status;
use tonic::transport::Channel;

const MIB: u64 = 1 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_behind_the_purged_log_gets_the_snapshot_and_an_interruption_costs_little() {
    let size = 32 * MIB;
    let group = Group::start(4, 3, usize::try_from(size).unwrap()).await;
    let leader = group.leader().await;
    leader.write(100).await;
    leader.raft.trigger().snapshot().await.unwrap();
    let purged = leader.raft.wait(Some(PATIENCE));
    purged
        .metrics(|_| leader.log.first_index().is_none_or(|first| first > 50), "a purged log")
        .await
        .unwrap();

    let newcomer = &group.nodes[&4];
    let route = &leader.routes[&4];
    route.cut_once_after(24 * MIB);
    leader.raft.add_learner(4, group.member(4), false).await.unwrap();
    newcomer.has(100).await;

    assert_eq!(newcomer.tally.installed(), 1);
    assert!(route.carried() > size, "it went over this cable");
    let twice = route.carried() - size;
    assert!(twice < 8 * MIB, "{twice} bytes went twice; from the start it would be 24 MiB");
    leader.write(10).await;
    newcomer.has(110).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn group_goes_on_writing_while_a_snapshot_is_stuck() {
    let group = Group::start(4, 3, 8 << 20).await;
    let leader = group.leader().await;
    leader.write(10).await;
    leader.raft.trigger().snapshot().await.unwrap();
    let purged = leader.raft.wait(Some(PATIENCE));
    purged
        .metrics(|_| leader.log.first_index().is_none_or(|first| first > 5), "a purged log")
        .await
        .unwrap();
    leader.routes[&4].set(Cable::Swallowing);
    leader.raft.add_learner(4, group.member(4), false).await.unwrap();
    leader.write(100).await;
    leader.routes[&4].set(Cable::Whole);
    group.all_have(110).await;
}

/// Speaks for node 9, a leader the others have not heard of.
fn offer(group: &Group, content: &[u8]) -> SnapshotOffer {
    let nine = Identity { cluster: "test".into(), epoch: 1, node: 9, store: "store-9".into() };
    let meta = SnapshotMetaOf::<TypeConfig> {
        last_log_id: Some(LogId::new_term_index(500, 1000)),
        ..SnapshotMetaOf::<TypeConfig>::default()
    };
    SnapshotOffer {
        header: Some(nine.header_to(group.nodes[&1].id)),
        vote: codec::seal(&Vote::new_committed(500, 9)).into(),
        meta: codec::seal(&meta).into(),
        crc: crc32fast::hash(content),
        length_bytes: content.len() as u64,
    }
}

fn chunks(offer: SnapshotOffer, pieces: Vec<(u64, &'static [u8])>) -> Vec<SnapshotChunk> {
    let mut offer = Some(offer);
    let chunk = |(offset_bytes, data)| SnapshotChunk {
        offer: offer.take(),
        offset_bytes,
        data: Bytes::from_static(data),
    };
    pieces.into_iter().map(chunk).collect()
}

async fn send(
    client: &mut PeerClient<Channel>,
    offer: SnapshotOffer,
    pieces: Vec<(u64, &'static [u8])>,
) -> Option<Refusal> {
    let chunks = stream::iter(chunks(offer, pieces));
    Some(refusal(&client.snapshot(chunks).await.err()?))
}

fn refusal(status: &Status) -> Refusal {
    Refusal::in_status(status).unwrap_or_else(|| panic!("no refusal: {status}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshot_that_is_not_what_was_offered_is_not_installed() {
    let group = Group::start(1, 1, 0).await;
    let node = group.leader().await;
    node.write(3).await;
    let term = node.term();
    let mut client = PeerClient::connect(format!("http://{}", node.address)).await.unwrap();
    let content = b"sixteen bytes...";
    let sent = offer(&group, content);

    let damaged = send(&mut client, sent.clone(), vec![(0, b"sixteen bytes!!!")]).await;
    assert_eq!(damaged.unwrap().code(), "damaged");
    let short = send(&mut client, sent.clone(), vec![(0, b"sixteen")]).await;
    assert_eq!(short.unwrap().code(), "malformed");
    let held = client.snapshot_offer(SnapshotOfferRequest { offer: Some(sent.clone()) }).await;
    assert_eq!(held.unwrap().into_inner().held_bytes, 7, "what came is kept for a resumption");
    let gap = send(&mut client, sent.clone(), vec![(0, b"six"), (9, b"bytes")]).await;
    assert_eq!(gap.unwrap().code(), "malformed");
    let ahead = send(&mut client, sent.clone(), vec![(12, b"...")]).await;
    assert_eq!(ahead.unwrap().code(), "malformed");
    let endless = SnapshotOffer { length_bytes: u64::MAX, ..sent.clone() };
    let endless = send(&mut client, endless, vec![(0, b"six")]).await;
    assert_eq!(endless.unwrap().code(), "disk_full");
    let nothing = SnapshotOffer { meta: codec::seal(&0_u8).into(), ..sent };
    assert_eq!(send(&mut client, nothing, vec![(0, b"six")]).await.unwrap().code(), "malformed");

    assert_eq!(node.tally.installed(), 0);
    assert_eq!(node.term(), term);
    node.write(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_piece_ends_the_transfer_before_the_rest_is_sent() {
    let group = Group::start(1, 1, 0).await;
    let node = group.leader().await;
    let mut client = PeerClient::connect(format!("http://{}", node.address)).await.unwrap();
    let mut sent = offer(&group, b"");
    sent.length_bytes = 1 << 20;
    let pieces = vec![(0, &b"sixteen bytes..."[..]), (16, NO_PART)];
    let never_ends = stream::iter(chunks(sent.clone(), pieces)).chain(stream::pending());
    let refused = timeout(PATIENCE, client.snapshot(never_ends)).await.unwrap();
    assert_eq!(refusal(&refused.unwrap_err()).code(), "damaged");
    let held = client.snapshot_offer(SnapshotOfferRequest { offer: Some(sent) }).await;
    assert_eq!(held.unwrap().into_inner().held_bytes, 0, "the next attempt starts from nothing");
    assert_eq!(node.tally.installed(), 0);
}
