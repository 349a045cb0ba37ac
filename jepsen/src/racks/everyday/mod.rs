//! Nothing fails. Real clients get, renew, give back and get again; what is kept for them, also for those from before
//! DHCP; what they boot; through a relay; how
//! soon the region shows it. Then another DHCP server comes to the network.

pub mod booting;
pub mod bootp;
pub mod foreign;
pub mod kept;
pub mod living;
pub mod relayed;
pub mod visible;

use crate::racks::arguments::Extent;
use crate::racks::findings::Findings;
use crate::racks::site::{Executables, Site, check_holds};

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, extent: Extent) -> anyhow::Result<Findings> {
    let (mut findings, site) = (Findings::default(), Site::start(executables, &[]).await?);
    let mut clients = living::play(&site, &mut findings).await?;
    clients.extend(kept::play(&site, &mut findings).await?);
    bootp::play(&site, &mut findings).await?;
    clients.push(booting::play(&site, &mut findings).await?);
    clients.push(visible::play(&site, extent, &mut findings).await?);
    relayed::play(&site, &mut findings).await?;
    check_holds(&clients, &mut findings)?;
    foreign::play(&site, &mut findings).await?;
    Ok(findings)
}
