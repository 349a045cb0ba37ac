//! How racks are spread over the nodes, by what the region itself shows.

use crate::cluster::api::Api;
use anyhow::Context as _;
use regent_api::grpc::balance::surplus;
use serde_json::Value;
use std::collections::BTreeMap;

/// Racks connected to each node, by its number; nodes without any are in it if they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread(BTreeMap<u64, u32>);

impl Spread {
    /// How they are now, over these nodes.
    ///
    /// # Errors
    /// If nobody says.
    pub async fn now(api: &Api, running: &[u64]) -> anyhow::Result<Self> {
        let told = api.get("/v1/racks").await?;
        let racks = told["items"].as_array().context("no list of racks")?;
        Ok(Self::of(racks, running))
    }

    /// Racks that are shown at a node which does not run are at none, and nobody has noticed yet.
    fn of(racks: &[Value], running: &[u64]) -> Self {
        let mut counts: BTreeMap<u64, u32> = running.iter().map(|node| (*node, 0)).collect();
        let connected = racks.iter().filter(|rack| rack["connected"] == true);
        for node in connected.filter_map(|rack| rack["node"].as_u64()) {
            if let Some(count) = counts.get_mut(&node) {
                *count += 1;
            }
        }
        Self(counts)
    }

    /// Whether so many are connected, and no node would ask any to move.
    #[must_use]
    pub fn is_even(&self, racks: u32) -> bool {
        let moves = |node: &u64| surplus(*node, &self.0).is_some();
        self.0.values().sum::<u32>() == racks && !self.0.keys().any(moves)
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts: Vec<String> = self.0.values().map(u32::to_string).collect();
        f.write_str(&counts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;
    use serde_json::json;

    #[test]
    fn racks_are_even_when_all_are_there_and_none_would_be_moved() {
        let spread = |counts: [u32; 3]| Spread((1..).zip(counts).collect());
        assert!(spread([19, 17, 15]).is_even(51));
        assert!(!spread([19, 17, 15]).is_even(52));
        assert!(!spread([40, 11, 0]).is_even(51));
        assert_eq!(spread([40, 11, 0]).to_string(), "40/11/0");
    }
    #[test]
    fn racks_shown_at_a_node_that_was_killed_are_not_spread_yet() {
        let at = |node: u64| json!({ "connected": true, "node": node });
        let racks = [at(1), at(2), at(3), json!({ "connected": false, "node": 2 })];
        assert!(Spread::of(&racks, &[1, 2, 3]).is_even(3));
        assert!(!Spread::of(&racks, &[2, 3]).is_even(3));
        assert_eq!(Spread::of(&racks, &[2, 3]).to_string(), "1/1");
    }
}
