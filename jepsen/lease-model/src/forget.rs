//! What no rule can tell from nothing is forgotten, so that fewer worlds differ.

use crate::message::{Grant, Message, Subject};
use crate::rack_steps::ANSWER_WAIT_MAX;
use crate::setting::Setting;
use crate::world::{ADDRESSES_MAX, RACKS, Region, World, rack_of};
use regent_core::lease::binding::{Autonomy, Binding, Held};
use regent_core::lease::server::Server;
use regent_core::time::{ClusterTime, Millis};
use regent_rack_agent::lease::record::Record;
use std::sync::Arc;

/// Forgets it.
pub fn forget_what_is_over(world: &mut World, setting: &Setting) {
    let guard = setting.terms().guard;
    for address in 0..ADDRESSES_MAX {
        forget_in_region(&mut world.region, &world.network, address, guard);
    }
    forget_answers(world);
    for rack in 0..RACKS {
        forget_on_rack(world, rack, guard);
    }
}

/// The answer comes too late, or no host waits for it and nobody asks what a rack remembers: it changes nothing.
fn forget_answers(world: &mut World) {
    let is_about_restore = world.is_about_restore();
    let World { network, racks, hosts, left, .. } = world;
    let uses_of_records = [left.alone, left.adoptions, left.waivers, left.releases];
    let is_record_of_use = is_about_restore || uses_of_records.iter().any(|left| *left > 0);
    for message in network.iter_mut() {
        if let Message::Question(question) = message
            && matches!(question.subject, Subject::Commit { .. })
            && question.sent.after(ANSWER_WAIT_MAX) < racks[rack_of(question.server)].now
        {
            question.is_awaited = false;
        }
    }
    network.retain(|message| match message {
        Message::Question(_) => true,
        Message::Answer(answer) => match answer.grant {
            Grant::Address { host, exchange } => {
                let is_late =
                    answer.sent.after(ANSWER_WAIT_MAX) < racks[rack_of(answer.server)].now;
                let awaits = hosts[host].exchange.is_some_and(|own| own.first == exchange);
                !is_late && (awaits || is_record_of_use)
            }
            Grant::Block => left.alone > 0,
        },
    });
}

fn forget_in_region(region: &mut Region, network: &[Message], address: usize, guard: Millis) {
    let now = region.now;
    let Some(kept) = &mut region.bindings[address] else { return };
    let binding = forgotten(kept, network, address, now, guard);
    if binding != **kept {
        *kept = Arc::new(binding);
    }
}

fn forgotten(
    binding: &Binding,
    network: &[Message],
    address: usize,
    now: ClusterTime,
    guard: Millis,
) -> Binding {
    let mut binding = binding.clone();
    if binding.expires.after(guard) <= now && binding.held != Held::Declined {
        binding.expires = ClusterTime(0);
        binding.held = Held::Released;
    }
    for autonomy in &mut binding.autonomy {
        autonomy.until = autonomy.until.filter(|until| now < until.after(guard));
        if !is_order_in_doubt(network, autonomy.server, address, autonomy.heard) {
            autonomy.heard = 0;
        }
    }
    let says_something = |own: &Autonomy| own.until.is_some() || own.heard > 0;
    binding.autonomy.retain(says_something);
    binding
}

/// Whether a message is under way that comes too late.
fn is_order_in_doubt(network: &[Message], server: Server, address: usize, heard: u64) -> bool {
    network.iter().any(|message| match message {
        Message::Question(question) => {
            let is_about_all = matches!(question.subject, Subject::TellAll { .. });
            let is_about_it = is_about_all || question.address == address;
            question.server == server && is_about_it && question.number <= heard
        }
        Message::Answer(_) => false,
    })
}

fn forget_on_rack(world: &mut World, rack: usize, guard: Millis) {
    let server = world.server_of(rack);
    // An answer may be under way, or on its way to be given, that the record keeps from being heeded.
    let needs = |record: &Record| {
        record.given_up_in > 0 && world.network.iter().any(|message| message.server() == server)
    };
    let rack = &mut world.racks[rack];
    let now = rack.now;
    for store in [&mut rack.memory, &mut rack.disk] {
        store.block = store.block.filter(|deadline| *deadline > now);
        for (address, kept) in store.records.iter_mut().enumerate() {
            let Some(record) = kept else { continue };
            let is_lease_over = record.acked_until.after(guard) <= now;
            let is_right_over = record.alone_until.is_none_or(|until| until <= now);
            if is_lease_over && is_right_over && rack.owed[address].is_none() && !needs(record) {
                *kept = None;
            } else if record.given_up_in > 0 && rack.owed[address].is_none() && !needs(record) {
                Arc::make_mut(record).given_up_in = 0;
            }
        }
    }
}
