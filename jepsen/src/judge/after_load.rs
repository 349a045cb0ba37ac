//! All that can be judged of a cluster once its load has ended: what nodes show, what they wrote into their lines, and, when they
//! have stopped, the logs on their disks.

use crate::cluster::group::Group;
use crate::cluster::node::Node;
use crate::cluster::place::Place;
use crate::cluster::status::Agreement;
use crate::judge::addresses;
use crate::judge::breakage;
use crate::judge::committed::{self, Replayed};
use crate::judge::expected::Expected;
use crate::judge::names;
use crate::judge::objects::Shown;
use crate::judge::order;
use crate::judge::violation::Violation;
use crate::load::record::WriteRecord;
use regent_raft::offline_log::OfflineLog;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The one state of all nodes.
    pub agreed: Agreement,
    /// What the committed log says; none if no node has it whole and none needs to.
    pub replayed: Option<Replayed>,
    /// What was looked at, in words.
    pub judged: Vec<String>,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// Whether a node must have kept its whole log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WholeLog {
    /// Yes: without it nothing can be judged.
    Demanded,
    /// It is looked at if there is one.
    IfThere,
}

/// Judges, and stops all nodes.
///
/// # Errors
/// When nodes do not come to one state, or cannot be asked or stopped.
pub async fn judge(
    group: &mut Group,
    writes: &[WriteRecord],
    log: WholeLog,
) -> anyhow::Result<Found> {
    let mut violations = breakage::in_answers(writes);
    violations.extend(order::judge(writes));
    let expected = Expected::new(writes);
    let agreed = group.agreement().await?;
    let Agreement { index, digest } = &agreed;
    let judged = vec![format!("all nodes at index {index} with digest {}…", &digest[..12])];
    let mut found = Found { agreed, replayed: None, judged, violations };
    for node in &group.nodes {
        let Place { name, dns, api, .. } = &node.place;
        let shown = Shown::read(&group.http, api).await?;
        found.judged.push(format!("{name} shows {} objects", shown.count()));
        found.violations.extend(shown.judge(&expected, name));
        found.violations.extend(addresses::judge(writes, &shown.addresses, name));
        found.violations.extend(names::judge(&shown.texts, dns, name).await?);
    }
    group.stop().await?;
    for Place { name, log, .. } in group.nodes.iter().map(|node| &node.place) {
        found.violations.extend(breakage::in_log_lines(name, log)?);
    }
    found.logs(&group.nodes, &expected, log)?;
    Ok(found)
}

impl Found {
    /// By the whole log of the last node that has one.
    fn logs(
        &mut self,
        nodes: &[Node],
        expected: &Expected<'_>,
        wanted: WholeLog,
    ) -> anyhow::Result<()> {
        let read = |node: &Node| OfflineLog::read(&node.place.directory);
        let mut logs = nodes.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let whole = logs.iter().rposition(|log| log.purged.is_none());
        if whole.is_none() && wanted == WholeLog::IfThere {
            self.judged.push("no node has its whole log".into());
            return Ok(());
        }
        // Without one the last is found unusable.
        let witness = logs.remove(whole.unwrap_or(logs.len() - 1));
        let (replayed, violations) = committed::judge(&witness, &logs, &self.agreed, expected);
        self.judged.push(format!(
            "{} committed entries applied again: {} writes took effect, {} repetitions had none",
            replayed.entries,
            replayed.effects.len(),
            replayed.repetitions
        ));
        self.violations.extend(violations);
        self.replayed = Some(replayed);
        Ok(())
    }
}
