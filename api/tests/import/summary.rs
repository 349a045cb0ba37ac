//! What people and programs are told of a dump before anything is sent.

use crate::edited::Edited;
use regent_api::cli::import::mapping;
use regent_api::cli::import::summary;
use serde_json::json;

#[test]
fn programs_are_told_all_that_people_are() {
    let script = Edited::hand().with("maasserver_staticroute", "2", &[("metric", "-7")]);
    let dump = script.dump();
    let as_of = dump.as_of.expect("rows have dates");
    let mapped = mapping::map(&dump, as_of);
    let told = summary::json(&dump, &mapped, as_of);
    assert_eq!(told["release"], "3.7");
    assert_eq!(told["events_left_behind"], json!({ "too_old": 1, "beyond_the_limit": 0 }));
    assert_eq!(told["tables_left_behind"], json!(mapped.left_out));
    let sum = |field: &str| {
        let reasons = told[field].as_array().expect("reasons").iter();
        reasons.filter_map(|reason| reason["count"].as_u64()).sum::<u64>()
    };
    assert_eq!(json!(sum("why_rows_stay_behind")), told["rows_that_stay_behind"]);
    assert_eq!(json!(sum("remarks")), told["rows_with_a_remark"]);

    let mut text = Vec::new();
    summary::write(&mut text, &dump, &mapped, as_of).expect("in memory");
    let text = String::from_utf8(text).expect("it is text");
    assert!(text.starts_with("database  (unnamed), MAAS 3.7\n"), "{text}");
}
