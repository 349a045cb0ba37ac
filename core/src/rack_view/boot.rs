//! Which of the boot settings a subnet offers: MAAS's names of boot methods, and the architectures they are for.

use crate::model::boot::BootSettings;

/// Boot methods that load a file, with the architecture of each (RFC 4578 section 2.1, IANA's list).
const FILE_METHODS: [(&str, u16); 8] = [
    ("pxe", 0x00),
    ("uefi_amd64_tftp", 0x07),
    ("uefi_ebc_tftp", 0x09),
    ("uefi_arm64_tftp", 0x0b),
    ("open-firmware_ppc64el", 0x0c),
    ("powernv", 0x0e),
    ("s390x", 0x1f),
    ("s390x_partition", 0x20),
];
/// Boot methods that load a URL.
const HTTP_METHODS: [(&str, u16); 2] = [("uefi_amd64_http", 0x10), ("uefi_arm64_http", 0x13)];
/// The boot method of iPXE.
const IPXE: &str = "ipxe";

/// The settings without the boot methods a subnet excludes.
pub(in crate::rack_view) fn offered(settings: &BootSettings, excluded: &[String]) -> BootSettings {
    let mut offered = settings.clone();
    let is_excluded = |name: &str| excluded.iter().any(|other| other == name);
    for (_, architecture) in FILE_METHODS.iter().filter(|(name, _)| is_excluded(name)) {
        offered.files.remove(architecture);
    }
    for (_, architecture) in HTTP_METHODS.iter().filter(|(name, _)| is_excluded(name)) {
        offered.http.remove(architecture);
    }
    offered.ipxe_script = offered.ipxe_script.filter(|_| !is_excluded(IPXE));
    offered
}

#[cfg(test)]
mod tests {
    use super::offered;
    use crate::model::boot::{BootFile, BootSettings};

    #[test]
    fn excluded_boot_methods_are_taken_out_and_unknown_ones_change_nothing() {
        let file = |path: &str| BootFile { path: path.to_owned(), prefix: None };
        let settings = BootSettings {
            server: None,
            files: [(0, file("lpxelinux.0")), (7, file("bootx64.efi"))].into(),
            ipxe_script: Some("http://boot/ipxe.cfg".to_owned()),
            http: [(0x10, "http://boot/x64".to_owned())].into(),
        };
        let without = |names: &[&str]| {
            let excluded: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            offered(&settings, &excluded)
        };
        assert_eq!(without(&["windows"]), settings);
        assert_eq!(without(&["pxe"]).files.into_keys().collect::<Vec<_>>(), [7]);
        let neither = without(&["uefi_amd64_http", "ipxe"]);
        assert_eq!((neither.http.len(), neither.ipxe_script), (0, None));
    }
}
