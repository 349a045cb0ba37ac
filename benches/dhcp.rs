//! DHCP exchanges of racks with three durable nodes behind them, as shipped, beside Kea. Needs root.
//!
//! `cargo build --locked --release && cargo bench --locked -p regent-benches --bench dhcp -- --help`

use clap::Parser as _;
use regent_benches::dhcp::arguments::Arguments;
use regent_benches::dhcp::driver;
use regent_benches::dhcp::figures::{Rounds, delays, highest};
use regent_benches::dhcp::ground::Ground;
use regent_benches::dhcp::turn;
use regent_benches::turns::order;
use regent_jepsen::lab::{kea, tool};
use std::io::{self, Write as _};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(reason) = tool::missing(&["ip", "ethtool", kea::PROGRAM, driver::PROGRAM]) {
        return Ok(writeln!(io::stdout(), "SKIPPED dhcp: {reason}")?);
    }
    // One thread only: servers die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let ground = Ground::new(&arguments.folder()?)?;
    let rounds = |kind: &_| Rounds { kind: *kind, seen: Vec::new() };
    let mut all: Vec<Rounds> = arguments.who.iter().map(rounds).collect();
    for round in 0..arguments.rounds {
        for turn in order(round, all.len()) {
            let kind = all[turn].kind;
            let seen = turn::take(kind, arguments, &ground).await?;
            writeln!(io::stderr(), "round {}: {}: {:?}", round + 1, kind.name(), seen.highest)?;
            all[turn].seen.push(seen);
        }
    }
    let tables = [highest(arguments, &all), delays(arguments, &all)];
    let command = std::env::args().skip(1).filter(|word| word != "--bench").collect::<Vec<_>>();
    let command =
        format!("cargo bench --locked -p regent-benches --bench dhcp -- {}", command.join(" "));
    let mut stdout = io::stdout().lock();
    if arguments.json {
        let told = serde_json::json!({ "command": command.trim(), "tables": tables });
        writeln!(stdout, "{told:#}")?;
    } else {
        tables.iter().try_for_each(|table| writeln!(stdout, "{table}"))?;
        writeln!(stdout, "made by: {}", command.trim())?;
    }
    Ok(())
}
