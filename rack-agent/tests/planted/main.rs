//! The bug planted in the rack agent does what it is called after, so that a harness which misses it can be blamed for it.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../dhcp/packet.rs"]
#[expect(dead_code, reason = "one client sends little")]
mod packet;
#[path = "../duty/region.rs"]
#[expect(dead_code, reason = "this region is not restored")]
mod region;
#[path = "../duty/rig.rs"]
#[expect(dead_code, reason = "one rack does little")]
mod rig;
#[path = "../duty/station.rs"]
#[expect(dead_code, reason = "this machine only starts again")]
mod station;

use crate::rig::{EASTERN, Rig, kinds};
use regent_core::planted::{OnThisThread, Planted};
use regent_rack_agent::dhcp::holding::Contact;
use regent_rack_agent::dhcp::message::reply::ReplyKind;

#[test]
fn rack_in_another_boot_renews_alone() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    let _planted = OnThisThread::plant(Planted::AutonomyAfterReboot);
    rig.stations[EASTERN].reboot(0, rig.now);
    rig.settle();
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::CutOff);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
}
