//! Tasks of a node that end although it goes on.

use crate::region::tests::nodes::{Nodes, domain, nobody_is_promoted, soon, until};
use crate::region::upkeep::Until;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_stops_when_a_task_panics_or_ends_that_should_go_on() {
    for (may_end, panics, stops) in [
        (Until::Done, false, false),
        (Until::Done, true, true),
        (Until::Stopped, false, true),
        (Until::Stopped, true, true),
    ] {
        let nodes = Nodes::start(0, nobody_is_promoted()).await;
        let (shared, ran) = (&nodes.node(1).shared, CancellationToken::new());
        let running = ran.clone().drop_guard();
        shared.keep_up("injected", may_end, async move {
            let _running = running;
            assert!(!panics, "as the test wants it");
        });
        ran.cancelled().await;
        if stops {
            until("it stops", || shared.stopping.is_cancelled()).await;
        } else {
            nodes.node(1).propose(domain("goes-on.example"), soon()).await.unwrap();
            assert!(!shared.stopping.is_cancelled());
        }
    }
}
