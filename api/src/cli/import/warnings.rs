//! What about a whole dump should make an operator think twice. It stops nothing.

use crate::cli::import::mapping::Mapped;
use crate::moment::rfc3339;
use regent_core::object::Kind;
use regent_core::time::WallTime;

/// What is told when leases run from `as_of` and the clock says `now`.
#[must_use]
pub fn warnings(mapped: &Mapped, as_of: WallTime, now: WallTime) -> Vec<String> {
    let mut warnings = Vec::new();
    let moment = rfc3339(as_of);
    if as_of > now {
        warnings.push(format!(
            "leases run on from {moment}, which is still to come: one row with a wrong date is \
             enough for that; name the moment of the dump with --as-of"
        ));
    }
    let is_lease = |(kind, count): &(Kind, usize)| *kind == Kind::Lease && *count > 0;
    let run_out = mapped.leases_run_out;
    if run_out > 0 && !mapped.site.counts().iter().any(is_lease) {
        warnings.push(format!(
            "no lease comes in: all {run_out} had run out by {moment}; if the dump was made \
             before that, name its moment with --as-of"
        ));
    }
    warnings
}
