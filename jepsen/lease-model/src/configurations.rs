//! The small worlds that are explored: those CI has time for, larger ones, and for each rule taken away one that shows
//! it.

use crate::mutation::Mutation;
use crate::scenario::{Left, NOTHING, Scenario, terms};
use crate::witness::Witness;

/// Commit, renewal alone, rights given up; a crash, a wrong clock.
const RENEWAL: Scenario = Scenario {
    name: "A renewal",
    terms: terms(2, 5, 0, 1),
    horizon: 8,
    hosts: 2,
    addresses: 1,
    left: Left { requests: 2, alone: 1, waivers: 1, ..NOTHING },
    shows: &[
        Witness::GotByCommit,
        Witness::RenewedAlone,
        Witness::MovedToOtherRack,
        Witness::PassedOn,
        Witness::Relinquished,
    ],
};

/// Copies of requests and of messages.
const COPIES: Scenario = Scenario {
    name: "A copies",
    terms: terms(2, 4, 0, 1),
    horizon: 6,
    left: Left { requests: 2, alone: 1, waivers: 1, resends: 1, copies: 1, ..NOTHING },
    shows: &[Witness::RenewedAlone, Witness::PassedOn, Witness::Relinquished],
    ..RENEWAL
};

/// Addresses given back.
const RELEASE: Scenario = Scenario {
    name: "A release",
    horizon: 5,
    left: Left { requests: 2, alone: 1, releases: 1, waivers: 1, ..NOTHING },
    shows: &[Witness::Released, Witness::Relinquished, Witness::PassedOn, Witness::RenewedAlone],
    ..RENEWAL
};

/// Blocks that are given out, extended and adopted.
const BLOCK: Scenario = Scenario {
    name: "B block",
    terms: terms(1, 1, 4, 1),
    horizon: 5,
    left: Left { requests: 1, alone: 2, adoptions: 1, blocks: 1, terms: 1, ..NOTHING },
    shows: &[Witness::GotByCommit, Witness::GotFromBlock, Witness::Adopted, Witness::Extended],
    ..RENEWAL
};

/// A block that goes from one rack to the other.
const BLOCK_MOVES: Scenario = Scenario {
    name: "B moves",
    terms: terms(1, 1, 5, 1),
    horizon: 7,
    left: Left { alone: 3, adoptions: 1, blocks: 2, ..NOTHING },
    shows: &[Witness::GotFromBlock, Witness::Adopted],
    ..BLOCK
};

/// Reboots and pauses.
const CLOCK_LOST: Scenario = Scenario {
    name: "C clock",
    terms: terms(2, 4, 5, 1),
    horizon: 7,
    left: Left { requests: 2, alone: 1, reboots: 1, pauses: 1, ..NOTHING },
    shows: &[Witness::GotByCommit, Witness::RenewedAlone, Witness::PassedOn],
    ..RENEWAL
};

/// Disks lost.
const DISK_LOST: Scenario = Scenario {
    name: "C disk",
    left: Left { alone: 2, blocks: 2, terms: 1, disk_losses: 1, reboots: 1, ..NOTHING },
    shows: &[Witness::GotFromBlock, Witness::Extended],
    ..CLOCK_LOST
};

/// The region restored.
const RESTORE: Scenario = Scenario {
    name: "D restore",
    terms: terms(2, 2, 0, 1),
    horizon: 6,
    left: Left { requests: 2, saves: 1, restores: 1, ..NOTHING },
    shows: &[Witness::GotByCommit, Witness::Adopted, Witness::QuarantineEnded],
    ..RENEWAL
};

/// The region restored to when a rack had a block.
const RESTORE_BLOCK: Scenario = Scenario {
    name: "D block",
    terms: terms(1, 1, 3, 1),
    horizon: 4,
    left: Left { requests: 1, alone: 1, blocks: 1, terms: 1, saves: 1, restores: 1, ..NOTHING },
    shows: &[Witness::GotByCommit, Witness::GotFromBlock, Witness::Extended],
    ..RENEWAL
};

/// Two addresses, one of them in a block.
const TWO: Scenario = Scenario {
    name: "E two",
    terms: terms(1, 1, 5, 1),
    horizon: 7,
    addresses: 2,
    left: Left { requests: 1, alone: 2, blocks: 1, ..NOTHING },
    shows: &[Witness::GotByCommit, Witness::GotFromBlock],
    ..RENEWAL
};

/// Those that are explored with every change.
pub const SHORT: [Scenario; 10] = [
    RENEWAL,
    COPIES,
    RELEASE,
    BLOCK,
    BLOCK_MOVES,
    CLOCK_LOST,
    DISK_LOST,
    RESTORE,
    RESTORE_BLOCK,
    TWO,
];

/// Those that take longer. Where clocks are wrong and requests are copied, the guard has to cover both.
pub const LONG: [Scenario; 9] = [
    Scenario {
        name: "A renewal+",
        terms: terms(2, 5, 0, 2),
        horizon: 9,
        left: Left { drifts: 2, crashes: 1, ..RENEWAL.left },
        ..RENEWAL
    },
    Scenario {
        name: "A copies+",
        terms: terms(2, 4, 0, 2),
        left: Left { drifts: 1, ..COPIES.left },
        ..COPIES
    },
    Scenario {
        name: "A three+",
        hosts: 3,
        left: Left { requests: 3, alone: 1, ..NOTHING },
        shows: &[Witness::RenewedAlone, Witness::PassedOn, Witness::MovedToOtherRack],
        ..RENEWAL
    },
    Scenario {
        name: "A release+",
        horizon: 4,
        left: Left { requests: 3, alone: 0, ..RELEASE.left },
        shows: &[Witness::Released, Witness::Relinquished, Witness::PassedOn],
        ..RELEASE
    },
    Scenario {
        name: "B block+",
        terms: terms(1, 1, 5, 2),
        horizon: 7,
        left: Left { terms: 0, drifts: 1, crashes: 1, ..BLOCK.left },
        shows: &[Witness::GotByCommit, Witness::GotFromBlock, Witness::Adopted],
        ..BLOCK
    },
    Scenario {
        name: "B moves+",
        left: Left { terms: 1, crashes: 1, ..BLOCK_MOVES.left },
        ..BLOCK_MOVES
    },
    Scenario {
        name: "C all+",
        left: Left {
            requests: 1,
            alone: 2,
            blocks: 1,
            disk_losses: 1,
            reboots: 1,
            pauses: 1,
            ..NOTHING
        },
        shows: &[Witness::GotByCommit, Witness::GotFromBlock, Witness::RenewedAlone],
        ..CLOCK_LOST
    },
    Scenario { name: "D restore+", left: Left { crashes: 1, ..RESTORE.left }, ..RESTORE },
    Scenario { name: "E two+", hosts: 3, left: Left { requests: 2, ..TWO.left }, ..TWO },
];

/// The world that shows what comes of a rule that is not kept.
#[must_use]
pub const fn without(mutation: Mutation) -> Scenario {
    match mutation {
        Mutation::R3Autonomy | Mutation::R4LastExpiry => RENEWAL,
        Mutation::R3Guard => {
            narrow(RENEWAL, 8, Left { requests: 2, waivers: 1, drifts: 1, ..NOTHING })
        }
        Mutation::R4Durable => narrow(RENEWAL, 5, Left { crashes: 1, ..RENEWAL.left }),
        Mutation::R5 => narrow(RELEASE, 2, Left { requests: 3, waivers: 0, ..RELEASE.left }),
        Mutation::R7Limit => {
            let left = Left { requests: 2, alone: 2, ..NOTHING };
            Scenario { terms: terms(2, 3, 0, 1), ..narrow(RENEWAL, 7, left) }
        }
        Mutation::R8Fsync => narrow(BLOCK, 5, Left { alone: 2, blocks: 1, crashes: 1, ..NOTHING }),
        Mutation::R8Extend => {
            narrow(BLOCK, 5, Left { requests: 1, alone: 1, blocks: 1, terms: 1, ..NOTHING })
        }
        Mutation::R8Wait => BLOCK,
        Mutation::R9Incarnation => DISK_LOST,
        Mutation::R9Boot => narrow(CLOCK_LOST, 7, Left { pauses: 0, ..CLOCK_LOST.left }),
        Mutation::R12 => narrow(CLOCK_LOST, 7, Left { reboots: 0, ..CLOCK_LOST.left }),
        Mutation::R20 => RESTORE,
        Mutation::R20Blocks => RESTORE_BLOCK,
        Mutation::CommittedFsync => narrow(RESTORE, 3, Left { crashes: 1, ..RESTORE.left }),
        Mutation::LateAnswer | Mutation::MessageOrder => {
            narrow(RENEWAL, 4, Left { requests: 3, ..RENEWAL.left })
        }
        Mutation::ReleaseElsewhere => {
            narrow(RELEASE, 2, Left { requests: 3, alone: 0, ..RELEASE.left })
        }
    }
}

/// The same world, but it ends then, and only so much may happen.
const fn narrow(scenario: Scenario, horizon: u8, left: Left) -> Scenario {
    Scenario { horizon, left, ..scenario }
}
