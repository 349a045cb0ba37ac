//! Lists: pages, order, filters, and what is refused about them.

use crate::face::Face;
use serde_json::{Value, json};

/// Machines `m0` to `mN` with pools and MAC addresses that differ.
async fn with_machines(number: usize) -> Face {
    let face = Face::start().await;
    let machine = |n: usize| {
        let mac = format!("52:54:00:00:00:{n:02x}");
        let architecture = if n.is_multiple_of(2) { "amd64/generic" } else { "arm64/generic" };
        json!({ "hostname": format!("m{n}"), "mac_addresses": [mac], "architecture": architecture, "memory": 1000 - n })
    };
    face.create("/v1/machines", (0..number).map(machine).collect()).await;
    face
}

fn names(page: &Value, field: &str) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

/// All items of a list, page by page.
async fn all_pages(face: &Face, path: &str, field: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = path.to_owned();
    loop {
        let answer = face.get(&next).await;
        let link = answer.header("link").to_owned();
        let page = answer.good();
        found.extend(names(&page, field));
        if page["next"].is_null() {
            assert_eq!(link, "");
            return found;
        }
        next = link.strip_prefix('<').unwrap().split('>').next().unwrap().to_owned();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_each_other_and_show_everything_once() {
    let face = with_machines(7).await;
    let expected: Vec<String> = (0..7).map(|n| format!("m{n}")).collect();
    for limit in [1, 2, 3, 6, 7, 8] {
        let path = format!("/v1/machines?limit={limit}");
        assert_eq!(all_pages(&face, &path, "hostname").await, expected);
        let path = format!("/v1/machines?limit={limit}&sort=-memory");
        assert_eq!(all_pages(&face, &path, "hostname").await, expected, "sorted, limit {limit}");
    }
    let turned: Vec<String> = expected.iter().rev().cloned().collect();
    assert_eq!(all_pages(&face, "/v1/machines?limit=2&sort=memory", "hostname").await, turned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_places_in_an_order_are_told_apart_by_id() {
    let face = with_machines(6).await;
    let sorted = all_pages(&face, "/v1/machines?limit=1&sort=architecture", "hostname").await;
    assert_eq!(sorted, ["m0", "m2", "m4", "m1", "m3", "m5"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_added_or_removed_between_pages_neither_repeats_nor_hides_others() {
    let face = with_machines(4).await;
    let first = face.get("/v1/machines?limit=2").await.good();
    face.send("DELETE", "/v1/machines/2", json!({})).await.good();
    face.create("/v1/machines", json!({ "hostname": "m9" })).await;
    let cursor = first["next"].as_str().unwrap();
    let second = face.get(&format!("/v1/machines?limit=9&cursor={cursor}")).await.good();
    assert_eq!(names(&second, "hostname"), ["m2", "m3", "m9"]);
    assert_eq!(second["start_revision"], first["revision"], "changes can be followed from there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_choose_and_count_counts_what_they_choose() {
    let face = with_machines(6).await;
    for (query, expected) in [
        ("hostname=m1&hostname=m2", vec!["m1", "m2"]),
        ("hostname__ne=m1&hostname__ne=m2", vec!["m0", "m3", "m4", "m5"]),
        ("hostname__prefix=m&memory__lt=997", vec!["m4", "m5"]),
        ("memory__gt=998", vec!["m0", "m1"]),
        ("architecture__contains=arm", vec!["m1", "m3", "m5"]),
        ("hostname__in=m0,m5,x", vec!["m0", "m5"]),
        ("owner__isnull=true&id=1", vec!["m0"]),
        ("owner__isnull=false", vec![]),
        ("status_name=New&id__gt=5", vec!["m5"]),
    ] {
        let page = face.get(&format!("/v1/machines?count=true&{query}")).await.good();
        assert_eq!(names(&page, "hostname"), expected, "{query}");
        assert_eq!(page["count"], expected.len(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_found_within_a_prefix() {
    let face = Face::start().await;
    let subnet = |cidr: &str| json!({ "cidr": cidr, "vlan": 5001 });
    face.create("/v1/subnets", json!([subnet("10.1.0.0/24"), subnet("10.2.0.0/24")])).await;
    let reserved = json!({ "preferred": "10.2.0.7" });
    face.create("/v1/subnets/1/allocations", json!({})).await;
    face.create("/v1/subnets/10.2.0.0%2F24/allocations", reserved).await;
    let within = face.get("/v1/ip-addresses?ip__within=10.2.0.0/16").await.good();
    assert_eq!(names(&within, "ip"), ["10.2.0.7"]);
    let subnets = face.get("/v1/subnets?cidr__within=10.1.0.0/16").await.good();
    assert_eq!(names(&subnets, "cidr"), ["10.1.0.0/24"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cursor_fits_only_the_list_it_came_from() {
    let face = with_machines(3).await;
    let page = face.get("/v1/machines?limit=1&sort=memory").await.good();
    let cursor = page["next"].as_str().unwrap();
    for query in ["sort=-memory", "sort=hostname", "", "sort=memory&hostname=m1"] {
        let answer = face.get(&format!("/v1/machines?cursor={cursor}&{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "E0202"), "{query}");
        assert_eq!(answer.body["errors"][0]["pointer"], "cursor");
    }
    let other_noun = face.get(&format!("/v1/devices?sort=memory&cursor={cursor}")).await;
    assert_eq!(other_noun.code(), "E0202");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_parameters_are_refused_by_name() {
    let face = Face::start().await;
    let answer = face.get("/v1/machines?hostnane=x").await;
    assert_eq!(answer.code(), "E0202");
    assert_eq!(answer.body["errors"][0]["pointer"], "hostnane");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_can_be_paged_in_the_order_of_a_field_with_long_texts() {
    let face = Face::start().await;
    let long = "x".repeat(16_000);
    let tag = |n: usize| json!({ "name": format!("t{n}"), "comment": format!("{}{long}", n % 2) });
    face.create("/v1/tags", (0..4).map(tag).collect()).await;
    let sorted = all_pages(&face, "/v1/tags?limit=1&sort=comment", "name").await;
    assert_eq!(sorted, ["t0", "t2", "t1", "t3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn condition_with_more_than_1024_values_is_refused() {
    let face = Face::start().await;
    let values = |number: usize| (0..number).map(|n| format!("{n},")).collect::<String>();
    let many = face.get(&format!("/v1/tags?name__in={}", values(1023))).await;
    assert_eq!(many.status, 200);
    let too_many = face.get(&format!("/v1/tags?name__in={}", values(1024))).await;
    assert_eq!((too_many.status.as_u16(), too_many.code()), (422, "E0202"));
    assert_eq!(too_many.body["errors"][0]["pointer"], "name__in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filter_by_what_a_field_can_never_be_is_refused_by_name() {
    let face = with_machines(1).await;
    for (filter, why) in [
        ("locked=yes", "is not true or false"),
        ("domain=maas", "is no whole number"),
        ("memory__in=1,x", "is no whole number"),
        ("power_state=onn", "is none of on, off, unknown, error"),
    ] {
        let answer = face.get(&format!("/v1/machines?{filter}")).await;
        assert_eq!(answer.code(), "E0202", "{filter}: {answer:?}");
        let error = &answer.body["errors"][0];
        assert_eq!(error["pointer"].as_str(), filter.split_once('=').map(|(name, _)| name));
        assert!(error["message"].as_str().unwrap().contains(why), "{filter}: {error}");
    }
}
