//! The shape of the whole workspace, held by a test: who may import whom, and who may name what.
//!
//! Everything is read as text; nothing is compiled and nothing is resolved the way rustc would. That is
//! enough because the house style asks for absolute paths. If a check fails, change the code, not the test.
#![expect(
    clippy::disallowed_methods,
    reason = "core does no I/O, but this test reads the repository"
)]

mod arrows;
mod circles;
mod code;
mod features;
mod imports;
mod names;
mod seam;
mod signs;
mod skips;
mod tree;

use crate::tree::Tree;

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n\n{}\n", violations.join("\n"));
}

#[test]
fn crates_import_only_along_the_arrows() {
    assert_none(&arrows::violations(&Tree::of_this_repository()));
}

#[test]
fn no_file_and_no_folder_stands_in_an_import_circle() {
    assert_none(&circles::violations(&Tree::of_this_repository()));
}

#[test]
fn imports_are_absolute_and_never_point_at_the_folder_they_stand_in() {
    assert_none(&imports::violations(&Tree::of_this_repository()));
}

#[test]
fn every_file_opens_with_its_sign() {
    assert_none(&signs::violations(&Tree::of_this_repository()));
}

#[test]
fn foreign_crates_are_named_only_where_they_are_at_home() {
    assert_none(&names::violations(&Tree::of_this_repository()));
}

#[test]
fn raft_runs_tasks_and_threads_draws_chance_and_measures_time_through_its_seam() {
    assert_none(&seam::violations(&Tree::of_this_repository()));
}

#[test]
fn planted_bugs_are_in_no_release() {
    assert_none(&features::violations(&Tree::of_this_repository()));
}

#[test]
fn skipped_tests_say_so_past_the_capture_of_the_runner() {
    assert_none(&skips::violations(&Tree::of_this_repository()));
}
