//! Which names, of settings and of the parameters of power drivers, are those of secrets: one list for whoever keeps,
//! shows or imports them.

/// MAAS's names of secrets that do not give themselves away.
pub const SECRET_NAMES: &[&str] = &[
    "external_auth_key",
    "k_g",
    "key",
    "macaroon_private_key",
    "maas_auto_ipmi_k_g_bmc_key",
    "omapi_key",
    "tls_private_key",
];

/// Parts that give a name away: MAAS's `power_pass`, `os_password`, `rpc_shared_secret`, `power_token_secret`, and
/// whatever else is called so.
pub const SECRET_PARTS: &[&str] = &["pass", "secret", "token"];

/// Whether what has this name is secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.contains(&name.as_str()) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn secrets_of_all_power_drivers_and_settings_of_maas_are_known() {
        for name in [
            "power_pass",
            "power_password",
            "password",
            "os_password",
            "power_token",
            "power_token_secret",
            "k_g",
            "key",
            "rpc_shared_secret",
            "vcenter_password",
            "external_auth_key",
            "omapi_key",
            "tls_private_key",
            "macaroon_private_key",
            "Pass",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["power_address", "power_user", "mac_address", "default_dns_ttl", "keyring"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
