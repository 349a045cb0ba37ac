//! Whole imports over HTTP into a running region of one node.

use crate::expected::Expected;
use crate::site::{self, Imported};
use crate::{hand, shared};
use regent_api::cli::import::delivery::{Delivered, Delivery, DeliveryError};
use regent_api::http;
use regent_api::http::context::Context;
use regent_raft::clock::SystemClock;
use regent_raft::config::RaftConfig;
use regent_raft::log_store::reserve::DiskLimits;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::start::StartOptions;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(20);
const ANY_DISK: DiskLimits = DiskLimits { free_bytes_min: 0, free_percent_min: 0 };

/// A region of one node, with its HTTP face.
struct Site {
    _disk: TempDir,
    region: Region,
    api: String,
    client: Client,
}

impl Site {
    async fn start() -> Self {
        let disk = TempDir::new().expect("a directory");
        let directory = disk.path().join("r1");
        Preparation::begin(&directory, "r1").and_then(Preparation::found).expect("a founder");
        let peer = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let api = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = api.local_addr().expect("an address").to_string();
        let options = StartOptions {
            data_dir: directory,
            advertise_peer: peer.local_addr().expect("an address").to_string(),
            advertise_api: address.clone(),
            listener: peer,
            // How full this machine is does not matter here.
            config: RaftConfig { disk: ANY_DISK, ..RaftConfig::default() },
            clock: Arc::new(SystemClock),
            fatal: Box::new(|error| panic!("the log failed: {error}")),
        };
        let region = Region::start(options).await.expect("the node starts");
        tokio::spawn(http::serve(api, Context::new(region.clone()), std::future::pending()));
        region.linearizable(Instant::now() + PATIENCE).await.expect("it leads");
        Self { _disk: disk, region, api: address, client: Client::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/v1{path}", self.api)
    }

    async fn post(&self, path: &str, body: Json) -> Response {
        self.client.post(self.url(path)).json(&body).send().await.expect("an answer")
    }

    async fn get(&self, path: &str) -> Json {
        let response = self.client.get(self.url(path)).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }

    async fn import(&self, imported: &Imported, replace: bool) -> Result<Delivered, DeliveryError> {
        let nodes = [self.api.clone()];
        Delivery::new(&nodes).send(&imported.transfer, replace).await
    }

    /// Holds what the region says against the facts, in its state and over HTTP.
    async fn check(&self, imported: &mut Imported, facts: &Expected) {
        imported.state = self.region.published().state.clone();
        site::check_counts(imported, facts);
        site::check_facts(imported, facts);
        for fact in facts.all().filter(|fact| fact["kind"] == "node" && fact["node_type"] == 0) {
            let path = format!("/machines/{}", fact["system_id"].as_str().expect("a system id"));
            let told = self.get(&path).await;
            assert_eq!(told["hostname"], fact["hostname"], "{fact}");
            assert_eq!(told["id"], fact["id"], "{fact}");
        }
    }
}

async fn import_and_check(path: &Path, facts: &Expected) {
    let site = Site::start().await;
    let mut imported = Imported::of(path, facts);
    let first = site.import(&imported, false).await;
    assert_eq!(first.expect("the region takes it"), Delivered::Committed);
    site.check(&mut imported, facts).await;
    let before = site.region.published();
    let second = site.import(&imported, false).await;
    assert_eq!(second.expect("no error"), Delivered::AlreadyThere);
    let now = site.region.published();
    assert_eq!(
        now.state.tables().nodes,
        before.state.tables().nodes,
        "a second run changes nothing"
    );
    site.region.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hand_written_dump_comes_into_a_running_region() {
    import_and_check(&hand::path(), &hand::facts()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_dumps_come_into_a_running_region() {
    for (path, facts) in shared::dumps("shared_dumps_come_into_a_running_region") {
        import_and_check(&path, &facts).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_writes_wait_while_an_import_runs() {
    let site = Site::start().await;
    let begin = json!({ "id": "slow", "source": "ab".repeat(32) });
    assert_eq!(site.post("/imports", begin.clone()).await.status(), StatusCode::CREATED);
    assert_eq!(site.post("/imports", begin).await.status(), StatusCode::OK, "again is no error");
    let domain = json!({ "name": "new.example" });
    let refused = site.post("/domains", domain.clone()).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let body: Json = refused.json().await.expect("a problem");
    assert_eq!((&body["code"], &body["outcome"]), (&json!("E0110"), &json!("not_applied")));
    let abandoned = site.client.delete(site.url("/imports/slow")).send().await.expect("an answer");
    assert_eq!(abandoned.status(), StatusCode::OK);
    assert_eq!(site.post("/domains", domain).await.status(), StatusCode::CREATED);
    site.region.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_dump_replaces_an_imported_site_only_when_asked() {
    let site = Site::start().await;
    let facts = hand::facts();
    let imported = Imported::of(&hand::path(), &facts);
    site.import(&imported, false).await.expect("the region takes it");
    let mut other = Imported::of(&hand::path(), &facts);
    other.transfer.source = [7; 32];
    other.transfer.id.0 = "other".to_owned();
    match site.import(&other, false).await {
        Err(DeliveryError::Refused { status: 409, .. }) => {}
        unexpected => panic!("{unexpected:?}"),
    }
    let replaced = site.import(&other, true).await;
    assert_eq!(replaced.expect("it may be replaced"), Delivered::Committed);
    site.region.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_that_make_no_sense_are_refused_by_name() {
    let site = Site::start().await;
    for (body, status) in [
        (json!({ "id": "a b", "source": "ab".repeat(32) }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "id": "a", "source": "xy" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "id": "a", "source": "+1".repeat(32) }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "id": "a" }), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(site.post("/imports", body.clone()).await.status(), status, "{body}");
    }
    let commit = json!({ "count": 0, "digest": "00".repeat(32) });
    assert_eq!(site.post("/imports/none/commit", commit).await.status(), StatusCode::NOT_FOUND);
    let chunk = async |kind: &str| {
        let request = site.client.post(site.url("/imports/none/chunks/0")).body("no chunk");
        request.header("content-type", kind).send().await.expect("an answer").status()
    };
    assert_eq!(chunk("application/octet-stream").await, StatusCode::BAD_REQUEST);
    assert_eq!(chunk("text/plain").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    site.region.stop().await;
}
