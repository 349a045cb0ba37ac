//! The next state while it is being made, with the changes noted on the way.

use crate::apply::budget::Budget;
use crate::change::{Change, Operation};
use crate::codec;
use crate::id::{Id, StaticIpAddressId, SystemId, step_of};
use crate::model::secret::{Secret, SecretKey};
use crate::model::static_ip_address::StaticIpAddress;
use crate::net::step_address::step_of_address;
use crate::object::{Key, Kind, Numbered, ObjectRef, TableKey as _};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::revision::Revision;
use crate::state::table::Row;
use crate::state::tables::Stored;
use crate::state::{State, ValueBytes};
use crate::time::{ClusterTime, WallTime};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Objects one entry changes because another one goes; more are refused, not left half done.
pub const CASCADE_MAX: usize = 10_000;

/// The next state in the making.
pub struct Draft {
    state: State,
    revision: Revision,
    wall: WallTime,
    noted: Noted,
    created_by_step: Vec<Option<ObjectRef>>,
    is_replaced: bool,
    budget: Option<Budget>,
}

/// What was touched so far: the net effect on each object, in the order of first touch.
#[derive(Clone, Default)]
struct Noted {
    order: Vec<ObjectRef>,
    operations: BTreeMap<ObjectRef, Option<Operation>>,
}

/// A point a draft can go back to.
pub(in crate::apply) struct Checkpoint {
    state: State,
    noted: Noted,
}

impl Draft {
    /// A draft of the state after the entry at `index`; time never goes back.
    pub(in crate::apply) fn begin(
        state: &State,
        index: u64,
        at: ClusterTime,
        wall: WallTime,
    ) -> Self {
        let mut state = state.clone();
        let revision = Revision(index + state.meta().revision_offset);
        let meta = state.meta_mut();
        meta.revision = revision;
        meta.now = meta.now.max(at);
        Self {
            state,
            revision,
            wall,
            noted: Noted::default(),
            created_by_step: Vec::new(),
            is_replaced: false,
            budget: None,
        }
    }

    /// What is done from here on counts as done by one request.
    pub(in crate::apply) fn start_counting(&mut self) {
        self.budget = Some(Budget::new(self.noted.order.len()));
    }

    /// What is done from here on is done by the region itself.
    pub(in crate::apply) fn stop_counting(&mut self) {
        self.budget = None;
    }

    /// Whether the request is still within what one may do.
    ///
    /// # Errors
    /// [`Rejection::Limit`].
    pub(in crate::apply) fn within_budget(&self) -> Result<(), Rejection> {
        let noted = self.noted.order.len();
        self.budget.as_ref().map_or(Ok(()), |budget| budget.check(noted))
    }

    fn count(&mut self) {
        if let Some(budget) = &mut self.budget {
            budget.touch();
        }
    }

    /// The finished state.
    pub(in crate::apply) fn into_state(self) -> State {
        self.state
    }

    /// What changed so far.
    pub(in crate::apply) fn changes(&self) -> Vec<Change> {
        self.noted.changes()
    }

    /// Notes that the whole site is another one now.
    pub(in crate::apply) fn replaced(&mut self) {
        self.is_replaced = true;
    }

    /// Whether the whole site is another one now.
    pub(in crate::apply) const fn is_replaced(&self) -> bool {
        self.is_replaced
    }

    /// The state as it is so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The revision this draft becomes.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The wall clock of the node that proposed this entry: for people.
    #[must_use]
    pub fn wall(&self) -> WallTime {
        self.wall
    }

    /// The cluster time of this entry.
    #[must_use]
    pub fn now(&self) -> ClusterTime {
        self.state.meta().now
    }

    pub(in crate::apply) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { state: self.state.clone(), noted: self.noted.clone() }
    }

    pub(in crate::apply) fn roll_back(&mut self, to: Checkpoint) {
        self.state = to.state;
        self.noted = to.noted;
    }

    pub(in crate::apply) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Remembers what a step of a batch created, for later steps that refer to it.
    pub(in crate::apply) fn step_done(&mut self, outcome: &Outcome) {
        let created = match outcome {
            Outcome::Created(object) => Some(object.clone()),
            Outcome::Allocated(taken) => match taken.as_slice() {
                [one] => Some(one.object.clone()),
                [] | [_, _, ..] => None,
            },
            Outcome::Done
            | Outcome::Updated(_)
            | Outcome::Deleted(_)
            | Outcome::SessionOpened(_)
            | Outcome::RackSession(_)
            | Outcome::Leases(_)
            | Outcome::ForeignLeases(_)
            | Outcome::Otherwise(_)
            | Outcome::Enrolled { .. }
            | Outcome::Batch(_) => None,
        };
        self.created_by_step.push(created);
    }

    /// The object a command is about.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn row<T: Stored>(&self, id: &T::Id) -> Result<&Arc<Row<T>>, Rejection> {
        self.state.get::<T>(id).ok_or_else(|| Rejection::NotFound(T::object(id)))
    }

    /// The id a command means, which may stand for what an earlier step of the batch created.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] if it stands for a step that created nothing of this kind.
    pub fn resolve<T: Stored<Id: Id>>(&self, id: T::Id) -> Result<T::Id, Rejection> {
        let Some(step) = step_of(id.number()) else { return Ok(id) };
        match self.created_by_step.get(step) {
            Some(Some(ObjectRef { kind, key: Key::Number(number) })) if *kind == T::KIND => {
                Ok(T::Id::from_number(u32::try_from(*number).unwrap_or(u32::MAX)))
            }
            _ => {
                let reason = format!("step {step} has not created a {}", T::KIND.noun());
                Err(Rejection::invalid("reference", reason))
            }
        }
    }

    /// The address a command means, which may stand for the one an earlier step of the batch took.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] if it stands for a step that took no address, or several.
    pub fn resolve_address(&self, address: IpAddr) -> Result<IpAddr, Rejection> {
        let Some(step) = step_of_address(address) else { return Ok(address) };
        let taken = match self.created_by_step.get(step) {
            Some(Some(ObjectRef { kind: Kind::StaticIpAddress, key })) => {
                let row = StaticIpAddressId::from_key(key)
                    .and_then(|id| self.state.get::<StaticIpAddress>(&id));
                row.and_then(|row| row.value.ip)
            }
            Some(Some(_) | None) | None => None,
        };
        taken.ok_or_else(|| {
            Rejection::invalid("reference", format!("step {step} has not taken one address"))
        })
    }

    /// The id a field refers to, if there is such an object.
    ///
    /// # Errors
    /// [`Rejection::MissingReference`].
    pub fn existing<T: Stored<Id: Id>>(&self, field: &str, id: T::Id) -> Result<T::Id, Rejection> {
        let id = self.resolve::<T>(id)?;
        let missing =
            || Rejection::MissingReference { field: field.to_owned(), target: T::object(&id) };
        self.state.get::<T>(&id).map(|_| id).ok_or_else(missing)
    }

    /// As [`Self::existing`], for a field that may be empty.
    ///
    /// # Errors
    /// [`Rejection::MissingReference`].
    pub fn existing_if_any<T: Stored<Id: Id>>(
        &self,
        field: &str,
        id: Option<T::Id>,
    ) -> Result<Option<T::Id>, Rejection> {
        id.map(|id| self.existing::<T>(field, id)).transpose()
    }

    /// The rows of one kind that refer to `target`, to be changed with it.
    ///
    /// # Errors
    /// [`Rejection::Limit`] if there are more than one entry may touch.
    pub fn referring<T: Stored<Id: Id>>(
        &self,
        target: &ObjectRef,
    ) -> Result<Vec<T::Id>, Rejection> {
        let ids: Vec<_> = self.state.referrers::<T>(target).take(CASCADE_MAX + 1).collect();
        if ids.len() > CASCADE_MAX {
            let what = format!("number of {}s changed together with {target}", T::KIND.noun());
            return Err(Rejection::Limit { what, max: CASCADE_MAX as u64 });
        }
        Ok(ids)
    }

    /// Stores a new object under the next id of its kind.
    ///
    /// # Errors
    /// [`Rejection::Limit`] when the kind has used up its ids, or the request what one may do.
    pub fn create<T: Stored<Id: Id>>(&mut self, value: T) -> Result<T::Id, Rejection> {
        self.within_budget()?;
        let last = self.state.meta_mut().last_ids.entry(T::KIND).or_default();
        if *last >= crate::id::ID_MAX {
            let what = format!("ids of kind {}", T::KIND.noun());
            return Err(Rejection::Limit { what, max: u64::from(crate::id::ID_MAX) });
        }
        *last += 1;
        let id = T::Id::from_number(*last);
        self.insert(id, value);
        Ok(id)
    }

    /// Stores a new object under an id given by MAAS; ids of our making continue after it.
    pub fn insert_numbered<T: Stored<Id: Id>>(&mut self, id: T::Id, value: T) {
        let last = self.state.meta_mut().last_ids.entry(T::KIND).or_default();
        *last = (*last).max(id.number());
        self.insert(id, value);
    }

    /// Stores a new object under an id that is not of our making.
    pub fn insert<T: Stored>(&mut self, id: T::Id, value: T) {
        let row = Row {
            created_revision: self.revision,
            revision: self.revision,
            created: self.wall,
            updated: self.wall,
            value,
        };
        self.count();
        self.note::<T>(&id, Operation::Create);
        self.state.put(id, row);
    }

    /// Stores an object under its key, whether it is there already or not. Tells whether anything changed.
    pub fn put<T: Stored>(&mut self, id: T::Id, value: T) -> bool {
        match self.state.get::<T>(&id).cloned() {
            Some(before) => self.replace(&id, &before, value),
            None => {
                self.insert(id, value);
                true
            }
        }
    }

    /// Replaces an object; one that is as it was before is not touched. Tells whether anything changed.
    pub fn replace<T: Stored>(&mut self, id: &T::Id, before: &Row<T>, value: T) -> bool {
        self.count();
        // By bytes: names that differ only in case are equal, but not the same.
        let (old, new) = (codec::to_bare(&before.value), codec::to_bare(&value));
        if old == new {
            return false;
        }
        let (created_revision, created) = (before.created_revision, before.created);
        let (revision, updated) = (self.revision, self.wall);
        let row = Row { created_revision, revision, created, updated, value };
        self.note::<T>(id, Operation::Update);
        if self.is_stored(id, before) {
            self.state.put_known(id.clone(), row, &ValueBytes { before: &old, after: &new });
        } else {
            self.state.put(id.clone(), row);
        }
        true
    }

    /// Whether a row is still the stored one, and not what it was before a side effect of its own change.
    fn is_stored<T: Stored>(&self, id: &T::Id, row: &Row<T>) -> bool {
        self.state.get::<T>(id).is_some_and(|stored| std::ptr::eq(stored.as_ref(), row))
    }

    /// Notes that an object changed because something that is shown as a part of it did: whoever saw it before saw
    /// another one.
    ///
    /// # Errors
    /// [`Rejection::NotFound`]; [`Rejection::Limit`] when the request has done what one may do.
    pub fn touch<T: Stored>(&mut self, id: &T::Id) -> Result<(), Rejection> {
        self.within_budget()?;
        self.count();
        let before = Row::clone(self.row::<T>(id)?);
        self.note::<T>(id, Operation::Update);
        let bytes = codec::to_bare(&before.value);
        let row = Row { revision: self.revision, updated: self.wall, ..before };
        self.state.put_known(id.clone(), row, &ValueBytes { before: &bytes, after: &bytes });
        Ok(())
    }

    /// Changes an object in place; one that comes out as it was is not touched.
    ///
    /// # Errors
    /// [`Rejection::NotFound`]; [`Rejection::Limit`] when the request has done what one may do.
    pub fn modify<T: Stored>(
        &mut self,
        id: &T::Id,
        change: impl FnOnce(&mut T),
    ) -> Result<(), Rejection> {
        self.within_budget()?;
        let before = self.row::<T>(id)?.clone();
        let mut value = before.value.clone();
        change(&mut value);
        self.replace(id, &before, value);
        Ok(())
    }

    /// Removes an object that nothing refers to, with its secrets.
    ///
    /// # Errors
    /// [`Rejection::InUse`], naming one object that refers to it; [`Rejection::Limit`] when the request has done what
    /// one may do.
    pub fn delete<T: Stored>(&mut self, id: &T::Id) -> Result<(), Rejection> {
        self.within_budget()?;
        self.count();
        let object = T::object(id);
        if let Some(by) = self.other_referrer(&object) {
            return Err(Rejection::InUse { object, by });
        }
        if self.state.take::<T>(id).is_some() {
            self.note::<T>(id, Operation::Delete);
            self.forget_secrets(object);
        }
        Ok(())
    }

    /// One object that refers to another one.
    fn other_referrer(&self, object: &ObjectRef) -> Option<ObjectRef> {
        let own = Numbered::of(object)?;
        let mut referrers = self.state.indexes().referrers.under(&own);
        referrers.find(|by| **by != own).map(|by| ObjectRef::from(*by))
    }

    fn forget_secrets(&mut self, owner: ObjectRef) {
        let first = SecretKey { owner, name: String::new() };
        let keys = self.state.tables().secrets.range(first.clone()..).map(|(key, _)| key);
        let own: Vec<_> = keys.take_while(|key| key.owner == first.owner).cloned().collect();
        for key in own {
            self.state.take::<Secret>(&key);
        }
    }

    /// A system id that no node has or had.
    pub(in crate::apply) fn new_system_id(&mut self) -> SystemId {
        loop {
            let drawn = &mut self.state.meta_mut().system_ids_drawn;
            let id = SystemId::nth(*drawn);
            *drawn += 1;
            // One of digits alone would be taken for a number; an imported node may have it already.
            let is_number = id.as_str().bytes().all(|byte| byte.is_ascii_digit());
            let taken = self.state.indexes().nodes_by_system_id.first_under(&id).is_some();
            if !is_number && !taken {
                return id;
            }
        }
    }

    fn note<T: Stored>(&mut self, id: &T::Id, operation: Operation) {
        if T::WATCHED {
            self.noted.note(T::object(id), operation);
        }
    }
}

impl Noted {
    fn note(&mut self, object: ObjectRef, operation: Operation) {
        let before = match self.operations.get(&object) {
            Some(before) => *before,
            None => {
                self.order.push(object.clone());
                None
            }
        };
        let known = self.operations.contains_key(&object);
        let net = match (known, before, operation) {
            (false, _, operation) => Some(operation),
            (true, Some(Operation::Create), Operation::Delete) => None,
            (true, Some(Operation::Create), _) => Some(Operation::Create),
            (true, Some(Operation::Delete), Operation::Create) => Some(Operation::Update),
            (true, _, operation) => Some(operation),
        };
        self.operations.insert(object, net);
    }

    fn changes(&self) -> Vec<Change> {
        let change = |object: &ObjectRef| {
            let operation = self.operations.get(object).copied().flatten()?;
            Some(Change { operation, object: object.clone() })
        };
        self.order.iter().filter_map(change).collect()
    }
}
