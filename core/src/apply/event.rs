//! Events: noted as they come; the oldest make room.

use crate::apply::draft::Draft;
use crate::apply::text::{NAME_CHARS_MAX, check_length, check_text};
use crate::model::event::{EVENTS_MAX, Event};
use crate::model::node::Node;
use crate::model::user::User;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

pub(in crate::apply) fn record(draft: &mut Draft, event: &Event) -> Result<Outcome, Rejection> {
    let mut event = event.clone();
    event.node = draft.existing_if_any::<Node>("node", event.node)?;
    event.user = draft.existing_if_any::<User>("user", event.user)?;
    check_text("description", &event.description)?;
    let names = [
        ("event_type", &event.event_type),
        ("node_system_id", &event.node_system_id),
        ("node_hostname", &event.node_hostname),
        ("username", &event.username),
        ("user_agent", &event.user_agent),
        ("action", &event.action),
    ];
    names.into_iter().try_for_each(|(field, name)| check_length(field, name, NAME_CHARS_MAX))?;
    let id = draft.create(event)?;
    make_room(draft)?;
    Ok(Outcome::Created(Event::object(&id)))
}

/// Lets the oldest events go.
fn make_room(draft: &mut Draft) -> Result<(), Rejection> {
    while draft.state().tables().events.len() > EVENTS_MAX {
        let oldest = draft.state().tables().events.iter().next().map(|(id, _)| *id);
        let Some(oldest) = oldest else { break };
        draft.delete::<Event>(&oldest)?;
    }
    Ok(())
}
