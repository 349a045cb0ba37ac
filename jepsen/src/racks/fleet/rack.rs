//! A simulated rack: the agent's own link to the region, with a token, a key and sessions as any, and behind it no DHCP server
//! but clients that have their leases renewed in turn.

use crate::racks::fleet::counts::Counts;
use regent_core::command::rack::{ClientFacts, LeaseStep};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::vlan::VlanTold;
use regent_core::time::Millis;
use regent_rack_agent::clock::sample;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::region::link::{Link, Setting};
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::region::situation::{Possessions, Situation, ViewPlace};
use regent_rack_agent::region::traffic::{Command, Event, SessionTag};
use regent_rack_agent::remembered::Identity;
use regent_rack_agent::session::{Answered, Ask, Beat, FromRegion, VlanService};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval_at};

/// Clients of a rack. Each has its lease renewed once in so many renewals.
pub const CLIENTS: u8 = 10;
/// How often a rack says how it is.
const BEAT: Duration = Duration::from_secs(1);
/// For how long a client gets its address.
const LIFE: Millis = Millis::from_secs(600);
/// What a rack says its version is.
const VERSION: &str = "simulated";

/// What racks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    /// Nothing but to be there.
    Be,
    /// Have leases renewed.
    Renew,
    /// Hang up.
    Stop,
}

/// What is the same for all racks.
#[derive(Clone, Debug)]
pub struct Common {
    /// The region's nodes.
    pub nodes: Vec<Endpoint>,
    /// From one renewal of a rack to its next.
    pub renewals_apart: Duration,
    /// What they do.
    pub orders: watch::Receiver<Orders>,
    /// What became of it.
    pub counts: Arc<Counts>,
}

/// A rack.
pub struct Rack {
    number: u32,
    common: Common,
    possessions: Possessions,
    vlan: Option<VlanTold>,
    session: Option<SessionTag>,
    /// Since when it has had no session.
    alone: Option<Instant>,
    /// Clients whose lease is due, and those of the question that is open.
    due: BTreeSet<u8>,
    asked: Option<(u64, Instant, Vec<u8>)>,
    granted: BTreeSet<u8>,
    next_ask: u64,
    next_step: u64,
    next_client: u8,
}

impl Rack {
    /// The rack of this number.
    #[must_use]
    pub fn new(number: u32, common: Common) -> Self {
        Self {
            number,
            common,
            possessions: Possessions::default(),
            vlan: None,
            session: None,
            alone: Some(Instant::now()),
            due: BTreeSet::new(),
            asked: None,
            granted: BTreeSet::new(),
            next_ask: 1,
            next_step: 1,
            next_client: 0,
        }
    }

    /// Lives until it is told to stop; how many of its clients have a lease then.
    ///
    /// # Errors
    /// If it has nowhere to go, or its link gives up.
    pub async fn live(mut self, identity: Identity) -> anyhow::Result<usize> {
        let situation = Situation::new(identity, VERSION.into(), self.possessions, Vec::new());
        let setting = Setting {
            situation,
            configured: self.common.nodes.clone(),
            remembered: Vec::new(),
            permits: Endpoint::is_loopback,
            pace: Pace::default(),
            clock: sample::now,
            seed: rand::random(),
        };
        let (link, mut events) = Link::start(setting)?;
        let (mut beat, mut renewal) = (apart(BEAT), apart(self.common.renewals_apart));
        let mut orders = self.common.orders.clone();
        loop {
            let command = tokio::select! {
                event = events.recv() => match event {
                    Some(Event::Said(tag, said)) => self.hear(tag, said),
                    // Whoever asks this rack to look for other servers waits in vain: it has no wire.
                    Some(Event::Nodes(_) | Event::Probe(..)) => None,
                    Some(Event::Rival) => anyhow::bail!("rack {} has a rival", self.number),
                    Some(Event::Stopped(why)) => anyhow::bail!("rack {}: {why}", self.number),
                    None => anyhow::bail!("the link of rack {} ended", self.number),
                },
                _ = beat.tick() => Some(Command::Beat(self.beat())),
                _ = renewal.tick() => self.renewal_is_due(),
                changed = orders.changed() => match (changed, *orders.borrow_and_update()) {
                    (Ok(()), Orders::Be | Orders::Renew) => None,
                    (_, Orders::Stop) | (Err(_), _) => break,
                },
            };
            for command in command.into_iter().chain(self.question()) {
                // The link takes them at once, or has ended and says so.
                drop(link.commands().send(command).await);
            }
        }
        link.stop().await;
        Ok(self.granted.len())
    }

    fn hear(&mut self, tag: SessionTag, said: FromRegion) -> Option<Command> {
        match said {
            FromRegion::Opened(opened) => {
                self.session = Some(tag);
                self.asked = None;
                self.possessions.life = Some(opened.life);
                let without = self.alone.take().map(|since| since.elapsed());
                self.common.counts.opened(self.number, without);
                Some(Command::Have(self.possessions))
            }
            FromRegion::Told(change) => {
                self.common.counts.told(&change);
                self.learn(*change);
                Some(Command::Have(self.possessions))
            }
            FromRegion::Answered(answered) => {
                self.answered(answered);
                None
            }
            FromRegion::Closed => {
                self.session = None;
                // Nobody knows what became of it: it is asked again.
                self.asked = None;
                self.alone = Some(Instant::now());
                self.common.counts.closed();
                None
            }
            FromRegion::Fellows(_) => None,
        }
    }

    fn learn(&mut self, change: ViewChange) {
        let ViewChange { epoch, revision, whole, vlans, .. } = change;
        self.possessions.view = Some(ViewPlace { epoch, revision });
        if whole {
            self.vlan = None;
        }
        self.vlan = vlans.into_iter().next().or_else(|| self.vlan.take());
    }

    fn beat(&self) -> Beat {
        let service = |vlan: &VlanTold| VlanService {
            vlan: vlan.id,
            server_id: address(vlan, Place::Server),
            trouble: None,
        };
        Beat {
            applied_revision: self.possessions.view.map_or(0, |view| view.revision),
            backlog: u32::try_from(self.due.len()).unwrap_or(u32::MAX),
            vlans: self.vlan.iter().map(service).collect(),
        }
    }

    fn renewal_is_due(&mut self) -> Option<Command> {
        if *self.common.orders.borrow() == Orders::Renew {
            self.due.insert(self.next_client);
            self.common.counts.became_due((self.number, self.next_client));
            self.next_client = (self.next_client + 1) % CLIENTS;
        }
        None
    }

    /// Asks for all that is due, if nothing is asked.
    fn question(&mut self) -> Option<Command> {
        let (tag, vlan) = (self.session?, self.vlan.as_ref()?);
        if self.asked.is_some() || self.due.is_empty() {
            return None;
        }
        let clients: Vec<u8> = self.due.iter().copied().collect();
        let mut steps = Vec::new();
        for client in &clients {
            steps.push(LeaseStep::Commit {
                number: self.next_step,
                epoch: vlan.epoch,
                address: address(vlan, Place::Client(*client))?.into(),
                client: Client::Card(card(self.number, *client)),
                life: LIFE,
                tenure: Tenure::Leased,
                attested: self.granted.contains(client),
                claim: Claim::Offered,
                facts: ClientFacts::default(),
            });
            self.next_step += 1;
        }
        let id = self.next_ask;
        self.next_ask += 1;
        self.asked = Some((id, Instant::now(), clients));
        Some(Command::Ask(tag, Ask { id, steps }))
    }

    fn answered(&mut self, Answered { id, result, .. }: Answered) {
        let Some((_, since, clients)) = self.asked.take_if(|(asked, ..)| *asked == id) else {
            return;
        };
        let Ok((_, answers)) = result else {
            self.common.counts.came_to_nothing();
            return;
        };
        for (client, answer) in clients.into_iter().zip(answers) {
            self.due.remove(&client);
            let place = (self.number, client);
            match answer {
                LeaseAnswer::Committed { .. } => {
                    self.granted.insert(client);
                    self.common.counts.granted(place, since.elapsed());
                }
                LeaseAnswer::Done
                | LeaseAnswer::Delegated { .. }
                | LeaseAnswer::Refused(_)
                | LeaseAnswer::Contradiction => {
                    self.common.counts.refused(place, format!("{answer:?}"));
                }
            }
        }
    }
}

/// Whose address.
#[derive(Clone, Copy)]
enum Place {
    Server,
    Client(u8),
}

/// Each rack of a VLAN has addresses of its own for itself and its clients, at the beginning of its subnet's range.
fn address(vlan: &VlanTold, place: Place) -> Option<Ipv4Addr> {
    let std::net::IpAddr::V4(first) = vlan.subnets.first()?.ranges.first()?.start() else {
        return None;
    };
    let rack = vlan.share.place;
    let number = match place {
        // Before the range.
        Place::Server => return Some(Ipv4Addr::from_bits(first.to_bits() - 2 + rack)),
        Place::Client(number) => u32::from(number),
    };
    Some(Ipv4Addr::from_bits(first.to_bits() + rack * u32::from(CLIENTS) + number))
}

fn card(rack: u32, client: u8) -> MacAddr {
    let [_, b, c, d] = rack.to_be_bytes();
    MacAddr([0x52, 0x54, b, c, d, client])
}

/// Ticks that are so far apart and begin anywhere in that time, so that racks do not speak all at once.
fn apart(length: Duration) -> Interval {
    let begins = tokio::time::Instant::now() + length.mul_f64(rand::random());
    let mut ticks = interval_at(begins, length);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::{CLIENTS, Common, Orders, Rack};
    use crate::racks::fleet::counts::Counts;
    use regent_core::outcome::LeaseAnswer;
    use regent_core::time::{ClusterTime, Millis};
    use regent_rack_agent::clock::sample;
    use regent_rack_agent::session::{Answered, NoAnswer};
    use std::sync::Arc;
    use std::time::{Duration, Instant};
    use tokio::sync::watch;

    #[test]
    fn renewal_that_was_not_done_or_not_answered_stays_due_until_it_is_granted() {
        let (orders, counts) = (watch::Sender::new(Orders::Renew), Arc::<Counts>::default());
        let common = Common {
            nodes: Vec::new(),
            renewals_apart: Duration::ZERO,
            orders: orders.subscribe(),
            counts: Arc::clone(&counts),
        };
        let mut rack = Rack::new(3, common);
        for _ in 0..=CLIENTS {
            assert_eq!(rack.renewal_is_due(), None);
        }
        assert_eq!(counts.due(), usize::from(CLIENTS), "one came twice");
        let granted = LeaseAnswer::Committed { until: ClusterTime(1), autonomy: Millis(0) };
        let results =
            [Err(NoAnswer::NotDone), Err(NoAnswer::Unknown), Ok((ClusterTime(1), vec![granted]))];
        for (result, still_due) in results.into_iter().zip([CLIENTS, CLIENTS, CLIENTS - 1]) {
            rack.asked = Some((1, Instant::now(), vec![0]));
            rack.answered(Answered { id: 1, at: sample::now(), result });
            assert_eq!(counts.due(), usize::from(still_due));
        }
        assert_eq!((counts.served(), counts.so_far().unanswered), (1, 2));
    }
}
