//! Record data read from its zone-file form, and its serial form.
//!
//! Relative names are completed by an origin the caller gives. Errors name the field, the column
//! and the reason.

use crate::model::dns_name::{DomainName, DomainNameError};
use crate::model::master_file::{Word, WordError, Words};
use crate::model::record_data::{Caa, RecordData, RecordRule, Sshfp, Txt};
use crate::model::record_type::RecordType;
use crate::model::serial::Serial;
use crate::model::soa::Soa;
use crate::net::ip_number::IpFamily;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Why a text is not the data of a record of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rtype} {field} at column {column}: {reason}")]
pub struct RecordDataError {
    /// The type the text was read as.
    pub rtype: RecordType,
    /// Which of its fields is wrong.
    pub field: &'static str,
    /// Where, counted in octets from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: RecordDataReason,
}

/// What is wrong with one field of a record's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordDataReason {
    /// The text ends before it.
    #[error("missing")]
    Missing,
    /// The text goes on after the last field.
    #[error("nothing may follow")]
    Trailing,
    /// Quotes around something that is no string.
    #[error("quotes have no place here")]
    Quoted,
    /// Not a number, or one too large.
    #[error("not a number from 0 to {max}")]
    Number {
        /// The largest this field takes.
        max: u32,
    },
    /// Not an address of the wanted family.
    #[error("not an {0} address")]
    Address(IpFamily),
    /// Not hexadecimal digits in pairs.
    #[error("not pairs of hexadecimal digits")]
    Hex,
    /// The text does not fall into words.
    #[error(transparent)]
    Word(#[from] WordError),
    /// Not a domain name.
    #[error(transparent)]
    Name(#[from] DomainNameError),
    /// Against a rule of the type.
    #[error(transparent)]
    Rule(#[from] RecordRule),
}

impl RecordData {
    /// Reads the data of a record of type `rtype` as it stands in a zone file with this `origin`.
    ///
    /// # Errors
    /// The first field that is wrong, with column and reason.
    pub fn parse(
        rtype: RecordType,
        text: &str,
        origin: &DomainName,
    ) -> Result<Self, RecordDataError> {
        let mut fields = Fields { rtype, origin, words: Words::of(text) };
        let data = fields.data()?;
        fields.end()?;
        Ok(data)
    }
}

/// The fields of one record's data, read from left to right.
struct Fields<'a> {
    rtype: RecordType,
    origin: &'a DomainName,
    words: Words<'a>,
}

impl<'a> Fields<'a> {
    fn data(&mut self) -> Result<RecordData, RecordDataError> {
        Ok(match self.rtype {
            RecordType::A => RecordData::A(self.address("address", IpFamily::V4)?),
            RecordType::Aaaa => RecordData::Aaaa(self.address("address", IpFamily::V6)?),
            RecordType::Caa => RecordData::Caa(Box::new(self.caa()?)),
            RecordType::Cname => RecordData::Cname(self.name("target")?),
            RecordType::Mx => RecordData::Mx {
                preference: self.number("preference", u16::MAX.into())?,
                exchange: self.name("exchange")?,
            },
            RecordType::Ns => RecordData::Ns(self.name("server")?),
            RecordType::Ptr => RecordData::Ptr(self.name("target")?),
            RecordType::Soa => RecordData::Soa(Box::new(self.soa()?)),
            RecordType::Srv => RecordData::Srv {
                priority: self.number("priority", u16::MAX.into())?,
                weight: self.number("weight", u16::MAX.into())?,
                port: self.number("port", u16::MAX.into())?,
                target: self.name("target")?,
            },
            RecordType::Sshfp => RecordData::Sshfp(Box::new(self.sshfp()?)),
            RecordType::Txt => RecordData::Txt(self.txt()?),
        })
    }

    fn soa(&mut self) -> Result<Soa, RecordDataError> {
        Ok(Soa {
            mname: self.name("mname")?,
            rname: self.name("rname")?,
            serial: Serial(self.number("serial", u32::MAX)?),
            refresh: self.number("refresh", u32::MAX)?,
            retry: self.number("retry", u32::MAX)?,
            expire: self.number("expire", u32::MAX)?,
            minimum: self.number("minimum", u32::MAX)?,
        })
    }

    fn caa(&mut self) -> Result<Caa, RecordDataError> {
        let flags = self.number("flags", u8::MAX.into())?;
        let tag = self.plain("tag")?;
        let value = self.word("value")?;
        let octets = self.octets("value", value)?;
        Caa::new(flags, tag.text, &octets).map_err(|rule| {
            let (field, at) = if rule == RecordRule::Tag { ("tag", tag) } else { ("value", value) };
            self.error(field, at.column, rule)
        })
    }

    fn sshfp(&mut self) -> Result<Sshfp, RecordDataError> {
        let algorithm = self.number("algorithm", u8::MAX.into())?;
        let fingerprint_type = self.number("fingerprint type", u8::MAX.into())?;
        let first = self.plain("fingerprint")?;
        let mut octets = self.hex(first)?;
        while let Some(word) = self.next("fingerprint")? {
            octets.extend(self.hex(word)?);
        }
        Sshfp::new(algorithm, fingerprint_type, &octets)
            .map_err(|rule| self.error("fingerprint", first.column, rule))
    }

    fn txt(&mut self) -> Result<Txt, RecordDataError> {
        let start = self.words.column();
        let mut strings = Vec::new();
        while let Some(word) = self.next("string")? {
            let octets = self.octets("string", word)?;
            // Told of one string at a time, so that the column is that of the string.
            Txt::new(vec![octets.clone()])
                .map_err(|rule| self.error("string", word.column, rule))?;
            strings.push(octets);
        }
        Txt::new(strings).map_err(|rule| self.error("string", start, rule))
    }

    fn end(&mut self) -> Result<(), RecordDataError> {
        match self.next("end")? {
            Some(word) => Err(self.error("end", word.column, RecordDataReason::Trailing)),
            None => Ok(()),
        }
    }

    fn next(&mut self, field: &'static str) -> Result<Option<Word<'a>>, RecordDataError> {
        self.words.next().transpose().map_err(|error| self.error(field, error.column(), error))
    }

    fn word(&mut self, field: &'static str) -> Result<Word<'a>, RecordDataError> {
        let column = self.words.column();
        self.next(field)?.ok_or_else(|| self.error(field, column, RecordDataReason::Missing))
    }

    fn plain(&mut self, field: &'static str) -> Result<Word<'a>, RecordDataError> {
        let word = self.word(field)?;
        if word.quoted {
            return Err(self.error(field, word.column, RecordDataReason::Quoted));
        }
        Ok(word)
    }

    fn name(&mut self, field: &'static str) -> Result<DomainName, RecordDataError> {
        let word = self.plain(field)?;
        DomainName::parse_in(word.text, self.origin)
            .map_err(|error| self.error(field, word.column, error))
    }

    fn number<N: TryFrom<u32>>(
        &mut self,
        field: &'static str,
        max: u32,
    ) -> Result<N, RecordDataError> {
        let word = self.plain(field)?;
        let digits = Some(word.text).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        digits
            .and_then(|digits| digits.parse::<u32>().ok())
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| self.error(field, word.column, RecordDataReason::Number { max }))
    }

    fn address<A: FromStr>(
        &mut self,
        field: &'static str,
        family: IpFamily,
    ) -> Result<A, RecordDataError> {
        let word = self.plain(field)?;
        word.text
            .parse()
            .map_err(|_| self.error(field, word.column, RecordDataReason::Address(family)))
    }

    fn hex(&self, word: Word<'a>) -> Result<Vec<u8>, RecordDataError> {
        let pair = |pair: &[u8]| {
            let [high, low] = pair else { return None };
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            u8::try_from(digit(high)? << 4 | digit(low)?).ok()
        };
        let octets: Option<_> = word.text.as_bytes().chunks(2).map(pair).collect();
        octets.ok_or_else(|| self.error("fingerprint", word.column, RecordDataReason::Hex))
    }

    fn octets(&self, field: &'static str, word: Word<'a>) -> Result<Vec<u8>, RecordDataError> {
        word.octets().map_err(|error| self.error(field, error.column(), error))
    }

    fn error(
        &self,
        field: &'static str,
        column: usize,
        reason: impl Into<RecordDataReason>,
    ) -> RecordDataError {
        RecordDataError { rtype: self.rtype, field, column, reason: reason.into() }
    }
}

/// The serial form of record data: its type and its zone-file form with absolute names.
#[derive(Serialize, Deserialize)]
#[serde(rename = "RecordData")]
struct RecordText {
    rtype: RecordType,
    rdata: String,
}

impl Serialize for RecordData {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RecordText { rtype: self.record_type(), rdata: self.to_string() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RecordData {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RecordText::deserialize(deserializer)?;
        Self::parse(text.rtype, &text.rdata, &DomainName::root()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordDataError, RecordDataReason};
    use crate::codec::{from_bare, to_bare};
    use crate::model::record_data::{RecordData, RecordRule};
    use crate::model::record_type::RecordType;

    fn parse(rtype: RecordType, text: &str) -> Result<RecordData, RecordDataError> {
        RecordData::parse(rtype, text, &"lab.example.net".parse().expect("a name"))
    }

    /// Every type as people write it, and how it is written back.
    const WRITTEN: [(RecordType, &str, &str); 18] = [
        (RecordType::A, "10.0.0.7", "10.0.0.7"),
        (RecordType::Aaaa, "2001:DB8::0:7", "2001:db8::7"),
        (RecordType::Caa, "0 issue ca.example.net", "0 issue \"ca.example.net\""),
        (RecordType::Caa, "128 issue \"ca; p=1\"", "128 issue \"ca; p=1\""),
        (RecordType::Cname, "www", "www.lab.example.net."),
        (RecordType::Cname, "host.elsewhere.example.", "host.elsewhere.example."),
        (RecordType::Mx, "10 mail", "10 mail.lab.example.net."),
        (RecordType::Mx, "0  .", "0 ."),
        (RecordType::Ns, "@", "lab.example.net."),
        (RecordType::Ptr, "Web.Maas.", "Web.Maas."),
        (
            RecordType::Soa,
            "@ nobody 1 2 3 4 5",
            "lab.example.net. nobody.lab.example.net. 1 2 3 4 5",
        ),
        (RecordType::Srv, "0 5 389 ldap", "0 5 389 ldap.lab.example.net."),
        (RecordType::Srv, "10 60 5060 .", "10 60 5060 ."),
        (RecordType::Sshfp, "4 9 AB cd", "4 9 abcd"),
        (RecordType::Txt, "v=spf1 -all", "\"v=spf1\" \"-all\""),
        (RecordType::Txt, "\"say \\\"hi\\\"; then go\"", "\"say \\\"hi\\\"; then go\""),
        (RecordType::Txt, "\"part one\" \"part two\" \"\"", "\"part one\" \"part two\" \"\""),
        (RecordType::Txt, "\"C:\\\\path\" caf\u{e9}", "\"C:\\\\path\" \"caf\\195\\169\""),
    ];

    #[test]
    fn every_type_is_read_and_written_back() {
        for (rtype, text, written) in WRITTEN {
            let data = parse(rtype, text).expect(text);
            assert_eq!(data.record_type(), rtype);
            assert_eq!(data.to_string(), written);
        }
    }

    #[test]
    fn the_serial_form_reads_back_alike() {
        for (rtype, text, written) in WRITTEN {
            let data = parse(rtype, text).expect(text);
            let back: RecordData = from_bare(&to_bare(&data)).expect("stored");
            assert_eq!(back.to_string(), written);
        }
        let json = r#"{"rtype":"MX","rdata":"10 mail.maas."}"#;
        let data: RecordData = serde_json::from_str(json).expect("stored");
        assert_eq!(serde_json::to_string(&data).expect("text"), json);
        assert!(serde_json::from_str::<RecordData>(r#"{"rtype":"MX","rdata":"x"}"#).is_err());
    }

    #[test]
    fn errors_say_what_and_where() {
        for (rtype, text, told) in [
            (RecordType::A, "10.0.0.256", "A address at column 1: not an IPv4 address"),
            (RecordType::Aaaa, "10.0.0.2", "AAAA address at column 1: not an IPv6 address"),
            (RecordType::Mx, "70000 m", "MX preference at column 1: not a number from 0 to 65535"),
            (RecordType::Mx, "+1 m", "MX preference at column 1: not a number from 0 to 65535"),
            (RecordType::Mx, "10", "MX exchange at column 3: missing"),
            (RecordType::Mx, "10 a b", "MX end at column 6: nothing may follow"),
            (RecordType::Mx, "10 \"a\"", "MX exchange at column 4: quotes have no place here"),
            (
                RecordType::Mx,
                "10 a..b",
                "MX exchange at column 4: domain name has an empty label at column 3",
            ),
            (
                RecordType::Sshfp,
                "4 2 abc",
                "SSHFP fingerprint at column 5: not pairs of hexadecimal digits",
            ),
            (RecordType::Sshfp, "4 2", "SSHFP fingerprint at column 4: missing"),
            (
                RecordType::Caa,
                "0 is-sue x",
                "CAA tag at column 3: tag is not made of 1 to 255 ASCII letters and digits",
            ),
            (RecordType::Caa, "256 issue x", "CAA flags at column 1: not a number from 0 to 255"),
            (RecordType::Txt, "", "TXT string at column 1: at least one string is needed"),
            (
                RecordType::Txt,
                "a; b",
                "TXT string at column 2: character ';' must be quoted or escaped",
            ),
            (RecordType::Txt, "a \"b", "TXT string at column 3: quote is not closed"),
        ] {
            assert_eq!(parse(rtype, text).expect_err(text).to_string(), told, "{text}");
        }
    }

    #[test]
    fn a_long_string_is_told_at_its_own_column() {
        let text = format!("\"short\" \"{}\"", "a".repeat(256));
        let error = parse(RecordType::Txt, &text).expect_err("too long");
        assert_eq!(error.column, 9);
        let rule = RecordRule::StringTooLong { octets: 256 };
        assert_eq!(error.reason, RecordDataReason::Rule(rule));
    }
}
