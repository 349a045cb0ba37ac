//! A request where it belongs: which VLAN it is about.
//!
//! That is told by the relay or by the interface it came in at, never by the address the client would like. What is said
//! to come through a relay is believed only as far as a relay could have sent it.

use crate::dhcp::action::Silence;
use crate::dhcp::arrival::{Arrival, Cast};
use crate::dhcp::client_at::ClientAt;
use crate::dhcp::message::request::{Kind, Request};
use crate::dhcp::view::site::{View, Vlan};
use regent_core::lease::binding::Client;
use regent_core::rack_view::subnet::Subnet;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

const PXE_CLASS: &[u8] = b"PXEClient";
const HTTP_CLASS: &[u8] = b"HTTPClient";

/// Which hearing a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// It has just come in.
    First,
    /// It was left to another rack, and nothing shows that anybody has answered.
    Overdue,
}

/// A request and the VLAN it is about.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The request.
    pub request: &'a Request,
    /// How it came in.
    pub arrival: &'a Arrival,
    /// The VLAN.
    pub vlan: &'a Vlan,
    /// An address in the client's subnet, if a relay told one.
    pub link: Option<Ipv4Addr>,
    /// Which hearing it gets.
    pub hearing: Hearing,
}

impl<'a> Scene<'a> {
    /// Finds the VLAN: by what the relay says, else by the interface. A client that speaks to this rack alone has an
    /// address, and is found by that: it may be behind a relay.
    ///
    /// # Errors
    /// Why nobody is answered.
    pub fn of(request: &'a Request, arrival: &'a Arrival, view: &'a View) -> Result<Self, Silence> {
        let (vlan, link) = match request.giaddr {
            Some(giaddr) => {
                let link = request.relay.as_ref().and_then(|relay| relay.link).unwrap_or(giaddr);
                (relayed(giaddr, link, arrival, view)?, Some(link))
            }
            None => (direct(request, arrival, view)?, None),
        };
        Ok(Self { request, arrival, vlan, link, hearing: Hearing::First })
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &'a Client {
        &self.request.client
    }

    /// The client, on its VLAN.
    #[must_use]
    pub fn client_at(&self) -> ClientAt {
        ClientAt { vlan: self.vlan.id, client: self.client().clone() }
    }

    /// What the client takes for the rack's address: its own, unless the relay wants to stand in between (RFC 5107).
    #[must_use]
    pub fn server_id(&self) -> Ipv4Addr {
        self.stand_in().unwrap_or(self.vlan.server_id)
    }

    /// The address at which a relay stands in for all racks alike.
    #[must_use]
    pub fn stand_in(&self) -> Option<Ipv4Addr> {
        let relay = self.request.relay.as_ref().filter(|_| self.request.giaddr.is_some());
        relay.and_then(|relay| relay.server_id)
    }

    /// Whether the client asks this rack and no other. A relay asks every rack it knows.
    #[must_use]
    pub fn is_to_us_alone(&self) -> bool {
        match self.arrival.cast {
            Cast::Unicast => self.request.giaddr.is_none(),
            Cast::Broadcast => false,
        }
    }

    /// Whether the client is where it says: it sends from that address, or through a relay of the VLAN.
    #[must_use]
    pub fn comes_from(&self, address: Ipv4Addr) -> bool {
        self.request.giaddr.is_some() || self.arrival.source == address
    }

    /// Whether the client came through routers, by itself: it cannot be reached by broadcast.
    #[must_use]
    pub fn is_routed(&self) -> bool {
        self.is_to_us_alone() && self.vlan.id != self.arrival.vlan
    }

    /// The VLAN's subnets, that of the relay first.
    pub fn subnets(&self) -> impl Iterator<Item = &'a Subnet> {
        let vlan = self.vlan;
        let first = self.link.and_then(|link| vlan.subnet_of(link));
        let others = vlan
            .subnets
            .iter()
            .filter(move |subnet| Some(subnet.id) != first.map(|first| first.id));
        first.into_iter().chain(others)
    }

    /// Whether firmware or a loader asks, which needs the address for moments only.
    #[must_use]
    pub fn is_booting(&self) -> bool {
        self.request.is_of_vendor_class(PXE_CLASS) || self.asks_for_http()
    }

    /// Whether firmware asks that boots over HTTP.
    #[must_use]
    pub fn asks_for_http(&self) -> bool {
        self.request.is_of_vendor_class(HTTP_CLASS)
    }

    /// For how long the client gets an address of a subnet: as it asks, within what the subnet allows.
    #[must_use]
    pub fn life(&self, subnet: &Subnet) -> Millis {
        let longest = subnet.terms.life;
        let usual = if self.is_booting() { subnet.boot_life.min(longest) } else { longest };
        self.request
            .life
            .filter(|wish| *wish > Millis(0))
            .map_or(usual, |wish| wish.clamp(LIFE_MIN.min(usual), usual))
    }
}

/// A client that asks for less gets this, where the subnet allows as much.
pub const LIFE_MIN: Millis = Millis::from_secs(30);

/// The VLAN a relay means. Relays speak to each server by itself, from a network that is known, about networks that have no
/// wire here: what else claims a relay comes from somebody who would empty another VLAN, or have replies sent elsewhere.
fn relayed<'a>(
    giaddr: Ipv4Addr,
    link: Ipv4Addr,
    arrival: &Arrival,
    view: &'a View,
) -> Result<&'a Vlan, Silence> {
    let vlan = view.vlan_with(link).ok_or(Silence::UnknownNetwork)?;
    match arrival.cast {
        Cast::Unicast if view.may_be_relay(giaddr) && !vlan.is_on_a_wire() => Ok(vlan),
        Cast::Unicast | Cast::Broadcast => Err(Silence::UnknownRelay),
    }
}

/// The VLAN of a client that came by itself.
fn direct<'a>(request: &Request, arrival: &Arrival, view: &'a View) -> Result<&'a Vlan, Silence> {
    let vlan = match arrival.cast {
        Cast::Broadcast => view.vlan(arrival.vlan),
        Cast::Unicast => {
            let has_address = request.kind != Kind::Discover;
            let ciaddr = request.ciaddr.filter(|ciaddr| *ciaddr == arrival.source && has_address);
            view.vlan_with(ciaddr.ok_or(Silence::Contradiction)?)
        }
    };
    vlan.ok_or(Silence::UnknownNetwork)
}
