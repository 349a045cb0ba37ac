//! The line to the region: one stream to one of its nodes, which is found, held, and found again elsewhere.
//!
//! `route` decides where to go and when, `conversation` what may be said in a session and how long to wait for an answer;
//! both are pure. `connection` speaks gRPC, `driver` lets them work together, `link` is the door for the rest of the agent.
//! What comes of what the region says is no matter of this room.

pub mod connection;
pub mod conversation;
pub mod driver;
pub mod end;
pub mod enrol;
pub mod goodbye;
pub mod interface;
pub mod leave;
pub mod link;
pub mod moving;
pub mod node;
pub mod outbox;
pub mod pace;
pub mod route;
pub mod said;
pub mod situation;
pub mod traffic;
