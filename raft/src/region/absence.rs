//! Tells once when a node of the group is heard no more, and once when it is heard again. Told by the leader, who hears all.
//!
//! openraft warns at each heartbeat that fails, and api's telemetry keeps that out of the log: this is told instead.

use crate::region::handle::Region;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::interval;

/// How often it is looked who is heard.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Silence after which a node counts as away: that of many heartbeats.
const SILENT_FOR: Duration = Duration::from_secs(2);

impl Region {
    /// Tells, as long as this node leads, of nodes that go away and come back.
    pub(crate) async fn tell_who_is_away(self) {
        let mut look = interval(LOOK_EVERY);
        let mut leads_since: Option<Instant> = None;
        let mut absence = Absence::default();
        loop {
            look.tick().await;
            if !self.leadership().is_leader {
                (leads_since, absence) = (None, Absence::default());
                continue;
            }
            let leads_for = elapsed::since(*leads_since.get_or_insert_with(elapsed::now));
            let published = self.published();
            let own = self.shared.identity.node_id;
            let members = published.membership.membership().nodes();
            let peers = members.filter(|(node, _)| **node != own).map(|(node, member)| {
                let heard = self.shared.contacts.age(*node);
                // Before it led, it had no reason to hear them.
                (*node, member.name.as_str(), heard.map_or(leads_for, |age| age.min(leads_for)))
            });
            for turn in absence.look(peers) {
                turn.tell();
            }
        }
    }
}

/// Who is away.
#[derive(Debug, Default)]
struct Absence(BTreeMap<NodeId, Duration>);

/// Someone who is no longer where he was.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Left { node: NodeId, name: String },
    Returned { node: NodeId, name: String, away: Duration },
}

impl Absence {
    /// Who has left and returned, given how long ago each was heard. Nodes that are not among them any more are forgotten.
    fn look<'n>(&mut self, peers: impl Iterator<Item = (NodeId, &'n str, Duration)>) -> Vec<Turn> {
        let before = std::mem::take(&mut self.0);
        let mut turns = Vec::new();
        for (node, name, silent) in peers {
            let name = name.to_owned();
            match before.get(&node) {
                Some(_) if silent >= SILENT_FOR => drop(self.0.insert(node, silent)),
                Some(away) => turns.push(Turn::Returned { node, name, away: *away }),
                None if silent >= SILENT_FOR => {
                    self.0.insert(node, silent);
                    turns.push(Turn::Left { node, name });
                }
                None => {}
            }
        }
        turns
    }
}

impl Turn {
    fn tell(&self) {
        match self {
            Self::Left { node, name } => {
                tracing::warn!(node, name, silent_for = ?SILENT_FOR, "a node is not heard any more");
            }
            Self::Returned { node, name, away } => {
                tracing::info!(node, name, away_for = ?away, "a node is heard again");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Absence, SILENT_FOR, Turn};
    use std::time::Duration;

    const HEARD: Duration = Duration::from_millis(40);

    fn looked(absence: &mut Absence, silent: Duration) -> Vec<Turn> {
        absence.look([(2, "r2", silent), (3, "r3", HEARD)].into_iter())
    }

    #[test]
    fn node_that_goes_away_is_told_of_once_and_once_more_when_it_is_back() {
        let mut absence = Absence::default();
        assert_eq!(looked(&mut absence, HEARD), []);
        assert_eq!(looked(&mut absence, SILENT_FOR / 2), []);
        assert_eq!(looked(&mut absence, SILENT_FOR), [Turn::Left { node: 2, name: "r2".into() }]);
        assert_eq!(looked(&mut absence, SILENT_FOR * 3), []);
        let back = Turn::Returned { node: 2, name: "r2".into(), away: SILENT_FOR * 3 };
        assert_eq!(looked(&mut absence, HEARD), [back]);
        assert_eq!(looked(&mut absence, HEARD), []);
    }

    #[test]
    fn node_that_was_removed_is_forgotten() {
        let mut absence = Absence::default();
        looked(&mut absence, SILENT_FOR);
        assert_eq!(absence.look([(3, "r3", HEARD)].into_iter()), []);
        assert_eq!(looked(&mut absence, HEARD), []);
    }
}
