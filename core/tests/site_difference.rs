//! How two sites differ is told row by row, each row once, however the tables are cut into stretches.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::codec::{from_bare, to_bare};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::lease::LeaseCommand;
use regent_core::command::tag::TagPatch;
use regent_core::id::TagId;
use regent_core::lease::binding::{Binding, Client, Held};
use regent_core::model::lease::Lease;
use regent_core::model::tag::Tag;
use regent_core::net::mac::MacAddr;
use regent_core::object::Kind;
use regent_core::query::site_difference::{
    EXAMPLES_MAX, RowId, STRETCH_ROWS_MAX, Stretch, StretchDifference, compare, name_of,
    site_kinds, stretch,
};
use regent_core::state::State;
use regent_core::time::{ClusterTime, Millis};
use region::Region;
use std::net::IpAddr;

fn tag(name: &str) -> Command {
    let (definition, comment, kernel_opts) = Default::default();
    Command::Tag(Edit::Create(Tag { name: name.into(), definition, comment, kernel_opts }))
}

fn tags(count: u32) -> Region {
    let mut region = Region::founded();
    for number in 0..count {
        region.create(tag(&format!("t{number}")));
    }
    region
}

/// A number as a row's id, which other crates cannot make otherwise.
fn id(number: u32) -> RowId {
    from_bare(&to_bare(&to_bare(&TagId(number)))).unwrap()
}

/// All stretches of all tables of `new`, compared with `old`, by kind.
fn differences(new: &State, old: &State, rows_max: usize) -> Vec<(Kind, StretchDifference)> {
    let mut all = Vec::new();
    for kind in site_kinds(new) {
        let (mut sum, mut after) = (StretchDifference::default(), None);
        loop {
            let stretch = stretch(new, kind, after.as_ref(), rows_max);
            let part = compare(old, &stretch).unwrap();
            sum.added += part.added;
            sum.changed += part.changed;
            sum.removed += part.removed;
            sum.unchanged += part.unchanged;
            sum.added_ids.extend(part.added_ids);
            sum.changed_ids.extend(part.changed_ids);
            sum.removed_names.extend(part.removed_names);
            after = stretch.until;
            if after.is_none() {
                break;
            }
        }
        all.push((kind, sum));
    }
    all
}

fn of_tags(new: &State, old: &State, rows_max: usize) -> StretchDifference {
    differences(new, old, rows_max).into_iter().find(|(kind, _)| *kind == Kind::Tag).unwrap().1
}

#[test]
fn a_site_does_not_differ_from_itself() {
    let region = tags(7);
    for rows_max in [1, 3, STRETCH_ROWS_MAX] {
        for (kind, found) in differences(&region.state, &region.state, rows_max) {
            assert_eq!((found.added, found.changed, found.removed), (0, 0, 0), "{kind:?}");
        }
        assert_eq!(of_tags(&region.state, &region.state, rows_max).unchanged, 7);
    }
}

#[test]
fn added_changed_and_removed_rows_are_told_apart_in_stretches_of_any_length() {
    let (mut old, mut new) = (tags(8), tags(10));
    for gone in [1, 2, 8] {
        new.run(Command::Tag(Edit::Delete { id: TagId(gone) })).unwrap();
    }
    old.run(Command::Tag(Edit::Delete { id: TagId(5) })).unwrap();
    let patch = TagPatch { comment: Some("other".into()), ..TagPatch::default() };
    new.run(Command::Tag(Edit::Update { id: TagId(4), patch })).unwrap();
    for rows_max in 1..12 {
        let found = of_tags(&new.state, &old.state, rows_max);
        assert_eq!((found.added, found.changed), (3, 1), "5, 9 and 10; 4");
        assert_eq!((found.removed, found.unchanged), (3, 3), "1, 2 and 8; 3, 6 and 7");
        assert_eq!(found.added_ids, [5, 9, 10].map(id));
        assert_eq!(found.changed_ids, [id(4)]);
        assert_eq!(found.removed_names, ["1 (t0)", "2 (t1)", "8 (t7)"]);
    }
    let none = of_tags(&Region::founded().state, &old.state, 1);
    assert_eq!((none.removed, none.added), (7, 0), "an empty table is a stretch, too");
    assert_eq!(none.removed_names.len(), EXAMPLES_MAX);
    assert_eq!(name_of(&new.state, Kind::Tag, &id(9)).as_deref(), Some("9 (t8)"));
    assert_eq!(name_of(&new.state, Kind::Tag, &id(1)), None);
}

#[test]
fn leases_differ_by_who_has_them_and_not_by_when_they_end() {
    let leased = |mac: u8, expires: u64| {
        let mut region = Region::founded();
        let lease = Lease {
            binding: Binding::new(
                Some(Client::Card(MacAddr([2, 0, 0, 0, 0, mac]))),
                Held::Bound,
                ClusterTime(0).after(Millis(expires)),
            ),
            client_id: Vec::new(),
            hostname: String::new(),
            subnet: None,
            rack: None,
            start: ClusterTime(0),
            rests_until: ClusterTime(0).after(Millis(expires)),
            is_past: false,
        };
        let address = IpAddr::from([10, 0, 0, 9]);
        region.run(Command::Lease(LeaseCommand::Record { address, lease })).unwrap();
        region.state
    };
    let of = |new: &State, old: &State| {
        let all = differences(new, old, 1);
        all.into_iter().find(|(kind, _)| *kind == Kind::Lease).unwrap().1
    };
    assert_eq!(of(&leased(1, 5000), &leased(1, 9000)).unchanged, 1);
    assert_eq!(of(&leased(1, 5000), &leased(2, 5000)).changed, 1);
}

#[test]
fn what_is_no_stretch_of_a_site_is_refused() {
    let region = tags(3);
    let good = stretch(&region.state, Kind::Tag, None, 3);
    let nonsense: RowId = from_bare(&to_bare(&vec![255_u8; 9])).unwrap();
    let mut turned = good.clone();
    turned.rows.reverse();
    let mut twice = good.clone();
    twice.rows[1] = twice.rows[0].clone();
    let refused = [
        turned,
        twice,
        Stretch { until: Some(id(2)), ..good.clone() },
        Stretch { after: Some(id(1)), ..good.clone() },
        Stretch { after: Some(nonsense), ..good.clone() },
        Stretch { after: Some(id(9)), until: Some(id(9)), kind: good.kind, rows: Vec::new() },
        Stretch { kind: Kind::Member as u8, ..good.clone() },
        Stretch { kind: 255, ..good.clone() },
        Stretch { rows: vec![good.rows[0].clone(); STRETCH_ROWS_MAX + 1], ..good },
    ];
    for stretch in refused {
        assert_eq!(compare(&region.state, &stretch).unwrap_err().code(), "invalid", "{stretch:?}");
    }
}
