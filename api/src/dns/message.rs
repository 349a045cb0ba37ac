//! Answers as bytes: header, question, records with compressed names, OPT (RFC 1035 4.1, RFC 6891).

use crate::dns::code::{Code, OPT_BYTES, opt};
use crate::dns::limits::UDP_PAYLOAD_BYTES_MAX;
use crate::dns::question::Question;
use regent_core::dns::record::Record;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use std::collections::HashMap;

/// Where a pointer can lead at most: it has 14 bits.
const POINTER_MAX: usize = 0x3FFF;
/// The class of everything we serve.
const CLASS_IN: u16 = 1;
/// The class of questions about a server itself.
const CLASS_CH: u16 = 3;

/// The sections a record can be in, by the place of their count in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What was asked for.
    Answer = 6,
    /// Who is responsible.
    Authority = 8,
    /// What goes with that.
    Additional = 10,
}

/// Bits of the header that an answer decides.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    /// The response code.
    pub code: Code,
    /// Whether the region speaks for the name (AA).
    pub authoritative: bool,
    /// Whether others can be asked for this client (RA).
    pub recursion_available: bool,
}

/// The record did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// A message in the making.
pub struct Writer {
    bytes: Vec<u8>,
    bytes_max: usize,
    edns: bool,
    code: Code,
    /// Where name endings stand already, in lower case: later names point there.
    endings: HashMap<Vec<u8>, u16>,
}

impl Writer {
    /// An answer to `question` that takes up to `bytes_max` bytes.
    #[must_use]
    pub fn answer(question: &Question, flags: Flags, bytes_max: usize) -> Self {
        let mut bytes = Vec::with_capacity(bytes_max.min(UDP_PAYLOAD_BYTES_MAX));
        bytes.extend_from_slice(&question.id.to_be_bytes());
        let first =
            0x80 | u8::from(flags.authoritative) << 2 | u8::from(question.recursion_desired);
        let second = u8::from(flags.recursion_available) << 7 | flags.code as u8 & 0xF;
        bytes.extend_from_slice(&[first, second, 0, 1, 0, 0, 0, 0, 0, 0]);
        let room = if question.edns { OPT_BYTES } else { 0 };
        let mut writer = Self {
            bytes,
            bytes_max: bytes_max.saturating_sub(room),
            edns: question.edns,
            code: flags.code,
            endings: HashMap::new(),
        };
        // Spelled as it was asked; owners point here, so that they are too.
        writer.name(&question.name);
        writer.number(question.qtype);
        writer.number(question.qclass);
        writer
    }

    /// Whether the message has any record yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is written; never so, as there is a header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`Full`] if it does not fit; the message is then as before.
    pub fn record(&mut self, section: Section, record: &Record) -> Result<(), Full> {
        let start = self.bytes.len();
        self.name(&record.owner);
        self.number(record.data.record_type().code());
        self.number(CLASS_IN);
        self.bytes.extend_from_slice(&record.ttl.to_be_bytes());
        let length_at = self.bytes.len();
        self.number(0);
        self.data(&record.data);
        let length = u16::try_from(self.bytes.len() - length_at - 2);
        let (Ok(length), true) = (length, self.bytes.len() <= self.bytes_max) else {
            self.bytes.truncate(start);
            self.endings.retain(|_, at| usize::from(*at) < start);
            return Err(Full);
        };
        self.set(length_at, length);
        let at = section as usize;
        let count = self.bytes.get(at..at + 2).and_then(|two| two.try_into().ok());
        self.set(at, count.map_or(0, u16::from_be_bytes) + 1);
        Ok(())
    }

    /// Marks the message as cut short (TC): the client asks again over TCP.
    pub fn truncated(&mut self) {
        if let Some(flags) = self.bytes.get_mut(2) {
            *flags |= 0x02;
        }
    }

    /// The finished message.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.edns {
            self.bytes.extend_from_slice(&opt(self.code));
            let at = Section::Additional as usize;
            let count = self.bytes.get(at..at + 2).and_then(|two| two.try_into().ok());
            self.set(at, count.map_or(0, u16::from_be_bytes) + 1);
        }
        self.bytes
    }

    fn data(&mut self, data: &RecordData) {
        match data {
            // Names inside other types are not compressed (RFC 3597 section 4).
            RecordData::Cname(name) | RecordData::Ns(name) | RecordData::Ptr(name) => {
                self.name(name)
            }
            RecordData::Mx { preference, exchange } => {
                self.number(*preference);
                self.name(exchange);
            }
            RecordData::Soa(soa) => {
                self.name(&soa.mname);
                self.name(&soa.rname);
                let numbers = [soa.serial.0, soa.refresh, soa.retry, soa.expire, soa.minimum];
                let octets = numbers.map(u32::to_be_bytes);
                self.bytes.extend_from_slice(octets.as_flattened());
            }
            RecordData::A(_)
            | RecordData::Aaaa(_)
            | RecordData::Caa(_)
            | RecordData::Srv { .. }
            | RecordData::Sshfp(_)
            | RecordData::Txt(_) => self.bytes.extend_from_slice(&data.to_wire()),
        }
    }

    /// Adds the one record of an answer about the server itself, in the class of the question (CH).
    pub fn chaos(&mut self, record: &Record) {
        let class_at = self.bytes.len() + 4;
        if self.record(Section::Answer, record).is_ok() {
            // The owner is a pointer of two octets, then come two of type and two of class.
            self.set(class_at, CLASS_CH);
        }
    }

    fn name(&mut self, name: &DomainName) {
        let wire = name.as_wire();
        let lower = wire.to_ascii_lowercase();
        let mut at = 0;
        while let Some(length) = wire.get(at).copied().filter(|length| *length > 0) {
            let ending = lower.get(at..).unwrap_or_default();
            if let Some(pointer) = self.endings.get(ending) {
                let pointer = 0xC000 | *pointer;
                return self.number(pointer);
            }
            if let Some(here) = u16::try_from(self.bytes.len())
                .ok()
                .filter(|here| usize::from(*here) <= POINTER_MAX)
            {
                self.endings.insert(ending.to_vec(), here);
            }
            let next = at + 1 + usize::from(length);
            self.bytes.extend_from_slice(wire.get(at..next).unwrap_or_default());
            at = next;
        }
        self.bytes.push(0);
    }

    fn number(&mut self, number: u16) {
        self.bytes.extend_from_slice(&number.to_be_bytes());
    }

    fn set(&mut self, at: usize, number: u16) {
        if let Some(two) = self.bytes.get_mut(at..at + 2) {
            two.copy_from_slice(&number.to_be_bytes());
        }
    }
}
