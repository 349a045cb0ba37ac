//! An address belongs to one object: the one whose client was told so. The load never gives one back.

use crate::judge::violation::Violation;
use crate::load::record::{Fate, WriteRecord};
use std::collections::BTreeMap;

/// Compares the addresses clients were given with each other and with those `shown`, by object, at `place`.
#[must_use]
pub fn judge(writes: &[WriteRecord], shown: &BTreeMap<u64, String>, place: &str) -> Vec<Violation> {
    let mut violations = held_twice(given(writes), "clients");
    violations.extend(held_twice(shown.iter().map(|(id, address)| (*id, address)), place));
    for (object, address) in given(writes) {
        // That an object is gone is found elsewhere.
        let Some(shows) = shown.get(&object).filter(|shows| *shows != address) else { continue };
        let (told, shown, place) = (address.clone(), shows.clone(), place.to_owned());
        violations.push(Violation::OtherAddress { object, told, shown, place });
    }
    violations
}

fn given(writes: &[WriteRecord]) -> impl Iterator<Item = (u64, &String)> {
    writes.iter().filter_map(|write| match (&write.fate, &write.address) {
        (Fate::Acknowledged { object, .. }, Some(address)) => Some((*object, address)),
        (Fate::Acknowledged { .. } | Fate::Refused { .. } | Fate::Unknown, _) => None,
    })
}

fn held_twice<'a>(held: impl Iterator<Item = (u64, &'a String)>, place: &str) -> Vec<Violation> {
    let mut holders = BTreeMap::new();
    let mut violations = Vec::new();
    for (object, address) in held {
        let first = *holders.entry(address).or_insert(object);
        if first != object {
            let (address, place) = (address.clone(), place.to_owned());
            violations.push(Violation::HeldTwice { address, first, object, place });
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::judge::violation::Violation;
    use crate::load::record::{Fate, Noun, WriteRecord};
    use std::collections::BTreeMap;

    fn given(object: u64, address: &str) -> WriteRecord {
        WriteRecord {
            mark: format!("c-{object}"),
            noun: Noun::Address,
            target: None,
            key: None,
            attempts: Vec::new(),
            fate: Fate::Acknowledged { revision: object, object },
            address: Some(address.into()),
        }
    }

    fn judged(writes: &[WriteRecord], shown: &[(u64, &str)]) -> Vec<Violation> {
        let shown: BTreeMap<_, _> =
            shown.iter().map(|(object, address)| (*object, (*address).to_owned())).collect();
        judge(writes, &shown, "r1")
    }

    #[test]
    fn address_given_to_two_objects_is_found() {
        let writes = [given(1, "10.64.0.1"), given(2, "10.64.0.1")];
        let twice = judged(&writes, &[]);
        assert!(matches!(twice[..], [Violation::HeldTwice { first: 1, object: 2, .. }]));
        assert_eq!(judged(&[given(1, "10.64.0.1"), given(2, "10.64.0.2")], &[]), []);
    }

    #[test]
    fn object_shows_the_address_its_client_was_given_and_nobody_else_does() {
        let writes = [given(1, "10.64.0.1")];
        assert_eq!(judged(&writes, &[(1, "10.64.0.1")]), []);
        let other = judged(&writes, &[(1, "10.64.0.9")]);
        assert!(matches!(other[..], [Violation::OtherAddress { object: 1, .. }]));
        let twice = judged(&writes, &[(1, "10.64.0.1"), (5, "10.64.0.1")]);
        assert!(matches!(twice[..], [Violation::HeldTwice { .. }]));
    }
}
