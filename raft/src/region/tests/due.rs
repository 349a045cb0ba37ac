//! Much that is due at one moment is over soon, although one entry has room for a part of it only.

use crate::clock::ManualClock;
use crate::region::handle::Region;
use crate::region::prepare::Preparation;
use crate::region::propose::Write;
use crate::region::start::StartOptions;
use crate::region::tests::nodes::{domain, options, quick, soon, until};
use regent_core::command::Command;
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::model::secret_digest::SecretDigest;
use regent_core::time::Millis;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What ends at one moment: more than a part each second would be over within anybody's patience.
const TOKENS: u32 = 9_000;
const TOKENS_PER_WRITE: usize = 100;
const LIFE: Millis = Millis::from_secs(3_600);

fn token(number: u32) -> Command {
    let digest = SecretDigest::of(&number.to_le_bytes());
    let new = NewRackToken { digest, rack: None, life: LIFE, created_by: "ann".into() };
    Command::RackToken(RackTokenCommand::Create(new))
}

/// The only node of a region, whose time stands still.
async fn alone(disk: &TempDir, clock: &Arc<ManualClock>) -> Region {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().to_string();
    let directory = disk.path().join("n0");
    Preparation::begin(&directory, "n0").unwrap().found().unwrap();
    let clock = Arc::clone(clock);
    let options = StartOptions { clock, ..options(&directory, own, listener, quick()) };
    Region::start(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_deadlines_of_one_moment_are_met_one_part_after_the_other_and_writes_go_on() {
    let (disk, clock) = (TempDir::new().unwrap(), Arc::new(ManualClock::default()));
    let region = alone(&disk, &clock).await;
    let tokens: Vec<Command> = (0..TOKENS).map(token).collect();
    for some in tokens.chunks(TOKENS_PER_WRITE) {
        let command = Command::Batch(some.to_vec());
        let write = Write { principal: "ann".into(), key: None, guards: Vec::new(), command };
        region.propose(write, soon()).await.unwrap().result.unwrap();
    }
    let left = || region.published().state.tables().rack_tokens.len();
    assert_eq!(left(), usize::try_from(TOKENS).unwrap());
    clock.advance(Duration::from_millis(LIFE.0));
    until("a part is over", || left() < usize::try_from(TOKENS).unwrap()).await;
    region.propose(domain("meanwhile.test"), soon()).await.unwrap().result.unwrap();
    until("all is over", || left() == 0).await;
    region.stop().await;
}
