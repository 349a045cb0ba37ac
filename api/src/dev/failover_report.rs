//! What a fail-over looked like from outside, counted and told on one screen.

use crate::cli::dev_record::DevClients;
use crate::dev::dns_load::Answers;
use crate::dev::load::Log;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What became of the writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Acknowledged before the kill.
    pub before: usize,
    /// Acknowledged after it.
    pub after: usize,
    /// Acknowledged writes that were found once.
    pub found: usize,
    /// Acknowledged writes that were not found.
    pub lost: usize,
    /// Writes found more than once.
    pub twice: usize,
    /// Attempts that were refused or cut off.
    pub refused: usize,
    /// Writes that were acknowledged after such an attempt.
    pub retried: usize,
    /// Writes given up with their fate unknown.
    pub unknown: usize,
    /// Writes given up that were not applied.
    pub failed: usize,
    /// Longest time without an acknowledgement.
    pub gap: Duration,
}

/// A fail-over.
#[derive(Clone, Debug)]
pub struct Report {
    /// The killed leader.
    pub killed: String,
    /// Its term.
    pub killed_term: u64,
    /// Who leads now.
    pub new_leader: String,
    /// In which term.
    pub new_term: u64,
    /// From the kill until a node knew the new leader.
    pub leader_after: Duration,
    /// What became of the writes.
    pub counts: Counts,
    /// What became of the questions to the DNS of the others; nothing if there was nothing to ask for.
    pub dns: Option<Answers>,
    /// What simulated DHCP clients met from the kill until the node was back; nothing if there are none.
    pub dhcp: Option<DevClients>,
    /// Entries the killed node had missed.
    pub caught_up_entries: u64,
    /// From its start until it had them.
    pub caught_up_after: Duration,
    /// Failures the region tolerates now.
    pub failures_tolerated: u64,
}

/// Compares what was acknowledged with what is there.
#[must_use]
pub fn counts(log: &Log, found: &BTreeMap<String, usize>, killed_at: Instant) -> Counts {
    let acknowledged = &log.acknowledged;
    let times_found = |mark: &String| found.get(mark).copied().unwrap_or_default();
    let before = acknowledged.iter().filter(|write| write.at <= killed_at).count();
    let gaps = acknowledged.windows(2).map(|pair| pair[1].at - pair[0].at);
    Counts {
        before,
        after: acknowledged.len() - before,
        found: acknowledged.iter().filter(|write| times_found(&write.mark) == 1).count(),
        lost: acknowledged.iter().filter(|write| times_found(&write.mark) == 0).count(),
        twice: found.values().filter(|times| **times > 1).count(),
        refused: acknowledged.iter().map(|write| write.retries).sum(),
        retried: acknowledged.iter().filter(|write| write.retries > 0).count(),
        unknown: log.unknown.len(),
        failed: log.failed,
        gap: gaps.max().unwrap_or_default(),
    }
}

impl Report {
    /// Whether nothing was lost or doubled, every question answered, no client refused its address, and the region is
    /// whole again.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let answered = self.dns.is_none_or(|dns| dns.unanswered() == 0);
        let served = self.dhcp.is_none_or(|dhcp| dhcp.refused == 0);
        let kept = self.counts.lost == 0 && self.counts.twice == 0;
        kept && answered && served && self.failures_tolerated > 0
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { killed, killed_term, new_leader, new_term, counts, .. } = self;
        let Counts { before, after, found, lost, twice, refused, retried, unknown, failed, gap } =
            counts;
        let leader = format!(
            "new leader {new_leader} (term {new_term}) after {} ms",
            self.leader_after.as_millis()
        );
        let refused = format!(
            "attempts refused meanwhile: {refused}, writes retried: {retried}, lost: {lost}"
        );
        let acknowledged = format!("acknowledged before the kill: {before}, after it: {after}");
        let mut text = format!(
            "leader {killed} (term {killed_term}) killed with SIGKILL\n  {leader:<54}longest write gap: {} ms\n  \
             {refused}\n  {acknowledged:<54}found: {found}    found twice: {twice}\n",
            gap.as_millis()
        );
        if unknown + failed > 0 {
            text += &format!("  given up: {failed} not applied, {unknown} with unknown outcome\n");
        }
        if let Some(dns) = self.dns {
            let asked = format!(
                "DNS questions to the other nodes: {}, unanswered: {}",
                dns.asked,
                dns.unanswered()
            );
            text += &format!("  {asked:<54}longest DNS gap: {} ms\n", dns.gap.as_millis());
        }
        if let Some(DevClients { exchanges, refused, longest_wait_ms, .. }) = self.dhcp {
            let had = format!("DHCP exchanges: {exchanges}, refused: {refused}");
            text += &format!("  {had:<54}longest DHCP wait: {longest_wait_ms} ms\n");
        }
        let tolerated = match self.failures_tolerated {
            0 => "The region tolerates no failure.".to_owned(),
            1 => "The region tolerates 1 failure again.".to_owned(),
            more => format!("The region tolerates {more} failures again."),
        };
        text + &format!(
            "{killed} restarted, caught up {} entries in {:.1} s. {tolerated}\n",
            self.caught_up_entries,
            self.caught_up_after.as_secs_f64()
        )
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Counts { before, after, found, lost, twice, refused, retried, unknown, failed, gap } =
            &self.counts;
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        json!({
            "killed": self.killed,
            "killed_term": self.killed_term,
            "new_leader": self.new_leader,
            "new_term": self.new_term,
            "leader_after_ms": millis(self.leader_after),
            "write_gap_ms": millis(*gap),
            "acknowledged_before": before,
            "acknowledged_after": after,
            "found": found,
            "found_twice": twice,
            "lost": lost,
            "attempts_refused": refused,
            "writes_retried": retried,
            "dns_asked": self.dns.map(|dns| dns.asked),
            "dns_unanswered": self.dns.map(|dns| dns.unanswered()),
            "dns_gap_ms": self.dns.map(|dns| millis(dns.gap)),
            "dhcp_exchanges": self.dhcp.map(|dhcp| dhcp.exchanges),
            "dhcp_refused": self.dhcp.map(|dhcp| dhcp.refused),
            "dhcp_longest_wait_ms": self.dhcp.map(|dhcp| dhcp.longest_wait_ms),
            "given_up_unknown": unknown,
            "given_up_not_applied": failed,
            "caught_up_entries": self.caught_up_entries,
            "caught_up_after_ms": millis(self.caught_up_after),
            "failures_tolerated": self.failures_tolerated,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, counts};
    use crate::cli::dev_record::DevClients;
    use crate::dev::dns_load::Answers;
    use crate::dev::load::{Acknowledged, Log};
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    fn write(mark: &str, at: Instant, retries: usize) -> Acknowledged {
        Acknowledged { mark: mark.into(), at, revision: 1, retries }
    }

    fn report(found: &[(&str, usize)]) -> Report {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let acknowledged =
            vec![write("a", at(0), 0), write("b", at(10), 0), write("c", at(450), 2)];
        let log = Log { acknowledged, ..Log::default() };
        let found: BTreeMap<_, _> =
            found.iter().map(|(mark, times)| ((*mark).into(), *times)).collect();
        Report {
            killed: "r2".into(),
            killed_term: 4,
            new_leader: "r3".into(),
            new_term: 5,
            leader_after: Duration::from_millis(412),
            counts: counts(&log, &found, at(20)),
            dns: Some(Answers { asked: 640, answered: 640, gap: Duration::from_millis(7) }),
            dhcp: Some(DevClients {
                clients: 24,
                with_address: 24,
                exchanges: 31,
                refused: 0,
                longest_wait_ms: 389,
            }),
            caught_up_entries: 212,
            caught_up_after: Duration::from_millis(300),
            failures_tolerated: 1,
        }
    }

    #[test]
    fn good_fail_over_is_told_on_one_screen() {
        let report = report(&[("a", 1), ("b", 1), ("c", 1)]);
        let expected = "\
leader r2 (term 4) killed with SIGKILL
  new leader r3 (term 5) after 412 ms                   longest write gap: 440 ms
  attempts refused meanwhile: 2, writes retried: 1, lost: 0
  acknowledged before the kill: 2, after it: 1          found: 3    found twice: 0
  DNS questions to the other nodes: 640, unanswered: 0  longest DNS gap: 7 ms
  DHCP exchanges: 31, refused: 0                        longest DHCP wait: 389 ms
r2 restarted, caught up 212 entries in 0.3 s. The region tolerates 1 failure again.
";
        assert_eq!(report.text(), expected);
        assert!(report.is_good());
        let silent = Report { dns: None, dhcp: None, ..report.clone() };
        let told = silent.text();
        assert!(!told.contains("DNS") && !told.contains("DHCP") && silent.is_good());
        let refused = DevClients { refused: 1, ..report.dhcp.unwrap() };
        assert!(!Report { dhcp: Some(refused), ..report.clone() }.is_good());
        let asked = Some(Answers { asked: 641, ..report.dns.unwrap() });
        assert!(!Report { dns: asked, ..report }.is_good());
    }

    #[test]
    fn lost_and_doubled_writes_are_counted_and_are_not_good() {
        let lost = report(&[("a", 1), ("b", 1)]);
        assert_eq!((lost.counts.lost, lost.counts.found), (1, 2));
        assert!(!lost.is_good());
        let doubled = report(&[("a", 1), ("b", 2), ("c", 1)]);
        assert_eq!(doubled.counts.twice, 1);
        assert!(!doubled.is_good());
    }
}
