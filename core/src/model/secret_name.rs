//! Which names, of settings and of the parameters of power drivers, are those of secrets: one rule for whoever keeps,
//! shows or imports them.
//!
//! What a name speaks *about* does not count: `refresh_token_duration` and `rpc_shared_secret_file` hold no secret.

/// MAAS's names of secrets that do not give themselves away.
pub const SECRET_NAMES: &[&str] =
    &["external_auth_key", "k_g", "key", "maas_auto_ipmi_k_g_bmc_key", "omapi_key"];

/// Endings that give a name away: MAAS's `os_password`, `rpc_shared_secret`, `power_token_secret`, `tls_private_key`,
/// and whatever else is called so.
pub const SECRET_ENDINGS: &[&str] =
    &["password", "passwd", "passphrase", "private_key", "secret", "token"];

/// The last word of MAAS's `power_pass`. Other words may well end like it.
pub const SECRET_WORD: &str = "pass";

/// Whether what has this name is secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    SECRET_NAMES.contains(&name.as_str())
        || SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.rsplit('_').next() == Some(SECRET_WORD)
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
            "maas_auto_ipmi_k_g_bmc_key",
            "tls_private_key",
            "macaroon_private_key",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn secrets_of_others_are_known_by_how_they_are_called() {
        for name in ["Pass", "API-Token", "proxy.password", "clientSecret", "TLS-Private-Key"] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_speak_of_secrets_are_none() {
        for name in [
            "default_dns_ttl",
            "keyring",
            "mac_address",
            "password_length_min",
            "power_address",
            "power_bypass",
            "power_token_name",
            "power_user",
            "refresh_token_duration",
            "rpc_shared_secret_file",
            "session_length",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
