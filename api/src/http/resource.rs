//! What a noun of the API says about itself: its fields as a table, and the commands its writes become.
//!
//! Nothing here speaks HTTP. `noun` makes every resource usable without knowing its type.

use crate::http::problem::{FIELDS_NAMED_MAX, Problem};
use crate::http::suggestion::suggestion;
use crate::http::wire::{Shape, Wire};
use crate::problem_kind::ProblemKind;
use regent_core::command::Command;
use regent_core::state::State;
use regent_core::state::table::Row;
use regent_core::state::tables::Stored;
use serde_json::{Map, Value};

/// The key of a resource's rows.
pub type KeyOf<R> = <<R as Resource>::Stored as Stored>::Id;

/// Which writes a noun takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Create, change, delete.
    All,
    /// Change and delete: something else makes them.
    NoCreate,
    /// None: they are recorded by something else.
    None,
}

/// A noun of the API.
pub trait Resource: Send + Sync + 'static {
    /// What it is stored as.
    type Stored: Stored<Id: Send + Sync> + Send + Sync;
    /// What a request's fields are gathered in.
    type Draft: Default;

    /// Its collection in the path: `domains`.
    const PATH: &'static str;
    /// One of them, in messages and operation names: `domain`.
    const SINGULAR: &'static str;
    /// What it is, in a sentence.
    const ABOUT: &'static str;
    /// Which writes it takes.
    const WRITES: Writes = Writes::All;
    /// Its fields beside those every object has.
    const FIELDS: &'static [Field<Self>];

    /// Whether a row belongs to this collection; some tables hold several nouns.
    fn includes(_row: &Row<Self::Stored>) -> bool {
        true
    }

    /// What the answer to its creation shows of it, and no answer after that.
    fn shown_once(_state: &State, _id: &KeyOf<Self>) -> Option<(&'static str, Value)> {
        None
    }

    /// The command that makes one.
    ///
    /// # Errors
    /// [`Problem`] if a field breaks a rule that needs no state to see.
    fn to_create(draft: Self::Draft) -> Result<Command, Problem>;

    /// The command that changes one.
    ///
    /// # Errors
    /// As for `to_create`.
    fn to_update(id: KeyOf<Self>, draft: Self::Draft) -> Result<Command, Problem>;

    /// The command that deletes one.
    ///
    /// # Errors
    /// As for `to_create`.
    fn to_delete(id: KeyOf<Self>) -> Result<Command, Problem>;
}

/// How a field is shown: from the whole state, since some say what other tables know.
pub type Show<R> = fn(&State, &KeyOf<R>, &Row<<R as Resource>::Stored>) -> Value;
/// How a field of a request is taken into the draft.
pub type Read<R> = fn(Value, &mut <R as Resource>::Draft) -> Result<(), String>;

/// When a field may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Never.
    ReadOnly,
    /// Always.
    Write,
    /// Always, and a new object needs it.
    Required,
    /// Only with a new object.
    OnCreate,
    /// Only with a new object, which needs it.
    RequiredOnCreate,
}

/// One field of a noun.
pub struct Field<R: Resource + ?Sized> {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Its schema.
    pub shape: fn() -> Shape,
    /// How it is shown; none for what can only be sent.
    pub show: Option<Show<R>>,
    /// How it is read.
    pub read: Option<Read<R>>,
    /// When it may be sent.
    pub access: Access,
}

impl<R: Resource + ?Sized> Field<R> {
    /// A field that is shown and may be sent.
    pub const fn new(
        name: &'static str,
        about: &'static str,
        shape: fn() -> Shape,
        show: Show<R>,
        read: Read<R>,
    ) -> Self {
        let access = Access::Write;
        Self { name, about, shape, show: Some(show), read: Some(read), access }
    }

    /// A field that is only shown.
    pub const fn shown<T: Wire>(name: &'static str, about: &'static str, show: Show<R>) -> Self {
        let access = Access::ReadOnly;
        Self { name, about, shape: T::shape, show: Some(show), read: None, access }
    }

    /// A field that is only sent, with a new object.
    pub const fn sent<T: Wire>(name: &'static str, about: &'static str, read: Read<R>) -> Self {
        let access = Access::OnCreate;
        Self { name, about, shape: T::shape, show: None, read: Some(read), access }
    }

    /// The field with another access.
    #[must_use]
    pub const fn with(mut self, access: Access) -> Self {
        self.access = access;
        self
    }
}

/// A field whose name in the model, in the draft and in JSON is the same: shown, and sent where it may be.
///
/// `field!(name: String, "Its name.")`; `as "type"` gives it another name in JSON; `patch.name` finds it in the
/// draft's `patch`; `required` marks what a new object needs, `fixed` what only a new object may say.
macro_rules! field {
    (required $($rest:tt)*) => {
        $crate::http::resource::field!($($rest)*).with($crate::http::resource::Access::Required)
    };
    (fixed $($rest:tt)*) => {
        $crate::http::resource::field!($($rest)*).with($crate::http::resource::Access::OnCreate)
    };
    (needed_once $($rest:tt)*) => {
        $crate::http::resource::field!($($rest)*).with($crate::http::resource::Access::RequiredOnCreate)
    };
    (patch.$name:ident: $ty:ty, $about:literal) => {
        $crate::http::resource::field!(@make stringify!($name), $name, (patch), $ty, $about)
    };
    ($name:ident as $wire:literal: $ty:ty, $about:literal) => {
        $crate::http::resource::field!(@make $wire, $name, (), $ty, $about)
    };
    ($name:ident: $ty:ty, $about:literal) => {
        $crate::http::resource::field!(@make stringify!($name), $name, (), $ty, $about)
    };
    (@make $wire:expr, $name:ident, ($($via:ident)?), $ty:ty, $about:literal) => {
        $crate::http::resource::Field::<Self>::new(
            $wire,
            $about,
            <$ty as $crate::http::wire::Wire>::shape,
            |_, _, row| <$ty as $crate::http::wire::Wire>::show(&row.value.$name),
            |value, draft| {
                draft.$($via.)?$name = Some(<$ty as $crate::http::wire::Wire>::read(value)?);
                Ok(())
            },
        )
    };
}
pub(crate) use field;

/// What a request's fields are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new object.
    Create,
    /// A change of one.
    Change,
}

/// Gathers the fields of a request.
///
/// # Errors
/// [`Problem`] naming every field that is unknown, missing or wrong.
pub fn gather<R: Resource>(
    mut sent: Map<String, Value>,
    purpose: Purpose,
) -> Result<R::Draft, Problem> {
    let mut draft = R::Draft::default();
    let mut wrong = Vec::new();
    for field in R::FIELDS {
        let value = sent.remove(field.name);
        let taken = match (value, field.read) {
            (None, _) if needs(field.access, purpose) => Err("is missing".to_owned()),
            (None, _) => Ok(()),
            (Some(_), _) if !takes(field.access, purpose) => Err("cannot be changed".to_owned()),
            (Some(_), None) => Err("cannot be changed".to_owned()),
            (Some(value), Some(read)) => read(value, &mut draft),
        };
        wrong.extend(taken.err().map(|message| (field.name.to_owned(), message)));
    }
    let known = || R::FIELDS.iter().filter(|field| takes(field.access, purpose)).map(|it| it.name);
    let unknown = |name: String| {
        let message = format!("is no field of a {}{}", R::SINGULAR, suggestion(&name, known()));
        (name, message)
    };
    wrong.extend(sent.into_iter().take(FIELDS_NAMED_MAX).map(|(name, _)| unknown(name)));
    let Some((first, message)) = wrong.first() else { return Ok(draft) };
    let start = Problem::new(ProblemKind::Invalid, format!("{first} {message}"));
    Err(wrong.iter().fold(start, |problem, (name, message)| {
        problem.with_field(&format!("/{name}"), message.as_str())
    }))
}

fn needs(access: Access, purpose: Purpose) -> bool {
    match access {
        Access::Required | Access::RequiredOnCreate => purpose == Purpose::Create,
        Access::ReadOnly | Access::Write | Access::OnCreate => false,
    }
}

/// Whether a field of this access may be sent for this purpose.
#[must_use]
pub fn takes(access: Access, purpose: Purpose) -> bool {
    match access {
        Access::ReadOnly => false,
        Access::Write | Access::Required => true,
        Access::OnCreate | Access::RequiredOnCreate => purpose == Purpose::Create,
    }
}

/// The refusal of a write the noun does not take.
pub fn not_taken<R: Resource>() -> Problem {
    let detail = format!("{} are not written through this path", R::PATH);
    Problem::new(ProblemKind::MethodNotAllowed, detail)
}
