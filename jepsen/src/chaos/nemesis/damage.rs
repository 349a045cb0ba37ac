//! The log of a node that does not run is damaged. Started again, the node either lacks nothing that counts, or says that it
//! has lost its memory; then an operator does what it asks for: it leaves, and joins anew.

use crate::chaos::dice::Dice;
use crate::chaos::membership;
use crate::chaos::plan::{Harm, Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::{READY_MAX, Rig};
use crate::cluster::log_lines::LogLines;
use crate::cluster::status;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A block of a disk.
const BLOCK_BYTES: usize = 4096;
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Does it to one that does not lead, while all others are well.
///
/// # Errors
/// When the node neither works nor says why, or does not come back.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    how: Harm,
    record: &mut Record,
) -> anyhow::Result<()> {
    let claim = rig.claim(Whom::Follower, planned.dice).await;
    let Some(claim) = claim.filter(|claim| Some(claim.nodes[0]) != rig.spared) else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    if !rig.is_whole().await {
        record.is_skipped("the region could not do without another log");
        return Ok(());
    }
    let node = claim.nodes[0];
    record.begins(rig.now(), rig.names(&claim.nodes));
    rig.kill(&[node]).await?;
    rig.forgetful.borrow_mut().insert(node);
    harm(&rig.log_on_disk(node), how, &mut Dice::new(planned.dice))?;
    let lines = LogLines::from_now(&rig.places[node].log);
    rig.start(node)?;
    record.is_done();
    if is_noticed(rig, node, &lines).await? {
        rig.kill(&[node]).await?;
        membership::remove(rig, node).await?;
        membership::join(rig, node).await?;
    }
    record.healed = Some(rig.now());
    Ok(())
}

/// Whether the node says that it has lost something; not if it is up to date before that.
async fn is_noticed(rig: &Rig, node: usize, lines: &LogLines) -> anyhow::Result<bool> {
    let until = Instant::now() + READY_MAX;
    loop {
        if lines.alarm().is_some() {
            return Ok(true);
        }
        if status::is_ready(&rig.http, &rig.places[node].api).await {
            return Ok(false);
        }
        anyhow::ensure!(rig.runs(node), "it ended without a word: {:?}", rig.exit_code(node));
        anyhow::ensure!(Instant::now() < until, "it neither works nor says why");
        sleep(LOOK_PAUSE).await;
    }
}

/// Does harm to a file somewhere in what was written to it.
fn harm(log: &Path, how: Harm, dice: &mut Dice) -> io::Result<()> {
    let mut bytes = fs::read(log)?;
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or_default();
    let mut below = |count: usize| usize::try_from(dice.between(0, count as u64)).unwrap_or(0);
    match how {
        Harm::BitFlip => {
            let place = below(end + 1);
            bytes[place] ^= 1 << below(8);
        }
        Harm::Truncated => {
            let length = end / 2 + below(end / 2);
            return File::options().write(true).open(log)?.set_len(length as u64);
        }
        Harm::Zeroed => {
            let first = below(end + 1) / BLOCK_BYTES * BLOCK_BYTES;
            let block = bytes.iter_mut().skip(first).take(BLOCK_BYTES);
            block.for_each(|byte| *byte = 0);
        }
    }
    fs::write(log, bytes)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_BYTES, harm};
    use crate::chaos::dice::Dice;
    use crate::chaos::plan::Harm;
    use std::fs;

    /// A log of which the last block was never written.
    const WRITTEN: usize = 7 * BLOCK_BYTES;

    fn harmed(how: Harm) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("db");
        let blank = vec![0; BLOCK_BYTES];
        fs::write(&log, [vec![7; WRITTEN], blank].concat()).unwrap();
        harm(&log, how, &mut Dice::new(3)).unwrap();
        fs::read(&log).unwrap()
    }

    #[test]
    fn harm_is_done_to_what_was_written() {
        let differing = |bytes: &[u8]| bytes[..WRITTEN].iter().filter(|byte| **byte != 7).count();
        assert_eq!(differing(&harmed(Harm::BitFlip)), 1);
        assert_eq!(differing(&harmed(Harm::Zeroed)), BLOCK_BYTES);
        assert!((WRITTEN / 2 - 1..WRITTEN).contains(&harmed(Harm::Truncated).len()));
    }
}
