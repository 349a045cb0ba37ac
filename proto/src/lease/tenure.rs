//! For how long a client gets an address, as a message says it.

use regent_core::lease::binding::Tenure;

/// The tenure that a message means.
pub(crate) const fn read_tenure(for_good: bool) -> Tenure {
    if for_good { Tenure::ForGood } else { Tenure::Leased }
}

/// How a message says it.
pub(crate) const fn is_for_good(tenure: Tenure) -> bool {
    match tenure {
        Tenure::ForGood => true,
        Tenure::Leased => false,
    }
}
