//! Whatever racks and the region may say comes out on the other side as it was said.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::prop_assert_eq;
use prost::Message;
use regent_core::command::rack::{ClientFacts, LEASE_STEPS_MAX, LeaseStep};
use regent_core::id::{NodeId, SubnetId};
use regent_core::lease::adopt::Remaining;
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::model::lease::CLIENT_ID_BYTES_MAX;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::{ClusterTime, Millis};
use regent_proto::lease::answers::{Answers, Applied, Failure, Fate};
use regent_proto::lease::{answers, ask};
use regent_proto::rack;
use std::net::{IpAddr, Ipv4Addr};

/// A message of a rack (docs/rack-protocol.md).
const FROM_RACK_BYTES_MAX: usize = 256 << 10;

fn address() -> impl Strategy<Value = IpAddr> {
    any::<Ipv4Addr>().prop_map(IpAddr::V4)
}

fn identifier() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=CLIENT_ID_BYTES_MAX)
}

fn client() -> impl Strategy<Value = Client> {
    prop_oneof![
        any::<[u8; 6]>().prop_map(|octets| Client::Card(MacAddr(octets))),
        identifier().prop_map(Client::Identifier),
    ]
}

fn facts() -> impl Strategy<Value = ClientFacts> {
    (identifier(), "[a-zä.-]{0,100}")
        .prop_map(|(client_id, hostname)| ClientFacts { client_id, hostname })
}

fn remaining() -> impl Strategy<Value = Remaining> {
    prop_oneof![
        any::<u64>().prop_map(|millis| Remaining::Exactly(Millis(millis))),
        any::<u64>().prop_map(|millis| Remaining::AtMost(Millis(millis))),
    ]
}

fn tenure() -> impl Strategy<Value = Tenure> {
    prop_oneof![Just(Tenure::Leased), Just(Tenure::ForGood)]
}

fn step() -> impl Strategy<Value = LeaseStep> {
    let named = || (any::<u64>(), address(), client());
    prop_oneof![
        (named(), any::<(u64, u64, bool, bool)>(), tenure(), facts()).prop_map(
            |((number, address, client), (epoch, life, attested, claimed), tenure, facts)| {
                let life = Millis(life);
                let claim = if claimed { Claim::Held } else { Claim::Offered };
                LeaseStep::Commit {
                    number,
                    epoch,
                    address,
                    client,
                    life,
                    tenure,
                    attested,
                    claim,
                    facts,
                }
            }
        ),
        named().prop_map(|(number, address, client)| LeaseStep::Release {
            number,
            address,
            client
        }),
        named().prop_map(|(number, address, client)| LeaseStep::Decline {
            number,
            address,
            client
        }),
        (any::<u64>(), address())
            .prop_map(|(epoch, address)| LeaseStep::FoundInUse { epoch, address }),
        (named(), any::<u64>()).prop_map(|((number, address, client), remaining)| {
            LeaseStep::Relinquish { number, address, client, remaining: Millis(remaining) }
        }),
        (named(), any::<u64>(), remaining(), tenure(), facts()).prop_map(
            |((number, address, client), as_of, remaining, tenure, facts)| {
                let as_of = ClusterTime(as_of);
                LeaseStep::Adopt { number, as_of, address, client, remaining, tenure, facts }
            }
        ),
        Just(LeaseStep::Adopted),
        any::<(u64, u64, u32, u32)>().prop_map(|(number, epoch, subnet, count)| {
            LeaseStep::Delegate { number, epoch, subnet: SubnetId(subnet), count }
        }),
        address().prop_map(|first| LeaseStep::Extend { first }),
        (any::<u64>(), address()).prop_map(|(number, first)| LeaseStep::Return { number, first }),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    let until = || any::<u64>().prop_map(ClusterTime);
    let server = || {
        any::<(u32, u32)>()
            .prop_map(|(rack, life)| Server { rack: NodeId(rack), incarnation: Incarnation(life) })
    };
    prop_oneof![
        until().prop_map(|until| Refusal::Owned { until }),
        until().prop_map(|until| Refusal::Resting { until }),
        until().prop_map(|until| Refusal::Declined { until }),
        (server(), until()).prop_map(|(server, until)| Refusal::InBlock { server, until }),
        Just(Refusal::Reserved),
        until().prop_map(|until| Refusal::Quarantined { until }),
        until().prop_map(|until| Refusal::Closed { until }),
        any::<(u64, u64)>().prop_map(|(number, heard)| Refusal::Outdated { number, heard }),
        until().prop_map(|as_of| Refusal::Late { as_of }),
        Just(Refusal::NotOwner),
        server().prop_map(|server| Refusal::RenewedSince { server }),
        Just(Refusal::NotDelegated),
        Just(Refusal::NotGiven),
        Just(Refusal::NotServing),
        Just(Refusal::NoBlock),
        Just(Refusal::NotAllTold),
        Just(Refusal::Life),
        until().prop_map(|until| Refusal::TooManyDeclines { until }),
        until().prop_map(|until| Refusal::Ended { until }),
    ]
}

fn answer() -> impl Strategy<Value = LeaseAnswer> {
    prop_oneof![
        Just(LeaseAnswer::Done),
        any::<(u64, u64)>().prop_map(|(until, autonomy)| LeaseAnswer::Committed {
            until: ClusterTime(until),
            autonomy: Millis(autonomy),
        }),
        (address(), address(), any::<u64>()).prop_map(|(first, last, until)| {
            LeaseAnswer::Delegated { first, last, until: ClusterTime(until) }
        }),
        refusal().prop_map(LeaseAnswer::Refused),
        Just(LeaseAnswer::Contradiction),
    ]
}

fn answers() -> impl Strategy<Value = Answers> {
    let applied = (any::<u64>(), vec(answer(), 0..40))
        .prop_map(|(now, answers)| Ok(Applied { now: ClusterTime(now), answers }));
    let fate = prop_oneof![Just(Fate::NotDone), Just(Fate::Unknown)];
    let failure = (fate, "[ -~]{0,50}").prop_map(|(fate, text)| Err(Failure { fate, text }));
    (any::<u64>(), prop_oneof![applied, failure]).prop_map(|(id, result)| Answers { id, result })
}

proptest! {
    #[test]
    fn steps_are_read_as_they_were_written(id in any::<u64>(), steps in vec(step(), 0..40)) {
        let bytes = ask::write(id, &steps).unwrap().encode_to_vec();
        prop_assert_eq!(ask::read(rack::Ask::decode(bytes.as_slice()).unwrap()), Ok((id, steps)));
    }

    #[test]
    fn answers_are_read_as_they_were_written(told in answers()) {
        let bytes = answers::write(&told).unwrap().encode_to_vec();
        prop_assert_eq!(answers::read(rack::Answers::decode(bytes.as_slice()).unwrap()), Ok(told));
    }
}

#[test]
fn the_largest_ask_fits_in_a_message_of_a_rack() {
    let identifier = vec![0xff; CLIENT_ID_BYTES_MAX];
    let step = LeaseStep::Adopt {
        number: u64::MAX,
        as_of: ClusterTime(u64::MAX),
        address: Ipv4Addr::BROADCAST.into(),
        client: Client::Identifier(identifier.clone()),
        remaining: Remaining::Exactly(Millis(u64::MAX)),
        tenure: Tenure::ForGood,
        facts: ClientFacts { client_id: identifier, hostname: "h".repeat(255) },
    };
    let largest = ask::write(u64::MAX, &vec![step; LEASE_STEPS_MAX]).unwrap().encoded_len();
    assert!(largest < FROM_RACK_BYTES_MAX, "{largest} bytes");
}
