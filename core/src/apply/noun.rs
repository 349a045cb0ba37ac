//! Creating, updating and deleting, the same way for every noun; what differs is the noun's rules.

use crate::apply::draft::Draft;
use crate::command::edit::Edit;
use crate::command::patch::Patch;
use crate::id::Id;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::index::Index;
use crate::state::tables::Stored;
use std::fmt::Display;
use std::net::IpAddr;

/// A noun with rules of its own.
pub(in crate::apply) trait Noun: Stored<Id: Id> {
    /// The object as it may be stored, its references resolved. `id` is its own if it is stored already.
    fn checked(draft: &Draft, id: Option<Self::Id>, value: Self) -> Result<Self, Rejection>;

    /// Its fields that hold an address, each of which may stand for the address an earlier step of the batch took.
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        Vec::new()
    }

    /// What else comes into being with a new object.
    fn created(_: &mut Draft, _: Self::Id) -> Result<(), Rejection> {
        Ok(())
    }

    /// What else changes with an object that was `before`.
    fn updated(_: &mut Draft, _: Self::Id, _before: &Self) -> Result<(), Rejection> {
        Ok(())
    }

    /// Whether the object may go; what depends on it goes or is changed here.
    fn before_delete(_: &mut Draft, _: Self::Id) -> Result<(), Rejection> {
        Ok(())
    }

    /// What else goes once the object is gone.
    fn deleted(_: &mut Draft, _: &Self) -> Result<(), Rejection> {
        Ok(())
    }
}

pub(in crate::apply) fn run<T: Noun, P: Patch<T>>(
    draft: &mut Draft,
    command: &Edit<T, P, T::Id>,
) -> Result<Outcome, Rejection> {
    match command {
        Edit::Create(value) => {
            create(draft, value.clone()).map(|id| Outcome::Created(T::object(&id)))
        }
        Edit::Update { id, patch } => update(draft, *id, |value| patch.clone().apply_to(value)),
        Edit::Delete { id } => {
            let id = draft.resolve::<T>(*id)?;
            delete::<T>(draft, id)?;
            Ok(Outcome::Deleted(T::object(&id)))
        }
    }
}

/// Stores a new object if its rules allow it.
pub(in crate::apply) fn create<T: Noun>(
    draft: &mut Draft,
    mut value: T,
) -> Result<T::Id, Rejection> {
    resolve_addresses(draft, &mut value)?;
    let value = T::checked(draft, None, value)?;
    let id = draft.create(value)?;
    T::created(draft, id)?;
    Ok(id)
}

/// Changes an object if its rules allow what comes of it.
pub(in crate::apply) fn update<T: Noun>(
    draft: &mut Draft,
    id: T::Id,
    change: impl FnOnce(&mut T),
) -> Result<Outcome, Rejection> {
    let id = draft.resolve::<T>(id)?;
    let before = draft.row::<T>(&id)?.clone();
    let mut value = before.value.clone();
    change(&mut value);
    resolve_addresses(draft, &mut value)?;
    let value = T::checked(draft, Some(id), value)?;
    draft.replace(&id, &before, value);
    T::updated(draft, id, &before.value)?;
    Ok(Outcome::Updated(T::object(&id)))
}

fn resolve_addresses<T: Noun>(draft: &Draft, value: &mut T) -> Result<(), Rejection> {
    value.addresses().into_iter().try_for_each(|address| {
        *address = draft.resolve_address(*address)?;
        Ok(())
    })
}

/// Removes an object, with what its rules make go with it.
pub(in crate::apply) fn delete<T: Noun>(draft: &mut Draft, id: T::Id) -> Result<(), Rejection> {
    let before = draft.row::<T>(&id)?.clone();
    T::before_delete(draft, id)?;
    draft.delete::<T>(&id)?;
    T::deleted(draft, &before.value)
}

/// Refuses a value that another object of the kind has already.
pub(in crate::apply) fn unique<T: Stored<Id: Id>, A: Ord + Clone>(
    field: &str,
    index: &Index<A, T::Id>,
    value: &A,
    own: Option<T::Id>,
    shown: &dyn Display,
) -> Result<(), Rejection> {
    match index.under(value).find(|holder| Some(**holder) != own) {
        None => Ok(()),
        Some(holder) => Err(Rejection::NotUnique {
            field: field.to_owned(),
            value: shown.to_string(),
            holder: T::object(holder),
        }),
    }
}
