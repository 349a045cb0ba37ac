//! How long free texts may be, whatever they say. Names have rules of their own.

/// Bytes of a free text: a description, a comment, a value.
pub const TEXT_BYTES_MAX: usize = 16 << 10;

/// A text above its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes, {bytes_max} are allowed")]
pub struct TooLong {
    /// What it has.
    pub bytes: usize,
    /// What it may have.
    pub bytes_max: usize,
}

/// Refuses a text, or whatever takes so many bytes, above a limit.
///
/// # Errors
/// [`TooLong`].
pub const fn check_length(bytes: usize, bytes_max: usize) -> Result<(), TooLong> {
    if bytes > bytes_max { Err(TooLong { bytes, bytes_max }) } else { Ok(()) }
}
