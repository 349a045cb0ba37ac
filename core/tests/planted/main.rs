//! The bugs planted in `core` do what they are called after, so that a harness which misses one can be blamed for it.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../dns/site.rs"]
#[expect(dead_code, reason = "few questions are asked here")]
mod dns_site;
#[path = "../racks/site.rs"]
#[expect(dead_code, reason = "few things happen to this site")]
mod rack_site;
#[path = "../region/mod.rs"]
mod region;

use crate::rack_site::{EAST, WEST, client, ip, served};
use crate::region::{Region, request};
use regent_core::command::domain::DomainCommand;
use regent_core::command::session::SessionCommand;
use regent_core::command::{ClientKey, Command, Request};
use regent_core::lease::binding::Held;
use regent_core::lease::terms::Terms;
use regent_core::model::domain::Domain;
use regent_core::model::serial::Serial;
use regent_core::outcome::LeaseAnswer;
use regent_core::planted::{OnThisThread, Planted, show_wall_lead};
use regent_core::snapshot::{self, Loader, SnapshotError};
use regent_core::state::State;
use regent_core::time::{ClusterTime, Millis};

/// The records of a state's snapshot, in which one place of the last row that has `this` says `that`.
fn damaged(state: &State, this: &[u8], that: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    let written = snapshot::write(state, &mut |record| {
        records.push(record.to_vec());
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = written;
    let place = |record: &Vec<u8>| record.windows(this.len()).position(|bytes| bytes == this);
    let row = records.iter().rposition(|record| place(record).is_some()).unwrap();
    let at = place(&records[row]).unwrap();
    records[row][at..at + that.len()].copy_from_slice(that);
    records
}

fn loaded(records: &[Vec<u8>]) -> Result<State, SnapshotError> {
    let mut loader = Loader::default();
    records.iter().try_for_each(|record| loader.record(record))?;
    loader.finish()
}

#[test]
fn node_whose_wall_clock_is_ahead_ends_a_lease_and_gives_the_address_to_another_client() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let terms = Terms::default();
    let _planted = OnThisThread::plant(Planted::LeaseExpiryByWallClock);
    site.pass(Millis(1));
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Bound, "its clock is right");
    let over = terms.life.0 + terms.autonomy.0 + terms.guard.0;
    show_wall_lead(|| i64::try_from(over).unwrap());
    site.pass(Millis(1));
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Expired);
    let wish = site.commit(ip(100), client(2));
    assert!(matches!(site.ask(WEST, wish), LeaseAnswer::Committed { .. }));
}

#[test]
fn write_is_applied_twice_across_a_snapshot() {
    let key = Some(ClientKey { key: "k".into(), request_hash: [7; 32] });
    let create =
        Command::Domain(DomainCommand::Create(Domain::new("one.example".parse().unwrap())));
    let keyed = || Request { key: key.clone(), ..request(create.clone()) };
    let mut region = Region::founded();
    region.apply(keyed());
    region.state = region.through_snapshot();
    assert!(region.apply(keyed()).reply.replayed);
    let _planted = OnThisThread::plant(Planted::RequestIdsNotInSnapshot);
    region.state = region.through_snapshot();
    assert!(!region.apply(keyed()).reply.replayed);
}

#[test]
fn installed_state_has_no_sessions() {
    let mut region = Region::founded();
    let open = Command::Session(SessionCommand::Open { holder: "r1".into() });
    region.run(open).unwrap();
    assert_eq!(snapshot::installed(region.state.clone()), region.state);
    let _planted = OnThisThread::plant(Planted::SessionsLostAtInstall);
    let installed = snapshot::installed(region.state.clone());
    assert_eq!(installed.tables().sessions.len(), 0);
    assert_ne!(installed.digest(), region.state.digest(), "replicas differ");
}

#[test]
fn serial_stands_still_within_a_second_and_goes_back_with_the_clock() {
    let _planted = OnThisThread::plant(Planted::DnsSerialFromLocalClock);
    let mut site = dns_site::Site::new();
    let serial_at = |site: &mut dns_site::Site, wall_ms: u64, address: &str| {
        // These sites have the wall clock show what the cluster's does.
        site.0.now = ClusterTime(wall_ms);
        site.address(address, "UserReserved", &[]);
        site.serial("maas").unwrap()
    };
    let first = serial_at(&mut site, 1_700_000_000_100, "10.0.0.5");
    assert_eq!(first, Serial(1_700_000_000));
    assert_eq!(serial_at(&mut site, 1_700_000_000_900, "10.0.0.6"), first);
    let later = serial_at(&mut site, 1_600_000_000_000, "10.0.0.7");
    assert!(first.is_newer_than(later));
}

#[test]
fn damaged_row_is_loaded() {
    let mut region = Region::founded();
    let domain = Domain::new("one.example".parse().unwrap());
    region.run(Command::Domain(DomainCommand::Create(domain))).unwrap();
    let records = damaged(&region.state, b"example", b"exmaple");
    assert!(matches!(loaded(&records), Err(SnapshotError::Digest { .. })));
    let _planted = OnThisThread::plant(Planted::SnapshotWithoutChecksum);
    assert_ne!(loaded(&records).unwrap().digest(), region.state.digest());
}
