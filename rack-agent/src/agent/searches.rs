//! Looks for DHCP servers that the region asks for: a few at a time, beside everything else; others wait their turn.

use crate::region::traffic::SessionTag;
use crate::session::{NotLooked, Probe, Probed};
use crate::wire::searching::{NotSearched, Searcher};
use rand::random;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Looks at a time, at one link or several. Each hears for itself, so that none has to be shared.
const SEARCHES_MAX: usize = 4;
/// Looks under way and those that wait: more than a region node asks for in a session.
const SEARCHES_TAKEN_MAX: usize = 16;
/// What was found and not told yet.
const FOUND_MAX: usize = 2 * SEARCHES_TAKEN_MAX;

/// What came of a look, and the session in which the region asked for it.
pub type Searched = (SessionTag, Probed);

/// The looks under way. A look that has begun goes on to its end, which is a matter of seconds.
#[derive(Debug)]
pub struct Searches {
    searcher: Searcher,
    taken: Arc<Semaphore>,
    room: Arc<Semaphore>,
    found: mpsc::Sender<Searched>,
}

impl Searches {
    /// None yet. What comes of them is in the receiver.
    #[must_use]
    pub fn new(searcher: Searcher) -> (Self, mpsc::Receiver<Searched>) {
        let (found, searched) = mpsc::channel(FOUND_MAX);
        let taken = Arc::new(Semaphore::new(SEARCHES_TAKEN_MAX));
        let room = Arc::new(Semaphore::new(SEARCHES_MAX));
        (Self { searcher, taken, room, found }, searched)
    }

    /// Begins a look as soon as there is room, on the runtime that is current here.
    pub fn begin(&self, session: SessionTag, probe: Probe) {
        let Probe { id, link } = probe;
        let found = self.found.clone();
        let Ok(place) = Arc::clone(&self.taken).try_acquire_owned() else {
            tell(&found, session, id, Err(NotSearched::Busy));
            return;
        };
        let (searcher, room) = (self.searcher.clone(), Arc::clone(&self.room));
        tokio::spawn(async move {
            let turn = room.acquire_owned().await.expect("the room is never closed");
            tokio::task::spawn_blocking(move || {
                let result = searcher.search(link, random());
                drop((turn, place));
                tell(&found, session, id, result);
            });
        });
    }
}

/// Where too much waits to be told, the region hears nothing, and says that the rack did not answer.
fn tell(
    found: &mpsc::Sender<Searched>,
    session: SessionTag,
    id: u64,
    result: Result<BTreeSet<Ipv4Addr>, NotSearched>,
) {
    let result = result.map_err(|error| not_looked(&error));
    drop(found.try_send((session, Probed { id, result })));
}

fn not_looked(error: &NotSearched) -> NotLooked {
    let why = error.to_string();
    match error {
        NotSearched::TestWire => NotLooked::Unable(why),
        NotSearched::NoWire(_)
        | NotSearched::NotEthernet
        | NotSearched::Busy
        | NotSearched::Io(_) => NotLooked::Failed(why),
    }
}

#[cfg(test)]
mod tests {
    use super::{SEARCHES_MAX, SEARCHES_TAKEN_MAX, Searches};
    use crate::region::traffic::SessionTag;
    use crate::session::{NotLooked, Probe};
    use crate::wire::searching::Searcher;
    use std::sync::Arc;

    fn probe(id: u64) -> Probe {
        Probe { id, link: [10, 0, 0, 2].into() }
    }

    #[tokio::test]
    async fn look_that_cannot_be_made_is_answered_with_the_reason() {
        let (searches, mut searched) = Searches::new(Searcher::at(None));
        searches.begin(SessionTag(3), probe(7));
        let (session, probed) = searched.recv().await.unwrap();
        assert_eq!((session, probed.id), (SessionTag(3), 7));
        let Err(NotLooked::Unable(why)) = probed.result else { panic!("{:?}", probed.result) };
        assert!(why.contains("trial"));
    }

    #[tokio::test]
    async fn looks_beyond_those_under_way_wait_their_turn_and_only_too_many_are_refused() {
        let (searches, mut searched) = Searches::new(Searcher::at(None));
        let under_way = SEARCHES_MAX.try_into().unwrap();
        let under_way = Arc::clone(&searches.room).try_acquire_many_owned(under_way).unwrap();
        let waiting = SEARCHES_TAKEN_MAX as u64;
        for id in 1..=waiting + 1 {
            searches.begin(SessionTag(3), probe(id));
        }
        let (_, refused) = searched.recv().await.unwrap();
        assert_eq!(refused.id, waiting + 1);
        assert!(matches!(refused.result, Err(NotLooked::Failed(_))), "{refused:?}");
        tokio::task::yield_now().await;
        assert!(searched.try_recv().is_err(), "the others wait");
        drop(under_way);
        for _ in 0..waiting {
            let (_, looked) = searched.recv().await.unwrap();
            assert!(matches!(looked.result, Err(NotLooked::Unable(_))), "{looked:?}");
        }
    }
}
