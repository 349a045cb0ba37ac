//! The wires between simulated hosts: requests and answers as the product makes them, on their way for a while, held up
//! by losses and cuts, broken off when an end dies.
//!
//! What is lost is sent again by TCP, so a stream loses nothing: it comes late. Streams overtake each other, and single
//! requests may come twice. Floors: [`weather`] (how a way is), [`router`] (who serves, and all ways), [`flow`] (one
//! body on its way), `twice` (requests that come twice), [`wires`] (what a node has of it).

pub mod flow;
pub mod router;
mod twice;
pub mod weather;
pub mod wires;
