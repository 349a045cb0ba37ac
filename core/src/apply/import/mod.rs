//! Imports: another site's rows are collected out of everybody's sight and become the site's state in one step.
//!
//! What is live stays as it was until then, and nothing else writes meanwhile.

mod stage;
mod standing;
mod swap;

use crate::apply::draft::Draft;
use crate::apply::import::standing::{collecting, committed};
use crate::command::Command;
use crate::command::import::{ImportCommand, ImportGuard};
use crate::model::import::{Import, ImportId, Stage};
use crate::model::node::{Node, NodeType};
use crate::object::ObjectRef;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::State;
use crate::state::tables::Stored;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &ImportCommand,
) -> Result<Outcome, Rejection> {
    match command {
        ImportCommand::Begin { id, source, guard, continues } => {
            if let Some(done) = already_in(draft.state(), id, source, *guard) {
                return Ok(Outcome::Updated(done));
            }
            check_guard(draft.state(), *guard)?;
            stage::begin(draft, id, source, continues)
        }
        ImportCommand::Chunk { id, number, rows } => stage::add(draft, id, *number, rows),
        ImportCommand::Commit { id, count, digest } => swap::commit(draft, id, *count, *digest),
        ImportCommand::Abandon { id } => {
            let object = Import::object(id);
            if let Stage::Committed { .. } = draft.row::<Import>(id)?.value.stage {
                let reason = "it is the state of the site now".to_owned();
                return Err(Rejection::StateForbids { object, state: "committed".into(), reason });
            }
            drop_collected(draft, id);
            Ok(Outcome::Deleted(object))
        }
    }
}

/// Refuses whatever else would be written while an import is under way.
pub(in crate::apply) fn admit(draft: &Draft, command: &Command) -> Result<(), Rejection> {
    let untouched = matches!(
        command,
        Command::Tick
            | Command::Digest(_)
            | Command::Session(_)
            | Command::Member(_)
            | Command::Import(_)
    );
    match collecting(draft.state()) {
        Some(id) if !untouched => Err(Rejection::ImportRunning(Import::object(id))),
        Some(_) | None => Ok(()),
    }
}

/// Drops an import with its pieces.
pub(in crate::apply) fn drop_collected(draft: &mut Draft, id: &ImportId) {
    stage::drop_chunks(draft, id);
    draft.state_mut().take::<Import>(id);
}

/// The import that did what is asked. Whoever wants to replace what an earlier one brought means also what was changed
/// since, so that only a repeated step finds it done.
fn already_in(
    state: &State,
    id: &ImportId,
    source: &[u8; 32],
    guard: ImportGuard,
) -> Option<ObjectRef> {
    let (done, import) = committed(state)?;
    let is_repeated = match guard {
        ImportGuard::NoMachines => true,
        ImportGuard::EarlierImport => done == id,
    };
    (is_repeated && import.source == *source).then(|| Import::object(done))
}

fn check_guard(state: &State, guard: ImportGuard) -> Result<(), Rejection> {
    let mut nodes = state.tables().nodes.iter();
    let machine = nodes.find(|(_, row)| row.value.node_type == NodeType::Machine);
    let Some((id, _)) = machine else { return Ok(()) };
    let object = Node::object(id);
    let state_text = "present".to_owned();
    match (guard, committed(state)) {
        (ImportGuard::EarlierImport, Some(_)) => Ok(()),
        (ImportGuard::EarlierImport, None) => {
            let reason = "no earlier import is there to be replaced: this site's machines were \
                          made here"
                .to_owned();
            Err(Rejection::StateForbids { object, state: state_text, reason })
        }
        (ImportGuard::NoMachines, Some((import, _))) => {
            let reason = format!(
                "the site has machines since {}; `--replace` puts the other site in its place, \
                 and drops all that was changed since",
                Import::object(import)
            );
            Err(Rejection::StateForbids { object, state: state_text, reason })
        }
        (ImportGuard::NoMachines, None) => {
            let reason = "a site that has machines is not replaced".to_owned();
            Err(Rejection::StateForbids { object, state: state_text, reason })
        }
    }
}
