//! Options set by an admin: numbers and bytes.

use crate::dhcp::message::code;
use std::collections::BTreeMap;

/// Options of a site, subnet or host, by number. None of them is the protocol's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<u8, Vec<u8>>);

/// An option that no setting may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("option {0} belongs to the protocol and cannot be set")]
pub struct ProtocolOption(pub u8);

impl Settings {
    /// Sets an option.
    ///
    /// # Errors
    /// [`ProtocolOption`].
    pub fn set(&mut self, code: u8, value: Vec<u8>) -> Result<(), ProtocolOption> {
        if code::PROTOCOL.contains(&code) {
            return Err(ProtocolOption(code));
        }
        self.0.insert(code, value);
        Ok(())
    }

    /// Every option, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.0.iter().map(|(code, value)| (*code, value.as_slice()))
    }
}
