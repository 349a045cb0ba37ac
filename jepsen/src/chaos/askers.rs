//! DHCP clients behind a relay that ask for their addresses all the time, so that it is seen for how long nobody gets one. Real
//! clients ask when they please: too seldom to tell a gap of half a second.

use crate::chaos::workload::session::Session;
use crate::cluster::api::Api;
use crate::lab::lan::Lan;
use crate::lab::namespace::Namespace;
use crate::lab::rack::Rack;
use crate::load::dhcp_client::{Client, PATIENCE, Turn};
use crate::load::dhcp_exchange::Exchange;
use crate::load::meter::Meter;
use anyhow::Context as _;
use regent_check::history::line::{Function, Instant, Operation, Phase, Verdict};
use regent_core::net::mac::MacAddr;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant as Moment, sleep_until};

/// The relay's place on the network of clients.
const NEAR: &str = "10.0.0.1";
/// The network behind it, of which each client's relay has an address.
const FAR: &str = "10.1.0";
const FIRST_ADDRESS: u8 = 100;
const LAST_ADDRESS: u8 = 199;
const VID: u16 = 20;
const SERVER_PORT: u16 = 67;
/// Clients, and from one exchange to the next. A rack hears two messages a second of one client for good.
const CLIENTS: u8 = 15;
const APART: Duration = Duration::from_millis(100);
/// What the addresses are called in the history, and the session of the first client.
const KEY: &str = "relayed";
const FIRST_SESSION: u64 = 900;

/// The clients, before they ask.
pub struct Askers {
    machine: Namespace,
    racks: Vec<SocketAddrV4>,
}

impl Askers {
    /// A relay on the network of clients, whose clients these racks serve, too.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn prepare(
        api: &Api,
        vlan: &Value,
        lan: &Lan,
        racks: &[Rack],
    ) -> anyhow::Result<Self> {
        let machine = lan.machine("askers")?;
        lan.connect(&machine, "askers", Some(&format!("{NEAR}/24")))?;
        for number in 1..=CLIENTS {
            machine.run(&format!("ip addr add {FAR}.{number}/32 dev askers"))?;
        }
        for rack in racks {
            rack.machine.run(&format!("ip route add {FAR}.0/24 via {NEAR}"))?;
        }
        let fabric = &api.get(&format!("/v1/vlans/{vlan}")).await?["fabric"];
        let far = json!({ "fabric": fabric, "vid": VID, "relay_vlan": vlan });
        let far = &api.post("/v1/vlans", &far).await?["id"];
        let gateway = format!("{FAR}.1");
        let subnet = json!({ "cidr": format!("{FAR}.0/24"), "vlan": far, "gateway_ip": gateway });
        let subnet = &api.post("/v1/subnets", &subnet).await?["id"];
        let range = json!({
            "subnet": subnet,
            "type": "dynamic",
            "start_ip": format!("{FAR}.{FIRST_ADDRESS}"),
            "end_ip": format!("{FAR}.{LAST_ADDRESS}"),
        });
        api.post("/v1/ip-ranges", &range).await?;
        let racks =
            racks.iter().map(|rack| Ok(SocketAddrV4::new(rack.served.parse()?, SERVER_PORT)));
        Ok(Self { machine, racks: racks.collect::<anyhow::Result<_>>()? })
    }

    /// Has them ask for so many seconds, one after the other; what became of it, by client.
    ///
    /// # Errors
    /// If there is no socket for one.
    pub async fn ask(&self, seconds: u64) -> anyhow::Result<Vec<Exchange>> {
        let mut clients = Vec::new();
        for number in 1..=CLIENTS {
            let (turns, taken) = mpsc::channel(1);
            clients.push((turns, tokio::spawn(self.client(number)?.live(taken))));
        }
        let begun = Moment::now();
        let turns = (0_u32..).map(|turn| begun + APART * turn);
        let turns = turns.take_while(|at| *at < begun + Duration::from_secs(seconds));
        for (at, number) in turns.zip((0..clients.len()).cycle()) {
            sleep_until(at).await;
            // One that still waits for its address has its turn later.
            clients[number].0.try_send(Turn::Again).ok();
        }
        let mut exchanges = Vec::new();
        for (turns, client) in clients {
            drop(turns);
            exchanges.extend(client.await?);
        }
        Ok(exchanges)
    }

    fn client(&self, number: u8) -> anyhow::Result<Client> {
        let relay: Ipv4Addr = format!("{FAR}.{number}").parse()?;
        let binding = self.machine.within(move || Ok(UdpSocket::bind((relay, SERVER_PORT))?))?;
        let socket = binding.join().expect("it does not panic").context("no socket")?;
        socket.set_nonblocking(true)?;
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        let card = MacAddr([0x52, 0x54, 0, 1, 0, number]);
        Ok(Client { card, relay, racks: self.racks.clone(), socket })
    }
}

/// What they saw, as operations on the clock of the harness.
#[must_use]
pub fn operations(exchanges: &[Exchange], meter: &Arc<Meter>) -> Vec<Operation> {
    exchanges.iter().map(|exchange| operation(exchange, meter)).collect()
}

fn operation(exchange: &Exchange, meter: &Arc<Meter>) -> Operation {
    let at = |moment: std::time::Instant| {
        let ago = u64::try_from(moment.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Instant(meter.now().0.saturating_sub(ago))
    };
    let card = exchange.card;
    let session = FIRST_SESSION + u64::from(card.0[5]);
    let session = Session::new(session, Arc::clone(meter), Phase::UnderFaults);
    let asked = Operation {
        key: Some(KEY.to_owned()),
        input: Some(json!({ "client": card.to_string() })),
        answered: Some(at(exchange.asked + PATIENCE)),
        node: None,
        ..session.asked(Function::Alloc, "", at(exchange.asked))
    };
    let Some(got) = exchange.got else { return asked };
    Operation {
        // From then on it may use the address for as long as it was told.
        asked: at(got.requested),
        answered: Some(at(got.acknowledged)),
        verdict: Verdict::Ok,
        output: Some(json!({ "addr": got.hold.address.to_string(), "ttl_ms": got.hold.life.0 })),
        ..asked
    }
}
