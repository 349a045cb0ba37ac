//! Clients from before DHCP (rule R17).

use crate::packet::{Packet, ip};
use crate::rack::{
    LIFE, OURS, Rack, Reading, assert_silent, client, kept, outgoing, pending, reading,
};
use regent_core::lease::binding::Tenure;
use regent_core::lease::refusal::Refusal;
use regent_core::model::boot::{BootFile, BootSettings};
use regent_core::rack_view::host::Host;
use regent_core::rack_view::setting::Settings;
use regent_core::time::{ClusterTime, Millis};
use regent_rack_agent::dhcp::action::{Action, Destination, Silence, Verdict, Wanted};
use regent_rack_agent::dhcp::exchange::overdue;
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};
use regent_rack_agent::dhcp::message::reply::REPLY_BYTES_MIN;
use regent_rack_agent::dhcp::recent::left::LEFT_MILLIS;

const RELAY: &str = "10.9.0.1";

/// A rack that has an address kept for client 1.
fn keeping() -> Rack {
    let mut rack = Rack::primary();
    rack.keep(1, "10.0.0.20");
    rack
}

fn answered(rack: &mut Rack, packet: &Packet) -> Reading {
    let asking = rack.hears(packet);
    rack.commits(asking)
}

#[test]
fn a_bootp_client_gets_the_address_kept_for_it_once_the_region_has_committed_it_for_good() {
    let mut rack = keeping();
    let asked = pending(rack.hears(&Packet::bootp(1)));
    assert_eq!((asked.wanted, asked.wanted.tenure()), (Wanted::BootReply, Tenure::ForGood));
    let granted = rack.grants();
    let kept = kept(rack.concludes(&asked, granted));
    assert_eq!(kept.record.tenure, Tenure::ForGood, "it is on the disk first");
    assert_eq!(reading(rack.keeps(&kept)).message.yiaddr(), ip("10.0.0.20"));
}

#[test]
fn the_reply_says_nothing_of_leases_and_servers_and_all_of_the_network() {
    let mut rack = keeping();
    let reply = answered(&mut rack, &Packet::bootp(1));
    for code in [51, 53, 54, 58, 59] {
        assert_eq!(reply.option(code), None, "option {code}");
    }
    assert_eq!(reply.option(1).unwrap(), [255, 255, 255, 0]);
    assert_eq!(reply.option(3).unwrap(), [10, 0, 0, 1]);
    assert_eq!(reply.option(6).unwrap(), [10, 0, 0, 5, 10, 0, 0, 6]);
    assert_eq!((reply.bytes[0], reply.message.xid()), (2, 0xAABB_CC01));
}

#[test]
fn what_admins_set_brings_no_word_of_leases_in() {
    let mut rack = Rack::primary();
    let mut settings = Settings::default();
    settings.set(12, b"set".to_vec()).unwrap();
    let addresses = vec![ip("10.0.0.20")];
    rack.own().hosts.put(client(1), Host { addresses, settings, ..Host::default() });
    let reply = answered(&mut rack, &Packet::bootp(1));
    assert_eq!((reply.kind(), reply.text(12).as_deref()), (0, Some("set")));
}

#[test]
fn the_reply_is_as_long_as_it_may_be_before_dhcp_and_no_longer() {
    let mut rack = keeping();
    rack.own_subnet().told.ntp_servers = vec![ip("10.0.0.9"); 12];
    let reply = answered(&mut rack, &Packet::bootp(1));
    assert_eq!(reply.bytes.len(), REPLY_BYTES_MIN);
    assert!(reply.option(42).is_none() && reply.option(1).is_some());
    let able = Packet::bootp(1).with(57, &1_500_u16.to_be_bytes());
    assert_eq!(answered(&mut rack, &able).option(42).unwrap().len(), 48);
}

#[test]
fn it_is_told_where_to_boot_from_in_the_fields_it_knows() {
    let mut rack = keeping();
    let file = BootFile { path: "lpxelinux.0".to_owned(), prefix: None };
    let files = [(0, file)].into();
    let server = Some(ip("10.0.0.7"));
    rack.own().boot = Some(BootSettings { server, files, ..BootSettings::default() });
    let reply = answered(&mut rack, &Packet::bootp(1));
    assert_eq!((reply.message.siaddr(), reply.file()), (ip("10.0.0.7"), "lpxelinux.0".to_owned()));
}

#[test]
fn a_bootp_client_without_options_is_understood() {
    let mut rack = keeping();
    let without = Packet::bootp(1).field(236, &[0; 4]).without_end();
    assert_eq!(answered(&mut rack, &without).message.yiaddr(), ip("10.0.0.20"));
}

#[test]
fn a_bootp_client_nothing_is_kept_for_is_none_of_ours() {
    let mut rack = Rack::primary();
    assert_silent(rack.hears(&Packet::bootp(1)), Silence::UnknownClient);
    rack.binds(1);
    assert_silent(rack.hears(&Packet::bootp(1)), Silence::UnknownClient);
    assert!(rack.book.alarms.is_empty());
}

#[test]
fn the_reply_finds_its_client_as_others_do() {
    let mut rack = keeping();
    let to = |rack: &mut Rack, packet: &Packet| answered(rack, packet).outgoing.to;
    let framed = to(&mut rack, &Packet::bootp(1));
    assert!(matches!(framed, Destination::Frame { address, .. } if address == ip("10.0.0.20")));
    let flagged = Packet::bootp(1).field(10, &[0x80, 0]);
    assert_eq!(to(&mut rack, &flagged), Destination::Broadcast);
    let there = Packet::bootp(1).ciaddr("10.0.0.20");
    assert_eq!(to(&mut rack, &there), Destination::Client(ip("10.0.0.20")));
}

#[test]
fn behind_a_relay_it_gets_the_address_of_the_network_it_is_on() {
    let mut rack = keeping();
    let host = Host { addresses: vec![ip("10.9.0.20")], ..Host::default() };
    rack.vlans[1].hosts.put(client(1), host);
    let asking = rack.relayed(&Packet::bootp(1), RELAY);
    let reply = rack.commits(asking);
    assert_eq!(reply.message.yiaddr(), ip("10.9.0.20"));
    assert_eq!(reply.outgoing.to, Destination::Relay(ip(RELAY)));
}

#[test]
fn a_client_that_says_it_has_another_address_is_not_given_this_one() {
    let mut rack = keeping();
    let elsewhere = Packet::bootp(1).ciaddr("10.0.0.44");
    assert_silent(rack.hears(&elsewhere), Silence::UnknownClient);
}

#[test]
fn what_the_region_refuses_is_met_with_silence() {
    let mut rack = keeping();
    let asked = pending(rack.hears(&Packet::bootp(1)));
    for refusal in [Refusal::Owned { until: ClusterTime::NEVER }, Refusal::NotGiven] {
        let action = rack.concludes(&asked, Verdict::Refused(refusal));
        assert_silent(action, Silence::Refused(refusal));
    }
}

#[test]
fn the_second_rack_answers_when_the_first_does_not() {
    let mut rack = Rack::secondary();
    rack.keep(1, "10.0.0.20");
    assert_silent(rack.hears(&Packet::bootp(1)), Silence::Left);
    rack.passes(LEFT_MILLIS.0);
    let left = rack.book.left.take_due(rack.now).unwrap();
    let view = rack.view();
    let asking = overdue(left, rack.now, &view, &mut rack.book);
    assert_eq!(rack.commits(asking).message.yiaddr(), ip("10.0.0.20"));
    pending(rack.hears(&Packet::bootp(1).secs(2)));
}

#[test]
fn a_rack_that_is_cut_off_answers_who_has_the_address_for_good_while_it_may_renew_it() {
    let mut rack = keeping();
    answered(&mut rack, &Packet::bootp(1));
    rack.book.contact = Contact::CutOff;
    rack.passes(LIFE.0 * 2);
    let again = kept(rack.hears(&Packet::bootp(1)));
    assert_eq!(reading(rack.keeps(&again)).message.yiaddr(), ip("10.0.0.20"));
    rack.passes(Millis::from_secs(3_600).0);
    assert_silent(rack.hears(&Packet::bootp(1)), Silence::NoRight);
}

#[test]
fn a_rack_that_is_cut_off_makes_no_lease_one_for_good() {
    let mut rack = keeping();
    assert_eq!(rack.binds(1), ip("10.0.0.20"));
    rack.book.contact = Contact::CutOff;
    assert_silent(rack.hears(&Packet::bootp(1)), Silence::NoRight);
    let block = "10.0.0.20-10.0.0.29".parse().unwrap();
    let deadline = rack.now.after(crate::rack::HOUR);
    rack.book.holdings.blocks.push(OwnBlock { range: block, deadline });
    assert_silent(rack.hears(&Packet::bootp(1)), Silence::NoRight);
}

#[test]
fn nobody_else_gets_it_out_of_a_block_however_long_ago_it_was_given() {
    let mut rack = Rack::primary();
    rack.keep(1, "10.0.0.150");
    let range = "10.0.0.150-10.0.0.150".parse().unwrap();
    answered(&mut rack, &Packet::bootp(1));
    rack.keep(1, "10.0.0.20");
    rack.book.contact = Contact::CutOff;
    rack.passes(LIFE.0 * 100);
    let deadline = rack.now.after(crate::rack::HOUR);
    rack.book.holdings.blocks.push(OwnBlock { range, deadline });
    let taking = Packet::selecting(2, OURS, "10.0.0.150");
    assert_silent(rack.hears(&taking), Silence::NoRight);
    assert_silent(rack.hears(&Packet::discover(2)), Silence::NoAddress);
}

#[test]
fn as_a_client_of_dhcp_it_gets_a_lease_of_the_same_address_and_keeps_it_for_good() {
    let mut rack = keeping();
    answered(&mut rack, &Packet::bootp(1));
    let offer = outgoing(rack.hears(&Packet::discover(1)));
    assert_eq!(offer.reply.yiaddr, ip("10.0.0.20"));
    assert_eq!(rack.binds(1), ip("10.0.0.20"));
    let record = rack.book.holdings.at(ip("10.0.0.20")).unwrap();
    assert_eq!(record.tenure, Tenure::ForGood);
    let released = rack.gets(&Packet::of(7, 1).ciaddr("10.0.0.20").address(54, OURS), "10.0.0.20");
    assert!(matches!(released, Action::Release(_)), "{released:?}");
}
