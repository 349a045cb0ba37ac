//! Keeps who serves which VLAN in step with the VLANs, whatever changed them, and counts the changes.

use crate::apply::draft::Draft;
use crate::change::{Change, Operation};
use crate::id::{NodeId, VlanId};
use crate::lease::quarantine::Quarantine;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::model::dhcp_service::DhcpService;
use crate::model::rack_session::RackSession;
use crate::model::vlan::Vlan;
use crate::object::{Kind, TableKey as _};
use std::collections::BTreeSet;

/// Follows what an entry changed.
pub(in crate::apply) fn follow(draft: &mut Draft, changes: &[Change]) {
    for change in changes {
        let (kind, key) = (change.object.kind, &change.object.key);
        if kind == Kind::Vlan {
            VlanId::from_key(key).into_iter().for_each(|vlan| follow_one(draft, vlan));
        } else if kind == Kind::Node && change.operation == Operation::Delete {
            let rack = NodeId::from_key(key);
            rack.into_iter().for_each(|rack| drop(draft.state_mut().take::<RackSession>(&rack)));
        }
    }
}

/// After another site was brought in: its VLANs are served anew, and what racks gave in the one before is not known.
pub(in crate::apply) fn start_anew(draft: &mut Draft) {
    let sessions = draft.state().tables().rack_sessions.iter();
    let racks: BTreeSet<Server> = sessions
        .map(|(rack, row)| Server { rack: *rack, incarnation: row.value.incarnation })
        .collect();
    let quarantine = Quarantine::begin(racks, draft.now(), &Terms::default());
    let gone = draft.state().tables().dhcp_services.iter().map(|(vlan, _)| *vlan);
    let now = draft.state().tables().vlans.iter().map(|(vlan, _)| *vlan);
    for vlan in gone.chain(now).collect::<BTreeSet<_>>() {
        follow_one(draft, vlan);
        if let Some(row) = draft.state().get::<DhcpService>(&vlan).cloned() {
            let (epoch, servers) = (row.value.epoch + 1, row.value.servers.clone());
            let quarantine = quarantine.until(draft.now()).map(|_| quarantine.clone());
            draft.put(vlan, DhcpService { epoch, servers, quarantine });
        }
    }
}

fn follow_one(draft: &mut Draft, id: VlanId) {
    let last = draft.state().get::<DhcpService>(&id).cloned();
    let Some(vlan) = draft.state().get::<Vlan>(&id) else {
        draft.state_mut().take::<DhcpService>(&id);
        return;
    };
    let servers = vlan.value.dhcp_servers();
    let before = last.map_or_else(DhcpService::default, |row| row.value.clone());
    if servers != before.servers {
        draft.put(id, DhcpService { epoch: before.epoch + 1, servers, ..before });
    }
}
