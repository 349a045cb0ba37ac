//! A rack's machine in the world: its clock goes wrong, stands still and begins anew.

use crate::simulation::clock::counted;
use crate::station::Station;
use regent_core::id::NodeId;
use regent_rack_agent::lease::rack_time::RackTime;

/// What the clock of a machine shows when it begins.
const BOOTED: RackTime = RackTime(1_000);

/// A rack's machine.
pub(super) struct Machine {
    pub(super) station: Station,
    /// The process that runs; what is on its way to an earlier one reaches nobody.
    pub(super) process: u64,
    /// Whether it is on, and does not stand still.
    pub(super) is_running: bool,
    /// Its session at the region, as far as it knows.
    pub(super) session: Option<u64>,
    /// Whether nothing passes between it and the region.
    pub(super) is_cut: bool,
    drift_ppm: i64,
    /// What its clock showed, and when in real time.
    shown: (RackTime, u64),
}

impl Machine {
    pub(super) fn new(node: NodeId, drift_ppm: i64) -> Self {
        let (session, shown) = (None, (BOOTED, 0));
        let (process, is_running, is_cut) = (0, true, false);
        let station = Station::new(node, BOOTED);
        Self { station, process, is_running, session, is_cut, drift_ppm, shown }
    }

    /// What its clock shows at a real time.
    pub(super) fn clock_at(&self, now: u64) -> RackTime {
        let (shown, at) = self.shown;
        RackTime(shown.0 + counted(now.saturating_sub(at), self.drift_ppm))
    }

    /// Its clock does not count on before a real time.
    pub(super) fn stop_clock(&mut self, now: u64, until: u64) {
        self.shown = (self.clock_at(now), until);
    }

    /// Its clock begins anew.
    pub(super) fn reset_clock(&mut self, now: u64) {
        self.shown = (BOOTED, now);
    }

    /// Its process is no more.
    pub(super) fn end_process(&mut self) {
        self.process += 1;
        self.session = None;
        self.is_running = false;
    }
}
