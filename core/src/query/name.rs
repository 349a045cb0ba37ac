//! What people call an object, where that says more than the key it is found by.

use crate::model::availability_zone::AvailabilityZone;
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::fabric::Fabric;
use crate::model::interface::Interface;
use crate::model::ip_range::IpRange;
use crate::model::node::Node;
use crate::model::reserved_ip::ReservedIp;
use crate::model::resource_pool::ResourcePool;
use crate::model::space::Space;
use crate::model::static_ip_address::StaticIpAddress;
use crate::model::subnet::Subnet;
use crate::model::tag::Tag;
use crate::model::user::User;
use crate::model::vlan::Vlan;
use crate::object::{Key, ObjectRef, TableKey as _};
use crate::state::State;
use crate::state::tables::{KindVisitor, Stored, visit_kind};
use std::any::Any;

/// The object in a few words, to stand behind its noun. Never a secret.
#[must_use]
pub fn name<T: Stored>(id: &T::Id, value: &T) -> String {
    let key = id.to_key();
    known(value).map_or_else(|| key.to_string(), |name| format!("{key} ({name})"))
}

/// An object with its noun, as [`name`] calls it; without a name if it is not there.
#[must_use]
pub fn called(state: &State, object: &ObjectRef) -> String {
    let name = visit_kind(object.kind as u8, NameOf { state, key: &object.key }).flatten();
    name.map_or_else(|| object.to_string(), |name| format!("{} {name}", object.kind.noun()))
}

struct NameOf<'a> {
    state: &'a State,
    key: &'a Key,
}

impl KindVisitor for NameOf<'_> {
    type Output = Option<String>;

    fn visit<T: Stored>(self) -> Self::Output {
        let id = T::Id::from_key(self.key)?;
        self.state.get::<T>(&id).map(|row| name(&id, &row.value))
    }
}

fn known(value: &dyn Any) -> Option<String> {
    of(value, |node: &Node| node.hostname.to_string())
        .or_else(|| of(value, |domain: &Domain| domain.name.to_string()))
        .or_else(|| of(value, |interface: &Interface| interface.name.clone()))
        .or_else(|| of(value, |resource: &DnsResource| resource.name.to_string()))
        .or_else(|| of(value, |zone: &AvailabilityZone| zone.name.clone()))
        .or_else(|| of(value, |pool: &ResourcePool| pool.name.clone()))
        .or_else(|| of(value, |tag: &Tag| tag.name.clone()))
        .or_else(|| of(value, |space: &Space| space.name.clone()))
        .or_else(|| of(value, |fabric: &Fabric| fabric.name.clone()))
        .or_else(|| of(value, |vlan: &Vlan| format!("vid {}", vlan.vid)))
        .or_else(|| of(value, |subnet: &Subnet| subnet.cidr.to_string()))
        .or_else(|| of(value, |range: &IpRange| format!("{} to {}", range.start_ip, range.end_ip)))
        .or_else(|| of(value, |reserved: &ReservedIp| reserved.ip.to_string()))
        .or_else(|| of(value, |address: &StaticIpAddress| address.ip.map(|ip| ip.to_string()))?)
        .or_else(|| of(value, |snippet: &DhcpSnippet| snippet.name.clone()))
        .or_else(|| of(value, |user: &User| user.username.clone()))
}

fn of<T: 'static, N>(value: &dyn Any, name: impl FnOnce(&T) -> N) -> Option<N> {
    value.downcast_ref().map(name)
}
