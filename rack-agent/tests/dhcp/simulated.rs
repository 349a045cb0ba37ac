//! The simulated client gets an address from the exchange, keeps it, and begins anew when it is refused.

use crate::packet::ip;
use crate::rack::{RELAYED, Rack, outgoing, pending};
use regent_core::lease::refusal::Refusal;
use regent_core::net::mac::MacAddr;
use regent_core::time::ClusterTime;
use regent_rack_agent::dhcp::action::{Action, Verdict};
use regent_rack_agent::dhcp::arrival::{Arrival, Cast};
use regent_rack_agent::dhcp::exchange::answer;
use regent_rack_agent::dhcp::message::request::Request;
use regent_rack_agent::simulated_client::{Heard, SimulatedClient};

const RELAY: &str = "10.9.0.1";

impl Rack {
    fn is_told(&mut self, client: &SimulatedClient) -> Action {
        self.reads(&client.message(0).unwrap())
    }

    fn reads(&mut self, bytes: &[u8]) -> Action {
        let request = Request::parse(bytes).unwrap();
        let (received, now) = (self.now, self.now);
        let arrival =
            Arrival { vlan: RELAYED, source: ip(RELAY), cast: Cast::Unicast, received, now };
        answer(&request, &arrival, &self.view(), &mut self.book)
    }
}

#[test]
fn it_takes_an_offer_keeps_the_address_and_begins_anew_when_refused() {
    let mut rack = Rack::primary();
    let card = MacAddr([2, 0, 0, 0, 1, 1]);
    let mut client = SimulatedClient::new(card, "kiosk".into(), ip(RELAY));
    client.begin(7);
    let offer = outgoing(rack.is_told(&client)).reply.encode().bytes;
    assert_eq!(client.hear(&offer), Heard::Offer);
    assert_eq!(client.hear(&offer), Heard::Nothing, "it has chosen");
    let asked = rack.is_told(&client);
    let Heard::Address(hold) = client.hear(&rack.commits(asked).bytes) else { panic!("no ACK") };
    assert_eq!(client.hold(), Some(hold));
    assert_eq!(client.message(0), None, "it has what it wants");
    client.begin(8);
    let asked = pending(rack.is_told(&client));
    assert_eq!(asked.address, hold.address);
    let refusal = Refusal::Owned { until: ClusterTime(1) };
    let nak = outgoing(rack.concludes(&asked, Verdict::Refused(refusal))).reply.encode().bytes;
    assert_eq!(client.hear(&nak), Heard::Refusal);
    assert_eq!(client.hold(), None);
}

#[test]
fn it_asks_for_what_it_had_when_it_boots_and_gives_it_back_when_it_goes() {
    let mut rack = Rack::primary();
    let card = MacAddr([2, 0, 0, 0, 1, 1]);
    let mut client = SimulatedClient::new(card, "kiosk".into(), ip(RELAY));
    client.begin(7);
    assert_eq!(client.hear(&outgoing(rack.is_told(&client)).reply.encode().bytes), Heard::Offer);
    let asked = rack.is_told(&client);
    let Heard::Address(had) = client.hear(&rack.commits(asked).bytes) else { panic!("no ACK") };
    client.reboot(Some(had));
    assert_eq!(client.hold(), None, "it does not use it before it is told that it may");
    client.begin(8);
    let asked = rack.is_told(&client);
    let Heard::Address(hold) = client.hear(&rack.commits(asked).bytes) else { panic!("no ACK") };
    assert_eq!(hold.address, had.address);
    let Action::Release(given_back) = rack.reads(&client.release().unwrap()) else {
        panic!("not heard")
    };
    assert_eq!(given_back.address, hold.address);
    assert_eq!((client.hold(), client.release()), (None, None));
}
