//! How random sequences begin: with the groundwork, and now and then with a subnet within another, which takes an import
//! and so a region to import it from. Fuzzing, which has none, begins with the groundwork alone.

use crate::random_commands::choices::Choices;
use crate::random_commands::{INNER, network, nodes};
use crate::region::Region;
use crate::region::staged::{import_with, staged};
use regent_core::command::Command;
use regent_core::id::VlanId;
use regent_core::model::subnet::Subnet;

/// The first commands of a sequence.
pub(crate) fn beginning(c: &mut Choices) -> Vec<Command> {
    let mut log = network();
    if c.once_in(4) {
        let mut region = Region::empty();
        log.iter().for_each(|command| drop(region.run(command.clone()).unwrap()));
        let inner = Subnet::new(VlanId(5001), "10.0.0.8/29".parse().unwrap());
        log.extend(import_with(&region.state, &[staged(INNER, inner)]));
    }
    log.extend(nodes());
    log
}
