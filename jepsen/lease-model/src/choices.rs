//! All that may happen next.

use crate::action::{Action, Fault, HostAction, RackAction};
use crate::client_steps::{Clock, Pace};
use crate::message::{Grant, Message, Subject};
use crate::setting::Setting;
use crate::world::{RACKS, World, rack_of};

/// Lists what may happen next.
///
/// Hosts that never asked are all alike, so only the first of them may be the next to ask; so are racks.
pub fn list(setting: &Setting, world: &World, actions: &mut Vec<Action>) {
    if is_over(world) {
        return;
    }
    if world.tick < setting.scenario.horizon {
        list_paces(world, actions);
    }
    list_arrivals(world, actions);
    let racks = (world.met.racks + 1).min(RACKS);
    for rack in (0..racks).filter(|rack| !world.racks[*rack].is_paused) {
        list_of_hosts(setting, world, rack, actions);
        list_of_rack(setting, world, rack, actions);
    }
    (0..world.met.racks).for_each(|rack| list_faults(world, rack, actions));
    list_copies_of_requests(world, actions);
    if world.left.saves > 0 {
        actions.push(Action::Save);
    }
    if world.left.restores > 0 && world.saved.is_some() {
        actions.push(Action::Restore);
    }
}

/// Whether nobody can get an address any more, and nobody tells of one: nothing can be violated from here on.
fn is_over(world: &World) -> bool {
    let matters = |message: &Message| match message {
        Message::Question(question) => match question.subject {
            Subject::Commit { .. } => question.is_awaited,
            Subject::Adopt { .. } | Subject::TellAll { .. } => true,
            Subject::Relinquish { .. }
            | Subject::Release { .. }
            | Subject::Delegate
            | Subject::Extend => false,
        },
        Message::Answer(answer) => matches!(answer.grant, Grant::Address { .. }),
    };
    let left = &world.left;
    left.requests == 0
        && left.alone == 0
        && left.adoptions == 0
        && left.restores == 0
        && !world.has_rack_to_tell()
        && !world.network.iter().any(matters)
}

fn list_paces(world: &World, actions: &mut Vec<Action>) {
    actions.push(Action::PassTime(Pace::Even));
    if world.left.drifts == 0 {
        return;
    }
    if !world.region.drifted {
        actions.push(Action::PassTime(Pace::Slow(Clock::Region)));
    }
    for rack in (0..world.met.racks).filter(|rack| !world.racks[*rack].drifted) {
        actions.push(Action::PassTime(Pace::Slow(Clock::Rack(rack))));
        actions.push(Action::PassTime(Pace::Fast(Clock::Rack(rack))));
    }
    // A host with a fast clock has an address for less long than one with a right one.
    for host in (0..world.met.hosts).filter(|host| !world.hosts[*host].drifted) {
        actions.push(Action::PassTime(Pace::Slow(Clock::Host(host))));
    }
}

fn list_arrivals(world: &World, actions: &mut Vec<Action>) {
    for (place, message) in world.network.iter().enumerate() {
        let is_heard = match message {
            Message::Question(_) => true,
            Message::Answer(answer) => !world.racks[rack_of(answer.server)].is_paused,
        };
        if is_heard {
            actions.push(Action::Arrive(place));
        }
        if is_heard && world.left.copies > 0 {
            actions.push(Action::ArriveCopy(place));
        }
    }
}

fn list_of_hosts(setting: &Setting, world: &World, rack: usize, actions: &mut Vec<Action>) {
    let is_current = world.racks[rack].epoch == world.region.epoch;
    let hosts = (world.met.hosts + 1).min(setting.scenario.hosts);
    for host in 0..hosts {
        for address in 0..setting.scenario.addresses {
            let is_held = world.hosts[host].holds[address].is_some();
            let possible = [
                (world.left.requests > 0 && is_current, HostAction::Request),
                (world.left.alone > 0, HostAction::RequestAlone),
                (world.left.releases > 0 && is_held && is_current, HostAction::GiveBack),
            ];
            let possible = possible.into_iter().filter(|(is_possible, _)| *is_possible);
            actions.extend(possible.map(|(_, action)| Action::Host(host, rack, address, action)));
        }
    }
}

fn list_of_rack(setting: &Setting, world: &World, rack: usize, actions: &mut Vec<Action>) {
    let own = &world.racks[rack];
    if own.epoch != world.region.epoch {
        actions.push(Action::Rack(rack, RackAction::Learn));
        return;
    }
    let mut add = |is_possible: bool, action: RackAction| {
        if is_possible {
            actions.push(Action::Rack(rack, action));
        }
    };
    for address in 0..setting.scenario.addresses {
        let record = own.memory.records[address].as_deref();
        let has_right = record.is_some_and(|record| record.alone_until.is_some());
        add(world.left.waivers > 0 && has_right, RackAction::LetGo(address));
        add(own.owed[address].is_some(), RackAction::Tell(address));
        add(world.left.adoptions > 0 && record.is_some(), RackAction::TellLease(address));
    }
    add(world.left.blocks > 0, RackAction::AskForBlock);
    // Another rack's request for a term is always refused.
    let has_block = world.region.block.is_some_and(|block| rack_of(block.server) == rack);
    add(world.left.terms > 0 && has_block, RackAction::AskForTerm);
}

fn list_faults(world: &World, rack: usize, actions: &mut Vec<Action>) {
    if world.racks[rack].is_paused {
        actions.push(Action::Fault(rack, Fault::Resume));
        return;
    }
    let left = &world.left;
    let faults = [
        (left.crashes, Fault::Crash),
        (left.disk_losses, Fault::LoseDisk),
        (left.reboots, Fault::Reboot),
        (left.pauses, Fault::Pause),
    ];
    let possible = faults.into_iter().filter(|(left, _)| *left > 0);
    actions.extend(possible.map(|(_, fault)| Action::Fault(rack, fault)));
}

fn list_copies_of_requests(world: &World, actions: &mut Vec<Action>) {
    let is_soon = |host: usize| {
        let own = &world.hosts[host];
        // Copies come one tick apart at most.
        own.exchange.is_some_and(|exchange| own.now == exchange.first + 1)
    };
    if world.left.resends > 0 {
        actions
            .extend((0..world.met.hosts).filter(|host| is_soon(*host)).map(Action::RequestAgain));
    }
}
