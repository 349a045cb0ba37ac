//! Judging from what a node shows over HTTP, also where no whole log is left. Sees whether writes are lost or objects made
//! twice; a change made twice, or one hidden by a later one, leaves no trace here.

use crate::judge::expected::Expected;
use crate::judge::names::Texts;
use crate::judge::violation::{Violation, describe};
use crate::load::record::{Fate, Noun, WriteRecord};
use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Objects asked for at once.
const PAGE_ITEMS: usize = 1000;
/// What one page may take.
const PAGE_MAX: Duration = Duration::from_secs(10);

/// An object, by what kind it is of and its number.
pub type ObjectId = (Noun, u64);

/// The marks of all objects that clients made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    marks: BTreeMap<ObjectId, String>,
    /// The addresses of those that have one, by number.
    pub addresses: BTreeMap<u64, String>,
    /// The records of clients by name.
    pub texts: Texts,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Map<String, Value>>,
    next: Option<String>,
}

impl Shown {
    /// Reads all objects of the node with this API as it has them itself, whoever leads.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub async fn read(http: &reqwest::Client, api: &str) -> anyhow::Result<Self> {
        let mut shown = Self::default();
        for noun in Noun::ALL {
            shown
                .read_all(http, api, noun)
                .await
                .context(format!("the {} of {api}", noun.path()))?;
        }
        Ok(shown)
    }

    async fn read_all(
        &mut self,
        http: &reqwest::Client,
        api: &str,
        noun: Noun,
    ) -> anyhow::Result<()> {
        let first = format!("http://{api}/v1/{}?consistency=stale&limit={PAGE_ITEMS}", noun.path());
        let mut cursor: Option<String> = None;
        loop {
            let url = match &cursor {
                None => first.clone(),
                Some(cursor) => format!("{first}&cursor={cursor}"),
            };
            let answer = http.get(url).timeout(PAGE_MAX).send().await?.error_for_status()?;
            let page: Page = answer.json().await?;
            for item in &page.items {
                self.note(noun, item);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    fn note(&mut self, noun: Noun, item: &Map<String, Value>) {
        let id = item.get("id").and_then(Value::as_u64);
        let text = item.get(noun.marked_field()).and_then(Value::as_str).unwrap_or_default();
        if let (Some(id), Some(mark)) = (id, noun.mark_in(text)) {
            self.marks.insert((noun, id), mark.to_owned());
            let text = |field| item.get(field).and_then(Value::as_str).map(str::to_owned);
            match noun {
                Noun::Address => self.addresses.extend(text("ip").map(|address| (id, address))),
                Noun::DnsRecord => {
                    let name = text("fqdn").unwrap_or_default();
                    self.texts.entry(name).or_default().insert(mark.to_owned());
                }
                Noun::Machine | Noun::Interface | Noun::Domain | Noun::DnsName => {}
            }
        }
    }

    /// How many objects there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.marks.len()
    }

    /// Compares what is there with what clients were told. `place` says whose view this is.
    #[must_use]
    pub fn judge(&self, expected: &Expected<'_>, place: &str) -> Vec<Violation> {
        let mut violations = self.judge_shown(expected, place);
        for ((noun, id), story) in stories(expected) {
            violations.extend(self.judge_object((noun, id), &story, place));
        }
        violations
    }

    /// Every mark that is there was written once, and not refused.
    fn judge_shown(&self, expected: &Expected<'_>, place: &str) -> Vec<Violation> {
        let mut seen = BTreeSet::new();
        let mut violations = Vec::new();
        for mark in self.marks.values() {
            let place = place.to_owned();
            let Some(write) = expected.get(mark) else {
                violations.push(Violation::Invented { mark: mark.clone(), place });
                continue;
            };
            if !seen.insert(mark) {
                let write = describe(write);
                violations.push(Violation::Twice { write, place });
            } else if matches!(write.fate, Fate::Refused { .. }) {
                let write = describe(write);
                violations.push(Violation::Undead { write, place });
            }
        }
        violations
    }

    /// The object shows its last acknowledged mark, or one whose fate is not known.
    fn judge_object(&self, id: ObjectId, story: &Story<'_>, place: &str) -> Option<Violation> {
        let (_, last) = story.last?;
        let (write, place) = (describe(last), place.to_owned());
        match self.marks.get(&id) {
            None => Some(Violation::Lost { write, place }),
            Some(shown) if *shown == last.mark || story.open.contains(shown.as_str()) => None,
            Some(shown) => Some(Violation::Overwritten { write, shown: shown.clone(), place }),
        }
    }
}

/// What happened to one object.
#[derive(Default)]
struct Story<'a> {
    /// The acknowledged write with the highest revision.
    last: Option<(u64, &'a WriteRecord)>,
    /// Marks of changes whose fate is not known.
    open: BTreeSet<&'a str>,
}

fn stories<'a>(expected: &Expected<'a>) -> BTreeMap<ObjectId, Story<'a>> {
    let mut stories: BTreeMap<ObjectId, Story<'a>> = BTreeMap::new();
    for write in expected.writes() {
        match (&write.fate, write.target) {
            (Fate::Acknowledged { revision, object }, _) => {
                let story = stories.entry((write.noun, *object)).or_default();
                if story.last.is_none_or(|(last, _)| last < *revision) {
                    story.last = Some((*revision, write));
                }
            }
            (Fate::Unknown, Some(object)) => {
                let story = stories.entry((write.noun, object)).or_default();
                story.open.insert(&write.mark);
            }
            (Fate::Unknown, None) | (Fate::Refused { .. }, _) => {}
        }
    }
    stories
}

#[cfg(test)]
mod tests {
    use super::Shown;
    use crate::judge::expected::Expected;
    use crate::judge::violation::Violation;
    use crate::load::record::{Fate, Noun, WriteRecord};

    fn write(mark: &str, target: Option<u64>, fate: Fate) -> WriteRecord {
        let (mark, attempts) = (mark.to_owned(), Vec::new());
        WriteRecord { mark, noun: Noun::Machine, target, key: None, attempts, fate, address: None }
    }

    fn told(revision: u64) -> Fate {
        Fate::Acknowledged { revision, object: 1 }
    }

    fn judged(writes: &[WriteRecord], shown: &[(u64, &str)]) -> Vec<Violation> {
        let mark = |(id, mark): &(u64, &str)| ((Noun::Machine, *id), (*mark).to_owned());
        let shown = Shown { marks: shown.iter().map(mark).collect(), ..Shown::default() };
        shown.judge(&Expected::new(writes), "here")
    }

    #[test]
    fn last_acknowledged_change_must_show() {
        let writes = [write("c-1", None, told(1)), write("c-2", Some(1), told(2))];
        assert_eq!(judged(&writes, &[(1, "c-2")]), []);
        let older = judged(&writes, &[(1, "c-1")]);
        assert!(matches!(older[..], [Violation::Overwritten { .. }]), "{older:?}");
        assert!(matches!(judged(&writes, &[])[..], [Violation::Lost { .. }]));
    }

    #[test]
    fn change_of_unknown_fate_may_show() {
        let writes = [write("c-1", None, told(1)), write("c-2", Some(1), Fate::Unknown)];
        assert_eq!(judged(&writes, &[(1, "c-1")]), []);
        assert_eq!(judged(&writes, &[(1, "c-2")]), []);
    }

    #[test]
    fn object_made_twice_is_found() {
        let writes = [write("c-1", None, told(1))];
        let violations = judged(&writes, &[(1, "c-1"), (2, "c-1")]);
        assert!(matches!(violations[..], [Violation::Twice { .. }]), "{violations:?}");
    }
}
