//! Domain names as text: reading, writing, and the serial form.
//!
//! Outside zone files a name is written without final dot and taken as absolute with or without
//! one. Inside them a missing dot means "relative to the origin": [`DomainName::parse_in`]. Escapes
//! are those of RFC 1035 5.1. Names in other scripts must come in their `xn--` form; nothing is
//! converted here.

use crate::model::dns_name::{DomainName, DomainNameError, LABEL_OCTETS_MAX, NAME_OCTETS_MAX};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt::{self, Write as _};
use std::str::FromStr;

/// Octets that end a name or mean something else in a zone file unless escaped.
const RESERVED: &[u8] = b"\"().;@\\$";

impl DomainName {
    /// Reads a name as zone files have it: `@` is the origin, a missing final dot means relative to
    /// it.
    ///
    /// # Errors
    /// Text that is no name, or a name above its limits once the origin is appended.
    pub fn parse_in(text: &str, origin: &Self) -> Result<Self, DomainNameError> {
        if text == "@" {
            return Ok(origin.clone());
        }
        let written = Written::read(text)?;
        if written.final_dot {
            Self::from_labels(written.labels())
        } else {
            Self::from_labels(written.labels().chain(origin.labels()))
        }
    }

    /// The name as zone files write absolute ones: with its final dot.
    #[must_use]
    pub fn with_final_dot(&self) -> impl fmt::Display {
        let dot = if self.is_root() { "" } else { "." };
        fmt::from_fn(move |f| write!(f, "{self}{dot}"))
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    /// Reads an absolute name, with or without final dot.
    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        Self::from_labels(Written::read(text)?.labels())
    }
}

impl fmt::Display for DomainName {
    /// Without final dot; the root is one dot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_char('.');
        }
        for (position, label) in self.labels().enumerate() {
            if position > 0 {
                f.write_char('.')?;
            }
            label.iter().try_for_each(|octet| write_octet(f, *octet))?;
        }
        Ok(())
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({self})")
    }
}

impl Serialize for DomainName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn write_octet(f: &mut fmt::Formatter<'_>, octet: u8) -> fmt::Result {
    if !octet.is_ascii_graphic() {
        write!(f, "\\{octet:03}")
    } else if RESERVED.contains(&octet) {
        write!(f, "\\{}", char::from(octet))
    } else {
        f.write_char(char::from(octet))
    }
}

/// A name taken apart: its unescaped octets, where labels end in them, and whether a dot came last.
#[derive(Default)]
struct Written {
    octets: Vec<u8>,
    ends: Vec<usize>,
    final_dot: bool,
}

impl Written {
    fn read(text: &str) -> Result<Self, DomainNameError> {
        if text.is_empty() {
            return Err(DomainNameError::Empty);
        }
        if text == "." {
            return Ok(Self { final_dot: true, ..Self::default() });
        }
        let mut written = Self::default();
        let mut rest = text.chars();
        loop {
            let column = text.len() - rest.as_str().len() + 1;
            let Some(character) = rest.next() else { break };
            written.final_dot = character == '.';
            match character {
                '.' => written.end_label(column)?,
                '\\' => {
                    let (octet, after) =
                        unescape(rest.as_str()).ok_or(DomainNameError::Escape { column })?;
                    written.push(octet)?;
                    rest = after.chars();
                }
                _ => written.push(
                    plain_octet(character)
                        .ok_or(DomainNameError::Character { character, column })?,
                )?,
            }
        }
        if !written.final_dot {
            written.end_label(text.len())?;
        }
        Ok(written)
    }

    fn push(&mut self, octet: u8) -> Result<(), DomainNameError> {
        self.octets.push(octet);
        // Stops a flood early; the exact limits are checked when the name is built.
        if self.octets.len() > NAME_OCTETS_MAX {
            return Err(DomainNameError::NameTooLong { octets: self.octets.len() });
        }
        Ok(())
    }

    fn end_label(&mut self, column: usize) -> Result<(), DomainNameError> {
        let start = self.ends.last().copied().unwrap_or(0);
        let octets = self.octets.len() - start;
        if octets == 0 {
            return Err(DomainNameError::EmptyLabel { column });
        }
        if octets > LABEL_OCTETS_MAX {
            return Err(DomainNameError::LabelTooLong { octets });
        }
        self.ends.push(self.octets.len());
        Ok(())
    }

    fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).filter_map(|(start, end)| self.octets.get(*start..*end))
    }
}

fn plain_octet(character: char) -> Option<u8> {
    let octet = u8::try_from(character).ok()?;
    let plain = octet == b'$' || (octet.is_ascii_graphic() && !RESERVED.contains(&octet));
    plain.then_some(octet)
}

/// The octet an escape stands for, and what follows. `text` begins after the backslash.
pub(crate) fn unescape(text: &str) -> Option<(u8, &str)> {
    let first = *text.as_bytes().first()?;
    if first.is_ascii_digit() {
        let digits = text.get(..3).filter(|three| three.bytes().all(|b| b.is_ascii_digit()))?;
        Some((digits.parse().ok()?, text.get(3..)?))
    } else if first.is_ascii_graphic() || first == b' ' {
        Some((first, text.get(1..)?))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::{from_bare, to_bare};
    use crate::model::dns_name::{DomainName, DomainNameError};

    fn name(text: &str) -> DomainName {
        text.parse().expect("a name")
    }

    #[test]
    fn the_final_dot_is_optional_outside_zone_files() {
        assert!(name("web.maas.").is_spelled_like(&name("web.maas")));
        assert_eq!(name(".").to_string(), ".");
        assert_eq!(name(".").as_wire(), [0]);
        assert_eq!(name("web.maas").with_final_dot().to_string(), "web.maas.");
        assert_eq!(name(".").with_final_dot().to_string(), ".");
    }

    #[test]
    fn the_final_dot_decides_inside_zone_files() {
        let origin = name("lab.example.net");
        for (text, absolute) in [
            ("www", "www.lab.example.net"),
            ("_ldap._tcp", "_ldap._tcp.lab.example.net"),
            ("www.", "www"),
            ("@", "lab.example.net"),
            (".", "."),
            ("\\@", "\\@.lab.example.net"),
        ] {
            assert_eq!(DomainName::parse_in(text, &origin), Ok(name(absolute)), "{text}");
        }
    }

    #[test]
    fn escapes_are_read_and_written() {
        for (text, wire) in [
            ("a\\.b.c", b"\x03a.b\x01c\x00".as_slice()),
            ("a\\\\b", b"\x03a\\b\x00"),
            ("\\000\\032\\255", b"\x03\x00 \xff\x00"),
            ("\\@\\;\\\"\\(\\)\\$", b"\x06@;\"()$\x00"),
        ] {
            assert_eq!(name(text).as_wire(), wire, "{text}");
            assert_eq!(name(text).to_string(), text);
        }
        assert_eq!(name("\\097\\b").to_string(), "ab");
    }

    #[test]
    fn an_escaped_dot_at_the_end_is_part_of_the_label() {
        let origin = name("maas");
        assert_eq!(DomainName::parse_in("a\\.", &origin).expect("a name").to_string(), "a\\..maas");
    }

    #[test]
    fn errors_say_what_and_where() {
        for (text, error) in [
            ("", DomainNameError::Empty),
            ("a..b", DomainNameError::EmptyLabel { column: 3 }),
            (".a", DomainNameError::EmptyLabel { column: 1 }),
            ("..", DomainNameError::EmptyLabel { column: 1 }),
            ("web server", DomainNameError::Character { character: ' ', column: 4 }),
            ("münchen.example", DomainNameError::Character { character: 'ü', column: 2 }),
            ("web@maas", DomainNameError::Character { character: '@', column: 4 }),
            ("a;b", DomainNameError::Character { character: ';', column: 2 }),
            ("a\\25", DomainNameError::Escape { column: 2 }),
            ("a\\256", DomainNameError::Escape { column: 2 }),
            ("a\\", DomainNameError::Escape { column: 2 }),
            ("a\\ü", DomainNameError::Escape { column: 2 }),
            ("a\\1ü", DomainNameError::Escape { column: 2 }),
        ] {
            assert_eq!(text.parse::<DomainName>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_serial_form_is_the_text_with_its_case() {
        let mixed = name("Old-Lab.Example.COM");
        assert_eq!(serde_json::to_string(&mixed).expect("text"), "\"Old-Lab.Example.COM\"");
        let back: DomainName = from_bare(&to_bare(&mixed)).expect("a name");
        assert!(back.is_spelled_like(&mixed));
        assert!(from_bare::<DomainName>(&to_bare(&"a..b")).is_err());
    }
}
