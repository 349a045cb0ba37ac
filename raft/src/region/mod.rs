//! The region as its users see it: propose, read, watch, change the membership. The one handle faces hold.
//!
//! Floors, lowest first: [`message`] (what nodes ask of each other), [`session_pool`], [`notes`] (what nodes tell each other each second), [`handle`] (what every part
//! shares), [`submit`] (the leader's half of a write), [`propose`], [`read`], `change`, `founding`, [`membership`], [`ask_leader`] (from another
//! node), [`control`] (what peers ask), [`exclude`] (leaving for good), [`announce`] (having moved), `promotion`, `disk`, `tick`,
//! `import_snapshot`, `purge`, `roster`, `read_notes`, `absence`, [`figures`] (what goes on by itself), [`inspect`] (what a simulation looks at), [`upkeep`] (which starts it), [`host`] (what a node runs on), [`prepare`], `recover`, [`start`], [`amnesiac`] (a node that may not start).

pub(crate) mod absence;
pub mod amnesiac;
pub mod announce;
pub mod ask_leader;
pub(crate) mod change;
pub mod control;
pub(crate) mod disk;
pub mod exclude;
pub mod figures;
pub(crate) mod founding;
pub mod handle;
pub mod host;
pub(crate) mod import_snapshot;
pub mod inspect;
pub mod log_indexes;
pub mod membership;
pub mod message;
pub mod notes;
pub mod prepare;
pub(crate) mod promotion;
pub mod propose;
pub(crate) mod purge;
pub mod read;
pub(crate) mod read_notes;
pub(crate) mod recover;
pub(crate) mod roster;
pub mod session_pool;
pub mod start;
pub mod status;
pub mod submit;
pub(crate) mod tick;
pub mod upkeep;

#[cfg(test)]
mod tests;
