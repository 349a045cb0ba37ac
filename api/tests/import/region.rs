//! The steps of an import over HTTP, one by one, into a running region of one node.

use crate::hand;
use crate::imported::Imported;
use regent_api::cli::failure::Failure;
use regent_api::cli::import::delivery::{Begun, Delivery};
use regent_api::http;
use regent_api::http::context::Context;
use regent_api::http::faces::RackFace;
use regent_api::http::limits::Bounds;
use regent_core::codec::seal;
use regent_core::query::site_difference::Stretch;
use regent_raft::clock::SystemClock;
use regent_raft::config::RaftConfig;
use regent_raft::log_store::reserve::DiskLimits;
use regent_raft::log_store::store::LogOptions;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::start::StartOptions;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value as Json, json};
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
            log: LogOptions::default(),
            clock: Arc::new(SystemClock),
            fatal: Box::new(|error| panic!("the log failed: {error}")),
        };
        let region = Region::start(options).await.expect("the node starts");
        // A disk of a test machine may stand still for a while.
        let bounds = Bounds { request_time: PATIENCE, ..Bounds::default() };
        let context = Context::within(bounds, region.clone());
        tokio::spawn(http::serve(api, context, RackFace::nobody(), std::future::pending()));
        region.linearizable(Instant::now() + PATIENCE).await.expect("it leads");
        Self { _disk: disk, region, api: address, client: Client::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/v1{path}", self.api)
    }

    async fn post(&self, path: &str, body: Json) -> Response {
        self.client.post(self.url(path)).json(&body).send().await.expect("an answer")
    }

    async fn import(&self, imported: &Imported, replace: bool) -> Result<Begun, Failure> {
        let region = Delivery::new(std::slice::from_ref(&self.api), PATIENCE).expect("a client");
        let begun = region.begin(&imported.transfer, replace).await?;
        region.finish(&imported.transfer).await.map(|()| begun)
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
    let running = site.client.get(site.url("/imports")).send().await.expect("an answer");
    let running: Json = running.json().await.expect("JSON");
    let shown = &running["items"][0];
    assert_eq!((&shown["id"], &shown["committed"]), (&json!("slow"), &json!(false)));
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
        Err(Failure::Problem(problem)) if problem.status == 409 => {}
        unexpected => panic!("{unexpected:?}"),
    }
    let replaced = site.import(&other, true).await;
    assert_eq!(replaced.expect("it may be replaced"), Begun::Started);
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
    let of_no_table = Stretch { kind: 255, after: None, until: None, rows: Vec::new() };
    let sent = site.client.post(site.url("/import-comparisons")).body(seal(&of_no_table));
    let answer = sent.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    site.region.stop().await;
}
