//! Every target on its committed inputs and for a moment on changed ones. The long runs are `.ci/long fuzz`.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use regent_fuzz::catalogue::{ALL, named};
use regent_fuzz::corpus;
use regent_fuzz::rounds::{Nobody, Plan, go};
use regent_fuzz::sys::Counting;
use regent_fuzz::target::Target;
use std::path::Path;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What each target gets here.
const SHORT: Duration = Duration::from_secs(2);
/// What all inputs in the tree may take.
const CORPUS_BYTES_MAX: u64 = 300 << 10;

/// Tries the seeds of a target, its committed inputs, and for a moment what becomes of them.
fn nothing_is_found(name: &str) {
    let target = named(name).unwrap();
    let inputs = corpus::inputs(&corpus::folder(name)).unwrap();
    let inputs = inputs.into_iter().map(|(_, input)| input).collect();
    let standing = go(target, &Plan { seed: 1, time: SHORT, inputs }, &mut Nobody);
    if let Some((finding, input)) = standing.findings.values().next() {
        let path = corpus::keep(&std::env::temp_dir().join("regent-fuzz"), input).unwrap();
        panic!("{}\n{}\ninput: {}", finding.place, finding.message, path.display());
    }
    assert!(standing.ways.len() > 5, "{name} hardly does anything: {:?}", standing.ways);
}

#[test]
fn any_dump_becomes_a_site_or_an_error_however_it_is_read() {
    nothing_is_found("dump");
}

#[test]
fn any_packet_gets_one_fitting_reply_or_silence() {
    nothing_is_found("dns");
}

#[test]
fn any_bytes_are_a_value_with_one_form_or_an_error() {
    nothing_is_found("codec");
}

#[test]
fn any_journal_is_a_log_or_its_damage_by_name() {
    nothing_is_found("journal");
}

#[test]
fn any_snapshot_is_a_state_or_an_error() {
    nothing_is_found("snapshot");
}

#[test]
fn any_message_of_a_peer_is_plausible_or_refused() {
    nothing_is_found("peer");
}

#[test]
fn any_proposal_is_applied_or_leaves_nothing_behind() {
    nothing_is_found("apply");
}

#[test]
fn any_body_is_a_command_or_a_problem_that_names_its_field() {
    nothing_is_found("http");
}

#[test]
fn any_dhcp_packet_gets_one_fitting_reply_or_silence() {
    nothing_is_found("dhcp");
}

#[test]
fn any_file_of_leases_is_read_or_refused_however_often() {
    nothing_is_found("leases");
}

#[test]
fn every_target_is_known_to_the_nightly_crate_and_has_its_folder_of_inputs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut bytes = 0;
    for Target { name, .. } in ALL {
        let source = std::fs::read_to_string(root.join(format!("fuzz_targets/{name}.rs")));
        assert!(source.is_ok_and(|text| text.contains(name)), "fuzz_targets/{name}.rs");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} in fuzz/Cargo.toml");
        let inputs = corpus::inputs(&corpus::folder(name)).unwrap();
        assert!(!inputs.is_empty(), "{name} has no committed input");
        bytes += inputs.iter().map(|(_, input)| input.len() as u64).sum::<u64>();
    }
    assert!(bytes < CORPUS_BYTES_MAX, "{bytes} bytes of inputs in the tree");
}
