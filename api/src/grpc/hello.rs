//! Who a rack says it is, read and checked. Here alone the key is seen, and only its digest goes on.

use crate::grpc::goodbye::Goodbye;
use crate::grpc::limits::{ADDRESSES_MAX, INTERFACES_MAX, NAME_BYTES_MAX};
use crate::rack_board::link::{LINKS_MAX, Link};
use crate::rack_board::status::kept;
use regent_core::id::{NodeId, SystemId};
use regent_core::lease::server::Incarnation;
use regent_core::model::node::Node;
use regent_core::model::rack_key::RackKey;
use regent_core::model::secret_digest::SecretDigest;
use regent_core::state::State;
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode;
use std::fmt;
use std::net::Ipv4Addr;

/// Bytes of a rack's key.
pub const KEY_BYTES: usize = 32;

/// What a rack says first.
#[derive(Clone, PartialEq, Eq)]
pub struct Hello {
    /// The cluster it belongs to.
    pub cluster_id: String,
    /// Who it is.
    pub system_id: SystemId,
    /// Of its key.
    pub key: SecretDigest,
    /// The life it has records of.
    pub life: Option<Incarnation>,
    /// The epoch and revision of the view it has.
    pub view: Option<(u64, u64)>,
    /// The version of its software.
    pub version: String,
    /// Where it is connected.
    pub links: Vec<Link>,
}

impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hello").field("system_id", &self.system_id).finish_non_exhaustive()
    }
}

/// Reads what a rack says first.
///
/// # Errors
/// [`Goodbye`] if it makes no sense.
pub fn read(hello: rack::Hello) -> Result<Hello, Goodbye> {
    let rack::Hello { cluster_id, system_id, key, life, view, version, interfaces } = hello;
    let system_id = SystemId::parse(&system_id);
    let system_id = system_id.map_err(|error| Goodbye::malformed(error.to_string()))?;
    if key.len() != KEY_BYTES {
        return Err(Goodbye::malformed(format!("a key has {KEY_BYTES} bytes")));
    }
    if version.len() > NAME_BYTES_MAX || cluster_id.len() > NAME_BYTES_MAX {
        return Err(Goodbye::malformed(format!("a name has more than {NAME_BYTES_MAX} bytes")));
    }
    let links = links(interfaces)?;
    let key = SecretDigest::of(&key);
    let view = view.map(|place| (place.epoch, place.revision));
    Ok(Hello { cluster_id, system_id, key, life: life.map(Incarnation), view, version, links })
}

/// Where a rack is connected, by its interfaces. Addresses beyond those that are kept are left out.
///
/// # Errors
/// [`Goodbye`] if there are more interfaces than may be.
pub fn links(interfaces: Vec<rack::Interface>) -> Result<Vec<Link>, Goodbye> {
    check_interfaces(&interfaces)?;
    let links = interfaces.into_iter().flat_map(|interface| {
        let name = kept(interface.name);
        let address = |prefix: rack::Prefix| Ipv4Addr::from_bits(prefix.address);
        let addresses = interface.addresses.into_iter().map(address);
        addresses.map(move |address| Link { interface: name.clone(), address })
    });
    Ok(links.take(LINKS_MAX).collect())
}

/// Whether there are no more interfaces and addresses than there may be.
///
/// # Errors
/// [`Goodbye`] if there are.
pub fn check_interfaces(interfaces: &[rack::Interface]) -> Result<(), Goodbye> {
    let is_large = |interface: &rack::Interface| {
        interface.addresses.len() > ADDRESSES_MAX || interface.name.len() > NAME_BYTES_MAX
    };
    if interfaces.len() > INTERFACES_MAX || interfaces.iter().any(is_large) {
        let text = format!("a rack has {INTERFACES_MAX} interfaces of {ADDRESSES_MAX} addresses");
        return Err(Goodbye::malformed(text));
    }
    Ok(())
}

impl Hello {
    /// Whether that is a rack of this cluster, as it says.
    ///
    /// # Errors
    /// [`Goodbye`] if it is not.
    pub fn check_cluster(&self, cluster_id: &str) -> Result<(), Goodbye> {
        if self.cluster_id == cluster_id {
            return Ok(());
        }
        let text = format!("this is cluster {cluster_id}");
        Err(Goodbye::new(GoodbyeCode::GoodbyeOtherCluster, text))
    }

    /// Which rack that is, if the key is the rack's as far as this state knows.
    ///
    /// # Errors
    /// [`Goodbye`] for who is not who he says.
    pub fn recognise(&self, state: &State) -> Result<NodeId, Goodbye> {
        let rack = state.indexes().nodes_by_system_id.first_under(&self.system_id).copied();
        let is_rack = |rack: &NodeId| {
            let key = state.get::<RackKey>(rack).map(|row| row.value.digest);
            let node = state.get::<Node>(rack).map(|row| row.value.node_type);
            key == Some(self.key) && node.is_some_and(|node| node.is_rack())
        };
        rack.filter(is_rack).ok_or_else(|| {
            // Who has no key learns no more than that.
            let text = "there is no such rack, or this is not its key".to_owned();
            Goodbye::new(GoodbyeCode::GoodbyeUnknownRack, text)
        })
    }
}
