//! One fault at one moment, lived through by new clients of each kind at the same time.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::lab::hold::{Hold, holds};
use crate::lab::lookout::now;
use crate::racks::outage::moment::{Fault, Moment};
use crate::racks::outage::offer::Interception;
use crate::racks::outage::stage::Stage;
use anyhow::Context as _;
use std::time::Duration;

/// The server things befall. A rack that answers every client at once; of Kea one that answers every other client.
const STRUCK: usize = 0;
/// So many cards are tried until that server makes an offer.
const CARDS_MAX: usize = 32;
/// Lease that is renewed: long enough that a Kea server has given up its partner before the client rebinds.
const RENEWED_SECS: u32 = 120;
/// When a client first asks its server for a renewal (RFC 2131 section 4.4.5).
const T1: Duration = Duration::from_secs(60);

/// What a client lived through.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its program.
    pub kind: Kind,
    /// How long it was without an answer: since the fault, or since it began to renew; none if it never got one.
    pub waited: Option<Duration>,
    /// Whether it lost an address it had.
    pub has_lost: bool,
}

impl Sample {
    /// Whether the client was never served, or lost its address.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.has_lost || self.waited.is_none()
    }
}

/// What a client's answer says of the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The client had its answer before the fault struck.
    Void,
    /// How long it waited for it; none if it never got one.
    Waited(Option<Duration>),
}

/// What came of a pass.
#[derive(Debug, Default)]
pub struct Pass {
    /// Of each client.
    pub samples: Vec<Sample>,
    /// Who held which address when.
    pub holds: Vec<Hold>,
    /// What clients wrote that were never served.
    pub laments: Vec<String>,
    /// Clients that had their answer before the fault struck, of which there is no sample.
    pub voids: Vec<String>,
}

/// Lets it happen to new clients, whose names end in `label`.
///
/// # Errors
/// If it could not be played; that says nothing about the servers.
pub async fn pass(
    stage: &mut Stage,
    (fault, moment): (Fault, Moment),
    label: &str,
) -> anyhow::Result<Pass> {
    let new =
        |kind: Kind, copy: &str| stage.client(&format!("{}-{label}{copy}", kind.program()), kind);
    let mut clients: Vec<Client> = match moment {
        // Half of them are those of the other server.
        Moment::BeforeDiscover => {
            let both = Kind::ALL.into_iter().flat_map(|kind| [(kind, "a"), (kind, "b")]);
            both.map(|(kind, copy)| new(kind, copy)).collect::<Result<_, _>>()?
        }
        Moment::AfterOffer | Moment::BeforeRenewal => {
            Kind::ALL.into_iter().map(|kind| new(kind, "")).collect::<Result<_, _>>()?
        }
    };
    let since = match moment {
        Moment::BeforeDiscover => before_discover(stage, fault, &mut clients).await?,
        Moment::AfterOffer => after_offer(stage, fault, &mut clients).await?,
        Moment::BeforeRenewal => before_renewal(stage, fault, &mut clients).await?,
    };
    let mut pass = Pass::default();
    for (client, since) in clients.iter().zip(since) {
        pass.judge(client, since, stage.patience() + T1).await?;
    }
    stage.heal(fault, STRUCK).await?;
    for mut client in clients {
        pass.holds.extend(holds(&client.name, &client.events()?));
        // One that has nothing to give back may not know how to end in order.
        if client.release().await.is_err() {
            client.kill().await?;
        }
    }
    Ok(pass)
}

/// Since when a client waits, and for what, after so many events.
struct Since {
    at: Duration,
    /// When the fault had struck: what was answered before says nothing of it.
    struck: Duration,
    what: Happening,
    seen: usize,
}

impl Since {
    /// By when the client had what it waits for; none if it never had.
    fn verdict(&self, answered: Option<Duration>) -> Verdict {
        match answered {
            Some(at) if at < self.struck => Verdict::Void,
            Some(at) => Verdict::Waited(Some(at.saturating_sub(self.at))),
            None => Verdict::Waited(None),
        }
    }
}

impl Pass {
    async fn judge(
        &mut self,
        client: &Client,
        since: Since,
        patience: Duration,
    ) -> anyhow::Result<()> {
        let answered = client.awaits(since.what, since.seen, patience).await;
        let waited = match since.verdict(answered.ok().map(|event| event.at)) {
            Verdict::Waited(waited) => waited,
            Verdict::Void => {
                self.voids.push(client.name.clone());
                return Ok(());
            }
        };
        if waited.is_none() {
            self.laments.push(client.said());
        }
        let later = client.events()?.split_off(since.seen);
        let has_lost = since.what == Happening::Renewed
            && later.iter().any(|event| event.what == Happening::Lost);
        self.samples.push(Sample { kind: client.kind, waited, has_lost });
        Ok(())
    }
}

async fn before_discover(
    stage: &mut Stage,
    fault: Fault,
    clients: &mut [Client],
) -> anyhow::Result<Vec<Since>> {
    stage.strike(fault, STRUCK).await?;
    let mut all = Vec::new();
    for client in clients {
        let at = now();
        all.push(Since { at, struck: at, what: Happening::Bound, seen: 0 });
        start(client)?;
    }
    Ok(all)
}

async fn after_offer(
    stage: &mut Stage,
    fault: Fault,
    clients: &mut [Client],
) -> anyhow::Result<Vec<Since>> {
    let [one, two, three] = clients else { anyhow::bail!("one client of each kind") };
    let (one, two, three) =
        tokio::try_join!(offered(stage, one), offered(stage, two), offered(stage, three))?;
    let at = now();
    stage.strike(fault, STRUCK).await?;
    let struck = now();
    let mut nudges = Vec::new();
    for (client, interception) in clients.iter().zip([one, two, three]) {
        nudges.push(interception.let_go(client)?);
    }
    for mut nudge in nudges {
        nudge.wait().await?;
    }
    Ok(clients.iter().map(|_| Since { at, struck, what: Happening::Bound, seen: 0 }).collect())
}

/// Starts a client, with one card after the other, until the server to strike is the first to make an offer.
async fn offered(stage: &Stage, client: &mut Client) -> anyhow::Result<Interception> {
    for _ in 0..CARDS_MAX {
        let mut interception = Interception::of(client, stage.served()).await?;
        start(client)?;
        if stage.server_at(interception.offer().await?)? == STRUCK {
            return Ok(interception);
        }
        client.kill().await?;
        client.set_mac(&another_card())?;
    }
    anyhow::bail!("{}: the server to strike makes no offers", client.name)
}

async fn before_renewal(
    stage: &mut Stage,
    fault: Fault,
    clients: &mut [Client],
) -> anyhow::Result<Vec<Since>> {
    let mut all = Vec::new();
    for client in &mut *clients {
        client.wish_secs = Some(RENEWED_SECS);
        all.push(bound(stage, client).await?);
    }
    stage.strike(fault, STRUCK).await?;
    let struck = now();
    Ok(all.into_iter().map(|since| Since { struck, ..since }).collect())
}

/// Starts a client, with one card after the other, until the server to strike gives it an address.
async fn bound(stage: &Stage, client: &mut Client) -> anyhow::Result<Since> {
    for _ in 0..CARDS_MAX {
        let seen = client.events()?.len();
        start(client)?;
        let bound = client.awaits(Happening::Bound, seen, stage.patience()).await?;
        if stage.server_at(bound.server.context("nobody's address")?)? == STRUCK {
            let (at, what) = (bound.at + T1, Happening::Renewed);
            return Ok(Since { at, struck: bound.at, what, seen: client.events()?.len() });
        }
        client.release().await?;
        client.set_mac(&another_card())?;
    }
    anyhow::bail!("{}: the server to strike gives no addresses", client.name)
}

fn another_card() -> String {
    let [one, two, three, four] = rand::random::<[u8; 4]>();
    format!("02:52:{one:02x}:{two:02x}:{three:02x}:{four:02x}")
}

fn start(client: &mut Client) -> anyhow::Result<()> {
    match client.kind {
        // Without waiting up to a second before it begins, and five to see whether anybody else has the address.
        Kind::Dhcpcd => client.start(&["--nodelay", "--noarp"]),
        Kind::Udhcpc | Kind::Dhclient => client.start(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Since, Verdict};
    use crate::lab::client_event::Happening;
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn client_that_had_its_answer_before_the_fault_struck_did_not_wait_for_no_time() {
        let (at, struck) = (SECOND * 10, SECOND * 11);
        let since = Since { at, struck, what: Happening::Bound, seen: 0 };
        assert_eq!(since.verdict(Some(SECOND * 9)), Verdict::Void);
        assert_eq!(since.verdict(Some(struck - SECOND / 2)), Verdict::Void, "while it struck");
        assert_eq!(since.verdict(Some(SECOND * 12)), Verdict::Waited(Some(SECOND * 2)));
        assert_eq!(since.verdict(None), Verdict::Waited(None));
    }

    #[test]
    fn client_that_renews_a_bit_early_but_after_the_fault_did_not_wait() {
        let since =
            Since { at: SECOND * 70, struck: SECOND * 11, what: Happening::Renewed, seen: 1 };
        assert_eq!(since.verdict(Some(SECOND * 69)), Verdict::Waited(Some(Duration::ZERO)));
    }
}
