//! What a region promises, one property a file: each a function from what was seen to what was wrong with it.
//!
//! All are pure, and none knows of the others. [`changes`] is no property, but what two of them look things up in.

pub mod at_revision;
pub mod changes;
pub mod counter;
pub mod digest;
pub mod dns;
pub mod final_register;
pub mod linearizable;
pub mod log;
pub mod one_holder;
pub mod revision;
pub mod session;
pub mod set;
pub mod usage;
pub mod watch;
