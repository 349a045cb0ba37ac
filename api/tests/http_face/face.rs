//! A region of one node with its face on a port of its own.

use regent_api::http;
use regent_api::http::context::Context;
use regent_api::http::faces::RackFace;
use regent_api::http::limits::Bounds;
use regent_core::codec;
use regent_core::state::digest::Digest;
use regent_core::state::table::Table;
use regent_core::state::tables::{Stored, TableVisitor};
use regent_raft::clock::SystemClock;
use regent_raft::config::RaftConfig;
use regent_raft::log_store::reserve::DiskLimits;
use regent_raft::log_store::store::LogOptions;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::start::StartOptions;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Where everything here comes from.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The bounds of a face for those who wait through a disk that stands still for a while, as disks of test machines do.
pub(crate) fn bounds() -> Bounds {
    Bounds { request_time: PATIENCE, ..Bounds::default() }
}

/// When patience ends.
pub(crate) fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// A node and who asks it.
pub(crate) struct Face {
    pub(crate) region: Region,
    pub(crate) address: SocketAddr,
    pub(crate) context: Context,
    pub(crate) client: Client,
    _disk: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem's code, if it is one.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body, if the answer is good.
    pub(crate) fn good(self) -> Value {
        assert!(self.status.is_success(), "{self:#?}");
        self.body
    }
}

impl Face {
    /// A node with what every site has.
    pub(crate) async fn start() -> Self {
        Self::with_bounds(bounds(), RaftConfig::default()).await
    }

    /// The same within other limits.
    pub(crate) async fn with_bounds(bounds: Bounds, config: RaftConfig) -> Self {
        Self::with_racks(bounds, config, RackFace::nobody()).await
    }

    /// The same with somebody who answers racks.
    pub(crate) async fn with_racks(bounds: Bounds, config: RaftConfig, racks: RackFace) -> Self {
        let disk = TempDir::new().unwrap();
        let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Preparation::begin(&disk.path().join("r1"), "r1").unwrap().found().unwrap();
        // How full the disk of whoever runs this is does not matter here.
        let limits_of_disk = DiskLimits { free_bytes_min: 0, free_percent_min: 0 };
        let options = StartOptions {
            data_dir: disk.path().join("r1"),
            advertise_peer: peer.local_addr().unwrap().to_string(),
            advertise_api: "api:0".into(),
            host: peer.into(),
            config: RaftConfig { voters_wanted: 1, disk: limits_of_disk, ..config },
            log: LogOptions::default(),
            clock: Arc::new(SystemClock),
            fatal: Box::new(|error| panic!("the log failed: {error}")),
        };
        let region = Region::start(options).await.unwrap();
        let context = Context::within(bounds, region.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(http::serve(listener, context.clone(), racks, std::future::pending()));
        let client = Client::builder().timeout(PATIENCE * 2).build().unwrap();
        Self { region, address, context, client, _disk: disk }
    }

    /// The digest of what the state holds. Time, counters, sessions and kept answers move by themselves.
    pub(crate) fn digest(&self) -> Digest {
        struct Rows(Digest);
        impl TableVisitor for Rows {
            type Error = Infallible;
            fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Infallible> {
                for (id, row) in table.iter().filter(|_| T::WATCHED) {
                    let (key, row) = (codec::to_bare(id), codec::to_bare(row.as_ref()));
                    self.0 = self.0.with(Digest::of_row(T::KIND as u8, &key, &row));
                }
                Ok(())
            }
        }
        let mut rows = Rows(Digest::default());
        let Ok(()) = self.region.published().state.tables().visit(&mut rows);
        rows.0
    }

    /// A request with headers and a body as they are.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, self.url(path)).body(body);
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    /// A request with a JSON body.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send_with(method, path, &[], body).await
    }

    /// The same with headers.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let json = [("content-type", "application/json")];
        self.raw(method, path, &[&json, headers].concat(), body.to_string()).await
    }

    /// A GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, &[], "").await
    }

    /// Makes an object and gives what came of it.
    pub(crate) async fn create(&self, path: &str, body: Value) -> Value {
        self.send("POST", path, body).await.good()
    }

    /// The whole address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
