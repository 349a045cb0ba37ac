//! `regent status`: the region on one screen, in a sentence first.

use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, NO_LEADER};
use crate::cli::members::{Member, View};
use crate::cli::session::Session;
use crate::cli::table;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// What it may take to find out why there is no leader.
const EXPLANATION_MAX: Duration = Duration::from_secs(2);

/// Shows how the region is. With `check`, the exit code says it, too.
///
/// # Errors
/// [`Failure`] if no node answers.
pub async fn run(check: bool, session: &Session) -> Result<Exit, Failure> {
    let answer = session.client.call(&Call::get("/v1/cluster")).await?;
    let view = View::of(&answer.body, &answer.address)?;
    let verdict = verdict(&view);
    let mut body = answer.body;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("healthy".into(), json!(verdict.is_healthy));
        fields.insert("summary".into(), json!(verdict.sentence));
    }
    let screen = |_: &Value| match check {
        true => format!("{}\n", verdict.sentence),
        false => screen(&view, &verdict),
    };
    session.format.show(&body, screen);
    Ok(if check && !verdict.is_healthy { Exit::Degraded } else { Exit::Ok })
}

/// A failure for want of a leader, with what a node that answers knows of the others: which are missing, how many are
/// needed. Any other failure as it is.
pub async fn explained(failure: Failure, session: &Session) -> Failure {
    let Failure::Problem(mut problem) = failure else { return failure };
    if problem.code == NO_LEADER
        && let Ok(Ok(answer)) =
            timeout(EXPLANATION_MAX, session.client.call(&Call::get("/v1/cluster"))).await
        && let Ok(view) = View::of(&answer.body, &answer.address)
        && let missing = names(&view.nodes, |node| !node.healthy)
        && !missing.is_empty()
    {
        problem.detail = verdict(&view).sentence;
        problem.next = format!("start {missing}; `regent status` shows how the region is");
    }
    Failure::Problem(problem)
}

struct Verdict {
    is_healthy: bool,
    sentence: String,
}

fn verdict(view: &View) -> Verdict {
    let View { voters, healthy_voters, .. } = view;
    let needed = voters / 2 + 1;
    let answer = format!("{healthy_voters} of {voters} voters answer");
    let tolerated = tolerated(view.failures_tolerated);
    let missing = match names(&view.nodes, |node| !node.healthy).as_str() {
        "" => String::new(),
        names => format!(" Missing: {names}."),
    };
    let leads = |node: &Member| Some(node.id) == view.leader && node.healthy;
    let sentence = if *healthy_voters < needed {
        format!(
            "The region has lost its majority: {answer}, {needed} are needed. Writes are refused."
        )
    } else if !view.nodes.iter().any(leads) {
        format!("The region has no leader yet: {answer}, so it is about to elect one.")
    } else if let Some(pair) = differing(&view.nodes) {
        format!("The states of {pair} differ at the same index: stop one and report it.")
    } else if !missing.is_empty() {
        format!("The region works, degraded: {answer}, {tolerated}.")
    } else {
        let sentence = format!("The region is healthy: {answer}, {tolerated}.");
        return Verdict { is_healthy: true, sentence };
    };
    Verdict { is_healthy: false, sentence: sentence + &missing }
}

fn names(nodes: &[Member], which: impl Fn(&Member) -> bool) -> String {
    let names: Vec<_> =
        nodes.iter().filter(|node| which(node)).map(|node| node.name.as_str()).collect();
    names.join(", ")
}

fn tolerated(failures: u64) -> String {
    match failures {
        0 => "no further failure is tolerated".into(),
        1 => "1 failure is tolerated".into(),
        more => format!("{more} failures are tolerated"),
    }
}

/// Two nodes that applied the same entries to different ends.
fn differing(nodes: &[Member]) -> Option<String> {
    let pairs = nodes
        .iter()
        .enumerate()
        .flat_map(|(at, left)| nodes[at + 1..].iter().map(move |right| (left, right)));
    let mut differ = pairs.filter(|(left, right)| {
        left.applied_index.is_some()
            && left.applied_index == right.applied_index
            && left.digest != right.digest
    });
    differ.next().map(|(left, right)| format!("{} and {}", left.name, right.name))
}

fn screen(view: &View, verdict: &Verdict) -> String {
    let name = |id: u64| view.nodes.iter().find(|node| node.id == id).map(|node| node.name.clone());
    let leader = view.leader.and_then(name).unwrap_or_else(|| "none".into());
    let asked = name(view.asked).unwrap_or_else(|| "?".into());
    format!(
        "{}\n{}Leader {leader}, term {}, revision {}; cluster {}; {asked} answered.\n\n{}",
        verdict.sentence,
        change_in_flight(view),
        view.term,
        view.revision,
        view.cluster_id,
        table::aligned(&rows(view))
    )
}

/// A line about the change of the group, if one is in flight.
fn change_in_flight(view: &View) -> String {
    let [from, to] = view.voter_sets.as_slice() else { return String::new() };
    let [from, to] = [from, to].map(|set| names(&view.nodes, |node| set.contains(&node.id)));
    format!(
        "A change of the group is in flight: a majority of {from} and one of {to} are needed.\n"
    )
}

fn rows(view: &View) -> Vec<Vec<String>> {
    let headers =
        ["NODE", "ROLE", "STATE", "APPLIED", "BEHIND", "TERM", "UPTIME", "VERSION", "API"];
    let newest = view.nodes.iter().filter_map(|node| node.applied_index).max().unwrap_or_default();
    let number = |value: Option<u64>| value.map_or_else(|| "-".into(), |value| value.to_string());
    let row = |node: &Member| {
        vec![
            node.name.clone(),
            node.role.clone(),
            (if node.healthy { "ok" } else { "no answer" }).into(),
            number(node.applied_index),
            number(node.applied_index.map(|applied| newest - applied)),
            number(node.term),
            node.uptime_ms.map_or_else(|| "-".into(), uptime),
            node.version.clone().unwrap_or_else(|| "-".into()),
            node.api.clone(),
        ]
    };
    let headers = headers.map(str::to_owned).to_vec();
    std::iter::once(headers).chain(view.nodes.iter().map(row)).collect()
}

/// The two largest units of a length of time.
fn uptime(millis: u64) -> String {
    let seconds = millis / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m{}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h{minutes}m"),
        (days, hours, _) => format!("{days}d{hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::{screen, uptime, verdict};
    use crate::cli::members::View;
    use serde_json::{Value, json};

    fn node(id: u64, role: &str, applied: Option<u64>, digest: &str) -> Value {
        json!({
            "id": id, "name": format!("r{id}"), "role": role, "healthy": applied.is_some(),
            "peer": "", "api": format!("127.0.0.1:744{id}"), "applied_index": applied, "term": 3,
            "version": "0.1.0", "uptime_ms": 61_000, "digest": digest, "last_contact_ms": 4
        })
    }

    fn view(leader: Option<u64>, healthy: u64, nodes: &[Value]) -> View {
        let body = json!({
            "cluster_id": "c", "asked": 1, "term": 3, "leader": leader, "voters": 3,
            "healthy_voters": healthy, "failures_tolerated": healthy.saturating_sub(2), "voter_sets": [[1, 2, 3]],
            "revision": 12, "nodes": nodes
        });
        View::of(&body, "node").unwrap()
    }

    #[test]
    fn healthy_region_is_told_in_a_sentence_and_a_row_a_node() {
        let nodes = [
            node(1, "leader", Some(12), "d"),
            node(2, "voter", Some(10), "e"),
            node(3, "voter", Some(12), "d"),
        ];
        let view = view(Some(1), 3, &nodes);
        let text = screen(&view, &verdict(&view));
        let expected = "\
The region is healthy: 3 of 3 voters answer, 1 failure is tolerated.
Leader r1, term 3, revision 12; cluster c; r1 answered.

NODE  ROLE    STATE  APPLIED  BEHIND  TERM  UPTIME  VERSION  API
r1    leader  ok     12       0       3     1m1s    0.1.0    127.0.0.1:7441
r2    voter   ok     10       2       3     1m1s    0.1.0    127.0.0.1:7442
r3    voter   ok     12       0       3     1m1s    0.1.0    127.0.0.1:7443
";
        assert_eq!(text, expected);
    }

    #[test]
    fn change_in_flight_is_told_with_both_sets_of_voters() {
        let nodes = [1, 2, 3, 4].map(|id| node(id, "voter", Some(12), "d"));
        let view =
            View { voter_sets: vec![vec![1, 2, 3], vec![1, 2, 4]], ..view(Some(1), 3, &nodes) };
        let text = screen(&view, &verdict(&view));
        let line = "A change of the group is in flight: a majority of r1, r2, r3 and one of r1, r2, r4 are needed.";
        assert!(text.lines().any(|told| told == line), "{text}");
    }

    #[test]
    fn missing_node_is_named_and_its_absence_is_not_healthy() {
        let nodes = [
            node(1, "leader", Some(12), "d"),
            node(2, "voter", None, ""),
            node(3, "voter", Some(12), "d"),
        ];
        let verdict = verdict(&view(Some(1), 2, &nodes));
        assert!(!verdict.is_healthy);
        assert!(
            verdict.sentence.ends_with("no further failure is tolerated. Missing: r2."),
            "{}",
            verdict.sentence
        );
    }

    #[test]
    fn leader_that_does_not_answer_is_none_and_a_lost_majority_is_said_first() {
        let silent = |id| node(id, "voter", None, "");
        let electing = verdict(&view(Some(1), 2, &[silent(1), node(2, "voter", Some(12), "d")]));
        assert!(
            electing.sentence.starts_with("The region has no leader yet"),
            "{}",
            electing.sentence
        );
        let nodes = [silent(1), silent(2), node(3, "leader", Some(12), "d")];
        let lost = verdict(&view(Some(3), 1, &nodes));
        assert!(lost.sentence.starts_with("The region has lost its majority"), "{}", lost.sentence);
    }

    #[test]
    fn states_that_differ_at_one_index_are_an_alarm() {
        let nodes = [node(1, "leader", Some(12), "d"), node(2, "voter", Some(12), "e")];
        let verdict = verdict(&view(Some(1), 3, &nodes));
        assert!(verdict.sentence.contains("r1 and r2 differ"), "{}", verdict.sentence);
    }

    #[test]
    fn uptime_has_two_units_at_most() {
        let shown = [999, 61_000, 3_700_000, 90_000_000].map(uptime);
        assert_eq!(shown, ["0s", "1m1s", "1h1m", "1d1h"]);
    }
}
