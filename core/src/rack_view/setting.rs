//! Options set by an admin: numbers and bytes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Options that are the protocol's own, which no setting may bring: filler, requested address, lease time, overload,
/// message type, server identifier, parameter request list, largest size, the two timers, client identifier (RFC 2132),
/// rapid commit (RFC 4039), client FQDN (RFC 4702), relay information (RFC 3046), end.
pub const PROTOCOL_OPTIONS: [u8; 15] = [0, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 80, 81, 82, 255];
/// Longest value; one above 255 octets travels in parts (RFC 3396).
pub const OPTION_BYTES_MAX: usize = 1024;

/// Options of a site, subnet or host, by number. None of them is the protocol's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<u8, Vec<u8>>", into = "BTreeMap<u8, Vec<u8>>")]
pub struct Settings(BTreeMap<u8, Vec<u8>>);

/// Why an option cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No setting may bring it.
    #[error("option {0} belongs to the protocol and cannot be set")]
    Protocol(u8),
    /// It is longer than [`OPTION_BYTES_MAX`].
    #[error("option {code} has {bytes} bytes, more than {OPTION_BYTES_MAX}")]
    Long {
        /// Which.
        code: u8,
        /// How long it is.
        bytes: usize,
    },
}

impl Settings {
    /// Sets an option.
    ///
    /// # Errors
    /// [`OptionError`].
    pub fn set(&mut self, code: u8, value: Vec<u8>) -> Result<(), OptionError> {
        if PROTOCOL_OPTIONS.contains(&code) {
            return Err(OptionError::Protocol(code));
        }
        if value.len() > OPTION_BYTES_MAX {
            return Err(OptionError::Long { code, bytes: value.len() });
        }
        self.0.insert(code, value);
        Ok(())
    }

    /// Every option, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.0.iter().map(|(code, value)| (*code, value.as_slice()))
    }

    /// Takes over what others set, in place of what was set here.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }
}

impl TryFrom<BTreeMap<u8, Vec<u8>>> for Settings {
    type Error = OptionError;

    fn try_from(options: BTreeMap<u8, Vec<u8>>) -> Result<Self, OptionError> {
        let mut settings = Self::default();
        options.into_iter().try_for_each(|(code, value)| settings.set(code, value))?;
        Ok(settings)
    }
}

impl From<Settings> for BTreeMap<u8, Vec<u8>> {
    fn from(settings: Settings) -> Self {
        settings.0
    }
}

#[cfg(test)]
mod tests {
    use super::{OPTION_BYTES_MAX, OptionError, PROTOCOL_OPTIONS, Settings};
    use crate::codec::{from_bare, to_bare};
    use std::collections::BTreeMap;

    #[test]
    fn options_of_the_protocol_cannot_be_set() {
        for code in PROTOCOL_OPTIONS {
            let refused = Settings::default().set(code, vec![1]);
            assert_eq!(refused, Err(OptionError::Protocol(code)));
            let stored = to_bare(&BTreeMap::from([(code, vec![1_u8])]));
            assert!(from_bare::<Settings>(&stored).is_err());
        }
    }

    #[test]
    fn what_is_too_long_for_a_reply_cannot_be_set() {
        let mut settings = Settings::default();
        assert_eq!(settings.set(43, vec![0; OPTION_BYTES_MAX]), Ok(()));
        let bytes = OPTION_BYTES_MAX + 1;
        assert_eq!(settings.set(43, vec![0; bytes]), Err(OptionError::Long { code: 43, bytes }));
    }
}
