//! `dhcpd.leases(5)`: what ISC dhcpd, also one of a failover pair, appends whenever a lease changes.
//!
//! A record that makes no sense is told and left out, and so is the last one of a file that was copied while dhcpd wrote.

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
                Ok(!matches!(ended, Ended::Cut))
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
        let address = name.parse::<Ipv4Addr>();
        match (self.body(address.as_ref().ok().copied())?, address) {
            (Some(Ok(lease)), Ok(_)) => {
                self.is_one = true;
                newest.add(lease)?;
            }
            (Some(_), Err(_)) => newest.odd(odd(&name, line, "is no IPv4 address")),
            (Some(Err(wrong)), Ok(_)) => newest.odd(odd(&name, line, wrong)),
            (None, _) => newest.odd(odd(&name, line, "is cut short: the file ends in it")),
        }
        Ok(())
    }

    /// Reads a lease to its end; none if the file ends before.
    fn body(
        &mut self,
        address: Option<Ipv4Addr>,
    ) -> Result<Option<Result<ForeignLease, &'static str>>, ForeignError> {
        let mut said = Said::of(address.unwrap_or(Ipv4Addr::UNSPECIFIED));
        let mut wrong = None;
        loop {
            match self.statement(Vec::new())? {
                Ended::Statement(words) if words.is_empty() => {}
                Ended::Statement(words) => wrong = wrong.or(said.hear(&words).err()),
                Ended::Block => {}
                Ended::Around => return Ok(Some(wrong.map_or_else(|| said.end(), Err))),
                Ended::Cut => return Ok(None),
            }
        }
    }

    /// Reads a statement that begins with these words. A block in it (`on expiry { … }`) is passed over.
    fn statement(&mut self, mut words: Vec<Token>) -> Result<Ended, ForeignError> {
        let mut depth = 0_u64;
        while let Some(token) = self.tokens.next_token()? {
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

fn odd(name: &str, line: u64, reason: &str) -> Oddity {
    let reason = format!("line {line}: {reason}");
    Oddity { table: TABLE, key: name.to_owned(), reason }
}
