//! A rack with a link, and what it is told.

use crate::region_node::soon;
use regent_core::lease::server::Incarnation;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::region::interface::Interface;
use regent_rack_agent::region::link::{Link, Setting};
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::region::situation::{Possessions, Situation, ViewPlace};
use regent_rack_agent::region::traffic::{Command, Event, SessionTag};
use regent_rack_agent::remembered::Identity;
use regent_rack_agent::session::{Ask, FromRegion};
use std::time::Duration;
use tokio::sync::mpsc;

/// A rack.
pub(crate) struct Site {
    /// Its link.
    pub(crate) link: Link,
    events: mpsc::Receiver<Event>,
    /// The session it was told of last.
    pub(crate) tag: SessionTag,
}

/// The clock of the rack stands still.
pub(crate) const NOW: RackTime = RackTime(5_000);

/// As shipped, with pauses that a test can wait for.
pub(crate) fn quick() -> Pace {
    let millis = Duration::from_millis;
    Pace {
        backoff_min: millis(10),
        backoff_max: millis(80),
        steady: millis(5),
        replaced: millis(50),
        replaced_again: millis(50),
        verdict: millis(5),
        ..Pace::default()
    }
}

/// The rack as it is at first.
pub(crate) fn situation() -> Situation {
    let identity = Identity {
        cluster_id: "c1".into(),
        system_id: "rack-a".into(),
        key: b"the-key-of-the-rack-is-a-secret!".to_vec(),
    };
    let view = Some(ViewPlace { epoch: 1, revision: 40 });
    let possessions = Possessions { life: Some(Incarnation(3)), view };
    let interface = Interface {
        name: "eth0".into(),
        mac_address: Some("02:00:00:00:00:01".parse().unwrap()),
        addresses: vec![("10.0.0.2".parse().unwrap(), 24)],
    };
    Situation::new(identity, "1.2.3".into(), possessions, vec![interface])
}

impl Site {
    /// A rack whose configuration names these nodes, at this pace.
    pub(crate) fn at_pace(pace: Pace, nodes: &[&Endpoint]) -> Self {
        let setting = Setting {
            situation: situation(),
            configured: nodes.iter().map(|node| (*node).clone()).collect(),
            remembered: Vec::new(),
            permits: |_| true,
            pace,
            clock: || NOW,
            seed: 1,
        };
        let (link, events) = Link::start(setting).unwrap();
        Self { link, events, tag: SessionTag::default() }
    }

    /// A rack whose configuration names these nodes.
    pub(crate) fn with(nodes: &[&Endpoint]) -> Self {
        Self::at_pace(quick(), nodes)
    }

    /// A rack whose only node so far is this one.
    pub(crate) fn at(node: &Endpoint) -> Self {
        Self::with(&[node])
    }

    /// What it is told next.
    pub(crate) async fn told(&mut self) -> Event {
        let event = soon(self.events.recv()).await.expect("the link is there");
        if let Event::Said(tag, _) = &event {
            self.tag = *tag;
        }
        event
    }

    /// What the region says next.
    pub(crate) async fn hears(&mut self) -> FromRegion {
        match self.told().await {
            Event::Said(_, said) => said,
            other @ (Event::Probe(..) | Event::Nodes(_) | Event::Rival | Event::Stopped(_)) => {
                panic!("told of {other:?}")
            }
        }
    }

    /// Is told that a session is open.
    pub(crate) async fn is_open(&mut self) {
        assert!(matches!(self.hears().await, FromRegion::Opened(_)));
    }

    /// Is told that the session is over, and nothing before.
    pub(crate) async fn is_closed(&mut self) {
        assert_eq!(self.hears().await, FromRegion::Closed);
    }

    /// Whether it was told nothing more by now.
    pub(crate) fn is_told_nothing(&mut self) -> bool {
        self.events.try_recv().is_err()
    }

    /// Wants something of the link.
    pub(crate) async fn wants(&self, command: Command) {
        soon(self.link.commands().send(command)).await.expect("the link is there");
    }

    /// Asks in the session it was told of last.
    pub(crate) async fn asks(&self, ask: Ask) {
        self.wants(Command::Ask(self.tag, ask)).await;
    }
}
