//! What makes two imports one: the dump's content, and the moment its leases run from as far as that matters.

use crate::edited::Edited;
use crate::fake_region::{FakeRegion, import, problem};
use crate::hand;
use regent_api::cli::import::mapping;
use regent_api::cli::import::transfer::Transfer;
use regent_core::time::WallTime;
use serde_json::json;

const HOUR_MS: i64 = 3_600_000;

fn packed(script: &Edited, hours_later: i64) -> Transfer {
    let dump = script.dump();
    let newest = dump.as_of.expect("rows have dates");
    let as_of = WallTime(newest.0 + hours_later * HOUR_MS);
    Transfer::pack(&mapping::map(&dump, as_of), dump.digest).expect("it is not too large")
}

#[test]
fn another_moment_for_leases_to_run_from_is_another_import() {
    let script = Edited::hand();
    let (one, same, other) = (packed(&script, 0), packed(&script, 0), packed(&script, 1));
    assert_eq!((&one.id, one.source), (&same.id, same.source));
    assert_ne!(one.source, other.source);
    assert_ne!(one.id, other.id);
}

#[test]
fn an_import_that_another_run_began_is_never_abandoned() {
    for (status, is_abandoned) in [(201, true), (200, false)] {
        let region = FakeRegion::start(move |request| match request {
            "POST /v1/imports" => (status, json!({ "id": "x", "committed": false })),
            request if request.starts_with("DELETE") => (200, json!({})),
            _ => problem(422, "E0202", "another chunk came under this number"),
        });
        let output = import(&hand::path(), &region.address).output().expect("it runs");
        assert!(!output.status.success());
        let asked = region.asked();
        let abandons = asked.iter().any(|request| request.starts_with("DELETE /v1/imports/"));
        assert_eq!(abandons, is_abandoned, "begin answered {status}: {asked:?}");
    }
}
