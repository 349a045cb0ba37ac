//! What becomes of rows that a real site has and nobody expects.

use crate::edited::{Edited, noted, skipped};
use regent_api::cli::import::mapping::Mapped;
use regent_api::cli::import::warnings::warnings;
use regent_api::cli::timestamp;
use regent_core::id::BmcId;
use regent_core::model::secret::SecretKey;
use regent_core::object::{Kind, ObjectRef};
use regent_core::state::State;

#[test]
fn the_secret_store_counts_and_not_the_older_password_beside_it() {
    let older =
        r#"{"power_user": "maas", "power_pass": "of long ago", "power_token": "only here"}"#;
    let mapped =
        Edited::hand().with("maasserver_bmc", "2", &[("power_parameters", older)]).mapped();
    let secret = |name: &str| {
        let owner = ObjectRef::numbered(Kind::Bmc, BmcId(2));
        let key = SecretKey { owner, name: name.to_owned() };
        mapped.site.secrets.get(&key).expect("a secret").reveal().to_owned()
    };
    assert_eq!(secret("power_pass"), "x'; DROP TABLE gull --");
    assert_eq!(secret("power_token"), "only here");
    let told = noted(&mapped, "maasserver_bmc", "2");
    assert_eq!(told, ["power_pass is that of the secret store, not of power_parameters"]);
    assert!(skipped(&mapped, "maasserver_bmc", "2").is_empty());
}

#[test]
fn a_password_among_the_parameters_is_a_secret_of_the_dump() {
    let older = r#"{"power_address": "10.20.0.55", "power_pass": "of long ago"}"#;
    let mapped =
        Edited::hand().with("maasserver_bmc", "5", &[("power_parameters", older)]).mapped();
    assert!(noted(&mapped, "maasserver_bmc", "5").is_empty(), "one is told of as without");
}

#[test]
fn leases_that_one_row_of_tomorrow_ends_are_counted_and_warned_of() {
    let usual = Edited::hand().mapped();
    let live = usual.site.leases.iter().count() as u64;
    assert!(live > 0, "the dump has leases that run on");
    let moment = |text: &str| timestamp::parse(text).expect("a moment");
    let (newest, now) = (moment("2026-05-01 12:00:00+00"), moment("2026-05-02 00:00:00+00"));
    assert_eq!(warnings(&usual, newest, now), Vec::<String>::new());

    let tomorrow = [("updated", "2036-05-01 12:00:00+00")];
    let mapped = Edited::hand().with("maasserver_tag", "4", &tomorrow).mapped();
    assert_eq!(mapped.site.leases.iter().count(), 0);
    assert_eq!(mapped.leases_run_out, usual.leases_run_out + live);
    let told = warnings(&mapped, moment("2036-05-01 12:00:00+00"), now);
    assert!(told[0].contains("2036-05-01T12:00:00.000Z, which is still to come"), "{told:?}");
    assert!(told[1].contains(&format!("all {} had run out", mapped.leases_run_out)), "{told:?}");
}

#[test]
fn subnets_within_each_other_come_in_whatever_comes_first() {
    let (subnet, range) = ("maasserver_subnet", "maasserver_iprange");
    let outer = [("id", "90"), ("cidr", "10.0.0.0/8"), ("name", "all of it")];
    let script = Edited::hand()
        .first(subnet, "1", &outer)
        .first(range, "2", &[("id", "92"), ("subnet_id", "90")])
        .first(range, "1", &[("id", "93"), ("subnet_id", "90")]);
    let (usual, mapped) = (Edited::hand().mapped(), script.mapped());
    let count = |mapped: &Mapped| {
        (mapped.site.subnets.iter().count(), mapped.site.ip_ranges.iter().count())
    };
    let (subnets, ranges) = count(&usual);
    assert_eq!(count(&mapped), (subnets + 1, ranges + 1), "one dynamic range is there twice");
    assert_eq!(noted(&mapped, subnet, "1"), ["10.20.0.0/24 lies within subnet 90"]);
    assert_eq!(skipped(&mapped, range, "2"), ["it overlaps range 92 of another subnet"]);
    assert!(skipped(&mapped, range, "1").is_empty(), "reserved ranges hand nothing out");
    assert_eq!(script.state().tables().subnets.len(), subnets + 1);
}

#[test]
fn what_racks_do_not_heed_of_a_snippet_is_told() {
    let mapped = Edited::hand().mapped();
    let told = |key| noted(&mapped, "maasserver_dhcpsnippet", key);
    let block = "racks do not heed if option arch = 00:07 { filename \"x\\\\y.efi\"; }: \
                 is a block, and only single statements are known here";
    assert_eq!(told("2"), [block]);
    assert_eq!(told("1"), [] as [&str; 0]);
    assert!(told("4")[0].contains("it is for a range"), "{:?}", told("4"));
}

#[test]
fn one_large_value_anywhere_is_cut_or_left_out_and_all_else_comes_in() {
    let long = "x".repeat(300_000);
    let list = format!("{{{}}}", vec!["y".repeat(100); 3000].join(","));
    let usual = Edited::hand().state();
    for (table, key, column, value) in [
        ("maasserver_tag", "4", "kernel_opts", &long),
        ("maasserver_tag", "4", "name", &long),
        ("maasserver_fabric", "1", "name", &long),
        ("maasserver_vlan", "1", "name", &long),
        ("maasserver_interface", "11", "name", &long),
        ("maasserver_interface", "11", "tags", &list),
        ("maasserver_node", "11", "architecture", &long),
        ("auth_user", "3", "email", &long),
    ] {
        let script = Edited::hand().with(table, key, &[(column, value)]);
        let told = noted(&script.mapped(), table, key);
        assert!(told.iter().any(|why| why.contains(" is cut to ")), "{table}.{column}: {told:?}");
        let counts = |state: &State| {
            let tables = state.tables();
            [tables.tags.len(), tables.vlans.len(), tables.interfaces.len(), tables.nodes.len()]
        };
        assert_eq!(counts(&script.state()), counts(&usual), "{table}.{column}");
    }
}

#[test]
fn a_row_that_is_too_large_is_left_out_before_anything_is_linked_to_it() {
    let key = "k".repeat(300_000);
    let script = Edited::hand().with("piston3_token", "1", &[("key", &key)]);
    let mapped = script.mapped();
    let told = skipped(&mapped, "piston3_token", "1");
    assert!(told.iter().any(|why| why.contains("it is too large")), "{told:?}");
    script.state();
}

#[test]
fn links_to_rows_that_are_not_there_are_told() {
    let links = [
        ("maasserver_interface_ip_addresses", "1", "staticipaddress_id", "address: "),
        ("maasserver_dnsresource_ip_addresses", "1", "dnsresource_id", "dnsresource: "),
        ("maasserver_staticroute", "2", "metric", "the metric is out of range"),
    ];
    for (table, key, column, why) in links {
        let value = if column == "metric" { "-7" } else { "4711" };
        let mapped = Edited::hand().with(table, key, &[(column, value)]).mapped();
        let told = skipped(&mapped, table, key);
        assert!(told.len() == 1 && told[0].starts_with(why), "{table}: {told:?}");
    }
}

#[test]
fn a_value_in_a_column_that_nobody_needs_costs_nothing() {
    let odd = [("status_expires", "infinity"), ("boot_cluster_ip", "none"), ("last_sync", "never")];
    let script = Edited::hand().with("maasserver_node", "12", &odd);
    let count = |script: &Edited| script.mapped().site.nodes.iter().count();
    assert_eq!(count(&script), count(&Edited::hand()));
}
