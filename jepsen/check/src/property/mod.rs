//! What a region promises, one property a file: each a function from what was seen to what was wrong with it.
//!
//! All are pure, and none knows of the others.

pub mod linearizable;
