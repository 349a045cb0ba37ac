//! A network without a rack: ISC's relay in a router brings its clients to the racks.

use crate::lab::client::Kind;
use crate::lab::client_event::Happening;
use crate::lab::lan::Lan;
use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use crate::racks::findings::Findings;
use crate::racks::site::{PATIENCE, SERVED, Site, VLAN, check_holds};
use std::path::Path;

/// The relay's program.
pub const PROGRAM: &str = "dhcrelay";
/// The network without a rack, a /24.
const FAR: &str = "10.1.0";

/// Clients of all kinds, behind a router.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, findings: &mut Findings) -> anyhow::Result<()> {
    let far = Lan::new("far")?;
    let router = Namespace::new("router")?;
    site.served.connect(&router, "near", Some(&format!("{SERVED}.1/24")))?;
    far.connect(&router, "far", Some(&format!("{FAR}.1/24")))?;
    router.run("sysctl -q net.ipv4.ip_forward=1")?;
    let near = site.region.command(&format!("vlan show {VLAN}"))?;
    let vlan = format!("fabric={} vid=20 relay_vlan={VLAN}", near["fabric"]);
    let vlan = &site.region.command(&format!("vlan create {vlan}"))?["id"];
    let subnet = format!("cidr={FAR}.0/24 vlan={vlan} gateway_ip={FAR}.1");
    let subnet = &site.region.command(&format!("subnet create {subnet}"))?["id"];
    let range = format!("type=dynamic start_ip={FAR}.100 end_ip={FAR}.199");
    site.region.command(&format!("ip-range create subnet={subnet} {range}"))?;
    let mut servers = Vec::new();
    for rack in &site.racks {
        rack.machine.run(&format!("ip route add {FAR}.0/24 via {SERVED}.1"))?;
        servers.push(rack.served.clone());
    }
    let mut arguments = vec!["-4", "-d", "--no-pid", "-id", "far", "-iu", "near"];
    arguments.extend(servers.iter().map(String::as_str));
    let relay = Process::start(&router, Path::new(PROGRAM), arguments, &site.file("relay.log"))?;
    let mut clients = Vec::new();
    for kind in Kind::ALL {
        let mut client = site.client_on(&far, &format!("far-{}", kind.program()), kind)?;
        client.start(&[])?;
        clients.push(client);
    }
    for client in &mut clients {
        let bound = findings.need(client.awaits(Happening::Bound, 0, PATIENCE).await);
        let address = bound.and_then(|bound| bound.address).map(|got| got.to_string());
        let name = &client.name;
        findings.check(address.as_ref().is_some_and(|got| got.starts_with(FAR)), || {
            format!("{name} got {address:?}: {}", relay.said())
        });
        client.release().await?;
        findings.tell(format!("{} through a relay: {}", client.name, address.unwrap_or_default()));
    }
    check_holds(&clients, findings)
}
