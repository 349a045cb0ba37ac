//! `import isc-leases` and `import kea-leases`: read, choose, send, tell.

use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::import::foreign::lease::ForeignLease;
use crate::cli::import::foreign::newest::Newest;
use crate::cli::import::foreign::selection::{Chosen, choose, longest_lease, without_end};
use crate::cli::import::foreign::{isc, kea};
use crate::cli::import_arguments::LeaseFiles;
use crate::cli::output::tell;
use crate::cli::session::Session;
use crate::cli::table;
use crate::moment::rfc3339;
use anyhow::Context as _;
use regent_core::command::lease::FOREIGN_LEASES_MAX;
use regent_core::lease::binding::Client;
use regent_core::time::{Millis, WallTime};
use regent_raft::clock::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// How far the old server's clock may be ahead of ours, as the region has it.
const AHEAD_MILLIS_MAX: i64 = 24 * 60 * 60 * 1000;
/// Where the region takes them.
const PATH: &str = "/v1/lease-imports";
/// What is told of leases that ended before the moment that counts as now.
const RUN_OUT: &str = "run out";
/// Examples told of each reason.
const EXAMPLES_MAX: usize = 3;

/// Whose files they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// ISC dhcpd's: each is a journal of its own.
    Isc,
    /// Kea's: those whose names begin alike are one journal.
    Kea,
}

/// Reads the files.
///
/// # Errors
/// When one cannot be read or is none.
pub fn read(maker: Maker, files: &[PathBuf]) -> anyhow::Result<Newest> {
    let mut newest = Newest::default();
    match maker {
        Maker::Isc => {
            for path in files {
                isc::read(open(path)?, &mut newest).with_context(|| unread(path))?;
            }
        }
        Maker::Kea => {
            let files = files.iter().filter_map(|path| Some((kea::age(path)?, path)));
            let mut files: Vec<_> = files.collect();
            anyhow::ensure!(!files.is_empty(), "none of the files is one of leases");
            files.sort();
            for journal in files.chunk_by(|((one, _), _), ((other, _), _)| one == other) {
                newest.begin_journal();
                for (_, path) in journal {
                    kea::read(open(path)?, &mut newest).with_context(|| unread(path))?;
                }
            }
        }
    }
    Ok(newest)
}

/// Sends what was read, and tells what became of it.
///
/// # Errors
/// [`Failure`].
pub async fn send(
    newest: &Newest,
    arguments: &LeaseFiles,
    session: &Session,
) -> Result<Exit, Failure> {
    // Files without a single record have no date either.
    let as_of = arguments.as_of.or(newest.as_of).unwrap_or_default();
    let given = arguments.longest_lease.map(|length| Millis::from_secs(length.as_secs()));
    let longest = given.unwrap_or_else(|| longest_lease(newest, as_of));
    check_moment(as_of)?;
    warn(newest, as_of, longest);
    let mut report = Report::default();
    let mut coming = Vec::new();
    for lease in newest.leases() {
        match row(lease, as_of) {
            Ok(row) => coming.push((lease, row)),
            Err(why) => report.add(why, lease),
        }
    }
    if coming.is_empty() && report.0.contains_key(RUN_OUT) {
        return Err(none_runs(as_of));
    }
    let told = newest.oddities.as_slice().iter();
    for odd in told.take(EXAMPLES_MAX) {
        tell(&format!("warning: left out: {}", odd.line()));
    }
    let longest_s = longest.0.div_ceil(1000);
    for part in coming.chunks(FOREIGN_LEASES_MAX) {
        let leases: Vec<&Value> = part.iter().map(|(_, row)| row).collect();
        let body = json!({ "as_of_ms": as_of.0, "longest_lease_s": longest_s, "leases": leases });
        let mut call = Call::write(Method::POST, PATH, Some(body));
        if arguments.dry_run {
            call.query.push(("dry_run".into(), "true".into()));
        }
        let answer = session.client.call(&call).await?;
        let results = answer.body["results"].as_array().map_or(&[][..], Vec::as_slice);
        for ((lease, _), result) in part.iter().zip(results) {
            report.add(sentence(result.as_str().unwrap_or_default()), lease);
        }
    }
    show(newest, &report, (as_of, longest_s), arguments, session);
    Ok(Exit::Ok)
}

fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    Ok(BufReader::new(File::open(path).with_context(|| unread(path))?))
}

fn unread(path: &Path) -> String {
    format!("the leases in {} cannot be imported", path.display())
}

/// A single wrong date would have every lease run out.
fn check_moment(as_of: WallTime) -> Result<(), Failure> {
    if as_of.0.saturating_sub(SystemClock.wall().0) <= AHEAD_MILLIS_MAX {
        return Ok(());
    }
    Err(Failure::refused(
        Exit::Failure,
        format!("leases cannot run on from {}", rfc3339(as_of)),
        "that is more than a day ahead: a date in the files, or this machine's clock, is wrong; nothing was sent",
        "name the moment at which the old server wrote last with --as-of",
    ))
}

/// Nothing would be sent, and nobody would know which ranges the old server gives addresses of.
fn none_runs(as_of: WallTime) -> Failure {
    Failure::refused(
        Exit::Failure,
        format!("none of the leases runs at {}", rfc3339(as_of)),
        "nothing was sent, and no range is closed",
        "if a date in the files is wrong, name the moment at which the old server wrote last with --as-of",
    )
}

fn warn(newest: &Newest, as_of: WallTime, longest: Millis) {
    if as_of > SystemClock.wall() {
        tell(&format!(
            "warning: leases run on from {}, which is still to come: is the old server's clock right?",
            rfc3339(as_of)
        ));
    }
    if longest == Millis(0) {
        tell("warning: no lease tells how long the old server's are: name it with --longest-lease");
    }
    let count = without_end(newest);
    if count > 0 {
        tell(&format!(
            "warning: {count} leases have no end: keep their addresses for their clients (`regent reserved-ip`)"
        ));
    }
}

/// What is sent of a lease; else why nothing is.
fn row(lease: &ForeignLease, as_of: WallTime) -> Result<Value, &'static str> {
    let ip = lease.address.to_string();
    let remaining = match choose(lease, as_of) {
        Chosen::Held { remaining, .. } => remaining,
        Chosen::InUse => return Ok(json!({ "ip": ip })),
        Chosen::RunOut => return Err(RUN_OUT),
        Chosen::Free => return Err("nobody's"),
        Chosen::NoClient => return Err("nobody knows whose"),
    };
    let card = match lease.client() {
        Some(Client::Card(card)) => Some(card.to_string()),
        Some(Client::Identifier(_)) | None => None,
    };
    let client_id: String = lease.client_id.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({
        "ip": ip,
        "mac_address": card,
        "client_id": client_id,
        "hostname": lease.hostname,
        "remaining_ms": remaining.0,
    }))
}

/// What people are told of a result.
fn sentence(result: &str) -> &'static str {
    match result {
        "recorded" => "recorded",
        "no_subnet" => "in no subnet",
        "not_given" => "in no dynamic range, and kept for nobody",
        "ours_since" => "given by a rack of this region since",
        "older" => "in a later copy already",
        _ => "answered in a way not known here",
    }
}

/// How many leases came to what.
#[derive(Default)]
struct Report(BTreeMap<&'static str, (u64, Vec<String>)>);

impl Report {
    fn add(&mut self, what: &'static str, lease: &ForeignLease) {
        let (count, examples) = self.0.entry(what).or_default();
        *count += 1;
        if examples.len() < EXAMPLES_MAX {
            examples.push(lease.address.to_string());
        }
    }
}

fn show(
    newest: &Newest,
    report: &Report,
    (as_of, longest_s): (WallTime, u64),
    arguments: &LeaseFiles,
    session: &Session,
) {
    let leases: serde_json::Map<String, Value> = report
        .0
        .iter()
        .map(|(what, (count, such_as))| {
            ((*what).to_owned(), json!({ "count": count, "such_as": such_as }))
        })
        .collect();
    let outcome = if arguments.dry_run { "dry_run" } else { "committed" };
    let told = json!({
        "outcome": outcome,
        "records": newest.records,
        "unreadable": newest.oddities.count_all(),
        "as_of": rfc3339(as_of),
        "longest_lease_s": longest_s,
        "leases": leases,
    });
    session.format.show(&told, |_| {
        let mut rows = vec![["LEASES", "COUNT", "SUCH AS"].map(str::to_owned).to_vec()];
        let lines = report.0.iter();
        rows.extend(lines.map(|(what, (count, such_as))| {
            vec![(*what).to_owned(), count.to_string(), such_as.join(", ")]
        }));
        let end = match arguments.dry_run {
            true => "nothing was changed: this was a dry run".to_owned(),
            false => format!(
                "leases run on from {}; `regent subnet show` tells until when their ranges are closed",
                rfc3339(as_of)
            ),
        };
        format!("{}\n{end}\n", table::aligned(&rows))
    });
}
