//! How many files this process may have open: sockets are files, and a node that is out of them cannot write a snapshot.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files we ask for; more than the bounds of all faces together.
const WANTED: u64 = 65_536;

/// Asks for as many as the system gives without privileges, up to what is needed, and tells how many that are.
#[must_use]
pub fn raise() -> usize {
    let before = getrlimit(Resource::Nofile);
    let now = before.current.unwrap_or(u64::MAX);
    let wanted = before.maximum.unwrap_or(WANTED).min(WANTED);
    let raised = if now >= wanted {
        now
    } else {
        let limit = Rlimit { current: Some(wanted), maximum: before.maximum };
        match setrlimit(Resource::Nofile, limit) {
            Ok(()) => wanted,
            Err(error) => {
                tracing::warn!(%error, files = now, "no more files may be opened");
                now
            }
        }
    };
    usize::try_from(raised).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Resource, getrlimit, raise};

    #[test]
    fn as_many_files_may_be_opened_as_is_said() {
        let files = raise() as u64;
        assert!(getrlimit(Resource::Nofile).current.is_none_or(|now| now == files));
    }
}
