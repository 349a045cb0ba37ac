//! `/v1/event-log`: what happened to nodes, kept for people and not for ever. Changes of objects are at `/v1/events`.

use crate::http::nouns::edits::no_edits;
use crate::http::resource::{Field, Resource};
use crate::http::wire::Wire;
use regent_core::model::event::Event;

/// The event log over HTTP.
pub struct EventLog;

macro_rules! recorded {
    ($name:ident: $ty:ty, $about:literal) => {
        Field::<Self>::shown::<$ty>(stringify!($name), $about, |_, _, row| row.value.$name.show())
    };
}

impl Resource for EventLog {
    type Stored = Event;
    type Draft = ();
    const PATH: &'static str = "event-log";
    const SINGULAR: &'static str = "event-record";
    const ABOUT: &'static str = "Something that happened to a node or was done by somebody.";
    const FIELDS: &'static [Field<Self>] = &[
        recorded!(event_type: String, "What sort of event, by MAAS's name for it."),
        recorded!(level: u8, "How grave it is, in the numbers of Python's logging."),
        recorded!(node: Option<u32>, "The node it is about."),
        recorded!(node_system_id: String, "That node's system id, as it was."),
        recorded!(node_hostname: String, "That node's host name, as it was."),
        recorded!(user: Option<u32>, "Who did it."),
        recorded!(username: String, "That user's name, as it was."),
        recorded!(ip_address: Option<String>, "Where the request came from."),
        recorded!(user_agent: String, "The program the request came from."),
        recorded!(endpoint: u8, "By which face: 0 API, 1 UI, 2 CLI."),
        recorded!(action: String, "What was done, in a word."),
        recorded!(description: String, "What happened, for people."),
        recorded!(happened: String, "When it happened."),
    ];

    no_edits!();
}
