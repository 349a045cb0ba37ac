//! Firmware that boots from the network: the file of its architecture.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::racks::findings::Findings;
use crate::racks::site::{PATIENCE, SERVED, Site, VLAN};

/// Vendor class, architecture (RFC 4578) and what it is to boot.
const BOOTS: [(&str, u16, &str); 4] = [
    ("PXEClient", 0, "lpxelinux.0"),
    ("PXEClient", 7, "bootx64.efi"),
    ("PXEClient", 11, "bootaa64.efi"),
    ("HTTPClient", 16, "http://10.0.0.9/bootx64.efi"),
];

/// One machine, whose firmware is changed.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, findings: &mut Findings) -> anyhow::Result<Client> {
    let server = format!("{SERVED}.9");
    let mut settings = format!("boot.server={server}");
    for (class, architecture, file) in BOOTS {
        let list = if class == "HTTPClient" { "http" } else { "files" };
        settings.push_str(&format!(" boot.{list}.{architecture}={file}"));
    }
    let set = site.region.command(&format!("vlan set {VLAN} {settings}"))?;
    site.await_told("the racks know what to boot", &set).await?;
    let mut client = site.client("pxe", Kind::Udhcpc)?;
    for (class, architecture, file) in BOOTS {
        let seen = client.events()?.len();
        let number = format!("0x5d:{architecture:04x}");
        client.start(&["-V", class, "-x", &number, "-O", "bootfile", "-O", "tftp"])?;
        let bound = findings.need(client.awaits(Happening::Bound, seen, PATIENCE).await);
        let told = bound.map(|bound| (bound.boot_server.map(|at| at.to_string()), bound.boot_file));
        let wanted = Some((Some(server.clone()), Some(file.to_owned())));
        findings.check(told == wanted, || format!("{class} {architecture} was told {told:?}"));
        findings.tell(format!("{class} {architecture}: {file}"));
        client.release().await?;
    }
    Ok(client)
}
