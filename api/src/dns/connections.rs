//! Which TCP connections are open: so many in all, so many for each client. At a bound, the one that has been idle longest
//! makes room; nobody who is being answered is sent away for another.

use crate::dns::access::Prefixes;
use crate::dns::limits::{CONNECTIONS_MAX, CONNECTIONS_OF_ONE_CLIENT_MAX};
use regent_core::net::cidr::Cidr;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

/// Whose connections are counted together: an IPv6 host has a whole /64 to come from.
const ONE_CLIENT: Prefixes = Prefixes { v4: 32, v6: 64 };

/// The open connections of a server.
#[derive(Default)]
pub struct Connections(Mutex<Open>);

#[derive(Default)]
struct Open {
    /// Counts admissions and rests, so that later ones have higher numbers.
    turn: u64,
    /// By the turn in which they were admitted.
    connections: BTreeMap<u64, Connection>,
}

struct Connection {
    client: Cidr,
    /// Since which turn nothing is asked on it.
    idle_since: Option<u64>,
    close: CancellationToken,
}

/// The place of one connection among them; free again when dropped.
pub struct Place {
    connections: Arc<Connections>,
    number: u64,
    close: CancellationToken,
}

impl Connections {
    /// Lets a client in, if need be in place of an idle connection; `None` if all are at work.
    #[must_use]
    pub fn admit(self: &Arc<Self>, client: IpAddr) -> Option<Place> {
        let client = ONE_CLIENT.network_of(client);
        let mut open = self.lock();
        let of_client = |connection: &Connection| connection.client == client;
        if open.count(of_client) >= CONNECTIONS_OF_ONE_CLIENT_MAX && !open.close_idle(of_client)
            || open.connections.len() >= CONNECTIONS_MAX && !open.close_idle(|_| true)
        {
            return None;
        }
        let (number, close) = (open.next_turn(), CancellationToken::new());
        let connection = Connection { client, idle_since: Some(number), close: close.clone() };
        open.connections.insert(number, connection);
        drop(open);
        Some(Place { connections: Arc::clone(self), number, close })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().expect("nothing panics under this lock")
    }
}

impl Open {
    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    fn count(&self, counted: impl Fn(&Connection) -> bool) -> usize {
        self.connections.values().filter(|connection| counted(connection)).count()
    }

    /// Closes the one of some connections that has been idle longest; false if none is idle.
    fn close_idle(&mut self, among: impl Fn(&Connection) -> bool) -> bool {
        let idle = self.connections.iter().filter(|(_, connection)| among(connection));
        let idle = idle.filter_map(|(number, one)| one.idle_since.map(|since| (since, *number)));
        let Some((_, number)) = idle.min() else { return false };
        let closed = self.connections.remove(&number);
        closed.inspect(|connection| connection.close.cancel()).is_some()
    }
}

impl Place {
    /// A request has come: the connection is not idle any more. False if it was closed just before.
    #[must_use]
    pub fn work(&self) -> bool {
        let mut open = self.connections.lock();
        let connection = open.connections.get_mut(&self.number);
        connection.map(|connection| connection.idle_since = None).is_some()
    }

    /// It was answered: the connection is idle from now on.
    pub fn rest(&self) {
        let mut open = self.connections.lock();
        let turn = open.next_turn();
        if let Some(connection) = open.connections.get_mut(&self.number) {
            connection.idle_since = Some(turn);
        }
    }

    /// Ends when the connection must make room.
    pub async fn closed(&self) {
        self.close.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().connections.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::{Connections, Place};
    use crate::dns::limits::{CONNECTIONS_MAX, CONNECTIONS_OF_ONE_CLIENT_MAX};
    use std::net::IpAddr;
    use std::sync::Arc;

    fn client(number: usize) -> IpAddr {
        let [.., high, low] = number.to_be_bytes();
        [10, 0, high, low].into()
    }

    fn admit(connections: &Arc<Connections>, client: IpAddr, count: usize) -> Vec<Place> {
        (0..count).map(|_| connections.admit(client).unwrap()).collect()
    }

    #[test]
    fn client_at_its_bound_loses_the_connection_idle_longest_and_others_lose_none() {
        let connections = Arc::new(Connections::default());
        let other = connections.admit(client(2)).unwrap();
        let own = admit(&connections, client(1), CONNECTIONS_OF_ONE_CLIENT_MAX);
        assert!(own[0].work());
        own[0].rest();
        let _one_more = connections.admit(client(1)).unwrap();
        assert!(own[1].close.is_cancelled() && !own[1].work());
        assert!(own[0].work() && other.work(), "it rested later; another client's is not its own");
    }

    #[test]
    fn connection_at_work_is_not_closed_for_another() {
        let connections = Arc::new(Connections::default());
        let own = admit(&connections, client(1), CONNECTIONS_OF_ONE_CLIENT_MAX);
        assert!(own.iter().all(Place::work));
        assert!(connections.admit(client(1)).is_none());
        drop(own);
        assert!(connections.admit(client(1)).is_some(), "a place that is left is free");
    }

    #[test]
    fn full_server_closes_the_connection_idle_longest_whosever_it_is() {
        let connections = Arc::new(Connections::default());
        let places: Vec<Place> =
            (0..CONNECTIONS_MAX).map(|number| connections.admit(client(number)).unwrap()).collect();
        let _one_more = connections.admit(client(CONNECTIONS_MAX)).unwrap();
        let closed = places.iter().filter(|place| place.close.is_cancelled()).count();
        assert!(places[0].close.is_cancelled() && closed == 1);
    }
}
