//! The list of tables. A new noun is one line here, one number in `kind`, and its `Stored` implementation.

use crate::model::domain::Domain;
use crate::model::interface::Interface;
use crate::model::node::Node;
use crate::id::{DomainId, InterfaceId, NodeId, SessionId};
use crate::state::idempotency::{KeyId, KeyUse};
use crate::state::kind::Kind;
use crate::state::ring::RevisionChanges;
use crate::state::session::{KeptReply, Session, SessionWrite};
use crate::state::stored::Stored;
use crate::state::table::{Revision, Table};

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
    /// Open client sessions.
    sessions: Session[SessionId] = Kind::Session, INTERNAL;
    /// Kept outcomes of session writes.
    session_replies: KeptReply[SessionWrite] = Kind::SessionReply, INTERNAL;
    /// Kept outcomes of idempotency keys.
    keys: KeyUse[KeyId] = Kind::IdempotencyKey, INTERNAL;
    /// The change ring: what each of the last revisions touched.
    changes: RevisionChanges[Revision] = Kind::RevisionChanges, INTERNAL;
}
