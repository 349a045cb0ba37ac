//! Lists, item by item: a fault tells which.

use crate::malformed::{Malformed, check_count};

/// Reads or writes each item of the list of this name.
///
/// # Errors
/// More items than `count_max`, or what is wrong with the first bad one.
pub(in crate::view) fn each<T, U>(
    part: &str,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    count_max: usize,
    turn: impl Fn(T) -> Result<U, Malformed>,
) -> Result<Vec<U>, Malformed> {
    let items = items.into_iter();
    check_count(part, items.len(), count_max)?;
    let turn =
        |(place, item)| turn(item).map_err(|error| error.within(format_args!("{part}[{place}]")));
    items.enumerate().map(turn).collect()
}
