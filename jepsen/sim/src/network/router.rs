//! Who serves where, and how each way is. Nothing is decided here but how long a message takes.

use crate::chance::Chance;
use crate::names::HostId;
use crate::network::weather::Weather;
use crate::trace::Trace;
use regent_raft::network::wire::Answering;
use regent_raft::runtime::life::Life;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// From where to where.
pub type Way = (HostId, HostId);

/// All wires; clones are the same.
#[derive(Clone)]
pub struct Router {
    routes: Arc<Mutex<Routes>>,
    /// Told when a way is opened. Those who wait hear of it in the order in which they came.
    opened: Arc<Notify>,
    /// Where everything that arrives is noted.
    pub trace: Trace,
}

struct Routes {
    doors: BTreeMap<HostId, Door>,
    /// How many faults cut each way.
    cuts: BTreeMap<Way, u32>,
    /// How many faults cut all ways of a host.
    apart: BTreeMap<HostId, u32>,
    /// What faults make of the weather; the newest counts.
    storms: Vec<(u64, Weather)>,
    fair: Weather,
    chance: Chance,
    /// Who waits for the next answer to a method.
    answers: Vec<(&'static str, oneshot::Sender<Way>)>,
}

/// A host that serves: what it answers, and the life in which it does.
#[derive(Clone)]
pub struct Door {
    /// What is done with a request.
    pub answering: Answering,
    /// Whose tasks those are.
    pub life: Life,
}

impl Router {
    /// Open ways, on which it is like this where no fault says otherwise.
    #[must_use]
    pub fn new(fair: Weather, chance: Chance, trace: Trace) -> Self {
        let (doors, cuts, apart) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (storms, answers) = (Vec::new(), Vec::new());
        let routes = Routes { doors, cuts, apart, storms, fair, chance, answers };
        Self { routes: Arc::new(Mutex::new(routes)), opened: Arc::default(), trace }
    }

    /// Lets a host serve.
    pub fn open(&self, host: HostId, door: Door) {
        self.routes().doors.insert(host, door);
    }

    /// Ends that.
    pub fn close(&self, host: HostId) {
        self.routes().doors.remove(&host);
    }

    /// Who serves at this host.
    #[must_use]
    pub fn door(&self, host: HostId) -> Option<Door> {
        self.routes().doors.get(&host).cloned()
    }

    /// Cuts a way; as often as it is cut it must be mended.
    pub fn cut(&self, way: Way) {
        *self.routes().cuts.entry(way).or_insert(0) += 1;
    }

    /// Takes one cut back.
    pub fn mend(&self, way: Way) {
        if uncut(&mut self.routes().cuts, way) {
            self.opened.notify_waiters();
        }
    }

    /// Cuts all ways from and to a host; as often as it is cut off it must be joined again.
    pub fn cut_off(&self, host: HostId) {
        *self.routes().apart.entry(host).or_insert(0) += 1;
    }

    /// Takes one cut of all its ways back.
    pub fn rejoin(&self, host: HostId) {
        if uncut(&mut self.routes().apart, host) {
            self.opened.notify_waiters();
        }
    }

    /// Whether nothing gets through.
    #[must_use]
    pub fn is_cut(&self, way: Way) -> bool {
        let routes = self.routes();
        let is_apart = |host| routes.apart.contains_key(host);
        routes.cuts.contains_key(&way) || is_apart(&way.0) || is_apart(&way.1)
    }

    /// Has this weather on all ways until [`calm`](Self::calm) is told the same number.
    pub fn storm(&self, number: u64, weather: Weather) {
        self.routes().storms.push((number, weather));
    }

    /// Ends a storm.
    pub fn calm(&self, number: u64) {
        self.routes().storms.retain(|(storm, _)| *storm != number);
    }

    /// When a message that is sent now arrives, if nothing is cut.
    #[must_use]
    pub fn arrival(&self) -> Instant {
        let mut routes = self.routes();
        let weather = routes.weather();
        Instant::now() + weather.delay(&mut routes.chance)
    }

    /// Whether a single request that is sent now comes twice.
    #[must_use]
    pub fn comes_twice(&self) -> bool {
        let mut routes = self.routes();
        let percent = routes.weather().twice_percent;
        routes.chance.percent(percent)
    }

    /// Waits until a way is open, for so long at most. Tells whether it is.
    pub async fn is_open_within(&self, way: Way, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.until_open(way)).await.is_ok()
    }

    /// Waits until a way is open.
    pub async fn until_open(&self, way: Way) {
        while self.is_cut(way) {
            self.opened.notified().await;
        }
    }

    /// Waits until a node answers a request of this method, and tells the way that the answer takes.
    pub async fn next_answer(&self, method: &'static str) -> Option<Way> {
        let (sender, answered) = oneshot::channel();
        self.routes().answers.push((method, sender));
        answered.await.ok()
    }

    /// A node has answered such a request; the answer takes this way.
    pub fn answered(&self, way: Way, method: &str) {
        let mut routes = self.routes();
        for (_, waiting) in routes.answers.extract_if(.., |(awaited, _)| *awaited == method) {
            // Who waited may have gone.
            let _heard = waiting.send(way);
        }
    }

    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().expect("no panic happens under this lock")
    }
}

/// Takes one of the cuts of something back. Whether it was the last.
fn uncut<T: Ord>(cuts: &mut BTreeMap<T, u32>, of: T) -> bool {
    let Some(count) = cuts.get_mut(&of) else { return false };
    *count -= 1;
    let is_last = *count == 0;
    if is_last {
        cuts.remove(&of);
    }
    is_last
}

impl Routes {
    fn weather(&self) -> Weather {
        self.storms.last().map_or(self.fair, |(_, weather)| *weather)
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").finish_non_exhaustive()
    }
}
