//! Region nodes with all their faces on ports of their own, and what admins do there.

use crate::agent::Agent;
use regent_api::grpc::Racks;
use regent_api::http;
use regent_api::http::context::Context;
use regent_api::http::faces::RackFace;
use regent_api::http::limits::Bounds;
use regent_raft::clock::SystemClock;
use regent_raft::config::RaftConfig;
use regent_raft::log_store::reserve::DiskLimits;
use regent_raft::log_store::store::LogOptions;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::start::StartOptions;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The VLAN that every site has.
pub(crate) const VLAN: u32 = 5001;

/// A region of some nodes, the founder first.
pub(crate) struct Site {
    pub(crate) nodes: Vec<Node>,
    _disk: TempDir,
}

/// One of them.
pub(crate) struct Node {
    pub(crate) region: Region,
    pub(crate) context: Context,
    pub(crate) racks: Racks,
    pub(crate) address: SocketAddr,
}

impl Site {
    /// A region of one node.
    pub(crate) async fn start() -> Self {
        Self::of(1).await
    }

    /// The founder votes alone; the others follow it.
    pub(crate) async fn of(count: usize) -> Self {
        let disk = TempDir::new().unwrap();
        let mut nodes: Vec<Node> = Vec::new();
        let mut founder = String::new();
        for number in 0..count {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let peer = listener.local_addr().unwrap().to_string();
            let api = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = api.local_addr().unwrap();
            let name = format!("r{number}");
            let directory = disk.path().join(&name);
            let preparation = Preparation::begin(&directory, &name).unwrap();
            if number == 0 {
                preparation.found().unwrap();
                founder.clone_from(&peer);
            } else {
                preparation.join(&founder, &peer, &address.to_string()).await.unwrap();
            }
            let region = start(&directory, (peer, address.to_string()), listener).await;
            nodes.push(Node::serve(region, api, address));
        }
        let site = Self { nodes, _disk: disk };
        let knows_all =
            |node: &Node| node.region.published().membership.membership().nodes().count() == count;
        site.until("all nodes know each other", || site.nodes.iter().all(knows_all)).await;
        site
    }

    /// The founder.
    pub(crate) fn node(&self) -> &Node {
        &self.nodes[0]
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "did not happen in time: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await {
            assert!(Instant::now() < deadline, "did not happen in time: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A request to the founder, which must be a good one.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("http://{}{path}", self.node().address);
        let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let request = client.request(method, url);
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    /// The text of a token by which a machine becomes a rack.
    pub(crate) async fn token(&self) -> String {
        let token = self.admin("POST", "/v1/rack-tokens", json!({})).await;
        token["token"].as_str().unwrap().to_owned()
    }

    /// A machine that became a rack.
    pub(crate) async fn rack(&self, hostname: &str) -> Agent {
        Agent::enrol(self.node(), self.token().await, hostname).await.unwrap()
    }

    /// A pool in the first subnet, of which both racks give addresses.
    pub(crate) async fn served_range_by(&self, first: &Agent, second: &Agent) {
        let range = json!({
            "subnet": 1, "type": "dynamic", "start_ip": "10.7.0.100", "end_ip": "10.7.0.199",
        });
        self.admin("POST", "/v1/ip-ranges", range).await;
        let (primary, secondary) = (first.number, second.number);
        let service =
            json!({ "dhcp_on": true, "primary_rack": primary, "secondary_rack": secondary });
        self.admin("PATCH", &format!("/v1/vlans/{VLAN}"), service).await;
    }

    /// A subnet with a pool, of which these racks give addresses.
    pub(crate) async fn served_by(&self, racks: &[&Agent]) {
        let subnet = json!({ "vlan": VLAN, "cidr": "10.7.0.0/24", "gateway_ip": "10.7.0.1" });
        let subnet = self.admin("POST", "/v1/subnets", subnet).await;
        let range = json!({
            "subnet": subnet["id"], "type": "dynamic",
            "start_ip": "10.7.0.100", "end_ip": "10.7.0.199",
        });
        self.admin("POST", "/v1/ip-ranges", range).await;
        let of = |place: usize| racks.get(place).map(|rack| rack.number);
        let more: Vec<u32> = racks.iter().skip(2).map(|rack| rack.number).collect();
        let service = json!({
            "dhcp_on": true, "primary_rack": of(0), "secondary_rack": of(1), "more_racks": more,
        });
        self.admin("PATCH", &format!("/v1/vlans/{VLAN}"), service).await;
    }
}

impl Node {
    fn serve(region: Region, api: TcpListener, address: SocketAddr) -> Self {
        // A disk of a test machine may stand still for a while.
        let bounds = Bounds { request_time: PATIENCE, ..Bounds::default() };
        let context = Context::within(bounds, region.clone());
        let racks = Racks::start(region.clone(), Arc::clone(&context.racks));
        let face = RackFace::of(racks.service());
        tokio::spawn(http::serve(api, context.clone(), face, std::future::pending()));
        Self { region, context, racks, address }
    }
}

async fn start(directory: &Path, (peer, api): (String, String), listener: TcpListener) -> Region {
    let options = StartOptions {
        data_dir: directory.to_owned(),
        advertise_peer: peer,
        advertise_api: api,
        host: listener.into(),
        config: RaftConfig {
            voters_wanted: 1,
            // How full the disk of whoever runs this is does not matter here.
            disk: DiskLimits { free_bytes_min: 0, free_percent_min: 0 },
            ..RaftConfig::default()
        },
        log: LogOptions::default(),
        clock: Arc::new(SystemClock),
        fatal: Box::new(|error| panic!("the log failed: {error}")),
    };
    Region::start(options).await.unwrap()
}
