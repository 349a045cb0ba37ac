//! What a client boots next (rule R18): iPXE its script, firmware for HTTP its URL, other firmware its file.

use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::message::code;
use crate::dhcp::message::request::Kind;
use regent_core::model::boot::BootSettings;
use std::net::Ipv4Addr;

/// What clients get that do not say what they are: a PC with a BIOS (RFC 4578 section 2.1).
pub const PC_BIOS: u16 = 0;
/// In the reply, or firmware that boots over HTTP ignores it (UEFI 2.10 section 24.7).
pub const HTTP_CLIENT: &str = "HTTPClient";

/// The next step of booting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootStep<'a> {
    /// The server.
    pub server: Ipv4Addr,
    /// The file or URL.
    pub file: &'a str,
    /// What goes before further paths.
    pub prefix: Option<&'a str>,
    /// The vendor class the reply has to carry.
    pub vendor_class: Option<&'static str>,
}

/// The next step for this client; none if it does not boot from the network, or there is nothing for its architecture.
#[must_use]
pub fn next<'a>(scene: &Scene<'_>, boot: &'a BootSettings) -> Option<BootStep<'a>> {
    let server = boot.server.unwrap_or(scene.server_id());
    let step = |file, prefix, vendor_class| BootStep { server, file, prefix, vendor_class };
    let request = scene.request;
    if let Some(script) = boot.ipxe_script.as_deref().filter(|_| request.is_ipxe) {
        return Some(step(script, None, None));
    }
    if scene.asks_for_http() {
        let url =
            request.architectures.iter().find_map(|architecture| boot.http.get(architecture))?;
        return Some(step(url, None, Some(HTTP_CLIENT)));
    }
    // From before DHCP, it cannot say that it wants to boot.
    let asks = request.asks_for(code::BOOT_FILE) || request.kind == Kind::Bootp;
    let file = match request.architectures.as_slice() {
        [] => boot.files.get(&PC_BIOS).filter(|_| asks || scene.is_booting()),
        known => known.iter().find_map(|architecture| boot.files.get(architecture)),
    }?;
    Some(step(&file.path, file.prefix.as_deref(), None))
}
