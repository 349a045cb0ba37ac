//! Which lane is whose: one for each node, whatever life of it, and a last one for what names no node.

use crate::strikes::host;
use regent_check::history::line::Note;
use regent_check::history::reader::History;
use std::collections::BTreeSet;

/// What stands beside the last lane.
pub const NOBODY: &str = "no node";
/// Lanes of nodes; the operations of further ones are drawn in the last lane.
pub const NODES_MAX: usize = 32;

/// The lanes, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lanes(Vec<String>);

impl Lanes {
    /// Those that a history needs.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let asked = history.operations.iter().filter_map(|told| told.said.node.as_deref());
        let noted = history.notes.iter().filter_map(|told| node(&told.said));
        let names: BTreeSet<_> = asked.chain(noted).map(host).collect();
        let mut names: Vec<_> = names.into_iter().map(str::to_owned).collect();
        // h2 before h10.
        names.sort_by_key(|name| (name.len(), name.clone()));
        names.truncate(NODES_MAX);
        names.push(NOBODY.to_owned());
        Self(names)
    }

    /// The lane of a node's life, or of nobody.
    #[must_use]
    pub fn lane(&self, life: Option<&str>) -> usize {
        let last = self.0.len() - 1;
        let place = |life: &str| self.0[..last].iter().position(|name| name == host(life));
        life.and_then(place).unwrap_or(last)
    }

    /// Their names.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        self.0
    }
}

/// The node a note is of.
fn node(note: &Note) -> Option<&str> {
    match note {
        Note::Fault { node, .. } | Note::Leader { node, .. } | Note::Snapshot { node, .. } => {
            Some(node)
        }
        Note::Log { .. } | Note::End => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;
    use regent_check::history::reader::read;

    #[test]
    fn lives_of_a_node_share_a_lane_and_numbers_are_in_order() {
        let text = concat!(
            "{\"format\":\"regent-history/1\",\"seed\":1}\n",
            r#"{"f":"leader","node":"h10","term":1,"t0":5}"#,
            "\n",
            r#"{"f":"leader","node":"h2.3","term":2,"t0":9}"#,
            "\n",
        );
        let lanes = Lanes::of(&read(text.as_bytes()).unwrap());
        assert_eq!([lanes.lane(Some("h2")), lanes.lane(Some("h2.4"))], [0, 0]);
        assert_eq!([lanes.lane(Some("h10")), lanes.lane(None)], [1, 2]);
        assert_eq!(lanes.names(), ["h2", "h10", "no node"]);
    }
}
