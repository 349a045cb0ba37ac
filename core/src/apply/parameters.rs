//! Bounds on named values.

use crate::apply::text::NAME_CHARS_MAX;
use crate::model::parameter::{PARAMETERS_BYTES_MAX, Parameters};
use crate::rejection::Rejection;

/// Values one object may have.
const PARAMETERS_MAX: usize = 128;

/// Refuses too many or too large values.
pub(in crate::apply) fn check_parameters(
    field: &str,
    parameters: &Parameters,
) -> Result<(), Rejection> {
    if parameters.len() > PARAMETERS_MAX {
        return Err(Rejection::invalid(field, format!("more than {PARAMETERS_MAX} values")));
    }
    if parameters.keys().any(|name| name.is_empty() || name.len() > NAME_CHARS_MAX) {
        let reason = format!("names of values have 1 to {NAME_CHARS_MAX} bytes");
        return Err(Rejection::invalid(field, reason));
    }
    let bytes: usize = parameters.values().map(|value| value.size_bytes()).sum();
    if bytes > PARAMETERS_BYTES_MAX {
        let reason = format!("{bytes} bytes of values, {PARAMETERS_BYTES_MAX} are allowed");
        return Err(Rejection::invalid(field, reason));
    }
    Ok(())
}
