//! `/v1/rack-tokens`: tokens with which racks enrol, as far as anybody may see them. `actions::rack_tokens` makes them and
//! revokes them.

use crate::http::nouns::edits::no_edits;
use crate::http::resource::{Field, Resource};
use crate::http::wire::Wire as _;
use regent_core::model::rack_token::RackToken;

/// Tokens for racks over HTTP.
pub struct RackTokens;

impl Resource for RackTokens {
    type Stored = RackToken;
    type Draft = ();
    const PATH: &'static str = "rack-tokens";
    const SINGULAR: &'static str = "rack-token";
    const ABOUT: &'static str = "A token with which one machine may enrol as a rack, until it is used. Its text is the `token` of the answer to its creation, and of none after.";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::shown::<Option<u32>>(
            "for",
            "The rack as which its holder goes on; null if it becomes a new one.",
            |_, _, row| row.value.rack.show(),
        ),
        Field::<Self>::shown::<String>("created_by", "Who made it.", |_, _, row| {
            row.value.created_by.show()
        }),
        Field::<Self>::shown::<u64>(
            "expires",
            "Cluster time in milliseconds from which on it is good no more.",
            |_, _, row| row.value.expires.show(),
        ),
        Field::<Self>::shown::<u64>("remaining_ms", "Milliseconds until then.", |state, _, row| {
            state.meta().now.until(row.value.expires).0.into()
        }),
    ];

    no_edits!();
}
