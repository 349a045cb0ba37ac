//! What applying one entry costs the state machine, without log and network: a new machine and a changed one, in a small
//! site and in a large one.

use regent_benches::spread::Spread;
use regent_benches::table::Table;
use regent_core::apply::apply;
use regent_core::command::node::{NewInterface, NewNode, NodeCommand, NodePatch};
use regent_core::command::site::SiteCommand;
use regent_core::command::{Command, Proposal, Request};
use regent_core::id::{Id as _, NodeId};
use regent_core::model::node::NodeType;
use regent_core::net::mac::MacAddr;
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_core::time::{ClusterTime, WallTime};
use std::io::Write as _;
use std::time::Instant;

/// Machines of the small and of the large site.
const SIZES: [u32; 2] = [1_000, 100_000];
/// Entries of one round, and rounds a figure is the median of.
const ENTRIES: u32 = 1_000;
const ROUNDS: u32 = 11;

fn main() -> anyhow::Result<()> {
    let mut table = Table::new("one entry applied", &["machines", "entry", "us"]);
    table.note(format!("median of {ROUNDS} rounds of {ENTRIES} entries, each on the state before"));
    for machines in SIZES {
        let mut site = Site::founded()?;
        (0..machines).for_each(|number| site.run(new_machine(number)));
        let mut numbers = machines..;
        let created = site.rounds(|| new_machine(numbers.next().unwrap_or_default()));
        let mut changes = 0..;
        let changed = site.rounds(|| {
            let turn: u32 = changes.next().unwrap_or_default();
            changed_machine(turn.wrapping_mul(7_919) % machines + 1, turn)
        });
        for (entry, figure) in
            [("new machine with a card", created), ("another description", changed)]
        {
            table.rows.push(vec![
                machines.to_string().as_str().into(),
                entry.into(),
                figure.into(),
            ]);
        }
    }
    Ok(writeln!(std::io::stdout().lock(), "{table}")?)
}

/// A state machine of its own.
struct Site {
    state: State,
    index: u64,
}

impl Site {
    fn founded() -> anyhow::Result<Self> {
        let mut site = Self { state: State::new(Meta::default()), index: 0 };
        site.run(Command::Site(SiteCommand::Bootstrap { domain: "maas".parse()? }));
        Ok(site)
    }

    fn run(&mut self, command: Command) {
        let principal = String::new();
        let request = Request { principal, origin: None, key: None, guards: Vec::new(), command };
        let (at, wall) = (ClusterTime(self.index), WallTime::default());
        self.index += 1;
        let applied = apply(&self.state, self.index, &Proposal { at, wall, request });
        assert!(applied.reply.result.is_ok(), "{:?}", applied.reply.result);
        self.state = applied.state;
    }

    /// Microseconds for one of the entries that `next` makes.
    fn rounds(&mut self, mut next: impl FnMut() -> Command) -> Option<Spread> {
        let round = |_| {
            let commands: Vec<Command> = (0..ENTRIES).map(|_| next()).collect();
            let began = Instant::now();
            commands.into_iter().for_each(|command| self.run(command));
            began.elapsed().as_secs_f64() * 1e6 / f64::from(ENTRIES)
        };
        Spread::of((0..ROUNDS).map(round).collect::<Vec<_>>())
    }
}

fn new_machine(number: u32) -> Command {
    let [a, b, c, d] = number.to_be_bytes();
    let mac_address = MacAddr([2, 0, a, b, c, d]);
    Command::Node(Box::new(NodeCommand::Create(NewNode {
        node_type: NodeType::Machine,
        fields: description(number),
        interfaces: vec![NewInterface { name: "eno1".into(), mac_address, vlan: None }],
    })))
}

fn changed_machine(id: u32, turn: u32) -> Command {
    let id = NodeId::from_number(id);
    Command::Node(Box::new(NodeCommand::Update { id, patch: description(turn) }))
}

fn description(turn: u32) -> NodePatch {
    NodePatch { description: Some(format!("{turn:0120}")), ..NodePatch::default() }
}
