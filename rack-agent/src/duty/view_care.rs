//! When the view is written down: what a rack serves with that starts while the region is away.

use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;

/// A view with another VLAN or host is written this often at most.
pub const SITE_MILLIS: Millis = Millis::from_secs(10);
/// A view in which only leases differ is: of those the rack needs none while it is cut off.
pub const LEASES_MILLIS: Millis = Millis::from_secs(600);

/// What is to be written and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct ViewCare {
    due: Option<RackTime>,
    kept: Option<RackTime>,
}

impl ViewCare {
    /// The view has changed: VLANs or hosts of it, or leases alone.
    pub fn changed(&mut self, is_of_site: bool, now: RackTime) {
        let rest = if is_of_site { SITE_MILLIS } else { LEASES_MILLIS };
        let due = self.kept.map_or(now, |kept| kept.after(rest));
        self.due = Some(self.due.map_or(due, |other| other.min(due)));
    }

    /// Whether it is to be written now.
    #[must_use]
    pub fn is_due(&self, now: RackTime) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// It is written.
    pub fn kept(&mut self, now: RackTime) {
        *self = Self { due: None, kept: Some(now) };
    }
}
