//! What is done with arbitrary bytes to find where Regent breaks, and a loop that does it on a stable compiler.
//!
//! Floors, lowest first: [`sys`] (memory taken, counted), [`dice`] (seeded choices), [`frames`] (one input as several
//! pieces), [`target`] (what a target is), [`subject`] (each thing under test as a function of bytes, with what must
//! hold of it), [`catalogue`] (the list of them), [`mutation`] (bytes from bytes), [`trial`] (one run, watched),
//! [`corpus`] (inputs on disk), [`rounds`] (the loop). The same functions are called by the crate in `fuzz/`, where a
//! nightly compiler finds the way by coverage.
//!
//! Nothing in the shipped crates knows of any of this.

pub mod catalogue;
pub mod corpus;
pub mod dice;
pub mod frames;
pub mod mutation;
pub mod rounds;
pub mod subject;
pub mod sys;
pub mod target;
pub mod trial;
