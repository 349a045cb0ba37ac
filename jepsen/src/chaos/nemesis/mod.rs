//! What is done to a cluster, one kind of fault a file: each begins it, holds it, ends it, and notes what became of it.
//!
//! None judges but [`import`]. A node that does not come back is found by whoever heals in the end.

pub mod clock_jump;
pub mod cut;
pub mod damage;
pub mod disk_fails;
pub mod disk_full;
pub mod disk_slow;
pub mod flaky;
pub mod half_change;
pub mod import;
pub mod kill;
pub mod pause;
pub mod power_off;
pub mod rack;
pub mod replace;
pub mod rolling;
pub mod slow_link;

use crate::chaos::cuts::{ALL_PERCENT, Toll};
use crate::chaos::plan::{Fault, Planned};
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;

/// Does one fault from its beginning to its end.
pub async fn strike(rig: &Rig, planned: &Planned) -> Record {
    let mut record = Record::of(planned);
    let struck = match planned.fault {
        Fault::Kill { whom } => kill::strike(rig, planned, whom, &mut record).await,
        Fault::Pause { whom } => pause::strike(rig, planned, whom, &mut record).await,
        Fault::PowerOff { whom } => power_off::strike(rig, planned, whom, &mut record).await,
        Fault::Cut { shape, wire } => {
            cut::strike(rig, planned, (shape, wire, Toll::Lost(ALL_PERCENT)), &mut record).await
        }
        Fault::Loss { shape, wire, percent } => {
            cut::strike(rig, planned, (shape, wire, Toll::Lost(percent)), &mut record).await
        }
        Fault::Delay { shape, wire, late_ms } => {
            cut::strike(rig, planned, (shape, wire, Toll::Late(late_ms)), &mut record).await
        }
        Fault::Flaky { shape, wire, manner } => {
            flaky::strike(rig, planned, (shape, wire, manner), &mut record).await
        }
        Fault::SlowLink { whom, kbit } => {
            slow_link::strike(rig, planned, (whom, kbit), &mut record).await
        }
        Fault::DiskFull { whom, left_mib } => {
            disk_full::strike(rig, planned, (whom, left_mib), &mut record).await
        }
        Fault::DiskSlow { whom, sync_ms } => {
            disk_slow::strike(rig, planned, (whom, sync_ms), &mut record).await
        }
        Fault::DiskFails { whom, what } => {
            disk_fails::strike(rig, planned, (whom, what), &mut record).await
        }
        Fault::Damage { how } => damage::strike(rig, planned, how, &mut record).await,
        Fault::ClockJump { whom, seconds } => {
            clock_jump::strike(rig, planned, (whom, seconds), &mut record).await
        }
        Fault::Replace { leave } => replace::strike(rig, planned, leave, &mut record).await,
        Fault::HalfChange { half } => half_change::strike(rig, planned, half, &mut record).await,
        Fault::Rack { what } => rack::strike(rig, planned, what, &mut record).await,
        Fault::Rolling => rolling::strike(rig, &mut record).await,
        Fault::Import => import::strike(rig, planned, &mut record).await,
    };
    if let Err(error) = struck {
        record.fails(&error);
    }
    record
}
