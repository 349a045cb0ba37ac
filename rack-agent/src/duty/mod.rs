//! The heart of a running rack agent: what has happened goes in, what is to be done comes out.
//!
//! Floors, lowest first: [`event`], [`effect`].

pub mod effect;
pub mod event;
