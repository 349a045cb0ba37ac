//! Events about racks and what they serve that the region notes by itself, for somebody to look at.

use crate::apply::draft::Draft;
use crate::apply::event;
use crate::id::NodeId;
use crate::model::event::Event;
use crate::model::node::Node;
use std::net::IpAddr;

/// Python's `logging.INFO`: as it should be.
pub(in crate::apply) const LEVEL_INFO: u8 = 20;
/// Python's `logging.WARNING`: somebody should know.
pub(in crate::apply) const LEVEL_WARNING: u8 = 30;
/// Python's `logging.CRITICAL`: somebody has to look at it now.
pub(in crate::apply) const LEVEL_CRITICAL: u8 = 50;

/// What is to be told.
pub(in crate::apply) struct Told<'a> {
    pub(in crate::apply) event_type: &'a str,
    pub(in crate::apply) level: u8,
    pub(in crate::apply) ip_address: Option<IpAddr>,
    pub(in crate::apply) description: String,
}

/// Notes something about a rack. A request that has no room left for the note does without it.
pub(in crate::apply) fn note(draft: &mut Draft, rack: NodeId, told: Told<'_>) {
    record(draft, Some(rack), told);
}

/// As [`note`], of something that is about no rack.
pub(in crate::apply) fn note_without_rack(draft: &mut Draft, told: Told<'_>) {
    record(draft, None, told);
}

fn record(draft: &mut Draft, rack: Option<NodeId>, told: Told<'_>) {
    let node = rack.and_then(|rack| draft.state().get::<Node>(&rack)).map(|row| &row.value);
    let system_id = node.map_or_else(String::new, |node| node.system_id.to_string());
    let hostname = node.map_or_else(String::new, |node| node.hostname.to_string());
    let event = Event {
        event_type: told.event_type.to_owned(),
        level: told.level,
        node: rack.filter(|_| node.is_some()),
        node_system_id: system_id,
        node_hostname: hostname,
        user: None,
        username: String::new(),
        ip_address: told.ip_address,
        user_agent: String::new(),
        endpoint: 0,
        action: String::new(),
        description: told.description,
        happened: draft.wall(),
    };
    drop(event::record(draft, &event));
}
