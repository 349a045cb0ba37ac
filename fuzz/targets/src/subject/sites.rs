//! States to start from, made by commands and by the import of the hand-written dump in the tree.

#[path = "../../../../core/tests/random_commands/mod.rs"]
pub(crate) mod random_commands;

use crate::subject::sites::random_commands::groundwork;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::mapping;
use regent_api::cli::import::transfer::Transfer;
use regent_core::apply::{Applied, apply};
use regent_core::command::{Command, Proposal, Request};
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_core::time::{ClusterTime, WallTime};
use std::sync::OnceLock;

/// The dump of a site of ours, with every odd row that comes to mind.
pub const DUMP: &str = include_str!("../../../../api/tests/data/hand.sql");

/// Rows of a table in [`short_dump`].
const ROWS_MAX: usize = 3;

/// A request of nobody in particular.
#[must_use]
pub fn request(command: Command) -> Request {
    Request { principal: "fuzz".into(), origin: None, key: None, guards: Vec::new(), command }
}

/// Applies a request as the next entry.
#[must_use]
pub fn applied(state: &State, at: ClusterTime, request: Request) -> Applied {
    let wall = WallTime(i64::try_from(at.0).unwrap_or(i64::MAX));
    apply(state, state.meta().revision.0 + 1, &Proposal { at, wall, request })
}

/// A small site whose ids and names random commands meet often.
#[must_use]
pub fn small() -> State {
    static SMALL: OnceLock<State> = OnceLock::new();
    let made = || {
        groundwork().into_iter().fold(State::new(Meta::default()), |state, command| {
            let applied = applied(&state, ClusterTime(0), request(command));
            applied.reply.result.expect("the groundwork is allowed");
            applied.state
        })
    };
    SMALL.get_or_init(made).clone()
}

/// The site of the hand-written dump: every noun there is.
#[must_use]
pub fn imported() -> State {
    static IMPORTED: OnceLock<State> = OnceLock::new();
    let made = || transfer(DUMP).rehearse().expect("the hand-written dump can be imported");
    IMPORTED.get_or_init(made).clone()
}

/// The steps that bring a dump in.
///
/// # Panics
/// If it is not whole.
#[must_use]
pub fn transfer(script: &str) -> Transfer {
    let dump = Dump::read_script(script.as_bytes(), &mut |_| {}).expect("the dump is whole");
    let mapped = mapping::map(&dump, dump.as_of.unwrap_or_default());
    Transfer::pack(&mapped, dump.digest).expect("it is not too large")
}

/// The dump with its first rows of each table of MAAS only: small enough to be changed often.
#[must_use]
pub fn short_dump() -> String {
    let mut script = String::from("--\n-- PostgreSQL database dump\n--\n\n");
    let mut rows_left = None;
    for line in DUMP.lines() {
        if line.starts_with("COPY public.") && line.ends_with("FROM stdin;") {
            rows_left = Some(ROWS_MAX);
        } else if line == "\\." {
            if rows_left.take().is_some() {
                script.push_str("\\.\n");
            }
            continue;
        } else {
            match &mut rows_left {
                None | Some(0) => continue,
                Some(left) => *left -= 1,
            }
        }
        script.push_str(line);
        script.push('\n');
    }
    script.push_str("\n--\n-- PostgreSQL database dump complete\n--\n");
    script
}

#[cfg(test)]
mod tests {
    use super::{imported, short_dump, small, transfer};
    use regent_core::invariant;

    #[test]
    fn all_sites_obey_the_rules_and_hold_something() {
        let short = transfer(&short_dump()).rehearse().expect("the short dump can be imported");
        for site in [small(), imported(), short] {
            assert_eq!(invariant::check(&site), []);
            assert!(site.tables().nodes.len() > 1);
        }
    }
}
