//! How fast the codec seals and opens a batch of log-sized records: an upper bound for everything that goes
//! to disk or over the wire.

use regent_benches::throughput::Throughput;
use regent_core::codec;
use std::io::Write;

/// Records in one batch, about as many as one full group commit carries.
const RECORDS: u32 = 1000;
/// Bytes of text in one record; the object of the benchmarks has 200 bytes.
const RECORD_BYTES: usize = 200;
/// Batches a figure is the median of.
const ROUNDS: usize = 201;

fn main() -> std::io::Result<()> {
    let records: Vec<(u32, String)> = (0..RECORDS).map(|n| (n, "r".repeat(RECORD_BYTES))).collect();
    let sealed = codec::seal(&records);
    let bytes = sealed.len() as u64;
    let seal = Throughput::measure(bytes, ROUNDS, || codec::seal(&records));
    let open = Throughput::measure(bytes, ROUNDS, || {
        codec::open::<Vec<(u32, String)>>(&sealed).expect("what was just sealed opens")
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(
        stdout,
        "codec, {RECORDS} records of {RECORD_BYTES} bytes, median of {ROUNDS} rounds"
    )?;
    writeln!(stdout, "  seal  {seal}")?;
    writeln!(stdout, "  open  {open}")
}
