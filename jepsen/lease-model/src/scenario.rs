//! What a small world is made of: how long things take, how many hosts and addresses there are, what may happen how
//! often.

use crate::witness::Witness;
use regent_core::lease::terms::Terms;
use regent_core::time::Millis;

/// Clocks part by so much that every length up to ten ticks, shortened, is one tick shorter.
const DRIFT_PPM: u32 = 50_000;

/// A small world to be explored to its end. A tick is a millisecond to the rules.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name in tables.
    pub name: &'static str,
    /// Lengths of time, in ticks.
    pub terms: Terms,
    /// How many ticks there are.
    pub horizon: u8,
    /// How many hosts.
    pub hosts: usize,
    /// How many addresses. The last one may be delegated.
    pub addresses: usize,
    /// What may happen, how often.
    pub left: Left,
    /// What has to happen somewhere in it.
    pub shows: &'static [Witness],
}

/// How often each thing may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Left {
    /// Requests that go to the region.
    pub requests: u8,
    /// Copies of requests.
    pub resends: u8,
    /// Requests answered without the region.
    pub alone: u8,
    /// Addresses given back.
    pub releases: u8,
    /// Rights given up.
    pub waivers: u8,
    /// Leases told.
    pub adoptions: u8,
    /// Blocks asked for.
    pub blocks: u8,
    /// Terms asked for.
    pub terms: u8,
    /// Messages that arrive twice.
    pub copies: u8,
    /// Ticks in which a clock is wrong.
    pub drifts: u8,
    /// Crashes of a rack's process.
    pub crashes: u8,
    /// Losses of a rack's disk.
    pub disk_losses: u8,
    /// Reboots of a rack's machine.
    pub reboots: u8,
    /// Times a rack's machine stands still.
    pub pauses: u8,
    /// Times the region is saved.
    pub saves: u8,
    /// Times it is restored.
    pub restores: u8,
}

/// Terms in ticks.
pub(crate) const fn terms(life: u64, autonomy: u64, block_term: u64, guard: u64) -> Terms {
    Terms {
        life: Millis(life),
        autonomy: Millis(autonomy),
        block_term: Millis(block_term),
        guard: Millis(guard),
        drift_ppm: DRIFT_PPM,
    }
}

/// Nothing happens.
pub(crate) const NOTHING: Left = Left {
    requests: 0,
    resends: 0,
    alone: 0,
    releases: 0,
    waivers: 0,
    adoptions: 0,
    blocks: 0,
    terms: 0,
    copies: 0,
    drifts: 0,
    crashes: 0,
    disk_losses: 0,
    reboots: 0,
    pauses: 0,
    saves: 0,
    restores: 0,
};
