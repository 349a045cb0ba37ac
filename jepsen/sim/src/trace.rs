//! What happened in a run, as one hash: two runs of a seed that differ in anything anybody could see differ in it.

use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// The trace of one run; clones are the same one.
#[derive(Clone, Debug)]
pub struct Trace(Arc<Mutex<Traced>>);

#[derive(Debug)]
struct Traced {
    began: Instant,
    hash: Sha256,
    events: u64,
}

impl Trace {
    /// A trace that begins now.
    #[must_use]
    pub fn begin() -> Self {
        let traced = Traced { began: Instant::now(), hash: Sha256::new(), events: 0 };
        Self(Arc::new(Mutex::new(traced)))
    }

    /// Nanoseconds since the run began.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        let began = self.0.lock().expect("no panic happens under this lock").began;
        u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Takes note of something that happens now: what it is, and its bytes.
    pub fn note(&self, what: &str, bytes: &[u8]) {
        let now = self.now_ns();
        let mut traced = self.0.lock().expect("no panic happens under this lock");
        traced.hash.update(now.to_le_bytes());
        for part in [what.as_bytes(), bytes] {
            traced.hash.update((part.len() as u64).to_le_bytes());
            traced.hash.update(part);
        }
        traced.events += 1;
    }

    /// How much has happened.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.0.lock().expect("no panic happens under this lock").events
    }

    /// The hash of all of it, in hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        let traced = self.0.lock().expect("no panic happens under this lock");
        let digest = traced.hash.clone().finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
