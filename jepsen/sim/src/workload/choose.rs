//! Which question a client asks next.

use crate::chance::Chance;
use crate::workload::ask::{Ask, AskedWrite, Held, Known};
use crate::workload::site::Site;
use regent_check::history::line::{Function, Level, Revision};
use regent_core::command::allocate_address::{AddressSource, AllocateAddress};
use regent_core::command::edit::Edit;
use regent_core::command::owner_data::OwnerDataCommand;
use regent_core::command::{Command, Guard};
use regent_core::model::owner_data::{OwnerData, OwnerDataKey};
use regent_core::model::static_ip_address::AllocType;
use regent_core::state::tables::Stored as _;
use serde_json::{Value, json};

/// What clients do in every run.
pub const FUNCTIONS: [Function; 10] = [
    Function::Read,
    Function::Write,
    Function::Delete,
    Function::Cas,
    Function::Alloc,
    Function::Release,
    Function::Add,
    Function::ReadSet,
    Function::Usage,
    Function::Digest,
];

/// Registers in use at once.
const REGISTERS: usize = 10;
/// The set, as histories call it.
pub const SET: &str = "set";
/// The subnet, as histories call it.
pub const SUBNET: &str = "subnet";
/// Addresses a client holds at most.
const HELD_MAX: usize = 3;

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

/// The names of all registers.
pub fn register_names() -> impl Iterator<Item = String> {
    (0..REGISTERS).map(|number| format!("r{number}"))
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
        match chance.below(24) {
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
            _ => match memory.held.first() {
                Some(held) if memory.held.len() >= HELD_MAX || chance.percent(40) => {
                    released(held, mark)
                }
                Some(_) | None => self.allocated(mark),
            },
        }
    }

    fn set(&self, key: String, mark: &str) -> Ask {
        let (node, value) = (self.registers, mark.to_owned());
        let command = OwnerDataCommand::Set { node, key: key.clone(), value };
        write(Function::Write, key, Some(json!(mark)), Command::OwnerData(command), mark)
    }

    fn deleted(&self, key: String, mark: &str) -> Ask {
        let command = OwnerDataCommand::Remove { node: self.registers, key: key.clone() };
        write(Function::Delete, key, None, Command::OwnerData(command), mark)
    }

    /// A write that takes place only if the register still has the value that was read: values are unique, so it has
    /// if nothing was written since.
    fn swapped(&self, known: &Known, mark: &str) -> Ask {
        let (node, key, value) = (self.registers, known.key.clone(), mark.to_owned());
        let object = OwnerData::object(&OwnerDataKey { node, key: key.clone() });
        let guard = match known.written {
            Some(revision) => Guard::Revision(object, revision),
            None => Guard::Absent(object),
        };
        let input = json!({ "old": known.value, "new": mark });
        let command = OwnerDataCommand::Set { node, key: key.clone(), value };
        let asked = AskedWrite {
            function: Function::Cas,
            key,
            input: Some(input),
            guards: vec![guard],
            command: Command::OwnerData(command),
            request_id: mark.to_owned(),
        };
        Ask::Write(Box::new(asked))
    }

    fn added(&self, mark: &str) -> Ask {
        let (node, key, value) = (self.set, mark.to_owned(), String::new());
        let command = Command::OwnerData(OwnerDataCommand::Set { node, key, value });
        write(Function::Add, SET.into(), Some(json!(mark)), command, mark)
    }

    fn allocated(&self, mark: &str) -> Ask {
        let wish = AllocateAddress {
            from: AddressSource::Subnet(self.subnet),
            count: 1,
            preferred: None,
            alloc_type: AllocType::UserReserved,
            user: None,
            comment: mark.to_owned(),
            interface: None,
            expires_after: None,
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
