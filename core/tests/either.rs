//! Two batches in one entry: which of them is done is decided where the entry is applied.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use crate::region::{Region, request};
use regent_core::command::edit::Edit;
use regent_core::command::{Command, Guard, Request};
use regent_core::id::SpaceId;
use regent_core::model::space::Space;
use regent_core::object::{Kind, ObjectRef};
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;

fn space(name: &str) -> Command {
    Command::Space(Edit::Create(Space { name: name.into(), description: String::new() }))
}

/// Creates `then` unless space 1 exists, else `otherwise`.
fn unless_there(then: &str, otherwise: &str) -> Command {
    let guards = vec![Guard::Absent(ObjectRef::numbered(Kind::Space, SpaceId(1)))];
    Command::Either { guards, then: vec![space(then)], otherwise: vec![space(otherwise)] }
}

#[test]
fn first_batch_is_done_while_the_guards_hold_and_the_second_from_then_on() {
    let mut region = Region::founded();
    assert!(matches!(region.run(unless_there("a", "b")), Ok(Outcome::Batch(_))));
    assert!(matches!(region.run(unless_there("c", "d")), Ok(Outcome::Otherwise(_))));
    let names: Vec<_> =
        region.state.tables().spaces.iter().map(|(_, row)| &row.value.name).collect();
    assert_eq!(names, ["a", "d"]);
}

#[test]
fn refused_step_undoes_the_batch_it_stands_in() {
    let mut region = Region::founded();
    let twice = vec![space("twice"), space("twice")];
    let command = Command::Either { guards: Vec::new(), then: twice, otherwise: Vec::new() };
    assert!(matches!(region.run(command), Err(Rejection::Step { step: 1, .. })));
    assert!(region.state.tables().spaces.is_empty());
}

#[test]
fn neither_kind_of_batch_stands_in_a_batch() {
    let mut region = Region::founded();
    let nested = Command::Batch(vec![unless_there("a", "b")]);
    assert!(matches!(region.run(nested), Err(Rejection::Step { step: 0, .. })));
}

#[test]
fn name_that_was_free_when_two_asked_is_taken_by_the_first_of_them() {
    let mut region = Region::founded();
    let guards = vec![Guard::NameAbsent { kind: Kind::Space, name: "dmz".into() }];
    // Both were made from the same state, in which nobody had the name.
    let ask = |then: &str| {
        let then = vec![space(then), space("dmz")];
        Request { guards: guards.clone(), ..request(Command::Batch(then)) }
    };
    assert!(region.apply(ask("first")).reply.result.is_ok());
    let late = region.apply(ask("second")).reply.result;
    let dmz = ObjectRef::numbered(Kind::Space, SpaceId(2));
    assert!(
        matches!(&late, Err(Rejection::GuardFailed { object, .. }) if *object == dmz),
        "{late:?}"
    );
}
