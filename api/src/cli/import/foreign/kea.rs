//! Kea's memfile, `kea-leases4.csv`, with what its clean-up leaves beside it (`.1`, `.2`, `.completed`).
//!
//! Columns are found by their names, which differ between versions. A record that makes no sense is told and left out.

use crate::cli::import::foreign::error::ForeignError;
use crate::cli::import::foreign::lease::{
    Ends, ForeignLease, IDENTIFIER_BYTES_MAX, State, hostname,
};
use crate::cli::import::foreign::newest::Newest;
use crate::cli::import::oddity::Oddity;
use regent_core::net::mac::MacAddr;
use regent_core::time::WallTime;
use std::io::{BufRead, Read as _};
use std::net::Ipv4Addr;
use std::path::Path;

/// What oddities of these files are told of.
pub const TABLE: &str = "kea-leases4";
/// Longest line in bytes: a user context may be long.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Columns that are looked at.
const COLUMNS_MAX: usize = 64;
/// Kea's `Lease::INFINITY_LFT`.
const INFINITE_SECONDS: u64 = 0xffff_ffff;

/// Reads a file into what is known. Files of one server have to come in the order of [`age`], as one journal.
///
/// # Errors
/// [`ForeignError`], if it is no such file or cannot be read.
pub fn read(mut input: impl BufRead, newest: &mut Newest) -> Result<(), ForeignError> {
    let mut line = Vec::new();
    let mut number = 0;
    next_line(&mut input, &mut line, &mut number)?;
    let columns = Columns::of(&line)?;
    while next_line(&mut input, &mut line, &mut number)? {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b',').take(COLUMNS_MAX).collect();
        if line.is_empty() || line.first() == Some(&b'#') {
            continue;
        }
        match columns.lease(&fields) {
            Ok(lease) => newest.add(lease)?,
            Err(wrong) => newest.odd(Oddity {
                table: TABLE,
                key: String::from_utf8_lossy(fields.first().unwrap_or(&&b""[..])).into_owned(),
                reason: format!("line {number}: {wrong}"),
            }),
        }
    }
    Ok(())
}

/// The name of the journal a file is a part of, and which part, the oldest lowest: Kea reads them in this order, too. None
/// for the file beside them in which its clean-up keeps the number of its process.
#[must_use]
pub fn age(path: &Path) -> Option<(String, u8)> {
    const PARTS: [(&str, u8); 4] = [(".completed", 0), (".output", 0), (".2", 1), (".1", 2)];
    let name = path.display().to_string();
    if name.ends_with(".pid") {
        return None;
    }
    let part = PARTS.iter().find_map(|(end, age)| Some((name.strip_suffix(end)?.to_owned(), *age)));
    Some(part.unwrap_or((name, 3)))
}

/// Reads a line without its end; whether there was one.
fn next_line(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
    number: &mut u64,
) -> Result<bool, ForeignError> {
    line.clear();
    let bound = u64::try_from(LINE_BYTES_MAX + 1).expect("it is small");
    let count = input.by_ref().take(bound).read_until(b'\n', line)?;
    *number += 1;
    if line.len() > LINE_BYTES_MAX {
        return Err(ForeignError::TooLong { line: *number, bytes_max: LINE_BYTES_MAX });
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    Ok(count > 0)
}

/// Where things stand in a line.
struct Columns {
    /// How many there are.
    count: usize,
    address: usize,
    hardware: usize,
    client_id: usize,
    lifetime: usize,
    expire: usize,
    hostname: Option<usize>,
    state: Option<usize>,
}

impl Columns {
    fn of(header: &[u8]) -> Result<Self, ForeignError> {
        let names: Vec<&[u8]> = header.split(|byte| *byte == b',').take(COLUMNS_MAX).collect();
        let place = |name: &str| names.iter().position(|other| *other == name.as_bytes());
        let needed = |column| place(column).ok_or(ForeignError::NoColumn { column });
        if place("duid").is_some() {
            return Err(ForeignError::Ipv6);
        }
        Ok(Self {
            count: names.len(),
            address: needed("address")?,
            hardware: needed("hwaddr")?,
            client_id: needed("client_id")?,
            lifetime: needed("valid_lifetime")?,
            expire: needed("expire")?,
            hostname: place("hostname"),
            state: place("state"),
        })
    }

    fn lease(&self, fields: &[&[u8]]) -> Result<ForeignLease, &'static str> {
        // Kea appends whole lines: one with fewer fields was cut short when the file was copied.
        if fields.len() != self.count {
            return Err("it has not as many fields as there are columns");
        }
        let field = |place: usize| fields.get(place).copied().unwrap_or_default();
        let address = text(field(self.address)).parse::<Ipv4Addr>();
        let address = address.map_err(|_| "its address is none of IPv4")?;
        let card = octets(field(self.hardware)).ok_or("its hardware address is none")?;
        let client_id = octets(field(self.client_id)).ok_or("its client identifier is none")?;
        if client_id.len() > IDENTIFIER_BYTES_MAX {
            return Err("its client identifier is none");
        }
        let number = |place| text(field(place)).parse::<u64>().map_err(|_| "a number is none");
        let (lifetime, expire) = (number(self.lifetime)?, number(self.expire)?);
        let heard = millis(expire.saturating_sub(lifetime)).ok_or("its dates are none")?;
        let ends = match lifetime {
            INFINITE_SECONDS => Ends::Never,
            _ => Ends::At(millis(expire).ok_or("its dates are none")?),
        };
        let state = self.state.map_or(Ok(0), number)?;
        let state = match (state, lifetime) {
            // A lease that was deleted or given back has no time left.
            (0, 0) => State::Free,
            (0, _) => State::Held,
            (1, _) => State::InUse,
            // Reclaimed, released, registered: newer versions have more words for it.
            (2..=4, _) => State::Free,
            _ => return Err("its state is unknown"),
        };
        let hostname = self.hostname.map(field).map(|name| hostname(&unescaped(name)));
        Ok(ForeignLease {
            address,
            state,
            card: <[u8; 6]>::try_from(card).ok().map(MacAddr),
            // Kea has a single zero down for a client that sent none.
            client_id: if client_id == [0] { Vec::new() } else { client_id },
            hostname: hostname.unwrap_or_default(),
            heard,
            ends,
        })
    }
}

fn millis(seconds: u64) -> Option<WallTime> {
    i64::try_from(seconds).ok()?.checked_mul(1000).map(WallTime)
}

/// Octets in hexadecimal digits with colons between; nothing is none of them.
fn octets(field: &[u8]) -> Option<Vec<u8>> {
    if field.is_empty() {
        return Some(Vec::new());
    }
    text(field).split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect()
}

/// What Kea writes for a character that would end a field: `&#x2c` is a comma.
fn unescaped(field: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b"&#x";
    let (mut plain, mut rest) = (Vec::new(), field);
    while let Some((first, behind)) = rest.split_first() {
        let code = rest.strip_prefix(MARK).and_then(<[u8]>::split_first_chunk::<2>);
        let byte = code.and_then(|(digits, _)| u8::from_str_radix(text(digits), 16).ok());
        if let (Some(byte), Some((_, behind))) = (byte, code) {
            plain.push(byte);
            rest = behind;
        } else {
            plain.push(*first);
            rest = behind;
        }
    }
    plain
}

/// A field as text; what is none is nothing that could be read.
fn text(field: &[u8]) -> &str {
    std::str::from_utf8(field).unwrap_or_default()
}
