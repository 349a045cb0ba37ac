//! How many addresses of a subnet were said to be in use by somebody unknown, lately (rule R15): nobody may talk a pool
//! empty, be it a client, a network full of strangers, or a rack.

use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// One in so many addresses of a subnet's dynamic ranges may be declined in [`DECLINES_SPAN_MILLIS`]; at least one.
pub const DECLINES_ONE_IN: u128 = 20;
/// See [`DECLINES_ONE_IN`].
pub const DECLINES_SPAN_MILLIS: Millis = Millis::from_secs(3_600);

/// The declines of a subnet, counted from the first until a span after it. The subnet is its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclineCount {
    /// How many.
    pub declines: u64,
    /// When the span ends, and counting begins anew.
    pub until: ClusterTime,
}
