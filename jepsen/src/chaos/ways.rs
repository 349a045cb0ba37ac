//! Which packets a cut drops: by the machine they come from, the one they go to, and what they are about.

use crate::chaos::plan::{Shape, Wire};
use std::collections::BTreeSet;

/// One direction in which nothing goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Between two nodes, on the port for nodes.
    Peers {
        /// From this node.
        from: usize,
        /// To this one.
        to: usize,
    },
    /// From clients to a node's API.
    ToNode(usize),
    /// From a node's API to clients.
    FromNode(usize),
    /// From all racks to a node.
    RacksToNode(usize),
    /// From a node to all racks.
    NodeToRacks(usize),
}

/// A way by its node.
type WayOf = fn(usize) -> Way;

/// What a cut of this shape drops. `order` is all nodes, those that are to be a minority first.
#[must_use]
pub fn ways(shape: Shape, wire: Wire, order: &[usize]) -> BTreeSet<Way> {
    match wire {
        Wire::Peers => peers(shape, order),
        Wire::Api => face(shape, order, (Way::ToNode, Way::FromNode)),
        Wire::Racks => face(shape, order, (Way::RacksToNode, Way::NodeToRacks)),
        Wire::All => {
            let each = [Wire::Peers, Wire::Api, Wire::Racks];
            each.into_iter().flat_map(|wire| ways(shape, wire, order)).collect()
        }
    }
}

/// As many as a group of this size can do without.
#[must_use]
pub const fn minority(nodes: usize) -> usize {
    (nodes - 1) / 2
}

fn peers(shape: Shape, order: &[usize]) -> BTreeSet<Way> {
    let (few, rest) = order.split_at(minority(order.len()));
    let to_few = || between(rest, few);
    let from_few = || between(few, rest);
    match shape {
        Shape::Halves | Shape::LeaderAlone => to_few().chain(from_few()).collect(),
        Shape::Deaf => to_few().collect(),
        Shape::Mute => from_few().collect(),
        Shape::Bridge => {
            let others = order.get(1..).unwrap_or_default();
            let (one, other) = others.split_at(others.len() / 2);
            between(one, other).chain(between(other, one)).collect()
        }
        Shape::Ring => {
            let count = order.len();
            let places = |from: usize| (0..count).map(move |to| (from, to));
            let is_apart = |(from, to): &(usize, usize)| {
                let distance = from.abs_diff(*to);
                distance > 1 && distance < count - 1
            };
            let apart = (0..count).flat_map(places).filter(is_apart);
            apart.map(|(from, to)| Way::Peers { from: order[from], to: order[to] }).collect()
        }
    }
}

/// What nodes and those who are no nodes say to each other: of the shape only the first group counts.
fn face(shape: Shape, order: &[usize], (to, from): (WayOf, WayOf)) -> BTreeSet<Way> {
    let few = order[..minority(order.len())].iter().copied();
    match shape {
        Shape::Deaf => few.map(to).collect(),
        // The node does what it is asked, and nobody hears of it.
        Shape::Mute => few.map(from).collect(),
        Shape::Halves | Shape::LeaderAlone | Shape::Bridge | Shape::Ring => {
            few.flat_map(|node| [to(node), from(node)]).collect()
        }
    }
}

fn between<'a>(some: &'a [usize], others: &'a [usize]) -> impl Iterator<Item = Way> + 'a {
    let pair = |from: usize| others.iter().map(move |to| Way::Peers { from, to: *to });
    some.iter().flat_map(move |from| pair(*from))
}

#[cfg(test)]
mod tests {
    use super::{Way, ways};
    use crate::chaos::plan::{Shape, Wire};

    fn hears(shape: Shape, order: &[usize], from: usize, to: usize) -> bool {
        !ways(shape, Wire::Peers, order).contains(&Way::Peers { from, to })
    }

    #[test]
    fn minority_in_front_is_apart_from_the_rest_and_together() {
        let order = [4, 2, 0, 1, 3];
        for (one, other, together) in [(4, 2, true), (4, 0, false), (0, 3, true)] {
            assert_eq!(hears(Shape::Halves, &order, one, other), together);
            assert_eq!(hears(Shape::Halves, &order, other, one), together);
        }
    }

    #[test]
    fn halves_of_a_bridge_meet_only_in_its_middle() {
        let order = [2, 0, 1];
        assert!(hears(Shape::Bridge, &order, 2, 0) && hears(Shape::Bridge, &order, 1, 2));
        assert!(!hears(Shape::Bridge, &order, 0, 1) && !hears(Shape::Bridge, &order, 1, 0));
    }

    #[test]
    fn everybody_on_a_ring_of_five_hears_two() {
        let order = [0, 1, 2, 3, 4];
        for node in order {
            let heard = order.iter().filter(|from| **from != node);
            let heard = heard.filter(|from| hears(Shape::Ring, &order, **from, node)).count();
            assert_eq!(heard, 2);
        }
    }

    #[test]
    fn deaf_node_speaks_and_mute_one_hears() {
        assert!(hears(Shape::Deaf, &[1, 0, 2], 1, 0) && !hears(Shape::Deaf, &[1, 0, 2], 0, 1));
        assert!(!hears(Shape::Mute, &[1, 0, 2], 1, 0) && hears(Shape::Mute, &[1, 0, 2], 0, 1));
    }

    #[test]
    fn cut_of_one_wire_leaves_the_other_alone() {
        let api = ways(Shape::Halves, Wire::Api, &[1, 0, 2]);
        assert_eq!(api.into_iter().collect::<Vec<_>>(), [Way::ToNode(1), Way::FromNode(1)]);
        let racks = ways(Shape::Deaf, Wire::Racks, &[1, 0, 2]);
        assert_eq!(racks.into_iter().collect::<Vec<_>>(), [Way::RacksToNode(1)]);
        let all = ways(Shape::Halves, Wire::All, &[1, 0, 2]);
        assert_eq!(all.len(), 4 + 2 + 2);
    }
}
