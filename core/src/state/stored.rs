//! What a type must say to live in a table.

use crate::id::Id;
use crate::state::index::Listing;
use crate::state::kind::{Key, Kind, ObjectRef};
use crate::state::table::Table;
use crate::state::tables::Tables;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// A type with a table of its own. Implemented by the list in `tables`.
pub trait Stored:
    Indexed<Self::Id> + Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static
{
    /// What its rows are found by.
    type Id: TableKey;

    /// Which table.
    const KIND: Kind;

    /// Whether its changes are told to watchers. Internal bookkeeping is not.
    const WATCHED: bool;

    /// Its table.
    fn table(tables: &Tables) -> &Table<Self::Id, Self>;

    /// Its table, to change.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self::Id, Self>;

    /// Points at one of its rows.
    fn object(id: &Self::Id) -> ObjectRef {
        ObjectRef { kind: Self::KIND, key: id.to_key() }
    }
}

/// Where a row is listed beside its table.
pub trait Indexed<I> {
    /// Every secondary index entry and every reference of this row.
    fn index(&self, id: &I, listing: &mut Listing<'_>);
}

/// What rows of a table are found by.
pub trait TableKey: Clone + Ord + Debug + Serialize + DeserializeOwned {
    /// Its form in references, changes and messages.
    fn to_key(&self) -> Key;

    /// Back from that form; `None` if it is the key of another kind of table.
    fn from_key(key: &Key) -> Option<Self>;
}

impl<I: Id> TableKey for I {
    fn to_key(&self) -> Key {
        Key::Number(u64::from(self.number()))
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Number(number) => u32::try_from(*number).ok().map(Self::from_number),
            Key::Address(_) | Key::Name(_) => None,
        }
    }
}
