//! Opening the store: what is found, what is lost, and what is made anew.

use crate::remembered::{Identity, Remembered, Write};
use crate::store::records::{RECORDS_FILE, Records, Unreadable};
use crate::store::state_dir::StateDir;
use crate::store::trouble::{Loss, Lost, StoreError};
use crate::store::writer::{Progress, Writer};
use std::path::{Path, PathBuf};

/// What an agent remembers, on disk. While it is open, no other process can open it.
pub struct Store {
    directory: StateDir,
    records: Records,
    identity: Option<Identity>,
    losses: Vec<Loss>,
}

impl Store {
    /// Opens the store in `directory`, which is made if it is not there, and reads all of it.
    ///
    /// Records that cannot be verified are put aside and count as lost: then, as before the first session,
    /// [`Remembered::life`] is none. So do records that are simply not there although the agent has enrolled.
    ///
    /// # Errors
    /// Another process has it, a newer agent wrote it, or the system refuses.
    pub fn open(directory: &Path) -> Result<(Self, Remembered), StoreError> {
        let directory = StateDir::lock(directory)?;
        let mut losses = Vec::new();
        let identity = directory.identity(&mut losses)?;
        let path = directory.file(RECORDS_FILE);
        let is_there = path.try_exists().map_err(|error| StoreError::Io(path.clone(), error))?;
        let (records, remembered) = if is_there {
            open_or_put_aside(&directory, path, &mut losses)?
        } else {
            if identity.is_some() {
                let why = format!("there is no {}", path.display());
                losses.push(Loss { what: Lost::Records, why, kept: None });
            }
            (Records::create(&path)?, Remembered::default())
        };
        Ok((Self { directory, records, identity, losses }, remembered))
    }

    /// Who the agent is; none before it enrolled.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What was found lost when the store was opened, for the log.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Writes, for good, who the agent is from now on. What the agent remembers belongs to the rack it was: if that is
    /// another one now, it is forgotten first, and `true` comes back.
    ///
    /// # Errors
    /// The disk refused; then the old identity stands, perhaps with nothing remembered.
    pub fn enrolled(&mut self, identity: &Identity) -> Result<bool, StoreError> {
        let is_another = self.identity.as_ref().is_none_or(|was| {
            (&was.cluster_id, &was.system_id) != (&identity.cluster_id, &identity.system_id)
        });
        if is_another {
            self.records.forget_all()?;
        }
        self.directory.write_identity(identity)?;
        self.identity = Some(identity.clone());
        Ok(is_another)
    }

    /// Writes all of this, or nothing, durably. Blocks the thread meanwhile.
    ///
    /// # Errors
    /// The disk refused.
    pub fn write(&self, writes: &[Write]) -> Result<(), StoreError> {
        self.records.write(writes)
    }

    /// The agent is no rack any more, for good. What it remembers stays until it enrols.
    ///
    /// # Errors
    /// The disk refused; then it may still be one.
    pub fn left(&mut self) -> Result<(), StoreError> {
        self.directory.remove_identity()?;
        self.identity = None;
        Ok(())
    }

    /// Starts the thread that writes from now on.
    ///
    /// # Errors
    /// The system has no thread for it.
    pub fn writer(self) -> std::io::Result<(Writer, Progress)> {
        Writer::start(self.directory, self.records)
    }
}

fn open_or_put_aside(
    directory: &StateDir,
    path: PathBuf,
    losses: &mut Vec<Loss>,
) -> Result<(Records, Remembered), StoreError> {
    match Records::open(&path) {
        Ok(opened) => Ok(opened),
        Err(Unreadable::Refused(error)) => Err(StoreError::Io(path, error)),
        Err(Unreadable::Newer(found)) => Err(StoreError::Newer { path, found }),
        Err(Unreadable::Damaged(why)) => {
            let kept = Some(directory.put_aside(RECORDS_FILE)?);
            losses.push(Loss { what: Lost::Records, why, kept });
            Ok((Records::create(&path)?, Remembered::default()))
        }
    }
}
