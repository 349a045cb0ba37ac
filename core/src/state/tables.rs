//! The list of tables. A new noun is one line here, one number in `object::Kind`, and one file in `listed`.

use crate::id::{DomainId, InterfaceId, MemberId, NodeId, SessionId};
use crate::model::domain::Domain;
use crate::model::interface::Interface;
use crate::model::member::Member;
use crate::model::node::Node;
use crate::object::{Kind, ObjectRef, TableKey};
use crate::revision::Revision;
use crate::state::idempotency::KeyUse;
use crate::state::index::Indexed;
use crate::state::key_id::KeyId;
use crate::state::ring::RevisionChanges;
use crate::state::session::{KeptReply, Session, SessionWrite};
use crate::state::table::Table;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// A type with a table of its own. Implemented by the list below.
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

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident: $row:ty[$id:ty] = $kind:expr, $watched:ident;)*) => {
        /// All tables of the state.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Tables {$(
            $(#[$doc])*
            pub $field: Table<$id, $row>,
        )*}

        $(impl Stored for $row {
            type Id = $id;
            const KIND: Kind = $kind;
            const WATCHED: bool = $watched;

            fn table(tables: &Tables) -> &Table<$id, Self> {
                &tables.$field
            }

            fn table_mut(tables: &mut Tables) -> &mut Table<$id, Self> {
                &mut tables.$field
            }
        })*

        /// Something done to every table in turn: writing a snapshot, checking invariants, counting.
        pub trait TableVisitor {
            /// Why it ended early.
            type Error;

            /// One table.
            ///
            /// # Errors
            /// Whatever ends the walk.
            fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Self::Error>;
        }

        /// Something done with the type of the table of one kind: reading a snapshot's rows.
        pub trait KindVisitor {
            /// What comes of it.
            type Output;

            /// The type that lives in the table.
            fn visit<T: Stored>(self) -> Self::Output;
        }

        impl Tables {
            /// Shows every table to `visitor`, in a fixed order.
            ///
            /// # Errors
            /// The first error of the visitor.
            pub fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
                $(visitor.visit::<$row>(&self.$field)?;)*
                Ok(())
            }
        }

        /// Shows `visitor` the type stored in the table with this number; `None` if there is no such table.
        pub fn visit_kind<V: KindVisitor>(kind: u8, visitor: V) -> Option<V::Output> {
            $(if kind == <$row as Stored>::KIND as u8 {
                return Some(visitor.visit::<$row>());
            })*
            None
        }
    };
}

const WATCHED: bool = true;
const INTERNAL: bool = false;

tables! {
    /// DNS domains.
    domains: Domain[DomainId] = Kind::Domain, WATCHED;
    /// Machines, devices and controllers.
    nodes: Node[NodeId] = Kind::Node, WATCHED;
    /// Network interfaces.
    interfaces: Interface[InterfaceId] = Kind::Interface, WATCHED;
    /// Nodes of the region's Raft group, removed ones included.
    members: Member[MemberId] = Kind::Member, WATCHED;
    /// Open client sessions.
    sessions: Session[SessionId] = Kind::Session, INTERNAL;
    /// Kept outcomes of session writes.
    session_replies: KeptReply[SessionWrite] = Kind::SessionReply, INTERNAL;
    /// Kept outcomes of idempotency keys.
    keys: KeyUse[KeyId] = Kind::IdempotencyKey, INTERNAL;
    /// The change ring: what each of the last revisions touched.
    changes: RevisionChanges[Revision] = Kind::RevisionChanges, INTERNAL;
}
