//! Looks for DHCP servers that the region asks for: one at a time, beside everything else.

use crate::region::traffic::SessionTag;
use crate::session::{Probe, Probed};
use crate::wire::searching::{NotSearched, Searcher};
use rand::random;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Looks at a time. The region asks again if it wants to know.
const SEARCHES_MAX: usize = 1;
/// What was found and not told yet.
const FOUND_MAX: usize = 16;

/// What came of a look, and the session in which the region asked for it.
pub type Searched = (SessionTag, Probed);

/// The looks under way. A look that has begun goes on to its end, which is a matter of seconds.
#[derive(Debug)]
pub struct Searches {
    searcher: Searcher,
    room: Arc<Semaphore>,
    found: mpsc::Sender<Searched>,
}

impl Searches {
    /// None yet. What comes of them is in the receiver.
    #[must_use]
    pub fn new(searcher: Searcher) -> (Self, mpsc::Receiver<Searched>) {
        let (found, searched) = mpsc::channel(FOUND_MAX);
        (Self { searcher, room: Arc::new(Semaphore::new(SEARCHES_MAX)), found }, searched)
    }

    /// Begins a look, on the runtime that is current here.
    pub fn begin(&self, session: SessionTag, probe: Probe) {
        let Probe { id, link } = probe;
        let found = self.found.clone();
        let Ok(turn) = Arc::clone(&self.room).try_acquire_owned() else {
            tell(&found, session, id, Err(NotSearched::Busy));
            return;
        };
        let searcher = self.searcher.clone();
        tokio::task::spawn_blocking(move || {
            let result = searcher.search(link, random());
            drop(turn);
            tell(&found, session, id, result);
        });
    }
}

/// Where too much waits to be told, the region hears nothing and asks again.
fn tell(
    found: &mpsc::Sender<Searched>,
    session: SessionTag,
    id: u64,
    result: Result<BTreeSet<Ipv4Addr>, NotSearched>,
) {
    let result = result.map_err(|error| error.to_string());
    drop(found.try_send((session, Probed { id, result })));
}

#[cfg(test)]
mod tests {
    use super::Searches;
    use crate::region::traffic::SessionTag;
    use crate::session::Probe;
    use crate::wire::searching::Searcher;

    #[tokio::test]
    async fn look_that_cannot_be_made_is_answered_with_the_reason() {
        let (searches, mut searched) = Searches::new(Searcher::at(None));
        searches.begin(SessionTag(3), Probe { id: 7, link: [10, 0, 0, 2].into() });
        let (session, probed) = searched.recv().await.unwrap();
        assert_eq!((session, probed.id), (SessionTag(3), 7));
        assert!(probed.result.unwrap_err().contains("trial"));
    }
}
