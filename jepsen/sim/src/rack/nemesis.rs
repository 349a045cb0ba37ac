//! Carries out what goes wrong with racks.

use crate::rack::all::Racks;
use crate::rack::plan::{PlannedRackFault, RackFault, RackPlan};
use crate::rack::station::Rack;
use regent_check::history::line::{FaultOutcome, Note};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// What a machine takes to boot.
const BOOT: Duration = Duration::from_secs(5);

/// Has everything happen to racks that is planned. `began` is when the run began.
pub fn befall(racks: &Racks, plan: &RackPlan, began: Instant) {
    for planned in &plan.faults {
        racks.own(tokio::task::spawn_local(happen(racks.clone(), *planned, began)));
    }
}

/// Has one fault happen, and heals it.
async fn happen(racks: Racks, planned: PlannedRackFault, began: Instant) {
    sleep_until(began + Duration::from_millis(planned.at_ms)).await;
    let Some(rack) = racks.at(planned.rack) else { return };
    let from = racks.recorder().now();
    let outcome = strike(&racks, &rack, planned).await;
    let healed = Some(racks.recorder().now());
    let (kind, node) = (planned.fault.kind().to_owned(), rack.name());
    racks.recorder().note(Note::Fault { kind, node, began: from, healed, outcome });
}

async fn strike(racks: &Racks, rack: &Rack, planned: PlannedRackFault) -> FaultOutcome {
    let lasts = Duration::from_millis(planned.lasts_ms);
    match planned.fault {
        RackFault::Cut => {
            racks.router().cut_off(rack.host());
            sleep(lasts).await;
            racks.router().rejoin(rack.host());
        }
        RackFault::Split => {
            racks.lan().split();
            sleep(lasts).await;
            racks.lan().join();
        }
        RackFault::ClockJump { by_ms } => {
            rack.jump(by_ms);
            sleep(lasts).await;
            rack.jump(-by_ms);
        }
        RackFault::Kill | RackFault::Power | RackFault::Freeze | RackFault::BootApart => {
            if !rack.strike() {
                return FaultOutcome::Skipped;
            }
            strike_process(racks, rack, planned.fault, lasts).await;
            rack.leave_alone();
        }
    }
    FaultOutcome::Installed
}

async fn strike_process(racks: &Racks, rack: &Rack, fault: RackFault, lasts: Duration) {
    match fault {
        RackFault::Kill => {
            rack.lose_process();
            sleep(lasts).await;
            rack.start();
        }
        RackFault::Power => {
            rack.lose_process();
            sleep(lasts.max(BOOT)).await;
            rack.boot();
        }
        RackFault::Freeze => {
            rack.freeze();
            sleep(lasts).await;
            rack.thaw();
        }
        RackFault::BootApart => {
            racks.router().cut_off(rack.host());
            rack.lose_process();
            sleep(BOOT).await;
            rack.boot();
            sleep(lasts).await;
            racks.router().rejoin(rack.host());
        }
        RackFault::Cut | RackFault::ClockJump { .. } | RackFault::Split => {}
    }
}
