//! Whom or what somebody means who asks why: an address, a hardware address, a name.

use crate::id::NodeId;
use crate::model::hostname::Hostname;
use crate::model::interface::Interface;
use crate::model::lease::Lease;
use crate::net::mac::MacAddr;
use crate::object::{Kind, TableKey as _};
use crate::query::named::named;
use crate::query::owned::interfaces_of;
use crate::state::State;
use std::net::IpAddr;

/// Cards that one name may stand for.
pub const CARDS_MAX: usize = 32;

/// What was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An address.
    Address(IpAddr),
    /// Clients, by their hardware addresses; none if nobody is known by that name.
    Clients(Vec<MacAddr>),
}

/// What a text means.
#[must_use]
pub fn subject(state: &State, text: &str) -> Subject {
    if let Ok(address) = text.parse() {
        return Subject::Address(address);
    }
    if let Ok(mac_address) = text.parse() {
        return Subject::Clients(vec![mac_address]);
    }
    let mut cards: Vec<MacAddr> = Vec::new();
    for card in cards_of_node(state, text).chain(cards_called(state, text)) {
        if !cards.contains(&card) && cards.len() < CARDS_MAX {
            cards.push(card);
        }
    }
    Subject::Clients(cards)
}

/// The cards of the node of this name.
fn cards_of_node(state: &State, name: &str) -> impl Iterator<Item = MacAddr> {
    let node = named(state, Kind::Node, name).and_then(|key| NodeId::from_key(&key));
    let cards = node.into_iter().flat_map(|node| interfaces_of(state, node));
    cards.filter_map(|card| state.get::<Interface>(&card)?.value.mac_address)
}

/// The clients that call themselves this, and have an address.
fn cards_called(state: &State, name: &str) -> impl Iterator<Item = MacAddr> {
    let label = name.split('.').next().and_then(|label| Hostname::new(label).ok());
    let called: Vec<IpAddr> = label
        .map(|label| state.indexes().leases_by_name.under(&label).map(|(_, ip)| *ip).collect())
        .unwrap_or_default();
    called.into_iter().filter_map(|address| state.get::<Lease>(&address)?.value.mac_address())
}
