//! Why a file is none of leases. A single bad record is no reason: it is told and left out.

use std::io;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// A word, text or line that no server writes.
    #[error("line {line} is longer than {bytes_max} bytes in one piece: this is no file of leases")]
    TooLong {
        /// Where, from 1.
        line: u64,
        /// What is possible.
        bytes_max: usize,
    },
    /// Kea's files begin with the names of their columns.
    #[error("its first line names no column {column:?}: this is no kea-leases4.csv")]
    NoColumn {
        /// The missing one.
        column: &'static str,
    },
    /// Leases of IPv6 are in other files.
    #[error("it holds leases of IPv6, which are not imported")]
    Ipv6,
    /// Nothing in it reads like a file of leases.
    #[error("nothing in it reads like a lease of dhcpd: this is no dhcpd.leases")]
    NoLeaseFile,
    /// More leases than can be held.
    #[error("there are leases of more than {addresses_max} addresses")]
    TooMany {
        /// What is possible.
        addresses_max: usize,
    },
}
