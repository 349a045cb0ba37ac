//! Schemas: what they are called, and those of JSON objects that are no noun: what actions are sent and answer.

use crate::http::wire::{Shape, Wire as _, plain};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

/// The name of a noun's schema: `ip-range` becomes `IpRange`.
#[must_use]
pub fn schema_name(singular: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    singular.split('-').map(capital).collect()
}

/// An object with these fields, all of them required.
pub fn record<'a>(required: impl IntoIterator<Item = (&'a str, Shape)>) -> Shape {
    record_with(required, [])
}

/// An object with these fields, and others that may be left out.
pub fn record_with<'a>(
    required: impl IntoIterator<Item = (&'a str, Shape)>,
    optional: impl IntoIterator<Item = (&'a str, Shape)>,
) -> Shape {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let object = required
        .into_iter()
        .fold(object, |object, (name, shape)| object.property(name, shape).required(name));
    optional
        .into_iter()
        .fold(object, |object, (name, shape)| object.property(name, shape))
        .build()
        .into()
}

/// A list of these.
pub fn list_of(item: Shape) -> Shape {
    ArrayBuilder::new().items(item).build().into()
}

/// One of these words.
pub fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Shape {
    let words: Vec<_> = words.into_iter().collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build().into()
}

/// An object with any fields, each of this shape.
pub fn map_of(value: Shape) -> Shape {
    ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(value)).build().into()
}

/// Bytes that are no JSON.
pub fn bytes() -> Shape {
    plain(Type::String)
}

/// Any object.
pub fn any_object() -> Shape {
    plain(Type::Object)
}

/// What was made by one write: the objects, and the revision at which they were.
pub fn made(item: Shape) -> Shape {
    record_with(
        [("items", list_of(item)), ("revision", u64::shape())],
        [("pending_here", bool::shape())],
    )
}
