//! Which question a client asks next.

use crate::chance::Chance;
use crate::workload::ask::{Ask, AskedWrite, Held, Known};
use crate::workload::site::{NAMES, Site, in_domain, txt};
use regent_check::history::line::{Function, Level, Revision};
use regent_core::command::allocate_address::{AddressSource, AllocateAddress};
use regent_core::command::dns_data::DnsDataPatch;
use regent_core::command::edit::Edit;
use regent_core::command::owner_data::OwnerDataCommand;
use regent_core::command::{Command, Guard};
use regent_core::id::NodeId;
use regent_core::model::owner_data::{OwnerData, OwnerDataKey};
use regent_core::model::static_ip_address::AllocType;
use regent_core::state::tables::Stored as _;
use regent_core::time::Millis;
use serde_json::{Value, json};

/// What clients do in every run.
pub const FUNCTIONS: [Function; 11] = [
    Function::Read,
    Function::Write,
    Function::Delete,
    Function::Cas,
    Function::Alloc,
    Function::Release,
    Function::Add,
    Function::ReadSet,
    Function::Usage,
    Function::Dns,
    Function::Digest,
];

/// Registers in use at once.
const REGISTERS: usize = 10;
/// Those that have a mirror.
const PAIRS: [&str; 3] = ["r0", "r3", "r6"];
/// The set, as histories call it.
pub const SET: &str = "set";
/// The subnet, as histories call it.
pub const SUBNET: &str = "subnet";
/// Addresses a client holds at most.
const HELD_MAX: usize = 3;
/// For how long addresses are asked for that end by themselves.
const LIVES_MS: [u64; 3] = [500, 2_000, 8_000];

/// What a client brings along when it asks.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The register it read last.
    pub known: Option<Known>,
    /// Addresses it holds.
    pub held: Vec<Held>,
    /// The last revision it saw.
    pub seen: Option<Revision>,
}

/// The names of all registers: annotations, and records.
pub fn register_names() -> impl Iterator<Item = String> {
    (0..REGISTERS).map(|number| format!("r{number}")).chain(NAMES.map(str::to_owned))
}

/// Whether a register is written together with its mirror, in one batch.
#[must_use]
pub fn is_pair(register: &str) -> bool {
    PAIRS.contains(&register)
}

impl Site {
    /// What a client asks next. `mark` is a text that nobody else uses.
    #[must_use]
    pub fn next(&self, chance: &mut Chance, mark: &str, memory: &Memory) -> Ask {
        let register = format!("r{}", chance.below(REGISTERS));
        let stale = Level::Stale { age_ms: 0 };
        let read = |function, key: &str, level| {
            let key = Some(key.to_owned());
            Ask::Read { function, key, level }
        };
        match chance.below(32) {
            0..5 => self.set(register, mark),
            5 => self.deleted(register, mark),
            6..10 => match &memory.known {
                Some(known) => self.swapped(known, mark),
                None => read(Function::Read, &register, Level::Lin),
            },
            10..13 => read(Function::Read, &register, Level::Lin),
            13 => match memory.seen {
                Some(min_revision) => {
                    read(Function::Read, &register, Level::Session { min_revision })
                }
                None => read(Function::Read, &register, Level::Lin),
            },
            14 => read(Function::Read, &register, stale),
            15..18 => self.added(mark),
            18 => read(Function::ReadSet, SET, Level::Lin),
            19 => Ask::Read { function: Function::Digest, key: None, level: stale },
            20 => read(Function::Usage, SUBNET, Level::Lin),
            21..23 => self.recorded(chance.below(NAMES.len()), mark),
            23..25 => read(Function::Dns, &in_domain(chance.one_of(&NAMES)), stale),
            25 => read(Function::Read, chance.one_of(&NAMES), Level::Lin),
            26..29 => self.allocated(Some(Millis(chance.one_of(&LIVES_MS))), mark),
            _ => match memory.held.first() {
                Some(held) if memory.held.len() >= HELD_MAX || chance.percent(40) => {
                    released(held, mark)
                }
                Some(_) | None => self.allocated(None, mark),
            },
        }
    }

    fn set(&self, key: String, mark: &str) -> Ask {
        let command = self.setting(&key, mark);
        write(Function::Write, key, Some(json!(mark)), command, mark)
    }

    /// Sets a register, and its mirror if it has one.
    fn setting(&self, key: &str, mark: &str) -> Command {
        self.at_both(key, |node| {
            let (key, value) = (key.to_owned(), mark.to_owned());
            OwnerDataCommand::Set { node, key, value }
        })
    }

    fn at_both(&self, key: &str, change: impl Fn(NodeId) -> OwnerDataCommand) -> Command {
        if is_pair(key) {
            let steps = [self.registers, self.mirror].map(|node| Command::OwnerData(change(node)));
            return Command::Batch(steps.into());
        }
        Command::OwnerData(change(self.registers))
    }

    fn deleted(&self, key: String, mark: &str) -> Ask {
        let command =
            self.at_both(&key, |node| OwnerDataCommand::Remove { node, key: key.clone() });
        write(Function::Delete, key, None, command, mark)
    }

    /// Writes the record of a name.
    fn recorded(&self, place: usize, mark: &str) -> Ask {
        let patch = DnsDataPatch { rdata: Some(txt(mark)), ..DnsDataPatch::default() };
        let command = Command::DnsData(Edit::Update { id: self.records[place], patch });
        write(Function::Write, NAMES[place].into(), Some(json!(mark)), command, mark)
    }

    /// A write that takes place only if the register still has the value that was read: values are unique, so it has
    /// if nothing was written since.
    fn swapped(&self, known: &Known, mark: &str) -> Ask {
        let (node, key) = (self.registers, known.key.clone());
        let object = OwnerData::object(&OwnerDataKey { node, key: key.clone() });
        let guard = match known.written {
            Some(revision) => Guard::Revision(object, revision),
            None => Guard::Absent(object),
        };
        let input = json!({ "old": known.value, "new": mark });
        let command = self.setting(&key, mark);
        let asked = AskedWrite {
            function: Function::Cas,
            key,
            input: Some(input),
            guards: vec![guard],
            command,
            request_id: mark.to_owned(),
        };
        Ask::Write(Box::new(asked))
    }

    fn added(&self, mark: &str) -> Ask {
        let (node, key, value) = (self.set, mark.to_owned(), String::new());
        let command = Command::OwnerData(OwnerDataCommand::Set { node, key, value });
        write(Function::Add, SET.into(), Some(json!(mark)), command, mark)
    }

    /// Takes an address, for ever or for some time.
    fn allocated(&self, expires_after: Option<Millis>, mark: &str) -> Ask {
        let wish = AllocateAddress {
            from: AddressSource::Subnet(self.subnet),
            count: 1,
            preferred: None,
            alloc_type: AllocType::UserReserved,
            user: None,
            comment: mark.to_owned(),
            interface: None,
            expires_after,
        };
        let input = json!({ "client": mark });
        write(Function::Alloc, SUBNET.into(), Some(input), Command::AllocateAddress(wish), mark)
    }
}

fn released(held: &Held, mark: &str) -> Ask {
    let input = json!({ "client": held.holder, "addr": held.address });
    let command = Command::StaticIpAddress(Edit::Delete { id: held.object });
    write(Function::Release, SUBNET.into(), Some(input), command, mark)
}

fn write(
    function: Function,
    key: String,
    input: Option<Value>,
    command: Command,
    mark: &str,
) -> Ask {
    let (guards, request_id) = (Vec::new(), mark.to_owned());
    Ask::Write(Box::new(AskedWrite { function, key, input, guards, command, request_id }))
}
