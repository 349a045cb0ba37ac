//! What clients boot, by what they say they are (rule R18).

use crate::packet::{Packet, ip};
use crate::rack::{Rack, Reading, client, reading};
use regent_core::model::boot::{BootFile, BootSettings};
use std::collections::BTreeMap;

const SCRIPT: &str = "http://10.0.0.2/ipxe.cfg";

fn boot() -> BootSettings {
    let file = |path: &str| BootFile { path: path.to_owned(), prefix: None };
    let power = BootFile { path: "pxelinux.0".to_owned(), prefix: Some("ppc64el/".to_owned()) };
    let files = [
        (0x00, file("lpxelinux.0")),
        (0x07, file("bootx64.efi")),
        (0x09, file("bootx64.efi")),
        (0x0B, file("bootaa64.efi")),
        (0x0C, file("bootppc64.bin")),
        (0x0E, power),
        (0x1F, file("boots390x.bin")),
    ];
    let url = |name: &str| format!("http://10.0.0.2/{name}");
    let http = BTreeMap::from([(0x10, url("bootx64.efi")), (0x13, url("bootaa64.efi"))]);
    let ipxe_script = Some(SCRIPT.to_owned());
    BootSettings { server: Some(ip("10.0.0.7")), files: files.into(), ipxe_script, http }
}

fn rack() -> Rack {
    let mut rack = Rack::primary();
    rack.own().boot = Some(boot());
    rack
}

fn pxe(architectures: &[u16]) -> Packet {
    let list: Vec<u8> = architectures.iter().flat_map(|number| number.to_be_bytes()).collect();
    Packet::discover(1).with(60, b"PXEClient:Arch:x:UNDI:003000").with(93, &list)
}

fn offered(packet: &Packet) -> Reading {
    reading(rack().hears(packet))
}

#[test]
fn firmware_finds_its_machine_in_the_reply() {
    let machine: Vec<u8> = (0..17).collect();
    assert_eq!(offered(&pxe(&[7]).with(97, &machine)).option(97), Some(machine.clone()));
    assert_eq!(offered(&pxe(&[7])).option(97), None);
    assert_eq!(offered(&pxe(&[7]).with(97, &machine[1..])).option(97), None, "it is none");
}

#[test]
fn firmware_gets_the_file_of_its_architecture_and_the_boot_server() {
    for (architecture, file) in [
        (0x00, "lpxelinux.0"),
        (0x07, "bootx64.efi"),
        (0x09, "bootx64.efi"),
        (0x0B, "bootaa64.efi"),
        (0x0C, "bootppc64.bin"),
        (0x0E, "pxelinux.0"),
        (0x1F, "boots390x.bin"),
    ] {
        let offer = offered(&pxe(&[architecture]));
        assert_eq!(offer.file(), file, "{architecture:#x}");
        assert_eq!(offer.message.siaddr(), ip("10.0.0.7"));
        assert_eq!(offer.option(60), None);
    }
}

#[test]
fn of_several_architectures_the_first_with_a_file_counts() {
    assert_eq!(offered(&pxe(&[0x77, 0x0B, 0x07])).file(), "bootaa64.efi");
    assert_eq!(offered(&pxe(&[0x77])).file(), "");
}

#[test]
fn power_firmware_is_told_the_path_before_further_files() {
    assert_eq!(offered(&pxe(&[0x0E])).option(210).unwrap(), b"ppc64el/");
    assert_eq!(offered(&pxe(&[0x00])).option(210), None);
}

#[test]
fn options_66_and_67_come_when_they_are_asked_for() {
    let asked = offered(&pxe(&[0x00]).with(55, &[66, 67]));
    assert_eq!(asked.text(66).unwrap(), "10.0.0.7");
    assert_eq!(asked.text(67).unwrap(), "lpxelinux.0");
    let unasked = offered(&pxe(&[0x00]).with(55, &[1, 3]));
    assert_eq!((unasked.option(66), unasked.option(67)), (None, None));
    assert_eq!(unasked.file(), "lpxelinux.0");
}

#[test]
fn firmware_that_boots_over_http_gets_a_url_and_its_own_class_back() {
    for (architecture, url) in
        [(0x10, "http://10.0.0.2/bootx64.efi"), (0x13, "http://10.0.0.2/bootaa64.efi")]
    {
        let [high, low] = u16::to_be_bytes(architecture);
        let asking = Packet::discover(1).with(60, b"HTTPClient:Arch:00016").with(93, &[high, low]);
        let offer = offered(&asking);
        assert_eq!(offer.text(60).unwrap(), "HTTPClient");
        assert_eq!(offer.text(67).unwrap(), url);
    }
}

#[test]
fn firmware_that_boots_over_http_never_gets_a_file_for_tftp() {
    let asking = Packet::discover(1).with(60, b"HTTPClient:Arch:00007").with(93, &[0, 7]);
    let offer = offered(&asking);
    assert_eq!((offer.file().as_str(), offer.option(67), offer.option(60)), ("", None, None));
}

#[test]
fn ipxe_gets_its_script_whatever_its_architecture_and_however_it_says_that_it_is_ipxe() {
    for by in [
        pxe(&[0x07]).with(77, b"iPXE"),
        pxe(&[0x07]).with(77, b"\x04iPXE"),
        pxe(&[0x07]).with(77, b"\x03lab\x04iPXE"),
        pxe(&[0x07]).with(175, &[1, 1, 1]),
        Packet::discover(1).with(60, b"HTTPClient").with(93, &[0, 0x10]).with(175, &[]),
    ] {
        assert_eq!(offered(&by).file(), SCRIPT, "{by:?}");
    }
    assert_eq!(offered(&pxe(&[0x07]).with(77, b"\x03lab")).file(), "bootx64.efi");
}

#[test]
fn firmware_that_does_not_say_what_it_is_counts_as_a_pc() {
    assert_eq!(offered(&Packet::discover(1).with(60, b"PXEClient")).file(), "lpxelinux.0");
    assert_eq!(offered(&Packet::discover(1).with(55, &[1, 67])).file(), "lpxelinux.0");
}

#[test]
fn who_does_not_boot_from_the_network_is_told_nothing_of_it() {
    let offer = offered(&Packet::discover(1).with(60, b"MSFT 5.0").with(55, &[1, 3, 6]));
    assert_eq!((offer.file().as_str(), offer.message.siaddr()), ("", ip("0.0.0.0")));
}

#[test]
fn without_settings_nobody_is_told_to_boot_anything() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&pxe(&[0x00]).with(55, &[66, 67])));
    assert_eq!((offer.file().as_str(), offer.message.siaddr()), ("", ip("0.0.0.0")));
    assert_eq!((offer.option(66), offer.option(67)), (None, None));
}

#[test]
fn settings_of_the_subnet_win_over_those_of_the_vlan() {
    let mut rack = rack();
    let mut own = boot();
    own.server = Some(ip("10.0.0.8"));
    rack.own_subnet().boot = Some(own);
    assert_eq!(reading(rack.hears(&pxe(&[0x00]))).message.siaddr(), ip("10.0.0.8"));
}

#[test]
fn a_name_too_long_for_its_field_stands_in_the_option_alone() {
    let mut rack = rack();
    let url = format!("http://10.0.0.2/{}", "x".repeat(300));
    rack.own().boot.as_mut().unwrap().ipxe_script = Some(url.clone());
    let asking = pxe(&[0x07]).with(77, b"iPXE").with(57, &1472_u16.to_be_bytes());
    let offer = reading(rack.hears(&asking));
    assert_eq!((offer.file().as_str(), offer.text(67).unwrap()), ("", url));
}

#[test]
fn firmware_gets_its_address_for_half_a_minute() {
    assert_eq!(offered(&pxe(&[0x00])).life_secs(), 30);
    assert_eq!(offered(&Packet::discover(1).with(60, b"HTTPClient")).life_secs(), 30);
    assert_eq!(offered(&Packet::discover(1)).life_secs(), 600);
}

#[test]
fn what_an_admin_sets_for_a_host_wins_and_stands_in_the_field_too() {
    let mut rack = rack();
    rack.keep(1, "10.0.0.20");
    let mut host = rack.own().hosts.of(&client(1)).unwrap().clone();
    host.settings.set(67, b"rescue.efi".to_vec()).unwrap();
    rack.own().hosts.put(client(1), host);
    let offer = reading(rack.hears(&pxe(&[0x07]).with(55, &[67])));
    assert_eq!((offer.text(67).unwrap(), offer.file()), ("rescue.efi".into(), "rescue.efi".into()));
}

#[test]
fn a_boot_server_that_an_admin_sets_by_its_address_stands_in_the_field_too() {
    let mut rack = rack();
    rack.own().settings.set(66, b"10.0.0.9".to_vec()).unwrap();
    let offer = reading(rack.hears(&pxe(&[0x07]).with(55, &[66, 67])));
    assert_eq!(
        (offer.text(66).unwrap(), offer.message.siaddr()),
        ("10.0.0.9".into(), ip("10.0.0.9"))
    );
    rack.own().settings.set(66, b"boot.example".to_vec()).unwrap();
    let offer = reading(rack.hears(&pxe(&[0x07]).with(55, &[66, 67])));
    assert_eq!(
        (offer.text(66).unwrap(), offer.message.siaddr()),
        ("boot.example".into(), ip("10.0.0.7"))
    );
}
