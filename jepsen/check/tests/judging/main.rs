//! What the judges catch, and what they let pass: small histories to read (`histories/VIOLATION.txt`), and large
//! random ones of a store that keeps its promises, before and after an answer is falsified.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../../src/dice.rs"]
mod dice;
mod notation;
mod random;
mod store;
mod table;
mod verdicts;
