//! What a node counts about its DNS server: counted in `dns`, shown by `http`, which do not know each other.
//!
//! Names and clients are no labels: whoever asks could make as many as he likes.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The response codes we send, as DNS numbers and calls them (RFC 6895 section 2.3). Others, which only answers of
/// other servers have, are counted together.
const CODES: [(u16, &str); 8] = [
    (0, "NOERROR"),
    (1, "FORMERR"),
    (2, "SERVFAIL"),
    (3, "NXDOMAIN"),
    (4, "NOTIMP"),
    (5, "REFUSED"),
    (16, "BADVERS"),
    (u16::MAX, "OTHER"),
];

/// Counters of one DNS server, all of which only rise.
#[derive(Debug, Default)]
pub struct DnsFigures {
    /// Requests that came over UDP, whatever they were.
    pub udp_questions: Counter,
    /// Those over TCP.
    pub tcp_questions: Counter,
    /// Answers sent, by place in [`CODES`].
    answers: [Counter; CODES.len()],
    /// Questions over UDP beyond the rate limit that were told to use TCP.
    pub limited_shortened: Counter,
    /// Those that were not answered at all.
    pub limited_dropped: Counter,
    /// Forwarded questions that other servers answered.
    pub forwarded_answered: Counter,
    /// Those whose answer was kept from before.
    pub forwarded_cached: Counter,
    /// Those that nobody answered in time.
    pub forwarded_failed: Counter,
    /// Those that were too many, of one client or of all.
    pub forwarded_limited: Counter,
    /// Zone transfers sent to their end.
    pub transfers_sent: Counter,
    /// Those that broke off.
    pub transfers_failed: Counter,
    /// Those that were too many.
    pub transfers_refused: Counter,
    /// Changes of a zone that a secondary confirmed to have heard of.
    pub notifies_confirmed: Counter,
    /// Those it did not.
    pub notifies_failed: Counter,
}

impl DnsFigures {
    /// Counts an answer with this response code.
    pub fn answered(&self, code: u16) {
        let known = CODES.iter().zip(&self.answers).find(|((number, _), _)| *number == code);
        if let Some(counter) = known.map(|(_, counter)| counter).or(self.answers.last()) {
            counter.inc();
        }
    }

    /// Shows everything in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        let answers = CODES.iter().zip(&self.answers).map(|((_, name), counter)| (*name, counter));
        show(
            registry,
            ("dns_questions", "DNS requests received", "transport"),
            [("udp", &self.udp_questions), ("tcp", &self.tcp_questions)],
        );
        show(registry, ("dns_answers", "DNS answers sent", "code"), answers);
        show(
            registry,
            ("dns_rate_limited", "DNS requests over UDP beyond the limit", "outcome"),
            [("shortened", &self.limited_shortened), ("dropped", &self.limited_dropped)],
        );
        show(
            registry,
            ("dns_forwarded", "DNS questions for other servers", "outcome"),
            [
                ("answered", &self.forwarded_answered),
                ("cached", &self.forwarded_cached),
                ("failed", &self.forwarded_failed),
                ("limited", &self.forwarded_limited),
            ],
        );
        show(
            registry,
            ("dns_transfers", "Zone transfers", "outcome"),
            [
                ("sent", &self.transfers_sent),
                ("failed", &self.transfers_failed),
                ("refused", &self.transfers_refused),
            ],
        );
        show(
            registry,
            ("dns_notifies", "Changes told to secondaries", "outcome"),
            [("confirmed", &self.notifies_confirmed), ("failed", &self.notifies_failed)],
        );
    }
}

/// Shows counters as one figure: its name, what it is, and by what its counters differ.
fn show<'a>(
    registry: &mut Registry,
    (name, help, label): (&'static str, &'static str, &'static str),
    counters: impl IntoIterator<Item = (&'static str, &'a Counter)>,
) {
    let family: Family<[(&'static str, &'static str); 1], Counter> = Family::default();
    for (value, counter) in counters {
        family.get_or_create(&[(label, value)]).inc_by(counter.get());
    }
    registry.register(name, help, family);
}

#[cfg(test)]
mod tests {
    use super::DnsFigures;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    #[test]
    fn codes_that_only_others_send_are_counted_together() {
        let figures = DnsFigures::default();
        for code in [3, 3, 16, 9, 23] {
            figures.answered(code);
        }
        let (mut registry, mut text) = (Registry::default(), String::new());
        figures.register(&mut registry);
        encode(&mut text, &registry).unwrap();
        for (code, count) in [("NXDOMAIN", 2), ("BADVERS", 1), ("OTHER", 2), ("NOERROR", 0)] {
            let line = format!("dns_answers_total{{code=\"{code}\"}} {count}");
            assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
        }
    }
}
