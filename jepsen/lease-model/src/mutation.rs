//! Rules taken away, one at a time: the model has to notice each.
//!
//! The shipped rules have no such switch. What is careless here is the world around them: it calls them with other
//! values, or does not do what they ask for.

/// A rule that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutation {
    /// The region does not wait for racks that may act alone.
    R3Autonomy,
    /// The region gives an address on at the moment it expires.
    R3Guard,
    /// A rack tells that it gave its right up before that is durable.
    R4Durable,
    /// A rack does not tell how long its last acknowledgement still runs.
    R4LastExpiry,
    /// A released address is free at once.
    R5,
    /// A cut-off rack renews for the full length, whenever its right ends.
    R7Limit,
    /// A rack acknowledges an address of its block before that is durable.
    R8Fsync,
    /// The region extends a block whose term has ended.
    R8Extend,
    /// The region gives addresses of a block without waiting for its end.
    R8Wait,
    /// A rack that lost its disk goes on under its old incarnation.
    R9Incarnation,
    /// A rack reads the deadlines of another boot as if they were of this one.
    R9Boot,
    /// A rack whose machine stood still goes on.
    R12,
    /// No quarantine after a restore.
    R20,
    /// Blocks of before a restore are extended after it.
    R20Blocks,
    /// A rack does not make durable what the region committed before it acknowledges it.
    CommittedFsync,
    /// A rack heeds an answer that came after it gave its right up.
    LateAnswer,
    /// The region heeds a rack's messages in the order they arrive.
    MessageOrder,
    /// The region lets a client release through a rack what another rack acknowledged later.
    ReleaseElsewhere,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::R3Autonomy,
        Self::R3Guard,
        Self::R4Durable,
        Self::R4LastExpiry,
        Self::R5,
        Self::R7Limit,
        Self::R8Fsync,
        Self::R8Extend,
        Self::R8Wait,
        Self::R9Incarnation,
        Self::R9Boot,
        Self::R12,
        Self::R20,
        Self::R20Blocks,
        Self::CommittedFsync,
        Self::LateAnswer,
        Self::MessageOrder,
        Self::ReleaseElsewhere,
    ];

    /// What it is called in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::R3Autonomy => "R3-autonomy",
            Self::R3Guard => "R3-G",
            Self::R4Durable => "R4-durable",
            Self::R4LastExpiry => "R4-last-expiry",
            Self::R5 => "R5",
            Self::R7Limit => "R7-limit",
            Self::R8Fsync => "R8-fsync",
            Self::R8Extend => "R8-extend",
            Self::R8Wait => "R8-wait",
            Self::R9Incarnation => "R9-incarnation",
            Self::R9Boot => "R9-boot",
            Self::R12 => "R12-pause",
            Self::R20 => "R20",
            Self::R20Blocks => "R20-blocks",
            Self::CommittedFsync => "committed-fsync",
            Self::LateAnswer => "late-answer",
            Self::MessageOrder => "message-order",
            Self::ReleaseElsewhere => "release-elsewhere",
        }
    }
}
