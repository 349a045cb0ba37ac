//! One run of a target, watched: what it panics with, how long it takes, how much memory.

use crate::sys;
use crate::target::Target;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::time::{Duration, Instant};

/// What any input may take, in a debug build on a slow and busy machine.
pub const TIME_MAX: Duration = Duration::from_secs(10);
/// Panics told of one run, at most: what is caught inside comes before what is told at the end.
const PANICS_MAX: usize = 4;
/// Characters of one panic's message.
const MESSAGE_CHARS_MAX: usize = 4000;

thread_local! {
    static PANICS: RefCell<Vec<Panic>> = const { RefCell::new(Vec::new()) };
}

/// A panic as it was raised.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Panic {
    place: String,
    message: String,
}

/// What must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it shows: the same for the same bug, as far as one can tell.
    pub place: String,
    /// What it is.
    pub message: String,
}

/// Runs a target on an input: the way it went.
///
/// # Errors
/// [`Finding`] if something did not hold, took too long, or took too much memory.
pub fn run(target: &Target, input: &[u8]) -> Result<String, Finding> {
    listen();
    PANICS.with_borrow_mut(Vec::clear);
    let began = Instant::now();
    sys::begin();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let (peak, took) = (sys::peak_bytes(), began.elapsed());
    let way = outcome.map_err(|_| panicked())?;
    let memory_max = target.memory_bytes_max + target.memory_factor * input.len();
    if peak > memory_max {
        let message = format!("{peak} bytes for an input of {}, {memory_max} allowed", input.len());
        return Err(Finding { place: "memory".into(), message });
    }
    if took > TIME_MAX {
        let message = format!("{took:?} for an input of {} bytes", input.len());
        return Err(Finding { place: "time".into(), message });
    }
    Ok(way)
}

/// Keeps panics of the threads that run trials to itself; all others are told as before.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            // A thread that is ending has nothing to keep it in.
            let _ended = PANICS.try_with(|panics| {
                let mut panics = panics.borrow_mut();
                if panics.len() < PANICS_MAX {
                    panics.push(told(info));
                }
            });
        }));
    });
}

fn told(info: &PanicHookInfo<'_>) -> Panic {
    let place = info.location().map_or_else(String::new, ToString::to_string);
    let text = info.payload().downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| info.payload().downcast_ref::<String>().cloned());
    let message = text.unwrap_or_default().chars().take(MESSAGE_CHARS_MAX).collect();
    Panic { place, message }
}

/// The first panic is the cause: others are what was made of it.
fn panicked() -> Finding {
    let panics = PANICS.take();
    let place = panics.first().map_or_else(|| "panic".to_owned(), |first| first.place.clone());
    let lines = panics.iter().map(|panic| format!("{}: {}", panic.place, panic.message));
    Finding { place, message: lines.collect::<Vec<_>>().join("\n") }
}

/// A shorter input with the same finding, as far as leaving out stretches goes.
#[must_use]
pub fn shortened(target: &Target, input: &[u8], finding: &Finding, until: Instant) -> Vec<u8> {
    let mut best = input.to_vec();
    let mut piece = best.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < best.len() && Instant::now() < until {
            let mut shorter = best.clone();
            shorter.drain(at..(at + piece).min(best.len()));
            if run(target, &shorter).is_err_and(|found| found.place == finding.place) {
                best = shorter;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{run, shortened};
    use crate::target::Target;
    use std::time::{Duration, Instant};

    fn picky(input: &[u8]) -> String {
        assert!(!input.contains(&b'!'), "heard a shout");
        format!("{} bytes", input.len())
    }

    const TARGET: Target = Target {
        name: "picky",
        about: "dislikes shouts",
        run: picky,
        seeds: Vec::new,
        words: &[],
        input_bytes_max: 64,
        memory_bytes_max: 0,
        memory_factor: 1000,
    };

    #[test]
    fn panic_becomes_a_finding_with_its_place_and_words() {
        let finding = run(&TARGET, b"oh!").unwrap_err();
        assert!(finding.place.contains("trial.rs"), "{}", finding.place);
        assert!(finding.message.contains("heard a shout"), "{}", finding.message);
        assert_eq!(run(&TARGET, b"oh").unwrap(), "2 bytes");
    }

    #[test]
    fn finding_is_shortened_to_what_makes_it() {
        let finding = run(&TARGET, b"so loud! so loud").unwrap_err();
        let until = Instant::now() + Duration::from_secs(20);
        assert_eq!(shortened(&TARGET, b"so loud! so loud", &finding, until), b"!");
    }
}
