//! What can be typed behind `regent token`.

use crate::duration;
use clap::Subcommand;
use std::time::Duration;

/// What is done with tokens by which machines become a part of the region.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make one. Its text is printed, and never shown again.
    #[command(subcommand)]
    Create(NewToken),
    /// List those that were not used yet.
    Ls,
    /// Make one good no more.
    Revoke {
        /// Its number.
        id: u32,
    },
}

/// What a token is for.
#[derive(Debug, Subcommand)]
pub enum NewToken {
    /// For one machine that becomes a rack.
    Rack {
        /// The rack as which it goes on, by name, system id or number: what was that rack before is it no longer.
        #[arg(long = "for", value_name = "RACK")]
        rack: Option<String>,
        /// For how long it is good, until it is used.
        #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration::parse)]
        expires: Duration,
    },
}
