//! A whole agent, as it runs, whose region does not want it.

use crate::region_node::{RegionNode, soon};
use crate::site::situation;
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode as Code;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::agent;
use regent_rack_agent::agent::report::{Question, Report};
use regent_rack_agent::config::Config;
use regent_rack_agent::store::open::Store;
use regent_rack_agent::test_section::TestSection;
use std::path::Path;
use tokio::sync::oneshot;

/// An agent on a port of the loopback that has joined the region of this node.
fn joined(state_dir: &Path, node: &RegionNode) -> Config {
    let (mut store, _) = Store::open(state_dir).unwrap();
    store.enrolled(&situation().identity).unwrap();
    let mut config = Config::parse("").unwrap();
    config.regions = vec![node.endpoint.clone()];
    config.state_dir = state_dir.to_owned();
    let listen = "127.0.0.1:0".parse().unwrap();
    config.test = Some(TestSection { listen, addresses: Vec::new() });
    config
}

async fn told(state_dir: &Path, question: Question) -> Report {
    // Before it listens there is nobody to be asked.
    loop {
        match agent::telling::ask(state_dir, question).await {
            Ok(report) => return report,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn agent_that_the_region_does_not_know_goes_on_alone_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut node = RegionNode::start();
    let config = joined(folder.path(), &node);
    let (stop, stopped) = oneshot::channel::<()>();
    let running =
        tokio::spawn(
            async move { agent::running::run(&config, async { drop(stopped.await) }).await },
        );
    for _verdict in 0..5 {
        let code = Code::GoodbyeUnknownRack.into();
        let goodbye = rack::Goodbye { code, text: "so it is".into(), retry_after_ms: 0 };
        node.visited().await.say(Message::Goodbye(goodbye)).await;
    }
    let troubled = async {
        loop {
            let trouble = told(folder.path(), Question::Status).await.trouble;
            if let Some(trouble) = trouble {
                return trouble;
            }
        }
    };
    let trouble = soon(troubled).await;
    assert!(trouble.contains("join again"), "{trouble}");
    let later = soon(told(folder.path(), Question::Leases)).await;
    assert_eq!(later.trouble, Some(trouble));
    assert!(!running.is_finished());
    drop(stop);
    soon(running).await.unwrap().unwrap();
}
