//! A run as a picture that is one file: a lane for each node, who led, what was done to it, what clients asked of it and
//! how long they waited, and what was wrong.
//!
//! ```text
//!   history, report ─► picture (scale, lanes, bars, ticks, series, gaps, marks) ─► page (page.html, *.css, *.js)
//! ```
//!
//! Everything that is drawn is decided here and counted here; the script in the page only draws what it is given. [`page`]
//! is bounded: [`ticks`] says what is left out. Does not judge.

pub mod bars;
pub mod gaps;
pub mod lanes;
pub mod marks;
pub mod page;
pub mod picture;
pub mod scale;
pub mod series;
pub mod ticks;
