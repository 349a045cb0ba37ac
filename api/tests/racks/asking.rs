//! What racks ask, and how it is answered.

use crate::agent::{Agent, Line};
use crate::site::{Site, VLAN};
use regent_core::command::rack::{ClientFacts, LeaseStep};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::{ClusterTime, Millis};
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::{Ask, GoodbyeCode, Heartbeat, Step, VlanService};
use std::net::Ipv4Addr;

pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 100);

pub(crate) fn client() -> Client {
    Client::Card(MacAddr([2, 0, 0, 0, 0, 9]))
}

/// A client asks for an address in the service's present epoch.
pub(crate) fn commit(site: &Site, number: u64) -> LeaseStep {
    let state = site.node().region.published().state.clone();
    let service = state.tables().dhcp_services.get(&regent_core::id::VlanId(VLAN)).unwrap();
    LeaseStep::Commit {
        number,
        epoch: service.value.epoch,
        address: ADDRESS.into(),
        client: client(),
        life: Millis::from_secs(60),
        tenure: Tenure::Leased,
        attested: false,
        claim: Claim::Offered,
        facts: ClientFacts::default(),
    }
}

async fn serving(site: &Site) -> (Agent, Line) {
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (line, _) = agent.connect(site.node()).await;
    (agent, line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_is_answered_whether_or_not_it_says_that_it_has_told_all() {
    let site = Site::start().await;
    let (_agent, mut line) = serving(&site).await;
    let given = line.done(&[commit(&site, 1)]).await;
    let [LeaseAnswer::Committed { until, .. }] = given.answers[..] else { panic!("{given:?}") };
    assert!(until > given.now && given.now > ClusterTime(0));
    let told = line.done(&[LeaseStep::Adopted]).await;
    assert_eq!(told.answers, [LeaseAnswer::Done]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_ends_the_session_and_nothing_else() {
    let site = Site::start().await;
    let (agent, line) = serving(&site).await;
    drop(line);
    let too_many = Ask { id: 1, steps: vec![Step::default(); 257] };
    let of_no_kind = Ask { id: 1, steps: vec![Step::default()] };
    let service = VlanService { trouble: "x".repeat(300 << 10), ..VlanService::default() };
    let too_long = Heartbeat { vlans: vec![service], ..Heartbeat::default() };
    for said in [
        Said::Ask(too_many),
        Said::Ask(of_no_kind),
        Said::Hello(agent.hello.clone()),
        Said::Heartbeat(too_long),
    ] {
        let (mut line, _) = agent.connect(site.node()).await;
        line.say(said).await;
        line.ends_with(GoodbyeCode::GoodbyeMalformed).await;
    }
    let (mut line, _) = agent.connect(site.node()).await;
    line.mumble().await;
    line.ends_with(GoodbyeCode::GoodbyeMalformed).await;
    let (mut line, _) = agent.connect(site.node()).await;
    line.done(&[LeaseStep::Adopted]).await;
    line.say(Said::Ask(Ask { id: 1, steps: Vec::new() })).await;
    line.ends_with(GoodbyeCode::GoodbyeMalformed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_in_a_session_that_is_over_is_not_done() {
    let site = Site::of(2).await;
    let (agent, mut line) = serving(&site).await;
    line.done(&[LeaseStep::Adopted]).await;
    let (_other, _) = agent.connect(&site.nodes[1]).await;
    line.say(Said::Ask(regent_proto::lease::ask::write(2, &[commit(&site, 9)]).unwrap())).await;
    line.ends_with(GoodbyeCode::GoodbyeReplaced).await;
    assert!(site.node().region.published().state.tables().leases.is_empty());
}
