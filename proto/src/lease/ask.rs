//! Steps of the lease protocol, asked together.

use crate::lease::step;
use crate::malformed::{Malformed, check_count};
use crate::rack;
use regent_core::command::rack::{LEASE_STEPS_MAX, LeaseStep};

/// The number a rack gave the message, and its steps in order.
///
/// # Errors
/// More than [`LEASE_STEPS_MAX`] steps, or the first one that makes no sense.
pub fn read(ask: rack::Ask) -> Result<(u64, Vec<LeaseStep>), Malformed> {
    let rack::Ask { id, steps } = ask;
    check_count("steps", steps.len(), LEASE_STEPS_MAX)?;
    let read = |(place, step)| step::read(step).map_err(|error| at_step(place, error));
    Ok((id, steps.into_iter().enumerate().map(read).collect::<Result<_, _>>()?))
}

/// Steps of this number.
///
/// # Errors
/// More than [`LEASE_STEPS_MAX`] steps, or the first one that no message can carry.
pub fn write(id: u64, steps: &[LeaseStep]) -> Result<rack::Ask, Malformed> {
    check_count("steps", steps.len(), LEASE_STEPS_MAX)?;
    let write = |(place, step)| step::write(step).map_err(|error| at_step(place, error));
    Ok(rack::Ask { id, steps: steps.iter().enumerate().map(write).collect::<Result<_, _>>()? })
}

fn at_step(place: usize, error: Malformed) -> Malformed {
    error.within(format_args!("steps[{place}]"))
}
