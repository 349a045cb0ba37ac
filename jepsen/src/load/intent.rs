//! What a client asks for next: new objects, and other marks on those it made.

use crate::load::record::{Fate, Noun};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where all addresses come from; more than any run takes.
pub const ADDRESSES: &str = "10.64.0.0/10";

/// The domain every site has from the start.
const FIRST_DOMAIN: u64 = 0;

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

/// The last object of each kind that a client knows to have made.
#[derive(Clone, Debug, Default)]
pub struct Owned(BTreeMap<Noun, u64>);

/// What a turn is about. A change of what is not there makes it.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Make(Noun),
    Change(Noun),
}

/// What a client does by turns. Domains are made once and then renamed: sites have few, and every one is a zone. Names go
/// into the first domain, which nobody renames, and take one record each: what is renamed takes all its records with it,
/// and one change would cost the more the longer the load has run.
const TURNS: [Turn; 20] = [
    Turn::Make(Noun::Machine),
    Turn::Change(Noun::Machine),
    Turn::Make(Noun::Machine),
    Turn::Make(Noun::Address),
    Turn::Make(Noun::Machine),
    Turn::Change(Noun::Machine),
    Turn::Change(Noun::Domain),
    Turn::Make(Noun::Interface),
    Turn::Change(Noun::Interface),
    Turn::Make(Noun::Machine),
    Turn::Make(Noun::Address),
    Turn::Make(Noun::DnsName),
    Turn::Make(Noun::DnsRecord),
    Turn::Make(Noun::Machine),
    Turn::Change(Noun::Address),
    Turn::Change(Noun::Machine),
    Turn::Make(Noun::Machine),
    Turn::Change(Noun::DnsName),
    Turn::Make(Noun::Address),
    Turn::Change(Noun::DnsRecord),
];

impl Owned {
    /// Takes note of what became of a write.
    pub fn note(&mut self, intent: &Intent, fate: &Fate) {
        if let Fate::Acknowledged { object, .. } = fate {
            self.0.insert(intent.noun, *object);
        }
    }

    /// What the `number`th write of client `client` asks for, with a mark of its own.
    #[must_use]
    pub fn next(&self, client: usize, number: u32, mark: String, weight: Weight) -> Intent {
        let mac = mac_address(client, number);
        let ballast_texts = match weight {
            Weight::Heavy if number % 4 == 1 => BALLAST_TEXTS,
            Weight::Light | Weight::Heavy => 0,
            Weight::Full => BALLAST_TEXTS_MAX,
        };
        if let (1.., Some(machine)) = (ballast_texts, self.0.get(&Noun::Machine)) {
            let light = Intent::new(Noun::Machine, Some(*machine), mark, Map::new());
            return Intent { ballast_texts, ..light };
        }
        match TURNS[number as usize % TURNS.len()] {
            Turn::Make(noun) => self.make(noun, mark, mac),
            Turn::Change(noun) => match self.0.get(&noun) {
                Some(object) => Intent::new(noun, Some(*object), mark, Map::new()),
                None => self.make(noun, mark, mac),
            },
        }
    }

    /// A new object below the one it belongs to, or that one first.
    fn make(&self, noun: Noun, mark: String, mac: String) -> Intent {
        let mut body = Map::new();
        if let Some((field, parent)) = noun.parent() {
            let Some(object) = self.0.get(&parent) else { return self.make(parent, mark, mac) };
            body.insert(field.to_owned(), json!(object));
        }
        match noun {
            Noun::Machine => drop(body.insert("mac_addresses".to_owned(), json!([mac]))),
            Noun::Interface => drop(body.insert("mac_address".to_owned(), json!(mac))),
            Noun::DnsName => drop(body.insert("domain".to_owned(), json!(FIRST_DOMAIN))),
            Noun::Domain | Noun::Address | Noun::DnsRecord => {}
        }
        Intent::new(noun, None, mark, body)
    }
}

impl Intent {
    fn new(noun: Noun, target: Option<u64>, mark: String, mut body: Map<String, Value>) -> Self {
        body.insert(noun.marked_field().to_owned(), noun.marked(&mark).into());
        if noun == Noun::DnsRecord {
            body.insert("rrtype".to_owned(), "TXT".into());
        }
        Self { noun, target, mark, body: body.into(), ballast_texts: 0 }
    }

    /// The path it is sent to.
    #[must_use]
    pub fn path(&self) -> String {
        match (self.target, self.noun) {
            (Some(object), noun) => format!("/v1/{}/{object}", noun.path()),
            (None, Noun::Address) => {
                format!("/v1/subnets/{}/allocations", ADDRESSES.replace('/', "%2F"))
            }
            (None, noun) => format!("/v1/{}", noun.path()),
        }
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
    use std::collections::BTreeSet;

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

    #[test]
    fn every_kind_of_object_is_made_and_changed() {
        let (mut owned, mut made, mut changed) =
            (Owned::default(), BTreeSet::new(), BTreeSet::new());
        for number in 0..60 {
            let intent = owned.next(1, number, format!("c-1-{number}"), Weight::Light);
            let seen = if intent.target.is_none() { &mut made } else { &mut changed };
            seen.insert(intent.noun);
            owned.note(&intent, &Fate::Acknowledged { revision: 9, object: number.into() });
        }
        assert_eq!((made, changed), (BTreeSet::from(Noun::ALL), BTreeSet::from(Noun::ALL)));
    }
}
