//! The clocks of the machine: which of them deadlines count on, and when they can no longer be trusted.
//!
//! Deadlines are in [`RackTime`](crate::lease::rack_time::RackTime), which nobody sets. The wall clock is read here and
//! nowhere else in the rack agent; it decides nothing but doubt: it is held against the others, because it alone shows,
//! once somebody sets it right, that the machine has stood still.
//!
//! Files, lowest first: [`sample`], [`watch`], [`mark`] and [`stamp`].

pub mod mark;
pub mod sample;
pub mod stamp;
pub mod watch;
