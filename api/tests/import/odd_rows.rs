//! Rows as MAAS could have them and Regent does not: the import goes on without them, and says so.

use crate::expected::moment;
use crate::hand;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::mapping::{self, Mapped};
use regent_api::cli::import::oddity::Oddities;
use regent_api::cli::import::transfer::Transfer;
use regent_core::model::node::NODE_LEVELS_MAX;
use regent_core::state::State;
use regent_core::time::WallTime;

/// What becomes of a dump.
fn imported(dump: &Dump) -> (Mapped, State) {
    let mapped = mapping::map(dump, WallTime(moment(hand::facts().now())));
    let transfer = Transfer::pack(&mapped, dump.digest).expect("it is not too large");
    let state = transfer.rehearse().expect("the region takes it");
    (mapped, state)
}

fn count(oddities: &Oddities, reason: &str) -> usize {
    oddities.as_slice().iter().filter(|oddity| oddity.reason.contains(reason)).count()
}

#[test]
fn nodes_too_deep_inside_one_another_come_out_of_the_deepest() {
    let mut dump = hand::read();
    let nodes = &mut dump.tables.nodes;
    nodes.sort_by_key(|node| node.id);
    let ids: Vec<_> = nodes.iter().map(|node| node.id).collect();
    assert!(ids.len() > NODE_LEVELS_MAX, "enough of them");
    for (node, outer) in nodes.iter_mut().skip(1).zip(&ids) {
        node.parent_id = Some(*outer);
    }
    let (mapped, state) = imported(&dump);
    assert!(count(&mapped.report.noted, "too many nodes would be inside one another") > 0);
    let inside = state.tables().nodes.iter().filter(|(_, row)| row.value.parent.is_some());
    assert!(inside.count() >= NODE_LEVELS_MAX - 1, "what is not too deep stays where it is");
}

#[test]
fn texts_that_no_message_holds_together_stay_behind() {
    let mut dump = hand::read();
    let first = dump.tables.dns_data.first().expect("there are some").dnsresource_id;
    let texts = dump.tables.dns_data.iter_mut().take(4).zip(["a", "b", "c", "d"]);
    for (data, letter) in texts {
        data.dnsresource_id = first;
        data.rrtype = "TXT".into();
        data.rrdata = vec![format!("\"{}\"", letter.repeat(249)); 80].join(" ");
    }
    let (mapped, _) = imported(&dump);
    let skipped = count(&mapped.report.skipped, "more of this type than fits into one DNS message");
    assert_eq!(skipped, 1);
}
