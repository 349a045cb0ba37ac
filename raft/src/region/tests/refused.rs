//! Requests that are not served: at once, with the reason, and passed on no further than once.

use crate::error::ProposeError;
use crate::network::control::Control as _;
use crate::network::refusal::ControlError;
use crate::region::control::RegionControl;
use crate::region::message::JoinRequest;
use crate::region::tests::nodes::{Nodes, domain, nobody_is_promoted, soon, until};
use crate::type_config::RegionNode;
use bytes::Bytes;
use regent_core::codec;
use regent_core::command::digest::DigestCommand;
use regent_core::revision::Revision;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_says_at_once_that_the_leaders_disk_is_full() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    nodes.node(2).propose(domain("before.example"), soon()).await.unwrap();
    let begun = Instant::now();
    let refused = loop {
        // The leader looks at its disk once a second and finds that this is not so.
        nodes.node(1).shared.disk_full.store(true, Ordering::Relaxed);
        let name = format!("after{}.example", begun.elapsed().as_nanos());
        match nodes.node(2).propose(domain(&name), soon()).await {
            Ok(_) => {}
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused, ProposeError::DiskFull);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_says_at_once_that_the_replicas_differ() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    nodes.node(2).propose(domain("before.example"), soon()).await.unwrap();
    let contested = DigestCommand::Verdict { checked: Revision(1), digest: None };
    nodes.node(1).shared.propose_digest_step(contested).await.unwrap();
    let begun = Instant::now();
    let refused = nodes.node(2).propose(domain("after.example"), soon()).await;
    assert_eq!(refused, Err(ProposeError::Contested));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_to_join_is_passed_on_once() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    until("it has a leader", || nodes.node(2).leadership().leader == Some(1)).await;
    let door = RegionControl::default();
    door.0.set(nodes.node(2).clone()).ok().unwrap();
    let place = |name: &str| RegionNode {
        name: name.into(),
        peer: "127.0.0.1:1".into(),
        api: "api:0".into(),
        store: name.into(),
    };
    let ask = |name: &str, passed_on| {
        let request = JoinRequest { node: place(name), passed_on };
        door.join(Bytes::from(codec::seal(&request)))
    };
    assert!(ask("direct", false).await.is_ok(), "the leader gives it a place");
    assert_eq!(ask("again", true).await, Err(ControlError::NotLeader { leader: Some(1) }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_wait_for_a_session_come_back_at_their_deadline() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let follower = nodes.node(2);
    let _never_opened = follower.shared.opening.lock().await;
    let begun = Instant::now();
    let deadline = begun + Duration::from_millis(300);
    let writes = (0..100).map(|number| async move {
        follower.propose(domain(&format!("w{number}.example")), deadline).await
    });
    let all = futures::future::join_all(writes);
    let answers = tokio::time::timeout(Duration::from_secs(10), all).await.unwrap();
    assert!(answers.iter().all(|answer| *answer == Err(ProposeError::NoLeader)));
    assert!(begun.elapsed() < Duration::from_millis(800), "{:?}", begun.elapsed());
}
