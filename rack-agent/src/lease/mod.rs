//! The lease protocol, the rack's half: what it may do alone, and until when by its own clock.
//!
//! Pure rules over one record at a time. They read no clock and write nothing; what they give back has to be durable
//! before anybody hears of it.

pub mod rack_time;
pub mod record;
pub mod right;
