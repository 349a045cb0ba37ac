//! What holds after a number of journal operations: vote, committed, purged and last. The writer and the replay keep
//! it by the same function, and the mark pins it, so that a replay which comes to another standing is noticed.

use crate::log_store::record::{Ballot, Op, Position};

/// The sum of the journal so far, entries left aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The last vote.
    pub vote: Option<Ballot>,
    /// The last saved committed position.
    pub committed: Option<Position>,
    /// The last purge.
    pub purged: Option<Position>,
    /// The last entry behind the purge.
    pub end: Option<Position>,
}

impl Standing {
    /// Takes in one operation. Pieces count when the last of them is there.
    pub fn note(&mut self, op: &Op) {
        match op {
            Op::Put { at, .. } => self.end = Some(*at),
            Op::Piece { at, number, of, .. } => {
                if number.checked_add(1) == Some(*of) {
                    self.end = Some(*at);
                }
            }
            Op::TruncateAfter(after) => {
                if index_of(*after) < index_of(self.end) {
                    self.end = *after;
                }
            }
            Op::Purge(upto) => {
                if index_of(self.purged) < Some(upto.index) {
                    self.purged = Some(*upto);
                }
            }
            Op::Vote(ballot) => self.vote = Some(*ballot),
            Op::Committed(upto) => self.committed = *upto,
        }
        if index_of(self.end) <= index_of(self.purged) {
            self.end = None;
        }
    }

    /// The last position of the log: its last entry, or the purge if nothing lies behind it.
    #[must_use]
    pub fn last(&self) -> Option<Position> {
        self.end.or(self.purged)
    }

    /// The index the next entry must have; `None` if the log is empty and may begin anywhere.
    #[must_use]
    pub fn next_index(&self) -> Option<u64> {
        // Replay lets no index in that could not be counted on from.
        self.last().map(|last| last.index.saturating_add(1))
    }
}

fn index_of(position: Option<Position>) -> Option<u64> {
    position.map(|position| position.index)
}

#[cfg(test)]
mod tests {
    use super::Standing;
    use crate::log_store::record::{Op, Position};
    use bytes::Bytes;

    const fn at(index: u64) -> Position {
        Position { term: 1, index }
    }

    fn standing_after(ops: &[Op]) -> Standing {
        let mut standing = Standing::default();
        ops.iter().for_each(|op| standing.note(op));
        standing
    }

    #[test]
    fn truncation_never_moves_the_end_forward() {
        let put = Op::Put { at: at(7), entry: Bytes::new() };
        assert_eq!(
            standing_after(&[put.clone(), Op::TruncateAfter(Some(at(9)))]).last(),
            Some(at(7))
        );
        assert_eq!(standing_after(&[put, Op::TruncateAfter(Some(at(4)))]).last(), Some(at(4)));
    }

    #[test]
    fn truncating_everything_leaves_the_purge() {
        let put = Op::Put { at: at(7), entry: Bytes::new() };
        let standing = standing_after(&[put, Op::Purge(at(5)), Op::TruncateAfter(None)]);
        assert_eq!(standing.last(), Some(at(5)));
    }

    #[test]
    fn purge_beyond_the_end_becomes_the_end() {
        let standing = standing_after(&[Op::Purge(at(20)), Op::Purge(at(3))]);
        assert_eq!((standing.last(), standing.purged), (Some(at(20)), Some(at(20))));
    }

    #[test]
    fn unfinished_entry_is_not_the_last_one() {
        let piece = |number| Op::Piece { at: at(1), number, of: 2, part: Bytes::new() };
        assert_eq!(standing_after(&[piece(0)]).last(), None);
        assert_eq!(standing_after(&[piece(0), piece(1)]).last(), Some(at(1)));
    }
}
