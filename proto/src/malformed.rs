//! What is wrong with a message, and where in it. Also said of a value that no message can carry.

use std::fmt;
use std::net::IpAddr;

/// Something that makes no sense, at a place of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct Malformed {
    place: String,
    fault: Fault,
}

/// What makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A part that the message cannot do without, or a kind of it that we do not know.
    #[error("is missing, or of a kind not known here")]
    Missing,
    /// A number that stands for nothing.
    #[error("{0} stands for nothing known here")]
    UnknownCode(i32),
    /// Bytes that are more or fewer than there must be.
    #[error("has {bytes} bytes, and not {wanted}")]
    Length {
        /// What it has.
        bytes: usize,
        /// What it must have.
        wanted: usize,
    },
    /// Bytes or a text above the limit.
    #[error("has {bytes} bytes, and at most {bytes_max} are allowed")]
    TooLong {
        /// What it has.
        bytes: usize,
        /// What it may have.
        bytes_max: usize,
    },
    /// More of them than the limit.
    #[error("are {count}, and at most {count_max} are allowed")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        count_max: usize,
    },
    /// A number that makes no sense here.
    #[error("{value} is not between {min} and {max}")]
    OutOfRange {
        /// What it is.
        value: u64,
        /// What it must be at least.
        min: u64,
        /// What it may be at most.
        max: u64,
    },
    /// A text that is no such thing as it should be.
    #[error("is not what it should be")]
    Nonsense,
    /// Racks serve IPv4 alone.
    #[error("{0} is no IPv4 address")]
    NotIpv4(IpAddr),
}

impl Malformed {
    /// A fault of the part of this name.
    #[must_use]
    pub fn new(part: &str, fault: Fault) -> Self {
        Self { place: part.to_owned(), fault }
    }

    /// The same fault, seen from the message around the one with the part.
    #[must_use]
    pub fn within(self, outer: impl fmt::Display) -> Self {
        Self { place: format!("{outer}.{}", self.place), fault: self.fault }
    }

    /// Where: names of parts, from the outermost in.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.fault
    }
}

/// A part that has to be there.
///
/// # Errors
/// [`Fault::Missing`].
pub fn required<T>(part: &str, value: Option<T>) -> Result<T, Malformed> {
    value.ok_or_else(|| Malformed::new(part, Fault::Missing))
}

/// Refuses bytes, or a text of so many, above a limit.
///
/// # Errors
/// [`Fault::TooLong`].
pub fn check_length(part: &str, bytes: usize, bytes_max: usize) -> Result<(), Malformed> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(Malformed::new(part, Fault::TooLong { bytes, bytes_max }))
}

/// Refuses more than a limit of something.
///
/// # Errors
/// [`Fault::TooMany`].
pub fn check_count(part: &str, count: usize, count_max: usize) -> Result<(), Malformed> {
    if count <= count_max {
        return Ok(());
    }
    Err(Malformed::new(part, Fault::TooMany { count, count_max }))
}
