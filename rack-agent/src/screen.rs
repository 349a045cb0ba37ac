//! What the executable shows people of a running agent.

use regent_rack_agent::agent::report::Report;
use std::fmt::Write as _;

/// The agent on one screen.
pub(crate) fn status(report: &Report) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        writeln!(text, "{name:<10}{value}").expect("a string takes everything");
    };
    line("rack", &format!("{} of cluster {}", report.system_id, report.cluster_id));
    line("version", &report.version);
    line("region", &report.contact);
    if let Some(trouble) = &report.trouble {
        line("trouble", trouble);
    }
    let revision = report.revision.map_or_else(|| "none yet".to_owned(), |at| at.to_string());
    line("revision", &revision);
    line("leases", &report.lease_count.to_string());
    let packets = report.packets;
    line(
        "packets",
        &format!(
            "{} heard, {} dropped, {} sent, {} unsent",
            packets.heard, packets.dropped, packets.sent, packets.unsent
        ),
    );
    if report.untried > 0 {
        line("untried", &format!("{} times an address could not be tried", report.untried));
    }
    for vlan in &report.vlans {
        let address =
            vlan.address.map_or_else(|| "through relays".to_owned(), |own| format!("at {own}"));
        let state = vlan
            .trouble
            .as_ref()
            .map_or("serves".to_owned(), |why| format!("does not serve: {why}"));
        line("vlan", &format!("{} {state}, {address}", vlan.vlan));
    }
    for block in &report.blocks {
        line("block", &format!("{} for {} s", block.range, block.seconds_left));
    }
    text
}

/// What it has given, a line each.
pub(crate) fn leases(report: &Report) -> String {
    let mut text = format!("{:<16}{:<24}{:>10}{:>12}\n", "ADDRESS", "CLIENT", "SECONDS", "ALONE");
    for lease in &report.leases {
        let (address, client) = (lease.address.to_string(), &lease.client);
        let (left, alone) = (lease.seconds_left, lease.alone_seconds_left);
        writeln!(text, "{address:<16}{client:<24}{left:>10}{alone:>12}")
            .expect("a string takes everything");
    }
    let hidden = report.lease_count - report.leases.len().min(report.lease_count);
    if hidden > 0 {
        writeln!(text, "... and {hidden} more").expect("a string takes everything");
    }
    text
}
