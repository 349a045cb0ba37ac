//! A rack heard a DHCP server that is not ours. It is written down with its time, and told when it appears.

use crate::apply::draft::Draft;
use crate::apply::rack::fault;
use crate::apply::rack_event::{LEVEL_WARNING, Told, note};
use crate::command::rack::SawServer;
use crate::id::VlanId;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::foreign_dhcp::{ForeignDhcp, Sighting};
use crate::model::rack_fault::RackFault;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::outcome::LeaseAnswer;
use crate::query::network::subnets_around;
use crate::rejection::Rejection;
use crate::state::State;
use std::net::IpAddr;

/// Writes down what a rack heard.
///
/// # Errors
/// What no honest rack sends; nothing is done then.
pub(in crate::apply::rack) fn saw(
    draft: &mut Draft,
    rack: Server,
    heard: &SawServer,
) -> Result<LeaseAnswer, Rejection> {
    let SawServer { vlan, link, server } = *heard;
    if server.is_unspecified() || server.is_multicast() || server == link {
        return Err(Rejection::invalid("server", format!("{server} is nobody else's address")));
    }
    if !is_on(draft.state(), vlan, link) {
        fault::tell(draft, rack, RackFault::NotServed, Some(link));
        return Ok(LeaseAnswer::Refused(Refusal::NotServing));
    }
    let mut foreign = draft.state().get::<ForeignDhcp>(&vlan).map(|row| row.value.clone());
    let sighting = foreign.get_or_insert_default().saw(server, draft.now());
    draft.put(vlan, foreign.unwrap_or_default());
    let named = draft.row::<Vlan>(&vlan)?.value.external_dhcp;
    let is_shown = match sighting {
        Sighting::Repeated | Sighting::Again => named.is_none(),
        Sighting::New | Sighting::NewAmongMany => named != Some(server),
    };
    if is_shown {
        draft.modify::<Vlan>(&vlan, |vlan| vlan.external_dhcp = Some(server))?;
    }
    match sighting {
        Sighting::New => tell(draft, rack, heard),
        Sighting::Repeated | Sighting::Again | Sighting::NewAmongMany => {}
    }
    Ok(LeaseAnswer::Done)
}

/// Whether an address lies in a subnet of the VLAN: a rack has one wherever it has a wire.
fn is_on(state: &State, vlan: VlanId, link: IpAddr) -> bool {
    let subnets = subnets_around(state, link).filter_map(|id| state.get::<Subnet>(&id));
    subnets.into_iter().any(|subnet| subnet.value.vlan == vlan)
}

fn tell(draft: &mut Draft, rack: Server, heard: &SawServer) {
    let SawServer { vlan, server, .. } = heard;
    let description = format!(
        "rack {} hears the DHCP server {server}, which is none of this region, on VLAN {vlan}",
        rack.rack
    );
    let (event_type, ip_address) = ("FOREIGN_DHCP_SERVER", Some(*server));
    note(draft, rack.rack, Told { event_type, level: LEVEL_WARNING, ip_address, description });
}
