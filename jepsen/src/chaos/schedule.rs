//! From a seed to a plan.
//!
//! Each track draws the kinds from a bag that is filled again when it is empty, so that every kind comes once before any
//! comes twice. Membership, restarts and power change who there is and are left to the first track; two of them at once
//! would only wait for each other. The third has what takes minutes, if there are so many.

use crate::chaos::dice::Dice;
use crate::chaos::plan::{
    DiskCall, Fault, Half, Harm, Kind, Leave, Logs, Plan, Planned, RackFault, Shape, Whom, Wire,
};
use crate::lab::packet_queue::Manner;

/// Tracks, which are done beside each other.
pub const TRACKS: usize = 3;
/// The track of what is done when everything else is over and was judged.
pub const AFTERWARDS: usize = TRACKS;
/// How long a fault lasts, in milliseconds: at least, and less than.
const HOLD_MS: (u64, u64) = (1000, 8000);
/// The same for a process that is started again at once.
const BLINK_MS: (u64, u64) = (1, 50);
/// The same for a rack that booted anew: longer than what it may do alone with a lease, and the guard behind it, together
/// (120 s, 60 s and 120 s with the terms that racks are given here).
const REBOOT_MS: (u64, u64) = (340_000, 360_000);
/// Pause between two faults of a track, the same way. The later tracks begin later.
const PAUSE_MS: (u64, u64) = (1500, 5000);
/// Before the first fault there is load alone.
const CALM_MS: u64 = 3000;
/// What seconds a wall clock may jump by.
const JUMPS: [i64; 6] = [-86_400, -3600, -1, 1, 3600, 86_400];
/// What may be left of a disk: nothing, and less than a node wants to have.
const LEFT_MIB: [u64; 2] = [0, 200];
/// How many of a hundred packets may get lost.
const LOSSES_PERCENT: [u8; 3] = [5, 20, 50];
/// How late packets may come: within the patience of voters, and beyond it.
const LATE_MS: [u32; 3] = [20, 100, 400];
/// How late packets come at least that may overtake each other, and by how much more some come; the same as above.
const LATE_LEAST_MS: [u32; 3] = [5, 40, 150];
const JITTER_MS: [u32; 3] = [5, 20, 100];
/// How many of a hundred of those may get lost, and come twice.
const LOST_PERCENT: [u8; 4] = [0, 0, 2, 10];
const REPEATED_PERCENT: [u8; 3] = [0, 5, 20];
/// What a slow cable may carry: less than a region with load wants to, and little.
const SLOW_KBIT: [u32; 2] = [4000, 500];
/// What a sync on a slow disk may take longer.
const SLOW_SYNC_MS: [u32; 3] = [20, 100, 500];
/// Shapes of cuts, those first that cannot be had everywhere.
const SHAPES: [Shape; 7] = [
    Shape::Ring,
    Shape::Bridge,
    Shape::Halves,
    Shape::LeaderAlone,
    Shape::LeaderAlone,
    Shape::Deaf,
    Shape::Mute,
];

/// Draws a plan with faults of these kinds.
#[must_use]
pub fn draw(seed: u64, nodes: usize, seconds: u64, kinds: &[Kind], racks: bool) -> Plan {
    let mut dice = Dice::new(seed);
    // Only a whole log proves that nothing was applied twice, so mostly all are kept.
    let logs = dice.one(&[Logs::Whole, Logs::Whole, Logs::Whole, Logs::Purged, Logs::Storm]);
    let is_of_racks = |kind: Kind| matches!(kind, Kind::Rack | Kind::RackReboot);
    let kinds: Vec<_> = kinds.iter().copied().filter(|kind| racks || !is_of_racks(*kind)).collect();
    let mut faults: Vec<_> = (0..TRACKS)
        .flat_map(|track| of_track(track, &mut dice, seconds, &kinds, Site { logs, nodes, racks }))
        .collect();
    if kinds.contains(&Kind::Import) {
        let (at_ms, fault) = (seconds * 1000, Fault::Import);
        let import = Planned { track: AFTERWARDS, at_ms, for_ms: 0, dice: dice.number(), fault };
        faults.push(import);
    }
    faults.sort_by_key(|planned| planned.at_ms);
    Plan { seed, nodes, seconds, logs, racks, faults }
}

/// What the cluster is like.
#[derive(Clone, Copy)]
struct Site {
    logs: Logs,
    nodes: usize,
    racks: bool,
}

fn of_track(
    track: usize,
    dice: &mut Dice,
    seconds: u64,
    kinds: &[Kind],
    site: Site,
) -> Vec<Planned> {
    let kinds: Vec<_> = kinds.iter().copied().filter(|kind| is_for(track, *kind)).collect();
    let (mut faults, mut bag) = (Vec::new(), Vec::new());
    let mut at_ms = CALM_MS + track as u64 * PAUSE_MS.0;
    while !kinds.is_empty() {
        if bag.is_empty() {
            bag.clone_from(&kinds);
            dice.shuffle(&mut bag);
        }
        let kind = bag.pop().unwrap_or(Kind::Rolling);
        let (least, less_than) = hold_ms(kind, dice);
        let for_ms = dice.between(least, less_than);
        if at_ms + for_ms > seconds * 1000 {
            break;
        }
        let fault = of_kind(kind, site, dice);
        faults.push(Planned { track, at_ms, for_ms, dice: dice.number(), fault });
        at_ms += for_ms + dice.between(PAUSE_MS.0, PAUSE_MS.1);
    }
    faults
}

/// How long it may last. A node that is killed may be back before anybody has noticed: what it said just before counts.
fn hold_ms(kind: Kind, dice: &mut Dice) -> (u64, u64) {
    match kind {
        Kind::RackReboot => REBOOT_MS,
        Kind::Kill => dice.one(&[BLINK_MS, HOLD_MS, HOLD_MS]),
        Kind::Pause | Kind::PowerOff | Kind::Cut | Kind::Loss | Kind::Delay => HOLD_MS,
        Kind::Flaky | Kind::SlowLink | Kind::DiskFull | Kind::DiskSlow | Kind::DiskFails => HOLD_MS,
        Kind::Damage | Kind::ClockJump | Kind::Replace | Kind::HalfChange => HOLD_MS,
        Kind::Rolling | Kind::Rack | Kind::Import => HOLD_MS,
    }
}

/// Which faults a track has: all, those that leave members and disks as they are, those that take long.
const fn is_for(track: usize, kind: Kind) -> bool {
    match kind {
        Kind::Kill | Kind::Pause | Kind::Cut | Kind::Loss | Kind::SlowLink => track < 2,
        Kind::Delay | Kind::Flaky | Kind::DiskSlow | Kind::ClockJump | Kind::Rack => track < 2,
        Kind::PowerOff | Kind::DiskFull | Kind::DiskFails | Kind::Damage => track == 0,
        Kind::Replace | Kind::HalfChange | Kind::Rolling => track == 0,
        Kind::RackReboot => track == 2,
        Kind::Import => track == AFTERWARDS,
    }
}

fn of_kind(kind: Kind, site: Site, dice: &mut Dice) -> Fault {
    let few = [Whom::Leader, Whom::Follower, Whom::Minority];
    let many = [Whom::Leader, Whom::Leader, Whom::Follower, Whom::Majority, Whom::All];
    match kind {
        Kind::Kill => Fault::Kill { whom: dice.one(&many) },
        Kind::Pause => Fault::Pause { whom: dice.one(&many) },
        Kind::PowerOff => {
            let whom = dice.one(&[Whom::Leader, Whom::Follower, Whom::Majority, Whom::All]);
            Fault::PowerOff { whom }
        }
        Kind::Cut => Fault::Cut { shape: shape(site, dice), wire: wire(site, dice) },
        Kind::Loss => {
            let (shape, wire) = (shape(site, dice), wire(site, dice));
            Fault::Loss { shape, wire, percent: dice.one(&LOSSES_PERCENT) }
        }
        Kind::Delay => {
            let (shape, wire) = (shape(site, dice), wire(site, dice));
            Fault::Delay { shape, wire, late_ms: dice.one(&LATE_MS) }
        }
        Kind::Flaky => {
            let (shape, wire) = (shape(site, dice), wire(site, dice));
            Fault::Flaky { shape, wire, manner: manner(dice) }
        }
        Kind::SlowLink => Fault::SlowLink { whom: dice.one(&few), kbit: dice.one(&SLOW_KBIT) },
        Kind::DiskFull => Fault::DiskFull { whom: dice.one(&few), left_mib: dice.one(&LEFT_MIB) },
        Kind::DiskSlow => {
            Fault::DiskSlow { whom: dice.one(&few), sync_ms: dice.one(&SLOW_SYNC_MS) }
        }
        Kind::DiskFails => {
            let what = dice.one(&[DiskCall::Sync, DiskCall::Sync, DiskCall::Write]);
            Fault::DiskFails { whom: dice.one(&few), what }
        }
        Kind::Damage => {
            Fault::Damage { how: dice.one(&[Harm::BitFlip, Harm::Truncated, Harm::Zeroed]) }
        }
        Kind::ClockJump => {
            // It is the leader who says what time it is.
            let whom = dice.one(&[Whom::Leader, Whom::Leader, Whom::Follower, Whom::Minority]);
            Fault::ClockJump { whom, seconds: dice.one(&JUMPS) }
        }
        Kind::Replace => Fault::Replace { leave: dice.one(&[Leave::Removed, Leave::Wiped]) },
        Kind::HalfChange => {
            Fault::HalfChange { half: dice.one(&[Half::LeaderGone, Half::VoterGone]) }
        }
        Kind::Rolling => Fault::Rolling,
        Kind::Import => Fault::Import,
        Kind::Rack => {
            let what = dice.one(&[RackFault::Kill, RackFault::Pause, RackFault::Cut]);
            Fault::Rack { what }
        }
        Kind::RackReboot => Fault::Rack { what: RackFault::Reboot },
    }
}

fn shape(site: Site, dice: &mut Dice) -> Shape {
    dice.one(match (site.logs, site.nodes) {
        // The last node would be away from who leads.
        (Logs::Purged | Logs::Storm, _) => &SHAPES[2..],
        // Everybody has two neighbours only.
        (Logs::Whole, 3) => &SHAPES[1..],
        (Logs::Whole, _) => &SHAPES[..],
    })
}

fn manner(dice: &mut Dice) -> Manner {
    Manner {
        late_ms: dice.one(&LATE_LEAST_MS),
        jitter_ms: dice.one(&JITTER_MS),
        lost_percent: dice.one(&LOST_PERCENT),
        repeated_percent: dice.one(&REPEATED_PERCENT),
    }
}

/// An isolated leader whose clients reach it is the trap for reads, so mostly peers alone.
fn wire(site: Site, dice: &mut Dice) -> Wire {
    let wires = [Wire::Peers, Wire::Peers, Wire::Api, Wire::All, Wire::Racks];
    dice.one(if site.racks { &wires } else { &wires[..4] })
}

#[cfg(test)]
mod tests {
    use super::{AFTERWARDS, TRACKS, draw};
    use crate::chaos::plan::{Fault, Kind, Logs, Shape};
    use clap::ValueEnum as _;

    #[test]
    fn one_seed_gives_one_plan_and_another_seed_another() {
        let plan = |seed| draw(seed, 3, 120, Kind::value_variants(), true);
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7).faults, plan(8).faults);
    }

    #[test]
    fn every_kind_that_was_asked_for_comes_if_there_is_time_and_no_other() {
        let kinds = [Kind::Kill, Kind::Cut, Kind::Rolling];
        for seed in 0..50 {
            let plan = draw(seed, 5, 60, &kinds, true);
            for kind in Kind::value_variants() {
                assert_eq!(plan.has(*kind), kinds.contains(kind), "seed {seed}: {kind:?}");
            }
        }
    }

    #[test]
    fn site_is_replaced_once_and_at_the_end() {
        let plan = draw(3, 3, 60, &[Kind::Kill, Kind::Import], false);
        assert_eq!(plan.of_track(AFTERWARDS).count(), 1);
        assert_eq!(plan.faults.last().map(|planned| planned.fault.kind()), Some(Kind::Import));
    }

    #[test]
    fn cuts_leave_the_node_that_keeps_its_log_with_the_leader() {
        for plan in (0..50).map(|seed| draw(seed, 5, 60, &[Kind::Cut, Kind::Loss], false)) {
            let shapes = plan.faults.iter().map(|planned| &planned.fault);
            let mut apart = shapes.filter(|fault| {
                let (Fault::Cut { shape, .. } | Fault::Loss { shape, .. }) = fault else {
                    return false;
                };
                [Shape::Ring, Shape::Bridge].contains(shape)
            });
            assert!(plan.logs == Logs::Whole || apart.next().is_none(), "{plan:?}");
        }
    }

    #[test]
    fn rack_boots_anew_only_where_there_is_time_for_it() {
        let has = |seconds| draw(1, 3, seconds, Kind::value_variants(), true).has(Kind::RackReboot);
        assert!(!has(300) && has(400));
    }

    #[test]
    fn nothing_is_done_to_racks_where_there_are_none() {
        for seed in 0..50 {
            let plan = draw(seed, 3, 400, Kind::value_variants(), false);
            assert!(!plan.has(Kind::Rack) && !plan.has(Kind::RackReboot), "{seed}");
        }
    }

    #[test]
    fn faults_of_a_track_follow_each_other_and_end_in_time() {
        for seed in 0..50 {
            let plan = draw(seed, 3, 90, Kind::value_variants(), true);
            for track in 0..TRACKS {
                let mut over = 0;
                for planned in plan.of_track(track) {
                    assert!(planned.at_ms > over, "seed {seed}");
                    over = planned.at_ms + planned.for_ms;
                    assert!(over <= 90_000, "seed {seed}");
                }
            }
        }
    }
}
