//! Why an address is given or not, and what a client gets: the region's own decision, taken once more for whoever asks, with
//! everything that bears on it. What racks see on the wire is not known here.

pub mod address;
pub mod client;
pub mod fact;
pub mod subject;

use crate::net::mac::MacAddr;
use crate::query::lease_why::address::{AddressAnswer, address_answer};
use crate::query::lease_why::client::{ClientAnswer, client_answers};
use crate::query::lease_why::subject::{Subject, subject};
use crate::state::State;

/// Addresses of one client that are explained.
const ADDRESSES_MAX: usize = 8;

/// What is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of an address.
    Address(AddressAnswer),
    /// Of a client on a VLAN.
    Client(ClientAnswer),
    /// Nobody knows on which VLAN this client is: no interface, reservation or lease has its hardware address.
    Unknown(MacAddr),
}

/// What is found of what a text means: an address, a hardware address, or a name. Nothing, if nobody has that name.
#[must_use]
pub fn why(state: &State, text: &str) -> Vec<Answer> {
    match subject(state, text) {
        Subject::Address(address) => vec![Answer::Address(address_answer(state, address))],
        Subject::Clients(cards) => {
            cards.into_iter().flat_map(|card| of_client(state, card)).collect()
        }
    }
}

fn of_client(state: &State, mac_address: MacAddr) -> Vec<Answer> {
    let clients: Vec<_> =
        client_answers(state, mac_address).into_iter().map(Answer::Client).collect();
    if clients.is_empty() {
        return vec![Answer::Unknown(mac_address)];
    }
    let had = state.indexes().leases_by_mac.under(&mac_address).take(ADDRESSES_MAX);
    let had = had.map(|address| Answer::Address(address_answer(state, *address)));
    clients.into_iter().chain(had).collect()
}
