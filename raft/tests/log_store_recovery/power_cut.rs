//! Power cuts at every call to the disk: nothing acknowledged is lost, and a power cut alone is never amnesia.

use crate::fixture::{
    Dice, Durable, Model, Step, create_memory, drive, entry, id, open_memory, submit,
};
use futures::FutureExt;
use openraft::storage::RaftLogStorage;
use regent_raft::log_store::memory::{MemoryDisk, PowerCut};
use regent_raft::log_store::pump::Pump;
use regent_raft::log_store::record::RECORD_BYTES_MAX;
use regent_raft::log_store::store::LogStore;
use regent_raft::type_config::Vote;
use std::time::Duration;

/// Runs a seeded script until the disk breaks or the script ends; the steps done, each entry as one of its own, and
/// how many of them were acknowledged.
async fn run_script(disk: &MemoryDisk, seed: u64) -> (Vec<Step>, usize) {
    let mut fine = Vec::new();
    let mut acknowledged = 0;
    let Ok((store, mut pump)) = open_memory(disk) else { return (fine, acknowledged) };
    let (mut dice, mut model) = (Dice::new(seed), Model::default());
    for turn in 0..25_u64 {
        let mut waiting = Vec::new();
        for _ in 0..=dice.below(4) {
            let entry_bytes_max = if dice.below(6) == 0 { 120_000 } else { 3000 };
            let step = dice.step(&model, entry_bytes_max);
            model.apply(&step);
            let reports = submit_or_give_up(&store, &step, &mut pump, turn).await;
            match &step {
                Step::Append(entries) => {
                    fine.extend(entries.iter().map(|entry| Step::Append(vec![entry.clone()])));
                }
                Step::Truncate(_) | Step::Purge(_) | Step::Vote(_) => fine.push(step.clone()),
                Step::Committed(_) => {}
            }
            match reports {
                Submitted::Durable => acknowledged = fine.len(),
                Submitted::Waiting(durable) => waiting.push((fine.len(), durable)),
                Submitted::Queued => {}
                Submitted::Refused => return (fine, acknowledged),
            }
        }
        let written = pump.turn(Duration::from_millis(turn));
        for (steps, durable) in waiting {
            if matches!(durable.now_or_never(), Some(Ok(Ok(())))) {
                acknowledged = acknowledged.max(steps);
            }
        }
        if written.is_err() {
            break;
        }
    }
    (fine, acknowledged)
}

enum Submitted {
    Durable,
    Waiting(Durable),
    Queued,
    Refused,
}

/// A vote waits for the disk, so the pump must turn while it waits.
async fn submit_or_give_up(store: &LogStore, step: &Step, pump: &mut Pump, at: u64) -> Submitted {
    if let Step::Vote(vote) = step {
        let mut store = store.clone();
        let turn = async { pump.turn(Duration::from_millis(at)) };
        let (saved, _) = tokio::join!(biased; store.save_vote(vote), turn);
        return if saved.is_ok() { Submitted::Durable } else { Submitted::Refused };
    }
    match submit(store, step).await {
        Ok(Some(durable)) => Submitted::Waiting(durable),
        Ok(None) => Submitted::Queued,
        Err(_) => Submitted::Refused,
    }
}

fn cuts(disk: &MemoryDisk, dice: &mut Dice) -> Vec<PowerCut> {
    let (records, slots) = disk.unsynced();
    let mut cuts = vec![
        PowerCut::CLEAN,
        PowerCut { records_kept: records, slots_kept: slots, ..PowerCut::CLEAN },
        PowerCut { records_kept: records, slot_torn_bytes: Some(7), ..PowerCut::CLEAN },
    ];
    let below = |dice: &mut Dice, bound: usize| {
        usize::try_from(dice.below(bound as u64)).expect("a record count fits")
    };
    for _ in 0..3 {
        cuts.push(PowerCut {
            records_kept: below(dice, records + 1),
            record_torn_bytes: Some(below(dice, 300)),
            slots_kept: below(dice, slots + 1),
            slot_torn_bytes: Some(below(dice, 60)),
        });
    }
    cuts
}

/// The states the log may be in: at least what was acknowledged, at most what was asked for.
fn allowed(steps: &[Step], acknowledged: usize) -> Vec<Model> {
    let mut model = Model::default();
    let mut states = Vec::new();
    for (done, step) in steps.iter().enumerate() {
        if done >= acknowledged {
            states.push(model.clone());
        }
        model.apply(step);
    }
    states.push(model);
    states
}

#[tokio::test]
async fn power_cut_at_any_call_loses_nothing_acknowledged_and_is_never_amnesia() {
    let mut cut_count = 0;
    for seed in 1..=4 {
        let mut dice = Dice::new(seed + 100);
        for calls in 0.. {
            let disk = MemoryDisk::default();
            drop(create_memory(&disk));
            disk.break_after(calls);
            let (steps, acknowledged) = run_script(&disk, seed).await;
            let states = allowed(&steps, acknowledged);
            for cut in cuts(&disk, &mut dice) {
                let left = disk.after_power_cut(cut);
                let opened = open_memory(&left);
                let (store, _) =
                    opened.unwrap_or_else(|e| panic!("seed {seed}, call {calls}, {cut:?}: {e}"));
                let found = Model::of(&store).await;
                assert!(states.contains(&found), "seed {seed}, call {calls}, {cut:?}");
                // And a second cut right after the restart.
                let (again, _) = open_memory(&left.after_power_cut(PowerCut::CLEAN)).unwrap();
                assert_eq!(Model::of(&again).await, found, "seed {seed}, call {calls}, {cut:?}");
                cut_count += 1;
            }
            if disk.is_well() {
                break;
            }
        }
    }
    assert!(cut_count > 1000, "only {cut_count} cuts");
}

#[tokio::test]
async fn power_cut_in_the_middle_of_a_purge_leaves_the_vote_wherever_a_record_ends() {
    let vote = Vote::new(3, 1);
    for filler in (RECORD_BYTES_MAX as u64 - 400..RECORD_BYTES_MAX as u64).step_by(4) {
        let disk = MemoryDisk::default();
        let (store, mut pump) = create_memory(&disk);
        drive(&store, &mut pump, &Step::Vote(vote), Duration::ZERO).await.unwrap();
        submit(&store, &Step::Append(vec![entry(3, 0, 100)])).await.unwrap();
        pump.turn(Duration::from_secs(1)).unwrap();
        // The records are written, the sync behind them fails.
        disk.break_after(1);
        submit(&store, &Step::Append(vec![entry(3, 1, filler)])).await.unwrap();
        submit(&store, &Step::Purge(id(3, 1))).await.unwrap();
        pump.turn(Duration::from_secs(2)).unwrap_err();
        let kept = disk.unsynced().0.min(1);
        let mut disk = disk.after_power_cut(PowerCut { records_kept: kept, ..PowerCut::CLEAN });
        for opening in 0..3 {
            let (store, mut pump) = open_memory(&disk).unwrap_or_else(|error| {
                panic!("filler of {filler} bytes, opening {opening}: {error}")
            });
            assert_eq!(Model::of(&store).await.vote, Some(vote), "filler of {filler} bytes");
            pump.turn(Duration::from_secs(9)).unwrap();
            drop((store, pump));
            disk = disk.after_kill();
        }
    }
}
