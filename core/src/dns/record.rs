//! Records and record sets (RFC 2181 section 5).

use crate::model::dns_name::DomainName;
use crate::model::record_data::RecordData;
use crate::model::record_type::RecordType;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Where it stands.
    pub owner: DomainName,
    /// Time to live in seconds.
    pub ttl: u32,
    /// Its type and data.
    pub data: RecordData,
}

/// The records of one name and type: one time to live, no record twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rrset {
    /// The type of all.
    pub rtype: RecordType,
    /// Time to live of all, in seconds.
    pub ttl: u32,
    /// Their data, in order.
    pub data: Vec<RecordData>,
}

/// All record sets of one name, by type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rrsets(Vec<Rrset>);

impl Rrset {
    /// The set of records of one type, given in order.
    fn of(records: &[(u32, &RecordData)]) -> Option<Self> {
        let rtype = records.first()?.1.record_type();
        let ttl = records.iter().map(|(ttl, _)| *ttl).min()?;
        let mut data: Vec<RecordData> = records.iter().map(|(_, data)| (*data).clone()).collect();
        data.dedup();
        Some(Self { rtype, ttl, data })
    }

    /// Its records at a name.
    pub fn at(&self, owner: &DomainName) -> impl Iterator<Item = Record> {
        let ttl = self.ttl;
        self.data.iter().map(move |data| Record { owner: owner.clone(), ttl, data: data.clone() })
    }
}

impl Rrsets {
    /// The sets of some records with their times to live. Put in order once: each that is [added](Self::add) moves those
    /// behind it. Takes no more room than it needs, since there is one for every name.
    #[must_use]
    pub fn of(mut records: Vec<(u32, &RecordData)>) -> Self {
        records.sort_by_key(|(_, data)| *data);
        let of_one_type = |one: &(u32, &RecordData), other: &(u32, &RecordData)| {
            one.1.record_type() == other.1.record_type()
        };
        let mut sets: Vec<Rrset> = records.chunk_by(of_one_type).filter_map(Rrset::of).collect();
        sets.shrink_to_fit();
        Self(sets)
    }

    /// The set of one type.
    #[must_use]
    pub fn get(&self, rtype: RecordType) -> Option<&Rrset> {
        self.0.iter().find(|set| set.rtype == rtype)
    }

    /// The sets, by type.
    pub fn iter(&self) -> impl Iterator<Item = &Rrset> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more record. Times to live that differ become the lowest: RFC 2181 5.2 allows one only.
    pub fn add(&mut self, ttl: u32, data: RecordData) {
        let rtype = data.record_type();
        let set = match self.0.binary_search_by_key(&rtype, |set| set.rtype) {
            Ok(at) => self.0.get_mut(at),
            Err(at) => {
                self.0.insert(at, Rrset { rtype, ttl, data: Vec::new() });
                self.0.get_mut(at)
            }
        };
        let set = set.expect("it was found or made just now");
        set.ttl = set.ttl.min(ttl);
        if let Err(at) = set.data.binary_search(&data) {
            set.data.insert(at, data);
        }
    }

    /// Without the set of one type.
    pub fn remove(&mut self, rtype: RecordType) {
        self.0.retain(|set| set.rtype != rtype);
    }

    /// With one alias (CNAME) alone, or without any.
    pub fn settle_aliases(&mut self) {
        match self.0.as_mut_slice() {
            [alone] if alone.rtype == RecordType::Cname => alone.data.truncate(1),
            [] | [_] => {}
            [_, _, ..] => self.remove(RecordType::Cname),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rrsets;
    use crate::model::record_data::RecordData;
    use crate::model::record_type::RecordType;

    #[test]
    fn set_has_each_record_once_and_the_lowest_time_to_live() {
        let mut sets = Rrsets::default();
        for (ttl, last) in [(60, 2), (30, 1), (90, 2)] {
            sets.add(ttl, RecordData::A([10, 0, 0, last].into()));
        }
        let set = sets.get(RecordType::A).unwrap();
        assert_eq!(set.ttl, 30);
        assert_eq!(set.data, [1, 2].map(|last| RecordData::A([10, 0, 0, last].into())));
        sets.remove(RecordType::A);
        assert!(sets.is_empty());
    }

    #[test]
    fn sets_made_at_once_are_those_made_record_by_record() {
        let name = || "a.b".parse().unwrap();
        let mail = |preference| RecordData::Mx { preference, exchange: name() };
        let records = [
            (60, mail(2)),
            (30, RecordData::Ns(name())),
            (50, RecordData::A([10, 0, 0, 1].into())),
            (40, mail(1)),
            (90, mail(2)),
            (20, RecordData::Cname(name())),
        ];
        let mut one_by_one = Rrsets::default();
        records.iter().for_each(|(ttl, data)| one_by_one.add(*ttl, data.clone()));
        let at_once = records.iter().map(|(ttl, data)| (*ttl, data)).collect();
        assert_eq!(Rrsets::of(at_once), one_by_one);
    }

    #[test]
    fn alias_stands_alone_or_not_at_all() {
        let aliases = ["b.a", "c.a"].map(|name| RecordData::Cname(name.parse().unwrap()));
        let mut sets = Rrsets::of(aliases.iter().map(|alias| (60, alias)).collect());
        sets.settle_aliases();
        assert_eq!(sets.get(RecordType::Cname).unwrap().data, aliases[..1]);
        sets.add(60, RecordData::A([10, 0, 0, 1].into()));
        sets.settle_aliases();
        assert!(sets.get(RecordType::Cname).is_none() && sets.get(RecordType::A).is_some());
    }
}
