//! One server's turn: started, warmed up, measured, ended.

use crate::dhcp::arguments::{Arguments, Kind};
use crate::dhcp::climb::Climb;
use crate::dhcp::contestant::{Contestant, KNOWN};
use crate::dhcp::driver::{Clients, Pressure, Telling, drive};
use crate::dhcp::exchanges::Exchanges;
use crate::dhcp::ground::Ground;
use crate::process::processor_time;
use std::time::Duration;
use tokio::time::sleep;

/// What comes first and is not counted.
const WARM_UP: Pressure = Pressure { rate: 200, seconds: 2 };
/// How often it comes at most.
const WARM_UPS_MAX: u32 = 10;
/// A rate counts as too high when it was not kept up so often: other work on the machine does that, too.
const TRIES: u32 = 2;
/// More new clients than come in one run.
const NEW_CLIENTS: u32 = 1 << 20;
/// New clients of a rack whose region is away come from its block, which has 32 addresses in its first ten minutes.
const FROM_BLOCK: (Clients, Pressure) =
    (Clients { crowd: 1, count: 30 }, Pressure { rate: 30, seconds: 1 });
/// Between two runs, so that what is still under way ends.
const REST: Duration = Duration::from_millis(300);

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The highest rate that was kept up; none if it was not looked for.
    pub highest: Option<u32>,
    /// Processor time of all processes for an exchange at that rate, in microseconds.
    pub highest_cpu_us: Option<f64>,
    /// At each of the given rates.
    pub at_rates: Vec<AtRate>,
    /// New clients that a rack served from its block; only if its region was away.
    pub from_block: Option<AtRate>,
}

/// What was seen at a rate.
#[derive(Clone, Debug)]
pub struct AtRate {
    /// The rate.
    pub rate: u32,
    /// The exchanges.
    pub exchanges: Exchanges,
    /// Processor time of all processes for an exchange, in microseconds.
    pub cpu_us: f64,
    /// Whether the rack stayed connected, and the two of a pair together.
    pub has_lasted: bool,
}

impl AtRate {
    /// Whether it was kept up for so many seconds.
    fn is_clean(&self, seconds: u32) -> anyhow::Result<bool> {
        let wanted = usize::try_from(self.rate * seconds)?;
        Ok(self.has_lasted && self.exchanges.is_clean(wanted))
    }
}

/// Which clients come next.
struct Crowds {
    kind: Kind,
    next: u16,
}

/// Measures a server.
///
/// # Errors
/// If it does not start, or the driver fails.
pub async fn take(kind: Kind, arguments: &Arguments, ground: &Ground) -> anyhow::Result<Seen> {
    let contestant = Contestant::start(kind, arguments, ground).await?;
    let mut crowds = Crowds { kind, next: 0 };
    let mut seen = Seen::default();
    warm_up(&contestant, ground, &mut crowds).await?;
    for rate in arguments.rates.iter().copied() {
        let pressure = Pressure { rate, seconds: arguments.seconds };
        seen.at_rates.push(run(&contestant, ground, crowds.come(), pressure).await?);
    }
    if kind == Kind::RackAlone {
        let (clients, pressure) = FROM_BLOCK;
        seen.from_block = Some(run(&contestant, ground, clients, pressure).await?);
    }
    if !arguments.without_climb {
        climb(&contestant, (arguments.seconds, &mut crowds), ground, &mut seen).await?;
    }
    contestant.end().await?;
    Ok(seen)
}

/// Until all are answered: the server may still be starting.
async fn warm_up(
    contestant: &Contestant,
    ground: &Ground,
    crowds: &mut Crowds,
) -> anyhow::Result<()> {
    for _ in 0..WARM_UPS_MAX {
        let AtRate { exchanges, .. } = run(contestant, ground, crowds.come(), WARM_UP).await?;
        if exchanges.begun > 0 && exchanges.done == exchanges.begun {
            return Ok(());
        }
    }
    anyhow::bail!("{} does not answer all of a few clients", contestant.server)
}

async fn climb(
    contestant: &Contestant,
    (seconds, crowds): (u32, &mut Crowds),
    ground: &Ground,
    seen: &mut Seen,
) -> anyhow::Result<()> {
    let mut climb = Climb::default();
    while let Some(rate) = climb.next() {
        let mut kept_up = None;
        for _ in 0..TRIES {
            let pressure = Pressure { rate, seconds };
            let ran = run(contestant, ground, crowds.come(), pressure).await?;
            kept_up = ran.is_clean(seconds)?.then_some(ran.cpu_us);
            if kept_up.is_some() {
                break;
            }
        }
        match kept_up {
            Some(cpu_us) => {
                climb.kept_up(rate);
                seen.highest_cpu_us = Some(cpu_us);
            }
            None => climb.failed(rate),
        }
    }
    seen.highest = Some(climb.highest());
    Ok(())
}

/// One run.
async fn run(
    contestant: &Contestant,
    ground: &Ground,
    clients: Clients,
    pressure: Pressure,
) -> anyhow::Result<AtRate> {
    sleep(REST).await;
    let stood = contestant.settled().await?;
    let processes = contestant.processes();
    let before = processor_time(&processes)?;
    let (machine, server) = (&ground.clients, contestant.server);
    let exchanges = drive(machine, server, clients, pressure, Telling::Delays).await?;
    let spent = processor_time(&processes)?.saturating_sub(before);
    let done = u32::try_from(exchanges.done.max(1))?;
    let cpu_us = spent.as_secs_f64() * 1e6 / f64::from(done);
    let has_lasted = stood.lasted(&contestant.standing());
    Ok(AtRate { rate: pressure.rate, exchanges, cpu_us, has_lasted })
}

impl Crowds {
    const fn come(&mut self) -> Clients {
        match self.kind {
            Kind::RackAlone => KNOWN,
            Kind::Rack | Kind::TwoRacks | Kind::Kea | Kind::KeaPair => {
                self.next += 1;
                Clients { crowd: self.next, count: NEW_CLIENTS }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AtRate;
    use crate::dhcp::exchanges::Exchanges;

    #[test]
    fn rate_is_not_kept_up_by_servers_that_parted_meanwhile() {
        let exchanges = Exchanges { begun: 400, done: 400, ..Exchanges::default() };
        let ran = |has_lasted| {
            let exchanges = exchanges.clone();
            AtRate { rate: 100, exchanges, cpu_us: 1.0, has_lasted }
        };
        assert!(ran(true).is_clean(4).unwrap());
        assert!(!ran(false).is_clean(4).unwrap());
    }
}
