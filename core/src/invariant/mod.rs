//! Everything a state must always obey, checked from the rows alone. For tests and for the doctor: it looks at every row.
//!
//! Rules that imported sites are known to break (an address outside its subnet, two names that differ only in case) are
//! not among them; commands enforce those for what is new.

pub mod found;

mod dhcp;
mod network;

use crate::codec;
use crate::derivation::follow::rebuilt;
use crate::invariant::found::{Found, Violation};
use crate::model::node::Node;
use crate::model::zone_serial::{ZoneName, ZoneSerial};
use crate::net::step_address::PREFIX_OCTETS;
use crate::object::{Kind, Numbered, ObjectRef, TableKey};
use crate::revision::Revision;
use crate::state::State;
use crate::state::idempotency::size_bytes;
use crate::state::ring::{RING_BYTES_MAX, RING_CHANGES_MAX};
use crate::state::table::{Row, Table};
use crate::state::tables::{KindVisitor, Stored, TableVisitor, visit_kind};

/// Checks everything. Empty if all is well.
#[must_use]
pub fn check(state: &State) -> Vec<Violation> {
    let mut found = Found::default();
    check_rules(state, &mut found);
    check_rebuilt(state, &mut found);
    check_dns(state, &mut found);
    dhcp::check_levels(state, &mut found);
    found.into_violations()
}

/// Checks the rows, but not what is derived from them: that takes another whole state beside this one, and says nothing
/// about a state that was just made from its rows.
#[must_use]
pub fn check_rows(state: &State) -> Vec<Violation> {
    let mut found = Found::default();
    check_rules(state, &mut found);
    found.into_violations()
}

fn check_rules(state: &State, found: &mut Found) {
    let Ok(()) = state.tables().visit(&mut CheckRows { state, found });
    check_references(state, found);
    check_ring(state, found);
    check_keys(state, found);
    network::check(state, found);
    dhcp::check(state, found);
    check_serials(state, found);
}

/// Indexes, used addresses and digest are what the rows alone make them.
fn check_rebuilt(state: &State, found: &mut Found) {
    let mut again = State::new(state.meta().clone());
    let Ok(()) = state.tables().visit(&mut Rebuild(&mut again));
    found.unless(again.indexes().referrers == state.indexes().referrers, "referrers", String::new);
    found.unless(
        again.indexes().used_addresses == state.indexes().used_addresses,
        "used addresses",
        || "differ from those of the rows".into(),
    );
    found.unless(again.indexes() == state.indexes(), "indexes", || {
        "differ from those of the rows".into()
    });
    let (digest, wanted) = (state.digest(), again.digest());
    found.unless(digest == wanted, "digest", || format!("is {digest}, the rows make {wanted}"));
}

struct Rebuild<'a>(&'a mut State);

impl TableVisitor for Rebuild<'_> {
    type Error = std::convert::Infallible;

    fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Self::Error> {
        table.iter().for_each(|(id, row)| self.0.put(id.clone(), row.as_ref().clone()));
        Ok(())
    }
}

/// Ids and revisions are within their counters.
struct CheckRows<'a> {
    state: &'a State,
    found: &'a mut Found,
}

impl TableVisitor for CheckRows<'_> {
    type Error = std::convert::Infallible;

    fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Self::Error> {
        let last = self.state.meta().last_ids.get(&T::KIND).copied().unwrap_or(0);
        for (id, row) in table.iter() {
            self.check_row::<T>(id, row, last);
        }
        Ok(())
    }
}

impl CheckRows<'_> {
    fn check_row<T: Stored>(&mut self, id: &T::Id, row: &Row<T>, last: u32) {
        let object = T::object(id);
        if let (crate::object::Key::Number(number), true) = (&object.key, numbered(T::KIND)) {
            let within = *number <= u64::from(last);
            self.found.unless(within, "last ids", || format!("{object} is above {last}"));
        }
        // Kept refusals may name one, as it was sent.
        if T::WATCHED {
            self.check_addresses::<T>(id, row);
        }
        let now = self.state.meta().revision;
        let ordered = row.created_revision <= row.revision && row.revision <= now;
        self.found.unless(ordered, "revisions", || {
            format!("{object} has {} and {} at {now}", row.created_revision, row.revision)
        });
    }

    /// An address that stands for what a step took was replaced by what it took.
    fn check_addresses<T: Stored>(&mut self, id: &T::Id, row: &Row<T>) {
        let octets = codec::to_bare(&(id, &row.value));
        let mut windows = octets.windows(PREFIX_OCTETS.len());
        self.found.unless(windows.all(|some| some != PREFIX_OCTETS), "addresses of steps", || {
            format!("{} holds one", T::object(id))
        });
    }
}

/// Whether rows of a kind are found by ids of our making, and not by those of another kind.
const fn numbered(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::RevisionChanges
            | Kind::GlobalDefaults
            | Kind::DhcpService
            | Kind::Quarantine
            | Kind::RackKey
            | Kind::DeclineCount
            | Kind::ForeignDhcp
            | Kind::CutOver
            | Kind::PoolLevel
    )
}

/// What is referred to exists.
fn check_references(state: &State, found: &mut Found) {
    for (target, source) in state.indexes().referrers.iter() {
        found.unless(exists(state, *target), "references", || {
            format!("{source} refers to {target}, which does not exist")
        });
    }
    for (key, _) in state.tables().owner_data.iter() {
        found.unless(state.get::<Node>(&key.node).is_some(), "references", || {
            format!("annotation {:?} is of node {}, which does not exist", key.key, key.node)
        });
    }
}

fn exists(state: &State, object: Numbered) -> bool {
    struct Find<'a>(&'a State, Numbered);
    impl KindVisitor for Find<'_> {
        type Output = bool;
        fn visit<T: Stored>(self) -> bool {
            let id = T::Id::from_key(&ObjectRef::from(self.1).key);
            id.is_some_and(|id| self.0.get::<T>(&id).is_some())
        }
    }
    visit_kind(object.kind as u8, Find(state, object)).unwrap_or(false)
}

/// The DNS view is what the rows alone make it.
fn check_dns(state: &State, found: &mut Found) {
    let again = rebuilt(state);
    let (view, wanted) = (state.dns(), &again);
    found.unless(view == wanted, "DNS view", || view.difference_from(wanted));
}

/// Every zone has a serial.
fn check_serials(state: &State, found: &mut Found) {
    let view = state.dns();
    for zone in view.zones() {
        let serial = state.get::<ZoneSerial>(&ZoneName::new(&zone.apex));
        found.unless(serial.is_some(), "zone serials", || format!("{} has none", zone.apex));
    }
    let (serials, zones) = (state.tables().zone_serials.len(), view.zones().count());
    found.unless(serials == zones, "zone serials", || format!("{serials} for {zones} zones"));
}

/// Kept replies take what their counter says.
fn check_keys(state: &State, found: &mut Found) {
    let mut all = 0_u64;
    for (id, row) in state.tables().keys.iter() {
        let counted = size_bytes(id, &row.value.reply);
        found.unless(counted == row.value.bytes, "keys", || {
            format!("the reply of {:?} takes {counted} bytes, not {}", id.key, row.value.bytes)
        });
        all += row.value.bytes;
    }
    let told = state.meta().key_bytes;
    found.unless(all == told, "keys", || format!("{all} bytes; {told} told"));
}

/// The change ring is what its counters say, in bounds, and above its floor.
fn check_ring(state: &State, found: &mut Found) {
    let meta = state.meta();
    let rows = state.tables().changes.iter();
    let (mut changes, mut bytes, mut lowest) = (0_u64, 0_u64, Revision(u64::MAX));
    for (revision, row) in rows {
        changes += row.value.changes.len() as u64;
        bytes += row.value.bytes;
        lowest = lowest.min(*revision);
        let counted = codec::to_bare(&row.value.changes).len() as u64;
        found.unless(counted == row.value.bytes, "ring", || {
            format!("changes of {revision} take {counted} bytes, not {}", row.value.bytes)
        });
    }
    found.unless((changes, bytes) == (meta.ring_changes, meta.ring_bytes), "ring", || {
        format!("{changes} changes, {bytes} bytes; {}, {} told", meta.ring_changes, meta.ring_bytes)
    });
    found.unless(changes <= RING_CHANGES_MAX && bytes <= RING_BYTES_MAX, "ring", || {
        format!("{changes} changes, {bytes} bytes are too many")
    });
    found.unless(meta.ring_floor < lowest, "ring", || {
        format!("floor {} is not below {lowest}", meta.ring_floor)
    });
}
