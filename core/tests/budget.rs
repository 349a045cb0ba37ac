//! What one request may do, all its steps together: until it is done, nothing else is written anywhere.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::apply::budget::{REQUEST_OBJECTS_MAX, REQUEST_TOUCHES_MAX};
use regent_core::command::allocate_address::ALLOCATE_COUNT_MAX;
use regent_core::command::edit::Edit;
use regent_core::command::subnet::SubnetPatch;
use regent_core::command::{BATCH_STEPS_MAX, Command};
use regent_core::id::SubnetId;
use regent_core::rejection::Rejection;
use region::{Region, next_free};

/// Fails unless a batch is refused for the limit, and changes nothing.
fn assert_refused(region: &mut Region, steps: Vec<Command>, limit: usize) {
    let before = region.state.clone();
    let refused = region.run(Command::Batch(steps)).unwrap_err();
    let cause = if let Rejection::Step { rejection, .. } = refused { *rejection } else { refused };
    assert!(matches!(cause, Rejection::Limit { max, .. } if max == limit as u64), "{cause:?}");
    assert_eq!(region.state.tables(), before.tables());
    assert_eq!(region.state.indexes(), before.indexes());
    assert_eq!(region.state.meta().last_ids, before.meta().last_ids);
}

#[test]
fn batch_that_takes_too_many_addresses_takes_none() {
    let mut region = Region::founded();
    let id = region.subnet("10.0.0.0/16");
    let full = ALLOCATE_COUNT_MAX;
    assert_refused(&mut region, vec![next_free(id, full); 11], REQUEST_OBJECTS_MAX);
    assert_refused(&mut region, vec![next_free(id, full); BATCH_STEPS_MAX], REQUEST_OBJECTS_MAX);
    region.run(next_free(id, full)).unwrap();
}

#[test]
fn batch_whose_deletions_reach_too_far_deletes_nothing() {
    let mut region = Region::founded();
    let ids: Vec<SubnetId> = (0..11).map(|n| region.subnet(&format!("10.{n}.0.0/16"))).collect();
    ids.iter().for_each(|id| drop(region.run(next_free(*id, 1000)).unwrap()));
    let steps = |ids: &[SubnetId]| -> Vec<Command> {
        ids.iter().map(|id| Command::Subnet(Edit::Delete { id: *id })).collect()
    };
    assert_refused(&mut region, steps(&ids), REQUEST_OBJECTS_MAX);
    region.run(Command::Batch(steps(&ids[..9]))).unwrap();
    assert_eq!(region.state.tables().static_ip_addresses.len(), 2000);
}

#[test]
fn batch_that_comes_upon_the_same_objects_again_and_again_is_refused() {
    let mut region = Region::founded();
    let id = region.subnet("10.0.0.0/16");
    region.run(next_free(id, 1000)).unwrap();
    let wide = |n: usize| {
        let cidr = if n.is_multiple_of(2) { "10.0.0.0/15" } else { "10.0.0.0/16" };
        let patch = SubnetPatch { cidr: Some(cidr.parse().unwrap()), ..SubnetPatch::default() };
        Command::Subnet(Edit::Update { id, patch })
    };
    let steps: Vec<Command> = (0..BATCH_STEPS_MAX).map(wide).collect();
    assert_refused(&mut region, steps, REQUEST_TOUCHES_MAX);
    region.run(Command::Batch((0..8).map(wide).collect())).unwrap();
}
