//! Does what a plan says: the faults of a track one after the other, the tracks beside each other.

use crate::chaos::nemesis;
use crate::chaos::plan::Plan;
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;
use crate::tell::tell;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Does all faults; gives them back in the order in which they began.
pub async fn play(rig: &Rig, plan: &Plan) -> Vec<Record> {
    let began = Instant::now();
    let (mut records, beside) = tokio::join!(one(rig, plan, 0, began), one(rig, plan, 1, began));
    records.extend(beside);
    records.sort_by_key(|record| record.began.map_or(u64::MAX, |began| began.0));
    records
}

/// A track that is late has its faults later, but none after the end.
async fn one(rig: &Rig, plan: &Plan, track: usize, began: Instant) -> Vec<Record> {
    let end = began + Duration::from_secs(plan.seconds);
    let mut records = Vec::new();
    for planned in plan.of_track(track) {
        sleep_until(began + planned.at()).await;
        let record = if Instant::now() < end {
            nemesis::strike(rig, planned).await
        } else {
            Record::of(planned)
        };
        tell(&format!("  {record}"));
        records.push(record);
    }
    records
}
