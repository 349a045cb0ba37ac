//! How the command speaks to a region: directly, patiently, and with an eye on nodes that do not answer.

use crate::dev_cluster::text;
use crate::fake_region::{FakeRegion, import};
use crate::hand;
use std::net::TcpListener;

#[test]
fn the_region_is_asked_directly_whatever_proxy_the_environment_names() {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a free port");
    proxy.set_nonblocking(true).expect("a socket");
    let region = FakeRegion::willing();
    let mut command = import(&hand::path(), &region.address);
    command.env("HTTP_PROXY", format!("http://{}", proxy.local_addr().expect("a port")));
    let output = command.output().expect("the program is there");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(region.asked().first().map(String::as_str), Some("POST /v1/imports"));
    assert!(proxy.accept().is_err(), "the proxy was spoken to");
}
