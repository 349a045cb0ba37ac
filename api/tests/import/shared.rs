//! The importer's reader against the dumps that lie beside the repository: every row, every mark, every odd text.
//!
//! Where that folder is missing there is nothing to test, and the test says so.

use crate::expected::{self, Expected};
use crate::facts::check_rehearsed;
use crate::imported::Imported;
use crate::secrets;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::source::Source;
use regent_api::cli::import::version::Release;
use std::path::{Path, PathBuf};

const DUMPS: [(&str, &str, Release); 3] = [
    ("maas-3.5-small.data.sql", "maas-3.5-small.expected.json", Release::V3_5),
    ("maas-3.7-small.data.sql", "maas-3.7-small.expected.json", Release::V3_7),
    ("maas-3.7-site.data.sql.gz", "maas-3.7-site.expected.json", Release::V3_7),
];

fn shared_data() -> Option<PathBuf> {
    let folder = std::env::var_os("REGENT_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    Some(folder.join("data")).filter(|data| data.join(DUMPS[0].0).is_file())
}

/// The dumps with their facts; none, and that is told, where the folder is missing.
pub(crate) fn dumps(name: &str) -> Vec<(PathBuf, Expected)> {
    let Some(data) = shared_data() else {
        crate::skip::skip(name, "absent: the shared data folder");
        return Vec::new();
    };
    DUMPS.map(|(dump, facts, _)| (data.join(dump), Expected::load(&data.join(facts)))).into()
}

fn each_dump(name: &str, check: impl Fn(&Path, &Expected, Release)) {
    let Some(data) = shared_data() else {
        crate::skip::skip(name, "absent: the shared data folder");
        return;
    };
    for (dump, facts, release) in DUMPS {
        check(&data.join(dump), &Expected::load(&data.join(facts)), release);
    }
}

fn read(path: &Path) -> Dump {
    let source = Source::open(path).expect("the dump opens");
    Dump::read(source, &mut |_| {}).expect("the dump is whole")
}

#[test]
fn shared_dumps_have_the_rows_and_marks_that_are_expected() {
    each_dump("shared_dumps_have_the_rows_and_marks_that_are_expected", |path, facts, release| {
        let dump = read(path);
        expected::check_counts(&dump, facts);
        assert_eq!(dump.release, release);
        assert_eq!(dump.database, "", "pg_dump names no database");
        assert_eq!(dump.oddities.as_slice(), [], "all rows of these dumps can be read");
    });
}

#[test]
fn shared_dumps_hold_the_texts_that_are_expected() {
    each_dump("shared_dumps_hold_the_texts_that_are_expected", |path, facts, _| {
        expected::check_texts(path, facts);
    });
}

#[test]
fn shared_dumps_hold_the_leases_keys_and_secrets_that_are_expected() {
    let name = "shared_dumps_hold_the_leases_keys_and_secrets_that_are_expected";
    each_dump(name, |path, facts, _| expected::check_facts(&read(path), facts));
}

#[test]
fn shared_dumps_make_the_sites_that_are_expected() {
    each_dump("shared_dumps_make_the_sites_that_are_expected", |path, facts, _| {
        let mut imported = Imported::of(path, facts);
        assert!(check_rehearsed(&mut imported, facts) > 140);
        assert!(secrets::check(&imported.state, facts) > 0);
    });
}
