//! Whether a field can have a value that a filter compares it with: one it can never have is a mistake of the client,
//! not a list without objects.

use crate::http::wire::Shape;
use serde_json::Value;
use utoipa::openapi::schema::{ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// Checks a value against the schema of a field; of a list, against that of its items.
///
/// # Errors
/// What is wrong with the value, for people.
pub fn check(shape: &Shape, operand: &str) -> Result<(), String> {
    let mut simple = Vec::new();
    if !is_simple(shape, &mut simple) {
        return Ok(());
    }
    let mut wrong = simple.iter().map(|object| check_simple(object, operand));
    wrong.find(Result::is_ok).unwrap_or_else(|| {
        let told = simple.iter().find_map(|object| check_simple(object, operand).err());
        told.map_or(Ok(()), Err)
    })
}

/// Whether all that a field can be are values of JSON's own types; collects those that a text can be compared with.
fn is_simple<'s>(shape: &'s Shape, simple: &mut Vec<&'s Object>) -> bool {
    match shape {
        RefOr::T(Schema::Object(object)) => {
            if object.schema_type != SchemaType::Type(Type::Null) {
                simple.push(object);
            }
            true
        }
        RefOr::T(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(items) => is_simple(items, simple),
            ArrayItems::False => false,
        },
        RefOr::T(Schema::AnyOf(any)) => any.items.iter().all(|item| is_simple(item, simple)),
        RefOr::T(_) | RefOr::Ref(_) => false,
    }
}

fn check_simple(object: &Object, operand: &str) -> Result<(), String> {
    if let Some(choices) = &object.enum_values {
        let text =
            |choice: &Value| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
        let names: Vec<_> = choices.iter().map(text).collect();
        return match names.iter().any(|name| name == operand) {
            true => Ok(()),
            false => Err(format!("{operand:?} is none of {}", names.join(", "))),
        };
    }
    match &object.schema_type {
        SchemaType::Type(Type::Integer) if operand.parse::<i64>().is_err() => {
            Err(format!("{operand:?} is no whole number"))
        }
        SchemaType::Type(Type::Boolean) if operand.parse::<bool>().is_err() => {
            Err(format!("{operand:?} is not true or false"))
        }
        SchemaType::Type(_) | SchemaType::Array(_) | SchemaType::AnyValue => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::http::wire::Wire as _;
    use regent_core::model::node::PowerState;

    #[test]
    fn value_that_a_field_can_never_have_is_told() {
        assert_eq!(check(&bool::shape(), "yes").unwrap_err(), "\"yes\" is not true or false");
        assert_eq!(check(&Option::<u32>::shape(), "x").unwrap_err(), "\"x\" is no whole number");
        assert!(check(&PowerState::shape(), "onn").unwrap_err().contains("is none of on, off"));
        assert!(check(&Vec::<u32>::shape(), "x").is_err());
    }

    #[test]
    fn value_that_a_field_may_have_passes() {
        assert!(check(&bool::shape(), "true").is_ok() && check(&u32::shape(), "7").is_ok());
        assert!(check(&Option::<String>::shape(), "x").is_ok());
        assert!(check(&PowerState::shape(), "on").is_ok());
    }
}
