//! Conditions a request puts on the state it is applied to.

use crate::apply::draft::Draft;
use crate::command::Guard;
use crate::object::{Key, ObjectRef, TableKey};
use crate::query::named::named;
use crate::rejection::Rejection;
use crate::revision::Revision;
use crate::state::State;
use crate::state::tables::{KindVisitor, Stored, visit_kind};

/// Whether all guards hold.
pub(in crate::apply) fn check(draft: &Draft, guards: &[Guard]) -> Result<(), Rejection> {
    for guard in guards {
        let Some(object) = object_of(draft.state(), guard) else { continue };
        let current = revision_of(draft.state(), &object);
        let holds = match guard {
            Guard::Revision(_, wanted) => current == Some(*wanted),
            Guard::Exists(_) => current.is_some(),
            Guard::Absent(_) | Guard::NameAbsent { .. } => current.is_none(),
        };
        if !holds {
            return Err(Rejection::GuardFailed { object, current });
        }
    }
    Ok(())
}

/// The object a guard is about; none if it is about a name that nobody has.
fn object_of(state: &State, guard: &Guard) -> Option<ObjectRef> {
    match guard {
        Guard::Revision(object, _) | Guard::Exists(object) | Guard::Absent(object) => {
            Some(object.clone())
        }
        Guard::NameAbsent { kind, name } => {
            named(state, *kind, name).map(|key| ObjectRef { kind: *kind, key })
        }
    }
}

/// The revision an object was last changed at, if it exists.
fn revision_of(state: &State, object: &ObjectRef) -> Option<Revision> {
    struct Find<'a>(&'a State, &'a Key);
    impl KindVisitor for Find<'_> {
        type Output = Option<Revision>;
        fn visit<T: Stored>(self) -> Option<Revision> {
            let id = T::Id::from_key(self.1)?;
            self.0.get::<T>(&id).map(|row| row.revision)
        }
    }
    visit_kind(object.kind as u8, Find(state, &object.key)).flatten()
}
