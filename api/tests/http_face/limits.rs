//! How much at once: what is over a bound is refused with the time to come back.

use crate::face::Face;
use regent_api::http::limits::Limits;
use regent_raft::config::RaftConfig;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_over_the_bound_is_refused_and_health_is_not() {
    let face = Face::with_limits(Limits::new(1, 8), RaftConfig::default()).await;
    let room = face.context.limits.request().unwrap();
    let refused = face.get("/v1/domains").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "E0103"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.body["outcome"], "not_applied");
    assert_eq!(face.get("/livez").await.status, 200);
    drop(room);
    assert_eq!(face.get("/v1/domains").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_over_the_bound_is_refused_until_another_leaves() {
    let face = Face::with_limits(Limits::new(8, 1), RaftConfig::default()).await;
    let first = face.client.get(face.url("/v1/events")).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(face.get("/v1/events").await.code(), "E0103");
    drop(first);
    let left = async {
        while face.context.limits.watchers_open() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::face::PATIENCE, left).await.unwrap();
    let next = face.client.get(face.url("/v1/events")).send().await.unwrap();
    assert_eq!(next.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn body_over_a_mebibyte_is_refused() {
    let face = Face::start().await;
    let json = [("content-type", "application/json")];
    let answer = face.raw("POST", "/v1/spaces", &json, vec![b' '; (1 << 20) + 1]).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, "E0005"));
}
