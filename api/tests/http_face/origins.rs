//! Pages of other sites, which ask through the browser of somebody who can reach this node.

use crate::face::Face;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_pages_from_elsewhere_are_refused() {
    let face = Face::start().await;
    let before = face.digest();
    let own = format!("http://{}", face.address);
    let other_port = "http://127.0.0.1:1";
    for headers in [
        [("sec-fetch-site", "cross-site"), ("accept", "*/*")],
        [("sec-fetch-site", "cross-site"), ("origin", own.as_str())],
        [("origin", "http://evil.example"), ("accept", "*/*")],
        [("origin", other_port), ("sec-fetch-site", "same-site")],
        [("origin", "null"), ("accept", "*/*")],
        [("origin", ""), ("accept", "*/*")],
        [("origin", own.as_str()), ("host", "evil.example")],
        [("host", "evil.example"), ("accept", "*/*")],
        [("host", "evil.example:7440"), ("origin", "http://evil.example:7440")],
        [("host", "127.0.0.1.evil.example"), ("accept", "*/*")],
        [("host", ""), ("accept", "*/*")],
    ] {
        for (method, path) in
            [("POST", "/v1/spaces"), ("DELETE", "/v1/spaces/1"), ("POST", "/v1/txn")]
        {
            let answer = face.send_with(method, path, &headers, json!({ "name": "a" })).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "E0007"), "{headers:?}");
        }
    }
    assert_eq!(face.digest(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_under_a_name_that_is_none_of_ours_are_refused_and_health_is_not() {
    let face = Face::start().await;
    let host = [("host", "evil.example")];
    assert_eq!(face.raw("GET", "/v1/spaces", &host, "").await.code(), "E0007");
    assert_eq!(face.raw("GET", "/livez", &host, "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_this_node_and_programs_are_let_in_under_any_of_its_names() {
    let face = Face::start().await;
    let port = face.address.port();
    for (number, host) in ["127.0.0.1", "[::1]", "localhost", "r1", "R1.", "api"].iter().enumerate()
    {
        let host = format!("{host}:{port}");
        let origin = format!("http://{host}");
        let page =
            [("host", host.as_str()), ("origin", &origin), ("sec-fetch-site", "same-origin")];
        let name = format!("page-{number}");
        face.send_with("POST", "/v1/spaces", &page, json!({ "name": name })).await.good();
        let name = format!("program-{number}");
        face.send_with("POST", "/v1/spaces", &page[..1], json!({ "name": name })).await.good();
    }
}
