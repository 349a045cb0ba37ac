//! Three durable nodes as shipped, measured through their public faces: writes, DNS, and what a large site costs.
//!
//! `cargo build --locked --release && cargo bench --locked -p regent-benches --bench cluster -- --help`

use clap::Parser as _;
use regent_benches::arguments::{Arguments, Part};
use regent_benches::load::crowd::Numbers;
use regent_benches::parts::{dns, large, restart, writes};
use regent_benches::table::Table;
use std::io::{self, Write as _};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // One thread only: nodes die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut report = Report { json: arguments.json, tables: Vec::new() };
    let numbers = Numbers::default();
    if arguments.wants(Part::Writes) {
        for table in writes::run(arguments, &numbers).await? {
            report.add(table)?;
        }
    }
    if arguments.wants(Part::Dns) || arguments.wants(Part::Size) {
        let mut large = large::bring_in(arguments).await?;
        report.add(large.table.clone())?;
        if arguments.wants(Part::Dns) {
            match dns::run(arguments, &large.group).await? {
                Some(table) => report.add(table)?,
                None => report.add(Table::new("DNS: dnsperf is not installed", &[]))?,
            }
        }
        if arguments.wants(Part::Size) {
            report.add(restart::run(arguments, &mut large.group, &numbers).await?)?;
        }
        large.group.end().await;
    }
    report.end()
}

struct Report {
    json: bool,
    tables: Vec<Table>,
}

impl Report {
    fn add(&mut self, table: Table) -> io::Result<()> {
        if !self.json {
            writeln!(io::stdout().lock(), "{table}")?;
        }
        self.tables.push(table);
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        let command = std::env::args().skip(1).filter(|word| word != "--bench");
        let command = command.collect::<Vec<_>>().join(" ");
        let command =
            format!("cargo bench --locked -p regent-benches --bench cluster -- {command}");
        let mut stdout = io::stdout().lock();
        if self.json {
            let told = serde_json::json!({ "command": command.trim_end_matches(" --").trim(), "tables": self.tables });
            writeln!(stdout, "{told:#}")?;
        } else {
            writeln!(stdout, "made by: {}", command.trim())?;
        }
        Ok(())
    }
}
