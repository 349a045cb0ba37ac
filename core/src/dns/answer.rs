//! What a question comes to, before it is put into a message.

use crate::dns::record::Record;
use crate::model::record_type::RecordType;

/// What is asked for at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Records of one type.
    Type(RecordType),
    /// Who signs a zone (DS, RFC 4034): at the name of a zone, the zone above speaks for it. The region signs nothing.
    DelegationSigner,
    /// Records of another type the region has none of.
    Unknown,
    /// Whatever there is: answered with one set (RFC 8482).
    Any,
}

/// Whether the last name of an answer exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// It does, or somebody else knows.
    Exists,
    /// It does not: NXDOMAIN.
    Missing,
}

/// The answer to a question about a name of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the region speaks for the name that was asked (AA).
    pub authoritative: bool,
    /// Whether the last name led to exists.
    pub existence: Existence,
    /// The records asked for, after the aliases that led to them.
    pub answers: Vec<Record>,
    /// The zone's SOA where there are none, or who is responsible below a delegation.
    pub authority: Vec<Record>,
    /// Addresses of those.
    pub additional: Vec<Record>,
}

impl Answer {
    /// An authoritative answer without any record yet.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            authoritative: true,
            existence: Existence::Exists,
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
        }
    }
}
