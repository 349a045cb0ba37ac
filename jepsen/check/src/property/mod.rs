//! What a region promises, one property a file: each a function from what was seen to what was wrong with it.
//!
//! All are pure, and none knows of the others. [`changes`] is no property, but what two of them look things up in.

pub mod at_revision;
pub mod changes;
pub mod final_register;
pub mod linearizable;
pub mod revision;
pub mod session;
