//! What consensus and storage count, in Prometheus' text form. Counts nothing itself.

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use regent_raft::log_store::sync_times::{SYNC_CLASSES_MICROS, SyncFigures};
use regent_raft::region::figures::RegionFigures;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Adds the figures of a node.
pub fn register(registry: &mut Registry, figures: &RegionFigures) {
    let RegionFigures { log, syncs, log_disk_bytes, snapshots, leader_changes } = figures;
    for (name, help, value) in [
        ("raft_leader_changes", "Leaders that followed another", *leader_changes),
        ("log_purges", "Purges of the log", log.journal.purges),
        ("snapshots_built", "Snapshots made here", snapshots.built),
        ("snapshots_installed", "Snapshots that came from another node", snapshots.installed),
    ] {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    }
    let written = log.journal;
    for (name, help, value) in [
        ("store_bytes", "Bytes of the log on the disk", *log_disk_bytes),
        ("log_records", "Records of the log on the disk", Some(written.records)),
        ("log_bytes_since_purge", "Bytes logged since a purge", Some(written.bytes_since_purge)),
        ("snapshot_bytes", "Bytes of the newest snapshot", Some(snapshots.newest_bytes)),
    ] {
        let Some(value) = value else { continue };
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    }
    let age = snapshots.last_at.map(|at| at.elapsed());
    register_seconds(registry, "snapshot_age", "Since the last snapshot", age);
    let took = snapshots.last_built_in;
    register_seconds(registry, "snapshot_duration", "What making the last one took", took);
    let longest = Some(syncs.longest);
    register_seconds(registry, "wal_fsync_longest", "The longest wait for the disk", longest);
    let waits = SyncSeconds(*syncs);
    registry.register_with_unit("wal_fsync", "Waiting for the disk", Unit::Seconds, waits);
}

/// A time that may not be known yet; then nothing is told.
fn register_seconds(registry: &mut Registry, name: &str, help: &str, value: Option<Duration>) {
    let Some(value) = value else { return };
    let gauge = Gauge::<f64, AtomicU64>::default();
    gauge.set(value.as_secs_f64());
    registry.register_with_unit(name, help, Unit::Seconds, gauge);
}

/// Syncs as a histogram: they were put into classes where they happened.
#[derive(Debug)]
struct SyncSeconds(SyncFigures);

impl EncodeMetric for SyncSeconds {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        let bounds = SYNC_CLASSES_MICROS.map(seconds).into_iter().chain([f64::INFINITY]);
        let classes: Vec<_> = bounds.zip(self.0.counts).collect();
        let sum = self.0.sum.as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, self.0.count(), &classes, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
