//! The lease protocol on the wire: what racks ask (`ask`) and what they are answered (`answers`).
//!
//! Each file reads and writes one thing: `read` takes what came in, `write` makes what goes out. Limits hold in both
//! directions, so that nothing is sent that the other side refuses.

pub mod answer;
pub mod answers;
pub mod ask;
pub mod client;
pub mod refusal;
pub mod step;
pub(crate) mod tenure;
