//! DHCP servers that are not ours, heard by a rack: into the log, in the rack's name, and to whoever had it look.

use crate::grpc::asking::InSession;
use crate::grpc::limits::ASK_TIME;
use crate::grpc::node::RackNode;
use crate::grpc::probing::Probed;
use crate::rack_board::Everyone;
use crate::rack_board::probe::{Finding, Wish};
use crate::rack_board::seen::link_on;
use regent_core::command::Command;
use regent_core::command::rack::{RackCommand, SawServer};
use regent_core::model::foreign_dhcp::{ForeignDhcp, SEEN_AGAIN_MILLIS};
use regent_core::query::dhcp_service::dhcp_service_of;
use regent_core::state::State;
use regent_raft::region::propose::Write;
use std::net::Ipv4Addr;
use std::time::Instant;

/// Servers of one look that come into the log.
const RECORDED_MAX: usize = 4;

/// Tells what a rack found of a wish. Where nobody waits for it any more, nothing is told.
pub async fn tell(node: RackNode, rack: InSession, wish: Option<Wish>, probed: Probed) {
    let Some(wish) = wish else { return };
    let everyone = node.shared.board.everyone();
    let published = node.region.published();
    let is_ours = |server: &Ipv4Addr| is_rack_of(&published.state, &everyone, wish, *server);
    let servers: Vec<_> = probed.servers.into_iter().filter(|server| !is_ours(server)).collect();
    drop(published);
    let finding = Finding { key: wish.key, servers: servers.clone(), trouble: probed.trouble };
    // Whoever waits does so for seconds, and an entry may take longer.
    node.shared.board.found(finding);
    for server in servers.iter().take(RECORDED_MAX) {
        record(&node, rack, wish, *server).await;
    }
}

/// Whether a server is a rack that serves the VLAN, by its address there.
fn is_rack_of(state: &State, everyone: &Everyone, wish: Wish, server: Ipv4Addr) -> bool {
    let racks = dhcp_service_of(state, wish.vlan).map_or(&[][..], |service| &service.servers);
    racks.iter().any(|rack| {
        let link = everyone.racks.get(rack).and_then(|(_, of)| link_on(state, of, wish.vlan));
        let told = everyone.addresses.get(&(*rack, wish.vlan)).copied();
        link == Some(server) || told == Some(server)
    })
}

/// Has it written down that the server was heard, unless it was a moment ago. Whether it was is of no matter to the rack.
async fn record(node: &RackNode, rack: InSession, wish: Wish, server: Ipv4Addr) {
    let published = node.region.published();
    let (state, server) = (&published.state, server.into());
    let seen = state.get::<ForeignDhcp>(&wish.vlan).and_then(|row| row.value.seen.get(&server));
    if seen.is_some_and(|seen| state.meta().now < seen.after(SEEN_AGAIN_MILLIS)) {
        return;
    }
    drop(published);
    let InSession { rack, system_id, session } = rack;
    let heard = SawServer { vlan: wish.vlan, link: wish.link.into(), server };
    let command = Command::Rack(RackCommand::SawServer { rack, session, heard });
    let principal = format!("rack:{system_id}");
    let write = Write { principal, key: None, guards: Vec::new(), command };
    match node.region.propose(write, Instant::now() + ASK_TIME).await.map(|reply| reply.result) {
        Ok(Ok(_)) => {}
        Ok(Err(rejection)) => tracing::warn!(%system_id, %rejection, "a sighting was refused"),
        Err(error) => tracing::warn!(%system_id, %error, "a sighting was not written down"),
    }
}
