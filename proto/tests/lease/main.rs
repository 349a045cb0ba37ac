//! The lease protocol over the wire: what is written is read again, and what makes no sense is told by its place.

mod malformed;
mod round_trip;
