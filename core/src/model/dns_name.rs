//! Domain names: their structure, their limits and the order in which a zone lists them.
//!
//! How a name is read from and written as text stands in [`crate::model::dns_name_text`]. A name is
//! only a name: which zone it belongs to and whether anything exists there is not known here.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Longest name in octets of wire form, length octets and root included (RFC 1035 2.3.4).
pub const NAME_OCTETS_MAX: usize = 255;

/// Longest label in octets (RFC 1035 2.3.4).
pub const LABEL_OCTETS_MAX: usize = 63;

/// Most labels a name of [`NAME_OCTETS_MAX`] has room for, root not counted.
const LABELS_MAX: usize = 127;

/// An absolute domain name.
///
/// Keeps the case it was given; equality, hash and order ignore it (RFC 4343). The order is the
/// canonical one of RFC 4034 6.1, label by label from the root, so that a name is followed by all
/// names below it. Cloning is cheap.
#[derive(Clone)]
pub struct DomainName {
    /// Labels, each behind its length octet, then the empty root label.
    wire: Arc<[u8]>,
}

/// Why something is not a domain name. Columns count octets from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainNameError {
    /// No text at all (the root is written as one dot).
    #[error("domain name is empty")]
    Empty,
    /// Two dots in a row, or a dot at the start.
    #[error("domain name has an empty label at column {column}")]
    EmptyLabel {
        /// Where the label should have begun.
        column: usize,
    },
    /// A label above [`LABEL_OCTETS_MAX`].
    #[error("label of {octets} octets is longer than {LABEL_OCTETS_MAX}")]
    LabelTooLong {
        /// How long it is.
        octets: usize,
    },
    /// The name is above [`NAME_OCTETS_MAX`].
    #[error("domain name of {octets} octets is longer than {NAME_OCTETS_MAX}")]
    NameTooLong {
        /// How long its wire form is.
        octets: usize,
    },
    /// A character that must be escaped, or (outside ASCII) written in its `xn--` form.
    #[error("character {character:?} at column {column} has no place in a domain name")]
    Character {
        /// The character.
        character: char,
        /// Where it stands.
        column: usize,
    },
    /// A backslash followed by neither three digits up to 255 nor one other printable character.
    #[error("escape at column {column} is neither \\DDD up to 255 nor \\ and a character")]
    Escape {
        /// Where the backslash stands.
        column: usize,
    },
}

impl DomainName {
    /// The root of all names.
    #[must_use]
    pub fn root() -> Self {
        Self { wire: Arc::from([0].as_slice()) }
    }

    /// The name with these labels, leftmost first.
    ///
    /// # Errors
    /// An empty label, a label or a name above its limit.
    pub fn from_labels<'a>(
        labels: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, DomainNameError> {
        let mut wire = Vec::with_capacity(32);
        for label in labels {
            if label.is_empty() {
                return Err(DomainNameError::EmptyLabel { column: wire.len() + 1 });
            }
            push_label(&mut wire, label)?;
        }
        Self::closed(wire)
    }

    /// The name one label below this one.
    ///
    /// # Errors
    /// An empty label, a label or a name above its limit.
    pub fn child(&self, label: &[u8]) -> Result<Self, DomainNameError> {
        Self::from_labels(std::iter::once(label).chain(self.labels()))
    }

    /// This name taken as relative to `suffix`: all labels of this, then all labels of that.
    ///
    /// # Errors
    /// A name above its limit.
    pub fn join(&self, suffix: &Self) -> Result<Self, DomainNameError> {
        Self::from_labels(self.labels().chain(suffix.labels()))
    }

    /// The name without its leftmost label; the root has none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let mut labels = self.labels();
        labels.next()?;
        Some(Self { wire: Arc::from(labels.rest) })
    }

    /// Whether this is `ancestor` or below it. Everything is below the root.
    #[must_use]
    pub fn is_subdomain_of(&self, ancestor: &Self) -> bool {
        let mut labels = self.labels();
        for _ in 0..self.label_count().saturating_sub(ancestor.label_count()) {
            labels.next();
        }
        labels.rest.eq_ignore_ascii_case(&ancestor.wire)
    }

    /// The labels from the left, without the root.
    #[must_use]
    pub fn labels(&self) -> Labels<'_> {
        Labels { rest: &self.wire }
    }

    /// How many labels [`Self::labels`] yields.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.wire.len() == 1
    }

    /// Whether every label is one a host may have, see [`is_host_label`]. The root is no host.
    #[must_use]
    pub fn is_host_name(&self) -> bool {
        !self.is_root() && self.labels().all(is_host_label)
    }

    /// The uncompressed wire form (RFC 1035 3.1), case as given.
    #[must_use]
    pub fn as_wire(&self) -> &[u8] {
        &self.wire
    }

    /// Whether the two are spelled alike, case included.
    #[must_use]
    pub fn is_spelled_like(&self, other: &Self) -> bool {
        self.wire == other.wire
    }

    fn closed(mut wire: Vec<u8>) -> Result<Self, DomainNameError> {
        wire.push(0);
        if wire.len() > NAME_OCTETS_MAX {
            return Err(DomainNameError::NameTooLong { octets: wire.len() });
        }
        Ok(Self { wire: Arc::from(wire) })
    }
}

/// Whether a label may name a host: letters, digits and inner hyphens (RFC 952 with RFC 1123 2.1).
#[must_use]
pub fn is_host_label(label: &[u8]) -> bool {
    label.len() <= LABEL_OCTETS_MAX
        && label.first().is_some_and(u8::is_ascii_alphanumeric)
        && label.last().is_some_and(u8::is_ascii_alphanumeric)
        && label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
}

fn push_label(wire: &mut Vec<u8>, label: &[u8]) -> Result<(), DomainNameError> {
    let too_long = DomainNameError::LabelTooLong { octets: label.len() };
    if label.len() > LABEL_OCTETS_MAX {
        return Err(too_long);
    }
    wire.push(u8::try_from(label.len()).map_err(|_| too_long)?);
    wire.extend_from_slice(label);
    Ok(())
}

/// The labels of a name from the left.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first()?;
        if *length == 0 {
            return None;
        }
        let (label, rest) = rest.split_at_checked(usize::from(*length))?;
        self.rest = rest;
        Some(label)
    }
}

/// Where each label of a name begins, so that it can be walked from the root without allocating.
struct LabelStarts {
    starts: [u8; LABELS_MAX],
    count: usize,
}

impl LabelStarts {
    fn of(name: &DomainName) -> Self {
        let mut starts = [0; LABELS_MAX];
        let mut at = 0_u8;
        let mut count = 0;
        for (label, slot) in name.labels().zip(&mut starts) {
            *slot = at;
            let octets = u8::try_from(label.len()).expect("a label has at most 63 octets");
            at += octets + 1;
            count += 1;
        }
        Self { starts, count }
    }

    fn rightmost_first<'a>(&'a self, name: &'a DomainName) -> impl Iterator<Item = &'a [u8]> {
        self.starts.iter().take(self.count).rev().filter_map(|start| {
            let rest = name.wire.get(usize::from(*start)..)?;
            Labels { rest }.next()
        })
    }
}

fn compare_labels(ours: &[u8], theirs: &[u8]) -> Ordering {
    let lower = |octet: &u8| octet.to_ascii_lowercase();
    ours.iter().map(lower).cmp(theirs.iter().map(lower))
}

impl PartialEq for DomainName {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(test)]
        crate::model::comparisons::count();
        // Length octets are below 64 and so never letters: the whole wire form compares at once.
        self.wire.eq_ignore_ascii_case(&other.wire)
    }
}

impl Eq for DomainName {}

impl Hash for DomainName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in &*self.wire {
            state.write_u8(octet.to_ascii_lowercase());
        }
    }
}

impl Ord for DomainName {
    fn cmp(&self, other: &Self) -> Ordering {
        #[cfg(test)]
        crate::model::comparisons::count();
        let (ours, theirs) = (LabelStarts::of(self), LabelStarts::of(other));
        for (our, their) in ours.rightmost_first(self).zip(theirs.rightmost_first(other)) {
            let order = compare_labels(our, their);
            if order.is_ne() {
                return order;
            }
        }
        ours.count.cmp(&theirs.count)
    }
}

impl PartialOrd for DomainName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::{DomainName, DomainNameError, LABEL_OCTETS_MAX};

    fn name(text: &str) -> DomainName {
        text.parse().expect("a name")
    }

    #[test]
    fn case_is_kept_but_makes_no_difference() {
        let (mixed, lower) = (name("Old-Lab.Example.COM"), name("old-lab.example.com"));
        assert_eq!(mixed, lower);
        assert!(mixed.cmp(&lower).is_eq());
        assert_eq!(mixed.to_string(), "Old-Lab.Example.COM");
        assert!(!mixed.is_spelled_like(&lower));
    }

    #[test]
    fn names_sort_as_in_rfc_4034() {
        let sorted = [
            "example",
            "a.example",
            "yljkjljk.a.example",
            "Z.a.example",
            "zABC.a.EXAMPLE",
            "z.example",
            "\\001.z.example",
            "*.z.example",
            "\\200.z.example",
        ]
        .map(name);
        assert!(sorted.is_sorted());
        assert!(sorted.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_zone_lies_together_although_a_name_ends_alike() {
        let mut names = ["b.maas", "a.amaas", "amaas", "maas", "z.a.maas", "a.maas"].map(name);
        names.sort();
        assert_eq!(names, ["amaas", "a.amaas", "maas", "a.maas", "z.a.maas", "b.maas"].map(name));
    }

    #[test]
    fn a_name_is_below_itself_its_ancestors_and_the_root() {
        let host = name("web.Lab.example.net");
        for ancestor in ["web.lab.example.net", "LAB.example.net", "net", "."] {
            assert!(host.is_subdomain_of(&name(ancestor)), "{ancestor}");
        }
        for stranger in ["b.example.net", "x.web.lab.example.net", "eb.lab.example.net"] {
            assert!(!host.is_subdomain_of(&name(stranger)), "{stranger}");
        }
    }

    #[test]
    fn an_octet_that_looks_like_a_length_does_not_fool_subdomains() {
        // The label \003net. is four octets long; its tail reads as the wire form of "net".
        let trap = DomainName::from_labels([b"x\x03net".as_slice()]).expect("a name");
        assert!(!trap.is_subdomain_of(&name("net")));
    }

    #[test]
    fn parents_lead_to_the_root() {
        let parent = name("a.b").parent().expect("one above");
        assert_eq!(parent, name("b"));
        assert_eq!(parent.parent(), Some(DomainName::root()));
        assert_eq!(DomainName::root().parent(), None);
    }

    #[test]
    fn names_are_joined_label_by_label() {
        let host = name("bond0.100").join(&name("web.maas")).expect("short enough");
        assert_eq!(host, name("bond0.100.web.maas"));
        assert_eq!(name("maas").child(b"web").expect("short enough"), name("web.maas"));
        assert_eq!(host.label_count(), 4);
        assert!(name("maas").child(b"").is_err());
    }

    #[test]
    fn limits_are_those_of_rfc_1035() {
        let label = "a".repeat(LABEL_OCTETS_MAX);
        assert!(label.parse::<DomainName>().is_ok());
        assert_eq!(
            format!("{label}a").parse::<DomainName>(),
            Err(DomainNameError::LabelTooLong { octets: 64 })
        );
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(name(&longest).as_wire().len(), 255);
        assert_eq!(
            format!("{longest}a").parse::<DomainName>(),
            Err(DomainNameError::NameTooLong { octets: 256 })
        );
        let most_labels = ["a"; 127].join(".");
        assert_eq!(name(&most_labels).label_count(), 127);
        assert!(name(&most_labels).cmp(&name(&most_labels)).is_eq());
        assert!(format!("a.{most_labels}").parse::<DomainName>().is_err());
    }

    #[test]
    fn host_names_have_letters_digits_and_inner_hyphens() {
        for text in ["web-01.maas", "3com.example", "xn--mnchen-3ya.example"] {
            assert!(name(text).is_host_name(), "{text}");
        }
        for text in ["node_07.maas", "-a.maas", "a-.maas", "_ldap._tcp.maas", "*.maas", "."] {
            assert!(!name(text).is_host_name(), "{text}");
        }
    }
}
