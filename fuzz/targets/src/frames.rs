//! One input as several pieces, told apart by a mark that a mutation inside one piece leaves alone.

/// Stands between two frames. No encoded value of ours is likely to hold it.
pub const MARK: &[u8] = b"\xFF~|\n";

/// The frames of an input, `frames_max` at most; what is behind them is dropped.
#[must_use]
pub fn split(input: &[u8], frames_max: usize) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    let mut rest = input;
    while frames.len() < frames_max {
        let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) else {
            frames.push(rest);
            break;
        };
        let (frame, marked) = rest.split_at(at);
        frames.push(frame);
        rest = marked.get(MARK.len()..).unwrap_or_default();
    }
    frames
}

/// An input of these frames.
#[must_use]
pub fn join<F: AsRef<[u8]>>(frames: &[F]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = frames.iter().map(AsRef::as_ref).collect();
    pieces.join(MARK)
}

#[cfg(test)]
mod tests {
    use super::{MARK, join, split};

    #[test]
    fn frames_come_back_as_they_were_joined_and_no_more_than_wanted() {
        let input = join(&["one", "", "three"]);
        assert_eq!(split(&input, 9), [&b"one"[..], b"", b"three"]);
        assert_eq!(split(&input, 2), [&b"one"[..], b""]);
        assert_eq!(split(b"", 9), [b""]);
        assert_eq!(split(MARK, 9), [b"", b""]);
    }
}
