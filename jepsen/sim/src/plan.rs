//! The plan of a run: from a seed, readable, and enough to have the same run again, or one with fewer faults.

use crate::chance::{Chance, Part};
use crate::fault::{CutShort, Fault, Loss, Moment, Ways, Whom};
use crate::network::weather::Weather;
use crate::options::{Faults, RackChoice, SimOptions};
use crate::rack::plan::RackPlan;
use serde::{Deserialize, Serialize};

/// Faults begin this long after each other, at least and at most.
const PAUSE_MS: (u64, u64) = (100, 2_000);
/// And once there are only racks left.
const PAUSE_BESIDE_RACKS_MS: (u64, u64) = (10_000, 60_000);
/// Seeds that have racks, of a hundred.
const RACKS_PERCENT: u8 = 10;
/// A fault lasts this long, at least and at most.
const LASTS_MS: (u64, u64) = (50, 6_000);
/// The group is left alone this long before the load ends.
const QUIET_MS: u64 = 2_000;

/// What happens in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The seed of everything that is not said here.
    pub seed: u64,
    /// Voters of the group.
    pub voters: u8,
    /// Clients at once.
    pub clients: u8,
    /// How long faults and load go on.
    pub length_ms: u64,
    /// Applied entries between two snapshots of a node.
    pub snapshot_entries: u64,
    /// Entries kept behind the older snapshot.
    pub entries_kept: u64,
    /// How the wires are where no fault says otherwise.
    pub weather: Weather,
    /// What goes wrong, in the order in which it begins.
    pub faults: Vec<Planned>,
    /// Racks, if there are any. They go on when the load has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub racks: Option<RackPlan>,
}

/// One fault of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// When it begins.
    pub at_ms: u64,
    /// How long it lasts.
    pub lasts_ms: u64,
    /// What it is.
    pub fault: Fault,
}

impl Plan {
    /// What this seed has in store.
    #[must_use]
    pub fn of(seed: u64, options: &SimOptions) -> Self {
        let mut chance = Chance::of(seed, Part::Plan);
        let length_ms = u64::try_from(options.length.as_millis()).unwrap_or(u64::MAX);
        let snapshot_entries = chance.one_of(&[60, 200, 1_000]);
        let entries_kept = chance.one_of(&[10, 100, 2_000]);
        let mut faults = match options.faults {
            Faults::None => Vec::new(),
            Faults::Planned => faults(&mut chance, (0, length_ms), PAUSE_MS),
        };
        let racks = racks(Chance::of(seed, Part::Racks), options);
        if let Some(racks) = racks.as_ref().filter(|_| options.faults == Faults::Planned) {
            let after_load = (length_ms, racks.length_ms);
            faults.extend(self::faults(&mut chance, after_load, PAUSE_BESIDE_RACKS_MS));
        }
        Self {
            seed,
            voters: options.voters,
            clients: options.clients,
            length_ms,
            snapshot_entries,
            entries_kept,
            weather: Weather::FAIR,
            faults,
            racks,
        }
    }

    /// How long anything goes on.
    #[must_use]
    pub fn end_ms(&self) -> u64 {
        self.racks.as_ref().map_or(0, |racks| racks.length_ms).max(self.length_ms)
    }
}

fn racks(mut chance: Chance, options: &SimOptions) -> Option<RackPlan> {
    let racks = match options.racks {
        RackChoice::BySeed if !chance.percent(RACKS_PERCENT) => 0,
        RackChoice::BySeed => chance.one_of(&[1, 2, 2]),
        RackChoice::Exactly(racks) => racks,
    };
    let chance = match options.faults {
        Faults::None => None,
        Faults::Planned => Some(chance),
    };
    (racks > 0).then(|| RackPlan::of(racks, chance))
}

/// Faults of this time, which begin so long after each other.
fn faults(chance: &mut Chance, (from, to): (u64, u64), pause_ms: (u64, u64)) -> Vec<Planned> {
    let mut faults = Vec::new();
    let end = to.saturating_sub(QUIET_MS);
    let mut at_ms = from + chance.within(pause_ms.0..=pause_ms.1);
    while at_ms < end {
        let longest = LASTS_MS.1.min(end - at_ms).max(LASTS_MS.0);
        let lasts_ms = chance.within(LASTS_MS.0..=longest);
        faults.push(Planned { at_ms, lasts_ms, fault: fault(chance) });
        at_ms += chance.within(pause_ms.0..=pause_ms.1);
    }
    faults
}

fn fault(chance: &mut Chance) -> Fault {
    let whom = whom(chance);
    match chance.below(25) {
        0..3 => Fault::Kill { whom },
        3..6 => Fault::Power { whom },
        6..8 => Fault::Freeze { whom },
        8..11 => Fault::Cut { whom, ways: chance.one_of(&[Ways::Both, Ways::In, Ways::Out]) },
        11..13 => Fault::Storm { weather: storm(chance) },
        13 => Fault::Snapshot { whom },
        14 => Fault::HandOver,
        15 => Fault::SlowDisk { whom, group_takes_ms: chance.one_of(&[5, 50, 400]) },
        16 => Fault::Damage { whom: Whom::Follower(0) },
        17 => Fault::Rot { whom: chance.one_of(&[Whom::Leader, Whom::Follower(0)]) },
        18 => Fault::ClockJump {
            whom,
            by_ms: chance.one_of(&[1_000, -1_000, 60_000, -60_000, 86_400_000, -86_400_000]),
        },
        19..21 => Fault::PowerAmidWrite { whom, calls: chance.within(0..=12) },
        21..24 => cut_short(chance),
        _ => Fault::Replace { whom: chance.one_of(&[Whom::Leader, Whom::Follower(0)]) },
    }
}

fn cut_short(chance: &mut Chance) -> Fault {
    let moments =
        [Moment::Vote, Moment::Vote, Moment::Append, Moment::Snapshot, Moment::Join, Moment::Joint];
    Fault::CutShort(CutShort {
        moment: chance.one_of(&moments),
        after_us: chance.one_of(&[0, 100, 1_000, 5_000]),
        loss: chance.one_of(&[Loss::Kill, Loss::Power]),
        asker_cut: chance.percent(50),
    })
}

fn whom(chance: &mut Chance) -> Whom {
    let follower = Whom::Follower(u8::from(chance.percent(50)));
    let many = chance.one_of(&[Whom::Minority, Whom::Majority, Whom::All]);
    chance.one_of(&[Whom::Leader, Whom::Leader, follower, follower, many])
}

fn storm(chance: &mut Chance) -> Weather {
    Weather {
        delay_us: chance.one_of(&[100, 5_000, 40_000]),
        jitter_us: chance.one_of(&[1_000, 20_000, 150_000]),
        loss_percent: chance.one_of(&[0, 2, 20]),
        twice_percent: chance.one_of(&[1, 20]),
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::fault::Fault;
    use crate::options::{Faults, SimOptions};
    use crate::rack::plan::RackFault;

    #[test]
    fn plan_is_its_seed_and_survives_being_written_down() {
        let options = SimOptions::default();
        for seed in 0..20 {
            let plan = Plan::of(seed, &options);
            assert_eq!(Plan::of(seed, &options), plan);
            let text = serde_json::to_string(&plan).unwrap();
            assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
        }
        assert_ne!(Plan::of(1, &options).faults, Plan::of(2, &options).faults);
    }

    #[test]
    fn every_kind_of_fault_comes_within_fifty_seeds_and_none_outlasts_the_load() {
        let options = SimOptions::default();
        let mut kinds = std::collections::BTreeSet::new();
        for plan in (0..50).map(|seed| Plan::of(seed, &options)) {
            for planned in &plan.faults {
                kinds.insert(planned.fault.kind());
                assert!(planned.at_ms + planned.lasts_ms <= plan.end_ms(), "{planned:?}");
            }
        }
        assert_eq!(kinds, Fault::KINDS.into());
    }

    #[test]
    fn one_seed_in_ten_has_racks_and_what_befalls_them_ends_in_time() {
        let options = SimOptions::default();
        let racks: Vec<_> = (0..200).filter_map(|seed| Plan::of(seed, &options).racks).collect();
        assert!((10..=35).contains(&racks.len()), "{}", racks.len());
        let mut kinds = std::collections::BTreeSet::new();
        for plan in racks {
            for planned in &plan.faults {
                kinds.insert(planned.fault.kind());
                assert!(planned.at_ms + planned.lasts_ms < plan.length_ms, "{planned:?}");
                assert!(planned.rack < plan.racks);
            }
        }
        assert_eq!(kinds, RackFault::KINDS.into());
    }

    #[test]
    fn calm_run_has_no_faults() {
        let options = SimOptions { faults: Faults::None, ..SimOptions::default() };
        assert!(Plan::of(3, &options).faults.is_empty());
    }
}
