//! What a client asks for next: new machines, interfaces and domains, and other marks on those it made.

use crate::load::record::{Fate, Noun};
use serde_json::{Value, json};

/// One write as it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// The kind of object.
    pub noun: Noun,
    /// The object to change; `None` for a new one.
    pub target: Option<u64>,
    /// The unique text to be put in.
    pub mark: String,
    /// The body of the request.
    pub body: Value,
    /// Texts of [`BALLAST_BYTES`] that are put in and replaced again within the same transaction.
    pub ballast_texts: usize,
}

/// A text as long as a description may nearly be.
pub const BALLAST_BYTES: usize = 15_000;
/// Texts in a heavy write.
const BALLAST_TEXTS: usize = 45;
/// Texts where all are heavy: with what JSON adds they stay just below the megabyte of a body.
const BALLAST_TEXTS_MAX: usize = 68;

/// How much a client writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A few hundred bytes at a time.
    Light,
    /// Every fourth write is more than half a megabyte: several rounds of the log.
    Heavy,
    /// Every write is nearly a megabyte.
    Full,
}

/// The last objects a client knows to have made.
#[derive(Clone, Debug, Default)]
pub struct Owned {
    machine: Option<u64>,
    interface: Option<u64>,
    domain: Option<u64>,
}

impl Owned {
    /// Takes note of what became of a write.
    pub fn note(&mut self, intent: &Intent, fate: &Fate) {
        if let Fate::Acknowledged { object, .. } = fate {
            *self.last(intent.noun) = Some(*object);
        }
    }

    /// What the `number`th write of client `client` asks for: 10 of 20 make machines, 6 change one, the rest is about
    /// interfaces and domains. What needs an object that is not there makes a machine instead.
    #[must_use]
    pub fn next(&self, client: usize, number: u32, mark: String, weight: Weight) -> Intent {
        let mac = mac_address(client, number);
        let ballast_texts = match weight {
            Weight::Heavy if number % 4 == 1 => BALLAST_TEXTS,
            Weight::Light | Weight::Heavy => 0,
            Weight::Full => BALLAST_TEXTS_MAX,
        };
        if let (1.., Some(machine)) = (ballast_texts, self.machine) {
            return Intent { ballast_texts, ..Intent::change(Noun::Machine, machine, mark) };
        }
        match (number % 20, self) {
            (1 | 3 | 5 | 11 | 13 | 15, Self { machine: Some(machine), .. }) => {
                Intent::change(Noun::Machine, *machine, mark)
            }
            (7, Self { machine: Some(machine), .. }) => {
                let more = json!({ "node": machine, "mac_address": mac });
                Intent::make(Noun::Interface, mark, more)
            }
            (9, Self { interface: Some(interface), .. }) => {
                Intent::change(Noun::Interface, *interface, mark)
            }
            // One each, then other names for it: sites have few domains, and every one is a zone.
            (17 | 19, Self { domain: None, .. }) => Intent::make(Noun::Domain, mark, json!({})),
            (17 | 19, Self { domain: Some(domain), .. }) => {
                Intent::change(Noun::Domain, *domain, mark)
            }
            (_, _) => Intent::make(Noun::Machine, mark, json!({ "mac_addresses": [mac] })),
        }
    }

    const fn last(&mut self, noun: Noun) -> &mut Option<u64> {
        match noun {
            Noun::Machine => &mut self.machine,
            Noun::Interface => &mut self.interface,
            Noun::Domain => &mut self.domain,
        }
    }
}

impl Intent {
    fn make(noun: Noun, mark: String, mut body: Value) -> Self {
        body[noun.marked_field()] = noun.marked(&mark).into();
        Self { noun, target: None, mark, body, ballast_texts: 0 }
    }

    fn change(noun: Noun, target: u64, mark: String) -> Self {
        Self { target: Some(target), ..Self::make(noun, mark, json!({})) }
    }
}

/// A locally administered address that no other write has.
fn mac_address(client: usize, number: u32) -> String {
    let ([_, a, b, c], client) = (number.to_be_bytes(), client % (1 << 16));
    format!("02:{:02x}:{:02x}:{a:02x}:{b:02x}:{c:02x}", client >> 8, client & 255)
}

#[cfg(test)]
mod tests {
    use super::{Owned, Weight};
    use crate::load::record::{Fate, Noun};

    #[test]
    fn client_without_objects_makes_some_first() {
        let owned = Owned::default();
        let next = |number| owned.next(1, number, "c-1-0".into(), Weight::Heavy);
        let asked: Vec<_> = (0..20).map(next).collect();
        assert!(asked.iter().all(|intent| intent.target.is_none()));
    }

    #[test]
    fn objects_made_are_changed_later() {
        let mut owned = Owned::default();
        let made = owned.next(1, 0, "c-1-0".into(), Weight::Light);
        owned.note(&made, &Fate::Acknowledged { revision: 9, object: 4 });
        let change = owned.next(1, 1, "c-1-1".into(), Weight::Light);
        assert_eq!((change.noun, change.target), (Noun::Machine, Some(4)));
        assert_eq!(change.body, serde_json::json!({ "description": "c-1-1" }));
    }
}
