//! pg_dump's binary formats (custom, tar, directory), turned into SQL by PostgreSQL's own `pg_restore`.
//!
//! We do not read these formats ourselves: their layout changes with PostgreSQL's versions.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The program, found by the search path.
pub const PG_RESTORE: &str = "pg_restore";

/// More than this is not repeated of what the program complains about.
const COMPLAINT_BYTES_MAX: u64 = 4096;

/// The SQL script that `pg_restore` writes for an archive. A failure of the program is an error at its end.
#[derive(Debug)]
pub struct ArchiveScript {
    child: Child,
    script: ChildStdout,
    complaints: File,
}

impl ArchiveScript {
    /// Starts `program` on the archive at `path`.
    ///
    /// # Errors
    /// With [`io::ErrorKind::NotFound`] if there is no such program.
    pub fn start(program: &str, path: &Path) -> io::Result<Self> {
        let complaints = tempfile::tempfile()?;
        let mut child = Command::new(program)
            .args(["-f", "-", "--"])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone()?)
            .spawn()?;
        let script = child.stdout.take().expect("standard output was asked to be a pipe");
        Ok(Self { child, script, complaints })
    }

    fn finish(&mut self) -> io::Result<()> {
        let status = self.child.wait()?;
        if status.success() {
            return Ok(());
        }
        let mut said = Vec::new();
        self.complaints.seek(SeekFrom::Start(0))?;
        self.complaints.by_ref().take(COMPLAINT_BYTES_MAX).read_to_end(&mut said)?;
        let said = String::from_utf8_lossy(&said);
        Err(io::Error::other(format!("pg_restore failed ({status}): {}", said.trim())))
    }
}

impl Read for ArchiveScript {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.script.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.finish()?;
        }
        Ok(count)
    }
}

impl Drop for ArchiveScript {
    /// A script that is no longer read is of no use: the program must not wait for a reader for ever.
    fn drop(&mut self) {
        // Both fail only if the program has ended, which is what we want.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
