//! Leases that a rack takes along to another region: a file that `regent import kea-leases` reads. The region it leaves knows
//! them, too, but has nobody left who serves their VLAN.

use crate::clock::sample::WallTime;
use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use crate::store::durable;
use regent_core::lease::binding::Client;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

/// The file, in the state directory.
pub const CARRIED_FILE: &str = "carried-leases.csv";
/// Columns of Kea's lease file for IPv4, as its version 2.2 writes them.
const COLUMNS: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,\
                       hostname,state,user_context,pool_id";
const MS_A_SECOND: u64 = 1000;

/// Writes the leases, for good, in the place of those of an earlier time. Where there are none, there is no file.
///
/// # Errors
/// The disk refused.
pub fn write(
    directory: &Path,
    leases: &BTreeMap<Ipv4Addr, Record>,
    moment: (RackTime, WallTime),
) -> io::Result<()> {
    let path = directory.join(CARRIED_FILE);
    let lines: Vec<String> =
        leases.iter().map(|(address, last)| line(*address, last, moment)).collect();
    if lines.is_empty() {
        durable::remove_if_there(&path)?;
        return durable::sync_folder_of(&path);
    }
    durable::replace(&path, format!("{COLUMNS}\n{}", lines.concat()).as_bytes())
}

/// One lease. Times are whole seconds of the wall clock, rounded up: nobody else may have the address too early.
fn line(address: Ipv4Addr, record: &Record, (now, wall): (RackTime, WallTime)) -> String {
    let ends = wall.0.saturating_add(now.until(record.acked_until).0).div_ceil(MS_A_SECOND);
    let life = record.life.0.div_ceil(MS_A_SECOND);
    let (card, identifier) = match &record.client {
        Client::Card(mac) => (mac.to_string(), String::new()),
        Client::Identifier(identifier) => (String::new(), octets(identifier)),
    };
    format!("{address},{card},{identifier},{life},{ends},0,0,0,,0,,0\n")
}

fn octets(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::{CARRIED_FILE, COLUMNS, write};
    use crate::clock::sample::WallTime;
    use crate::lease::rack_time::RackTime;
    use crate::lease::record::Record;
    use regent_core::lease::binding::Client;
    use regent_core::net::mac::MacAddr;
    use regent_core::time::Millis;
    use std::collections::BTreeMap;

    #[test]
    fn leases_are_told_by_the_wall_clock_as_kea_does() {
        let folder = tempfile::tempdir().unwrap();
        let now = RackTime(5_000);
        let record = |client, left| Record::acked_alone(None, &client, Millis(left), now);
        let card = record(Client::Card(MacAddr([2, 0, 0, 0, 0, 9])), 600_000);
        let other = record(Client::Identifier(vec![0, 0xab]), 1_500);
        let leases = [([10, 0, 0, 7].into(), card), ([10, 0, 0, 8].into(), other)].into();
        let moment = (now, WallTime(1_700_000_000_000));
        write(folder.path(), &leases, moment).unwrap();
        let text = std::fs::read_to_string(folder.path().join(CARRIED_FILE)).unwrap();
        let expected = [
            COLUMNS,
            "10.0.0.7,02:00:00:00:00:09,,600,1700000600,0,0,0,,0,,0",
            "10.0.0.8,,00:ab,2,1700000002,0,0,0,,0,,0",
            "",
        ];
        assert_eq!(text.split('\n').collect::<Vec<_>>(), expected);
        write(folder.path(), &BTreeMap::new(), moment).unwrap();
        assert!(!folder.path().join(CARRIED_FILE).exists(), "what was carried once is not again");
    }
}
