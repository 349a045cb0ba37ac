//! Which process has the other end of a connection on this host, as `/proc` tells it.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// What the kernel lists of TCP over IPv4: own and other address are the second and third word of a line, the inode the tenth.
const CONNECTIONS: &str = "/proc/net/tcp";
const OWN_AT: usize = 1;
const OTHER_AT: usize = 2;
const INODE_AT: usize = 9;

/// A connection as the process sees it that has its other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its own address.
    pub own: SocketAddr,
    /// The address it opened the connection to: one port may be the beginning of several.
    pub other: SocketAddr,
}

/// The node whose process opened a connection: nodes are known by their directories, which their processes are told.
#[must_use]
pub fn node(opened: Opened, directories: &[PathBuf]) -> Option<usize> {
    let table = fs::read_to_string(CONNECTIONS).ok()?;
    let socket = format!("socket:[{}]", inode(&table, opened)?);
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let process = entry.path();
        let Ok(line) = fs::read(process.join("cmdline")) else { continue };
        let is_told =
            |directory: &&PathBuf| words(&line).any(|word| Path::new(word) == **directory);
        let told = directories.iter().find(is_told);
        if let Some(node) = told.and_then(|told| directories.iter().position(|own| own == told))
            && has(&process, &socket)
        {
            return Some(node);
        }
    }
    None
}

fn words(line: &[u8]) -> impl Iterator<Item = &str> {
    line.split(|byte| *byte == 0).filter_map(|word| std::str::from_utf8(word).ok())
}

fn has(process: &Path, socket: &str) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
    targets.any(|target| target == Path::new(socket))
}

fn inode(table: &str, opened: Opened) -> Option<&str> {
    let (own, other) = (listed(opened.own)?, listed(opened.other)?);
    let lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let is_it = |words: &Vec<&str>| {
        words.get(OWN_AT) == Some(&&*own) && words.get(OTHER_AT) == Some(&&*other)
    };
    lines.into_iter().find(is_it)?.get(INODE_AT).copied()
}

/// An address as the table has it: as the machine keeps it in its memory.
fn listed(address: SocketAddr) -> Option<String> {
    let IpAddr::V4(ip) = address.ip() else { return None };
    Some(format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port()))
}

#[cfg(test)]
mod tests {
    use super::{Opened, node};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn process_that_opened_a_connection_is_known_by_a_directory_among_its_words() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (own, other) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
        let word = std::env::args().next().unwrap();
        let opened = Opened { own, other };
        assert_eq!(node(opened, &["/nowhere".into(), word.into()]), Some(1));
        assert_eq!(node(opened, &["/nowhere".into()]), None);
    }
}
