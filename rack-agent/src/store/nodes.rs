//! Where the region's nodes are, as the region said last: a file of its own. Losing it costs nothing but a line in the
//! configuration.

use crate::endpoint::Endpoint;
use crate::store::durable;
use regent_core::codec;
use std::fs;
use std::io;
use std::path::Path;

/// File of the nodes.
pub const NODES_FILE: &str = "nodes";
/// Bytes of it that are read.
const NODES_BYTES_MAX: u64 = 64 << 10;

/// The nodes that were written last; none if there are none that can be read, which is logged.
#[must_use]
pub fn read(directory: &Path) -> Vec<Endpoint> {
    let path = directory.join(NODES_FILE);
    match read_file(&path) {
        Ok(nodes) => nodes.iter().filter_map(|node| node.parse().ok()).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the region's nodes cannot be read");
            Vec::new()
        }
    }
}

/// Writes the nodes, for good.
///
/// # Errors
/// The disk refused; then those from before stand.
pub fn write(directory: &Path, nodes: &[Endpoint]) -> io::Result<()> {
    let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    durable::replace(&directory.join(NODES_FILE), &codec::seal(&nodes))
}

fn read_file(path: &Path) -> io::Result<Vec<String>> {
    if fs::metadata(path)?.len() > NODES_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large"));
    }
    codec::open(&fs::read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::{NODES_FILE, read, write};
    use crate::endpoint::Endpoint;

    #[test]
    fn nodes_are_read_as_they_were_written_and_damage_costs_no_more_than_them() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), []);
        let nodes: Vec<Endpoint> =
            ["r1:7440", "[2001:db8::1]:7440"].map(|node| node.parse().unwrap()).into();
        write(folder.path(), &nodes).unwrap();
        assert_eq!(read(folder.path()), nodes);
        write(folder.path(), &nodes[..1]).unwrap();
        assert_eq!(read(folder.path()), nodes[..1]);
        std::fs::write(folder.path().join(NODES_FILE), b"garbage").unwrap();
        assert_eq!(read(folder.path()), []);
        std::fs::write(folder.path().join(NODES_FILE), vec![0; 70_000]).unwrap();
        assert_eq!(read(folder.path()), []);
    }
}
