//! The options of a packet, wherever they stand in it.
//!
//! Parts of one option are joined in the order options, `file`, `sname`, whether they stand side by side or not
//! (RFC 3396). What the values mean is not known here.

use crate::dhcp::message::code;
use crate::dhcp::message::malformed::{Area, Malformed};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Range;

/// Where `sname` stands in a packet.
pub const SNAME: Range<usize> = 44..108;
/// Where `file` stands in a packet.
pub const FILE: Range<usize> = 108..236;
/// Where options begin, behind the magic cookie.
pub const OPTIONS_AT: usize = 240;
const OVERLOAD_FILE: u8 = 1;
const OVERLOAD_SNAME: u8 = 2;

/// The options of a packet by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    values: BTreeMap<u8, Vec<u8>>,
}

impl Options {
    /// Reads the options of a packet that has a magic cookie.
    ///
    /// # Errors
    /// An option that reaches beyond its area, or an overload that names no field.
    pub fn read(packet: &[u8]) -> Result<Self, Malformed> {
        let mut options = Self::default();
        options.read_area(packet, Area::Options, OPTIONS_AT..packet.len())?;
        let overloaded = options.byte(code::OVERLOAD)?.unwrap_or(0);
        if overloaded > OVERLOAD_FILE | OVERLOAD_SNAME {
            return Err(Malformed::OptionValue { code: code::OVERLOAD });
        }
        if overloaded & OVERLOAD_FILE != 0 {
            options.read_area(packet, Area::File, FILE)?;
        }
        if overloaded & OVERLOAD_SNAME != 0 {
            options.read_area(packet, Area::Sname, SNAME)?;
        }
        Ok(options)
    }

    fn read_area(
        &mut self,
        packet: &[u8],
        area: Area,
        place: Range<usize>,
    ) -> Result<(), Malformed> {
        let mut at = place.start;
        let mut rest = packet.get(place).unwrap_or_default();
        while let Some((&code, behind)) = rest.split_first() {
            match code {
                code::END => return Ok(()),
                code::PAD => {
                    rest = behind;
                    at += 1;
                }
                code => {
                    let cut = Malformed::OptionCut { area, code, at };
                    let (&length, behind) = behind.split_first().ok_or(cut)?;
                    let length = usize::from(length);
                    let (value, behind) = behind.split_at_checked(length).ok_or(cut)?;
                    self.values.entry(code).or_default().extend_from_slice(value);
                    rest = behind;
                    at += 2 + length;
                }
            }
        }
        // A missing end is forgiven: nothing was announced that is not there.
        Ok(())
    }

    /// The bytes of an option.
    #[must_use]
    pub fn get(&self, code: u8) -> Option<&[u8]> {
        self.values.get(&code).map(Vec::as_slice)
    }

    /// The bytes of an option that has a meaning only when there are any.
    #[must_use]
    pub fn text(&self, code: u8) -> Option<Vec<u8>> {
        self.get(code).filter(|value| !value.is_empty()).map(<[u8]>::to_vec)
    }

    /// An option of exactly so many bytes.
    ///
    /// # Errors
    /// Another length.
    pub fn exactly<const N: usize>(&self, code: u8) -> Result<Option<[u8; N]>, Malformed> {
        let Some(value) = self.get(code) else { return Ok(None) };
        let exact = value.try_into();
        exact.map(Some).map_err(|_| Malformed::OptionLength { code, bytes: value.len() })
    }

    /// An option of one byte.
    ///
    /// # Errors
    /// Another length.
    pub fn byte(&self, code: u8) -> Result<Option<u8>, Malformed> {
        Ok(self.exactly::<1>(code)?.map(|[byte]| byte))
    }

    /// An option of two bytes.
    ///
    /// # Errors
    /// Another length.
    pub fn number(&self, code: u8) -> Result<Option<u16>, Malformed> {
        Ok(self.exactly(code)?.map(u16::from_be_bytes))
    }

    /// An option that is one address.
    ///
    /// # Errors
    /// Another length.
    pub fn address(&self, code: u8) -> Result<Option<Ipv4Addr>, Malformed> {
        Ok(self.exactly::<4>(code)?.map(Ipv4Addr::from))
    }
}
