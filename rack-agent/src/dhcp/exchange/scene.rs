//! A request where it belongs: which VLAN it is about.
//!
//! That is told by the relay or by the interface it came in at, never by the address the client would like.

use crate::dhcp::arrival::{Arrival, Cast};
use crate::dhcp::message::request::Request;
use crate::dhcp::view::site::{View, Vlan};
use regent_core::lease::binding::Client;
use regent_core::rack_view::subnet::Subnet;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

const PXE_CLASS: &[u8] = b"PXEClient";
const HTTP_CLASS: &[u8] = b"HTTPClient";

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
}

impl<'a> Scene<'a> {
    /// Finds the VLAN: by what the relay says, else by the interface. A client behind a relay that renews its address
    /// comes by itself, and is found by the address it comes from.
    #[must_use]
    pub fn of(request: &'a Request, arrival: &'a Arrival, view: &'a View) -> Option<Self> {
        let (vlan, link) = match request.giaddr {
            Some(giaddr) => {
                let link = request.relay.as_ref().and_then(|relay| relay.link).unwrap_or(giaddr);
                (view.vlan_with(link)?, Some(link))
            }
            None => (routed(request, arrival, view).or_else(|| view.vlan(arrival.vlan))?, None),
        };
        Some(Self { request, arrival, vlan, link })
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &'a Client {
        &self.request.client
    }

    /// What the client takes for the rack's address: its own, unless the relay wants to stand in between (RFC 5107).
    #[must_use]
    pub fn server_id(&self) -> Ipv4Addr {
        let relay = self.request.relay.as_ref().filter(|_| self.request.giaddr.is_some());
        relay.and_then(|relay| relay.server_id).unwrap_or(self.vlan.server_id)
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

fn routed<'a>(request: &Request, arrival: &Arrival, view: &'a View) -> Option<&'a Vlan> {
    let ciaddr = request.ciaddr.filter(|ciaddr| *ciaddr == arrival.source)?;
    match arrival.cast {
        Cast::Unicast => view.vlan_with(ciaddr),
        Cast::Broadcast => None,
    }
}
