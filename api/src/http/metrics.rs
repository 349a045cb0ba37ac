//! What this node counts about its face, in Prometheus' text form. Labels are few by rule: routes, never objects.

use crate::dns_figures::DnsFigures;
use crate::http::dhcp_metrics;
use crate::http::limits::Limits;
use crate::http::storage_metrics;
use crate::rack_board::RackBoard;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use regent_raft::region::handle::Region;
use regent_raft::region::status::GroupStatus;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Upper bounds of the classes of answer times, in seconds.
const CLASSES: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

type Labels = Vec<(&'static str, String)>;

/// Counters of requests.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    watch_resyncs: Counter,
    pending: Gauge,
    failed: Counter,
    commit_seconds: Histogram,
}

/// A proposal on its way; one that is given up with its request counts as ended, too.
pub struct Proposing<'a> {
    metrics: &'a Metrics,
    began: Instant,
}

impl Proposing<'_> {
    /// Counts how it ended.
    pub fn ended(self, applied: bool) {
        if applied {
            self.metrics.commit_seconds.observe(self.began.elapsed().as_secs_f64());
        } else {
            self.metrics.failed.inc();
        }
    }
}

impl Drop for Proposing<'_> {
    fn drop(&mut self) {
        self.metrics.pending.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(CLASSES);
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            watch_resyncs: Counter::default(),
            pending: Gauge::default(),
            failed: Counter::default(),
            commit_seconds: Histogram::new(CLASSES),
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let route = ("route", format!("{method} {route}"));
        let counted = vec![route.clone(), ("status", status.to_string())];
        self.requests.get_or_create(&counted).inc();
        self.seconds.get_or_create(&vec![route]).observe(took.as_secs_f64());
    }

    /// Counts a change feed that fell behind what is kept.
    pub fn resynced(&self) {
        self.watch_resyncs.inc();
    }

    /// Counts a proposal of this node's clients, which is on its way until what this returns is dropped.
    #[must_use]
    pub fn proposing(&self) -> Proposing<'_> {
        self.pending.inc();
        Proposing { metrics: self, began: Instant::now() }
    }

    /// Everything in Prometheus' text form.
    #[must_use]
    pub fn text(
        &self,
        region: &Region,
        group: &GroupStatus,
        limits: &Limits,
        (dns, racks): (&DnsFigures, &RackBoard),
    ) -> String {
        let mut registry = Registry::with_prefix("regent");
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register("http_request_seconds", "Time to answer", self.seconds.clone());
        let resyncs = self.watch_resyncs.clone();
        registry.register("watch_dropped", "Change feeds told to start over", resyncs);
        registry.register("raft_proposals_pending", "Writes on their way", self.pending.clone());
        registry.register("raft_proposals_failed", "Writes without an answer", self.failed.clone());
        let seconds = self.commit_seconds.clone();
        registry.register("raft_commit_seconds", "From a write to its being applied here", seconds);
        register_peers(&mut registry, region, group);
        dns.register(&mut registry);
        racks.register(&mut registry);
        storage_metrics::register(&mut registry, &region.figures());
        dhcp_metrics::register(&mut registry, &region.published().state);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What runs here", build);
        for (name, help, value) in figures(region, group, limits) {
            let gauge = Gauge::<i64>::default();
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            registry.register(name, help, gauge);
        }
        let mut text = String::new();
        encode(&mut text, &registry).expect("texts take everything");
        text
    }
}

/// What the other nodes have yet to apply and since when nothing was heard of them, by name.
fn register_peers(registry: &mut Registry, region: &Region, group: &GroupStatus) {
    let unapplied: Family<Labels, Gauge> = Family::default();
    let contact: Family<Labels, Gauge<f64, AtomicU64>> = Family::default();
    let applied = region.published().applied_index();
    for node in group.nodes.iter().filter(|node| node.node_id != group.asked) {
        let labels = vec![("peer", node.name.clone())];
        if let Some(report) = &node.report {
            let behind = applied.saturating_sub(report.applied_index);
            unapplied.get_or_create(&labels).set(i64::try_from(behind).unwrap_or(i64::MAX));
        }
        if let Some(age) = node.last_contact {
            contact.get_or_create(&labels).set(age.as_secs_f64());
        }
    }
    registry.register("raft_peer_unapplied_entries", "Applied here and not by a peer", unapplied);
    registry.register("raft_peer_last_contact_seconds", "Since a peer was heard", contact);
}

type Figure = (&'static str, &'static str, u64);

fn figures(region: &Region, group: &GroupStatus, limits: &Limits) -> Vec<Figure> {
    let (leadership, log) = (region.leadership(), region.log_indexes());
    let published = region.published();
    let (state, meta) = (&published.state, published.state.meta());
    let tables = state.tables();
    let contact = region
        .last_contact()
        .map_or(u64::MAX, |contact| u64::try_from(contact.as_millis()).unwrap_or(u64::MAX));
    vec![
        ("raft_has_leader", "Whether a leader is known", u64::from(leadership.leader.is_some())),
        ("raft_is_leader", "Whether this node leads", u64::from(leadership.is_leader)),
        ("raft_term", "Raft term", leadership.term),
        ("raft_log_index", "Last log index", log.last),
        ("raft_commit_index", "Last log index known to be committed", log.committed),
        ("raft_applied_index", "Last log index applied", published.applied_index()),
        ("raft_snapshot_index", "Last log index in a snapshot", log.snapshot),
        ("raft_purged_index", "Last log index purged", log.purged),
        ("raft_last_contact_milliseconds", "Since the leader was heard", contact),
        ("raft_voters", "Voters", group.voters() as u64),
        ("raft_healthy_voters", "Voters that answer", group.healthy_voters() as u64),
        ("raft_failure_tolerance", "Voters that may yet fail", group.failures_tolerated() as u64),
        ("revision", "Revision of the state", meta.revision.0),
        ("epoch", "Epoch of the cluster", meta.epoch),
        ("watchers", "Open change feeds", limits.watchers_open() as u64),
        ("http_requests_in_flight", "Requests being answered", limits.requests_open() as u64),
        ("http_connections", "Open connections", limits.connections_open() as u64),
        ("idempotency_keys", "Kept idempotency keys", tables.keys.len() as u64),
        ("idempotency_key_bytes", "Bytes of their answers", meta.key_bytes),
        ("sessions", "Open sessions", tables.sessions.len() as u64),
        ("change_ring_changes", "Changes kept for watchers", meta.ring_changes),
        ("change_ring_bytes", "Bytes of them", meta.ring_bytes),
        ("nodes", "Machines, devices and controllers", tables.nodes.len() as u64),
        ("interfaces", "Interfaces", tables.interfaces.len() as u64),
        ("subnets", "Subnets", tables.subnets.len() as u64),
        ("static_ip_addresses", "IP addresses in use", tables.static_ip_addresses.len() as u64),
        ("leases", "Leases", tables.leases.len() as u64),
        ("domains", "Domains", tables.domains.len() as u64),
    ]
}
