//! A DHCP server that is not ours on the network of clients: racks hear it, and whoever turns DHCP on is told its address.

use crate::lab::kea;
use crate::lab::namespace::Namespace;
use crate::lab::tool;
use crate::racks::findings::Findings;
use crate::racks::site::{SERVED, Site, VLAN};

/// The host part of its address.
const HOST: u32 = 8;
/// For how long it gives addresses, in seconds.
const LIFE_SECS: u64 = 600;

/// Kea comes, and goes again at the end.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, findings: &mut Findings) -> anyhow::Result<()> {
    if !tool::exists(kea::PROGRAM) {
        findings.skip(format!("foreign server: absent: {}", kea::PROGRAM));
        return Ok(());
    }
    let on = format!("vlan dhcp on {VLAN}");
    let alone = site.region.command(&on);
    findings.check(alone.is_ok(), || format!("racks take each other for strangers: {alone:?}"));
    let (machine, address) = (Namespace::new("kea")?, format!("{SERVED}.{HOST}"));
    site.served.connect(&machine, "eth0", Some(&format!("{address}/24")))?;
    let _kea = kea::start(&machine, "eth0", SERVED, LIFE_SECS, &site.file("foreign"))?;
    // It takes a moment to answer.
    let is_refused = || {
        let refusal = site.region.command(&on).err().map(|error| format!("{error:#}"));
        refusal.is_some_and(|refusal| refusal.contains(&address))
    };
    site.await_that("the foreign server is named", is_refused).await?;
    // It is written down a moment after it was told.
    let is_told = || {
        let vlan = site.region.command(&format!("vlan show {VLAN}"));
        vlan.is_ok_and(|vlan| vlan["external_dhcp"] == address)
    };
    site.await_that("the VLAN tells of the foreign server", is_told).await?;
    let despite = site.region.command(&format!("{on} --despite foreign"));
    findings.check(despite.is_ok(), || format!("it is not passed over: {despite:?}"));
    findings.tell(format!("foreign server {address}: refused, and passed over when asked to"));
    Ok(())
}
