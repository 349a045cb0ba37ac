//! Keeps who serves which VLAN in step with the VLANs, and lives and keys of racks with the racks, whatever changed them.

use crate::apply::cut_over;
use crate::apply::draft::Draft;
use crate::apply::rack::session;
use crate::apply::rack_token;
use crate::change::{Change, Operation};
use crate::id::{NodeId, RackLifeId, SubnetId, SystemId, VlanId};
use crate::lease::quarantine::Quarantine;
use crate::lease::server::Server;
use crate::model::dhcp_service::DhcpService;
use crate::model::foreign_dhcp::ForeignDhcp;
use crate::model::node::Node;
use crate::model::quarantine::QUARANTINE;
use crate::model::rack_key::RackKey;
use crate::model::rack_life::RackLife;
use crate::model::vlan::Vlan;
use crate::object::{Kind, TableKey as _};
use crate::query::terms::longest_terms_of;
use std::collections::BTreeSet;

/// Follows what an entry changed.
pub(in crate::apply) fn follow(draft: &mut Draft, changes: &[Change]) {
    for change in changes {
        let (kind, key) = (change.object.kind, &change.object.key);
        if kind == Kind::Vlan {
            if let Some(vlan) = VlanId::from_key(key) {
                follow_one(draft, vlan);
                cut_over::follow(draft, vlan);
            }
        } else if kind == Kind::Subnet {
            SubnetId::from_key(key).into_iter().for_each(|id| cut_over::follow_subnet(draft, id));
        } else if kind == Kind::Node && change.operation == Operation::Delete {
            NodeId::from_key(key).into_iter().for_each(|rack| forget(draft, rack));
        }
    }
}

/// After another site was brought in: its VLANs are served anew, no session goes on, and what racks gave in the one before
/// is not known. A rack that is in the new site, too, may go on with its records.
pub(in crate::apply) fn start_anew(draft: &mut Draft) {
    let services = draft.state().tables().dhcp_services.iter().map(|(vlan, _)| *vlan);
    let vlans = draft.state().tables().vlans.iter().map(|(vlan, _)| *vlan);
    let foreign = draft.state().tables().foreign_dhcp.iter().map(|(vlan, _)| *vlan);
    for vlan in services.chain(vlans).chain(foreign).collect::<BTreeSet<_>>() {
        follow_one(draft, vlan);
        if let Some(row) = draft.state().get::<DhcpService>(&vlan).cloned() {
            let (epoch, servers) = (row.value.epoch + 1, row.value.servers.clone());
            draft.put(vlan, DhcpService { epoch, servers });
        }
    }
    let lives = draft.state().tables().rack_lives.iter();
    let lives: Vec<(RackLifeId, RackLife)> =
        lives.map(|(id, row)| (*id, row.value.clone())).collect();
    let servers: BTreeSet<Server> = lives.iter().map(|(id, life)| life.server(*id)).collect();
    for (id, life) in lives {
        if goes_on(draft, life.rack, life.system_id) {
            draft.put(id, RackLife { session: None, ..life });
        } else {
            session::end(draft, Some(id));
        }
    }
    forget_strangers(draft);
    let terms = longest_terms_of(draft.state());
    let quarantine = Quarantine::begin(servers, draft.now(), &terms);
    if quarantine.until(draft.now()).is_some() {
        draft.put(QUARANTINE, quarantine);
    }
}

/// Ends the lives of a node that is gone; whoever has its key is nobody now.
fn forget(draft: &mut Draft, rack: NodeId) {
    let lives = draft.state().indexes().rack_lives_by_rack.under(&rack).copied();
    for life in lives.collect::<Vec<_>>() {
        session::end(draft, Some(life));
    }
    draft.state_mut().take::<RackKey>(&rack);
}

/// Whether a rack of the site before is the same one in this site.
fn goes_on(draft: &Draft, rack: NodeId, system_id: SystemId) -> bool {
    let node = draft.state().get::<Node>(&rack).map(|row| &row.value);
    node.is_some_and(|node| node.node_type.is_rack() && node.system_id == system_id)
}

/// Takes back keys of racks that this site does not have, and every token for a rack: it was made for one of the site before.
fn forget_strangers(draft: &mut Draft) {
    let keys = draft.state().tables().rack_keys.iter();
    let strangers = keys.filter(|(rack, row)| !goes_on(draft, **rack, row.value.system_id));
    for rack in strangers.map(|(rack, _)| *rack).collect::<Vec<_>>() {
        draft.state_mut().take::<RackKey>(&rack);
    }
    rack_token::revoke_for_all_racks(draft);
}

fn follow_one(draft: &mut Draft, id: VlanId) {
    let last = draft.state().get::<DhcpService>(&id).cloned();
    let Some(vlan) = draft.state().get::<Vlan>(&id) else {
        draft.state_mut().take::<DhcpService>(&id);
        draft.state_mut().take::<ForeignDhcp>(&id);
        return;
    };
    let servers = vlan.value.dhcp_servers();
    let before = last.map_or_else(DhcpService::default, |row| row.value.clone());
    if servers != before.servers {
        draft.put(id, DhcpService { epoch: before.epoch + 1, servers });
    }
}
