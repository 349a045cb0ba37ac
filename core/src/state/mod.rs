//! The whole replicated state as one immutable value, cheap to clone (DESIGN D3).
//!
//! Readers hold a clone and see one revision for ever. Only `apply::draft` makes a next one, through [`State::put`]
//! and [`State::take`], which keep indexes and digest true to the rows.

pub mod deadline;
pub mod digest;
pub mod dynamic_pools;
pub mod idempotency;
pub mod index;
pub mod key_id;
mod listed;
pub mod meta;
pub mod ring;
pub mod session;
pub mod table;
pub mod tables;
pub mod used_addresses;

use crate::codec;
use crate::dns::view::DnsView;
use crate::id::Id;
use crate::object::{Numbered, ObjectRef};
use crate::state::digest::Digest;
use crate::state::index::Indexes;
use crate::state::meta::Meta;
use crate::state::table::Row;
use crate::state::tables::{Stored, Tables};
use std::sync::Arc;

/// Everything the region knows, at one revision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    meta: Meta,
    tables: Tables,
    indexes: Indexes,
    dns: DnsView,
    rows_digest: Digest,
}

/// The canonical bytes of a row's value before and after a change: made once, for all that asks for them.
pub(crate) struct ValueBytes<'a> {
    /// Of the row that was there; empty if there was none.
    pub(crate) before: &'a [u8],
    /// Of the row that takes its place.
    pub(crate) after: &'a [u8],
}

impl State {
    /// The state of a new cluster, before its first entry.
    #[must_use]
    pub fn new(meta: Meta) -> Self {
        Self { meta, ..Self::default() }
    }

    /// Identity, clock and counters.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The secondary indexes.
    #[must_use]
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// What DNS questions are answered from: derived, like the indexes.
    #[must_use]
    pub fn dns(&self) -> &DnsView {
        &self.dns
    }

    /// The tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The row of an object.
    #[must_use]
    pub fn get<T: Stored>(&self, id: &T::Id) -> Option<&Arc<Row<T>>> {
        T::table(&self.tables).get(id)
    }

    /// The rows of one kind that refer to `target`, however many.
    pub fn referrers<'a, T: Stored<Id: Id>>(
        &'a self,
        target: &ObjectRef,
    ) -> impl Iterator<Item = T::Id> + use<'a, T> {
        let first = Numbered { kind: T::KIND, number: 0 };
        let referrers = Numbered::of(target)
            .into_iter()
            .flat_map(move |target| self.indexes.referrers.under_from(target, first));
        let same_kind = referrers.take_while(|by| by.kind == T::KIND);
        same_kind.map(|by| T::Id::from_number(by.number))
    }

    /// The digest of everything: rows, clock and counters (DESIGN D21).
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.rows_digest.with(Digest::of_row(0, &[], &codec::to_bare(&self.meta)))
    }

    /// Changes identity, clock and counters.
    pub(crate) fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    /// Replaces the DNS view by the one that belongs to the rows.
    pub(crate) fn set_dns(&mut self, dns: DnsView) {
        self.dns = dns;
    }

    /// Puts a row in place of any that was there.
    pub(crate) fn put<T: Stored>(&mut self, id: T::Id, row: Row<T>) {
        let before = self.get::<T>(&id).map(|before| codec::to_bare(&before.value));
        let after = codec::to_bare(&row.value);
        let values = ValueBytes { before: before.as_deref().unwrap_or_default(), after: &after };
        self.put_known(id, row, &values);
    }

    /// As [`Self::put`], where the bytes of both values are known already.
    pub(crate) fn put_known<T: Stored>(&mut self, id: T::Id, row: Row<T>, values: &ValueBytes<'_>) {
        let row = Arc::new(row);
        self.rows_digest = self.rows_digest.with(row_digest(&id, &row, values.after));
        let before = T::table_mut(&mut self.tables).put(id.clone(), Arc::clone(&row));
        match before {
            None => self.indexes.list(&id, &row.value),
            Some(before) => {
                let gone = row_digest(&id, &before, values.before);
                self.rows_digest = self.rows_digest.without(gone);
                self.indexes.relist(&id, &before.value, &row.value);
            }
        }
    }

    /// Takes a row out and gives it back.
    pub(crate) fn take<T: Stored>(&mut self, id: &T::Id) -> Option<Arc<Row<T>>> {
        let row = T::table_mut(&mut self.tables).take(id)?;
        self.rows_digest =
            self.rows_digest.without(row_digest(id, &row, &codec::to_bare(&row.value)));
        self.indexes.strike(id, &row.value);
        Some(row)
    }
}

fn row_digest<T: Stored>(id: &T::Id, row: &Row<T>, value: &[u8]) -> Digest {
    Digest::of_row(T::KIND as u8, &codec::to_bare(id), &row.bytes(value))
}
