//! What `regent dev` prints when the cluster is there: what runs, and what to try.

use crate::cli::dev_record::DevRecord;
use crate::dev::samples::Samples;
use crate::dev::site::Site;
use std::time::Duration;

/// The port for which commands need no address.
const DEFAULT_PORT: u16 = 7440;

/// What a region was given to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Nothing, or what its data folder has.
    Nothing,
    /// Demo data, in so many requests.
    Demo(usize),
    /// A site.
    Site(Site),
}

/// What there is to tell.
#[derive(Clone, Debug)]
pub struct Welcome<'a> {
    /// The cluster.
    pub record: &'a DevRecord,
    /// How commands call this program.
    pub program: &'a str,
    /// What the region was given to begin with.
    pub given: &'a Given,
    /// What is in it, to be named.
    pub samples: &'a Samples,
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
        let loaded = match self.given {
            Given::Nothing => "no data yet".to_owned(),
            Given::Demo(requests) => format!("demo data loaded with {requests} requests"),
            Given::Site(Site { dump, nodes, .. }) => format!("{dump} imported: {nodes} nodes"),
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
        if !record.racks.is_empty() {
            let racks: Vec<_> = record.racks.iter().map(|rack| rack.dhcp.as_str()).collect();
            let clients = record.clients.map_or(0, |clients| clients.clients);
            let racks = racks.join("  ");
            lines.push(format!("  DHCP  {racks}  {clients} simulated clients: {program} lease ls"));
        }
        if record.base_port != DEFAULT_PORT {
            let addresses: Vec<_> = record.nodes.iter().map(|node| node.api.as_str()).collect();
            lines.push(format!("  first export REGENT_ADDR={}", addresses.join(",")));
        }
        let last = record.nodes.last().map_or("r1", |node| node.name.as_str());
        lines.extend([
            format!("  try   {program} status"),
            format!("        {program} machine ls"),
            format!("        curl '{}{}'", urls.last().map_or("", |url| url), self.path()),
        ]);
        lines.extend(self.dig());
        lines.extend([
            format!("        {program} dev failover    kill the leader under load: what do clients notice?"),
            format!("        {program} dev kill {last}     and then: {program} dev start {last}"),
            format!("  data  {}{}", record.data_dir.display(), self.fate_of_data()),
            format!("  logs  {}/r*.log", record.data_dir.display()),
        ]);
        if let Given::Site(Site { left_behind, report, .. }) = self.given {
            let report = report.display();
            lines.push(format!("  rows  {report}: why {left_behind} rows stayed behind"));
        }
        lines.push(format!("  stop  Ctrl-C, or: {program} dev stop"));
        lines.join("\n") + "\n"
    }

    /// What to ask over HTTP.
    fn path(&self) -> String {
        match &self.samples.machine {
            Some(machine) => format!("/v1/machines/{machine}"),
            None => "/v1/machines?limit=2".to_owned(),
        }
    }

    /// What to ask over DNS.
    fn dig(&self) -> Option<String> {
        let (name, node) = (self.samples.name.as_ref()?, self.record.nodes.last()?);
        let (address, port) = node.dns.rsplit_once(':')?;
        Some(format!("        dig +short @{address} -p {port} {name}"))
    }

    const fn fate_of_data(&self) -> &'static str {
        if self.record.data_is_temporary { "  (deleted at the end)" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Welcome};
    use crate::cli::dev_record::DevRecord;
    use crate::dev::layout::Layout;
    use crate::dev::samples::Samples;
    use crate::dev::site::Site;
    use std::path::PathBuf;
    use std::time::Duration;

    fn text(given: &Given, samples: &Samples) -> String {
        text_with(0, given, samples)
    }

    fn text_with(racks: u16, given: &Given, samples: &Samples) -> String {
        let data_dir = PathBuf::from("/tmp/d");
        let layout = Layout { base_port: 20000, nodes: 5, racks };
        let (nodes, racks) = (layout.places(&data_dir), layout.rack_places(&data_dir));
        let record = DevRecord {
            base_port: 20000,
            supervisor: 1,
            data_dir,
            data_is_temporary: true,
            nodes,
            racks,
            clients: None,
        };
        let took = Duration::from_millis(1234);
        Welcome { record: &record, program: "regent", given, samples, took }.text()
    }

    fn site() -> Given {
        let report = PathBuf::from("/tmp/d/report");
        Given::Site(Site { dump: "maas.sql".into(), nodes: 70, left_behind: 9, report })
    }

    #[test]
    fn welcome_fits_fourteen_lines_whatever_is_to_tell() {
        let samples =
            Samples { machine: Some("abc123".into()), name: Some("web.example.org".into()) };
        for text in [text(&site(), &samples), text_with(2, &Given::Demo(76), &samples)] {
            assert!(text.lines().count() <= 14, "{text}");
            assert!(text.starts_with("5 region nodes run; failures tolerated: 2;"), "{text}");
        }
    }

    #[test]
    fn what_there_is_to_try_names_what_is_there() {
        let samples =
            Samples { machine: Some("abc123".into()), name: Some("web.example.org".into()) };
        let told = text(&site(), &samples);
        for line in [
            "maas.sql imported: 70 nodes. Ready after",
            "        curl 'http://127.0.0.1:20040/v1/machines/abc123'",
            "        dig +short @127.0.0.1 -p 20043 web.example.org",
            "  rows  /tmp/d/report: why 9 rows stayed behind",
        ] {
            assert!(told.contains(line), "{line} in {told}");
        }
        let empty = text(&Given::Nothing, &Samples::default());
        assert!(!empty.contains("DHCP"), "{empty}");
        assert!(empty.contains("/v1/machines?limit=2'") && !empty.contains("dig"), "{empty}");
    }
}
