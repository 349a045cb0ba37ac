//! The little of DNS packets (RFC 1035) that the workload needs: questions, and the serial or texts in their answers.

/// Types of records.
pub const SOA: u16 = 6;
/// Texts.
pub const TXT: u16 = 16;
const CLASS_IN: u16 = 1;
const HEADER_BYTES: usize = 12;
/// Behind a name in a question: type and class.
const QUESTION_BYTES: usize = 4;
/// Behind a name in a record: type, class, time to live, length.
const RECORD_BYTES: usize = 10;
/// What an SOA record ends with (RFC 1035 section 3.3.13): the serial and four times.
const SOA_END_BYTES: usize = 20;
/// The first two bits of a pointer to a name that stood before (RFC 1035 section 4.1.4).
const POINTER: u8 = 0xC0;
/// Names in a packet that are walked over; more are no answer of ours.
const LABELS_MAX: usize = 128;

/// An answer without error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers(Vec<(u16, Vec<u8>)>);

/// A question for records of one type at a name.
#[must_use]
pub fn question(id: u16, name: &str, of_type: u16) -> Vec<u8> {
    let mut packet = id.to_be_bytes().to_vec();
    packet.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        packet.push(u8::try_from(label.len()).expect("labels are short"));
        packet.extend(label.bytes());
    }
    packet.push(0);
    packet.extend([of_type, CLASS_IN].into_iter().flat_map(u16::to_be_bytes));
    packet
}

impl Answers {
    /// The records that answer; none if the packet tells of an error, or is not whole.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
        if packet.get(3)? & 0xF != 0 {
            return None;
        }
        let (questions, answers) = (number(4)?, number(6)?);
        let mut at = HEADER_BYTES;
        for _ in 0..questions {
            at = behind_name(packet, at)? + QUESTION_BYTES;
        }
        let mut records = Vec::new();
        for _ in 0..answers {
            at = behind_name(packet, at)?;
            let (of_type, length) = (number(at)?, usize::from(number(at + RECORD_BYTES - 2)?));
            at += RECORD_BYTES;
            records.push((of_type, packet.get(at..at + length)?.to_vec()));
            at += length;
        }
        Some(Self(records))
    }

    /// The serial of the zone, if that was asked for.
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        let (_, data) = self.0.iter().find(|(of_type, _)| *of_type == SOA)?;
        let end = data.get(data.len().checked_sub(SOA_END_BYTES)?..)?;
        Some(u32::from_be_bytes(end.get(..4)?.try_into().ok()?))
    }

    /// The texts, in order, each string by itself.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for (_, data) in self.0.iter().filter(|(of_type, _)| *of_type == TXT) {
            let mut rest = data.as_slice();
            while let Some((length, behind)) = rest.split_first() {
                let (text, next) = behind.split_at(usize::from(*length).min(behind.len()));
                texts.push(String::from_utf8_lossy(text).into_owned());
                rest = next;
            }
        }
        texts.sort_unstable();
        texts
    }
}

/// Where a name that begins at a place ends.
fn behind_name(packet: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..LABELS_MAX {
        match *packet.get(at)? {
            0 => return Some(at + 1),
            length if length & POINTER == POINTER => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Answers, SOA, TXT, question};

    /// An answer with one record, whose name points to the question.
    fn answer(of_type: u16, data: &[u8]) -> Vec<u8> {
        let mut packet = question(7, "a.maas", of_type);
        packet[2] |= 0x80;
        packet[7] = 1;
        packet.extend([0xC0, 12]);
        packet.extend([of_type, 1, 0, 30].into_iter().flat_map(u16::to_be_bytes));
        packet.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        packet.extend(data);
        packet
    }

    #[test]
    fn serial_is_read_behind_two_names_of_any_form() {
        let mut data = b"\x02ns\xC0\x0C\x00".to_vec();
        data.extend([9_u32, 1, 2, 3, 4].into_iter().flat_map(u32::to_be_bytes));
        assert_eq!(Answers::parse(&answer(SOA, &data)).unwrap().serial(), Some(9));
    }

    #[test]
    fn every_string_of_a_text_is_read() {
        let told = Answers::parse(&answer(TXT, b"\x02ab\x01c")).unwrap();
        assert_eq!((told.texts(), told.serial()), (vec!["ab".to_owned(), "c".to_owned()], None));
    }

    #[test]
    fn errors_and_what_breaks_off_are_no_answers() {
        let mut refused = answer(TXT, b"\x02ab");
        refused[3] |= 5;
        assert_eq!(Answers::parse(&refused), None);
        let whole = answer(TXT, b"\x02ab");
        for length in 0..whole.len() {
            assert_eq!(Answers::parse(&whole[..length]), None, "{length}");
        }
    }
}
