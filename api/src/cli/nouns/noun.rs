//! The nouns of the command line, one row each: what a noun is called, where the API has it, what a list shows of it.
//!
//! A new noun of the API is a new row here and nothing else. What may be written to it the API knows and says.

/// A noun.
#[derive(Clone, Copy, Debug)]
pub struct Noun {
    /// As typed: `machine`.
    pub name: &'static str,
    /// Its collection in the API: `machines`.
    pub path: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What a list shows of it.
    pub columns: &'static [&'static str],
    /// What can be done to it beyond changing fields.
    pub actions: &'static [&'static str],
}

/// All of them.
pub const NOUNS: &[Noun] = &[
    Noun {
        name: "machine",
        path: "machines",
        about: "Machines and the steps of their life",
        columns: &["id", "system_id", "fqdn", "status_name", "power_state", "architecture"],
        actions: &[
            "commission",
            "abort",
            "allocate",
            "deploy",
            "release",
            "mark_broken",
            "mark_fixed",
            "lock",
            "unlock",
        ],
    },
    Noun {
        name: "interface",
        path: "interfaces",
        about: "Network interfaces of machines",
        columns: &["id", "system_id", "name", "mac_address", "enabled"],
        actions: &[],
    },
    Noun {
        name: "domain",
        path: "domains",
        about: "DNS domains",
        columns: &["id", "name", "authoritative", "ttl"],
        actions: &[],
    },
];

/// The noun typed.
#[must_use]
pub fn find(name: &str) -> Option<&'static Noun> {
    NOUNS.iter().find(|noun| noun.name == name)
}
