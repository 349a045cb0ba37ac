//! Clients for which an address is kept: by a reserved IP, and by a link of an interface. They get it, each time they ask.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::racks::findings::Findings;
use crate::racks::site::{PATIENCE, SERVED, Site};

/// How often each asks.
const TIMES: usize = 3;

/// A reserved and a static client.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, findings: &mut Findings) -> anyhow::Result<Vec<Client>> {
    let mut reserved = site.client("reserved", Kind::Udhcpc)?;
    let mut fixed = site.client("fixed", Kind::Dhclient)?;
    let (reserved_at, fixed_at) = (format!("{SERVED}.60"), format!("{SERVED}.50"));
    let (reserved_mac, fixed_mac) = (reserved.mac()?, fixed.mac()?);
    let command = |line: String| site.region.command(&line);
    command(format!("reserved-ip create subnet=1 ip={reserved_at} mac_address={reserved_mac}"))?;
    command(format!("device create hostname=fixed mac_addresses={fixed_mac}"))?;
    let link = format!("mode=static subnet=1 ip_address={fixed_at}");
    command(format!("interface link {fixed_mac} {link}"))?;
    for (client, at) in [(&mut reserved, &reserved_at), (&mut fixed, &fixed_at)] {
        for _ in 0..TIMES {
            let seen = client.events()?.len();
            client.start(&[])?;
            let bound = findings.need(client.awaits(Happening::Bound, seen, PATIENCE).await);
            let address = bound.and_then(|bound| bound.address).map(|got| got.to_string());
            let name = &client.name;
            findings.check(address.as_ref() == Some(at), || {
                format!("{at} is kept for {name}, which got {address:?}")
            });
            client.release().await?;
        }
        findings.tell(format!("{}: {TIMES} times {at}", client.name));
    }
    Ok(vec![reserved, fixed])
}
