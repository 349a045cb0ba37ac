//! The rack's key is told to its region and to nobody else.

use crate::region_node::RegionNode;
use crate::site::{Site, situation};
use regent_rack_agent::region::traffic::Command;
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn key_stands_in_no_log_at_any_level_and_in_no_text_of_what_holds_it() {
    let log = Log::default();
    let listener = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // For all tests of this program: what one of them logs first would otherwise not be listened to here.
    tracing::subscriber::set_global_default(listener).unwrap();
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let visit = node.welcomes().await;
    site.is_open().await;
    site.wants(Command::HangUp).await;
    site.is_closed().await;
    drop(visit);
    let hello = node.visited().await.hello;
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("rack session opened"), "nothing was logged");
    let situation = situation();
    let shown = format!("{situation:?} {:?} {:?}", situation.hello(), situation.identity);
    let key = String::from_utf8_lossy(&hello.key).into_owned();
    let octets = format!("{:?}", hello.key.to_vec());
    for (what, text) in [("the log", &logged), ("a text", &shown)] {
        assert!(!text.contains(&key) && !text.contains(&octets), "the key stands in {what}");
    }
}
