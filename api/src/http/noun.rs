//! Nouns without their types: what lists, transactions and feeds need of every noun alike.

use crate::http::problem::Problem;
use crate::http::resource::{Access, KeyOf, Purpose, Resource, Writes, gather};
use crate::http::view::View;
use crate::http::wire::{Shape, Wire, either, step_reference};
use crate::problem_kind::ProblemKind;
use regent_core::command::Command;
use regent_core::id::{ID_MAX, step_number};
use regent_core::object::{Key, Kind, ObjectRef, TableKey};
use regent_core::query::named::named;
use regent_core::state::State;
use regent_core::state::table::Row;
use regent_core::state::tables::Stored;
use serde_json::{Map, Value};
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

/// The name in a path segment that is no number; one that looks like a number has `name:` before it.
#[must_use]
pub fn name(segment: &str) -> &str {
    segment.strip_prefix("name:").unwrap_or(segment)
}

/// A field as documents need it.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Its schema.
    pub shape: fn() -> Shape,
    /// Whether it is shown.
    pub shown: bool,
    /// When it may be sent.
    pub access: Access,
}

/// The fields every object has.
const STANDARD: [FieldInfo; 5] = [
    standard("id", "What it is found by; never used again for another.", Key::shape),
    standard("created_revision", "The revision that created it.", u64::shape),
    standard("revision", "The revision that changed it last.", u64::shape),
    standard(
        "created",
        "When it was created, by the clock of the node that took the write.",
        String::shape,
    ),
    standard("updated", "When it was changed last, by such a clock.", String::shape),
];

const fn standard(name: &'static str, about: &'static str, shape: fn() -> Shape) -> FieldInfo {
    FieldInfo { name, about, shape, shown: true, access: Access::ReadOnly }
}

/// An object that is passed in a scan: shown only as far as somebody looks.
pub trait Seen {
    /// Its key.
    fn key(&self) -> Key;
    /// One of its fields; null if there is no such field.
    fn field(&self, name: &str) -> Value;
    /// All of it.
    fn view(&self) -> View;
}

/// What a scan does with each object.
pub type Visit<'a> = dyn FnMut(&dyn Seen) -> ControlFlow<()> + 'a;

/// A noun whose types are not known.
pub trait Noun: Send + Sync {
    /// Its collection in the path.
    fn path(&self) -> &'static str;
    /// One of them.
    fn singular(&self) -> &'static str;
    /// What it is.
    fn about(&self) -> &'static str;
    /// Its table.
    fn kind(&self) -> Kind;
    /// Whether its changes are told to watchers.
    fn watched(&self) -> bool;
    /// Which writes it takes.
    fn writes(&self) -> Writes;
    /// All its fields.
    fn fields(&self) -> Vec<FieldInfo>;
    /// The key a path segment means, if there is such an object here.
    fn find(&self, state: &State, segment: &str) -> Option<Key>;
    /// The key a number in a path means, which needs no look at the state.
    fn numbered(&self, segment: &str) -> Option<Key>;
    /// The object, if it is one of this noun.
    fn view(&self, state: &State, key: &Key) -> Option<View>;
    /// The object as the answer to its creation shows it.
    fn view_of_new(&self, state: &State, key: &Key) -> Option<View>;
    /// Shows `visit` one object after the other, from behind `after` on, until it has enough.
    fn scan(&self, state: &State, after: Option<&Key>, visit: &mut Visit<'_>);
    /// The command that makes one.
    ///
    /// # Errors
    /// [`Problem`] naming every wrong field.
    fn create(&self, fields: Map<String, Value>) -> Result<Command, Problem>;
    /// The command that changes one.
    ///
    /// # Errors
    /// [`Problem`] naming every wrong field.
    fn change(&self, key: &Key, fields: Map<String, Value>) -> Result<Command, Problem>;
    /// The command that deletes one.
    ///
    /// # Errors
    /// [`Problem`] if it is not deleted this way.
    fn delete(&self, key: &Key) -> Result<Command, Problem>;

    /// Points at one of them.
    fn object(&self, key: Key) -> ObjectRef {
        ObjectRef { kind: self.kind(), key }
    }

    /// That there is none.
    fn missing(&self, segment: &str) -> Problem {
        Problem::new(ProblemKind::NotFound, format!("there is no {segment:?} in {}", self.path()))
    }
}

struct Passed<'a, R: Resource> {
    state: &'a State,
    id: &'a KeyOf<R>,
    row: &'a Row<R::Stored>,
}

impl<R: Resource> Noun for R {
    fn path(&self) -> &'static str {
        R::PATH
    }

    fn singular(&self) -> &'static str {
        R::SINGULAR
    }

    fn about(&self) -> &'static str {
        R::ABOUT
    }

    fn kind(&self) -> Kind {
        R::Stored::KIND
    }

    fn watched(&self) -> bool {
        R::Stored::WATCHED
    }

    fn writes(&self) -> Writes {
        R::WRITES
    }

    fn fields(&self) -> Vec<FieldInfo> {
        let own = R::FIELDS.iter().map(|field| FieldInfo {
            name: field.name,
            about: field.about,
            shape: field.shape,
            shown: field.show.is_some(),
            access: field.access,
        });
        STANDARD.into_iter().chain(own).collect()
    }

    fn find(&self, state: &State, segment: &str) -> Option<Key> {
        let id = match self.numbered(segment) {
            Some(key) => KeyOf::<R>::from_key(&key)?,
            None => KeyOf::<R>::from_key(&named(state, self.kind(), name(segment))?)?,
        };
        let row = state.get::<R::Stored>(&id)?;
        R::includes(row).then(|| id.to_key())
    }

    fn numbered(&self, segment: &str) -> Option<Key> {
        if let Some(step) = step_reference(segment) {
            return Some(Key::Number(u64::from(step_number(step))));
        }
        let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = segment.parse().ok().filter(|number| digits && *number <= ID_MAX)?;
        let key = Key::Number(u64::from(number));
        KeyOf::<R>::from_key(&key).map(|_| key)
    }

    fn view(&self, state: &State, key: &Key) -> Option<View> {
        let id = KeyOf::<R>::from_key(key)?;
        let row = state.get::<R::Stored>(&id).filter(|row| R::includes(row))?;
        Some(Passed::<R> { state, id: &id, row }.view())
    }

    fn view_of_new(&self, state: &State, key: &Key) -> Option<View> {
        let mut view = self.view(state, key)?;
        view.once = KeyOf::<R>::from_key(key).and_then(|id| R::shown_once(state, &id));
        Some(view)
    }

    fn scan(&self, state: &State, after: Option<&Key>, visit: &mut Visit<'_>) {
        let after = after.and_then(KeyOf::<R>::from_key);
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let table = R::Stored::table(state.tables());
        let rows = table.range((start, Bound::Unbounded)).filter(|(_, row)| R::includes(row));
        for (id, row) in rows {
            let row: &Arc<Row<R::Stored>> = row;
            if visit(&Passed::<R> { state, id, row }).is_break() {
                return;
            }
        }
    }

    fn create(&self, fields: Map<String, Value>) -> Result<Command, Problem> {
        R::to_create(gather::<R>(fields, Purpose::Create)?)
    }

    fn change(&self, key: &Key, fields: Map<String, Value>) -> Result<Command, Problem> {
        let draft = gather::<R>(fields, Purpose::Change)?;
        R::to_update(self.id_of(key)?, draft)
    }

    fn delete(&self, key: &Key) -> Result<Command, Problem> {
        R::to_delete(self.id_of(key)?)
    }
}

/// Back from a key to the resource's own.
trait IdOf: Resource {
    fn id_of(&self, key: &Key) -> Result<KeyOf<Self>, Problem>
    where
        Self: Sized,
    {
        KeyOf::<Self>::from_key(key).ok_or_else(|| Noun::missing(self, &key.to_string()))
    }
}

impl<R: Resource> IdOf for R {}

impl<R: Resource> Seen for Passed<'_, R> {
    fn key(&self) -> Key {
        self.id.to_key()
    }

    fn field(&self, name: &str) -> Value {
        match name {
            "id" => self.id.to_key().show(),
            "created_revision" => Value::from(self.row.created_revision.0),
            "revision" => Value::from(self.row.revision.0),
            "created" => self.row.created.show(),
            "updated" => self.row.updated.show(),
            other => {
                let field = R::FIELDS.iter().find(|field| field.name == other);
                let show = field.and_then(|field| field.show);
                show.map_or(Value::Null, |show| show(self.state, self.id, self.row))
            }
        }
    }

    fn view(&self) -> View {
        let standard = STANDARD.iter().map(|field| (field.name, self.field(field.name)));
        let own = R::FIELDS.iter().filter_map(|field| {
            let show = field.show?;
            Some((field.name, show(self.state, self.id, self.row)))
        });
        let fields = standard.chain(own).collect();
        View { revision: self.row.revision.0, fields, once: None }
    }
}

impl Wire for Key {
    fn show(&self) -> Value {
        match self {
            Self::Number(number) => Value::from(*number),
            Self::Address(address) => address.show(),
            Self::Name(name) => Value::from(name.as_str()),
        }
    }

    fn read(_: Value) -> Result<Self, String> {
        Err("is given by the region".to_owned())
    }

    fn shape() -> Shape {
        either(u32::shape(), String::shape())
    }
}
