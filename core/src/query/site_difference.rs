//! How one site differs from another, table by table in stretches of bounded length: what an import would replace.
//!
//! One side walks a state it has into [`Stretch`]es, which hold a mark of each row and not the row; the other compares
//! them with the state it has. Moments of cluster time do not count, since each region has its own, nor do revisions
//! and dates.

use crate::codec::{from_bare, to_bare};
use crate::model::import::belongs_to_site;
use crate::model::lease::Lease;
use crate::model::static_ip_address::StaticIpAddress;
use crate::object::Kind;
use crate::query::name::name;
use crate::rejection::Rejection;
use crate::state::State;
use crate::state::digest::Digest;
use crate::state::table::{Row, Table};
use crate::state::tables::{KindVisitor, Stored, TableVisitor, visit_kind};
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::cmp::Ordering;
use std::ops::Bound;
use std::sync::Arc;

/// Rows of one stretch.
pub const STRETCH_ROWS_MAX: usize = 4096;
/// Objects of each sort that a comparison names.
pub const EXAMPLES_MAX: usize = 3;

/// What a row is found by, in the canonical bytes of its table's own sort of key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(Vec<u8>);

/// All rows of one table behind a key and up to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Number of the kind.
    pub kind: u8,
    /// It begins behind this key; at the beginning if none.
    pub after: Option<RowId>,
    /// It ends with this key; at the end if none.
    pub until: Option<RowId>,
    /// Its rows, in the order of their keys.
    pub rows: Vec<RowMark>,
}

/// A row by what tells its content from any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowMark {
    /// What it is found by.
    pub id: RowId,
    /// The digest of its content.
    pub mark: Digest,
}

/// What a stretch would change in a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StretchDifference {
    /// Rows the state does not have.
    pub added: u64,
    /// Rows the state has with other content.
    pub changed: u64,
    /// Rows of the state that the stretch does not have.
    pub removed: u64,
    /// Rows that are the same.
    pub unchanged: u64,
    /// The first of the added ones.
    pub added_ids: Vec<RowId>,
    /// The first of the changed ones.
    pub changed_ids: Vec<RowId>,
    /// What people call the first of the removed ones.
    pub removed_names: Vec<String>,
}

/// The kinds whose rows make a site, in the order of their tables.
#[must_use]
pub fn site_kinds(state: &State) -> Vec<Kind> {
    struct Kinds(Vec<Kind>);
    impl TableVisitor for Kinds {
        type Error = std::convert::Infallible;
        fn visit<T: Stored>(&mut self, _: &Table<T::Id, T>) -> Result<(), Self::Error> {
            self.0.extend(belongs_to_site(T::KIND).then_some(T::KIND));
            Ok(())
        }
    }
    let mut kinds = Kinds(Vec::new());
    let Ok(()) = state.tables().visit(&mut kinds);
    kinds.0
}

/// The stretch of a kind's rows that begins behind `after` and has `rows_max` rows, or ends with the table.
#[must_use]
pub fn stretch(state: &State, kind: Kind, after: Option<&RowId>, rows_max: usize) -> Stretch {
    let cut = Cut { state, after, rows_max };
    visit_kind(kind as u8, cut).expect("every kind has a table")
}

/// What people call an object of a state, if it is there.
#[must_use]
pub fn name_of(state: &State, kind: Kind, id: &RowId) -> Option<String> {
    visit_kind(kind as u8, NameOf { state, id }).expect("every kind has a table")
}

/// Compares a stretch of another site with a state.
///
/// # Errors
/// [`Rejection`] if it is no stretch of a table of a site.
pub fn compare(state: &State, stretch: &Stretch) -> Result<StretchDifference, Rejection> {
    if stretch.rows.len() > STRETCH_ROWS_MAX {
        return Err(Rejection::invalid("rows", format!("more than {STRETCH_ROWS_MAX}")));
    }
    let unknown = || Rejection::invalid("kind", "is no table of a site");
    visit_kind(stretch.kind, Compare { state, stretch }).ok_or_else(unknown)?
}

struct Cut<'a> {
    state: &'a State,
    after: Option<&'a RowId>,
    rows_max: usize,
}

impl KindVisitor for Cut<'_> {
    type Output = Stretch;

    fn visit<T: Stored>(self) -> Stretch {
        let table = T::table(self.state.tables());
        let after: Option<T::Id> = self.after.and_then(|id| from_bare(&id.0).ok());
        let mut behind =
            table.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let marked =
            |(id, row): (&T::Id, &Arc<Row<T>>)| RowMark { id: RowId(to_bare(id)), mark: mark(row) };
        let rows: Vec<RowMark> = behind.by_ref().take(self.rows_max).map(marked).collect();
        let last = rows.last().map(|row| row.id.clone());
        let until = last.filter(|_| behind.next().is_some());
        Stretch { kind: T::KIND as u8, after: self.after.cloned(), until, rows }
    }
}

struct NameOf<'a> {
    state: &'a State,
    id: &'a RowId,
}

impl KindVisitor for NameOf<'_> {
    type Output = Option<String>;

    fn visit<T: Stored>(self) -> Self::Output {
        let id: T::Id = from_bare(&self.id.0).ok()?;
        self.state.get::<T>(&id).map(|row| name(&id, &row.value))
    }
}

struct Compare<'a> {
    state: &'a State,
    stretch: &'a Stretch,
}

impl KindVisitor for Compare<'_> {
    type Output = Result<StretchDifference, Rejection>;

    fn visit<T: Stored>(self) -> Self::Output {
        if !belongs_to_site(T::KIND) {
            return Err(Rejection::invalid("kind", "is no table of a site"));
        }
        let Stretch { after, until, rows, .. } = self.stretch;
        let after = after.as_ref().map(id_of::<T>).transpose()?;
        let until = until.as_ref().map(id_of::<T>).transpose()?;
        let ids: Vec<T::Id> =
            rows.iter().map(|row| id_of::<T>(&row.id)).collect::<Result<_, _>>()?;
        let in_range = ids.first().zip(after.as_ref()).is_none_or(|(first, after)| after < first)
            && ids.last().zip(until.as_ref()).is_none_or(|(last, until)| last <= until)
            && after.as_ref().zip(until.as_ref()).is_none_or(|(after, until)| after < until);
        if !in_range || !ids.is_sorted_by(|one, next| one < next) {
            return Err(Rejection::invalid("rows", "are not in order between the ends"));
        }
        let range = (
            after.map_or(Bound::Unbounded, Bound::Excluded),
            until.map_or(Bound::Unbounded, Bound::Included),
        );
        let there = T::table(self.state.tables()).range(range);
        Ok(merge(there, ids.iter().zip(rows)))
    }
}

fn id_of<T: Stored>(id: &RowId) -> Result<T::Id, Rejection> {
    let noun = T::KIND.noun();
    from_bare(&id.0).map_err(|error| Rejection::invalid("rows", format!("no {noun}: {error}")))
}

/// Walks both sides at once, each in the order of its keys.
fn merge<'a, T: Stored>(
    there: impl Iterator<Item = (&'a T::Id, &'a Arc<Row<T>>)>,
    coming: impl Iterator<Item = (&'a T::Id, &'a RowMark)>,
) -> StretchDifference {
    let (mut there, mut coming) = (there.peekable(), coming.peekable());
    let mut difference = StretchDifference::default();
    loop {
        let order = match (there.peek(), coming.peek()) {
            (None, None) => return difference,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        match order {
            Ordering::Less => difference.remove(there.next().expect("peeked")),
            Ordering::Greater => difference.add(&coming.next().expect("peeked").1.id),
            Ordering::Equal => {
                let (old, new) =
                    (there.next().expect("peeked").1, coming.next().expect("peeked").1);
                difference.meet(&new.id, mark(old) == new.mark);
            }
        }
    }
}

impl StretchDifference {
    fn add(&mut self, id: &RowId) {
        self.added += 1;
        keep(&mut self.added_ids, || id.clone());
    }

    fn remove<T: Stored>(&mut self, (id, row): (&T::Id, &Arc<Row<T>>)) {
        self.removed += 1;
        keep(&mut self.removed_names, || name(id, &row.value));
    }

    fn meet(&mut self, id: &RowId, is_same: bool) {
        if is_same {
            self.unchanged += 1;
        } else {
            self.changed += 1;
            keep(&mut self.changed_ids, || id.clone());
        }
    }
}

fn keep<T>(examples: &mut Vec<T>, example: impl FnOnce() -> T) {
    if examples.len() < EXAMPLES_MAX {
        examples.push(example());
    }
}

/// What tells a row's content from any other. Moments of cluster time are left out.
fn mark<T: Stored>(row: &Arc<Row<T>>) -> Digest {
    let of = |value: &T| Digest::of_row(T::KIND as u8, &[], &to_bare(value));
    let value: &dyn Any = &row.value;
    if !value.is::<Lease>() && !value.is::<StaticIpAddress>() {
        return of(&row.value);
    }
    let mut timeless = row.value.clone();
    let value: &mut dyn Any = &mut timeless;
    if let Some(lease) = value.downcast_mut::<Lease>() {
        let never = ClusterTime::default();
        (lease.start, lease.binding.expires) = (never, never);
        (lease.binding.foreign_until, lease.rests_until) = (never, never);
    } else if let Some(address) = value.downcast_mut::<StaticIpAddress>() {
        address.temp_expires_on = address.temp_expires_on.map(|_| ClusterTime::default());
    }
    of(&timeless)
}
