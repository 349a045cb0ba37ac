//! JSON of MAAS as named values of ours.

use crate::cli::import::mapping::report::{Place, Report};
use regent_core::model::parameter::{PARAMETERS_BYTES_MAX, ParameterValue, Parameters};
use regent_core::model::secret_name::is_secret;
use serde_json::Value as Json;

/// One value.
#[must_use]
pub(in crate::cli::import::mapping) fn value(json: &Json) -> ParameterValue {
    match json {
        Json::Null => ParameterValue::Null,
        Json::Bool(yes) => ParameterValue::Bool(*yes),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| as_text(json), ParameterValue::Integer)
        }
        Json::String(text) => ParameterValue::Text(text.clone()),
        Json::Array(items) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().map_or_else(|| as_text(json), ParameterValue::Texts)
        }
        Json::Object(_) => as_text(json),
    }
}

/// Takes the secrets out of named values. Those that are no texts open nothing, and are left out.
pub(in crate::cli::import::mapping) fn take_secrets(
    parameters: &mut Parameters,
) -> Vec<(String, String)> {
    let names: Vec<_> = parameters.keys().filter(|name| is_secret(name)).cloned().collect();
    let take = |name: String| match parameters.remove(&name) {
        Some(ParameterValue::Text(text)) => Some((name, text)),
        Some(_) | None => None,
    };
    names.into_iter().filter_map(take).collect()
}

fn as_text(json: &Json) -> ParameterValue {
    ParameterValue::Json(json.to_string())
}

/// The values of a JSON object. What is none, or too large, is left out and told.
pub(in crate::cli::import::mapping) fn values(
    report: &mut Report,
    place: Place<'_>,
    field: &str,
    json: Option<&Json>,
) -> Parameters {
    let values: Parameters = match json {
        None | Some(Json::Null) => return Parameters::new(),
        Some(Json::Object(values)) => {
            values.iter().map(|(name, json)| (name.clone(), value(json))).collect()
        }
        // MAAS writes an empty text where it means nothing.
        Some(Json::String(text)) if text.is_empty() => return Parameters::new(),
        Some(Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) => {
            report.note(place, format!("{field} is left empty: it holds no named values"));
            return Parameters::new();
        }
    };
    let bytes: usize = values.iter().map(|(name, value)| name.len() + value.size_bytes()).sum();
    if bytes > PARAMETERS_BYTES_MAX {
        report
            .note(place, format!("{field} is left empty: more than {PARAMETERS_BYTES_MAX} bytes"));
        return Parameters::new();
    }
    values
}
