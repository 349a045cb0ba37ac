//! A state machine driven by hand: applies commands one after the other and keeps what came of them.
#![allow(clippy::unwrap_used, dead_code, reason = "tests may fail loudly; not each uses all")]

pub(crate) mod staged;

use regent_core::apply::{Applied, apply};
use regent_core::command::allocate_address::{AddressSource, AllocateAddress};
use regent_core::command::edit::Edit;
use regent_core::command::site::SiteCommand;
use regent_core::command::{Command, Proposal, Request};
use regent_core::id::{SubnetId, VlanId};
use regent_core::invariant;
use regent_core::model::static_ip_address::AllocType;
use regent_core::model::subnet::Subnet;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use regent_core::snapshot::{self, Loader};
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_core::time::{ClusterTime, WallTime};

/// A state and the index of its next entry.
#[derive(Clone)]
pub(crate) struct Region {
    pub(crate) state: State,
    pub(crate) next: u64,
    pub(crate) now: ClusterTime,
}

impl Region {
    /// A region before its first entry.
    pub(crate) fn empty() -> Self {
        Self { state: State::new(Meta::default()), next: 1, now: ClusterTime(0) }
    }

    /// A region with what every site has.
    pub(crate) fn founded() -> Self {
        let mut region = Self::empty();
        let domain = "maas".parse().unwrap();
        region.run(Command::Site(SiteCommand::Bootstrap { domain })).unwrap();
        region
    }

    /// Applies one request.
    pub(crate) fn apply(&mut self, request: Request) -> Applied {
        let wall = WallTime(i64::try_from(self.now.0).unwrap());
        let applied = apply(&self.state, self.next, &Proposal { at: self.now, wall, request });
        self.next += 1;
        self.state = applied.state.clone();
        applied
    }

    /// Applies one command.
    pub(crate) fn run(&mut self, command: Command) -> Result<Outcome, Rejection> {
        self.apply(request(command)).reply.result
    }

    /// Applies a command that creates something, and tells its number.
    pub(crate) fn create(&mut self, command: Command) -> u32 {
        match self.run(command) {
            Ok(Outcome::Created(object)) => number(&object.key),
            other => panic!("{other:?}"),
        }
    }

    /// Makes a subnet in the VLAN that a founded site has.
    pub(crate) fn subnet(&mut self, cidr: &str) -> SubnetId {
        let subnet = Subnet::new(VlanId(5001), cidr.parse().unwrap());
        SubnetId(self.create(Command::Subnet(Edit::Create(subnet))))
    }

    /// The state read back from its own snapshot.
    pub(crate) fn through_snapshot(&self) -> State {
        let mut loader = Loader::default();
        snapshot::write(&self.state, &mut |record| loader.record(record)).unwrap();
        loader.finish().unwrap()
    }

    /// Fails if the state breaks a rule.
    pub(crate) fn assert_sound(&self, when: &dyn std::fmt::Debug) {
        let violations = invariant::check(&self.state);
        assert!(violations.is_empty(), "{violations:#?} after {when:?}");
    }
}

/// A request of nobody in particular.
pub(crate) fn request(command: Command) -> Request {
    Request { principal: "admin".into(), origin: None, key: None, guards: Vec::new(), command }
}

/// A wish for the next free addresses of a subnet, for nobody in particular.
pub(crate) fn next_free(subnet: SubnetId, count: u16) -> Command {
    Command::AllocateAddress(AllocateAddress {
        from: AddressSource::Subnet(subnet),
        count,
        preferred: None,
        alloc_type: AllocType::UserReserved,
        user: None,
        comment: String::new(),
        interface: None,
        expires_after: None,
    })
}

/// The number in a key.
pub(crate) fn number(key: &Key) -> u32 {
    match key {
        Key::Number(number) => u32::try_from(*number).unwrap(),
        Key::Address(_) | Key::Name(_) => panic!("{key} is no number"),
    }
}
