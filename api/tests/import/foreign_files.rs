//! Files of leases of ISC dhcpd and Kea: what is read of them, and what is said of those that are none or are damaged.

use regent_api::cli::import::foreign::error::ForeignError;
use regent_api::cli::import::foreign::lease::{Ends, ForeignLease, State};
use regent_api::cli::import::foreign::newest::Newest;
use regent_api::cli::import::foreign::selection::{Chosen, FOREVER_MILLIS, choose};
use regent_api::cli::import::foreign::{isc, kea};
use regent_core::lease::binding::Client;
use regent_core::time::{Millis, WallTime};
use std::net::Ipv4Addr;
use std::path::Path;

/// Written by dhcpd 4.4.3.
const ISC: &str = include_str!("../data/dhcpd.leases");
/// Written by Kea 2.2.
const KEA: &str = include_str!("../data/kea-leases4.csv");
const COLUMNS: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";

fn isc(text: &[u8]) -> Result<Newest, ForeignError> {
    let mut newest = Newest::default();
    isc::read(text, &mut newest).map(|()| newest)
}

fn kea(text: &[u8]) -> Result<Newest, ForeignError> {
    let mut newest = Newest::default();
    newest.begin_journal();
    kea::read(text, &mut newest).map(|()| newest)
}

fn lease(newest: &Newest, address: &str) -> ForeignLease {
    let address: Ipv4Addr = address.parse().unwrap();
    newest.leases().find(|lease| lease.address == address).unwrap().clone()
}

fn odd(newest: &Newest) -> Vec<String> {
    newest.oddities.as_slice().iter().map(|it| format!("{} {}", it.key, it.reason)).collect()
}

/// A lease of 10.0.0.1 with these statements.
fn isc_lease(statements: &str) -> ForeignLease {
    let newest = isc(format!("lease 10.0.0.1 {{ {statements} }}").as_bytes()).unwrap();
    assert_eq!(odd(&newest), Vec::<String>::new(), "{statements}");
    lease(&newest, "10.0.0.1")
}

const TIMES: &str = "starts epoch 100; ends epoch 700; cltt epoch 100;";

#[test]
fn what_dhcpd_wrote_is_read_with_clients_dates_and_states() {
    let newest = isc(ISC.as_bytes()).unwrap();
    assert_eq!((newest.records, odd(&newest)), (3, Vec::new()));
    let first = lease(&newest, "10.9.0.100");
    assert_eq!(first.state, State::Held);
    assert_eq!(first.client(), Some(Client::Card("02:00:00:00:00:01".parse().unwrap())));
    assert_eq!(first.client_id, [1, 2, 0, 0, 0, 0, 1]);
    assert_eq!(first.heard, WallTime(1_795_364_191_000));
    assert_eq!(first.length(), Some(Millis::from_secs(600)));
    assert_eq!(newest.longest, Some(Millis::from_secs(600)));
    assert_eq!(newest.as_of, Some(WallTime(1_795_364_194_000)));
}

#[test]
fn what_kea_wrote_is_read_by_the_names_of_its_columns() {
    let newest = kea(KEA.as_bytes()).unwrap();
    assert_eq!((newest.records, newest.leases().count(), odd(&newest)), (4, 3, Vec::new()));
    let first = lease(&newest, "10.9.0.100");
    assert_eq!(first.client(), Some(Client::Card("02:00:00:00:00:11".parse().unwrap())));
    assert_eq!((first.state, first.hostname.as_str()), (State::Held, "a"));
    assert_eq!(first.heard, WallTime(1_795_364_197_000));
    assert_eq!(first.ends, Ends::At(WallTime(1_795_364_797_000)));
    let old =
        "expire,valid_lifetime,client_id,hwaddr,address\n700,600,,02:00:00:00:00:01,10.0.0.1\n";
    assert_eq!(lease(&kea(old.as_bytes()).unwrap(), "10.0.0.1").heard, WallTime(100_000));
}

#[test]
fn states_of_dhcpd_are_what_they_mean_for_the_address() {
    for (word, state) in [
        ("active", State::Held),
        ("bootp", State::Held),
        ("abandoned", State::InUse),
        ("free", State::Free),
        ("backup", State::Free),
        ("expired", State::Free),
        ("released", State::Free),
        ("reset", State::Free),
    ] {
        let said = isc_lease(&format!("{TIMES} binding state {word}; next binding state free;"));
        assert_eq!(said.state, state, "{word}");
    }
    assert_eq!(isc_lease(TIMES).state, State::Held);
    assert_eq!(isc_lease(&format!("{TIMES} abandoned;")).state, State::InUse);
}

#[test]
fn dates_of_dhcpd_are_read_in_each_of_their_forms() {
    let utc = isc_lease("starts 4 1970/01/01 00:01:40; ends never;");
    assert_eq!((utc.heard, utc.ends), (WallTime(100_000), Ends::Never));
    let epoch = isc_lease("starts epoch 100; # Thu Jan  1 00:01:40 1970\n ends epoch 700;");
    assert_eq!((epoch.heard, epoch.ends), (WallTime(100_000), Ends::At(WallTime(700_000))));
    let heard = isc_lease("starts epoch 100; ends epoch 700; cltt epoch 300;").heard;
    assert_eq!(heard, WallTime(300_000));
}

#[test]
fn what_stands_in_quotes_is_read_without_its_escapes() {
    let said = isc_lease(&format!(
        r#"{TIMES} uid "\377\001\"a\\{{b;}}"; client-hostname "a \"b\" # c"; option agent.circuit-id "x";"#
    ));
    assert_eq!(said.client_id, b"\xff\x01\"a\\{b;}");
    assert_eq!(said.hostname, "a \"b\" # c");
    assert_eq!(isc_lease(&format!("{TIMES} uid 1:02:ff;")).client_id, [1, 2, 255]);
}

#[test]
fn what_dhcpd_does_on_events_and_how_its_pair_stands_is_passed_over() {
    let text = format!(
        r#"server-duid "\000";
failover peer "x" state {{ my state normal at 4 1970/01/01 00:00:00; partner state normal; }}
host fixed {{ dynamic; hardware ethernet 02:00:00:00:00:09; fixed-address 10.0.0.9; }}
lease 10.0.0.1 {{
  {TIMES} tstp epoch 900; tsfp epoch 900; atsfp epoch 900;
  set x = "}}"; on expiry or release {{ if (1 = 1) {{ execute("/bin/x", "{{"); }} }}
  binding state active; hardware ethernet 2:0:0:0:0:1;
}}
lease 10.0.0.2 {{ {TIMES} binding state free; }}"#
    );
    let newest = isc(text.as_bytes()).unwrap();
    assert_eq!(odd(&newest), Vec::<String>::new());
    let card = lease(&newest, "10.0.0.1").card.unwrap();
    assert_eq!(card.to_string(), "02:00:00:00:00:01");
    assert_eq!(newest.leases().count(), 2);
}

#[test]
fn a_client_without_an_ethernet_card_is_known_by_its_identifier() {
    let said = isc_lease(&format!("{TIMES} hardware infiniband 1:2:3; uid \"abc\";"));
    assert_eq!(said.client(), Some(Client::Identifier(b"abc".to_vec())));
    let text = format!("{COLUMNS}\n10.0.0.1,01:02:03,ff:01,600,700,1,0,0,,0,\n");
    let said = lease(&kea(text.as_bytes()).unwrap(), "10.0.0.1");
    assert_eq!(said.client(), Some(Client::Identifier(vec![255, 1])));
}

#[test]
fn the_record_in_which_the_client_was_heard_last_wins() {
    let two = |first: &str, second: &str| {
        let text = format!("lease 10.0.0.1 {{ {first} }} lease 10.0.0.1 {{ {second} }}");
        lease(&isc(text.as_bytes()).unwrap(), "10.0.0.1").hostname
    };
    let older = "client-hostname \"older\"; starts epoch 100; ends epoch 900;";
    let newer = "client-hostname \"newer\"; starts epoch 200; ends epoch 800;";
    assert_eq!(two(older, newer), "newer");
    assert_eq!(two(newer, older), "newer");
    // Of one moment the later record of a journal wins: the lease was given back.
    let back = "client-hostname \"back\"; starts epoch 200; ends epoch 300;";
    assert_eq!(two(newer, back), "back");
}

#[test]
fn of_two_servers_records_from_one_moment_the_one_that_ends_later_wins() {
    let mut newest = Newest::default();
    for ends in [700, 900, 800] {
        let text = format!("lease 10.0.0.1 {{ starts epoch 100; ends epoch {ends}; }}");
        isc::read(text.as_bytes(), &mut newest).unwrap();
    }
    assert_eq!(lease(&newest, "10.0.0.1").ends, Ends::At(WallTime(900_000)));
}

#[test]
fn what_kea_deleted_declined_or_gave_for_good_is_known_as_such() {
    let text = format!(
        "{COLUMNS}\n\
         10.0.0.1,02:00:00:00:00:01,,600,700,1,0,0,,0,\n10.0.0.1,02:00:00:00:00:01,,0,100,1,0,0,,0,\n\
         10.0.0.2,,,86400,86500,1,0,0,,1,\n10.0.0.3,02:00:00:00:00:03,00,600,700,1,0,0,a&#x2cb&#xzz,2,\n\
         10.0.0.4,02:00:00:00:00:04,,4294967295,4294967395,1,0,0,,0,\n"
    );
    let newest = kea(text.as_bytes()).unwrap();
    let chosen = newest.leases().map(|lease| choose(lease, WallTime(200_000)));
    let age = Millis::from_secs(100);
    let forever = Chosen::Held { remaining: FOREVER_MILLIS, age };
    assert_eq!(chosen.collect::<Vec<_>>(), [Chosen::Free, Chosen::InUse, Chosen::Free, forever]);
    let third = lease(&newest, "10.0.0.3");
    assert_eq!((third.hostname.as_str(), third.client_id.len()), ("a,b&#xzz", 0));
}

#[test]
fn files_of_keas_clean_up_are_read_before_the_one_it_writes_to() {
    let age = |name: &str| kea::age(Path::new(name)).unwrap();
    let ages = ["l.csv.completed", "l.csv.2", "l.csv.1", "l.csv"].map(age);
    assert!(ages.is_sorted());
    assert!(ages.iter().all(|(journal, _)| journal == "l.csv"));
    assert_eq!(kea::age(Path::new("l.csv.pid")), None, "it holds the number of a process");
}

#[test]
fn a_record_that_was_cut_short_takes_none_of_those_behind_it_along() {
    for torn in ["ends 4 20\n", "ends 4 2", "", "on expiry { set x = 1;\n", "uid \\000; "] {
        let text = format!(
            "lease 10.0.0.1 {{ starts epoch 1; {torn}lease 10.0.0.2 {{ {TIMES} }} lease 10.0.0.3 {{ {TIMES} }}"
        );
        let newest = isc(text.as_bytes()).unwrap();
        let read: Vec<_> = newest.leases().map(|lease| lease.address.to_string()).collect();
        assert_eq!(read, ["10.0.0.2", "10.0.0.3"], "{torn}");
        assert!(odd(&newest)[0].contains("10.0.0.1 line 1: is cut short"), "{:?}", odd(&newest));
    }
}

#[test]
fn a_lease_runs_on_from_the_moment_that_counts_as_now() {
    let said = isc_lease(&format!("{TIMES} hardware ethernet 02:00:00:00:00:01;"));
    let (remaining, age) = (Millis::from_secs(400), Millis::from_secs(200));
    assert_eq!(choose(&said, WallTime(300_000)), Chosen::Held { remaining, age });
    assert_eq!(choose(&said, WallTime(700_000)), Chosen::RunOut);
    assert_eq!(choose(&isc_lease(TIMES), WallTime(300_000)), Chosen::NoClient);
}

/// A bad file of dhcpd, and what is said of it: the oddity, or the error.
const BAD_ISC: &[(&str, &str)] = &[
    ("", "no dhcpd.leases"),
    ("# only a comment\n", "no dhcpd.leases"),
    ("<!DOCTYPE html>\n<p>404</p>", "no dhcpd.leases"),
    ("address,hwaddr\n10.0.0.1,02:00\n", "no dhcpd.leases"),
    ("\0\0\0\0\0\0\0", "no dhcpd.leases"),
    ("ia-na \"x\" { cltt epoch 1; }", "IPv6"),
    ("server-duid \"x", ""),
    ("server-duid \"x\"; lease", ""),
    ("server-duid \"x\"; lease 10.0.0.1", "10.0.0.1 line 1: is cut short"),
    ("server-duid \"x\"; lease 10.0.0.1 { starts epoch 1;", "cut short: the file ends in it"),
    ("server-duid \"x\"; lease 10.0.0.1 { uid \"\\00", "cut short: the file ends in it"),
    ("server-duid \"x\"; lease 10.0.0.1 { on commit {", "cut short: the file ends in it"),
    ("server-duid \"x\"; lease 10.0.0.256 { starts epoch 1; ends epoch 2; }", "no IPv4 address"),
    ("server-duid \"x\"; lease fe80::1 { starts epoch 1; ends epoch 2; }", "no IPv4 address"),
    ("server-duid \"x\"; lease 10.0.0.1 { }", "does not say when it ends"),
    ("server-duid \"x\"; lease 10.0.0.1 { ends never; }", "does not say when it began"),
    ("server-duid \"x\"; lease 10.0.0.1 { ends 4 1970/13/01 00:00:00; }", "a date is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { ends epoch -1; }", "a date is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { ends epoch 99999999999999999999; }", "a date is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { ends; }", "a date is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { binding state odd; ends never; }", "state is unknown"),
    ("server-duid \"x\"; lease 10.0.0.1 { hardware ethernet 1:2; }", "hardware address is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { hardware ethernet; }", "hardware address is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { uid x; }", "client identifier is none"),
    ("server-duid \"x\"; lease 10.0.0.1 { \"ends\" never; }", "begins with no word"),
    ("server-duid \"x\"; nonsense 1 2 3;", "nonsense line 1: is nothing we know"),
    (
        "server-duid \"x\"; lease 10.0.0.1 { ends 4 20\nlease 10.0.0.2 {",
        "another lease begins in it",
    ),
];

/// A bad line of Kea's, and what is said of it.
const BAD_KEA: &[(&str, &str)] = &[
    ("10.0.0.1,02:00:00:00:00:01,,600,700,1,0,0,,0", "not as many fields"),
    ("10.0.0.1,02:00:00:00:00:01,,600,7", "not as many fields"),
    ("10.0.0.256,02:00:00:00:00:01,,600,700,1,0,0,,0,", "address is none of IPv4"),
    ("fe80::1,02:00:00:00:00:01,,600,700,1,0,0,,0,", "address is none of IPv4"),
    ("10.0.0.1,02:00:xx,,600,700,1,0,0,,0,", "hardware address is none"),
    ("10.0.0.1,02:00:00:00:00:01,zz,600,700,1,0,0,,0,", "client identifier is none"),
    ("10.0.0.1,02:00:00:00:00:01,,six,700,1,0,0,,0,", "a number is none"),
    ("10.0.0.1,02:00:00:00:00:01,,600,-1,1,0,0,,0,", "a number is none"),
    ("10.0.0.1,02:00:00:00:00:01,,600,18446744073709551615,1,0,0,,0,", "dates are none"),
    ("10.0.0.1,02:00:00:00:00:01,,600,700,1,0,0,,9,", "state is unknown"),
    ("10.0.0.1,02:00:00:00:00:01,,600,700,1,0,0,,bound,", "a number is none"),
];

#[test]
fn bad_records_of_dhcpd_are_told_and_never_come_in() {
    for (text, told) in BAD_ISC {
        let said = match isc(text.as_bytes()) {
            Ok(newest) => {
                assert_eq!(newest.leases().count(), 0, "{text}");
                odd(&newest).join("\n")
            }
            Err(error) => error.to_string(),
        };
        assert!(said.contains(told), "{text}: {said:?}");
    }
}

#[test]
fn bad_records_of_kea_are_told_and_never_come_in() {
    for (line, told) in BAD_KEA {
        let newest = kea(format!("{COLUMNS}\n{line}\n").as_bytes()).unwrap();
        let said = odd(&newest).join("\n");
        assert!(said.contains(told) && said.contains("line 2"), "{line}: {said:?}");
        assert_eq!(newest.leases().count(), 0, "{line}");
    }
    for (text, told) in [("", "no column"), ("address,duid,hwaddr,client_id", "IPv6")] {
        let mut said = kea(text.as_bytes()).unwrap_err().to_string();
        said.push_str(&kea(ISC.as_bytes()).unwrap_err().to_string());
        assert!(said.contains(told), "{text}: {said:?}");
    }
}

#[test]
fn words_and_lines_without_an_end_take_no_memory_without_one() {
    let long = "x".repeat(1 << 20);
    for text in [long.clone(), format!("server-duid \"{long}")] {
        assert!(matches!(isc(text.as_bytes()), Err(ForeignError::TooLong { line: 1, .. })));
    }
    let text = format!("{COLUMNS}\n{long}");
    assert!(matches!(kea(text.as_bytes()), Err(ForeignError::TooLong { line: 2, .. })));
}
