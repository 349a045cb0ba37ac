//! Boot settings: what a DHCP reply has room for, and addresses that can be a server's.

use crate::model::boot::{BOOT_ARCHITECTURES_MAX, BOOT_TEXT_BYTES_MAX, BootFile, BootSettings};
use crate::rejection::Rejection;
use std::net::Ipv4Addr;

/// Refuses settings no reply can carry.
pub(in crate::apply) fn check_boot(boot: Option<&BootSettings>) -> Result<(), Rejection> {
    let Some(BootSettings { server, files, ipxe_script, http }) = boot else { return Ok(()) };
    if let Some(server) = server.filter(|server| !is_host(*server)) {
        return Err(Rejection::invalid("boot.server", format!("{server} is no host's address")));
    }
    check_count("boot.files", files.len())?;
    check_count("boot.http", http.len())?;
    for (architecture, BootFile { path, prefix }) in files {
        check_word(&format!("boot.files.{architecture}.path"), path)?;
        if let Some(prefix) = prefix {
            check_word(&format!("boot.files.{architecture}.prefix"), prefix)?;
        }
    }
    if let Some(script) = ipxe_script {
        check_word("boot.ipxe_script", script)?;
    }
    for (architecture, url) in http {
        check_url(&format!("boot.http.{architecture}"), url)?;
    }
    Ok(())
}

const fn is_host(address: Ipv4Addr) -> bool {
    !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast()
}

fn check_count(field: &str, count: usize) -> Result<(), Rejection> {
    if count <= BOOT_ARCHITECTURES_MAX {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("more than {BOOT_ARCHITECTURES_MAX} architectures")))
}

/// Firmware takes a path as it comes: no blanks, nothing outside of ASCII.
fn check_word(field: &str, word: &str) -> Result<(), Rejection> {
    if word.is_empty() {
        return Err(Rejection::invalid(field, "must not be empty"));
    }
    if word.len() > BOOT_TEXT_BYTES_MAX {
        return Err(Rejection::invalid(field, format!("longer than {BOOT_TEXT_BYTES_MAX} bytes")));
    }
    match word.chars().find(|character| !character.is_ascii_graphic()) {
        None => Ok(()),
        Some(stray) => Err(Rejection::invalid(field, format!("{stray:?} has no place in it"))),
    }
}

fn check_url(field: &str, url: &str) -> Result<(), Rejection> {
    check_word(field, url)?;
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(());
    }
    Err(Rejection::invalid(field, "is no URL of HTTP"))
}
