//! Named values of any type, such as the power parameters of a BMC, as they stand in JSON.

use crate::http::wire::{Shape, Wire, mismatch};
use regent_core::model::parameter::{PARAMETERS_BYTES_MAX, ParameterValue, Parameters};
use regent_core::model::text::check_length;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};

impl Wire for ParameterValue {
    fn show(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Integer(number) => Value::from(*number),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Texts(texts) => texts.iter().map(String::as_str).collect(),
            Self::Json(json) => serde_json::from_str(json).unwrap_or_else(|_| json.as_str().into()),
        }
    }

    /// None is larger than all values of an object together may be.
    fn read(value: Value) -> Result<Self, String> {
        let read = match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(truth),
            Value::String(text) => Self::Text(text),
            Value::Number(ref number) => match number.as_i64() {
                Some(number) => Self::Integer(number),
                None => return Err(format!("{number} is no whole number of 64 bits")),
            },
            Value::Array(ref items) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
                let texts: Option<Vec<_>> = texts.collect();
                texts.map_or_else(|| Self::Json(value.to_string()), Self::Texts)
            }
            Value::Object(_) => Self::Json(value.to_string()),
        };
        let checked = check_length(read.size_bytes(), PARAMETERS_BYTES_MAX);
        checked.map_err(|error| error.to_string())?;
        Ok(read)
    }

    fn shape() -> Shape {
        ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::SchemaType::AnyValue)
            .build()
            .into()
    }
}

impl Wire for Parameters {
    fn show(&self) -> Value {
        self.iter().map(|(name, value)| (name.clone(), value.show())).collect()
    }

    fn read(value: Value) -> Result<Self, String> {
        let Value::Object(map) = value else { return Err(mismatch("an object", &value)) };
        let read = |(name, value)| {
            let read = ParameterValue::read(value).map_err(|error| format!("{name:?}: {error}"));
            read.map(|value| (name, value))
        };
        map.into_iter().map(read).collect()
    }

    fn shape() -> Shape {
        let any = ParameterValue::shape();
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(any))
            .build()
            .into()
    }
}
