//! What stands in a lease of `dhcpd.leases(5)`, one statement at a time.

use crate::cli::import::foreign::isc_token::Token;
use crate::cli::import::foreign::lease::{
    Ends, ForeignLease, IDENTIFIER_BYTES_MAX, State, hostname,
};
use crate::cli::timestamp;
use regent_core::net::mac::MacAddr;
use regent_core::time::WallTime;
use std::net::Ipv4Addr;
use std::str;

/// What a lease says, as far as it was read.
pub struct Said {
    address: Ipv4Addr,
    state: Option<State>,
    card: Option<MacAddr>,
    client_id: Vec<u8>,
    hostname: String,
    starts: Option<WallTime>,
    ends: Option<Ends>,
    heard: Option<WallTime>,
}

/// What is wrong with a statement.
pub type Wrong = &'static str;

impl Said {
    /// Nothing yet.
    #[must_use]
    pub fn of(address: Ipv4Addr) -> Self {
        let (client_id, hostname) = (Vec::new(), String::new());
        let (state, card, starts, ends, heard) = (None, None, None, None, None);
        Self { address, state, card, client_id, hostname, starts, ends, heard }
    }

    /// Hears a statement. What has no meaning for us is passed over.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn hear(&mut self, statement: &[Token]) -> Result<(), Wrong> {
        let Some((Token::Word(name), rest)) = statement.split_first() else {
            return Err("a statement begins with no word");
        };
        match name.as_slice() {
            b"starts" => self.starts = moment(rest)?.at(),
            b"cltt" => self.heard = moment(rest)?.at(),
            b"ends" => self.ends = Some(moment(rest)?),
            b"abandoned" => self.state = Some(State::InUse),
            // Without a state, older versions mean a lease that runs until it ends.
            b"binding" => self.state = Some(state(rest)?),
            b"hardware" => self.card = card(rest)?,
            b"uid" => self.client_id = identifier(rest)?,
            b"client-hostname" => self.hostname = hostname(bytes(rest)),
            _ => {}
        }
        Ok(())
    }

    /// The lease, if enough was said.
    ///
    /// # Errors
    /// What is missing.
    pub fn end(self) -> Result<ForeignLease, Wrong> {
        let Self { address, state, card, client_id, hostname, .. } = self;
        let ends = self.ends.ok_or("it does not say when it ends")?;
        let start = self.heard.max(self.starts);
        let heard = start.or(match ends {
            Ends::At(ends) => Some(ends),
            Ends::Never => None,
        });
        let heard = heard.ok_or("it does not say when it began")?;
        let state = state.unwrap_or(State::Held);
        Ok(ForeignLease { address, state, card, client_id, hostname, heard, ends })
    }
}

impl Ends {
    const fn at(self) -> Option<WallTime> {
        match self {
            Self::At(moment) => Some(moment),
            Self::Never => None,
        }
    }
}

/// `W YYYY/MM/DD HH:MM:SS` in UTC, `epoch SECONDS` or `never`.
fn moment(tokens: &[Token]) -> Result<Ends, Wrong> {
    const WRONG: Wrong = "a date is none";
    match words(tokens).as_slice() {
        [b"never"] => Ok(Ends::Never),
        [b"epoch", seconds, ..] => {
            let seconds = text(seconds).parse::<u64>().ok();
            let millis = seconds.and_then(|it| i64::try_from(it).ok()?.checked_mul(1000));
            millis.map(|millis| Ends::At(WallTime(millis))).ok_or(WRONG)
        }
        // What follows would be an offset, which dhcpd reads and never writes.
        [_, day, time] => {
            let written = format!("{} {}Z", text(day).replace('/', "-"), text(time));
            timestamp::parse(&written).map(Ends::At).ok_or(WRONG)
        }
        _ => Err(WRONG),
    }
}

fn state(tokens: &[Token]) -> Result<State, Wrong> {
    match words(tokens).as_slice() {
        [b"state", b"active" | b"bootp"] => Ok(State::Held),
        [b"state", b"abandoned"] => Ok(State::InUse),
        [b"state", b"free" | b"backup" | b"expired" | b"released" | b"reset"] => Ok(State::Free),
        _ => Err("its binding state is unknown"),
    }
}

/// A card's address, unless it is of another kind than Ethernet.
fn card(tokens: &[Token]) -> Result<Option<MacAddr>, Wrong> {
    let words = words(tokens);
    let [kind, address] = words.as_slice() else { return Err("its hardware address is none") };
    if *kind != b"ethernet" {
        return Ok(None);
    }
    let octets = text(address).split(':').map(|octet| u8::from_str_radix(octet, 16));
    let octets: Vec<u8> = octets.collect::<Result<_, _>>().unwrap_or_default();
    let octets = <[u8; 6]>::try_from(octets).map_err(|_| "its hardware address is none")?;
    Ok(Some(MacAddr(octets)))
}

/// A text, or octets in hexadecimal digits with colons between.
fn identifier(tokens: &[Token]) -> Result<Vec<u8>, Wrong> {
    const WRONG: Wrong = "its client identifier is none";
    let identifier = match tokens {
        [Token::Text(text)] => text.clone(),
        [Token::Word(word)] => {
            let octets = text(word).split(':').map(|octet| u8::from_str_radix(octet, 16));
            octets.collect::<Result<_, _>>().map_err(|_| WRONG)?
        }
        _ => return Err(WRONG),
    };
    if identifier.len() > IDENTIFIER_BYTES_MAX { Err(WRONG) } else { Ok(identifier) }
}

fn words(tokens: &[Token]) -> Vec<&[u8]> {
    tokens.iter().map(|token| bytes(std::slice::from_ref(token))).collect()
}

fn bytes(tokens: &[Token]) -> &[u8] {
    match tokens.first() {
        Some(Token::Word(bytes) | Token::Text(bytes)) => bytes,
        Some(Token::Open | Token::Close | Token::End) | None => &[],
    }
}

/// A word as text; what is none is nothing that could be read.
fn text(word: &[u8]) -> &str {
    str::from_utf8(word).unwrap_or_default()
}
