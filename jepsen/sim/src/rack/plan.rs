//! What goes wrong with racks, and when.

use crate::chance::Chance;
use serde::{Deserialize, Serialize};

/// How long racks and their clients go on: long enough that what a rack may do alone ends, and the region gives the address
/// to somebody else.
const LENGTH_MS: u64 = 540_000;
/// Clients at once: more than there are addresses.
const TENANTS: u8 = 12;
/// Faults of racks begin this long after each other, at least and at most.
const PAUSE_MS: (u64, u64) = (5_000, 60_000);
/// What ends by itself lasts this long, at least and at most.
const LASTS_MS: (u64, u64) = (500, 60_000);
/// Racks are left alone this long before they end.
const QUIET_MS: u64 = 10_000;
/// A rack that boots without its region does so once its clock has shown as much as this, ...
const APART_FROM_MS: (u64, u64) = (170_000, 220_000);
/// ... and is without it for so long: until others may have what it gave.
const APART_LASTS_MS: (u64, u64) = (250_000, 300_000);

/// The racks of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackPlan {
    /// How many.
    pub racks: u8,
    /// Their clients.
    pub tenants: u8,
    /// How long they go on, from when the load begins.
    pub length_ms: u64,
    /// What goes wrong with them, in the order in which it begins.
    pub faults: Vec<PlannedRackFault>,
}

/// One fault of a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRackFault {
    /// When it begins.
    pub at_ms: u64,
    /// How long it lasts.
    pub lasts_ms: u64,
    /// Which rack it meets.
    pub rack: u8,
    /// What it is.
    pub fault: RackFault,
}

/// What can go wrong with a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RackFault {
    /// Its process is killed and started again when it is healed.
    Kill,
    /// Its machine loses power; it boots when it is healed, with a clock that begins anew.
    Power,
    /// Its process stands still; its clocks go on.
    Freeze,
    /// Nothing passes between it and the region.
    Cut,
    /// Its wall clock shows another time.
    ClockJump {
        /// By how much it goes ahead; back if it is negative.
        by_ms: i64,
    },
    /// Its machine boots, and nothing passes between it and the region until the fault is healed.
    BootApart,
    /// Each client reaches one rack only, whichever rack the fault is of.
    Split,
}

impl RackFault {
    /// The names of all kinds.
    pub const KINDS: [&'static str; 7] = [
        "rack_kill",
        "rack_power",
        "rack_freeze",
        "rack_cut",
        "rack_clock_jump",
        "rack_boot_apart",
        "rack_split",
    ];

    /// Its name in histories.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kill => "rack_kill",
            Self::Power => "rack_power",
            Self::Freeze => "rack_freeze",
            Self::Cut => "rack_cut",
            Self::ClockJump { .. } => "rack_clock_jump",
            Self::BootApart => "rack_boot_apart",
            Self::Split => "rack_split",
        }
    }
}

impl RackPlan {
    /// So many racks, with faults if there are any.
    #[must_use]
    pub fn of(racks: u8, mut chance: Option<Chance>) -> Self {
        let faults = chance.as_mut().map(|chance| faults(chance, racks));
        Self { racks, tenants: TENANTS, length_ms: LENGTH_MS, faults: faults.unwrap_or_default() }
    }
}

fn faults(chance: &mut Chance, racks: u8) -> Vec<PlannedRackFault> {
    let (mut faults, end) = (Vec::new(), LENGTH_MS - QUIET_MS);
    let apart = chance.percent(50).then(|| boot_apart(chance, racks));
    let mut at_ms = chance.within(PAUSE_MS.0..=PAUSE_MS.1);
    while at_ms < end {
        let lasts_ms = chance.within(LASTS_MS.0..=LASTS_MS.1).min(end - at_ms);
        let rack = rack(chance, racks);
        let planned = PlannedRackFault { at_ms, lasts_ms, rack, fault: fault(chance) };
        // Who is to boot without its region gives alone until then, and is left alone from then on.
        let meets = |apart: &PlannedRackFault| apart.rack == rack;
        if planned.fault == RackFault::Split || !apart.as_ref().is_some_and(meets) {
            faults.push(planned);
        }
        at_ms += chance.within(PAUSE_MS.0..=PAUSE_MS.1);
    }
    faults.extend(apart);
    faults.sort_by_key(|planned| planned.at_ms);
    faults
}

fn boot_apart(chance: &mut Chance, racks: u8) -> PlannedRackFault {
    PlannedRackFault {
        at_ms: chance.within(APART_FROM_MS.0..=APART_FROM_MS.1),
        lasts_ms: chance.within(APART_LASTS_MS.0..=APART_LASTS_MS.1),
        rack: rack(chance, racks),
        fault: RackFault::BootApart,
    }
}

fn rack(chance: &mut Chance, racks: u8) -> u8 {
    u8::try_from(chance.below(usize::from(racks.max(1)))).unwrap_or_default()
}

fn fault(chance: &mut Chance) -> RackFault {
    match chance.below(9) {
        0 => RackFault::Kill,
        1 | 2 => RackFault::Power,
        3 => RackFault::Freeze,
        4 | 5 => RackFault::Cut,
        6 => RackFault::ClockJump {
            by_ms: chance.one_of(&[500, 2_000, -2_000, 3_600_000, -3_600_000]),
        },
        _ => RackFault::Split,
    }
}
