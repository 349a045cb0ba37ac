//! An import: the state of another site, collected beside the live one until it is whole.
//!
//! Its rows lie here as bytes, in pieces. Nothing reads them before the import is committed, so nobody sees half a site.

use crate::object::{Key, Kind, TableKey};
use crate::time::{ClusterTime, Millis, WallTime};
use serde::{Deserialize, Serialize};

/// Bytes of the rows of one chunk.
pub const CHUNK_BYTES_MAX: usize = 256 << 10;
/// Chunks of one import.
pub const CHUNKS_MAX: u32 = 8192;
/// An import nobody goes on with is dropped after this much cluster time.
pub const IDLE_MAX: Millis = Millis::from_secs(30 * 60);
/// Bytes of the name of an import.
pub const ID_BYTES_MAX: usize = 64;
/// What staged rows say instead of the cluster time of their commit, which nobody knows before. Other moments of
/// cluster time count from it, in both directions.
pub const COMMIT_MOMENT: ClusterTime = ClusterTime(1 << 48);

/// The name of an import, chosen by whoever begins it: what the region makes of a repetition depends on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImportId(pub String);

/// An import, under way or done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What tells the imported site's content from any other.
    pub source: [u8; 32],
    /// How far it is.
    pub stage: Stage,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Rows are still coming.
    Collecting {
        /// When it is dropped unless something comes before.
        expires: ClusterTime,
        /// Chunks that came.
        chunks: u32,
        /// What else comes with it.
        continues: Continues,
    },
    /// It is the state of the site now.
    Committed {
        /// How many rows came in.
        rows: u64,
    },
}

/// Counters that go on where those of the imported site stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continues {
    /// The highest zone serial that was in use there.
    pub zone_serial: Option<u32>,
    /// The highest ids given out there, deleted objects' included, by number of kind.
    pub last_ids: Vec<(u8, u32)>,
}

/// One piece of an import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ImportChunkId {
    /// The import.
    pub import: ImportId,
    /// Which piece, counted from zero.
    pub number: u32,
}

/// The rows of one piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportChunk {
    /// The rows.
    pub rows: Vec<StagedRow>,
}

/// A row on its way: the number of its kind and the canonical bytes of a [`StagedValue`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedRow {
    /// Which table.
    pub kind: u8,
    /// The row.
    pub bytes: Vec<u8>,
}

/// What the bytes of a staged row say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedValue<I, T> {
    /// What the row is found by.
    pub id: I,
    /// When it was created, for people.
    pub created: WallTime,
    /// When it was changed last, for people.
    pub updated: WallTime,
    /// The object. Its moments of cluster time count from [`COMMIT_MOMENT`].
    pub value: T,
}

/// Whether rows of a kind are the site's. The others are the region's own and survive its replacement.
#[must_use]
pub const fn belongs_to_site(kind: Kind) -> bool {
    match kind {
        Kind::Session
        | Kind::SessionReply
        | Kind::IdempotencyKey
        | Kind::RevisionChanges
        | Kind::Member
        | Kind::ZoneSerial
        | Kind::Import
        | Kind::ImportChunk
        | Kind::DhcpService
        | Kind::LeaseBlock
        | Kind::RackLife
        | Kind::Quarantine
        | Kind::RackKey
        | Kind::RackToken
        | Kind::DeclineCount
        | Kind::ForeignDhcp
        | Kind::CutOver
        | Kind::PoolLevel => false,
        Kind::Domain
        | Kind::Node
        | Kind::Interface
        | Kind::DnsResource
        | Kind::DnsData
        | Kind::AvailabilityZone
        | Kind::ResourcePool
        | Kind::Tag
        | Kind::Space
        | Kind::Fabric
        | Kind::Vlan
        | Kind::Subnet
        | Kind::IpRange
        | Kind::StaticRoute
        | Kind::ReservedIp
        | Kind::StaticIpAddress
        | Kind::Bmc
        | Kind::DhcpSnippet
        | Kind::OwnerData
        | Kind::User
        | Kind::ApiToken
        | Kind::Setting
        | Kind::Event
        | Kind::Lease
        | Kind::GlobalDefaults
        | Kind::Secret => true,
    }
}

impl TableKey for ImportId {
    fn to_key(&self) -> Key {
        Key::Name(self.0.clone())
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Name(name) => Some(Self(name.clone())),
            Key::Number(_) | Key::Address(_) => None,
        }
    }
}

impl TableKey for ImportChunkId {
    fn to_key(&self) -> Key {
        Key::Name(format!("{}/{}", self.import.0, self.number))
    }

    fn from_key(key: &Key) -> Option<Self> {
        let Key::Name(text) = key else { return None };
        let (import, number) = text.rsplit_once('/')?;
        Some(Self { import: ImportId(import.to_owned()), number: number.parse().ok()? })
    }
}
