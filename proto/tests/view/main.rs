//! Views over the wire: what is written is read again, in parts of bounded size, and what makes no sense is told by its place.

mod malformed;
mod round_trip;
