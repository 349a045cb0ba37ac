//! What an agent remembers, on disk: who it is in one file, what it gave and may give in another.
//!
//! The two are apart so that a damaged database does not lose the identity. Records that cannot be verified are worth
//! nothing (rule R9): they are put aside, said to be lost, and the agent begins without them. Decides nothing about
//! leases; what is written and when is `duty`'s affair.
//!
//! Files, lowest first: [`durable`], [`trouble`], [`state_dir`] and [`records`], [`writer`], [`open`].

pub mod durable;
pub mod nodes;
pub mod open;
pub mod records;
pub mod state_dir;
pub mod trouble;
pub mod writer;
