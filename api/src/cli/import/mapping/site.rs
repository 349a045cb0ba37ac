//! The site as it will be: objects of Regent's model under the ids they had, and the rows they are sent as.

use crate::cli::import::mapping::report::{Place, Report};
use regent_core::codec;
use regent_core::id::{ID_MAX, Id};
use regent_core::model::api_token::ApiToken;
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::bmc::Bmc;
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::model::dns_data::DnsData;
use regent_core::model::dns_resource::DnsResource;
use regent_core::model::domain::Domain;
use regent_core::model::event::Event;
use regent_core::model::fabric::Fabric;
use regent_core::model::global_defaults::GlobalDefaults;
use regent_core::model::import::{CHUNK_BYTES_MAX, StagedRow, StagedValue};
use regent_core::model::interface::Interface;
use regent_core::model::ip_range::IpRange;
use regent_core::model::lease::Lease;
use regent_core::model::node::Node;
use regent_core::model::owner_data::OwnerData;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::resource_pool::ResourcePool;
use regent_core::model::secret::Secret;
use regent_core::model::setting::Setting;
use regent_core::model::space::Space;
use regent_core::model::static_ip_address::StaticIpAddress;
use regent_core::model::static_route::StaticRoute;
use regent_core::model::subnet::Subnet;
use regent_core::model::tag::Tag;
use regent_core::model::user::User;
use regent_core::model::vlan::Vlan;
use regent_core::object::Kind;
use regent_core::state::tables::Stored;
use regent_core::time::WallTime;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Bytes of a row when it comes in. What is linked to it later, tags and parents, has the rest of a piece.
const ROW_BYTES_MAX: usize = CHUNK_BYTES_MAX - (16 << 10);

/// Objects of one kind.
pub struct Arrivals<T: Stored>(BTreeMap<T::Id, Arrival<T>>);

/// An object with its dates.
#[derive(Clone, Debug)]
pub struct Arrival<T> {
    /// When it was created.
    pub created: WallTime,
    /// When it was changed last.
    pub updated: WallTime,
    /// The object.
    pub value: T,
}

/// Why an object is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another has its id.
    #[error("it comes twice")]
    Taken,
    /// It fits no piece that is sent.
    #[error("it is too large: {bytes} bytes, {ROW_BYTES_MAX} are possible")]
    TooLarge {
        /// What it takes.
        bytes: usize,
    },
}

impl<T: Stored> Default for Arrivals<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Stored> Arrivals<T> {
    /// Takes an object in, unless its id is taken or it is too large to be sent. Nothing refers to it yet: what does
    /// later finds that it is not there.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn insert(&mut self, id: T::Id, arrival: Arrival<T>) -> Result<(), Refusal> {
        match self.0.entry(id) {
            Entry::Occupied(_) => Err(Refusal::Taken),
            Entry::Vacant(free) => {
                arrival.check_size(free.key())?;
                free.insert(arrival);
                Ok(())
            }
        }
    }

    /// Takes an object in; the one it takes the place of, if there was one.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`].
    pub fn replace(&mut self, id: T::Id, arrival: Arrival<T>) -> Result<Option<T>, Refusal> {
        arrival.check_size(&id)?;
        Ok(self.0.insert(id, arrival).map(|earlier| earlier.value))
    }

    /// The object with this id.
    #[must_use]
    pub fn get(&self, id: &T::Id) -> Option<&T> {
        self.0.get(id).map(|arrival| &arrival.value)
    }

    /// The object with this id, to change.
    pub fn get_mut(&mut self, id: &T::Id) -> Option<&mut T> {
        self.0.get_mut(id).map(|arrival| &mut arrival.value)
    }

    /// Leaves an object out again.
    pub fn remove(&mut self, id: &T::Id) {
        self.0.remove(id);
    }

    /// All objects, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&T::Id, &T)> {
        self.0.iter().map(|(id, arrival)| (id, &arrival.value))
    }

    /// The lowest id.
    #[must_use]
    pub fn first(&self) -> Option<&T::Id> {
        self.0.keys().next()
    }

    fn rows(&self, rows: &mut Vec<StagedRow>) {
        for (id, arrival) in &self.0 {
            rows.push(StagedRow { kind: T::KIND as u8, bytes: arrival.to_bytes(id) });
        }
    }
}

impl<T: Stored> Arrival<T> {
    fn check_size(&self, id: &T::Id) -> Result<(), Refusal> {
        let bytes = self.to_bytes(id).len();
        if bytes > ROW_BYTES_MAX { Err(Refusal::TooLarge { bytes }) } else { Ok(()) }
    }

    fn to_bytes(&self, id: &T::Id) -> Vec<u8> {
        let Self { created, updated, value } = self;
        codec::to_bare(&StagedValue { id, created: *created, updated: *updated, value })
    }
}

impl<T: Stored<Id: Id>> Arrivals<T> {
    /// The id a field refers to, if that object comes in; else that is told.
    pub fn link(
        &self,
        report: &mut Report,
        place: Place<'_>,
        field: &str,
        number: Option<i64>,
    ) -> Option<T::Id> {
        let number = number?;
        let found = id::<T::Id>(number).filter(|id| self.0.contains_key(id));
        if found.is_none() {
            let noun = T::KIND.noun();
            report.note(place, format!("{field} is left empty: {noun} {number} does not come in"));
        }
        found
    }

    /// As [`Self::link`], for a field without which there is no object.
    pub fn require(
        &self,
        report: &mut Report,
        place: Place<'_>,
        field: &str,
        number: i64,
    ) -> Option<T::Id> {
        let found = id::<T::Id>(number).filter(|id| self.0.contains_key(id));
        if found.is_none() {
            let noun = T::KIND.noun();
            report.skip(place, format!("{field}: {noun} {number} does not come in"));
        }
        found
    }
}

/// The id with a number of MAAS's.
#[must_use]
pub fn id<I: Id>(number: i64) -> Option<I> {
    u32::try_from(number).ok().filter(|number| *number <= ID_MAX).map(I::from_number)
}

macro_rules! site {
    ($($field:ident: $type:ty),* $(,)?) => {
        /// Everything that comes in.
        #[derive(Default)]
        pub struct Site {$(
            #[doc = concat!("Objects of type [`", stringify!($type), "`].")]
            pub $field: Arrivals<$type>,
        )*}

        impl Site {
            /// The rows it is sent as.
            #[must_use]
            pub fn rows(&self) -> Vec<StagedRow> {
                let mut rows = Vec::new();
                $(self.$field.rows(&mut rows);)*
                rows
            }

            /// How many objects of each kind come in.
            #[must_use]
            pub fn counts(&self) -> Vec<(Kind, usize)> {
                vec![$((<$type as Stored>::KIND, self.$field.0.len()),)*]
            }
        }
    };
}

site! {
    settings: Setting,
    users: User,
    api_tokens: ApiToken,
    availability_zones: AvailabilityZone,
    resource_pools: ResourcePool,
    tags: Tag,
    fabrics: Fabric,
    spaces: Space,
    vlans: Vlan,
    subnets: Subnet,
    ip_ranges: IpRange,
    static_routes: StaticRoute,
    domains: Domain,
    global_defaults: GlobalDefaults,
    nodes: Node,
    owner_data: OwnerData,
    interfaces: Interface,
    static_ip_addresses: StaticIpAddress,
    leases: Lease,
    reserved_ips: ReservedIp,
    dns_resources: DnsResource,
    dns_data: DnsData,
    bmcs: Bmc,
    dhcp_snippets: DhcpSnippet,
    secrets: Secret,
    events: Event,
}
