//! One question about our own names, one message.

use crate::dns::code::Code;
use crate::dns::limits::MESSAGE_BYTES_MAX;
use crate::dns::message::{Flags, Full, Section, Writer};
use crate::dns::question::Question;
use crate::dns::source::Source;
use regent_core::dns::answer::{Answer, Existence};
use regent_core::dns::record::Record;
use regent_core::model::record_data::{RecordData, Txt};

/// The name under which a server tells how fresh its answers are (class CH, type TXT).
pub const FRESHNESS_NAME: &str = "freshness.regent";

/// The message for an answer, cut to what the client takes.
#[must_use]
pub fn message(question: &Question, answer: &Answer, recursion_available: bool) -> Vec<u8> {
    let code = match answer.existence {
        Existence::Exists => Code::NoError,
        Existence::Missing => Code::NxDomain,
    };
    let flags = Flags { code, authoritative: answer.authoritative, recursion_available };
    let mut writer = Writer::answer(question, flags, question.bytes_max);
    let fits = add(&mut writer, Section::Answer, &answer.answers)
        .and_then(|()| add(&mut writer, Section::Authority, &answer.authority));
    match fits {
        // What goes with an answer may be left out without a word (RFC 2181 section 9).
        Ok(()) => drop(add(&mut writer, Section::Additional, &answer.additional)),
        Err(Full) => writer.truncated(),
    }
    writer.finish()
}

/// A message without records.
#[must_use]
pub fn error(question: &Question, code: Code, recursion_available: bool) -> Vec<u8> {
    let flags = Flags { code, authoritative: false, recursion_available };
    Writer::answer(question, flags, MESSAGE_BYTES_MAX).finish()
}

/// What this server says of itself: how old its answers may be.
#[must_use]
pub fn about_server(question: &Question, source: &dyn Source) -> Vec<u8> {
    let known = FRESHNESS_NAME.parse().is_ok_and(|name| question.name == name);
    let flags = |code| Flags { code, authoritative: true, recursion_available: false };
    if !known {
        return Writer::answer(question, flags(Code::Refused), question.bytes_max).finish();
    }
    let published = source.published();
    let contact = source.last_contact().map_or_else(
        || "last_contact=never".to_owned(),
        |age| format!("last_contact_ms={}", age.as_millis()),
    );
    let revision = format!("revision={}", published.state.meta().revision);
    let strings = vec![revision.into_bytes(), contact.into_bytes()];
    let mut writer = Writer::answer(question, flags(Code::NoError), question.bytes_max);
    if let Ok(text) = Txt::new(strings) {
        let record = Record { owner: question.name.clone(), ttl: 0, data: RecordData::Txt(text) };
        writer.chaos(&record);
    }
    writer.finish()
}

fn add(writer: &mut Writer, section: Section, records: &[Record]) -> Result<(), Full> {
    records.iter().try_for_each(|record| writer.record(section, record))
}
