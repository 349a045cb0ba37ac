//! The list of what is fuzzed. A new subject is one line here, one file in `subject/`, one in `fuzz/fuzz_targets/`.

use crate::subject::{apply, codec, dhcp, dns, dump, http, journal, leases, peer, snapshot};
use crate::target::Target;

/// All of them.
pub const ALL: &[Target] = &[
    dump::TARGET,
    dns::TARGET,
    codec::TARGET,
    journal::TARGET,
    snapshot::TARGET,
    peer::TARGET,
    apply::TARGET,
    http::TARGET,
    dhcp::TARGET,
    leases::TARGET,
];

/// The target of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}
