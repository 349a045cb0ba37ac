//! Writes and reads through any node, while the leader is there, changes, or has no majority.

use arc_swap::ArcSwap;
use bytes::Bytes;
use regent_core::time::ClusterTime;
use regent_raft::error::ProposeError;
use regent_raft::network::calls::{PeerAddress, PeerCalls};
use regent_raft::network::channels::Channels;
use regent_raft::network::contact::Contacts;
use regent_raft::network::header::{Admission, Identity as PeerIdentity};
use regent_raft::network::limits::PeerTimeouts;
use regent_raft::region::handle::Region;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::group::{Group, PATIENCE, domain, domains, keyed, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_through_a_follower_is_read_on_every_node() {
    let group = Group::start().await;
    let follower = group.follower();
    let reply = follower.propose(domain("one.example"), soon()).await.unwrap();
    assert!(reply.result.is_ok());
    assert_eq!(domains(follower), 1, "whoever has the answer can read it at once");
    for region in group.running() {
        let read = region.linearizable(soon()).await.unwrap();
        assert_eq!(read.state.tables().domains.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_the_loss_and_return_of_the_leader() {
    let mut group = Group::start().await;
    for number in 0..20 {
        let write = domain(&format!("before{number}.example"));
        group.follower().propose(write, soon()).await.unwrap();
    }
    let lost = group.leader().unwrap();
    group.nodes[lost].take().unwrap().stop().await;
    for number in 0..20 {
        let write = domain(&format!("after{number}.example"));
        group.follower().propose(write, soon()).await.unwrap();
    }
    group.restart(lost).await;
    group.until(|region| domains(region) == 40).await;
    let digests: Vec<_> = group.running().map(|region| region.published().state.digest()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_repeated_with_its_key_through_another_node_is_applied_once() {
    let group = Group::start().await;
    let mut replies = Vec::new();
    for region in group.running() {
        replies.push(region.propose(keyed("once.example"), soon()).await.unwrap());
    }
    assert!(replies.iter().all(|reply| reply.result == replies[0].result));
    assert_eq!(replies.iter().filter(|reply| reply.replayed).count(), 2);
    assert_eq!(domains(group.follower()), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_majority_writes_are_refused_in_time_and_stale_reads_say_their_age() {
    let mut group = Group::start().await;
    group.follower().propose(domain("one.example"), soon()).await.unwrap();
    let survivor = group.leader().unwrap();
    for node in 0..3 {
        if node != survivor {
            group.nodes[node].take().unwrap().stop().await;
        }
    }
    // Its lease must run out first; from then on nothing is proposed any more.
    group
        .until(|region| !region.leadership().is_leader || region.leadership().leader.is_some())
        .await;
    let region = group.nodes[survivor].as_ref().unwrap();
    let refused = loop {
        let within = Instant::now() + Duration::from_secs(2);
        match region.propose(domain("lost.example"), within).await {
            // Proposed just before the lease ran out: unknown is the honest answer.
            Err(ProposeError::OutcomeUnknown) => {}
            other => break other,
        }
    };
    assert_eq!(refused, Err(ProposeError::NoLeader));
    let within = Instant::now() + Duration::from_secs(1);
    assert!(region.linearizable(within).await.is_err());
    assert_eq!(region.stale(None).unwrap().state.tables().domains.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jump_of_the_wall_clocks_expires_nothing() {
    let group = Group::start().await;
    let first = group.follower().propose(keyed("once.example"), soon()).await.unwrap();
    let sessions = |region: &Region| region.published().state.tables().sessions.len();
    let open_before = sessions(group.follower());
    for jump_hours in [1, 48, -1, -48] {
        group.wall_skew.store(jump_hours * 3_600_000, Ordering::Relaxed);
        let again = group.follower().propose(keyed("once.example"), soon()).await.unwrap();
        assert!(again.replayed && again.result == first.result, "{jump_hours} hours");
        assert!(sessions(group.follower()) >= open_before, "{jump_hours} hours");
    }
    let now = group.follower().published().state.meta().now;
    assert!(now < ClusterTime(60_000), "cluster time is {now}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_forwarded_by_a_peer_does_not_reach_the_log() {
    let group = Group::start().await;
    let leader = group.nodes[group.leader().unwrap()].as_ref().unwrap();
    let rogue = group.follower().identity();
    let identity = PeerIdentity {
        cluster: rogue.cluster_id.clone(),
        epoch: rogue.epoch,
        node: rogue.node_id,
        store: rogue.store.to_string(),
    };
    let calls = PeerCalls {
        admission: Arc::new(ArcSwap::from_pointee(Admission::new(identity))),
        channels: Channels::new(PeerTimeouts::default()),
        contacts: Contacts::default(),
    };
    let node = leader.identity().node_id;
    let address = group.places[group.leader().unwrap()].peer.clone();
    let to = PeerAddress { node, address };
    for garbage in [&b""[..], b"\x01\x02", &[0xFF; 4096]] as [&'static [u8]; 3] {
        let answer = calls.forward(&to, Bytes::from_static(garbage), PATIENCE).await;
        assert_eq!(answer.unwrap_err().to_string(), "the peer could not serve the request");
    }
    group.write(["after.example".to_owned()]).await;
    group.until(|region| domains(region) == 1).await;
}
