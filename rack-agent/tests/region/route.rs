//! Which node comes next, and after which pause.

use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::region::node::Node;
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::region::route::{HOLD_OFF_SECS_MAX, Route};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn endpoint(name: &str) -> Endpoint {
    format!("{name}:7440").parse().unwrap()
}

fn route(names: &[&str], seed: u64) -> Route {
    let configured = names.iter().map(|name| endpoint(name)).collect();
    Route::new(configured, Vec::new(), Pace::default(), seed).unwrap()
}

fn node(name: &str, racks: Option<u32>) -> Node {
    Node { id: 0, api: endpoint(name), leads: false, racks }
}

/// The names of the next nodes, each of which fails at once.
fn failing(route: &mut Route, now: Instant, count: usize) -> Vec<String> {
    let next = |_| {
        let attempt = route.next(now);
        route.failed(now, &attempt.endpoint, Duration::ZERO);
        attempt.endpoint.to_string().trim_end_matches(":7440").to_owned()
    };
    (0..count).map(next).collect()
}

#[test]
fn every_node_has_its_turn_before_any_has_a_second() {
    for seed in 0..50 {
        let now = Instant::now();
        let mut route = route(&["a", "b", "c"], seed);
        for _round in 0..3 {
            let turn: BTreeSet<String> = failing(&mut route, now, 3).into_iter().collect();
            assert_eq!(turn.len(), 3);
        }
    }
}

#[test]
fn first_node_is_drawn_by_chance_and_the_same_seed_draws_the_same() {
    let now = Instant::now();
    let first = |seed| failing(&mut route(&["a", "b", "c"], seed), now, 1).remove(0);
    let firsts: BTreeSet<String> = (0..50).map(first).collect();
    assert_eq!(firsts.len(), 3);
    assert!((0..50).all(|seed| first(seed) == first(seed)));
}

#[test]
fn nodes_with_few_racks_are_preferred_and_silent_ones_come_last() {
    let now = Instant::now();
    let order = |seed| {
        let mut route = route(&["configured"], seed);
        route.learn(&[
            node("full", Some(1_000)),
            node("empty", Some(0)),
            node("silent", None),
            node("half", Some(500)),
        ]);
        failing(&mut route, now, 5)
    };
    let orders: Vec<Vec<String>> = (0..300).map(order).collect();
    assert!(orders.iter().all(|order| order[3..] == ["silent", "configured"]));
    let firsts = |name: &str| orders.iter().filter(|order| order[0] == name).count();
    // Two of three go to the empty one and one to the half full one, give or take.
    assert!((150..250).contains(&firsts("empty")), "{}", firsts("empty"));
    assert!((50..150).contains(&firsts("half")), "{}", firsts("half"));
    assert!(firsts("full") < 5, "{}", firsts("full"));
}

#[test]
fn after_a_good_session_others_are_tried_at_once_and_the_lost_node_after_a_moment() {
    for seed in 0..50 {
        let now = Instant::now();
        let mut route = route(&["a", "b", "c"], seed);
        let lost = route.next(now).endpoint;
        route.lost(now, &lost, Duration::ZERO);
        for _other in 0..2 {
            let attempt = route.next(now);
            assert_ne!(attempt.endpoint, lost);
            assert_eq!(attempt.at, now);
            route.failed(now, &attempt.endpoint, Duration::ZERO);
        }
        assert!(route.next(now).at >= now + Duration::from_millis(50));
    }
}

#[test]
fn the_only_node_is_tried_again_after_a_moment() {
    for seed in 0..50 {
        let now = Instant::now();
        let mut route = route(&["a"], seed);
        route.next(now);
        route.lost(now, &endpoint("a"), Duration::ZERO);
        let pause = route.next(now).at - now;
        assert!((50..=100).contains(&pause.as_millis()), "{pause:?}");
    }
}

#[test]
fn pauses_between_rounds_double_from_50_ms_to_5_s_and_are_jittered() {
    let mut seen = BTreeSet::new();
    for seed in 0..50 {
        let mut now = Instant::now();
        let mut route = route(&["a"], seed);
        assert_eq!(route.next(now).at, now);
        for longest in [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000] {
            route.failed(now, &endpoint("a"), Duration::ZERO);
            let at = route.next(now).at;
            let pause = (at - now).as_millis();
            assert!((longest / 2..=longest).contains(&pause), "{pause} of {longest}");
            seen.insert(pause);
            now = at;
        }
    }
    assert!(seen.len() > 100, "{} pauses are no jitter", seen.len());
}

#[test]
fn pauses_begin_anew_after_a_good_session() {
    let now = Instant::now();
    let mut route = route(&["a", "b"], 1);
    failing(&mut route, now, 20);
    route.lost(now, &endpoint("a"), Duration::ZERO);
    let attempt = route.next(now + Duration::from_secs(10));
    assert_eq!(attempt.at, now + Duration::from_secs(10));
}

#[test]
fn node_that_asks_to_be_left_alone_is_but_not_for_ever() {
    let now = Instant::now();
    let mut route = route(&["a", "b"], 1);
    route.lost(now, &endpoint("a"), Duration::from_secs(9));
    assert_eq!(failing(&mut route, now, 5), ["b"; 5]);
    route.failed(now, &endpoint("b"), Duration::from_secs(3_600));
    let attempt = route.next(now);
    assert_eq!((attempt.endpoint, attempt.at), (endpoint("a"), now + Duration::from_secs(9)));
    let later = now + Duration::from_secs(HOLD_OFF_SECS_MAX);
    let turn: BTreeSet<String> = failing(&mut route, later, 2).into_iter().collect();
    assert_eq!(turn.len(), 2);
}

#[test]
fn nobody_is_tried_while_the_rack_rests() {
    let now = Instant::now();
    let mut route = route(&["a", "b"], 1);
    route.rest(now, Duration::from_secs(7));
    assert_eq!(route.next(now).at, now + Duration::from_secs(7));
}

#[test]
fn remembered_nodes_come_before_those_of_the_configuration() {
    for seed in 0..20 {
        let now = Instant::now();
        let (configured, remembered) = (vec![endpoint("c")], vec![endpoint("a"), endpoint("b")]);
        let mut route = Route::new(configured, remembered, Pace::default(), seed).unwrap();
        assert_eq!(failing(&mut route, now, 3)[2], "c");
    }
    assert!(Route::new(Vec::new(), Vec::new(), Pace::default(), 1).is_none());
}
