//! Does what a plan says: the faults of a track one after the other, the tracks beside each other.

use crate::chaos::nemesis;
use crate::chaos::plan::{Kind, Plan, Planned};
use crate::chaos::record::{Outcome, Record};
use crate::chaos::rig::Rig;
use crate::chaos::schedule::AFTERWARDS;
use crate::tell::tell;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// After the end, faults of kinds that never came get their turn for so much of its time again.
const EXTRA_PARTS: u32 = 2;
const OF_PARTS: u32 = 3;
/// So late, a fault is left out whose kind has come before.
const LATE: Duration = Duration::from_secs(5);

/// What tracks know of each other.
struct Course {
    began: Instant,
    end: Instant,
    /// Kinds that were done.
    done: RefCell<BTreeSet<Kind>>,
}

/// Does all faults; gives them back in the order in which they began.
pub async fn play(rig: &Rig, plan: &Plan) -> Vec<Record> {
    let began = Instant::now();
    let end = began + Duration::from_secs(plan.seconds);
    let course = Course { began, end, done: RefCell::default() };
    let track = |number| one(rig, plan, number, &course);
    let (mut records, second, third) = tokio::join!(track(0), track(1), track(2));
    records.extend(second.into_iter().chain(third));
    records.sort_by_key(|record| record.began.map_or(u64::MAX, |began| began.0));
    records
}

/// Does what is left for afterwards.
pub async fn play_afterwards(rig: &Rig, plan: &Plan) -> Vec<Record> {
    let mut records = Vec::new();
    for planned in plan.of_track(AFTERWARDS) {
        let record = nemesis::strike(rig, planned).await;
        tell(&format!("  {record}"));
        records.push(record);
    }
    records
}

/// Faults may take longer than was thought; a track that is late has its faults later, and those first of a kind.
async fn one(rig: &Rig, plan: &Plan, track: usize, course: &Course) -> Vec<Record> {
    let mut records = Vec::new();
    for planned in plan.of_track(track) {
        sleep_until(course.began + planned.at()).await;
        let record = match course.why_not(planned) {
            None => nemesis::strike(rig, planned).await,
            Some(why) => {
                let mut record = Record::of(planned);
                record.is_skipped(why);
                record
            }
        };
        if record.outcome == Outcome::Installed {
            course.done.borrow_mut().insert(planned.fault.kind());
        }
        tell(&format!("  {record}"));
        records.push(record);
    }
    records
}

impl Course {
    /// Why a fault is left out whose turn it is.
    fn why_not(&self, planned: &Planned) -> Option<&'static str> {
        let now = Instant::now();
        let has_come = self.done.borrow().contains(&planned.fault.kind());
        let last = self.end + (self.end - self.began) * EXTRA_PARTS / OF_PARTS;
        if now >= last || (now >= self.end && has_come) {
            Some("its time did not come")
        } else if has_come && now > self.began + planned.at() + LATE {
            Some("late, and not the first of its kind")
        } else {
            None
        }
    }
}
