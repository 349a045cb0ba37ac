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
    // All that goes with our answers is glue, and a referral that lacks some is cut short (RFC 9471 section 3.1).
    let fits = fits.and_then(|()| add(&mut writer, Section::Additional, &answer.additional));
    if fits == Err(Full) {
        writer.truncated();
    }
    writer.finish()
}

/// A message without records that says: ask over TCP.
#[must_use]
pub fn shortened(question: &Question) -> Vec<u8> {
    let flags = Flags { code: Code::NoError, authoritative: false, recursion_available: false };
    let mut writer = Writer::answer(question, flags, question.bytes_max);
    writer.truncated();
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

#[cfg(test)]
mod tests {
    use super::message;
    use crate::dns::question::{Question, Reading, Transport, read};
    use regent_core::dns::answer::{Answer, Existence};
    use regent_core::dns::record::Record;
    use regent_core::model::record_data::RecordData;

    /// `x.sub.maas A`, without EDNS.
    fn question() -> Question {
        let mut bytes = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(b"\x01x\x03sub\x04maas\0\0\x01\0\x01");
        let Reading::Question(question) = read(&bytes, Transport::Udp) else {
            panic!("this is a question");
        };
        question
    }

    /// Delegates to one server with so many addresses.
    fn referral(addresses: u8) -> Answer {
        let record = |owner: &str, data| Record { owner: owner.parse().unwrap(), ttl: 30, data };
        let glue = (1..=addresses)
            .map(|last| record("ns.sub.maas", RecordData::A([10, 0, 0, last].into())));
        Answer {
            authoritative: false,
            existence: Existence::Exists,
            answers: Vec::new(),
            authority: vec![record("sub.maas", RecordData::Ns("ns.sub.maas".parse().unwrap()))],
            additional: glue.collect(),
        }
    }

    #[test]
    fn referral_without_all_its_glue_is_marked_as_cut_short() {
        for (addresses, cut) in [(2, false), (100, true)] {
            let bytes = message(&question(), &referral(addresses), false);
            assert_eq!(bytes[2] & 0x02 != 0, cut, "{addresses} addresses");
            assert!(bytes.len() <= 512 && bytes[9] == 1, "the servers are named in any case");
        }
    }
}
