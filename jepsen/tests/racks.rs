//! Racks of a region: what real clients live through in the lab, and many simulated ones on the loopback, as short as it can be
//! (`regent-jepsen racks` for the rest).
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use regent_jepsen::racks::arguments::{Scenario, Scope};
use regent_jepsen::racks::site::Executables;
use regent_jepsen::racks::{missing, play};
use regent_jepsen::tell::tell;
use tokio::sync::Mutex;

/// Machines of one process have names of their own: one scenario at a time.
static LAB: Mutex<()> = Mutex::const_new(());

async fn check(test: &str, scenario: Scenario) {
    if let Some(reason) = missing(scenario, Scope::SHORT.against) {
        tell(&format!("SKIPPED {test}: {reason}"));
        return;
    }
    let _alone = LAB.lock().await;
    let (regent, rack_agent) = (executable::regent(), executable::rack_agent());
    let findings = play(scenario, &Executables { regent, rack_agent }, Scope::SHORT).await.unwrap();
    tell(&findings.to_string());
    assert!(findings.broken.is_empty(), "{findings}");
}

#[tokio::test]
async fn real_clients_get_keep_and_give_back_what_the_region_shows_at_once() {
    let name = "real_clients_get_keep_and_give_back_what_the_region_shows_at_once";
    check(name, Scenario::Everyday).await;
}

#[tokio::test]
async fn new_clients_are_served_when_the_rack_dies_also_once_it_made_an_offer() {
    let name = "new_clients_are_served_when_the_rack_dies_also_once_it_made_an_offer";
    check(name, Scenario::Outage).await;
}

#[tokio::test]
async fn clients_live_on_without_the_region_which_learns_of_all_when_it_is_back() {
    let name = "clients_live_on_without_the_region_which_learns_of_all_when_it_is_back";
    check(name, Scenario::Away).await;
}

#[tokio::test]
async fn clients_of_another_server_keep_their_addresses_and_new_ones_get_none_of_its_range() {
    let name = "clients_of_another_server_keep_their_addresses_and_new_ones_get_none_of_its_range";
    check(name, Scenario::Cutover).await;
}

#[tokio::test]
async fn no_address_has_two_holders_while_racks_are_apart() {
    check("no_address_has_two_holders_while_racks_are_apart", Scenario::Apart).await;
}

#[tokio::test]
async fn no_address_has_two_holders_and_every_ack_is_in_the_log_when_a_leader_dies_in_a_storm() {
    let name =
        "no_address_has_two_holders_and_every_ack_is_in_the_log_when_a_leader_dies_in_a_storm";
    check(name, Scenario::Storm).await;
}

#[tokio::test]
async fn fifty_racks_that_come_at_once_are_served_also_when_a_node_dies_under_them() {
    let name = "fifty_racks_that_come_at_once_are_served_also_when_a_node_dies_under_them";
    check(name, Scenario::Fleet).await;
}
