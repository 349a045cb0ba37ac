//! A change of a view as messages of bounded size, and those joined again.

use crate::malformed::{Fault, Malformed};
use crate::rack;
use crate::view::each::each;
use crate::view::{host, lease, vlan};
use prost::Message as _;
use regent_core::id::VlanId;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::served::RACK_VLANS_MAX;
use std::mem::take;

/// A part of a view, in bytes.
pub const VIEW_PART_BYTES_MAX: usize = 1 << 20;
/// Parts of one view.
pub const VIEW_PARTS_MAX: usize = 256;

/// Room for what goes before the items of a part, and for the frame around it, in bytes.
const FRAME_BYTES: usize = 64;
/// The most that an item's own frame takes, in bytes.
const ITEM_FRAME_BYTES: usize = 8;
/// The fewest bytes an item takes; so many of them at most are in a part.
const ITEM_BYTES_MIN: usize = 2;

/// The messages that bring a change: in order, the last one without `more`.
///
/// # Errors
/// What of it no message can carry.
pub fn write(change: &ViewChange) -> Result<Vec<rack::View>, Malformed> {
    let ViewChange { epoch, revision, whole, removed, vlans, hosts, leases } = change;
    let first = rack::View {
        epoch: *epoch,
        revision: *revision,
        whole: *whole,
        removed_vlans: removed.iter().map(|vlan| vlan.0).collect(),
        ..rack::View::default()
    };
    let mut parts = Pile { bytes: first.encoded_len(), top: first, done: Vec::new() };
    for vlan in each("vlans", vlans, RACK_VLANS_MAX, vlan::write)? {
        parts.make_room("vlans", vlan.encoded_len())?.vlans.push(vlan);
    }
    for change in each("hosts", hosts, usize::MAX, host::write)? {
        parts.make_room("hosts", change.encoded_len())?.hosts.push(change);
    }
    for change in each("leases", leases, usize::MAX, lease::write)? {
        parts.make_room("leases", change.encoded_len())?.leases.push(change);
    }
    Ok(parts.finish())
}

/// Messages being filled.
struct Pile {
    done: Vec<rack::View>,
    top: rack::View,
    bytes: usize,
}

impl Pile {
    /// A message with room for an item of the list of this name.
    fn make_room(&mut self, part: &str, bytes: usize) -> Result<&mut rack::View, Malformed> {
        let bytes_max = VIEW_PART_BYTES_MAX - FRAME_BYTES;
        let bytes = bytes + ITEM_FRAME_BYTES;
        if bytes > bytes_max {
            return Err(Malformed::new(part, Fault::TooLong { bytes, bytes_max }));
        }
        if self.bytes + bytes > bytes_max {
            let (epoch, revision) = (self.top.epoch, self.top.revision);
            let next = rack::View { epoch, revision, ..rack::View::default() };
            let full = std::mem::replace(&mut self.top, next);
            self.done.push(rack::View { more: true, ..full });
            self.bytes = 0;
        }
        self.bytes += bytes;
        Ok(&mut self.top)
    }

    fn finish(mut self) -> Vec<rack::View> {
        self.done.push(self.top);
        self.done
    }
}

/// The parts that have come of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    joined: Option<ViewChange>,
    count: usize,
}

impl Parts {
    /// Adds a part. The change, if it was the last one.
    ///
    /// # Errors
    /// What makes no sense in it, or that it belongs to another change than the ones before. All of them are void then.
    pub fn join(&mut self, part: rack::View) -> Result<Option<ViewChange>, Malformed> {
        let (before, count) = (take(&mut self.joined), take(&mut self.count) + 1);
        if count > VIEW_PARTS_MAX {
            let fault = Fault::TooMany { count, count_max: VIEW_PARTS_MAX };
            return Err(Malformed::new("view.parts", fault));
        }
        let more = part.more;
        let read = read(part).map_err(|error| error.within("view"))?;
        let joined = match before {
            None => read,
            Some(before) => joined(before, read)?,
        };
        if more {
            (self.joined, self.count) = (Some(joined), count);
            return Ok(None);
        }
        Ok(Some(joined))
    }
}

fn read(part: rack::View) -> Result<ViewChange, Malformed> {
    let rack::View { epoch, revision, whole, more: _, removed_vlans, vlans, hosts, leases } = part;
    let items_max = VIEW_PART_BYTES_MAX / ITEM_BYTES_MIN;
    Ok(ViewChange {
        epoch,
        revision,
        whole,
        removed: each("removed_vlans", removed_vlans, RACK_VLANS_MAX, |id| Ok(VlanId(id)))?,
        vlans: each("vlans", vlans, RACK_VLANS_MAX, vlan::read)?,
        hosts: each("hosts", hosts, items_max, host::read)?,
        leases: each("leases", leases, items_max, lease::read)?,
    })
}

fn joined(mut before: ViewChange, part: ViewChange) -> Result<ViewChange, Malformed> {
    let ViewChange { epoch, revision, whole, removed, vlans, hosts, leases } = part;
    if (epoch, revision) != (before.epoch, before.revision) {
        return Err(Malformed::new("view.revision", Fault::Nonsense));
    }
    if whole || !removed.is_empty() {
        // It would take out what the parts before have brought.
        return Err(Malformed::new("view.whole", Fault::Nonsense));
    }
    before.vlans.extend(vlans);
    before.hosts.extend(hosts);
    before.leases.extend(leases);
    Ok(before)
}
