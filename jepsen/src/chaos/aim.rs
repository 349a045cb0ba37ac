//! Whom a fault of the network means, as the cluster is just now.

use crate::chaos::plan::{Shape, Whom, Wire};
use crate::chaos::record::NO_TARGET;
use crate::chaos::rig::Rig;
use crate::chaos::ways::{Way, minority, ways};
use std::collections::BTreeSet;

/// What it means.
pub struct Aim {
    /// The nodes that are apart from the rest, by name.
    pub few: Vec<String>,
    /// The ways it is about.
    pub ways: BTreeSet<Way>,
}

/// Aims.
///
/// # Errors
/// Why there is nothing to aim at.
pub async fn aim(rig: &Rig, (shape, wire): (Shape, Wire), dice: u64) -> Result<Aim, &'static str> {
    let whom = match shape {
        Shape::LeaderAlone | Shape::Deaf | Shape::Mute => Whom::Leader,
        Shape::Halves | Shape::Bridge | Shape::Ring => Whom::Minority,
    };
    let order = rig.order(whom, dice).await.ok_or(NO_TARGET)?;
    let ways = ways(shape, wire, &order);
    if ways.is_empty() {
        return Err("there is nothing to cut among so few nodes");
    }
    Ok(Aim { few: rig.names(&order[..minority(order.len())]), ways })
}
