//! Settings of the site, read as what they mean.

use crate::model::parameter::ParameterValue;
use crate::model::setting::{Setting, SettingName};
use crate::state::State;

/// Whether a setting is on; none if it does not say.
#[must_use]
pub fn flag(state: &State, name: &str) -> Option<bool> {
    let row = state.get::<Setting>(&SettingName(name.to_owned()));
    match row.map(|row| &row.value.value) {
        Some(ParameterValue::Bool(is_on)) => Some(*is_on),
        Some(
            ParameterValue::Null
            | ParameterValue::Integer(_)
            | ParameterValue::Text(_)
            | ParameterValue::Texts(_)
            | ParameterValue::Json(_),
        )
        | None => None,
    }
}

/// The words of a setting that MAAS keeps as one text: between blanks, commas and semicolons.
#[must_use]
pub fn words(state: &State, name: &str) -> Vec<String> {
    let row = state.get::<Setting>(&SettingName(name.to_owned()));
    match row.map(|row| &row.value.value) {
        Some(ParameterValue::Text(text)) => {
            let split = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
            split.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        Some(ParameterValue::Texts(texts)) => texts.clone(),
        Some(
            ParameterValue::Null
            | ParameterValue::Bool(_)
            | ParameterValue::Integer(_)
            | ParameterValue::Json(_),
        )
        | None => Vec::new(),
    }
}
