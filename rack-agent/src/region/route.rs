//! Which region node the agent goes to next, and when. Pure: time and the seed of chance are given.
//!
//! Tries come in rounds, in which each node has its turn: those first that have few racks, those last that nobody hears of.
//! Between two rounds there is a pause, longer each time. A lost node is not the first to be tried again.

use crate::endpoint::Endpoint;
use crate::region::node::Node;
use crate::region::pace::Pace;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// The longest that a node can make the agent stay away.
pub const HOLD_OFF_SECS_MAX: u64 = 60;
/// Most nodes that are kept in mind. A region has three or five.
pub const NODES_MAX: usize = 16;

/// The nodes and how it went with them.
#[derive(Debug)]
pub struct Route {
    pace: Pace,
    /// What an admin wrote down.
    configured: Vec<Endpoint>,
    /// What the region said, with the number of racks.
    known: Vec<(Endpoint, Option<u32>)>,
    /// Nodes whose turn is still to come in this round.
    round: VecDeque<Endpoint>,
    /// Rounds since the last good session.
    rounds: u32,
    /// Nobody is tried before.
    rests_until: Option<Instant>,
    /// These nodes are not tried before.
    held_off: BTreeMap<Endpoint, Instant>,
    chance: StdRng,
}

/// A try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The node.
    pub endpoint: Endpoint,
    /// Not before.
    pub at: Instant,
}

impl Route {
    /// A route to the nodes of the configuration and those the region told of before; none if there is no node at all.
    #[must_use]
    pub fn new(
        configured: Vec<Endpoint>,
        remembered: Vec<Endpoint>,
        pace: Pace,
        seed: u64,
    ) -> Option<Self> {
        let known = remembered.into_iter().take(NODES_MAX).map(|endpoint| (endpoint, None));
        let route = Self {
            pace,
            configured,
            known: known.collect(),
            round: VecDeque::new(),
            rounds: 0,
            rests_until: None,
            held_off: BTreeMap::new(),
            chance: StdRng::seed_from_u64(seed),
        };
        (!route.all().is_empty()).then_some(route)
    }

    /// The region's nodes, as it says now. An empty list says nothing.
    pub fn learn(&mut self, nodes: &[Node]) {
        if nodes.is_empty() {
            return;
        }
        let nodes = nodes.iter().take(NODES_MAX);
        self.known = nodes.map(|node| (node.api.clone(), node.racks)).collect();
    }

    /// The next try.
    pub fn next(&mut self, now: Instant) -> Attempt {
        self.held_off.retain(|_, until| *until > now);
        if self.round.is_empty() {
            self.begin_round(now);
        }
        let endpoint = self.round.pop_front().expect("a round has a node");
        let held_off = self.held_off.get(&endpoint).copied();
        let at = [self.rests_until, held_off].into_iter().flatten().fold(now, Instant::max);
        Attempt { endpoint, at }
    }

    /// It came to no session, or to one that soon was over. The node is left alone for so long at least.
    pub fn failed(&mut self, now: Instant, endpoint: &Endpoint, hold_off: Duration) {
        if !hold_off.is_zero() {
            let until = now + hold_off.min(Duration::from_secs(HOLD_OFF_SECS_MAX));
            self.held_off.insert(endpoint.clone(), until);
        }
    }

    /// A good session is over. The others are tried at once, and the node again when it had a moment.
    pub fn lost(&mut self, now: Instant, endpoint: &Endpoint, hold_off: Duration) {
        self.round.clear();
        self.rounds = 0;
        let moment = self.pause(1);
        self.failed(now, endpoint, hold_off.max(moment));
    }

    /// Nobody is to be tried for so long.
    pub fn rest(&mut self, now: Instant, pause: Duration) {
        self.rests_until = Some(now + pause.min(Duration::from_secs(HOLD_OFF_SECS_MAX)));
    }

    /// A length between a half and the whole of it, so that many racks do not come at one moment.
    pub fn jittered(&mut self, whole: Duration) -> Duration {
        let millis = u64::try_from(whole.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.chance.random_range(millis / 2..=millis))
    }

    fn begin_round(&mut self, now: Instant) {
        let pause = self.pause(self.rounds);
        self.rounds = self.rounds.saturating_add(1);
        let begins = self.rests_until.map_or(now, |until| until.max(now)).max(now + pause);
        self.rests_until = Some(begins);
        let ordered = self.ordered();
        let free =
            |endpoint: &&Endpoint| self.held_off.get(endpoint).is_none_or(|until| *until <= begins);
        self.round = ordered.iter().filter(free).cloned().collect();
        if self.round.is_empty() {
            let first =
                ordered.into_iter().min_by_key(|endpoint| self.held_off.get(endpoint).copied());
            self.round.extend(first);
        }
    }

    /// The pause before a round, by the number of rounds before it.
    fn pause(&mut self, rounds: u32) -> Duration {
        let Pace { backoff_min, backoff_max, .. } = self.pace;
        if rounds == 0 {
            return Duration::ZERO;
        }
        let doubled = backoff_min.saturating_mul(1_u32.checked_shl(rounds).unwrap_or(u32::MAX));
        self.jittered(doubled.min(backoff_max)).max(backoff_min)
    }

    /// All nodes in the order of this round.
    fn ordered(&mut self) -> Vec<Endpoint> {
        let is_heard_of = |known: &&(Endpoint, Option<u32>)| known.1.is_some();
        let most = self.known.iter().filter_map(|(_, racks)| *racks).max();
        let weighed = |(endpoint, racks): &(Endpoint, Option<u32>)| {
            (endpoint.clone(), 1 + u64::from(most.unwrap_or(0) - racks.or(most).unwrap_or(0)))
        };
        let heard = self.known.iter().filter(is_heard_of).map(weighed).collect();
        let silent = self.known.iter().filter(|known| !is_heard_of(known)).map(weighed).collect();
        let others = self.configured.iter().filter(|endpoint| !self.knows(endpoint));
        let others = others.map(|endpoint| (endpoint.clone(), 1)).collect();
        [heard, silent, others].into_iter().flat_map(|class| self.drawn(class)).collect()
    }

    /// By chance, the heavier the earlier.
    fn drawn(&mut self, mut class: Vec<(Endpoint, u64)>) -> Vec<Endpoint> {
        let mut drawn = Vec::with_capacity(class.len());
        while !class.is_empty() {
            let total = class.iter().map(|(_, weight)| weight).sum();
            let mut rest = self.chance.random_range(0..total);
            let is_it = |(_, weight): &(Endpoint, u64)| {
                let found = rest < *weight;
                rest = rest.saturating_sub(*weight);
                found
            };
            let place = class.iter().position(is_it).expect("the draw is below the total");
            drawn.push(class.swap_remove(place).0);
        }
        drawn
    }

    fn knows(&self, endpoint: &Endpoint) -> bool {
        self.known.iter().any(|(known, _)| known == endpoint)
    }

    fn all(&self) -> Vec<&Endpoint> {
        self.known.iter().map(|(endpoint, _)| endpoint).chain(&self.configured).collect()
    }
}
