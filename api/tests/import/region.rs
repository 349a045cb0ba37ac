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
            host: peer.into(),
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

/// Runs the command on the sample of a server's file, with JSON as its output.
async fn import_leases(site: &Site, maker: &str, more: &[&str]) -> Json {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kea-leases4.csv");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_regent"));
    command.args(["import", maker, "-o", "json", "--addr", &site.api]).args(more).arg(sample);
    let said = command.output().await.expect("it runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_of_another_server_come_in_and_close_the_range_they_are_from() {
    let site = Site::start().await;
    let subnet = json!({ "cidr": "10.9.0.0/24", "vlan": 5001 });
    assert_eq!(site.post("/subnets", subnet).await.status(), StatusCode::CREATED);
    let subnet = async || -> Json {
        let shown = site.client.get(site.url("/subnets/10.9.0.0%2F24")).send().await;
        shown.expect("an answer").json().await.expect("JSON")
    };
    let told = import_leases(&site, "kea-leases", &[]).await;
    let nowhere = &told["leases"]["in no dynamic range, and kept for nobody"];
    assert_eq!(nowhere["count"], 3, "{told}");
    assert_eq!(subnet().await["pending"], false);
    let range = json!({
        "type": "dynamic", "subnet": subnet().await["id"],
        "start_ip": "10.9.0.100", "end_ip": "10.9.0.101",
    });
    assert_eq!(site.post("/ip-ranges", range).await.status(), StatusCode::CREATED);
    let told = import_leases(&site, "kea-leases", &["--dry-run"]).await;
    assert_eq!((&told["outcome"], &told["longest_lease_s"]), (&json!("dry_run"), &json!(600)));
    assert_eq!(told["leases"]["recorded"]["count"], 2, "{told}");
    assert_eq!(subnet().await["pending"], false);
    // Twice is as good as once.
    for _ in 0..2 {
        let told = import_leases(&site, "kea-leases", &[]).await;
        assert_eq!(told["leases"]["recorded"]["such_as"], json!(["10.9.0.100", "10.9.0.101"]));
    }
    let lease = site.client.get(site.url("/leases/10.9.0.100")).send().await.expect("an answer");
    let lease: Json = lease.json().await.expect("JSON");
    assert_eq!(lease["mac_address"], "02:00:00:00:00:11");
    assert_eq!((&lease["state"], &lease["rack"]), (&json!("bound"), &Json::Null));
    // No rack serves it yet, so nobody knows when the other server stops.
    let shown = subnet().await;
    assert_eq!((&shown["pending"], &shown["pending_until"]), (&json!(true), &Json::Null));
    site.region.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn import_whose_moment_has_every_lease_run_out_fails_and_names_the_option() {
    const COLUMNS: &str = "address,hwaddr,client_id,valid_lifetime,expire,hostname,state";
    let site = Site::start().await;
    let disk = TempDir::new().expect("a directory");
    // The second date is of the year 2100: a single bad one would be the moment from which all run on.
    for (dates, more, words) in [
        (["1700000600", "4102444800"], &[][..], "more than a day ahead"),
        (["1700000600", "1700000601"], &["--as-of", "2024-05-01T12:00:00Z"][..], "none of the"),
    ] {
        let rows = dates
            .iter()
            .zip(1..)
            .map(|(ends, last)| format!("10.9.0.{last},02:00:00:00:00:0{last},,600,{ends},,0\n"));
        let file = disk.path().join("kea-leases4.csv");
        let text = format!("{COLUMNS}\n{}", rows.collect::<String>());
        std::fs::write(&file, text).expect("it is written");
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_regent"));
        command.args(["import", "kea-leases", "--addr", &site.api]).args(more).arg(&file);
        let said = command.output().await.expect("it runs");
        let told = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(1), "{told}");
        assert!(told.contains(words) && told.contains("--as-of"), "{told}");
    }
    let body = json!({ "as_of_ms": 4_102_444_800_000_i64, "longest_lease_s": 600, "leases": [] });
    let refused = site.post("/lease-imports", body).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    site.region.stop().await;
}
