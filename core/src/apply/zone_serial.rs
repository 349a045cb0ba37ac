//! Brings the DNS view up to date with an entry, and raises the serial of each zone the entry changed, once.
//!
//! A zone that comes back goes on above the serial it had: what went is remembered as one mark for all zones.

use crate::apply::draft::Draft;
use crate::change::Change;
use crate::derivation::follow::{followed, rebuilt};
use crate::dns::difference::{changed_zones, gone_zones};
use crate::dns::view::DnsView;
use crate::model::dns_name::DomainName;
use crate::model::serial::Serial;
use crate::model::zone_serial::{ZoneName, ZoneSerial};
use crate::planted::{self, Planted};
use crate::state::State;

pub(in crate::apply) fn follow(before: &State, draft: &mut Draft, changes: &[Change]) {
    if changes.is_empty() || draft.is_replaced() {
        return;
    }
    let mut view = followed(before, draft.state(), changes);
    for apex in gone_zones(before.dns(), &view) {
        let last = view.serial(&apex);
        let start = &mut draft.state_mut().meta_mut().zone_serials_start;
        if !start.is_newer_than(last) {
            *start = last.next();
        }
        set(draft, &mut view, &apex, None);
    }
    for apex in changed_zones(before.dns(), &view) {
        let serial = match before.dns().zone(&apex) {
            Some(_) if planted::is(Planted::DnsSerialFromLocalClock) => by_the_clock(draft),
            Some(_) => before.dns().serial(&apex).next(),
            None => draft.state().meta().zone_serials_start,
        };
        set(draft, &mut view, &apex, Some(serial));
    }
    draft.state_mut().set_dns(view);
}

/// After another site was brought in: the view is made from its rows, and every zone starts above any serial there was
/// here or there.
pub(in crate::apply) fn start_anew(draft: &mut Draft) {
    let known: Vec<ZoneName> =
        draft.state().tables().zone_serials.iter().map(|(zone, _)| zone.clone()).collect();
    for zone in known {
        if let Some(row) = draft.state_mut().take::<ZoneSerial>(&zone) {
            let start = &mut draft.state_mut().meta_mut().zone_serials_start;
            if !start.is_newer_than(row.value.serial) {
                *start = row.value.serial.next();
            }
        }
    }
    let start = draft.state().meta().zone_serials_start;
    let mut view = rebuilt(draft.state());
    let zones: Vec<DomainName> = view.zones().map(|zone| zone.apex.clone()).collect();
    for apex in zones {
        set(draft, &mut view, &apex, Some(start));
    }
    draft.state_mut().set_dns(view);
}

/// Only for the planted bug: the seconds of the clock of the node that proposed the entry.
fn by_the_clock(draft: &Draft) -> Serial {
    Serial(u32::try_from(draft.wall().0 / 1000).unwrap_or_default())
}

fn set(draft: &mut Draft, view: &mut DnsView, apex: &DomainName, serial: Option<Serial>) {
    view.set_serial(apex, serial);
    let key = ZoneName::new(apex);
    match serial {
        Some(serial) => {
            draft.put(key, ZoneSerial { serial });
        }
        None => {
            draft.state_mut().take::<ZoneSerial>(&key);
        }
    }
}
