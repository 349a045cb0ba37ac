//! The region's own nodes: ids are given out once, removed nodes stay known.

use crate::apply::draft::Draft;
use crate::command::member::MemberCommand;
use crate::id::MemberId;
use crate::model::member::{Member, Standing, check_name};
use crate::object::{Kind, ObjectRef};
use crate::outcome::Outcome;
use crate::rejection::Rejection;

/// Nodes ever admitted to one region.
const MEMBERS_MAX: usize = 4096;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &MemberCommand,
) -> Result<Outcome, Rejection> {
    match command {
        MemberCommand::Admit { name, store } => admit(draft, name, store),
        MemberCommand::Remove { id } => remove(draft, *id),
    }
}

fn admit(draft: &mut Draft, name: &str, store: &str) -> Result<Outcome, Rejection> {
    check_name(name).map_err(|error| Rejection::invalid("name", error.to_string()))?;
    let members = &draft.state().tables().members;
    if let Some((id, known)) = members.iter().find(|(_, row)| row.value.store == store) {
        return match known.value.standing {
            Standing::Present => Ok(Outcome::Created(reference(*id))),
            Standing::Removed => Err(Rejection::StateForbids {
                object: reference(*id),
                state: "removed".into(),
                reason: "wipe its data directory to join under a new id".into(),
            }),
        };
    }
    let present = |row: &Member| row.standing == Standing::Present;
    let namesake = members.iter().find(|(_, row)| row.value.name == name && present(&row.value));
    if let Some((holder, _)) = namesake {
        return Err(Rejection::NotUnique {
            field: "name".into(),
            value: name.to_owned(),
            holder: reference(*holder),
        });
    }
    if members.len() >= MEMBERS_MAX {
        return Err(Rejection::Limit { what: "region nodes".into(), max: MEMBERS_MAX as u64 });
    }
    let (name, store) = (name.to_owned(), store.to_owned());
    let id = draft.create(Member { name, store, standing: Standing::Present })?;
    Ok(Outcome::Created(reference(id)))
}

fn remove(draft: &mut Draft, id: MemberId) -> Result<Outcome, Rejection> {
    let before = draft.row::<Member>(&id)?.clone();
    let member = Member { standing: Standing::Removed, ..before.value.clone() };
    draft.replace(&id, &before, member);
    Ok(Outcome::Updated(reference(id)))
}

fn reference(id: MemberId) -> ObjectRef {
    ObjectRef::numbered(Kind::Member, id)
}
