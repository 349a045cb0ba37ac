//! Values of PostgreSQL's types as dumps write them, parsed into ours.
//!
//! Errors never repeat the value: it may be a password.

use crate::cli::timestamp;
use ipnet::IpNet;
use regent_core::time::WallTime;
use std::fmt;
use std::net::IpAddr;

/// Why a value is not what its column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Null in a column that MAAS never leaves empty.
    #[error("is null")]
    Null,
    /// Text that is no value of the type.
    #[error("is no {0}")]
    NotA(&'static str),
}

/// A type that a column can have.
pub trait Value: Sized {
    /// Whether MAAS writes an empty text where it means "none".
    const BLANK_IS_NULL: bool = false;

    /// The value that `text` stands for; `None` is null.
    ///
    /// # Errors
    /// If it stands for none of this type.
    fn parse(text: Option<&str>) -> Result<Self, ValueError>;
}

fn parsed<T>(
    text: Option<&str>,
    what: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ValueError> {
    parse(text.ok_or(ValueError::Null)?).ok_or(ValueError::NotA(what))
}

impl<T: Value> Value for Option<T> {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        match text {
            None => Ok(None),
            Some("") if T::BLANK_IS_NULL => Ok(None),
            Some(_) => T::parse(text).map(Some),
        }
    }
}

impl Value for i64 {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "whole number", |text| text.parse().ok())
    }
}

impl Value for bool {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "truth value", |text| match text {
            "t" => Some(true),
            "f" => Some(false),
            _ => None,
        })
    }
}

impl Value for String {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "text", |text| Some(text.to_owned()))
    }
}

impl Value for WallTime {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "moment", timestamp::parse)
    }
}

/// `inet`: an address. A prefix length, which the type can carry, says nothing in MAAS's columns and is dropped.
impl Value for IpAddr {
    const BLANK_IS_NULL: bool = true;

    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "address", |text| {
            let (address, length) = text.split_once('/').unwrap_or((text, "0"));
            length.parse::<u8>().ok()?;
            address.parse().ok()
        })
    }
}

/// `cidr`: a network, with no bits set behind its prefix.
impl Value for IpNet {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "network", |text| {
            text.parse().ok().filter(|network: &Self| network.trunc() == *network)
        })
    }
}

impl Value for serde_json::Value {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "JSON", |text| serde_json::from_str(text).ok())
    }
}

/// `text[]`: one dimension; a null in it counts as an empty text.
impl Value for Vec<String> {
    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "list of texts", parse_list)
    }
}

/// Rules: PostgreSQL manual, "Array Input and Output Syntax".
fn parse_list(text: &str) -> Option<Vec<String>> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut items = Vec::new();
    if inside.is_empty() {
        return Some(items);
    }
    let mut rest = inside.chars();
    loop {
        let (item, end) = parse_item(&mut rest)?;
        items.push(item);
        if end == ItemEnd::List {
            return Some(items);
        }
    }
}

#[derive(PartialEq, Eq)]
enum ItemEnd {
    Item,
    List,
}

fn parse_item(rest: &mut std::str::Chars<'_>) -> Option<(String, ItemEnd)> {
    let mut item = String::new();
    let (mut is_open, mut was_quoted) = (false, false);
    loop {
        match rest.next() {
            Some('\\') => item.push(rest.next()?),
            Some('"') => (is_open, was_quoted) = (!is_open, true),
            Some(plain) if is_open => item.push(plain),
            Some('{' | '}') => return None,
            end @ (Some(',') | None) => {
                if is_open || (item.is_empty() && !was_quoted) {
                    return None;
                }
                if !was_quoted && item.eq_ignore_ascii_case("null") {
                    item.clear();
                }
                return Some((item, if end.is_some() { ItemEnd::Item } else { ItemEnd::List }));
            }
            Some(plain) => item.push(plain),
        }
    }
}

/// A value that must never be shown: it prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden<T>(pub T);

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl<T: Value> Value for Hidden<T> {
    const BLANK_IS_NULL: bool = T::BLANK_IS_NULL;

    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        T::parse(text).map(Self)
    }
}

/// A MAC address of six octets, and whether it was written in lower case with colons as MAAS does today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MacAddr {
    /// The octets.
    pub octets: [u8; 6],
    /// False for the spellings that older versions left behind.
    pub is_canonical: bool,
}

impl Value for MacAddr {
    const BLANK_IS_NULL: bool = true;

    fn parse(text: Option<&str>) -> Result<Self, ValueError> {
        parsed(text, "MAC address", |text| {
            let mut octets = [0; 6];
            let mut parts = text.split([':', '-']);
            for octet in &mut octets {
                let is_octet =
                    |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
                let part = parts.next().filter(is_octet)?;
                *octet = u8::from_str_radix(part, 16).ok()?;
            }
            let is_canonical = !text.contains(|c: char| c == '-' || c.is_ascii_uppercase());
            parts.next().is_none().then_some(Self { octets, is_canonical })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<T: Value>(text: &str) -> Result<T, ValueError> {
        T::parse(Some(text))
    }

    #[test]
    fn null_is_none_where_it_may_be_and_an_error_elsewhere() {
        assert_eq!(Option::<i64>::parse(None), Ok(None));
        assert_eq!(i64::parse(None), Err(ValueError::Null));
    }

    #[test]
    fn an_empty_text_is_no_address_but_is_a_text() {
        assert_eq!(value::<Option<IpAddr>>(""), Ok(None));
        assert_eq!(value::<Option<MacAddr>>(""), Ok(None));
        assert_eq!(value::<Option<String>>(""), Ok(Some(String::new())));
        assert_eq!(value::<IpAddr>(""), Err(ValueError::NotA("address")));
    }

    #[test]
    fn hidden_values_are_read_and_never_printed() {
        let hidden = value::<Hidden<String>>("sesame").expect("a text");
        assert_eq!((hidden.0.as_str(), format!("{hidden:?}").as_str()), ("sesame", "(hidden)"));
    }

    #[test]
    fn numbers_and_truth_values_are_exact() {
        assert_eq!(value::<i64>("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(value::<i64>("9223372036854775808"), Err(ValueError::NotA("whole number")));
        assert_eq!((value::<bool>("t"), value::<bool>("f")), (Ok(true), Ok(false)));
        assert_eq!(value::<bool>("T"), Err(ValueError::NotA("truth value")));
    }

    #[test]
    fn addresses_may_carry_a_prefix_and_networks_must() {
        assert_eq!(value::<IpAddr>("10.0.0.1"), Ok([10, 0, 0, 1].into()));
        assert_eq!(value::<IpAddr>("10.0.0.1/24"), Ok([10, 0, 0, 1].into()));
        assert_eq!(value::<IpAddr>("2001:db8::1"), Ok("2001:db8::1".parse().expect("v6")));
        assert_eq!(value::<IpAddr>("10.0.0.1/x"), Err(ValueError::NotA("address")));
        assert_eq!(
            value::<IpNet>("10.1.0.0/20").map(|net| net.to_string()),
            Ok("10.1.0.0/20".into())
        );
        for text in ["10.1.0.1/20", "10.1.0.0", "10.1.0.0/33", "2001:db8::1/64"] {
            assert_eq!(value::<IpNet>(text), Err(ValueError::NotA("network")), "{text}");
        }
    }

    #[test]
    fn lists_of_texts_follow_postgresqls_quotes() {
        for (text, expected) in [
            ("{}", &[][..]),
            ("{a,b}", &["a", "b"]),
            (
                "{\"a,b\",\"\",\"say \\\"hi\\\"\",\"back\\\\slash\",\"{x}\"}",
                &["a,b", "", "say \"hi\"", "back\\slash", "{x}"],
            ),
            ("{NULL,\"NULL\",null}", &["", "NULL", ""]),
            ("{uefi_arm64_tftp,s390x}", &["uefi_arm64_tftp", "s390x"]),
        ] {
            let expected = expected.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(value::<Vec<String>>(text), Ok(expected), "{text}");
        }
        for text in ["", "{", "a,b", "{a,}", "{,}", "{\"a}", "{{a},{b}}", "{a\\}"] {
            assert_eq!(
                value::<Vec<String>>(text),
                Err(ValueError::NotA("list of texts")),
                "{text}"
            );
        }
    }

    #[test]
    fn macs_are_read_in_every_spelling_maas_ever_wrote() {
        let octets = [0x52, 0x54, 0, 0xb8, 0x92, 0xb4];
        assert_eq!(value("52:54:00:b8:92:b4"), Ok(MacAddr { octets, is_canonical: true }));
        assert_eq!(value("52:54:00:B8:92:B4"), Ok(MacAddr { octets, is_canonical: false }));
        assert_eq!(value("52-54-00-b8-92-b4"), Ok(MacAddr { octets, is_canonical: false }));
        for text in
            ["52:54:00:b8:92", "52:54:00:b8:92:b4:00", "5254.00b8.92b4", "52:54:00:b8:92:+4", "x"]
        {
            assert_eq!(value::<MacAddr>(text), Err(ValueError::NotA("MAC address")), "{text}");
        }
    }
}
