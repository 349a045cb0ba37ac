//! Where gRPC messages begin and end in the bytes of a request: five bytes of prefix, then as many as it says
//! (gRPC over HTTP/2, "Length-Prefixed-Message"). Looks at nothing else.

const PREFIX_BYTES: usize = 5;

/// How far the current message has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// So many bytes of its prefix are here.
    Prefix { bytes: [u8; PREFIX_BYTES], have: usize },
    /// Its prefix is here, and so many bytes of it are missing.
    Message { missing: usize },
}

/// What bytes made happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A prefix is complete: a message of so many bytes has begun.
    Begun(usize),
    /// The last byte of a message is here.
    Ended,
}

impl Framing {
    pub(crate) const START: Self = Self::Prefix { bytes: [0; PREFIX_BYTES], have: 0 };

    /// Whether nothing of a further message is here.
    pub(crate) fn is_between_messages(&self) -> bool {
        *self == Self::START
    }

    /// Takes bytes from the front of `data` up to the next mark, which it returns if it came to one.
    pub(crate) fn advance(&mut self, data: &mut &[u8]) -> Option<Mark> {
        match self {
            Self::Prefix { bytes, have } => {
                let part = take(data, PREFIX_BYTES - *have);
                bytes[*have..*have + part.len()].copy_from_slice(part);
                *have += part.len();
                if *have < PREFIX_BYTES {
                    return None;
                }
                let [_flags, length @ ..] = *bytes;
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                *self = Self::Message { missing: length };
                Some(Mark::Begun(length))
            }
            Self::Message { missing } => {
                *missing -= take(data, *missing).len();
                if *missing > 0 {
                    return None;
                }
                *self = Self::START;
                Some(Mark::Ended)
            }
        }
    }
}

fn take<'a>(data: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = data.split_at(most.min(data.len()));
    *data = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::{Framing, Mark};

    fn marks(pieces: &[&[u8]]) -> (Vec<Mark>, Framing) {
        let mut framing = Framing::START;
        let mut marks = Vec::new();
        for piece in pieces {
            let mut data = *piece;
            while let Some(mark) = framing.advance(&mut data) {
                marks.push(mark);
            }
            assert!(data.is_empty());
        }
        (marks, framing)
    }

    #[test]
    fn messages_are_found_however_the_bytes_are_cut() {
        let bytes = [0, 0, 0, 0, 3, 7, 7, 7, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 0];
        let expected =
            vec![Mark::Begun(3), Mark::Ended, Mark::Begun(0), Mark::Ended, Mark::Begun(256)];
        for cut in 0..bytes.len() {
            let (found, framing) = marks(&[&bytes[..cut], &bytes[cut..]]);
            assert_eq!(found, expected, "cut at {cut}");
            assert_eq!(framing, Framing::Message { missing: 254 });
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(marks(&single).0, expected);
    }

    #[test]
    fn between_messages_nothing_is_under_way() {
        assert!(marks(&[&[0, 0, 0, 0, 1, 5]]).1.is_between_messages());
        assert!(!marks(&[&[0]]).1.is_between_messages());
        assert!(!marks(&[&[0, 0, 0, 0, 1]]).1.is_between_messages());
    }
}
