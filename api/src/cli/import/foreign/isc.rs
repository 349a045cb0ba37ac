//! `dhcpd.leases(5)`: what ISC dhcpd, also one of a failover pair, appends whenever a lease changes.
//!
//! A record that makes no sense is told and left out, and so is the last one of a file that was copied while dhcpd wrote. One
//! that was cut short, by a full disk or a crash, ends where the next begins.

use crate::cli::import::foreign::error::ForeignError;
use crate::cli::import::foreign::isc_statement::Said;
use crate::cli::import::foreign::isc_token::{Token, Tokens};
use crate::cli::import::foreign::lease::ForeignLease;
use crate::cli::import::foreign::newest::Newest;
use crate::cli::import::oddity::Oddity;
use std::io::BufRead;
use std::net::Ipv4Addr;

/// What oddities of these files are told of.
pub const TABLE: &str = "dhcpd.leases";
/// Words of one statement that are looked at; no statement we heed has more.
const WORDS_MAX: usize = 16;

/// Reads a file into what is known.
///
/// # Errors
/// [`ForeignError`], if it is no such file or cannot be read.
pub fn read(input: impl BufRead, newest: &mut Newest) -> Result<(), ForeignError> {
    let mut file = LeaseFile { tokens: Tokens::of(input), is_one: false };
    newest.begin_journal();
    while file.next_statement(newest)? {}
    if file.is_one { Ok(()) } else { Err(ForeignError::NoLeaseFile) }
}

struct LeaseFile<R> {
    tokens: Tokens<R>,
    /// Whether anything so far was a statement of such a file.
    is_one: bool,
}

/// How a statement ended.
enum Ended {
    /// With a semicolon: its words.
    Statement(Vec<Token>),
    /// It was a block, which was passed over.
    Block,
    /// The block around it ended before it began.
    Around,
    /// A lease of this name began in it, and its block: what was before was cut short.
    Lease(String),
    /// The file ended before it did.
    Cut,
}

/// How a record of a lease ended.
enum Record {
    /// As it should; what it says, or what is wrong with that.
    Whole(Result<ForeignLease, &'static str>),
    /// The one of this name began in it.
    Next(String),
    /// The file ended before it did.
    Cut,
}

impl<R: BufRead> LeaseFile<R> {
    /// Reads a statement of the file; whether there was one.
    fn next_statement(&mut self, newest: &mut Newest) -> Result<bool, ForeignError> {
        let Some(first) = self.tokens.next_token()? else { return Ok(false) };
        match first {
            Token::Word(word) if word == b"lease" => self.lease(newest).map(|()| true),
            Token::Word(word) => {
                let known: [&[u8]; 8] = [
                    b"authoring-byte-order",
                    b"server-duid",
                    b"failover",
                    b"host",
                    b"group",
                    b"class",
                    b"subclass",
                    b"subnet",
                ];
                if [b"ia-na".as_slice(), b"ia-ta", b"ia-pd"].contains(&word.as_slice()) {
                    return Err(ForeignError::Ipv6);
                }
                self.is_one |= known.contains(&word.as_slice());
                let line = self.tokens.line();
                let ended = self.statement(vec![Token::Word(word.clone())])?;
                if !known.contains(&word.as_slice()) {
                    let what = String::from_utf8_lossy(&word);
                    newest.odd(odd(&what, line, "is nothing we know, and was passed over"));
                }
                match ended {
                    Ended::Statement(_) | Ended::Block | Ended::Around => Ok(true),
                    Ended::Lease(name) => self.records(name, newest).map(|()| true),
                    Ended::Cut => Ok(false),
                }
            }
            Token::Text(_) | Token::Open | Token::Close | Token::End => Ok(true),
        }
    }

    fn lease(&mut self, newest: &mut Newest) -> Result<(), ForeignError> {
        let line = self.tokens.line();
        let Some(Token::Word(named)) = self.tokens.next_token()? else { return Ok(()) };
        let name = String::from_utf8_lossy(&named).into_owned();
        let Some(Token::Open) = self.tokens.next_token()? else {
            newest.odd(odd(&name, line, "is cut short, or no lease"));
            return Ok(());
        };
        self.records(name, newest)
    }

    /// Reads the record of this name, whose block has begun, and those that begin in one which was cut short.
    fn records(&mut self, first: String, newest: &mut Newest) -> Result<(), ForeignError> {
        let mut next = Some(first);
        while let Some(name) = next.take() {
            let line = self.tokens.line();
            let address = name.parse::<Ipv4Addr>();
            match (self.body(address.as_ref().ok().copied())?, address) {
                (Record::Whole(Ok(lease)), Ok(_)) => {
                    self.is_one = true;
                    newest.add(lease)?;
                }
                (Record::Whole(_), Err(_)) => newest.odd(odd(&name, line, "is no IPv4 address")),
                (Record::Whole(Err(wrong)), Ok(_)) => newest.odd(odd(&name, line, wrong)),
                (Record::Next(other), _) => {
                    newest.odd(odd(&name, line, "is cut short: another lease begins in it"));
                    next = Some(other);
                }
                (Record::Cut, _) => {
                    newest.odd(odd(&name, line, "is cut short: the file ends in it"));
                }
            }
        }
        Ok(())
    }

    /// Reads a lease to its end.
    fn body(&mut self, address: Option<Ipv4Addr>) -> Result<Record, ForeignError> {
        let mut said = Said::of(address.unwrap_or(Ipv4Addr::UNSPECIFIED));
        let mut wrong = None;
        loop {
            match self.statement(Vec::new())? {
                Ended::Statement(words) if words.is_empty() => {}
                Ended::Statement(words) => wrong = wrong.or(said.hear(&words).err()),
                Ended::Block => {}
                Ended::Around => return Ok(Record::Whole(wrong.map_or_else(|| said.end(), Err))),
                Ended::Lease(name) => return Ok(Record::Next(name)),
                Ended::Cut => return Ok(Record::Cut),
            }
        }
    }

    /// Reads a statement that begins with these words. A block in it (`on expiry { … }`) is passed over.
    fn statement(&mut self, mut words: Vec<Token>) -> Result<Ended, ForeignError> {
        let (mut depth, mut before) = (0_u64, [None, words.last().cloned()]);
        while let Some(token) = self.tokens.next_token()? {
            if let (Token::Open, Some(name)) = (&token, lease_named(&before)) {
                return Ok(Ended::Lease(name));
            }
            before = [before[1].take(), Some(token.clone())];
            match (token, depth) {
                (Token::End, 0) => return Ok(Ended::Statement(words)),
                (Token::Close, 0) => return Ok(Ended::Around),
                (Token::Close, 1) => return Ok(Ended::Block),
                (Token::Open, _) => depth += 1,
                (Token::Close, _) => depth -= 1,
                (token @ (Token::Word(_) | Token::Text(_)), 0) if words.len() < WORDS_MAX => {
                    words.push(token);
                }
                (Token::Word(_) | Token::Text(_) | Token::End, _) => {}
            }
        }
        Ok(Ended::Cut)
    }
}

/// The address, if these words open the block of a lease. The first may stick to what was cut short.
fn lease_named(before: &[Option<Token>; 2]) -> Option<String> {
    let [Some(Token::Word(lease)), Some(Token::Word(name))] = before else { return None };
    let name = String::from_utf8_lossy(name);
    let is_lease = lease.ends_with(b"lease") && name.parse::<Ipv4Addr>().is_ok();
    is_lease.then(|| name.into_owned())
}

fn odd(name: &str, line: u64, reason: &str) -> Oddity {
    let reason = format!("line {line}: {reason}");
    Oddity { table: TABLE, key: name.to_owned(), reason }
}
