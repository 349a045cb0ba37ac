//! Something that happens, and that it may not happen without end.

use crate::client_steps::Pace;
use crate::message::{Message, Subject};
use crate::step::Step;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Real time goes on.
    PassTime(Pace),
    /// Host, rack, address.
    Host(usize, usize, usize, HostAction),
    /// The host sends its last request again.
    RequestAgain(usize),
    /// A rack does something by itself.
    Rack(usize, RackAction),
    /// The message with this place arrives.
    Arrive(usize),
    /// A copy of the message with this place arrives.
    ArriveCopy(usize),
    /// A rack has bad luck.
    Fault(usize, Fault),
    /// The region is saved.
    Save,
    /// The region is restored.
    Restore,
}

/// What a host does with a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostAction {
    /// Its request goes to the region.
    Request,
    /// Its request is answered without the region.
    RequestAlone,
    /// It gives its address back.
    GiveBack,
}

/// What a rack does by itself; with an address where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RackAction {
    /// It gives up its right.
    LetGo(usize),
    /// It tells that it gave up its right.
    Tell(usize),
    /// It tells of its lease.
    TellLease(usize),
    /// It asks for the block.
    AskForBlock,
    /// It asks for another term of the block.
    AskForTerm,
    /// It learns that the region was restored.
    Learn,
}

/// What happens to a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its process crashes and starts again.
    Crash,
    /// It loses its disk.
    LoseDisk,
    /// Its machine starts again.
    Reboot,
    /// Its machine stands still.
    Pause,
    /// Its machine goes on.
    Resume,
}

impl Step<'_> {
    /// Does it. What may not happen for ever is counted down.
    pub fn take(&mut self, action: Action) {
        match action {
            Action::PassTime(pace) => {
                self.world.left.drifts -= u8::from(pace != Pace::Even);
                self.pass_time(pace);
            }
            Action::Host(host, rack, address, action) => {
                self.world.met.hosts = self.world.met.hosts.max(host + 1);
                self.world.met.racks = self.world.met.racks.max(rack + 1);
                self.take_of_host(host, rack, address, action);
            }
            Action::RequestAgain(host) => {
                self.world.left.resends -= 1;
                self.request_again(host);
            }
            Action::Rack(rack, action) => {
                self.world.met.racks = self.world.met.racks.max(rack + 1);
                self.take_of_rack(rack, action);
            }
            Action::Arrive(place) => {
                let message = self.world.network.remove(place);
                self.arrive(&message);
            }
            Action::ArriveCopy(place) => {
                self.world.left.copies -= 1;
                let message = self.world.network[place].clone();
                self.arrive(&message);
            }
            Action::Fault(rack, fault) => self.suffer(rack, fault),
            Action::Save => {
                self.world.left.saves -= 1;
                self.save();
            }
            Action::Restore => {
                self.world.left.restores -= 1;
                self.restore();
            }
        }
    }

    fn take_of_host(&mut self, host: usize, rack: usize, address: usize, action: HostAction) {
        match action {
            HostAction::Request => {
                self.world.left.requests -= 1;
                self.request(host, rack, address);
            }
            HostAction::RequestAlone => {
                self.world.left.alone -= 1;
                self.acknowledge_alone(rack, host, address);
            }
            HostAction::GiveBack => {
                self.world.left.releases -= 1;
                self.give_back(host, rack, address);
            }
        }
    }

    fn take_of_rack(&mut self, rack: usize, action: RackAction) {
        match action {
            RackAction::LetGo(address) => {
                self.world.left.waivers -= 1;
                self.let_go(rack, address);
            }
            RackAction::Tell(address) => self.tell(rack, address),
            RackAction::TellLease(address) => {
                self.world.left.adoptions -= 1;
                self.tell_lease(rack, address);
            }
            RackAction::AskForBlock => {
                self.world.left.blocks -= 1;
                self.ask_for_block(rack, Subject::Delegate);
            }
            RackAction::AskForTerm => {
                self.world.left.terms -= 1;
                self.ask_for_block(rack, Subject::Extend);
            }
            RackAction::Learn => self.learn_of_restore(rack),
        }
    }

    fn suffer(&mut self, rack: usize, fault: Fault) {
        let left = &mut self.world.left;
        match fault {
            Fault::Crash => {
                left.crashes -= 1;
                self.crash(rack);
            }
            Fault::LoseDisk => {
                left.disk_losses -= 1;
                self.lose_disk(rack);
            }
            Fault::Reboot => {
                left.reboots -= 1;
                self.reboot(rack);
            }
            Fault::Pause => {
                left.pauses -= 1;
                self.world.racks[rack].is_paused = true;
            }
            Fault::Resume => self.resume(rack),
        }
    }

    fn arrive(&mut self, message: &Message) {
        match message {
            Message::Question(question) => self.hear_question(question),
            Message::Answer(answer) => self.hear_answer(answer),
        }
    }
}
