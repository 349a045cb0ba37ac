//! Clients from before DHCP: each asks once and has the address kept for it for good, with its names; whoever nothing is kept for
//! hears nothing. Then an admin ends it.

use crate::lab::bootp_client::{Age, BootpClient};
use crate::racks::findings::Findings;
use crate::racks::site::{NODES, SERVED, Site, is_bound};
use anyhow::Context as _;
use std::time::Duration;

/// They would ask again after 4 s (RFC 951 section 7.2).
const ANSWER_MAX: Duration = Duration::from_secs(4);

/// An address is kept for one by a link of its interface, for one by a reserved IP, and for one not at all.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, findings: &mut Findings) -> anyhow::Result<()> {
    let linked = BootpClient::new("linked", Age::Bare, &site.served)?;
    let kept = BootpClient::new("bootp", Age::WithOptions, &site.served)?;
    let stranger = BootpClient::new("stranger", Age::Bare, &site.served)?;
    let (linked_at, kept_at) = (format!("{SERVED}.51"), format!("{SERVED}.61"));
    let (linked_mac, kept_mac) = (linked.mac()?, kept.mac()?);
    let command = |line: String| site.region.command(&line);
    command(format!("device create hostname=linked mac_addresses={linked_mac}"))?;
    let link = format!("mode=static subnet=1 ip_address={linked_at}");
    command(format!("interface link {linked_mac} {link}"))?;
    let reserved =
        command(format!("reserved-ip create subnet=1 ip={kept_at} mac_address={kept_mac}"))?;
    site.await_told("the racks know what is kept for whom", &reserved).await?;
    for (client, at) in [(&linked, &linked_at), (&kept, &kept_at)] {
        gets(site, client, at, findings).await?;
    }
    let told = stranger.ask(ANSWER_MAX)?;
    findings.check(told.is_none(), || format!("nothing is kept for one that was told {told:?}"));
    findings.tell("nothing is kept for one: silence");
    ends(site, &kept, &kept_at, findings).await
}

/// It asks once, and the region knows: of the lease at once, of the name at every node soon.
async fn gets(
    site: &Site,
    client: &BootpClient,
    at: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let name = &client.name;
    let Some(reply) = findings.need(client.ask(ANSWER_MAX)?.context(format!("{name}: silence")))
    else {
        return Ok(());
    };
    let is_its = reply.address.to_string() == at && !reply.is_dhcp;
    findings.check(is_its, || format!("{at} is kept for {name}, which was told {reply:?}"));
    let lease = site.region.command(&format!("lease show {at}"))?;
    let is_its = lease["mac_address"] == client.mac()? && lease["for_good"] == true;
    findings.check(is_bound(&lease) && is_its, || format!("{name} has {at}, but {lease}"));
    let has_no_end = lease["expires"].is_null() && lease["remaining_ms"].is_null();
    findings.check(has_no_end, || format!("{name} has it for good, but {lease}"));
    for node in 0..NODES {
        let is_there = || is_named(site, node, name, at);
        findings.need(site.await_that(&format!("{name} is {at}"), is_there).await);
    }
    findings.tell(format!("{name}, from before DHCP: {at} for good after {:?}", reply.after));
    Ok(())
}

/// The name gives the address, and the address the name, maybe beside another.
fn is_named(site: &Site, node: usize, name: &str, at: &str) -> bool {
    let host = format!("{name}.maas.");
    let forward = site.region.dig(node, &format!("{host} A"));
    let reverse = site.region.dig(node, &format!("-x {at}"));
    forward.is_ok_and(|told| told == at)
        && reverse.is_ok_and(|told| told.lines().any(|name| name == host))
}

/// Its client is gone, says an admin: that is the only end there is.
async fn ends(
    site: &Site,
    client: &BootpClient,
    at: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let rests = site.region.command(&format!("lease release {at}"));
    findings.check(rests.is_err(), || format!("{at} was taken from who may be there: {rests:?}"));
    site.region.command(&format!("lease release {at} --now"))?;
    let lease = site.region.command(&format!("lease show {at}"))?;
    findings.check(!is_bound(&lease), || format!("{at} was released, but {lease}"));
    for node in 0..NODES {
        let is_gone = || !is_named(site, node, &client.name, at);
        let name = &client.name;
        findings.need(site.await_that(&format!("{name} is no more"), is_gone).await);
    }
    findings.tell(format!("{}: ended by an admin, and its name with it", client.name));
    Ok(())
}
