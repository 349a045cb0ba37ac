//! What is recorded around an address that a rack asks about, and what the region answers. Apply asks it when a rack does, and
//! readers who want to know why.

use crate::id::SubnetId;
use crate::lease::adopt::Adopt;
use crate::lease::binding::{Binding, Client, Tenure};
use crate::lease::block::Block;
use crate::lease::commit::{Commit, commit};
use crate::lease::free::Standing;
use crate::lease::quarantine::Quarantine;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::cut_over::CutOver;
use crate::model::dhcp_service::DhcpService;
use crate::model::interface::Interface;
use crate::model::lease::Lease;
use crate::model::quarantine::QUARANTINE;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::query::cut_over::closed_until;
use crate::query::dhcp_service::dhcp_service_of;
use crate::query::lease_block::block_around;
use crate::query::network::{dynamic_range_around, subnet_of};
use crate::query::terms::terms_of;
use crate::state::State;
use crate::state::table::Row;
use crate::time::ClusterTime;
use std::net::IpAddr;
use std::sync::Arc;

/// All that is recorded of one address, as it was looked up.
#[derive(Clone, Debug)]
pub struct Around {
    /// The subnet whose DHCP it belongs to.
    pub subnet: Option<SubnetId>,
    /// Whether it lies in a dynamic range.
    pub is_dynamic: bool,
    lease: Option<Arc<Row<Lease>>>,
    block: Option<Block>,
    kept_for: Option<Vec<Client>>,
    closed_until: Option<ClusterTime>,
    served_since: Option<ClusterTime>,
    quarantine: Option<Arc<Row<Quarantine>>>,
}

impl Around {
    /// Looks everything up.
    #[must_use]
    pub fn of(state: &State, address: IpAddr) -> Self {
        let subnet = subnet_around(state, address);
        let cut_over = subnet.and_then(|subnet| state.get::<CutOver>(&subnet));
        Self {
            subnet,
            is_dynamic: dynamic_range_around(state, address).is_some(),
            lease: state.get::<Lease>(&address).cloned(),
            block: block_around(state, address).map(|(_, block)| block.block),
            kept_for: kept_for(state, address),
            closed_until: closed_until(state, subnet, address),
            served_since: cut_over.and_then(|row| row.value.served_since),
            quarantine: state.get::<Quarantine>(&QUARANTINE).cloned(),
        }
    }

    /// The lease it has, or had.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref().map(|row| &row.value)
    }

    /// The same as the rules of the lease protocol want it.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            binding: self.lease().map(|lease| &lease.binding),
            block: self.block.as_ref(),
            kept_for: self.kept_for.as_deref(),
            closed_until: self.closed_until,
            quarantine: self.quarantine.as_ref().map(|row| &row.value),
        }
    }

    /// What the region answers a rack that asks for the address in this epoch of the service (rules R1, R2, R6).
    ///
    /// # Errors
    /// Why not.
    pub fn judge(&self, state: &State, wish: &Commit, epoch: u64) -> Result<Binding, Refusal> {
        check_serves(state, wish.server, self.subnet, epoch)?;
        self.check_given_to(&wish.client)?;
        // The other server may have given it to somebody else since, as if no rack of ours had.
        let before = self.lease().filter(|_| !self.is_of_now());
        let before = before.map(|lease| Binding { acknowledged_by: None, ..lease.binding.clone() });
        let standing = self.standing();
        let standing = Standing { binding: before.as_ref().or(standing.binding), ..standing };
        commit(&standing, wish, state.meta().now, &terms_of(state))
    }

    /// Whether what is recorded of the address was not overtaken: a rack gave it since racks of ours serve the subnet, or no
    /// other server can have.
    #[must_use]
    pub fn is_of_now(&self) -> bool {
        let given = self.lease().filter(|lease| lease.binding.acknowledged_by.is_some());
        let is_since = |since: ClusterTime| given.is_some_and(|lease| since <= lease.start);
        self.closed_until.is_none() || self.served_since.is_some_and(is_since)
    }

    /// Whether the address is one that DHCP gives to anybody.
    ///
    /// # Errors
    /// [`Refusal::NotGiven`].
    pub fn check_given(&self) -> Result<(), Refusal> {
        if self.is_dynamic || self.kept_for.is_some() { Ok(()) } else { Err(Refusal::NotGiven) }
    }

    /// Whether the address is one that DHCP gives to this client.
    ///
    /// # Errors
    /// [`Refusal::NotGiven`].
    fn check_given_to(&self, client: &Client) -> Result<(), Refusal> {
        let is_kept = self.kept_for.as_ref().is_some_and(|clients| clients.contains(client));
        if self.is_dynamic || is_kept { Ok(()) } else { Err(Refusal::NotGiven) }
    }
}

/// The subnet whose DHCP an address belongs to: that of its dynamic range, where imported subnets lie within each other.
#[must_use]
pub fn subnet_around(state: &State, address: IpAddr) -> Option<SubnetId> {
    let range = dynamic_range_around(state, address).map(|row| row.value.subnet);
    range.or_else(|| subnet_of(state, address).map(|(id, _)| id))
}

/// Whether the rack serves a subnet in this epoch (rules R1 and R10).
///
/// # Errors
/// [`Refusal::NotServing`].
pub fn check_serves(
    state: &State,
    server: Server,
    subnet: Option<SubnetId>,
    epoch: u64,
) -> Result<(), Refusal> {
    let service = subnet.and_then(|subnet| service_of(state, subnet));
    let serves = service.filter(|service| service.servers.contains(&server.rack));
    if serves.is_some_and(|service| service.epoch == epoch) {
        Ok(())
    } else {
        Err(Refusal::NotServing)
    }
}

/// Whether the rack has to do with an address: it serves it, whatever the epoch, or could give it alone.
///
/// # Errors
/// [`Refusal::NotServing`].
pub fn check_concerned(state: &State, server: Server, around: &Around) -> Result<(), Refusal> {
    let service = around.subnet.and_then(|subnet| service_of(state, subnet));
    let serves = service.is_some_and(|service| service.servers.contains(&server.rack));
    let is_given = around.is_dynamic || around.kept_for.is_some() || around.lease.is_some();
    let may_act = around.standing().binding.is_some_and(|binding| binding.knows(server));
    let has_block = around.block.is_some_and(|block| block.server == server);
    if (serves && is_given) || may_act || has_block { Ok(()) } else { Err(Refusal::NotServing) }
}

/// Whether the rack may tell of what it gave. After a restore the region may have forgotten also that it kept the address for the
/// client that has it for good.
///
/// # Errors
/// [`Refusal::NotServing`].
pub fn check_may_tell(state: &State, told: &Adopt, around: &Around) -> Result<(), Refusal> {
    let quarantine = around.quarantine.as_ref();
    let is_restored = quarantine.is_some_and(|row| row.value.until(state.meta().now).is_some());
    let service = around.subnet.and_then(|subnet| service_of(state, subnet));
    match told.tenure {
        Tenure::ForGood
            if is_restored && service.is_some_and(|of| of.servers.contains(&told.server.rack)) =>
        {
            Ok(())
        }
        Tenure::ForGood | Tenure::Leased => check_concerned(state, told.server, around),
    }
}

/// Who serves a subnet: the racks of its VLAN, or of the VLAN to which a relay brings its clients.
#[must_use]
pub fn service_of(state: &State, subnet: SubnetId) -> Option<&DhcpService> {
    dhcp_service_of(state, state.get::<Subnet>(&subnet)?.value.vlan)
}

/// The clients an address is kept for; none if it is kept for nobody in particular. An address that somebody has who is
/// no DHCP client is kept for no client at all.
fn kept_for(state: &State, address: IpAddr) -> Option<Vec<Client>> {
    let indexes = state.indexes();
    let reserved = indexes.reserved_ips_by_ip.under(&address);
    let reserved = reserved.filter_map(|id| state.get::<ReservedIp>(id));
    let mut clients: Vec<_> = reserved.map(|row| Client::Card(row.value.mac_address)).collect();
    let mut is_kept = !clients.is_empty();
    let held = indexes.addresses_by_ip.under(&address);
    let held = held.filter_map(|id| state.get::<StaticIpAddress>(id)).map(|row| &row.value);
    for given in held.filter(|given| given.alloc_type != AllocType::Discovered) {
        is_kept = true;
        let cards = given.interfaces.iter().filter_map(|id| state.get::<Interface>(id));
        let macs = cards.filter_map(|row| row.value.mac_address);
        clients.extend(macs.map(Client::Card));
    }
    is_kept.then_some(clients)
}
