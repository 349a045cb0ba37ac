//! Two racks and real DHCP clients, who come, stay and go while faults are done. What they held is told by what they saw
//! themselves.

use crate::chaos::askers::{self, Askers};
use crate::chaos::machines::NETWORK;
use crate::chaos::plan::RackFault;
use crate::chaos::queues::Stop;
use crate::chaos::workload::session::Session;
use crate::cluster::api::Api;
use crate::lab::client::{Client, Kind};
use crate::lab::client_event::{ClientEvent, Happening};
use crate::lab::lan::Lan;
use crate::lab::namespace::View;
use crate::lab::rack::{BOOT_ID_FILE, Rack};
use crate::lab::tool::run;
use crate::load::dhcp_exchange::Exchange;
use crate::load::meter::Meter;
use regent_check::history::line::{Function, Instant, Operation, Phase, Verdict};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{sleep, sleep_until};

/// The programs this needs.
pub const PROGRAMS: [&str; 3] = ["udhcpc", "dhclient", "dhcpcd"];
/// The network of clients.
const SERVED: &str = "10.0.0";
/// So few addresses that all are wanted: who comes waits for one to be free.
const FIRST_ADDRESS: u8 = 100;
const LAST_ADDRESS: u8 = 108;
/// What clients ask for.
const WISH_SECS: u32 = 20;
/// Terms so short that what a rack may do alone ends within minutes.
const SETTINGS: [(&str, u32); 3] =
    [("lease_life_s", 120), ("autonomy_s", 60), ("block_term_s", 120)];
/// The racks.
const RACKS: [&str; 2] = ["east", "west"];
/// The host part of the first rack's addresses, less its number on the network of clients.
const FIRST_RACK: usize = 2;
/// Clients that are put in place of others, beside one of each kind that stays.
const GUESTS: usize = 4;
/// Pause between two that come or go.
const PAUSE: Duration = Duration::from_secs(2);
/// How long racks may take to serve.
const LIVE_MAX: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(200);
/// What the addresses are called in the history, and the first session of a client.
const KEY: &str = "served";
const FIRST_SESSION: u64 = 500;

/// Racks and their clients.
pub struct Served {
    racks: RefCell<Vec<Rack>>,
    /// How often each has booted anew.
    boots: RefCell<[u64; 2]>,
    stayers: Vec<Client>,
    askers: Askers,
    lan: Lan,
    folder: PathBuf,
}

/// What came of those who did not stay.
#[derive(Default)]
pub struct Visits {
    /// Clients that came and went.
    pub guests: Vec<Client>,
    /// What those behind a relay saw.
    pub exchanges: Vec<Exchange>,
}

impl Served {
    /// Racks that serve, and clients that have begun.
    ///
    /// # Errors
    /// If they do not come to it.
    pub async fn start(
        api: &Api,
        management: &Lan,
        executable: &Path,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let lan = Lan::with_view("served", View::Ours)?;
        for (name, value) in SETTINGS {
            api.post("/v1/config", &json!({ "name": name, "value": value })).await?;
        }
        fs::write(boot_id(folder), "")?;
        run(&format!("mount --bind {} {BOOT_ID_FILE}", boot_id(folder).display()))?;
        let mut racks = Vec::new();
        for (number, name) in RACKS.into_iter().enumerate() {
            let own = format!("{NETWORK}.{}/24", host(number));
            let served = format!("{SERVED}.{}/24", FIRST_RACK + number);
            let (to_region, to_clients) = ((management, &*own), (&lan, &*served));
            let mut rack = Rack::new(name, executable, to_region, to_clients, folder)?;
            let token = api.post("/v1/rack-tokens", &json!({})).await?;
            rack.join(token["token"].as_str().unwrap_or_default())?;
            tell_boot(folder, number, 0)?;
            rack.start()?;
            racks.push(rack);
            // It asks which boot it is when it starts, and the next one is told something else.
            await_that("a rack is connected", || async {
                Ok(count(&api.get("/v1/racks").await?, is_connected) == number + 1)
            })
            .await?;
        }
        let vlan = serve(api).await?;
        let askers = Askers::prepare(api, &vlan, &lan, &racks).await?;
        let mut stayers = Vec::new();
        for kind in Kind::ALL {
            stayers.push(begun(&format!("{}-stays", kind.program()), kind, &lan, folder)?);
        }
        let (racks, boots, folder) = (RefCell::new(racks), RefCell::default(), folder.to_owned());
        Ok(Self { racks, boots, stayers, askers, lan, folder })
    }

    /// Does something to a rack.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn strike(&self, rack: usize, what: RackFault) -> anyhow::Result<()> {
        let racks = self.racks.borrow();
        match what {
            RackFault::Kill => racks[rack].signal(Signal::KILL),
            RackFault::Pause => racks[rack].signal(Signal::STOP),
            RackFault::Cut => racks[rack].to_region.cut(),
            RackFault::Reboot => {
                racks[rack].to_region.cut()?;
                racks[rack].signal(Signal::KILL)
            }
        }
    }

    /// The machine of a rack boots, and its agent starts. It must not run.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn boot_anew(&self, rack: usize) -> anyhow::Result<()> {
        let mut racks = self.racks.borrow_mut();
        racks[rack].boot_anew()?;
        self.boots.borrow_mut()[rack] += 1;
        self.start_agent(&mut racks, rack)
    }

    /// Whether the agent of a rack runs.
    #[must_use]
    pub fn runs(&self, rack: usize) -> bool {
        self.racks.borrow_mut()[rack].runs()
    }

    fn start_agent(&self, racks: &mut [Rack], rack: usize) -> anyhow::Result<()> {
        tell_boot(&self.folder, rack, self.boots.borrow()[rack])?;
        racks[rack].start()
    }

    /// Ends what was done to it.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn heal(&self, rack: usize, what: RackFault) -> anyhow::Result<()> {
        let mut racks = self.racks.borrow_mut();
        match what {
            RackFault::Kill => self.start_agent(&mut racks, rack),
            RackFault::Pause => racks[rack].signal(Signal::CONT),
            RackFault::Cut | RackFault::Reboot => racks[rack].to_region.mend(),
        }
    }

    /// Where the cables of the racks end, at the region's network.
    #[must_use]
    pub fn ports(&self) -> Vec<String> {
        self.racks.borrow().iter().map(|rack| rack.to_region.port().to_owned()).collect()
    }

    /// The racks' machines, on the region's network.
    #[must_use]
    pub fn stops(&self) -> Vec<Stop> {
        let stop = |(number, rack): (usize, &Rack)| {
            let address = format!("{NETWORK}.{}", host(number));
            Stop { network: rack.machine.path(), address }
        };
        self.racks.borrow().iter().enumerate().map(stop).collect()
    }

    /// What a rack is called, and how many there are.
    #[must_use]
    pub fn names(&self) -> [&'static str; 2] {
        RACKS
    }

    /// Has guests come and go for so many seconds, and others ask all the time; gives back what there is of them then.
    ///
    /// # Errors
    /// If one cannot be started.
    pub async fn receive(&self, seconds: u64) -> anyhow::Result<Visits> {
        let (guests, exchanges) = tokio::join!(self.guests(seconds), self.askers.ask(seconds));
        Ok(Visits { guests: guests?, exchanges: exchanges? })
    }

    async fn guests(&self, seconds: u64) -> anyhow::Result<Vec<Client>> {
        let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
        let mut guests: Vec<Client> = Vec::new();
        for number in 0_usize.. {
            if tokio::time::Instant::now() >= end {
                break;
            }
            let kind = Kind::ALL[number % Kind::ALL.len()];
            guests.push(begun(&format!("g{number}"), kind, &self.lan, &self.folder)?);
            if let Some(oldest) = number.checked_sub(GUESTS) {
                // Half of them say so; from the others nobody hears any more.
                match oldest % 2 {
                    0 => {
                        guests[oldest].kill().await?;
                        // What is left of it would answer whoever asks whether its address is in use.
                        guests[oldest].cable.cut()?;
                    }
                    _ => drop(guests[oldest].release().await),
                }
            }
            sleep_until(end.min(tokio::time::Instant::now() + PAUSE)).await;
        }
        Ok(guests)
    }

    /// What all clients saw, as operations on the clock of the harness.
    ///
    /// # Errors
    /// If what they noted cannot be read.
    pub fn operations(
        &self,
        visits: &Visits,
        meter: &Arc<Meter>,
    ) -> anyhow::Result<Vec<Operation>> {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let origin = since_1970.saturating_sub(Duration::from_nanos(meter.now().0));
        let mut operations = askers::operations(&visits.exchanges, meter);
        for (number, client) in (0..).zip(self.stayers.iter().chain(&visits.guests)) {
            let session =
                Session::new(FIRST_SESSION + number, Arc::clone(meter), Phase::UnderFaults);
            let mut holds = None;
            for event in client.events()? {
                let at = event.at.saturating_sub(origin);
                let at = Instant(u64::try_from(at.as_nanos())?);
                operations.extend(operation(&session, &client.name, &event, at, &mut holds));
            }
        }
        Ok(operations)
    }

    /// What the racks wrote, by name.
    #[must_use]
    pub fn said(&self) -> Vec<(String, String)> {
        self.racks.borrow().iter().map(|rack| (rack.name.clone(), rack.said())).collect()
    }
}

/// The host part of a rack's address on the region's network.
const fn host(rack: usize) -> usize {
    20 + FIRST_RACK + rack
}

/// Makes the subnet and has both racks serve it; its VLAN.
async fn serve(api: &Api) -> anyhow::Result<Value> {
    let vlans = api.get("/v1/vlans").await?;
    let vlan = vlans["items"][0]["id"].clone();
    let gateway = format!("{SERVED}.1");
    let subnet = json!({ "cidr": format!("{SERVED}.0/24"), "vlan": vlan, "gateway_ip": gateway });
    api.post("/v1/subnets", &subnet).await?;
    let range = json!({
        "start": format!("{SERVED}.{FIRST_ADDRESS}"),
        "end": format!("{SERVED}.{LAST_ADDRESS}"),
    });
    let [east, west] = RACKS;
    let service = json!({ "ranges": [range], "primary_rack": east, "secondary_rack": west });
    let path = format!("/v1/vlans/{vlan}/dhcp");
    // It is refused until both racks are connected.
    await_that("DHCP is on", || async { Ok(api.post(&path, &service).await.is_ok()) }).await?;
    await_that("both racks serve", || async {
        Ok(count(&api.get("/v1/racks").await?, is_live) == RACKS.len())
    })
    .await?;
    Ok(vlan)
}

async fn await_that<F: Future<Output = anyhow::Result<bool>>>(
    what: &str,
    is_true: impl Fn() -> F,
) -> anyhow::Result<()> {
    let until = std::time::Instant::now() + LIVE_MAX;
    while !is_true().await? {
        anyhow::ensure!(std::time::Instant::now() < until, "not within {LIVE_MAX:?}: {what}");
        sleep(LOOK_PAUSE).await;
    }
    Ok(())
}

fn count(told: &Value, is_meant: impl Fn(&Value) -> bool) -> usize {
    told["items"].as_array().map_or(0, |racks| racks.iter().filter(|rack| is_meant(rack)).count())
}

fn is_connected(rack: &Value) -> bool {
    rack["connected"] == true
}

fn is_live(rack: &Value) -> bool {
    is_connected(rack) && rack["vlans_live"] == 1
}

/// What all programs of this run read in place of the kernel's name of the boot.
fn boot_id(folder: &Path) -> PathBuf {
    folder.join("boot-id")
}

/// Has the next rack that starts read its own.
fn tell_boot(folder: &Path, rack: usize, boots: u64) -> anyhow::Result<()> {
    Ok(fs::write(boot_id(folder), format!("{}-boot-{boots}\n", RACKS[rack]))?)
}

fn begun(name: &str, kind: Kind, lan: &Lan, folder: &Path) -> anyhow::Result<Client> {
    let mut client = Client::new(name, kind, lan, folder)?;
    client.wish_secs = Some(WISH_SECS);
    client.start(&[])?;
    Ok(client)
}

/// What an event is in a history; nothing if it changed nothing.
fn operation(
    session: &Session,
    client: &str,
    event: &ClientEvent,
    at: Instant,
    holds: &mut Option<String>,
) -> Option<Operation> {
    let blank = |function| Operation {
        key: Some(KEY.to_owned()),
        answered: Some(at),
        verdict: Verdict::Ok,
        node: None,
        ..session.asked(function, "", at)
    };
    match (event.what, event.address.zip(event.life)) {
        (Happening::Bound | Happening::Renewed, Some((address, life))) => {
            let address = address.to_string();
            let is_renewal = holds.replace(address.clone()).as_ref() == Some(&address);
            let function = if is_renewal { Function::Renew } else { Function::Alloc };
            let ttl_ms = u64::try_from(life.as_millis()).ok()?;
            Some(Operation {
                input: Some(json!({ "client": client, "addr": address })),
                output: Some(json!({ "addr": address, "ttl_ms": ttl_ms })),
                ..blank(function)
            })
        }
        (Happening::Lost, _) => holds.take().map(|address| Operation {
            input: Some(json!({ "client": client, "addr": address })),
            ..blank(Function::Release)
        }),
        (Happening::Bound | Happening::Renewed | Happening::Failed, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::operation;
    use crate::chaos::workload::session::Session;
    use crate::load::meter::Meter;
    use regent_check::history::line::{Function, Instant, Phase};
    use std::sync::Arc;

    #[test]
    fn client_takes_keeps_and_gives_back_what_it_saw() {
        let lines = [
            "100.0 bound 10.0.0.101 20 10.0.0.2 - -",
            "110.0 renewed 10.0.0.101 20 10.0.0.2 - -",
            "115.0 failed - - - - -",
            "130.0 lost - - - - -",
            "131.0 lost - - - - -",
        ];
        let session = Session::new(1, Arc::new(Meter::start(1)), Phase::UnderFaults);
        let mut holds = None;
        let told = lines.iter().filter_map(|line| {
            operation(&session, "g1", &line.parse().unwrap(), Instant(7), &mut holds)
        });
        let told: Vec<_> = told.map(|operation| operation.function).collect();
        assert_eq!(told, [Function::Alloc, Function::Renew, Function::Release]);
    }
}
