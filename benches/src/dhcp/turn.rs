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
        let (exchanges, cpu_us) = run(&contestant, ground, crowds.come(), pressure).await?;
        seen.at_rates.push(AtRate { rate, exchanges, cpu_us });
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
        let (exchanges, _) = run(contestant, ground, crowds.come(), WARM_UP).await?;
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
            let (exchanges, cpu_us) = run(contestant, ground, crowds.come(), pressure).await?;
            let wanted = usize::try_from(rate * seconds)?;
            kept_up = exchanges.is_clean(wanted).then_some(cpu_us);
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

/// One run, with the processor time of the servers for an exchange in microseconds.
async fn run(
    contestant: &Contestant,
    ground: &Ground,
    clients: Clients,
    pressure: Pressure,
) -> anyhow::Result<(Exchanges, f64)> {
    sleep(REST).await;
    let processes = contestant.processes();
    let before = processor_time(&processes)?;
    let (machine, server) = (&ground.clients, contestant.server);
    let exchanges = drive(machine, server, clients, pressure, Telling::Delays).await?;
    let spent = processor_time(&processes)?.saturating_sub(before);
    let done = u32::try_from(exchanges.done.max(1))?;
    Ok((exchanges, spent.as_secs_f64() * 1e6 / f64::from(done)))
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
