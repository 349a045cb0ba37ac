//! How clients boot.

use crate::malformed::{Fault, Malformed, check_length};
use crate::rack;
use crate::view::each::each;
use regent_core::model::boot::{
    BOOT_ARCHITECTURES_MAX, BOOT_TEXT_BYTES_MAX, BootFile, BootSettings,
};
use std::net::Ipv4Addr;

pub(in crate::view) fn read(boot: rack::Boot) -> Result<BootSettings, Malformed> {
    let rack::Boot { server, files, ipxe_script, http } = boot;
    check_text("ipxe_script", ipxe_script.as_deref())?;
    let files = each("files", files, BOOT_ARCHITECTURES_MAX, |file| {
        let rack::BootFile { architecture, path, prefix } = file;
        check_text("path", Some(&path))?;
        check_text("prefix", prefix.as_deref())?;
        Ok((read_architecture(architecture)?, BootFile { path, prefix }))
    })?;
    let http = each("http", http, BOOT_ARCHITECTURES_MAX, |http| {
        check_text("url", Some(&http.url))?;
        Ok((read_architecture(http.architecture)?, http.url))
    })?;
    let (files, http) = (files.into_iter().collect(), http.into_iter().collect());
    Ok(BootSettings { server: server.map(Ipv4Addr::from_bits), files, ipxe_script, http })
}

pub(in crate::view) fn write(boot: &BootSettings) -> Result<rack::Boot, Malformed> {
    let BootSettings { server, files, ipxe_script, http } = boot;
    check_text("ipxe_script", ipxe_script.as_deref())?;
    let files = each("files", files, BOOT_ARCHITECTURES_MAX, |(architecture, file)| {
        let BootFile { path, prefix } = file.clone();
        check_text("path", Some(&path))?;
        check_text("prefix", prefix.as_deref())?;
        Ok(rack::BootFile { architecture: (*architecture).into(), path, prefix })
    })?;
    let http = each("http", http, BOOT_ARCHITECTURES_MAX, |(architecture, url)| {
        check_text("url", Some(url))?;
        Ok(rack::HttpBoot { architecture: (*architecture).into(), url: url.clone() })
    })?;
    let (server, ipxe_script) = (server.map(Ipv4Addr::to_bits), ipxe_script.clone());
    Ok(rack::Boot { server, files, ipxe_script, http })
}

fn read_architecture(number: u32) -> Result<u16, Malformed> {
    let fault = Fault::OutOfRange { value: number.into(), min: 0, max: u16::MAX.into() };
    u16::try_from(number).map_err(|_| Malformed::new("architecture", fault))
}

fn check_text(part: &str, text: Option<&str>) -> Result<(), Malformed> {
    check_length(part, text.map_or(0, str::len), BOOT_TEXT_BYTES_MAX)
}
