//! Whether a machine simply lacks what disks that lose power need, or something is wrong with them. Only the first is a
//! reason to leave a test out.

use rustix::io::Errno;
use std::io::{Error, ErrorKind};

/// What programs say that lack a right or a device.
const LACKING: [&str; 4] =
    ["permission denied", "not permitted", "loop device", "must be superuser"];

/// Whether the error says that a program, a right or a system call is not there.
#[must_use]
pub fn is_absence(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::Unsupported => true,
        _ => error.raw_os_error() == Some(Errno::NOTTY.raw_os_error()),
    }
}

/// The failure of a program that said so.
pub(crate) fn failure(program: &str, said: &str) -> Error {
    let said = said.trim();
    let lower = said.to_lowercase();
    let lacks = LACKING.iter().any(|words| lower.contains(words));
    let kind = if lacks { ErrorKind::PermissionDenied } else { ErrorKind::Other };
    Error::new(kind, format!("{program}: {said}"))
}

#[cfg(test)]
mod tests {
    use super::{failure, is_absence};
    use rustix::io::Errno;
    use std::io::{Error, ErrorKind};

    #[test]
    fn only_a_program_right_or_call_that_is_not_there_is_absence() {
        assert!(is_absence(&Error::from(ErrorKind::NotFound)));
        assert!(is_absence(&Error::from(Errno::NOTTY)));
        assert!(is_absence(&failure("mount", "mount: /x: failed to setup loop device for y.")));
        assert!(!is_absence(&failure("mkfs.ext4", "no space left on device")));
        assert!(!is_absence(&Error::other("a power cut does not lose what was not synced")));
    }
}
