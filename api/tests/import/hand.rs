//! The hand-written dump in the tree: a full one, with functions, triggers, views and a large object, written in a
//! time zone with half hours and summer time, and every odd row that comes to mind.

use crate::expected::{self, Expected};
use crate::facts::check_rehearsed;
use crate::imported::Imported;
use crate::secrets;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::oddity::Oddity;
use regent_api::cli::import::recent_events::EventsLeftOut;
use regent_api::cli::import::source::Source;
use regent_api::cli::import::version::Release;
use regent_api::cli::timestamp;
use regent_core::model::parameter::ParameterValue;
use regent_core::model::setting::{Setting, SettingName};
use std::path::{Path, PathBuf};

pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hand.sql")
}

pub(crate) fn facts() -> Expected {
    Expected::load(&path().with_extension("expected.json"))
}

pub(crate) fn read() -> Dump {
    let source = Source::open(&path()).expect("the dump opens");
    Dump::read(source, &mut |_| {}).expect("the dump is whole")
}

#[test]
fn the_hand_written_dump_has_the_rows_and_marks_that_are_expected() {
    let dump = read();
    expected::check_counts(&dump, &facts());
    assert_eq!(dump.release, Release::V3_7);
}

#[test]
fn the_hand_written_dump_holds_the_facts_that_are_expected() {
    expected::check_facts(&read(), &facts());
    expected::check_texts(&path(), &facts());
}

#[test]
fn the_one_row_that_cannot_be_read_is_told_and_left_out() {
    let dump = read();
    let odd = Oddity {
        table: "maasserver_interface",
        key: facts().oddity("macs_that_cannot_be_read")[0].to_string(),
        reason: "column mac_address is no MAC address".to_owned(),
    };
    assert_eq!(dump.oddities.as_slice(), [odd]);
    let rows = dump.row_counts["maasserver_interface"];
    assert_eq!(dump.tables.interfaces.len() as u64, rows - 1);
}

#[test]
fn spellings_of_macs_that_are_not_todays_are_known() {
    let dump = read();
    let told = dump.tables.interfaces.iter().filter_map(|row| row.mac_address);
    let upper = told.filter(|address| !address.is_canonical).count();
    let expected = facts().oddity("macs_in_upper_case").as_array().map(Vec::len);
    assert_eq!(Some(upper), expected);
}

#[test]
fn the_moment_of_the_dump_is_its_newest_row() {
    assert_eq!(read().as_of, timestamp::parse("2026-05-01 12:00:00+00"));
}

#[test]
fn events_of_the_last_thirty_days_come_in_order() {
    let dump = read();
    assert_eq!(dump.events.iter().map(|event| event.id.0).collect::<Vec<_>>(), [2, 5, 6, 7]);
    assert_eq!(dump.events_left_out, EventsLeftOut { too_old: 1, too_many: 0 });
}

#[test]
fn sequences_tell_where_to_go_on() {
    let sequences = read().sequences;
    assert_eq!(sequences["maasserver_zone_serial_seq"], 59);
    assert_eq!(
        sequences["maasserver_node_id_seq"], 44,
        "the table ends at 41, the sequence does not"
    );
}

#[test]
fn the_hand_written_dump_makes_the_site_that_is_expected() {
    let mut imported = Imported::of(&path(), &facts());
    assert!(check_rehearsed(&mut imported, &facts()) > 40);
    assert!(secrets::check(&imported.state, &facts()) > 0);
}

#[test]
fn settings_come_in_but_for_the_secrets_among_them_which_the_report_tells() {
    let mut imported = Imported::of(&path(), &facts());
    let report = imported.report();
    let set = |name: &str| {
        let name = SettingName(name.to_owned());
        imported.state.get::<Setting>(&name).map(|row| row.value.value.clone())
    };
    assert_eq!(set("refresh_token_duration"), Some(ParameterValue::Integer(2_592_000)));
    assert_eq!(set("session_length"), Some(ParameterValue::Integer(1_209_600)));
    assert_eq!(set("rpc_shared_secret_file"), Some(ParameterValue::Null));
    for secret in ["vcenter_password", "macaroon_private_key", "omapi_key"] {
        assert_eq!(set(secret), None, "{secret}");
        let told = format!("skipped\tmaasserver_config\t{secret}\tit is a secret");
        assert!(report.lines().any(|line| line == told), "{secret} in\n{report}");
    }
}
