//! The bounds of rack sessions, in one place. What all racks together may open is in the door of the port.

use std::time::Duration;

/// A message of a rack.
pub const MESSAGE_BYTES_MAX: usize = 256 << 10;
/// Messages on their way to a rack. Views are not queued: what changed meanwhile is merged.
pub const OUTBOX_MESSAGES_MAX: usize = 4;
/// Sessions of a node.
pub const SESSIONS_MAX: usize = 4096;
/// Sessions opened at once.
pub const OPENING_MAX: usize = 32;
/// Racks that wait for that.
pub const WAITING_MAX: usize = 256;
/// Sessions that one rack opens here at once.
pub const OPENED_BURST_MAX: u32 = 10;
/// Steps of one rack that are proposed at once: as many as a rack has leases to tell after a restore, and the burst of a
/// site whose power is back.
pub const ASKED_STEPS_BURST_MAX: u32 = 65_536;
/// Steps of one rack that are proposed in a second after that. A client that comes or renews takes one: five times the
/// storms that are planned for.
pub const ASKED_STEPS_PER_SECOND_MAX: u32 = 10_000;
/// Whole views that are told at once: each is in memory while it is.
pub const WHOLE_VIEWS_MAX: usize = 8;
/// Interfaces of a rack, and addresses of each.
pub const INTERFACES_MAX: usize = 512;
/// Addresses of an interface.
pub const ADDRESSES_MAX: usize = 64;
/// A name or version a rack says.
pub const NAME_BYTES_MAX: usize = 128;

/// After that one rack opens one more.
pub const OPENED_INTERVAL: Duration = Duration::from_secs(2);
/// What a rack gets to say who it is, once its stream is open.
pub const HELLO_TIME: Duration = Duration::from_secs(10);
/// What the region gets to open a session, or to enrol a rack.
pub const OPEN_TIME: Duration = Duration::from_secs(5);
/// What the region gets to answer what a rack asks: less than the rack waits.
pub const ASK_TIME: Duration = Duration::from_secs(4);
/// Heartbeats in a row after which a silent side is given up.
pub const HEARTBEATS_MISSED_MAX: u32 = 5;
/// What a rack gets to take the next message.
pub const SEND_TIME: Duration = Duration::from_secs(10);
/// What a rack gets to take a whole view.
pub const WHOLE_VIEW_TIME: Duration = Duration::from_secs(60);
/// How long a rack waits here for its whole view while others are told theirs.
pub const ROOM_TIME: Duration = Duration::from_secs(60);
/// A node that has nothing to say to a rack for so long says which nodes there are.
pub const QUIET_MAX: Duration = Duration::from_secs(2);
/// Between two looks at what was published: what changes meanwhile is looked at together.
pub const LOOK_PAUSE: Duration = Duration::from_millis(10);
/// Racks that are sent away come back, elsewhere, within about so long.
pub const RETRY_SPREAD: Duration = Duration::from_secs(1);
/// A rack whose session was replaced need not come back before.
pub const RETRY_REPLACED: Duration = Duration::from_secs(5);
/// A node that has not heard of a majority for so long sends its racks elsewhere.
pub const NO_QUORUM_AFTER: Duration = Duration::from_secs(5);
