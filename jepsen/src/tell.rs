//! The one way out for what people are to read.

use std::io::Write as _;

/// Tells whoever started the run.
pub fn tell(text: &str) {
    // Without a standard output there is nobody to tell.
    drop(writeln!(std::io::stdout(), "{}", text.trim_end()));
}
