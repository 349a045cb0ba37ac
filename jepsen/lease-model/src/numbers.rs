//! Numbers of messages are only compared. Worlds that differ in nothing but how high the numbers are count as one.

use crate::world::{RACKS, Region, World, rack_of};
use std::sync::Arc;

/// Renumbers the messages of each rack from 1, in the same order.
pub fn renumber(world: &mut World) {
    for rack in 0..RACKS {
        let numbers = in_use(world, rack);
        world.racks[rack].number = numbers.len() as u64;
        if !numbers.iter().zip(1..).all(|(number, place)| *number == place) {
            replace(world, rack, &numbers);
        }
    }
    world.network.sort();
}

/// All numbers a rack has used that somebody still remembers, in order.
fn in_use(world: &World, rack: usize) -> Vec<u64> {
    let messages = world.network.iter().filter(|message| rack_of(message.server()) == rack);
    let mut numbers: Vec<u64> = messages.map(|message| message.number()).collect();
    for region in std::iter::once(&world.region).chain(world.saved.as_deref()) {
        let heard = region.bindings.iter().flatten().flat_map(|binding| &binding.autonomy);
        let heard = heard.filter(|autonomy| rack_of(autonomy.server) == rack);
        numbers.extend(heard.map(|autonomy| autonomy.heard));
        let block = region.block.filter(|block| rack_of(block.server) == rack);
        numbers.extend(block.map(|block| block.number));
    }
    let rack = &world.racks[rack];
    numbers.extend(rack.owed.iter().flatten());
    let records = [&rack.memory, &rack.disk].into_iter().flat_map(|store| &store.records);
    numbers.extend(records.flatten().map(|record| record.given_up_in));
    numbers.sort_unstable();
    numbers.dedup();
    numbers.retain(|number| *number > 0);
    numbers
}

fn replace(world: &mut World, rack: usize, numbers: &[u64]) {
    let change = |number: &mut u64| {
        if let Ok(place) = numbers.binary_search(number) {
            *number = place as u64 + 1;
        }
    };
    replace_in_region(&mut world.region, rack, &change);
    if let Some(saved) = &mut world.saved {
        replace_in_region(Arc::make_mut(saved), rack, &change);
    }
    let messages = world.network.iter_mut().filter(|message| rack_of(message.server()) == rack);
    messages.for_each(|message| change(message.number_mut()));
    let rack = &mut world.racks[rack];
    rack.owed.iter_mut().flatten().for_each(change);
    for store in [&mut rack.memory, &mut rack.disk] {
        for record in store.records.iter_mut().flatten().filter(|record| record.given_up_in > 0) {
            change(&mut Arc::make_mut(record).given_up_in);
        }
    }
}

fn replace_in_region(region: &mut Region, rack: usize, change: &impl Fn(&mut u64)) {
    for binding in region.bindings.iter_mut().flatten() {
        let autonomy = &mut Arc::make_mut(binding).autonomy;
        let own = autonomy.iter_mut().filter(|autonomy| rack_of(autonomy.server) == rack);
        own.for_each(|autonomy| change(&mut autonomy.heard));
    }
    if let Some(block) = region.block.as_mut().filter(|block| rack_of(block.server) == rack) {
        change(&mut block.number);
    }
}

#[cfg(test)]
mod tests {
    use super::renumber;
    use crate::configurations::SHORT;
    use crate::message::{Message, Question, Subject};
    use crate::world::{World, server};
    use regent_rack_agent::lease::rack_time::RackTime;

    fn question(rack: usize, number: u64) -> Message {
        let server = server(rack, 0);
        let (sent, subject) = (RackTime(0), Subject::Extend);
        Message::Question(Question { server, number, address: 0, sent, is_awaited: true, subject })
    }

    #[test]
    fn gaps_are_closed_rack_by_rack_and_the_order_stays() {
        let mut world = World::new(SHORT[0].left);
        for message in [question(0, 4), question(0, 9), question(1, 7)] {
            world.send(message);
        }
        world.racks[0].owed[0] = Some(6);
        renumber(&mut world);
        assert_eq!(world.network, [question(0, 1), question(0, 3), question(1, 1)]);
        assert_eq!(world.racks[0].owed[0], Some(2));
        assert_eq!((world.racks[0].number, world.racks[1].number), (3, 1));
    }
}
