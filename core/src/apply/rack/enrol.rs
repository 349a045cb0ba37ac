//! Enrolment: by a token that is used up with it, a machine becomes a rack or goes on as one that exists.

use crate::apply::cut_over;
use crate::apply::draft::Draft;
use crate::apply::node;
use crate::apply::noun;
use crate::apply::rack::session;
use crate::apply::rack_event::{LEVEL_INFO, Told, note};
use crate::apply::rack_token;
use crate::apply::site::defaults;
use crate::command::node::{NewInterface, NewNode, NodePatch};
use crate::command::rack::Enrol;
use crate::id::NodeId;
use crate::model::dns_name::LABEL_OCTETS_MAX;
use crate::model::hostname::Hostname;
use crate::model::node::{ControllerInfo, Node, NodeType};
use crate::model::rack_key::RackKey;
use crate::net::mac::MacAddr;
use crate::outcome::Outcome;
use crate::query::rack_life::present_life;
use crate::rejection::Rejection;
use std::collections::BTreeSet;

/// Names that are tried for a rack whose own is taken, before it is called by its system id.
const NAMES_TRIED_MAX: u32 = 100;

pub(in crate::apply::rack) fn run(draft: &mut Draft, wish: &Enrol) -> Result<Outcome, Rejection> {
    let token = rack_token::redeem(draft, wish.token)?;
    let rack = match token.rack {
        Some(rack) => go_on_as(draft, rack, wish)?,
        None => node::create(draft, &newcomer(draft, wish)?)?,
    };
    let system_id = draft.row::<Node>(&rack)?.value.system_id;
    draft.put(rack, RackKey { system_id, digest: wish.key });
    let how = if token.rack.is_some() { "enrolled again, on other records" } else { "enrolled" };
    let description = format!("rack {system_id} {how}, by a token of {:?}", token.created_by);
    let event_type = "RACK_ENROLLED";
    note(draft, rack, Told { event_type, level: LEVEL_INFO, ip_address: None, description });
    Ok(Outcome::Enrolled { rack, system_id })
}

/// Whoever was this rack is it no longer: its session and its life are over.
fn go_on_as(draft: &mut Draft, rack: NodeId, wish: &Enrol) -> Result<NodeId, Rejection> {
    let life = present_life(draft.state(), rack);
    session::end(draft, life);
    cut_over::follow_rack(draft, rack);
    noun::update::<Node>(draft, rack, |node| {
        let known = node.controller.take().unwrap_or_default();
        node.controller = Some(ControllerInfo { version: wish.version.clone(), ..known });
    })?;
    Ok(rack)
}

fn newcomer(draft: &Draft, wish: &Enrol) -> Result<NewNode, Rejection> {
    let version = wish.version.clone();
    let controller = ControllerInfo { version, ..ControllerInfo::default() };
    let fields = NodePatch {
        hostname: free_name(draft, &wish.hostname)?,
        controller: Some(Some(controller)),
        ..NodePatch::default()
    };
    let interfaces = new_cards(draft, &wish.interfaces);
    Ok(NewNode { node_type: NodeType::RackController, fields, interfaces })
}

/// The name, or one with a number behind it that no node of the site's domain has; none if all are taken.
fn free_name(draft: &Draft, wanted: &Hostname) -> Result<Option<Hostname>, Rejection> {
    let domain = Some(defaults(draft)?.domain);
    let taken = &draft.state().indexes().nodes_by_name;
    let mut names = std::iter::once(wanted.clone())
        .chain((2..=NAMES_TRIED_MAX).filter_map(|number| numbered(wanted, number)));
    Ok(names.find(|name| taken.first_under(&(name.clone(), domain)).is_none()))
}

/// `rack-2` after `rack`; what is too long for a label loses its end.
fn numbered(name: &Hostname, number: u32) -> Option<Hostname> {
    let end = format!("-{number}");
    let stem = name.as_str().get(..LABEL_OCTETS_MAX - end.len()).unwrap_or(name.as_str());
    Hostname::new(&format!("{}{end}", stem.trim_end_matches('-'))).ok()
}

/// The cards that no node has: that of a machine which was known before stays with what it was known as.
fn new_cards(draft: &Draft, told: &[NewInterface]) -> Vec<NewInterface> {
    let known = &draft.state().indexes().interfaces_by_mac;
    let mut seen: BTreeSet<MacAddr> = BTreeSet::new();
    let mut is_new =
        |mac: MacAddr| !mac.is_multicast() && known.first_under(&mac).is_none() && seen.insert(mac);
    told.iter().filter(|card| is_new(card.mac_address)).cloned().collect()
}
