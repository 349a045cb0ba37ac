//! How many interfaces and addresses of the machine are looked at, for everybody who looks: what serves on them, and what
//! tells the region of them.

/// Most interfaces; the rest is left alone.
pub const INTERFACES_MAX: usize = 512;
/// Most addresses of one interface.
pub const ADDRESSES_PER_INTERFACE_MAX: usize = 64;
