//! What a client remembers of its writes.

use regent_check::history::line::{Instant, Process};

/// One write, from its first attempt to its fate.
#[derive(Clone, Debug)]
pub struct WriteRecord {
    /// The text that is unique in it.
    pub mark: String,
    /// The kind of object it makes or changes.
    pub noun: Noun,
    /// The object it changes; `None` if it makes one.
    pub target: Option<u64>,
    /// Its idempotency key, if it has one.
    pub key: Option<String>,
    /// Every attempt, in order.
    pub attempts: Vec<AttemptRecord>,
    /// What became of it.
    pub fate: Fate,
    /// The address it was given, if it asked for one and was.
    pub address: Option<String>,
}

/// Kinds of object that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noun {
    /// A machine; its description is the mark.
    Machine,
    /// An interface; its name is the mark.
    Interface,
    /// A domain; its name begins with the mark.
    Domain,
    /// An address, taken as the next free one; its comment is the mark.
    Address,
    /// A name of a domain; its first label is the mark.
    DnsName,
    /// A TXT record; its text is the mark.
    DnsRecord,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// The sequential process it counts for.
    pub process: Process,
    /// Name of the node that was asked.
    pub node: String,
    /// When it was asked.
    pub asked: Instant,
    /// When the answer came, or the client gave up.
    pub over: Instant,
    /// What it came to.
    pub fate: Fate,
    /// The code of the problem, or what there was instead of one; `None` if all went well.
    pub code: Option<String>,
}

/// What is certain about a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was applied.
    Acknowledged {
        /// At this revision.
        revision: u64,
        /// To this object.
        object: u64,
    },
    /// It was not applied and never will be.
    Refused {
        /// Why.
        why: String,
    },
    /// Nobody knows.
    Unknown,
}

impl Noun {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Machine,
        Self::Interface,
        Self::Domain,
        Self::Address,
        Self::DnsName,
        Self::DnsRecord,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Interface => "interface",
            Self::Domain => "domain",
            Self::Address => "address",
            Self::DnsName => "DNS name",
            Self::DnsRecord => "DNS record",
        }
    }

    /// Its path in the API.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Machine => "machines",
            Self::Interface => "interfaces",
            Self::Domain => "domains",
            Self::Address => "ip-addresses",
            Self::DnsName => "dns-resources",
            Self::DnsRecord => "dns-records",
        }
    }

    /// What it belongs to, and the field that says so.
    #[must_use]
    pub const fn parent(self) -> Option<(&'static str, Self)> {
        match self {
            Self::Interface => Some(("node", Self::Machine)),
            Self::DnsRecord => Some(("dnsresource", Self::DnsName)),
            Self::Machine | Self::Domain | Self::Address | Self::DnsName => None,
        }
    }

    /// The field that holds the mark.
    #[must_use]
    pub const fn marked_field(self) -> &'static str {
        match self {
            Self::Machine => "description",
            Self::Interface | Self::Domain | Self::DnsName => "name",
            Self::Address => "comment",
            Self::DnsRecord => "rrdata",
        }
    }

    /// The value of that field for a mark.
    #[must_use]
    pub fn marked(self, mark: &str) -> String {
        match self {
            Self::Machine | Self::Interface | Self::Address | Self::DnsName => mark.to_owned(),
            Self::DnsRecord => format!("\"{mark}\""),
            Self::Domain => format!("{mark}.{MARKED_ZONE}"),
        }
    }

    /// The mark in a value of that field; `None` if no client wrote it.
    #[must_use]
    pub fn mark_in(self, value: &str) -> Option<&str> {
        let mark = match self {
            Self::Machine | Self::Interface | Self::Address | Self::DnsName => value,
            Self::DnsRecord => value.strip_prefix('"')?.strip_suffix('"')?,
            Self::Domain => value.strip_suffix(MARKED_ZONE)?.strip_suffix('.')?,
        };
        mark.starts_with(MARK_PREFIX).then_some(mark)
    }
}

/// Domains of clients live below this one.
const MARKED_ZONE: &str = "marked.test";
/// How every mark begins, so that names the nodes choose themselves are none.
const MARK_PREFIX: &str = "c-";

/// The mark of a client's `number`th write. Short enough for the name of an interface.
#[must_use]
pub fn mark(client: usize, number: u32) -> String {
    format!("{MARK_PREFIX}{client}-{number}")
}

#[cfg(test)]
mod tests {
    use super::{Noun, mark};

    #[test]
    fn mark_is_found_in_what_was_written() {
        let mark = mark(31, 99_999);
        for noun in Noun::ALL {
            assert_eq!(noun.mark_in(&noun.marked(&mark)), Some(mark.as_str()));
        }
        assert!(mark.len() <= 15, "an interface can be called {mark}");
    }

    #[test]
    fn what_no_client_wrote_has_no_mark() {
        assert_eq!(Noun::Machine.mark_in(""), None);
        assert_eq!(Noun::Interface.mark_in("eth0"), None);
        assert_eq!(Noun::Domain.mark_in("maas"), None);
    }
}
