//! Nodes that began anew: in a history each life of a node has a name of its own, since nothing binds one to what an earlier
//! one said.

use regent_check::history::line::{Function, Instant, Note, Operation, Verdict};

/// When nodes lost all they had, by name, in order.
#[derive(Clone, Debug, Default)]
pub struct Lives(Vec<(String, Instant)>);

impl Lives {
    /// A node has nothing any more, and its process has ended.
    pub fn end(&mut self, node: &str, now: Instant) {
        self.0.push((node.to_owned(), now));
    }

    /// Has an operation name the life that answered. If that may be either of two, it names none, and a name service's
    /// answer counts for nothing.
    pub fn name(&self, operation: &mut Operation) {
        let Some(node) = operation.node.take() else { return };
        let over = operation.answered.unwrap_or(Instant(u64::MAX));
        let (first, last) = (self.ended(&node, operation.asked), self.ended(&node, over));
        if first == last {
            operation.node = Some(named(&node, first));
        } else if operation.function == Function::Dns {
            operation.verdict = Verdict::Fail;
            operation.output = None;
        }
    }

    /// The same of what was seen of a node.
    #[must_use]
    pub fn of_note(&self, note: Note) -> Note {
        match note {
            Note::Leader { node, term, seen } => {
                Note::Leader { node: self.at(&node, seen), term, seen }
            }
            Note::Snapshot { node, revision, seen } => {
                Note::Snapshot { node: self.at(&node, seen), revision, seen }
            }
            Note::Log { .. } | Note::Fault { .. } | Note::End => note,
        }
    }

    fn at(&self, node: &str, now: Instant) -> String {
        named(node, self.ended(node, now))
    }

    /// How many lives of it had ended.
    fn ended(&self, node: &str, now: Instant) -> usize {
        self.0.iter().filter(|(name, ended)| name == node && *ended <= now).count()
    }
}

fn named(node: &str, ended: usize) -> String {
    match ended {
        0 => node.to_owned(),
        ended => format!("{node}.{}", ended + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::Lives;
    use regent_check::history::line::{Function, Instant, Operation, Phase, Process, Verdict};

    fn named(asked: u64, answered: u64, function: Function) -> (Option<String>, Verdict) {
        let mut lives = Lives::default();
        lives.end("r1", Instant(100));
        lives.end("r2", Instant(50));
        let mut operation = Operation {
            process: Process(1),
            function,
            key: None,
            input: None,
            output: None,
            asked: Instant(asked),
            answered: Some(Instant(answered)),
            verdict: Verdict::Ok,
            revision: None,
            level: None,
            node: Some("r1".into()),
            request_id: None,
            phase: Phase::UnderFaults,
        };
        lives.name(&mut operation);
        (operation.node, operation.verdict)
    }

    #[test]
    fn answer_bears_the_name_of_the_life_that_gave_it() {
        assert_eq!(named(80, 90, Function::Read), (Some("r1".into()), Verdict::Ok));
        assert_eq!(named(120, 130, Function::Dns), (Some("r1.2".into()), Verdict::Ok));
    }

    #[test]
    fn answer_of_either_life_names_none() {
        assert_eq!(named(90, 110, Function::Read), (None, Verdict::Ok));
        assert_eq!(named(90, 110, Function::Dns), (None, Verdict::Fail));
    }
}
