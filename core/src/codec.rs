//! The one place where values become bytes that outlive the process: disk, wire and digest.
//!
//! bincode 2 in its standard configuration (variable-length integers, little endian), bounded on decoding. A *sealed*
//! value carries a version byte and a CRC-32 and is what goes to disk and wire; the *bare* form is canonical (equal
//! values have equal bytes) and is what the digest hashes. Any change of layout raises [`FORMAT_VERSION`].

use serde::{Serialize, de::DeserializeOwned};

/// Version of every sealed value. A reader refuses versions it does not know.
pub const FORMAT_VERSION: u8 = 1;

/// No single value may claim more memory than this while it is decoded.
pub const DECODE_BYTES_MAX: usize = 64 << 20;

const HEADER_BYTES: usize = 5;

/// Room for most values; longer ones grow.
const USUAL_BYTES: usize = 256;

/// Why bytes could not be turned back into a value.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Fewer bytes than the header needs.
    #[error("value is cut short: {0} bytes, header alone has {HEADER_BYTES}")]
    Short(usize),
    /// Written by a newer (or unknown) version of the format.
    #[error("format version {found} is unknown, this build reads {FORMAT_VERSION}")]
    Version {
        /// The version byte found.
        found: u8,
    },
    /// The checksum does not match: the bytes are damaged.
    #[error("checksum mismatch: stored {stored:08x}, computed {computed:08x}")]
    Checksum {
        /// The CRC-32 in the header.
        stored: u32,
        /// The CRC-32 of the payload as read.
        computed: u32,
    },
    /// The payload is not a value of the wanted type.
    #[error("payload does not decode")]
    Payload(#[from] bincode::error::DecodeError),
    /// The value ended before its bytes did.
    #[error("{0} bytes left over after the value")]
    Trailing(usize),
}

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<DECODE_BYTES_MAX>()
}

/// The canonical bytes of a value, without header.
///
/// # Panics
/// Never for the replicated types: they hold no maps of unknown length and no types serde cannot count.
#[must_use]
pub fn to_bare<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bincode::serde::encode_into_std_write(value, &mut bytes, bincode::config::standard())
        .expect("replicated types always encode into memory");
    bytes
}

/// The value whose canonical bytes these are.
///
/// # Errors
/// [`CodecError::Payload`] or [`CodecError::Trailing`] if they are not exactly one such value.
pub fn from_bare<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let (value, used) = bincode::serde::decode_from_slice(bytes, config())?;
    if used == bytes.len() { Ok(value) } else { Err(CodecError::Trailing(bytes.len() - used)) }
}

/// A value with version byte and checksum, ready for disk or wire.
#[must_use]
pub fn seal<T: Serialize>(value: &T) -> Vec<u8> {
    let payload = to_bare(value);
    let mut sealed = Vec::with_capacity(HEADER_BYTES + payload.len());
    sealed.push(FORMAT_VERSION);
    sealed.extend_from_slice(&crc32fast::hash(&payload).to_le_bytes());
    sealed.extend_from_slice(&payload);
    sealed
}

/// The value in sealed bytes.
///
/// # Errors
/// Tells apart a cut, an unknown version, damage, and a payload of another type.
pub fn open<T: DeserializeOwned>(sealed: &[u8]) -> Result<T, CodecError> {
    let (header, payload) =
        sealed.split_at_checked(HEADER_BYTES).ok_or(CodecError::Short(sealed.len()))?;
    let [version, crc @ ..] = header else { return Err(CodecError::Short(sealed.len())) };
    if *version != FORMAT_VERSION {
        return Err(CodecError::Version { found: *version });
    }
    let stored =
        crc.try_into().map(u32::from_le_bytes).map_err(|_| CodecError::Short(sealed.len()))?;
    let computed = crc32fast::hash(payload);
    if stored != computed {
        return Err(CodecError::Checksum { stored, computed });
    }
    from_bare(payload)
}

#[cfg(test)]
mod tests {
    use super::{CodecError, open, seal};

    #[test]
    fn sealed_value_opens_to_itself() {
        let value = (7_u64, String::from("rack"), Some([1_u8, 2, 3]));
        let opened: (u64, String, Option<[u8; 3]>) = open(&seal(&value)).unwrap();
        assert_eq!(opened, value);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let sealed = seal(&(1_u32, "subnet"));
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(open::<(u32, String)>(&damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn cut_and_extended_values_are_refused() {
        let sealed = seal(&5_u8);
        assert!(matches!(open::<u8>(&sealed[..3]), Err(CodecError::Short(3))));
        assert!(open::<u8>(&[sealed, vec![0]].concat()).is_err());
    }
}
