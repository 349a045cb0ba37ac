//! What makes no sense is refused, with the place and the fault.

use regent_core::command::rack::{ClientFacts, LEASE_STEPS_MAX, LeaseStep};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::{ClusterTime, Millis};
use regent_proto::lease::answers::{Answers, Applied};
use regent_proto::lease::{answers, ask};
use regent_proto::rack;
use regent_proto::rack::answer::Answer;
use regent_proto::rack::client::Client as Who;
use regent_proto::rack::step::Step;
use regent_proto::rack::{FailureCode, RefusalCode};

fn card(octets: &[u8]) -> Option<rack::Client> {
    Some(rack::Client { client: Some(Who::Card(octets.to_vec().into())) })
}

fn identifier(bytes: usize) -> Option<rack::Client> {
    Some(rack::Client { client: Some(Who::Identifier(vec![7; bytes].into())) })
}

fn commit(client: Option<rack::Client>, facts: rack::Facts) -> Step {
    Step::Commit(rack::Commit { client, facts: Some(facts), ..rack::Commit::default() })
}

fn of_ask(step: Option<Step>) -> String {
    let good = rack::Step { step: Some(Step::Adopted(rack::Adopted {})) };
    let ask = rack::Ask { id: 1, steps: vec![good, rack::Step { step }] };
    ask::read(ask).expect_err("the second step makes no sense").to_string()
}

#[test]
fn a_step_that_makes_no_sense_is_told_by_its_place_and_fault() {
    let facts = rack::Facts::default;
    let long = rack::Facts { client_id: vec![0; 256].into(), ..facts() };
    let named = rack::Facts { hostname: "h".repeat(256), ..facts() };
    let none = "is missing, or of a kind not known here";
    for (step, told) in [
        (None, format!("steps[1].step: {none}")),
        (Some(commit(None, facts())), format!("steps[1].commit.client: {none}")),
        (
            Some(Step::Adopt(rack::Adopt {
                client: Some(rack::Client { client: None }),
                ..rack::Adopt::default()
            })),
            format!("steps[1].adopt.client: {none}"),
        ),
        (
            Some(Step::Release(rack::Release {
                client: card(&[1, 2, 3, 4, 5]),
                ..rack::Release::default()
            })),
            "steps[1].release.client.card: has 5 bytes, and not 6".to_owned(),
        ),
        (
            Some(Step::Decline(rack::Decline {
                client: card(&[0; 7]),
                ..rack::Decline::default()
            })),
            "steps[1].decline.client.card: has 7 bytes, and not 6".to_owned(),
        ),
        (
            Some(Step::Relinquish(rack::Relinquish {
                client: identifier(256),
                ..rack::Relinquish::default()
            })),
            "steps[1].relinquish.client.identifier: has 256 bytes, and at most 255 are allowed"
                .to_owned(),
        ),
        (
            Some(commit(card(&[0; 6]), long)),
            "steps[1].commit.facts.client_id: has 256 bytes, and at most 255 are allowed"
                .to_owned(),
        ),
        (
            Some(commit(card(&[0; 6]), named)),
            "steps[1].commit.facts.hostname: has 256 bytes, and at most 255 are allowed".to_owned(),
        ),
    ] {
        assert_eq!(of_ask(step), told);
    }
}

#[test]
fn more_steps_than_a_message_carries_are_neither_read_nor_written() {
    let one = rack::Step { step: Some(Step::Adopted(rack::Adopted {})) };
    let ask = |count| rack::Ask { id: 1, steps: vec![one.clone(); count] };
    assert!(ask::read(ask(LEASE_STEPS_MAX)).is_ok());
    let told = "steps: are 257, and at most 256 are allowed";
    assert_eq!(ask::read(ask(LEASE_STEPS_MAX + 1)).unwrap_err().to_string(), told);
    let steps = vec![LeaseStep::Adopted; LEASE_STEPS_MAX + 1];
    assert_eq!(ask::write(1, &steps).unwrap_err().to_string(), told);
}

#[test]
fn what_no_message_can_carry_is_not_written() {
    let card = Client::Card(MacAddr([2, 0, 0, 0, 0, 1]));
    let commit = |address: &str, client: &Client, facts: &ClientFacts| LeaseStep::Commit {
        number: 1,
        epoch: 1,
        address: address.parse().unwrap(),
        client: client.clone(),
        life: Millis(1),
        tenure: Tenure::Leased,
        attested: false,
        claim: Claim::Offered,
        facts: facts.clone(),
    };
    let (plain, long) = (ClientFacts::default(), Client::Identifier(vec![0; 256]));
    let named = ClientFacts { hostname: "h".repeat(256), ..ClientFacts::default() };
    for (step, place) in [
        (commit("2001:db8::1", &card, &plain), "steps[0].commit.address"),
        (commit("::ffff:192.0.2.1", &card, &plain), "steps[0].commit.address"),
        (commit("192.0.2.1", &long, &plain), "steps[0].commit.client.identifier"),
        (commit("192.0.2.1", &card, &named), "steps[0].commit.facts.hostname"),
        (LeaseStep::Extend { first: "::1".parse().unwrap() }, "steps[0].extend.first"),
    ] {
        assert_eq!(ask::write(1, &[step]).unwrap_err().place(), place);
    }
    let block = LeaseAnswer::Delegated {
        first: "::1".parse().unwrap(),
        last: "::2".parse().unwrap(),
        until: ClusterTime(1),
    };
    let answers = Answers {
        id: 1,
        result: Ok(Applied { now: ClusterTime(1), answers: vec![LeaseAnswer::Done, block] }),
    };
    let error = answers::write(&answers).unwrap_err();
    assert_eq!(error.to_string(), "answers[1].delegated.first: ::1 is no IPv4 address");
}

#[test]
fn an_answer_that_makes_no_sense_is_told_by_its_place_and_fault() {
    let refused = |refusal| Some(Answer::Refused(refusal));
    let of = |code: i32| rack::Refusal { code, ..rack::Refusal::default() };
    let none = "is missing, or of a kind not known here";
    for (answer, told) in [
        (None, format!("answers[0].answer: {none}")),
        (refused(of(0)), "answers[0].refused.code: 0 stands for nothing known here".to_owned()),
        (refused(of(99)), "answers[0].refused.code: 99 stands for nothing known here".to_owned()),
        (
            refused(of(RefusalCode::RefusalOwned.into())),
            format!("answers[0].refused.until: {none}"),
        ),
        (
            refused(of(RefusalCode::RefusalOutdated.into())),
            format!("answers[0].refused.number: {none}"),
        ),
        (
            refused(of(RefusalCode::RefusalRenewedSince.into())),
            format!("answers[0].refused.server: {none}"),
        ),
    ] {
        let answers = vec![rack::Answer { answer }];
        let message = rack::Answers { answers, ..rack::Answers::default() };
        assert_eq!(answers::read(message).unwrap_err().to_string(), told);
    }
}

#[test]
fn a_failure_of_unknown_kind_is_no_failure_that_may_be_taken_for_done_or_not() {
    for code in [i32::from(FailureCode::FailureUnspecified), 3, -1] {
        let failure = Some(rack::Failure { code, text: String::new() });
        let message = rack::Answers { failure, ..rack::Answers::default() };
        assert_eq!(answers::read(message).unwrap_err().place(), "failure.code");
    }
}
