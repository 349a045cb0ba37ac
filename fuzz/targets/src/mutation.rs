//! Bytes from bytes: what the loop on a stable compiler does to inputs. Knows nothing of what they mean.

use crate::dice::Dice;
use crate::frames::MARK;
use std::ops::Range;

/// Changes made to one input, at most.
const CHANGES_MAX: usize = 6;
/// Bytes of a stretch that is moved, doubled or taken out, at most.
const STRETCH_BYTES_MAX: usize = 256;
/// Numbers at which things are known to break.
const NUMBERS: [u64; 14] = [
    0,
    1,
    0x7F,
    0x80,
    0xFA,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFF_FFFF,
    0xFFFF_FFFF,
    1 << 53,
    0x7FFF_FFFF_FFFF_FFFF,
    0xFFFF_FFFF_FFFF_FFF0,
    0xFFFF_FFFF_FFFF_FFFF,
];

/// A changed copy of `input`: `others` lend pieces, `words` are pieces that mean something.
#[must_use]
pub fn mutated(
    input: &[u8],
    others: &[Vec<u8>],
    words: &[&[u8]],
    bytes_max: usize,
    dice: &mut Dice,
) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(CHANGES_MAX) {
        change(&mut bytes, others, words, dice);
    }
    bytes.truncate(bytes_max);
    bytes
}

fn change(bytes: &mut Vec<u8>, others: &[Vec<u8>], words: &[&[u8]], dice: &mut Dice) {
    match dice.below(14) {
        0 => flip(bytes, dice),
        1 => {
            if let Some(byte) = place(bytes, dice).and_then(|at| bytes.get_mut(at)) {
                *byte = dice.byte();
            }
        }
        2 => {
            if let Some(byte) = place(bytes, dice).and_then(|at| bytes.get_mut(at)) {
                let step = 1 + dice.byte() % 8;
                *byte = if dice.below(2) == 0 {
                    byte.wrapping_add(step)
                } else {
                    byte.wrapping_sub(step)
                };
            }
        }
        3 => number(bytes, dice),
        4 | 5 => {
            if let Some(word) = dice.of(words).copied() {
                let (at, gone) = (gap(bytes, dice), dice.below(2) * word.len());
                splice(bytes, at..at + gone, word);
            }
        }
        6 => {
            let stretch = stretch(bytes, dice);
            bytes.drain(stretch);
        }
        7 => {
            let copy = bytes.get(stretch(bytes, dice)).unwrap_or_default().to_vec();
            let at = gap(bytes, dice);
            splice(bytes, at..at, &copy);
        }
        8 => {
            let copy = bytes.get(stretch(bytes, dice)).unwrap_or_default().to_vec();
            let at = gap(bytes, dice);
            splice(bytes, at..at + copy.len(), &copy);
        }
        9 => bytes.truncate(gap(bytes, dice)),
        10 | 11 => {
            let other = dice.of(others).cloned().unwrap_or_default();
            let piece = other.get(stretch(&other, dice)).unwrap_or_default();
            let (at, gone) = (gap(bytes, dice), dice.below(2) * piece.len());
            splice(bytes, at..at + gone, piece);
        }
        12 => frame(bytes, others, dice),
        _ => {
            let some: Vec<u8> = (0..dice.below(8)).map(|_| dice.byte()).collect();
            let at = gap(bytes, dice);
            splice(bytes, at..at, &some);
        }
    }
}

fn flip(bytes: &mut [u8], dice: &mut Dice) {
    if let Some(byte) = place(bytes, dice).and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1 << dice.below(8);
    }
}

/// Writes a number over what stands there: with one, two, four or eight bytes, either way round.
fn number(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let Some(number) = dice.of(&NUMBERS).copied() else { return };
    let width = 1_usize << dice.below(4);
    let mut digits = number.to_le_bytes().get(..width).unwrap_or_default().to_vec();
    if dice.below(2) == 0 {
        digits.reverse();
    }
    let at = gap(bytes, dice);
    splice(bytes, at..at + width, &digits);
}

/// Puts a whole frame of another input between two frames of this one.
fn frame(bytes: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    let other = dice.of(others).cloned().unwrap_or_default();
    let frames: Vec<&[u8]> = crate::frames::split(&other, STRETCH_BYTES_MAX);
    let Some(lent) = dice.of(&frames).copied() else { return };
    let own = bytes.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    let places: Vec<usize> = own.map(|(at, _)| at).chain([bytes.len()]).collect();
    if let Some(at) = dice.of(&places).copied() {
        splice(bytes, at..at, &[MARK, lent].concat());
    }
}

fn place(bytes: &[u8], dice: &mut Dice) -> Option<usize> {
    (!bytes.is_empty()).then(|| dice.below(bytes.len()))
}

fn gap(bytes: &[u8], dice: &mut Dice) -> usize {
    dice.below(bytes.len() + 1)
}

fn stretch(bytes: &[u8], dice: &mut Dice) -> Range<usize> {
    let start = gap(bytes, dice);
    start..(start + dice.below(STRETCH_BYTES_MAX)).min(bytes.len())
}

fn splice(bytes: &mut Vec<u8>, gone: Range<usize>, put: &[u8]) {
    let end = gone.end.min(bytes.len());
    bytes.splice(gone.start.min(end)..end, put.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::mutated;
    use crate::dice::Dice;
    use std::collections::BTreeSet;

    #[test]
    fn same_seed_makes_the_same_bytes_and_others_make_others() {
        let of = |seed| mutated(b"abcdefgh", &[b"other".to_vec()], &[b"word"], 64, &mut Dice(seed));
        let all: BTreeSet<Vec<u8>> = (0..200).map(of).collect();
        assert_eq!(of(7), of(7));
        assert!(all.len() > 150, "{} different ones", all.len());
    }

    #[test]
    fn nothing_is_changed_beyond_the_bound_and_nothing_is_not_out_of_bounds() {
        for seed in 0..500 {
            let bytes = mutated(&[], &[], &[], 16, &mut Dice(seed));
            assert!(bytes.len() <= 16, "seed {seed}");
        }
    }
}
