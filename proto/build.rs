//! Compiles the schemas with protox, so that no `protoc` has to be installed.

use std::error::Error;

const SCHEMAS: &[&str] = &["regent/raft/v1/peer.proto", "regent/rack/v1/rack.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    for schema in SCHEMAS {
        println!("cargo::rerun-if-changed={schema}");
    }
    let descriptors = protox::compile(SCHEMAS, ["."])?;
    tonic_prost_build::configure().bytes(".").compile_fds(descriptors)?;
    Ok(())
}
