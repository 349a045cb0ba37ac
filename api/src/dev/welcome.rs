//! What `regent dev` prints when the cluster is there: what runs, and what to try.

use crate::cli::dev_record::DevRecord;
use std::time::Duration;

/// The port for which commands need no address.
const DEFAULT_PORT: u16 = 7440;

/// What there is to tell.
#[derive(Clone, Debug)]
pub struct Welcome<'a> {
    /// The cluster.
    pub record: &'a DevRecord,
    /// How commands call this program.
    pub program: &'a str,
    /// Requests of demo data that were sent.
    pub demo_requests: usize,
    /// From the start to here.
    pub took: Duration,
}

impl Welcome<'_> {
    /// The lines, at most 14.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { record, program, .. } = self;
        let nodes = record.nodes.len();
        let tolerated = (nodes - 1) / 2;
        let loaded = match self.demo_requests {
            0 => "no data yet".to_owned(),
            requests => format!("demo data loaded with {requests} requests"),
        };
        let urls: Vec<_> = record.nodes.iter().map(|node| format!("http://{}", node.api)).collect();
        let mut lines = vec![
            format!(
                "{nodes} region nodes run; failures tolerated: {tolerated}; {loaded}. Ready after {:.1} s.",
                self.took.as_secs_f64()
            ),
            String::new(),
            format!("  API   {}", urls.join("  ")),
        ];
        if record.base_port != DEFAULT_PORT {
            let addresses: Vec<_> = record.nodes.iter().map(|node| node.api.as_str()).collect();
            lines.push(format!("  first export REGENT_ADDR={}", addresses.join(",")));
        }
        let last = record.nodes.last().map_or("r1", |node| node.name.as_str());
        lines.extend([
            format!("  try   {program} status"),
            format!("        {program} machine ls"),
            format!("        curl '{}/v1/machines?limit=2'", urls.last().map_or("", |url| url)),
            format!("        {program} dev failover    kill the leader under load: what do clients notice?"),
            format!("        {program} dev kill {last}     and then: {program} dev start {last}"),
            format!("  data  {}{}", record.data_dir.display(), self.fate_of_data()),
            format!("  logs  {}/r*.log", record.data_dir.display()),
            format!("  stop  Ctrl-C, or: {program} dev stop"),
        ]);
        lines.join("\n") + "\n"
    }

    const fn fate_of_data(&self) -> &'static str {
        if self.record.data_is_temporary { "  (deleted at the end)" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::Welcome;
    use crate::cli::dev_record::DevRecord;
    use crate::dev::layout::Layout;
    use std::path::PathBuf;
    use std::time::Duration;

    #[test]
    fn welcome_fits_fourteen_lines_whatever_is_to_tell() {
        let data_dir = PathBuf::from("/tmp/d");
        let layout = Layout { base_port: 20000, nodes: 5 };
        let nodes = layout.places(&data_dir);
        let record =
            DevRecord { base_port: 20000, supervisor: 1, data_dir, data_is_temporary: true, nodes };
        let took = Duration::from_millis(1234);
        let text = Welcome { record: &record, program: "regent", demo_requests: 60, took }.text();
        assert!(text.lines().count() <= 14, "{text}");
        assert!(text.starts_with("5 region nodes run; failures tolerated: 2;"), "{text}");
    }
}
